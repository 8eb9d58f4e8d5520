/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One APDU over T=0. */

#include <string.h>

#include "t0.h"
#include "wipe.h"

enum
{
    INS_GET_RESPONSE = 0xc0,
    SW1_MORE_DATA = 0x61,           /* SW2 bytes are still available */
    SW1_WRONG_LENGTH = 0x6c,        /* SW2 is the exact length */
    MAX_EMPTY_ANSWERS = 1
};

bool t0_start(struct t0 *t0, const struct apdu *apdu, uint8_t get_response_cla, uint8_t *reply)
{
    if (apdu->nc > 255)
        return false;

    t0->tpdu[0] = apdu->cla;
    t0->tpdu[1] = apdu->ins;
    t0->tpdu[2] = apdu->p1;
    t0->tpdu[3] = apdu->p2;
    t0->tpdu[4] = apdu_p3(apdu);
    if (apdu->nc)
        memcpy(t0->tpdu + 5, apdu->data, apdu->nc);
    t0->tpdu_size = 5 + apdu->nc;
    t0->reply = reply;
    t0->reply_size = 0;
    t0->ne = apdu->ne;
    t0->get_response_cla = get_response_cla;
    t0->may_correct_p3 = apdu_case(apdu) == 2;
    t0->in_get_response = false;
    t0->empty_answers = 0;
    return true;
}

uint8_t *t0_room(const struct t0 *t0, size_t *size)
{
    *size = T0_REPLY_SIZE - t0->reply_size;
    return t0->reply + t0->reply_size;
}

static enum t0_status send_header(struct t0 *t0, uint8_t p3)
{
    t0->tpdu[4] = p3;
    t0->tpdu_size = 5;
    return T0_SEND;
}

static enum t0_status get_response(struct t0 *t0, uint8_t sw2)
{
    uint32_t available = sw2 ? sw2 : 256, missing = t0->ne - t0->reply_size;
    uint32_t length = available < missing ? available : missing;

    t0->tpdu[0] = t0->get_response_cla;
    t0->tpdu[1] = INS_GET_RESPONSE;
    t0->tpdu[2] = t0->tpdu[3] = 0;
    t0->in_get_response = true;
    t0->may_correct_p3 = true;
    return send_header(t0, length & 0xff);
}

/*
 * It ends: a P3 is corrected once per command, and of two GET RESPONSE answers in a row that announce more one brings
 * data, of which Ne bytes, at most 65536, are wanted.
 */
enum t0_status t0_received(struct t0 *t0, size_t size)
{
    uint8_t *answer = t0->reply + t0->reply_size, sw1, sw2;
    size_t data_size, wanted;

    if (size < 2 || size > T0_REPLY_SIZE - t0->reply_size)
        return T0_PROTOCOL_ERROR;
    data_size = size - 2;
    sw1 = answer[data_size];
    sw2 = answer[data_size + 1];

    if (sw1 == SW1_WRONG_LENGTH && t0->may_correct_p3)
    {
        t0->may_correct_p3 = false;
        return send_header(t0, sw2);
    }

    /* Without Le no bound is known; a card that sends data all the same has sent what the reply is. */
    wanted = t0->ne ? t0->ne - t0->reply_size : APDU_MAX_NE;
    t0->reply_size += data_size < wanted ? data_size : wanted;

    if (sw1 == SW1_MORE_DATA && t0->ne && t0->reply_size < t0->ne)
    {
        t0->empty_answers = t0->in_get_response && !data_size ? t0->empty_answers + 1 : 0;
        if (t0->empty_answers > MAX_EMPTY_ANSWERS)
            return T0_PROTOCOL_ERROR;
        return get_response(t0, sw2);
    }

    t0->reply[t0->reply_size] = sw1;
    t0->reply[t0->reply_size + 1] = sw2;
    t0->reply_size += 2;
    return T0_DONE;
}

void t0_wipe(struct t0 *t0)
{
    core_wipe(t0->tpdu, sizeof(t0->tpdu));
}
