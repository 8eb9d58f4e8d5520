/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of core/atrindex.c: what it finds is what looking at every pattern finds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/atrindex.h"

enum { CARDS = 600 };

struct card
{
    struct atr atr;
    uint8_t mask[ATR_MAX_SIZE];
    struct atr_pattern pattern;
};

static uint32_t next_random(uint32_t *seed)
{
    return (*seed = *seed * 1664525 + 1013904223) >> 8;
}

/* Few lengths, masks and values, so that many of them are equal. */
static void make_card(struct card *card, uint32_t *seed)
{
    size_t i;

    memset(card, 0, sizeof(*card));
    card->atr.size = 1 + next_random(seed) % 5;
    if (!(next_random(seed) % 16))
        card->atr.size = ATR_MAX_SIZE;
    for (i = 0; i < card->atr.size; i++)
    {
        card->atr.bytes[i] = next_random(seed) % 3;
        card->mask[i] = next_random(seed) % 4 ? 0xff : next_random(seed) % 3;
    }
    atr_pattern_init(&card->pattern, card->atr.bytes, card->mask, card->atr.size);
}

static void test_against_all(void **state)
{
    static struct card cards[CARDS], wanted;
    const struct atr_pattern *index[CARDS];
    size_t count, found, expected, hits = 0, i, round;
    uint32_t seed = 1;

    (void)state;
    for (round = 0; round < 2000; round++)
    {
        count = round % 4 ? CARDS : round % CARDS;
        if (!(round % 100))
        {
            for (i = 0; i < CARDS; i++)
                make_card(&cards[i], &seed);
        }
        for (i = 0; i < count; i++)
            index[i] = &cards[i].pattern;
        atr_index_sort(index, count);
        make_card(&wanted, &seed);
        for (i = expected = 0; i < count; i++)
            expected += atr_matches(&wanted.atr, &cards[i].atr, cards[i].mask);
        for (i = found = 0; (i = atr_index_next(index, count, &wanted.atr, i)) < count; i++, found++)
        {
            const struct card *card = (const struct card *)((const char *)index[i] - offsetof(struct card, pattern));

            assert_true(atr_matches(&wanted.atr, &card->atr, card->mask));
        }
        assert_int_equal(found, expected);
        hits += found;
    }
    assert_true(hits > 1000);
}

/* An index of nothing, and an ATR of no bytes, which is no card's. */
static void test_nothing(void **state)
{
    struct atr_pattern pattern;
    const struct atr_pattern *index[] = { &pattern };
    struct atr atr = { .bytes = { 0x3b }, .size = 1 }, none = {0};

    (void)state;
    assert_int_equal(atr_index_next(NULL, 0, &atr, 0), 0);
    atr_index_sort(NULL, 0);
    atr_pattern_init(&pattern, atr.bytes, NULL, 1);
    assert_int_equal(pattern.mask[0], 0xff);
    atr_index_sort(index, 1);
    assert_int_equal(atr_index_next(index, 1, &none, 0), 1);
    assert_int_equal(atr_index_next(index, 1, &atr, 0), 0);
    assert_int_equal(atr_index_next(index, 1, &atr, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_against_all),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
