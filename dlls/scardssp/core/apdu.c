/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command APDUs: encoding and decoding. */

#include <string.h>

#include "apdu.h"

static uint32_t get_u16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static void put_u16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = value >> 8 & 0xff;
    bytes[1] = value & 0xff;
}

/*
 * The body, what follows the header, in short form: Le; Lc data; Lc data Le.
 * An Le of 00 stands for 256.
 */
static bool parse_short(struct apdu *apdu, const uint8_t *body, size_t size)
{
    uint32_t nc = 0;

    if (size > 1)
    {
        nc = body[0];
        if (!nc || size < 1 + nc || size > 1 + nc + 1)
            return false;
        apdu->data = body + 1;
    }
    apdu->nc = nc;
    if (size == 1)
        apdu->ne = body[0] ? body[0] : 256;
    else if (size == 1 + nc + 1)
        apdu->ne = body[1 + nc] ? body[1 + nc] : 256;
    return true;
}

/*
 * The body in extended form: 00 Le Le; 00 Lc Lc data; 00 Lc Lc data Le Le.
 * An Le of 00 00 stands for 65536.
 */
static bool parse_extended(struct apdu *apdu, const uint8_t *body, size_t size)
{
    uint32_t length = get_u16(body + 1), le;

    if (size == 3)
    {
        apdu->ne = length ? length : APDU_MAX_NE;
        return true;
    }
    if (!length || (size != 3 + length && size != 3 + length + 2))
        return false;
    apdu->data = body + 3;
    apdu->nc = length;
    if (size == 3 + length + 2)
    {
        le = get_u16(body + 3 + length);
        apdu->ne = le ? le : APDU_MAX_NE;
    }
    return true;
}

bool apdu_parse(struct apdu *apdu, const uint8_t *bytes, size_t size)
{
    struct apdu parsed = {0};
    const uint8_t *body;
    size_t body_size;
    bool valid = true;

    if (size < APDU_HEADER_SIZE)
        return false;
    parsed.cla = bytes[0];
    parsed.ins = bytes[1];
    parsed.p1 = bytes[2];
    parsed.p2 = bytes[3];

    body = bytes + APDU_HEADER_SIZE;
    body_size = size - APDU_HEADER_SIZE;
    if (body_size >= 3 && !body[0])
        valid = parse_extended(&parsed, body, body_size);
    else if (body_size)
        valid = parse_short(&parsed, body, body_size);
    if (valid)
        *apdu = parsed;
    return valid;
}

static bool is_extended(const struct apdu *apdu)
{
    return apdu->nc > 255 || apdu->ne > 256;
}

size_t apdu_size(const struct apdu *apdu)
{
    if (apdu->nc > APDU_MAX_NC || apdu->ne > APDU_MAX_NE)
        return 0;
    if (!is_extended(apdu))
        return APDU_HEADER_SIZE + (apdu->nc ? 1 + apdu->nc : 0) + (apdu->ne ? 1 : 0);
    /* The 00 that marks the extended form stands before Lc, or, without data, before Le. */
    return APDU_HEADER_SIZE + 1 + (apdu->nc ? 2 + apdu->nc : 0) + (apdu->ne ? 2 : 0);
}

void apdu_encode(const struct apdu *apdu, uint8_t *out)
{
    bool extended = is_extended(apdu);
    uint8_t *body = out + APDU_HEADER_SIZE;
    size_t lc_size = 0;

    if (apdu->nc)
        lc_size = extended ? 3 : 1;
    /* The data first: it may overlap what is written next. */
    if (apdu->nc)
        memmove(body + lc_size, apdu->data, apdu->nc);

    out[0] = apdu->cla;
    out[1] = apdu->ins;
    out[2] = apdu->p1;
    out[3] = apdu->p2;
    if (extended)
        *body++ = 0;
    if (apdu->nc && extended)
        put_u16(body, apdu->nc);
    else if (apdu->nc)
        *body = apdu->nc;
    body = out + APDU_HEADER_SIZE + (apdu->nc ? lc_size + apdu->nc : extended);
    if (apdu->ne && extended)
        put_u16(body, apdu->ne);
    else if (apdu->ne)
        *body = apdu->ne & 0xff;
}

unsigned int apdu_case(const struct apdu *apdu)
{
    return 1 + (apdu->ne ? 1 : 0) + (apdu->nc ? 2 : 0);
}

uint8_t apdu_p3(const struct apdu *apdu)
{
    uint32_t value = apdu->nc ? apdu->nc : apdu->ne;

    return value > 255 ? 0 : value;
}

bool apdu_is_secret(uint8_t ins)
{
    static const uint8_t secret[] =
    {
        0x20, 0x21,     /* VERIFY, VERIFY CHV of GSM 11.11 */
        0x24, 0x25,     /* CHANGE REFERENCE DATA, CHANGE CHV */
        0x26,           /* DISABLE CHV */
        0x28,           /* ENABLE CHV */
        0x2c, 0x2d,     /* RESET RETRY COUNTER, UNBLOCK CHV */
        0x82,           /* EXTERNAL or MUTUAL AUTHENTICATE */
        0x86, 0x87,     /* GENERAL AUTHENTICATE */
        0x88,           /* INTERNAL AUTHENTICATE, RUN GSM ALGORITHM */
        0xc2, 0xc3,     /* ENVELOPE: it can hold any of them */
    };

    return memchr(secret, ins, sizeof(secret)) != NULL;
}
