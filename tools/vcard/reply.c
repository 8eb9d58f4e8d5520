/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers: their data field, and which length of it a command allows.
 */

#include <string.h>

#include "card_private.h"

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
