/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The index is sorted by length, then by mask, then by what the mask leaves of the ATR. All patterns of one length and
 * mask stand together, so that a search is one binary search for each mask that there is.
 */

#include <stdlib.h>
#include <string.h>

#include "atrindex.h"

enum { HEADER_SIZE = offsetof(struct atr_pattern, masked) };    /* length and mask */

void atr_pattern_init(struct atr_pattern *pattern, const uint8_t *bytes, const uint8_t *mask, size_t size)
{
    size_t i;

    memset(pattern, 0, sizeof(*pattern));
    pattern->size = size;
    for (i = 0; i < size; i++)
    {
        pattern->mask[i] = mask ? mask[i] : 0xff;
        pattern->masked[i] = bytes[i] & pattern->mask[i];
    }
}

static int compare_patterns(const void *a, const void *b)
{
    return memcmp(*(const struct atr_pattern *const *)a, *(const struct atr_pattern *const *)b,
            sizeof(struct atr_pattern));
}

void atr_index_sort(const struct atr_pattern **index, size_t count)
{
    if (count)
        qsort(index, count, sizeof(*index), compare_patterns);
}

/*
 * The first position at or behind from whose pattern is not below wanted, by their first size bytes; with above, that
 * is above it. The search widens its steps from where it starts: the next mask is often near.
 */
static size_t find(const struct atr_pattern *const *index, size_t count, const struct atr_pattern *wanted, size_t size,
        bool above, size_t from)
{
    size_t low = from, high = from, step = 1, middle;
    int limit = above ? 1 : 0;

    while (high < count && memcmp(index[high], wanted, size) < limit)
    {
        low = high + 1;
        high = count - high > step ? high + step : count;
        step *= 2;
    }
    while (low < high)
    {
        middle = low + (high - low) / 2;
        if (memcmp(index[middle], wanted, size) < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t atr_index_next(const struct atr_pattern *const *index, size_t count, const struct atr *atr, size_t from)
{
    struct atr_pattern wanted = { .size = atr->size };
    size_t i;

    i = find(index, count, &wanted, sizeof(wanted.size), false, from);
    while (i < count && index[i]->size == atr->size)
    {
        atr_pattern_init(&wanted, atr->bytes, index[i]->mask, atr->size);
        i = find(index, count, &wanted, sizeof(wanted), false, i);
        if (i < count && !memcmp(index[i], &wanted, sizeof(wanted)))
            return i;
        i = find(index, count, &wanted, HEADER_SIZE, true, i);
    }
    return count;
}
