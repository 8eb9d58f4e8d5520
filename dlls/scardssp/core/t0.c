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
    TPDU_HEADER_SIZE = 5
};

static void put_header(struct t0 *t0, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, uint8_t p3)
{
    t0->tpdu[0] = cla;
    t0->tpdu[1] = ins;
    t0->tpdu[2] = p1;
    t0->tpdu[3] = p2;
    t0->tpdu[4] = p3;
    t0->tpdu_size = TPDU_HEADER_SIZE;
}

bool t0_start(struct t0 *t0, const struct apdu *apdu, uint8_t get_response_cla, uint8_t *reply)
{
    if (apdu->nc > 255 || apdu->ne > APDU_MAX_NE)
        return false;

    /* Le is not sent, except as the P3 of case 2. */
    put_header(t0, apdu->cla, apdu->ins, apdu->p1, apdu->p2, apdu_p3(apdu));
    if (apdu->nc)
        memcpy(t0->tpdu + TPDU_HEADER_SIZE, apdu->data, apdu->nc);
    t0->tpdu_size += apdu->nc;
    t0->reply = reply;
    t0->reply_size = 0;
    t0->ne = apdu->ne;
    t0->get_response_cla = get_response_cla;
    t0->may_correct_p3 = apdu_case(apdu) == 2;
    t0->in_get_response = false;
    t0->starved = false;
    return true;
}

uint8_t *t0_room(const struct t0 *t0, size_t *size)
{
    /* It is there: what precedes it is never longer than a whole reply. */
    *size = APDU_MAX_REPLY;
    return t0->reply + t0->reply_size;
}

static enum t0_status correct_p3(struct t0 *t0, uint8_t sw2)
{
    t0->tpdu[4] = sw2;
    t0->may_correct_p3 = false;
    return T0_SEND;
}

static enum t0_status get_response(struct t0 *t0, uint8_t sw2)
{
    uint32_t available = sw2 ? sw2 : 256, missing = t0->ne - t0->reply_size;
    uint32_t length = available < missing ? available : missing;

    put_header(t0, t0->get_response_cla, INS_GET_RESPONSE, 0, 0, length & 0xff);
    t0->in_get_response = true;
    t0->may_correct_p3 = true;
    return T0_SEND;
}

static enum t0_status take_answer(struct t0 *t0, const uint8_t *answer, size_t size)
{
    size_t data_size;
    uint8_t sw1, sw2;

    if (size < 2)
        return T0_PROTOCOL_ERROR;
    data_size = size - 2;
    sw1 = answer[data_size];
    sw2 = answer[data_size + 1];

    if (sw1 == SW1_WRONG_LENGTH && t0->may_correct_p3)
        return correct_p3(t0, sw2);

    if (t0->ne && data_size > t0->ne - t0->reply_size)
        data_size = t0->ne - t0->reply_size;
    t0->reply_size += data_size;

    if (sw1 == SW1_MORE_DATA && t0->reply_size < t0->ne)
    {
        if (t0->starved && !data_size)
            return T0_PROTOCOL_ERROR;
        t0->starved = t0->in_get_response && !data_size;
        return get_response(t0, sw2);
    }

    t0->reply[t0->reply_size++] = sw1;
    t0->reply[t0->reply_size++] = sw2;
    return T0_DONE;
}

/*
 * It ends: each command, the first and every GET RESPONSE, is sent again at most once, with a corrected P3.
 * Of two GET RESPONSE in a row, whether or not 6Cxx comes between, at least one brings a byte; Ne are wanted.
 * So there are at most 2 + 4 * Ne exchanges.
 */
enum t0_status t0_received(struct t0 *t0, size_t size)
{
    size_t room;
    uint8_t *answer = t0_room(t0, &room), *kept_end;
    enum t0_status status;

    if (!t0->tpdu_size || size > room)
        return T0_PROTOCOL_ERROR;
    status = take_answer(t0, answer, size);
    if (status != T0_SEND)
        t0->tpdu_size = 0;

    kept_end = t0->reply + t0->reply_size;
    core_wipe(kept_end, answer + size - kept_end);
    return status;
}

void t0_wipe(struct t0 *t0)
{
    core_wipe(t0->tpdu, sizeof(t0->tpdu));
    t0->tpdu_size = 0;
}
