/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The front for pcscd's vpcd.
 */

#include "vpcd.h"

#define HEADER 2

/* vpcd's control messages, one byte long. */
enum reader_control
{
    READER_POWER_OFF = 0,
    READER_POWER_ON = 1,
    READER_RESET = 2,
    READER_GET_ATR = 4,
};

static void vpcd_send(struct front *front, const uint8_t *bytes, size_t length)
{
    const uint8_t header[HEADER] = { length >> 8, length };

    front_send(front, header, sizeof(header), bytes, length);
}

/* Only GET ATR has an answer. */
static void carry_out(struct front *front, enum reader_control control)
{
    const uint8_t *atr;
    size_t length;

    if (control != READER_GET_ATR)
    {
        front_reset(front);
        return;
    }
    front->present = true;
    atr = front->events->atr(front->context, &length);
    vpcd_send(front, atr, length);
}

static bool is_reader_control(const uint8_t *message, size_t length)
{
    return length == 1 && message[0] <= READER_GET_ATR && message[0] != 3;
}

static ssize_t vpcd_take(struct front *front, const uint8_t *bytes, size_t length)
{
    size_t message;

    if (length < HEADER)
        return 0;
    message = bytes[0] << 8 | bytes[1];
    if (length < HEADER + message)
        return 0;
    if (is_reader_control(bytes + HEADER, message))
        carry_out(front, bytes[HEADER]);
    else if (front->owing)
        return 0;
    else
        front_command(front, bytes + HEADER, message);
    return HEADER + message;
}

static const struct front_protocol vpcd_protocol =
{
    .missing = "pcscd with vpcd",
    .take = vpcd_take,
    .answer = vpcd_send,
};

void vpcd_init(struct front *front, const struct sockaddr_in *address, const struct front_events *events,
               void *context)
{
    front_init(front, &vpcd_protocol, address, sizeof(*address), events, context);
}
