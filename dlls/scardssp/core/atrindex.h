/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An index over the ATRs of known cards: which of thousands does an ATR belong to? */

#ifndef SCARDSSP_CORE_ATRINDEX_H
#define SCARDSSP_CORE_ATRINDEX_H

#include "atr.h"

/* The ATRs of one known card. The order of patterns is the order of the bytes of this struct. */
struct atr_pattern
{
    uint8_t size;
    uint8_t mask[ATR_MAX_SIZE];     /* the bits that count; 0 behind size */
    uint8_t masked[ATR_MAX_SIZE];   /* the known ATR, and 0 where the mask is 0 */
};

/* mask: NULL when every bit counts. size: 1 to ATR_MAX_SIZE. */
void atr_pattern_init(struct atr_pattern *pattern, const uint8_t *bytes, const uint8_t *mask, size_t size);

/* Sorts pointers to patterns into an index. */
void atr_index_sort(const struct atr_pattern **index, size_t count);

/*
 * The position of the next pattern, at or behind from, that an ATR belongs to; count when there is none.
 * Takes time for every distinct mask of patterns of that length, not for every pattern.
 */
size_t atr_index_next(const struct atr_pattern *const *index, size_t count, const struct atr *atr, size_t from);

#endif
