/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset: how long one is. */

#include "atr_private.h"

enum extent atr_measure(const uint8_t *bytes, const uint8_t *mask, size_t size, size_t *length, bool *has_tck)
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
    if (size < 2 || !is_ts(bytes[0]) || atr_measure(bytes, NULL, size, &length, &has_tck) != EXTENT_KNOWN)
        return size;
    return length < size ? length : size;
}
