/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a command to its handler, whichever protocol brought it: the class byte (5.1.1) and the instruction; and the
 * status word behind the answer.
 */

#include <string.h>

#include "card_private.h"

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
