/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * READ, WRITE, UPDATE and APPEND RECORD (7.3) on linear and cyclic EFs.
 */

#include <string.h>

#include "card_private.h"

#define INS_WRITE_RECORD 0xD2

/* b3 to b1 of P2 (7.3.2). */
enum record_mode
{
    MODE_FIRST,
    MODE_LAST,
    MODE_NEXT,
    MODE_PREVIOUS,
    MODE_NUMBER,
    MODE_FROM_NUMBER,
    MODE_FROM_LAST,
    MODE_RESERVED,
};

static uint16_t find_record_file(const struct card *card, const struct command *command, struct file **file)
{
    uint8_t sfi = command->p2 >> 3;
    uint16_t status;

    if (sfi == 0x1F || (sfi && !card->dialect->short_ef_ids))
        return SW_WRONG_P1_P2;
    status = current_ef(command, sfi, file);
    if (status != SW_OK)
        return status;
    return (*file)->record_size ? SW_OK : SW_WRONG_FILE_STRUCTURE;
}

/* The record that P1 and b3 to b1 of P2 mean; the record pointer stays. There are no record identifiers. */
static uint16_t find_record(const struct command *command, const struct file *file, size_t *number)
{
    size_t current = command->channel->record, count = file->record_count;
    enum record_mode mode = command->p2 & 0x07;

    if (mode <= MODE_PREVIOUS && command->p1)
        return SW_FUNCTION_NOT_SUPPORTED;
    switch (mode)
    {
    case MODE_FIRST:
        *number = 1;
        break;
    case MODE_LAST:
        *number = count;
        break;
    case MODE_NEXT:
        *number = current + 1;
        break;
    case MODE_PREVIOUS:
        *number = current ? current - 1 : count;
        break;
    case MODE_NUMBER:
        *number = command->p1 ? command->p1 : current;
        break;
    case MODE_FROM_NUMBER:
    case MODE_FROM_LAST:
        *number = command->p1;
        break;
    default:
        return SW_WRONG_P1_P2;
    }
    return *number && *number <= count ? SW_OK : SW_RECORD_NOT_FOUND;
}

static uint16_t read_records(const struct command *command, const struct file *file, size_t from,
                             struct reply *reply)
{
    bool backwards = (command->p2 & 0x07) == MODE_FROM_LAST;
    size_t number, last = file->record_count, available = 0;
    uint16_t status;

    for (number = from; number <= last; number++)
        available += file->record_lengths[number - 1];
    status = length_status(command, available);
    if (is_error(status))
        return status;
    for (number = from; number <= last; number++)
    {
        size_t this = backwards ? last - (number - from) : number;

        append(reply, record_data(file, this), file->record_lengths[this - 1]);
    }
    return status;
}

uint16_t read_record(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t number;
    uint16_t status = find_record_file(card, command, &file);

    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->read))
        return SW_SECURITY;
    status = find_record(command, file, &number);
    if (status != SW_OK)
        return status;
    if ((command->p2 & 0x07) >= MODE_FROM_NUMBER)
        return read_records(command, file, number, reply);

    status = length_status(command, file->record_lengths[number - 1]);
    if (is_error(status))
        return status;
    if ((command->p2 & 0x07) <= MODE_PREVIOUS)
        command->channel->record = number;
    append(reply, record_data(file, number), file->record_lengths[number - 1]);
    return status;
}

static bool length_fits(const struct file *file, size_t length)
{
    if (file->type == FILE_LINEAR_VARIABLE)
        return length && length <= file->record_size;
    return length == file->record_size;
}

/* WRITE RECORD and UPDATE RECORD: a WRITE ORs into what is there, as the data coding byte says. */
uint16_t write_record(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t number, i;
    uint8_t *record;
    uint16_t status = find_record_file(card, command, &file);

    (void)reply;
    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->update))
        return SW_SECURITY;
    if ((command->p2 & 0x07) > MODE_NUMBER)
        return SW_WRONG_P1_P2;
    if (!length_fits(file, command->nc))
        return SW_WRONG_LENGTH;
    /* 7.3.4, 7.3.5: "previous" on a cyclic EF is APPEND RECORD. */
    if (file->type == FILE_CYCLIC && (command->p2 & 0x07) == MODE_PREVIOUS && !command->p1)
    {
        add_record(file, command->data, command->nc);
        command->channel->record = 1;
        return SW_OK;
    }
    status = find_record(command, file, &number);
    if (status != SW_OK)
        return status;

    record = record_data(file, number);
    for (i = 0; i < command->nc; i++)
    {
        bool or = command->ins == INS_WRITE_RECORD && i < file->record_lengths[number - 1];

        record[i] = (or ? record[i] : 0) | command->data[i];
    }
    file->record_lengths[number - 1] = command->nc;
    if ((command->p2 & 0x07) <= MODE_PREVIOUS)
        command->channel->record = number;
    return SW_OK;
}

uint16_t append_record(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    uint16_t status;

    (void)reply;
    if (command->p1 || command->p2 & 0x07)
        return SW_WRONG_P1_P2;
    status = find_record_file(card, command, &file);
    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->update))
        return SW_SECURITY;
    if (!length_fits(file, command->nc))
        return SW_WRONG_LENGTH;
    if (!add_record(file, command->data, command->nc))
        return SW_NO_MEMORY;
    command->channel->record = file->type == FILE_CYCLIC ? 1 : file->record_count;
    return SW_OK;
}
