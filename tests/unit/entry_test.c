/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of core/entry.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/entry.h"

static uint8_t bytes[ENTRY_MAX_VALUE + ENTRY_GUID_SIZE];

static struct entry_value binary(size_t size)
{
    return (struct entry_value){ ENTRY_BINARY, bytes, size };
}

static const struct entry_value absent = { ENTRY_ABSENT, NULL, 0 }, unusable = { ENTRY_UNUSABLE, bytes, 2 };

static void test_sizes(void **state)
{
    static const struct
    {
        size_t atr, mask, provider, interfaces;
        bool decoded;
    }
    cases[] =
    {
        { 2, 0, 0, 0, true },
        { 2, 2, 16, 16, true },
        { 1, 1, 0, 0, true },
        { ATR_MAX_SIZE, ATR_MAX_SIZE, 16, ENTRY_MAX_VALUE, true },
        { 0, 0, 0, 0, false },
        { 0, 2, 16, 16, false },
        { ATR_MAX_SIZE + 1, 0, 0, 0, false },
        { ATR_MAX_SIZE + 1, ATR_MAX_SIZE + 1, 0, 0, false },
        { 2, 1, 0, 0, false },
        { 2, 3, 0, 0, false },
        { 2, 0, 1, 0, false },
        { 2, 0, 15, 0, false },
        { 2, 0, 17, 0, false },
        { 2, 0, 32, 0, false },
        { 2, 0, 0, 1, false },
        { 2, 0, 0, 15, false },
        { 2, 0, 0, 17, false },
        { 2, 0, 0, ENTRY_MAX_VALUE + ENTRY_GUID_SIZE, false },
    };
    struct entry entry;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bytes); i++) bytes[i] = (uint8_t)(i + 1);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct entry_values values =
        {
            binary(cases[i].atr), binary(cases[i].mask), binary(cases[i].provider), binary(cases[i].interfaces)
        };

        assert_int_equal(entry_decode(&values, &entry), cases[i].decoded);
        if (!cases[i].decoded) continue;
        assert_int_equal(entry.pattern.size, cases[i].atr);
        assert_int_equal(entry.has_provider, cases[i].provider != 0);
        if (entry.has_provider) assert_memory_equal(entry.provider, bytes, ENTRY_GUID_SIZE);
        assert_int_equal(entry.interface_count, cases[i].interfaces / ENTRY_GUID_SIZE);
        assert_ptr_equal(entry.interfaces, cases[i].interfaces ? bytes : NULL);
    }
}

/* Each value by itself: absent or unusable, the others as they should be. */
static void test_kinds(void **state)
{
    struct entry_values values = { binary(2), binary(2), binary(16), binary(32) }, changed;
    struct entry_value *const changing[] =
        { &changed.atr, &changed.atr_mask, &changed.primary_provider, &changed.supported_interfaces };
    struct entry entry;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
    {
        changed = values;
        *changing[i] = unusable;
        assert_false(entry_decode(&changed, &entry));
        changed = values;
        *changing[i] = absent;
        assert_int_equal(entry_decode(&changed, &entry), i != 0);   /* there is no card without an ATR */
    }
    values.primary_provider = values.supported_interfaces = absent;
    assert_true(entry_decode(&values, &entry));
    assert_false(entry.has_provider);
    assert_int_equal(entry.interface_count, 0);
}

/* The mask of an entry is the one of its pattern; without one every bit counts. */
static void test_mask(void **state)
{
    static const uint8_t known[] = { 0x3b, 0x12 }, mask[] = { 0xff, 0xf0 };
    struct entry_values values = { { ENTRY_BINARY, known, 2 }, { ENTRY_BINARY, mask, 2 }, absent, absent };
    struct atr atr = { { 0x3b, 0x15 }, 2 };
    const struct atr_pattern *index;
    struct entry entry;

    (void)state;
    index = &entry.pattern;
    assert_true(entry_decode(&values, &entry));
    assert_int_equal(atr_index_next(&index, 1, &atr, 0), 0);
    values.atr_mask = absent;
    assert_true(entry_decode(&values, &entry));
    assert_int_equal(atr_index_next(&index, 1, &atr, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_mask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
