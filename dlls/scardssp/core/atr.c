/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset: comparison under a mask, and what makes one valid. */

#include "atr.h"

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

/* TS, of the direct and of the inverse convention: 8.1. */
static bool is_ts(uint8_t byte)
{
    return byte == 0x3b || byte == 0x3f;
}

static bool is_known(const uint8_t *mask, size_t i)
{
    return !mask || mask[i] == 0xff;
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

enum extent
{
    EXTENT_KNOWN,
    EXTENT_BEYOND,              /* the interface bytes go on behind the bytes that are there */
    EXTENT_UNKNOWN              /* a byte that tells it is not in the mask */
};

/* How long an ATR of at least two bytes is by T0 and TDi, and whether it has a check byte: 8.2.2 to 8.2.5. */
static enum extent measure(const uint8_t *bytes, const uint8_t *mask, size_t size, size_t *length, bool *has_tck)
{
    uint8_t next;               /* which of TAi, TBi, TCi, TDi follow, in the upper half */
    size_t end = 2;

    *has_tck = false;           /* unless T=0 is the only protocol */
    if (!is_known(mask, 1))
        return EXTENT_UNKNOWN;
    for (next = bytes[1]; ; next = bytes[end++])
    {
        end += !!(next & 0x10) + !!(next & 0x20) + !!(next & 0x40);
        if (!(next & 0x80))
            break;
        if (end >= size)
            return EXTENT_BEYOND;
        if (!is_known(mask, end))
            return EXTENT_UNKNOWN;
        *has_tck = *has_tck || (bytes[end] & 0x0f);
    }
    *length = end + (bytes[1] & 0x0f) + *has_tck;
    return EXTENT_KNOWN;
}

size_t atr_length(const uint8_t *bytes, size_t size)
{
    size_t length;
    bool has_tck;

    if (size > ATR_MAX_SIZE)
        size = ATR_MAX_SIZE;
    if (size < 2 || !is_ts(bytes[0]) || measure(bytes, NULL, size, &length, &has_tck) != EXTENT_KNOWN)
        return size;
    return length < size ? length : size;
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
    switch (measure(bytes, mask, size, &length, &has_tck))
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
