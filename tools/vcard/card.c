/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Life of the card, and command APDUs (5.1), which T=1 brings; those of T=0 are in t0.c.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "card_private.h"

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
    script_free(card->script);
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

size_t card_command(struct card *card, const uint8_t *apdu, size_t length, uint8_t *buffer)
{
    const struct instruction *instruction;
    struct reply reply = { buffer, 0 };
    struct command command;
    uint16_t status;

    if (card->script)
        return script_command(card, apdu, length, buffer);
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
