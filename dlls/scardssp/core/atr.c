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

const char *atr_check(const uint8_t *bytes, const uint8_t *mask, size_t size)
{
    bool has_tck = false;       /* unless T=0 is the only protocol: 8.2.5 */
    uint8_t historical, next;   /* next: which of TAi, TBi, TCi, TDi follow, in the upper half */
    size_t end = 2;

    if (size < 2)
        return "it is shorter than an ATR can be (2 bytes)";
    if (size > ATR_MAX_SIZE)
        return "it is longer than an ATR can be (33 bytes)";
    if (is_known(mask, 0) && bytes[0] != 0x3b && bytes[0] != 0x3f)
        return "its first byte (TS) is neither 3B nor 3F";
    if (!is_known(mask, 1))
        return NULL;
    historical = bytes[1] & 0x0f;
    for (next = bytes[1]; ; next = bytes[end++])
    {
        end += !!(next & 0x10) + !!(next & 0x20) + !!(next & 0x40);
        if (!(next & 0x80))
            break;
        if (end >= size)
            return "it ends before all the interface bytes that it announces";
        if (!is_known(mask, end))
            return NULL;
        has_tck = has_tck || (bytes[end] & 0x0f);
    }
    end += historical + has_tck;
    if (size < end)
        return "it is shorter than its own bytes T0 and TDi say";
    if (size > end)
        return "it is longer than its own bytes T0 and TDi say";
    return has_tck ? check_tck(bytes, mask, size) : NULL;
}
