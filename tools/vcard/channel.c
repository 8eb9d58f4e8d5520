/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MANAGE CHANNEL (7.1.2): logical channels 1 to 3, each with its own current file and security status.
 */

#include "card_private.h"

static uint16_t open_channel(struct card *card, const struct command *command, struct reply *reply)
{
    bool from_basic = command->channel == &card->channels[0];
    size_t number = command->p2;
    uint16_t status;

    if (number >= MAX_CHANNELS)
        return SW_WRONG_P1_P2;
    if (number && card->channels[number].open)
        return SW_CONDITIONS;
    if (!number)
    {
        while (number < MAX_CHANNELS && card->channels[number].open)
            number++;
        if (number == MAX_CHANNELS)
            return SW_FUNCTION_NOT_SUPPORTED;
        status = length_status(command, 1);
        if (is_error(status))
            return status;
        append_byte(reply, number);
    }
    reset_channel(&card->channels[number], from_basic ? card->mf : command->channel->df);
    card->channels[number].open = true;
    return SW_OK;
}

static uint16_t close_channel(struct card *card, const struct command *command)
{
    size_t number = command->p2 ? command->p2 : (size_t)(command->channel - card->channels);

    if (!number || number >= MAX_CHANNELS)
        return SW_WRONG_P1_P2;
    if (!card->channels[number].open)
        return SW_NO_SUCH_CHANNEL;
    reset_channel(&card->channels[number], card->mf);
    return SW_OK;
}

uint16_t manage_channel(struct card *card, const struct command *command, struct reply *reply)
{
    if (command->p1 == 0x00)
        return open_channel(card, command, reply);
    if (command->p1 == 0x80)
        return close_channel(card, command);
    return SW_WRONG_P1_P2;
}
