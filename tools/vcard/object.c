/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GET DATA and PUT DATA (7.4): data objects found by the tag in P1-P2.
 */

#include <string.h>

#include "card_private.h"

uint16_t get_data(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *object = find_object(card, command->p1 << 8 | command->p2);
    uint16_t status;

    if (!object)
        return SW_REFERENCE_NOT_FOUND;
    if (!access_granted(card, command->channel, &object->read))
        return SW_SECURITY;
    status = length_status(command, object->length);
    if (!is_error(status))
        append(reply, object->data, object->length);
    return status;
}

uint16_t put_data(struct card *card, const struct command *command, struct reply *reply)
{
    struct file *object = find_object(card, command->p1 << 8 | command->p2);

    (void)reply;
    if (!object)
        return SW_REFERENCE_NOT_FOUND;
    if (!access_granted(card, command->channel, &object->update))
        return SW_SECURITY;
    if (!command->nc)
        return SW_WRONG_LENGTH;
    if (command->nc > object->capacity)
        return SW_NO_MEMORY;
    memcpy(object->data, command->data, command->nc);
    object->length = command->nc;
    return SW_OK;
}
