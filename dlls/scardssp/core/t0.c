/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One APDU over T=0. */

#include <string.h>

#include "t0.h"
#include "wipe.h"

enum
{
    INS_GET_RESPONSE = 0xc0,
    SW1_MORE_DATA = 0x61,           /* SW2 bytes are still available */
    SW1_WRONG_LE = 0x6c,            /* SW2 is the exact length */
    SW_WRONG_LENGTH = 0x6700,
    SW_NO_EXACT_LENGTH = 0x6c00,    /* an SW1_WRONG_LE that does not know better */
    SW_NO_SUCH_CHANNEL = 0x6881,
    SW_WRONG_INS = 0x6d00,
    SW_WRONG_CLA = 0x6e00,
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

/*
 * The class of plain interindustry commands on the logical channel of cla: ISO/IEC 7816-4:2005 5.1.1. Only the further
 * interindustry classes, 01xx xxxx, name more than four channels.
 */
static uint8_t interindustry_cla(uint8_t cla)
{
    return (cla & 0xc0) == 0x40 ? 0x40 | (cla & 0x0f) : cla & 0x03;
}

bool t0_start(struct t0 *t0, const struct apdu *apdu, const uint8_t *alternate_cla, uint8_t *reply)
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
    t0->get_response_cla = alternate_cla ? *alternate_cla : apdu->cla;
    t0->may_change_cla = !alternate_cla && apdu->cla != interindustry_cla(apdu->cla);
    t0->may_correct_p3 = apdu_case(apdu) == 2;
    t0->may_lift_p3 = false;
    t0->in_get_response = false;
    t0->starved = false;
    t0->announced = 0;
    t0->refusal = 0;
    return true;
}

uint8_t *t0_room(const struct t0 *t0, size_t *size)
{
    *size = T0_MAX_ANSWER;
    return t0->reply + t0->reply_size;
}

/* A P3 of 0 asks for 256 bytes. */
static uint32_t length_from_byte(uint8_t length)
{
    return length ? length : 256;
}

static enum t0_status get_response(struct t0 *t0, uint8_t sw2)
{
    uint32_t missing = t0->ne - t0->reply_size, length;

    t0->announced = length_from_byte(sw2);
    length = t0->announced < missing ? t0->announced : missing;
    put_header(t0, t0->get_response_cla, INS_GET_RESPONSE, 0, 0, length & 0xff);
    t0->in_get_response = true;
    t0->may_correct_p3 = true;
    t0->may_lift_p3 = true;
    t0->refusal = 0;
    return T0_SEND;
}

/*
 * Whether a GET RESPONSE that the card refuses, while it holds data, is worth another try. There are cards that give
 * theirs in the class 00 alone, and cards that give all of it or nothing.
 */
static bool find_other_get_response(struct t0 *t0, uint16_t sw)
{
    bool class_refused = sw == SW_WRONG_INS || sw == SW_WRONG_CLA || sw == SW_NO_SUCH_CHANNEL;
    bool length_refused = sw == SW_WRONG_LENGTH || sw == SW_NO_EXACT_LENGTH;

    if (class_refused && t0->may_change_cla)
    {
        t0->may_change_cla = false;
        t0->tpdu[0] = t0->get_response_cla = interindustry_cla(t0->get_response_cla);
    }
    else if (length_refused && t0->may_lift_p3 && length_from_byte(t0->tpdu[4]) < t0->announced)
    {
        t0->may_lift_p3 = false;
        t0->tpdu[4] = t0->announced & 0xff;
    }
    else
        return false;
    if (!t0->refusal)
        t0->refusal = sw;
    return true;
}

/* Neither success nor a warning, nor more to come. */
static bool is_refusal(uint16_t sw)
{
    return sw >> 8 != 0x90 && !(sw >> 8 >= 0x61 && sw >> 8 <= 0x63);
}

static enum t0_status take_answer(struct t0 *t0, const uint8_t *answer, size_t size)
{
    size_t data_size;
    uint16_t sw;
    uint8_t sw2;

    if (size < 2)
        return T0_PROTOCOL_ERROR;
    data_size = size - 2;
    sw2 = answer[data_size + 1];
    sw = answer[data_size] << 8 | sw2;

    if (t0->in_get_response && !data_size && find_other_get_response(t0, sw))
        return T0_SEND;
    if (sw >> 8 == SW1_WRONG_LE && t0->may_correct_p3)
    {
        t0->may_correct_p3 = false;
        t0->tpdu[4] = sw2;
        return T0_SEND;
    }

    if (t0->ne && data_size > t0->ne - t0->reply_size)
        data_size = t0->ne - t0->reply_size;
    t0->reply_size += data_size;

    if (sw >> 8 == SW1_MORE_DATA && t0->reply_size < t0->ne)
    {
        if (t0->starved && !data_size)
            return T0_PROTOCOL_ERROR;
        t0->starved = t0->in_get_response && !data_size;
        return get_response(t0, sw2);
    }

    if (t0->refusal && !data_size && is_refusal(sw))
        sw = t0->refusal;
    t0->reply[t0->reply_size++] = sw >> 8;
    t0->reply[t0->reply_size++] = sw & 0xff;
    return T0_DONE;
}

/*
 * It ends: a command is sent again at most once with a corrected P3, and a GET RESPONSE once more with a lifted one;
 * the class changes once in all. Of two GET RESPONSE in a row, whatever comes between, at least one brings a byte; Ne
 * are wanted. So there are at most 3 + 6 * Ne exchanges.
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
