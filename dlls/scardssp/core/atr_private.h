/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What atr.c and atrcheck.c share. mask: the bits that are known; NULL: all. */

#ifndef SCARDSSP_CORE_ATR_PRIVATE_H
#define SCARDSSP_CORE_ATR_PRIVATE_H

#include "atr.h"

/* TS, of the direct and of the inverse convention: 8.1. */
static inline bool is_ts(uint8_t byte)
{
    return byte == 0x3b || byte == 0x3f;
}

static inline bool is_known(const uint8_t *mask, size_t i)
{
    return !mask || mask[i] == 0xff;
}

enum extent
{
    EXTENT_KNOWN,
    EXTENT_BEYOND,              /* the interface bytes go on behind the bytes that are there */
    EXTENT_UNKNOWN              /* a byte that tells it is not in the mask */
};

/* How long an ATR of at least two bytes is by T0 and TDi, and whether it has a check byte: 8.2.2 to 8.2.5. */
enum extent atr_measure(const uint8_t *bytes, const uint8_t *mask, size_t size, size_t *length, bool *has_tck);

#endif
