/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset: comparison under a mask. */

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
