/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset, as the smart card database compares them. */

#ifndef SCARDSSP_CORE_ATR_H
#define SCARDSSP_CORE_ATR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ATR_MAX_SIZE = 33 };     /* ISO/IEC 7816-3:2006 8.2.1: TS and at most 32 characters */

struct atr
{
    uint8_t bytes[ATR_MAX_SIZE];
    size_t size;
};

/*
 * Whether an ATR is one of those that a database entry stands for: of the same length, and equal in the bits that are
 * set in mask, which is as long as the known ATR.
 */
bool atr_matches(const struct atr *atr, const struct atr *known, const uint8_t *mask);

/*
 * The length of the ATR at the start of bytes, by its own T0 and TDi: ISO/IEC 7816-3:2006 8.2. Where they are no ATR,
 * or one that would not end within size bytes, size; at most ATR_MAX_SIZE.
 */
size_t atr_length(const uint8_t *bytes, size_t size);

/*
 * Why these bytes cannot be an answer to reset by ISO/IEC 7816-3:2006 8.2: a clause without a full stop; NULL when they
 * can. mask: as above, or NULL; what is not in it is taken to be right.
 */
const char *atr_check(const uint8_t *bytes, const uint8_t *mask, size_t size);

#endif
