/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ATRs as text: hexadecimal with the wildcards of pcsc-tools' list of cards. Plain C. */

#ifndef CARDS_ATRTEXT_H
#define CARDS_ATRTEXT_H

#include "core/atr.h"

/* One ATR under a mask. */
struct atr_variant
{
    struct atr atr;                 /* 0 where the mask is 0 */
    uint8_t mask[ATR_MAX_SIZE];
};

enum { ATRTEXT_MAX_VARIANTS = 16 };

struct atrtext
{
    struct atr_variant variants[ATRTEXT_MAX_VARIANTS];
    unsigned int count;
};

/*
 * Reads an ATR: hexadecimal digits, in which blanks and colons do not count; "." stands for any digit, "[05]", "[0,5]"
 * and "[3-5]" for one of several, each of which becomes a variant.
 * Returns why it is none, a clause without a full stop, or NULL. Nothing but the form is checked: see atr_check.
 */
const char *atrtext_parse(const char *text, size_t size, struct atrtext *parsed);

enum { ATRTEXT_SIZE = 3 * ATR_MAX_SIZE };

/*
 * Writes pairs of digits with blanks between, and "." for a digit that does not count. mask: NULL when all do.
 * FALSE: the mask has other parts than whole digits; the text then has all digits.
 */
bool atrtext_format(const uint8_t *bytes, const uint8_t *mask, size_t size, char text[ATRTEXT_SIZE]);

#endif
