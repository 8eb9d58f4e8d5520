/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The dialect of a GSM SIM: the commands and status words of GSM 11.11 (ETSI TS 100 977) that differ from
 * ISO 7816-4. Clauses are those of GSM 11.11.
 */

#include "card_private.h"

#define CHV_LENGTH 8
#define CHV_INITIALISED 0x80
#define FILE_KIND_MF 0x01
#define FILE_KIND_DF 0x02
#define FILE_KIND_EF 0x04

static uint8_t condition_nibble(const struct access *access)
{
    switch (access->rule)
    {
    case RULE_ALWAYS:
        return 0x0;
    case RULE_PIN:
        return access->reference & 0x0F;
    case RULE_KEY:
        return 0x4; /* ADM */
    default:
        return 0xF;
    }
}

/* 9.2.1: the 22 bytes that SELECT of an MF or DF and STATUS give. */
static void append_df(const struct card *card, const struct file *df, struct reply *reply)
{
    const struct file *child;
    uint8_t answer[22] = { 0 };
    size_t i;

    answer[4] = df->id >> 8;
    answer[5] = df->id & 0xFF;
    answer[6] = df->parent ? FILE_KIND_DF : FILE_KIND_MF;
    answer[12] = sizeof(answer) - 13;
    for (child = df->children; child; child = child->next)
        answer[child->type == FILE_DF ? 14 : 15]++;
    answer[16] = 2 * card->pin_count;
    for (i = 0; i < card->pin_count && i < 2; i++)
        answer[18 + 2 * i] = CHV_INITIALISED | (card->pins[i].tries & 0x0F);
    append(reply, answer, sizeof(answer));
}

/* 9.2.1: the 15 bytes that SELECT of an EF gives. */
static void append_ef(const struct file *ef, struct reply *reply)
{
    uint8_t answer[15] = { 0 };

    answer[2] = ef->capacity >> 8;
    answer[3] = ef->capacity & 0xFF;
    answer[4] = ef->id >> 8;
    answer[5] = ef->id & 0xFF;
    answer[6] = FILE_KIND_EF;
    answer[8] = condition_nibble(&ef->read) << 4 | condition_nibble(&ef->update);
    answer[9] = 0xFF;
    answer[10] = 0xFF;
    answer[11] = ef->deactivated ? 0x00 : 0x01;
    answer[12] = 2;
    answer[13] = ef->type == FILE_CYCLIC ? 0x03 : ef->record_size ? 0x01 : 0x00;
    answer[14] = ef->record_size;
    append(reply, answer, sizeof(answer));
}

static uint16_t gsm_select(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    uint16_t id;

    if (command->p1 || command->p2)
        return SW_WRONG_P1_P2;
    if (command->nc != 2)
        return SW_WRONG_LENGTH;
    id = command->data[0] << 8 | command->data[1];
    file = id == MF_ID ? card->mf : find_near(command->channel->df, id);
    if (!file)
        return SW_FILE_NOT_FOUND;

    select_file(command->channel, file);
    if (file->type == FILE_DF)
        append_df(card, file, reply);
    else
        append_ef(file, reply);
    return SW_OK;
}

/* 9.2.2 */
static uint16_t gsm_status(struct card *card, const struct command *command, struct reply *reply)
{
    uint16_t status;

    if (command->p1 || command->p2)
        return SW_WRONG_P1_P2;
    append_df(card, command->channel->df, reply);
    status = length_status_partial(command, reply->length);
    if (reply->length > command->ne)
        reply->length = command->ne;
    return status;
}

/* 9.2.9: P2 is the CHV number, the data always eight bytes padded with FF. */
static uint16_t gsm_verify(struct card *card, const struct command *command, struct reply *reply)
{
    if (!command->p2)
        return SW_WRONG_P1_P2;
    if (command->nc != CHV_LENGTH)
        return SW_WRONG_LENGTH;
    return verify(card, command, reply);
}

static const struct instruction gsm_instructions[] =
{
    { 0x20, DATA_IN,  gsm_verify },
    { 0xA4, DATA_IN,  gsm_select },
    { 0xB0, DATA_OUT, read_binary },
    { 0xB2, DATA_OUT, read_record },
    { 0xC0, DATA_OUT, get_response },
    { 0xD6, DATA_IN,  write_binary },
    { 0xDC, DATA_IN,  write_record },
    { 0xF2, DATA_OUT, gsm_status },
};

/* 9.4: ISO 7816-4's status words in those of GSM; what is not here is the same in both. */
static uint16_t map_status(uint16_t status)
{
    static const struct { uint16_t iso, gsm; } map[] =
    {
        { 0x63C0,                    0x9840 }, /* no attempt left */
        { SW_BLOCKED,                0x9840 },
        { SW_SECURITY,               0x9804 },
        { SW_REFERENCE_NOT_FOUND,    0x9802 }, /* no CHV initialised */
        { SW_NO_CURRENT_EF,          0x9400 },
        { SW_RECORD_NOT_FOUND,       0x9402 },
        { SW_FILE_NOT_FOUND,         0x9404 },
        { SW_WRONG_FILE_STRUCTURE,   0x9408 },
        { SW_WRONG_P1_P2,            SW_WRONG_OFFSET },
        { SW_FUNCTION_NOT_SUPPORTED, SW_WRONG_OFFSET },
        { SW_NO_MEMORY,              0x9240 },
        { SW_CONDITIONS,             0x9810 }, /* contradiction with invalidation status */
    };
    size_t i;

    for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (map[i].iso == status)
            return map[i].gsm;
    switch (status & 0xFF00)
    {
    case SW_MORE_DATA:
        return 0x9F00 | (status & 0xFF);
    case SW_EXACT_LENGTH:
        return SW_WRONG_LENGTH | (status & 0xFF);
    case 0x6300:
        return 0x9804;
    default:
        return status;
    }
}

const struct dialect gsm_dialect =
{
    gsm_instructions, sizeof(gsm_instructions) / sizeof(gsm_instructions[0]), false, map_status,
};
