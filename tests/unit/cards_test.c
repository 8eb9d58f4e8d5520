/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of the plain C parts of tools/cards: ATRs as text, the list of cards, names. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atrlist.h"
#include "atrtext.h"
#include "cardname.h"

/* A copy without a 0 behind it, so that the sanitizer sees every byte read too far. */
static char *copy_exactly(const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, text, size);
    return copy;
}

static const char *parse_atr(const char *text, struct atrtext *parsed)
{
    char *copy = copy_exactly(text, strlen(text));
    const char *fault = atrtext_parse(copy, strlen(text), parsed);

    free(copy);
    return fault;
}

static void test_atrs(void **state)
{
    static const struct
    {
        const char *text, *atr, *mask;
        size_t size;
    }
    cases[] =
    {
        { "3B021450", "\x3b\x02\x14\x50", "\xff\xff\xff\xff", 4 },
        { "3b 02 14 50", "\x3b\x02\x14\x50", "\xff\xff\xff\xff", 4 },
        { " 3b:02:14:50\t", "\x3b\x02\x14\x50", "\xff\xff\xff\xff", 4 },
        { "3B .. 1. .0", "\x3b\x00\x10\x00", "\xff\x00\xf0\x0f", 4 },
        { "[3]B [0]2", "\x3b\x02", "\xff\xff", 2 },
    };
    struct atrtext parsed;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        assert_null(parse_atr(cases[i].text, &parsed));
        assert_int_equal(parsed.count, 1);
        assert_int_equal(parsed.variants[0].atr.size, cases[i].size);
        assert_memory_equal(parsed.variants[0].atr.bytes, cases[i].atr, cases[i].size);
        assert_memory_equal(parsed.variants[0].mask, cases[i].mask, cases[i].size);
    }
}

/* Every variant has its own digits, and all of them are there. */
static void test_sets(void **state)
{
    static const struct
    {
        const char *text;
        unsigned int digits;        /* a bit for each digit of the last half byte */
    }
    cases[] =
    {
        { "3[05]", 1 << 0 | 1 << 5 },
        { "3[0,5]", 1 << 0 | 1 << 5 },
        { "3[1-3]", 1 << 1 | 1 << 2 | 1 << 3 },
        { "3[a-b,F]", 1 << 10 | 1 << 11 | 1 << 15 },
        { "3[0-9A-F]", 0xffff },
        { "3[11]", 1 << 1 },
    };
    struct atrtext parsed;
    unsigned int digits, k;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        assert_null(parse_atr(cases[i].text, &parsed));
        for (k = digits = 0; k < parsed.count; k++)
        {
            assert_int_equal(parsed.variants[k].atr.size, 1);
            assert_int_equal(parsed.variants[k].atr.bytes[0] >> 4, 3);
            assert_int_equal(parsed.variants[k].mask[0], 0xff);
            digits |= 1u << (parsed.variants[k].atr.bytes[0] & 0xf);
        }
        assert_int_equal(digits, cases[i].digits);
        assert_int_equal(parsed.count, (unsigned int)__builtin_popcount(digits));
    }
    assert_null(parse_atr("[23][AB].[0-3]", &parsed));
    assert_int_equal(parsed.count, 16);
    for (i = digits = 0; i < 16; i++)
    {
        assert_int_equal(parsed.variants[i].mask[1], 0x0f);
        digits |= 1u << ((parsed.variants[i].atr.bytes[0] & 1) << 3 | (parsed.variants[i].atr.bytes[0] >> 4 & 1) << 2
                         | parsed.variants[i].atr.bytes[1]);
    }
    assert_int_equal(digits, 0xffff);
}

static void test_bad_atrs(void **state)
{
    static const struct { const char *text, *fault; } cases[] =
    {
        { "", "empty" }, { " : ", "empty" }, { "3", "odd" }, { "3B 0", "odd" }, { "3B 0.*", "any length" },
        { "3G", "characters" }, { "3B;00", "characters" }, { "3[", "brackets" }, { "3[]", "brackets" },
        { "3[5-", "brackets" }, { "3[5-]", "brackets" }, { "3[5-3]", "brackets" }, { "3[x]", "brackets" },
        { "[0-9][0-1]", "more than 16" }, { "3\xc3\xa9", "characters" },
    };
    char text[2 * ATR_MAX_SIZE + 3];
    struct atrtext parsed;
    const char *fault;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        fault = parse_atr(cases[i].text, &parsed);
        assert_true(fault && strstr(fault, cases[i].fault));
    }
    memset(text, '3', sizeof(text));
    assert_null(atrtext_parse(text, 2 * ATR_MAX_SIZE, &parsed));
    assert_non_null(atrtext_parse(text, 2 * ATR_MAX_SIZE + 1, &parsed));
    assert_non_null(atrtext_parse(text, 2 * ATR_MAX_SIZE + 2, &parsed));
}

static void test_format(void **state)
{
    static const uint8_t bytes[ATR_MAX_SIZE] = { 0x3b, 0xa2, 0x14 };
    uint8_t mask[] = { 0xff, 0xf0, 0x00 };
    char text[ATRTEXT_SIZE];

    (void)state;
    assert_true(atrtext_format(bytes, NULL, 3, text));
    assert_string_equal(text, "3B A2 14");
    assert_true(atrtext_format(bytes, mask, 3, text));
    assert_string_equal(text, "3B A. ..");
    mask[1] = 0xf1;
    assert_false(atrtext_format(bytes, mask, 3, text));
    assert_string_equal(text, "3B A2 14");
    assert_true(atrtext_format(bytes, NULL, ATR_MAX_SIZE, text));
    assert_int_equal(strlen(text), ATRTEXT_SIZE - 1);
}

static struct atrlist open_list(const char *text, size_t size)
{
    struct atrlist list = { .text = { text, size } };

    return list;
}

static void test_list(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf# head\n\n3B 00\n\tfirst\n\tmore\n\n3B 01\r\n\t https://example.com\r\n\t second \r\n"
        "3B 02\n#: provider {1}\n# remark\n#: csp  A B \n\tthird\n\t\n3B 03\n\nstray\n   \n\tlost\n3B 04";
    static const struct { unsigned int line; const char *atr, *name; } entries[] =
    {
        { 3, "3B 00", "first" }, { 7, "3B 01", "second" }, { 10, "3B 02", "third" }, { 16, "3B 03", "" },
        { 18, "stray", "lost" }, { 21, "3B 04", "" },
    };
    char *copy = copy_exactly(text, sizeof(text) - 1);
    struct atrlist list = open_list(copy, sizeof(text) - 1);
    struct atrlist_entry entry;
    struct text key, value;
    size_t i, position;

    (void)state;
    assert_int_equal(atrlist_count(&list), sizeof(entries) / sizeof(entries[0]));
    for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
    {
        assert_true(atrlist_next(&list, &entry));
        assert_int_equal(entry.line, entries[i].line);
        assert_true(text_is(entry.atr, entries[i].atr));
        assert_true(text_is(atrlist_name(&entry), entries[i].name));
        position = 0;
        if (i == 2)
        {
            assert_true(atrlist_property(&entry, &position, &key, &value));
            assert_true(text_is(key, "provider") && text_is(value, "{1}"));
            assert_true(atrlist_property(&entry, &position, &key, &value));
            assert_true(text_is(key, "csp") && text_is(value, "A B"));
        }
        assert_false(atrlist_property(&entry, &position, &key, &value));
    }
    assert_false(atrlist_next(&list, &entry));
    free(copy);
    list = open_list("", 0);
    assert_false(atrlist_next(&list, &entry));
}

static void test_names(void **state)
{
    static const struct { const char *text; unsigned int number; uint16_t name[20]; } cases[] =
    {
        { "Card", 1, { 'C', 'a', 'r', 'd' } },
        { "Card", 2, { 'C', 'a', 'r', 'd', ' ', '(', '2', ')' } },
        { "  a \t\n b\x7f", 1, { 'a', ' ', 'b' } },
        { "a\\b", 1, { 'a', '/', 'b' } },
        { "\xc3\xa9\xe2\x82\xac", 1, { 0xe9, 0x20ac } },
        { "\xf0\x9f\x98\x80", 1, { 0xd83d, 0xde00 } },
        { "a\xff" "b\xc0\x80", 1, { 'a', 0xfffd, 'b', 0xfffd, 0xfffd } },
        { "\xed\xa0\x80", 1, { 0xfffd, 0xfffd, 0xfffd } },
        { "\xe2\x82", 1, { 0xfffd, 0xfffd } },
        { "\xf4\x90\x80\x80", 1, { 0xfffd, 0xfffd, 0xfffd, 0xfffd } },
        { "", 1, { 0 } },
        { " \t ", 7, { 0 } },
    };
    uint16_t name[CARDNAME_SIZE];
    char long_text[600], *copy;
    size_t i, length;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        for (length = 0; cases[i].name[length]; length++) continue;
        copy = copy_exactly(cases[i].text, strlen(cases[i].text));
        assert_int_equal(cardname_make(copy, strlen(cases[i].text), cases[i].number, name), length);
        assert_memory_equal(name, cases[i].name, 2 * (length + 1));
        free(copy);
    }
    memset(long_text, 'x', sizeof(long_text));
    assert_int_equal(cardname_make(long_text, sizeof(long_text), 1, name), CARDNAME_SIZE - 1);
    assert_int_equal(cardname_make(long_text, sizeof(long_text), 4000000000u, name), CARDNAME_SIZE - 1);
    assert_int_equal(name[CARDNAME_SIZE - 2], ')');
    memcpy(long_text + CARDNAME_SIZE - 2, "\xf0\x9f\x98\x80", 4); /* one unit too long */
    assert_int_equal(cardname_make(long_text, sizeof(long_text), 1, name), CARDNAME_SIZE - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_atrs),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_bad_atrs),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
