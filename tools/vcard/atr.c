/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers to reset: what makes one valid (ISO 7816-3:2006 8.2).
 */

#include "card_private.h"

const char *check_atr(const uint8_t *atr, size_t length, bool *t0)
{
    size_t position = 2, historical, expected;
    unsigned int indicated = 1, i; /* bit n: T=n offered; without any TDi it is T=0 */
    uint8_t y, check = 0;

    if (length < 2 || length > CARD_MAX_ATR)
        return "it must have 2 to 33 bytes";
    if (atr[0] != 0x3B && atr[0] != 0x3F)
        return "its first byte (TS) must be 3B or 3F";

    historical = atr[1] & 0x0F;
    y = atr[1] >> 4;
    for (i = 0; y; i++)
    {
        uint8_t td;
        bool follows = y & 8;

        position += (y & 1) + (y >> 1 & 1) + (y >> 2 & 1);
        y = 0;
        if (!follows)
            break;
        if (position >= length)
            return "it ends within its interface bytes";
        td = atr[position++];
        if (!i)
            indicated = 0;
        indicated |= 1u << (td & 0x0F);
        y = td >> 4;
    }
    *t0 = indicated == 1; /* where both are offered a reader of PC/SC takes T=1 */

    expected = position + historical + (indicated != 1);
    if (length != expected)
        return length < expected ? "it is too short for what its T0 and TDi announce"
                                 : "it is too long for what its T0 and TDi announce";
    if (indicated == 1)
        return NULL;
    for (position = 1; position < length; position++)
        check ^= atr[position];
    return check ? "its last byte (TCK) is wrong: the exclusive or of all but the first must be 0" : NULL;
}
