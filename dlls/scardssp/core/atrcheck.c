/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Answers to reset: comparison under a mask, and what makes one valid. This is for the tool that writes the smart card
 * database; the DLL, which finds a card by its index, has nothing of it.
 */

#include "atr_private.h"

bool atr_matches(const struct atr *atr, const struct atr *known, const uint8_t *mask)
{
    size_t i;

    if (atr->size != known->size)
        return false;
    for (i = 0; i < atr->size; i++)
    {
        if ((atr->bytes[i] ^ known->bytes[i]) & mask[i])
            return false;
    }
    return true;
}

static const char *check_tck(const uint8_t *bytes, const uint8_t *mask, size_t size)
{
    uint8_t sum = 0;
    size_t i;

    for (i = 1; i < size; i++)
    {
        if (!is_known(mask, i))
            return NULL;
        sum ^= bytes[i];
    }
    return sum ? "its check byte (TCK, the last one) is wrong" : NULL;
}

const char *atr_check(const uint8_t *bytes, const uint8_t *mask, size_t size)
{
    bool has_tck;
    size_t length;

    if (size < 2)
        return "it is shorter than an ATR can be (2 bytes)";
    if (size > ATR_MAX_SIZE)
        return "it is longer than an ATR can be (33 bytes)";
    if (is_known(mask, 0) && !is_ts(bytes[0]))
        return "its first byte (TS) is neither 3B nor 3F";
    switch (atr_measure(bytes, mask, size, &length, &has_tck))
    {
    case EXTENT_UNKNOWN:
        return NULL;
    case EXTENT_BEYOND:
        return "it ends before all the interface bytes that it announces";
    case EXTENT_KNOWN:
        break;
    }
    if (size < length)
        return "it is shorter than its own bytes T0 and TDi say";
    if (size > length)
        return "it is longer than its own bytes T0 and TDi say";
    return has_tck ? check_tck(bytes, mask, size) : NULL;
}
