/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * READ, WRITE, UPDATE and ERASE BINARY (7.2) on transparent EFs.
 */

#include <string.h>

#include "card_private.h"

#define INS_WRITE_BINARY 0xD0

/*
 * 7.2.2: P1-P2 is an offset of 15 bits, or P1 holds a short EF identifier and P2 is an offset of 8 bits. In
 * GSM 11.11 it is an offset of 16 bits.
 */
static uint16_t find_binary(const struct card *card, const struct command *command, struct file **file,
                            size_t *offset)
{
    uint8_t sfi = 0;
    uint16_t status;

    *offset = command->p1 << 8 | command->p2;
    if (card->dialect->short_ef_ids && command->p1 & 0x80)
    {
        sfi = command->p1 & 0x1F;
        if (command->p1 & 0x60 || sfi == 0x1F)
            return SW_WRONG_P1_P2;
        *offset = command->p2;
    }
    status = current_ef(command, sfi, file);
    if (status != SW_OK)
        return status;
    return (*file)->type == FILE_TRANSPARENT ? SW_OK : SW_WRONG_FILE_STRUCTURE;
}

uint16_t read_binary(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t offset, available;
    uint16_t status = find_binary(card, command, &file, &offset);

    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->read))
        return SW_SECURITY;
    if (offset >= file->length)
        return SW_WRONG_OFFSET;

    available = file->length - offset;
    status = length_status_partial(command, available);
    if (!is_error(status))
        append(reply, file->data + offset, command->ne < available ? command->ne : available);
    return status;
}

/*
 * READ BINARY with odd INS (7.2.3): P1-P2 is 0000 for the current EF or a short EF identifier, the data field
 * an offset data object 54 L offset, the answer a data object 53 L with everything from there on.
 */
uint16_t read_binary_odd(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t offset = 0, i, available, header;
    uint16_t status;

    if (command->p1 || command->p2 > 0x1E)
        return SW_WRONG_P1_P2;
    if (command->nc < 3 || command->nc > 5)
        return SW_WRONG_LENGTH;
    if (command->data[0] != 0x54 || command->data[1] != command->nc - 2)
        return SW_WRONG_DATA;
    for (i = 2; i < command->nc; i++)
        offset = offset << 8 | command->data[i];

    status = current_ef(command, command->p2, &file);
    if (status != SW_OK)
        return status;
    if (file->type != FILE_TRANSPARENT)
        return SW_WRONG_FILE_STRUCTURE;
    if (!access_granted(card, command->channel, &file->read))
        return SW_SECURITY;
    if (offset >= file->length)
        return SW_WRONG_OFFSET;

    available = file->length - offset;
    if (!command->t0)
    {
        header = command->ne > 0xFF + 3 ? 4 : command->ne > 0x7F + 2 ? 3 : 2;
        if (command->ne <= header)
            return SW_WRONG_LENGTH;
        if (available > command->ne - header)
            available = command->ne - header;
    }
    if (available > MAX_REPLY_DATA - 4)
        available = MAX_REPLY_DATA - 4;
    append_tlv(reply, 0x53, file->data + offset, available);
    return SW_OK;
}

/* WRITE BINARY and UPDATE BINARY: a WRITE ORs into what is there, as the data coding byte says. */
uint16_t write_binary(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t offset, i;
    uint8_t *target;
    uint16_t status = find_binary(card, command, &file, &offset);

    (void)reply;
    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->update))
        return SW_SECURITY;
    if (!command->nc)
        return SW_WRONG_LENGTH;
    if (offset >= file->length)
        return SW_WRONG_OFFSET;
    if (command->nc > file->length - offset)
        return SW_NO_MEMORY;

    target = file->data + offset;
    for (i = 0; i < command->nc; i++)
        target[i] = command->data[i] | (command->ins == INS_WRITE_BINARY ? target[i] : 0);
    return SW_OK;
}

/* 7.2.7: to 00, from P1-P2 up to but not including the offset in the data field, else to the end. */
uint16_t erase_binary(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *file;
    size_t offset, end;
    uint16_t status = find_binary(card, command, &file, &offset);

    (void)reply;
    if (status != SW_OK)
        return status;
    if (!access_granted(card, command->channel, &file->update))
        return SW_SECURITY;
    if (command->nc != 0 && command->nc != 2)
        return SW_WRONG_LENGTH;
    if (offset >= file->length)
        return SW_WRONG_OFFSET;
    end = file->length;
    if (command->nc)
        end = command->data[0] << 8 | command->data[1];
    if (end <= offset || end > file->length)
        return SW_WRONG_DATA;

    memset(file->data + offset, 0, end - offset);
    return SW_OK;
}
