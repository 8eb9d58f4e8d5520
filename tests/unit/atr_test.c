/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of core/atr.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/atr.h"

static struct atr make_atr(const char *bytes, size_t size)
{
    struct atr atr = { .size = size };

    memcpy(atr.bytes, bytes, size);
    return atr;
}

static void test_masks(void **state)
{
    static const struct
    {
        const char *atr, *known, *mask;
        size_t size;
        bool matches;
    }
    cases[] =
    {
        { "\x3b\x00", "\x3b\x00", "\xff\xff", 2, true },
        { "\x3b\x01", "\x3b\x00", "\xff\xff", 2, false },
        { "\x3f\x00", "\x3b\x00", "\xff\xff", 2, false },
        /* A bit that is not in the mask does not count, in either. */
        { "\x3b\x01", "\x3b\x00", "\xff\xfe", 2, true },
        { "\x3b\x00", "\x3b\x01", "\xff\xfe", 2, true },
        { "\x3b\x02", "\x3b\x00", "\xff\xfe", 2, false },
        { "\x3b\x80\x80\x01\x01", "\x3b\x80\x80\x01\x01", "\xff\xff\xff\xff\xff", 5, true },
        { "\x3b\x80\x80\x01\x02", "\x3b\x80\x80\x01\x01", "\xff\xff\xff\xff\xff", 5, false },
        { "\x3b\x80\x80\x01\x02", "\x3b\x80\x80\x01\x01", "\xff\xff\xff\xff\x00", 5, true },
        { "\x3f\xff\xff\xff\xff", "\x3b\x80\x80\x01\x01", "\x00\x00\x00\x00\x00", 5, true },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct atr atr = make_atr(cases[i].atr, cases[i].size), known = make_atr(cases[i].known, cases[i].size);

        assert_int_equal(atr_matches(&atr, &known, (const uint8_t *)cases[i].mask), cases[i].matches);
    }
}

/* Equal as far as they go, but not equally long. */
static void test_lengths(void **state)
{
    static const uint8_t mask[ATR_MAX_SIZE] = {0};
    struct atr known = { .size = 4 };
    size_t size;

    (void)state;
    for (size = 0; size <= ATR_MAX_SIZE; size++)
    {
        struct atr atr = { .size = size };

        assert_int_equal(atr_matches(&atr, &known, mask), size == 4);
        assert_int_equal(atr_matches(&known, &atr, mask), size == 4);
    }
}

/* Every single bit of an ATR of the greatest length counts exactly when it is in the mask. */
static void test_every_bit(void **state)
{
    struct atr known = { .size = ATR_MAX_SIZE }, atr;
    uint8_t mask[ATR_MAX_SIZE];
    unsigned int bit;

    (void)state;
    for (bit = 0; bit < 8 * ATR_MAX_SIZE; bit++)
    {
        atr = known;
        atr.bytes[bit / 8] ^= 1 << bit % 8;
        memset(mask, 0xff, sizeof(mask));
        assert_false(atr_matches(&atr, &known, mask));
        mask[bit / 8] ^= 1 << bit % 8;
        assert_true(atr_matches(&atr, &known, mask));
    }
}

/* [iso] 7816-3:2006 8.2 */
static void test_check(void **state)
{
    static const struct
    {
        const char *atr, *mask;
        size_t size;
        const char *fault;          /* a part of the answer; NULL: it is valid */
    }
    cases[] =
    {
        { "\x3b\x00", NULL, 2, NULL },
        { "\x3f\x02\x14\x50", NULL, 4, NULL },
        { "\x3b\x80\x80\x01\x01", NULL, 5, NULL },
        { "\x3b\x70\x11\x00\x00", NULL, 5, NULL },
        { "\x3b\x80\x00", NULL, 3, NULL },                         /* TD1 names T=0: no TCK */
        { "\x3b\x80\x1f\xc7\x58", NULL, 5, NULL },                 /* T=15 wants a TCK */
        { "\x3b\x80\x80\x01\x02", NULL, 5, "TCK" },
        { "\x3b\x80\x80\x01\x02", "\xff\xff\xff\xff\x00", 5, NULL },
        { "\x3b\x80\x80\x01\x02", "\xff\xff\xff\xff\xfe", 5, NULL },
        { "", NULL, 0, "shorter than an ATR" },
        { "\x3b", NULL, 1, "shorter than an ATR" },
        { "\x3c\x00", NULL, 2, "TS" },
        { "\x3c\x00", "\xf0\xff", 2, NULL },
        { "\x3b\x01", NULL, 2, "shorter than its own" },
        { "\x3b\x00\x00", NULL, 3, "longer than its own" },
        { "\x3b\x00\x00", "\xff\xf0\xff", 3, NULL },
        { "\x3b\x80", NULL, 2, "interface bytes" },
        { "\x3b\x80\x80", NULL, 3, "interface bytes" },
        { "\x3b\xf0\x00\x00\x00", NULL, 5, "interface bytes" },
        { "\x3b\x80\x81", NULL, 3, "interface bytes" },
        { "\x3b\x80\x01", NULL, 3, "shorter than its own" },         /* without its TCK */
        { "\x3b\x80\x81\x00\x00", "\xff\xff\xf0\xff\xff", 5, NULL },
    };
    static const uint8_t chain[ATR_MAX_SIZE + 1] = { 0x3b, 0x80, 0x80, 0x80, 0x80 };
    const char *fault;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        fault = atr_check((const uint8_t *)cases[i].atr, (const uint8_t *)cases[i].mask, cases[i].size);
        if (!cases[i].fault)
            assert_null(fault);
        else
            assert_true(fault && strstr(fault, cases[i].fault));
    }
    assert_non_null(strstr(atr_check(chain, NULL, ATR_MAX_SIZE + 1), "33"));
    assert_non_null(atr_check(chain, NULL, 5));
}

/* [iso] 7816-3:2006 8.2: what stands behind an ATR does not belong to it. */
static void test_length(void **state)
{
    static const struct
    {
        const char *bytes;
        size_t size, length;
    }
    cases[] =
    {
        { "", 0, 0 },
        { "\x3b", 1, 1 },
        { "\x3b\x00", 2, 2 },
        { "\x3b\x02\x14\x50", 4, 4 },
        { "\x3f\x02\x14\x50", 4, 4 },
        { "\x3b\x80\x80\x01\x01", 5, 5 },
        { "\x3b\x80\x00", 3, 3 },                      /* T=0 alone: no TCK */
        { "\x3b\x80\x1f\xc7\x58", 5, 5 },
        { "\x3b\x71\x11\x00\x00\x41", 6, 6 },
        /* Shorter than they say: as they are. */
        { "\x3b\x01", 2, 2 },
        { "\x3b\x80\x80\x01", 4, 4 },
        { "\x3b\xf0\x00", 3, 3 },
        { "\x3b\x80\x80\x80\x80\x80", 6, 6 },
        /* No ATRs. */
        { "\x00\x00\x00", 3, 3 },
        { "\x3c\x00\x00", 3, 3 },
        { "\xff\xff\xff\xff", 4, 4 },
    };
    static uint8_t endless[2 * ATR_MAX_SIZE];
    uint8_t bytes[64];
    size_t i, size;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        memcpy(bytes, cases[i].bytes, cases[i].size);
        assert_int_equal(atr_length(bytes, cases[i].size), cases[i].length);
        if (atr_check(bytes, NULL, cases[i].size))
            continue;
        for (size = cases[i].size; size <= sizeof(bytes); size++)
        {
            memset(bytes + cases[i].size, size, size - cases[i].size);
            assert_int_equal(atr_length(bytes, size), cases[i].length);
        }
    }
    memset(endless, 0x80, sizeof(endless));
    endless[0] = 0x3b;
    for (size = 0; size <= sizeof(endless); size++)
        assert_int_equal(atr_length(endless, size), size < ATR_MAX_SIZE ? size : ATR_MAX_SIZE);
    endless[0] = 0;
    assert_int_equal(atr_length(endless, sizeof(endless)), ATR_MAX_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
