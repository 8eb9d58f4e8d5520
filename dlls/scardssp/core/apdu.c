/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command APDUs: encoding and decoding. */

#include <string.h>

#include "apdu.h"

/* The lengths in an APDU are big-endian. */
static uint32_t get_length(const uint8_t *field, size_t size)
{
    uint32_t length = 0;

    while (size--)
        length = length << 8 | *field++;
    return length;
}

static void put_length(uint8_t *field, size_t size, uint32_t length)
{
    for (; size; length >>= 8)
        field[--size] = length & 0xff;
}

/*
 * What may follow the header, in short and in extended form:
 *   case 2   Le               00 Le Le
 *   case 3   Lc data          00 Lc Lc data
 *   case 4   Lc data Le       00 Lc Lc data Le Le
 * Lc is never 0; an Le of 0 stands for 256 or 65536. Programs are known that put an Lc of 0 before the Le of case 2;
 * two bytes in short form, of which the first is 0, are nothing else.
 */
static bool parse_body(struct apdu *apdu, const uint8_t *body, size_t size)
{
    bool extended = size >= 3 && !body[0], zero_lc = size == 2 && !body[0];
    size_t lc_size = extended ? 3 : zero_lc ? 2 : 1, le_size = extended ? 2 : 1;
    uint32_t max_ne = extended ? APDU_MAX_NE : 256;
    uint32_t length = get_length(body, lc_size);
    size_t rest = size - lc_size;

    if (!rest)
    {
        apdu->ne = length ? length : max_ne;
        return true;
    }
    if (!length || (rest != length && rest != length + le_size))
        return false;
    apdu->data = body + lc_size;
    apdu->nc = length;
    if (rest == length)
        return true;
    length = get_length(apdu->data + apdu->nc, le_size);
    apdu->ne = length ? length : max_ne;
    return true;
}

bool apdu_parse(struct apdu *apdu, const uint8_t *bytes, size_t size)
{
    struct apdu parsed = {0};

    if (size < APDU_HEADER_SIZE)
        return false;
    parsed.cla = bytes[0];
    parsed.ins = bytes[1];
    parsed.p1 = bytes[2];
    parsed.p2 = bytes[3];
    if (size > APDU_HEADER_SIZE && !parse_body(&parsed, bytes + APDU_HEADER_SIZE, size - APDU_HEADER_SIZE))
        return false;
    *apdu = parsed;
    return true;
}

static bool is_extended(const struct apdu *apdu)
{
    return apdu->nc > 255 || apdu->ne > 256;
}

static size_t get_lc_size(const struct apdu *apdu)
{
    if (!apdu->nc)
        return 0;
    return is_extended(apdu) ? 3 : 1;
}

/* The 00 that marks the extended form stands before Lc or, without data, before Le. */
static size_t get_le_size(const struct apdu *apdu)
{
    if (!apdu->ne)
        return 0;
    if (!is_extended(apdu))
        return 1;
    return apdu->nc ? 2 : 3;
}

size_t apdu_size(const struct apdu *apdu)
{
    if (apdu->nc > APDU_MAX_NC || apdu->ne > APDU_MAX_NE)
        return 0;
    return APDU_HEADER_SIZE + get_lc_size(apdu) + apdu->nc + get_le_size(apdu);
}

void apdu_encode(const struct apdu *apdu, uint8_t *out)
{
    size_t lc_size = get_lc_size(apdu);
    uint8_t *data = out + APDU_HEADER_SIZE + lc_size;

    if (!apdu_size(apdu))
        return;
    /* Before anything else is written, which might be over its present place. */
    if (apdu->nc)
        memmove(data, apdu->data, apdu->nc);
    out[0] = apdu->cla;
    out[1] = apdu->ins;
    out[2] = apdu->p1;
    out[3] = apdu->p2;
    put_length(out + APDU_HEADER_SIZE, lc_size, apdu->nc);
    /* The low bytes of 256 and 65536 are the zeros that stand for them. */
    put_length(data + apdu->nc, get_le_size(apdu), apdu->ne & 0xffff);
}

unsigned int apdu_case(const struct apdu *apdu)
{
    return 1 + (apdu->ne ? 1 : 0) + (apdu->nc ? 2 : 0);
}

size_t apdu_reply_room(const struct apdu *apdu)
{
    size_t room = (apdu->ne > 256 ? apdu->ne : 256) + 2;

    return room > UINT16_MAX && apdu->ne < APDU_MAX_NE ? UINT16_MAX : room;
}

uint8_t apdu_p3(const struct apdu *apdu)
{
    uint32_t value = apdu->nc ? apdu->nc : apdu->ne;

    return value > 255 ? 0 : value;
}
