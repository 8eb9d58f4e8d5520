/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Life of the card, decoding of command APDUs (5.1), the class byte (5.1.1) and the way from a command to its
 * handler.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "card_private.h"

static const struct instruction iso_instructions[] =
{
    { 0x0E, DATA_IN,  erase_binary },
    { 0x20, DATA_IN,  verify },
    { 0x70, DATA_OUT, manage_channel },
    { 0x82, DATA_IN,  external_authenticate },
    { 0x84, DATA_OUT, get_challenge },
    { 0x88, DATA_IN,  internal_authenticate },
    { 0xA4, DATA_IN,  select_command },
    { 0xB0, DATA_OUT, read_binary },
    { 0xB1, DATA_IN,  read_binary_odd },
    { 0xB2, DATA_OUT, read_record },
    { 0xC0, DATA_OUT, get_response },
    { 0xCA, DATA_OUT, get_data },
    { 0xD0, DATA_IN,  write_binary },
    { 0xD2, DATA_IN,  write_record },
    { 0xD6, DATA_IN,  write_binary },
    { 0xDA, DATA_IN,  put_data },
    { 0xDC, DATA_IN,  write_record },
    { 0xE2, DATA_IN,  append_record },
};

static uint16_t same_status(uint16_t status)
{
    return status;
}

const struct dialect iso_dialect =
{
    iso_instructions, sizeof(iso_instructions) / sizeof(iso_instructions[0]), true, same_status,
};

void card_reset(struct card *card)
{
    size_t i;

    OPENSSL_cleanse(card->channels, sizeof(card->channels));
    OPENSSL_cleanse(card->held, card->held_length);
    card->held_length = 0;
    for (i = 0; i < MAX_CHANNELS; i++)
        reset_channel(&card->channels[i], card->mf);
    card->channels[0].open = true;
}

void card_free(struct card *card)
{
    struct file *object, *next;

    if (!card)
        return;
    if (card->mf)
        free_file(card->mf);
    for (object = card->objects; object; object = next)
    {
        next = object->next;
        free_file(object);
    }
    OPENSSL_cleanse(card, sizeof(*card));
    free(card);
}

const uint8_t *card_atr(const struct card *card, size_t *length)
{
    *length = card->atr_length;
    return card->atr;
}

const char *check_atr(const uint8_t *atr, size_t length, bool *t0)
{
    size_t position = 2, historical, expected;
    unsigned int indicated = 1, i; /* bit n: T=n offered; without any TDi it is T=0 */
    uint8_t y, check = 0;

    if (length < 2 || length > CARD_MAX_ATR)
        return "it must have 2 to 33 bytes";
    if (atr[0] != 0x3B && atr[0] != 0x3F)
        return "its first byte (TS) must be 3B or 3F";

    historical = atr[1] & 0x0F;
    y = atr[1] >> 4;
    for (i = 0; y; i++)
    {
        uint8_t td;
        bool follows = y & 8;

        position += (y & 1) + (y >> 1 & 1) + (y >> 2 & 1);
        y = 0;
        if (!follows)
            break;
        if (position >= length)
            return "it ends within its interface bytes";
        td = atr[position++];
        if (!i)
            indicated = 0;
        indicated |= 1u << (td & 0x0F);
        y = td >> 4;
    }
    *t0 = indicated == 1; /* where both are offered a reader of PC/SC takes T=1 */

    expected = position + historical + (indicated != 1);
    if (length != expected)
        return length < expected ? "it is too short for what its T0 and TDi announce"
                                 : "it is too long for what its T0 and TDi announce";
    if (indicated == 1)
        return NULL;
    for (position = 1; position < length; position++)
        check ^= atr[position];
    return check ? "its last byte (TCK) is wrong: the exclusive or of all but the first must be 0" : NULL;
}

void append(struct reply *reply, const void *data, size_t length)
{
    if (length > MAX_REPLY_DATA - reply->length)
        length = MAX_REPLY_DATA - reply->length;
    memcpy(reply->data + reply->length, data, length);
    reply->length += length;
}

void append_byte(struct reply *reply, uint8_t byte)
{
    append(reply, &byte, 1);
}

void append_tlv(struct reply *reply, uint8_t tag, const void *value, size_t length)
{
    append_byte(reply, tag);
    if (length > 0xFF)
    {
        append_byte(reply, 0x82);
        append_byte(reply, length >> 8);
    }
    else if (length > 0x7F)
        append_byte(reply, 0x81);
    append_byte(reply, length);
    append(reply, value, length);
}

bool is_error(uint16_t status)
{
    return status != SW_OK && status != SW_END_OF_FILE && status != SW_FILE_DEACTIVATED;
}

/*
 * Whether Le suits an answer that can only be given whole: an error to return at once, before anything
 * changes, or the status word to end with. On T=1 a shorter Le cuts the answer (5.1: at most Ne bytes).
 */
uint16_t length_status(const struct command *command, size_t available)
{
    if (!command->t0 || command->ne > available)
        return length_status_partial(command, available);
    if (command->ne == available || command->ne == 256)
        return SW_OK;
    return SW_EXACT_LENGTH | (available > 256 ? 0 : available & 0xFF);
}

/* The same where a part is a fair answer (READ BINARY). */
uint16_t length_status_partial(const struct command *command, size_t available)
{
    if (!command->ne)
        return SW_WRONG_LENGTH;
    if (command->ne <= available)
        return SW_OK;
    if (command->t0)
        return SW_EXACT_LENGTH | (available & 0xFF);
    return command->le_is_any ? SW_OK : SW_END_OF_FILE;
}

/* The four cases of 5.1, short and extended. */
static bool decode_apdu(const struct card *card, const uint8_t *apdu, size_t length, struct command *command)
{
    size_t lc, le_size, le;
    bool extended;

    memset(command, 0, sizeof(*command));
    command->cla = apdu[0];
    command->ins = apdu[1];
    command->p1 = apdu[2];
    command->p2 = apdu[3];
    if (length == 4)
        return true;

    apdu += 4;
    length -= 4;
    extended = length > 1 && !apdu[0];
    if (extended && !card->extended)
        return false;
    if (extended)
    {
        apdu++;
        length--;
    }
    le_size = extended ? 2 : 1;
    if (length < le_size)
        return false;

    if (length > le_size)
    {
        lc = extended ? apdu[0] << 8 | apdu[1] : apdu[0];
        apdu += le_size;
        length -= le_size;
        if (!lc || (length != lc && length != lc + le_size))
            return false;
        command->data = apdu;
        command->nc = lc;
        apdu += lc;
        length -= lc;
        if (!length)
            return true;
    }

    le = extended ? apdu[0] << 8 | apdu[1] : apdu[0];
    command->le_is_any = !le;
    command->ne = le ? le : extended ? 65536 : 256;
    if (command->ne > MAX_REPLY_DATA)
        command->ne = MAX_REPLY_DATA;
    return true;
}

/* 5.1.1: base class, then chaining, secure messaging and the channel in b5 to b1 of 0X and 8X. */
static uint16_t find_channel(struct card *card, struct command *command)
{
    uint8_t base = command->cla & 0xE0, number = 0;

    if (!memchr(card->classes, command->cla, card->class_count))
    {
        if ((base != 0x00 && base != 0x80) || !memchr(card->classes, base, card->class_count))
            return SW_WRONG_CLA;
        if (command->cla & 0x10)
            return SW_NO_CHAINING;
        if (command->cla & 0x0C)
            return SW_NO_SECURE_MESSAGING;
        number = command->cla & 0x03;
    }
    command->channel = &card->channels[number];
    return command->channel->open ? SW_OK : SW_NO_SUCH_CHANNEL;
}

uint16_t find_instruction(struct card *card, struct command *command, const struct instruction **instruction)
{
    uint16_t status = find_channel(card, command);
    size_t i;

    if (status != SW_OK)
        return status;
    for (i = 0; i < card->dialect->instruction_count; i++)
    {
        *instruction = &card->dialect->instructions[i];
        if ((*instruction)->ins == command->ins)
            return SW_OK;
    }
    return SW_WRONG_INS;
}

size_t finish_reply(const struct card *card, struct reply *reply, uint16_t status)
{
    status = card->dialect->map_status(status);
    reply->data[reply->length] = status >> 8;
    reply->data[reply->length + 1] = status & 0xFF;
    return reply->length + 2;
}

size_t card_command(struct card *card, const uint8_t *apdu, size_t length, uint8_t *buffer)
{
    const struct instruction *instruction;
    struct reply reply = { buffer, 0 };
    struct command command;
    uint16_t status;

    if (card->t0)
        return t0_command(card, apdu, length, buffer);

    if (length < 4 || !decode_apdu(card, apdu, length, &command))
        return finish_reply(card, &reply, SW_WRONG_LENGTH);

    status = find_instruction(card, &command, &instruction);
    if (status == SW_OK && instruction->direction == DATA_OUT && command.nc)
        status = SW_WRONG_LENGTH;
    if (status == SW_OK)
        status = instruction->handler(card, &command, &reply);
    if (is_error(status))
        reply.length = 0;
    if (reply.length > command.ne)
        reply.length = command.ne;
    return finish_reply(card, &reply, status);
}
