/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Known cards and an ATR: the index finds what a look at each finds; and any bytes as an ATR. */

#include "core/atr.h"
#include "core/atrindex.h"
#include "fuzz.h"

#define MAX_PATTERNS 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    struct atr known[MAX_PATTERNS], atr;
    uint8_t masks[MAX_PATTERNS][ATR_MAX_SIZE];
    struct atr_pattern patterns[MAX_PATTERNS];
    const struct atr_pattern *index[MAX_PATTERNS];
    size_t count = take_byte(&input) % (MAX_PATTERNS + 1), i, k, at, expected = 0, found = 0;

    memset(known, 0, sizeof(known));
    memset(masks, 0xff, sizeof(masks));
    memset(&atr, 0, sizeof(atr));
    atr.size = 1 + take_byte(&input) % ATR_MAX_SIZE;
    for (k = 0; k < atr.size; k++) atr.bytes[k] = take_byte(&input);
    for (i = 0; i < count; i++)
    {
        uint8_t kind = take_byte(&input);

        known[i] = atr;
        if (kind & 1) known[i].size = 1 + take_byte(&input) % ATR_MAX_SIZE;
        if (kind & 2) known[i].bytes[take_byte(&input) % known[i].size] ^= take_byte(&input);
        if (kind & 4) for (k = 0; k < known[i].size; k++) masks[i][k] = take_byte(&input);
        if (kind & 8) masks[i][take_byte(&input) % known[i].size] = take_byte(&input);
        atr_pattern_init(&patterns[i], known[i].bytes, kind & 12 ? masks[i] : NULL, known[i].size);
        index[i] = &patterns[i];
        if (atr_matches(&atr, &known[i], masks[i])) expected++;
    }
    atr_index_sort(index, count);
    for (at = atr_index_next(index, count, &atr, 0); at < count; at = atr_index_next(index, count, &atr, at + 1))
    {
        i = (size_t)(index[at] - patterns);
        MUST(atr_matches(&atr, &known[i], masks[i]));
        found++;
    }
    MUST(found == expected);

    MUST(atr_length(atr.bytes, atr.size) <= atr.size);
    if (!atr_check(atr.bytes, NULL, atr.size)) MUST(atr_length(atr.bytes, atr.size) == atr.size);
    if (count) atr_check(known[0].bytes, masks[0], known[0].size);
    return 0;
}
