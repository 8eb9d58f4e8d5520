/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * T=0 (ISO 7816-3:2006 10.3 and 12.2): a command is five bytes with P3, then P3 bytes if it brings data. What
 * a command with data answers waits for GET RESPONSE and is announced by 61xx; 6Cxx answers a wrong P3.
 */

#include <string.h>

#include <openssl/crypto.h>

#include "card_private.h"

void drop_held(struct card *card)
{
    OPENSSL_cleanse(card->held, card->held_length);
    card->held_length = 0;
}

static uint16_t more_status(const struct card *card)
{
    return SW_MORE_DATA | (card->held_length > 255 ? 0 : card->held_length);
}

/* 7.6.1. A T=1 card never holds anything. */
uint16_t get_response(struct card *card, const struct command *command, struct reply *reply)
{
    size_t count = command->ne;

    if (command->p1 || command->p2)
        return SW_WRONG_P1_P2;
    if (!card->held_length || card->held_channel != command->channel)
        return SW_CONDITIONS;
    if (count > card->held_length)
        return SW_EXACT_LENGTH | card->held_length;

    append(reply, card->held, count);
    card->held_length -= count;
    memmove(card->held, card->held + count, card->held_length);
    return card->held_length ? more_status(card) : card->held_status;
}

/* Keeps what exceeds the first `count` bytes of the reply for GET RESPONSE. */
uint16_t hold(struct card *card, const struct command *command, struct reply *reply, size_t count, uint16_t status)
{
    if (reply->length <= count)
        return status;
    card->held_length = reply->length - count;
    memcpy(card->held, reply->data + count, card->held_length);
    card->held_status = status;
    card->held_channel = command->channel;
    reply->length = count;
    return more_status(card);
}

size_t t0_command(struct card *card, const uint8_t *tpdu, size_t length, uint8_t *buffer)
{
    const struct instruction *instruction;
    struct reply reply = { buffer, 0 };
    struct command command = { .t0 = true };
    uint8_t p3 = length > 4 ? tpdu[4] : 0;
    uint16_t status;

    if (length < 4)
    {
        drop_held(card);
        return finish_reply(card, &reply, SW_WRONG_LENGTH);
    }
    command.cla = tpdu[0];
    command.ins = tpdu[1];
    command.p1 = tpdu[2];
    command.p2 = tpdu[3];

    status = find_instruction(card, &command, &instruction);
    if (status != SW_OK)
    {
        drop_held(card);
        return finish_reply(card, &reply, status);
    }
    if (instruction->handler == get_response)
    {
        command.ne = p3 ? p3 : 256;
        status = length > 5 ? SW_WRONG_LENGTH : get_response(card, &command, &reply);
        if (status == SW_WRONG_LENGTH || status == SW_CONDITIONS)
            drop_held(card);
        return finish_reply(card, &reply, status);
    }

    drop_held(card);
    if (instruction->direction == DATA_OUT)
    {
        command.ne = p3 ? p3 : 256;
        status = length > 5 ? SW_WRONG_LENGTH : instruction->handler(card, &command, &reply);
    }
    else
    {
        command.data = tpdu + 5;
        command.nc = p3;
        status = SW_WRONG_LENGTH;
        if (length == 4 || length == 5u + p3)
            status = instruction->handler(card, &command, &reply);
    }
    if (is_error(status))
        reply.length = 0;
    status = hold(card, &command, &reply, command.ne, status);
    return finish_reply(card, &reply, status);
}
