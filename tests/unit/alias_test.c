/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of core/alias.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include <cmocka.h>

#include "core/alias.h"

static size_t length_of(const char16_t *text)
{
    size_t length = 0;

    while (text[length]) length++;
    return length;
}

/* A copy of exactly so many characters, so that the sanitizer sees its ends. */
static uint16_t *copy(const char16_t *text, size_t length)
{
    uint16_t *copied = malloc(length ? length * sizeof(*copied) : 1);

    assert_non_null(copied);
    memcpy(copied, text, length * sizeof(*copied));
    return copied;
}

static void check_text(const struct alias_text *text, const char16_t *expected)
{
    assert_int_equal(text->length, length_of(expected));
    assert_memory_equal(text->text, expected, text->length * sizeof(*text->text));
}

static void test_variable(void **state)
{
    /* Each entry: its name and reader; no reader: it is malformed, and the name is all of it. */
    static const struct
    {
        const char16_t *text;
        const char16_t *entries[4][2];
    }
    cases[] =
    {
        { u"", { { NULL } } },
        { u" ", { { NULL } } },
        { u";", { { NULL } } },
        { u"; ;;", { { NULL } } },
        { u"a=b", { { u"a", u"b" } } },
        { u"a=b;c=d", { { u"a", u"b" }, { u"c", u"d" } } },
        { u"a=b;", { { u"a", u"b" } } },
        { u";a=b;;c=d", { { u"a", u"b" }, { u"c", u"d" } } },
        { u" a b = c d ;  e=f", { { u"a b", u"c d" }, { u"e", u"f" } } },
        { u"a=b=c", { { u"a", u"b=c" } } },
        { u"a==", { { u"a", u"=" } } },
        { u"a=*", { { u"a", u"*" } } },
        { u"Gemplus USB Smart Card Reader 0=Gemalto*", { { u"Gemplus USB Smart Card Reader 0", u"Gemalto*" } } },
        { u"\u4e2d\u6587=\xd83d\xde00", { { u"\u4e2d\u6587", u"\xd83d\xde00" } } },
        { u"a", { { u"a", NULL } } },
        { u"=", { { u"=", NULL } } },
        { u"=b", { { u"=b", NULL } } },
        { u"a=", { { u"a=", NULL } } },
        { u" a = ; b ;c=d; =e", { { u"a =", NULL }, { u"b", NULL }, { u"c", u"d" }, { u"=e", NULL } } },
    };
    struct alias_text rest;
    struct alias_entry entry;
    uint16_t *text;
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        rest.length = length_of(cases[i].text);
        rest.text = text = copy(cases[i].text, rest.length);
        for (k = 0; k < 4 && cases[i].entries[k][0]; k++)
        {
            assert_int_equal(alias_next(&rest, &entry), cases[i].entries[k][1] ? ALIAS_SOUND : ALIAS_MALFORMED);
            check_text(&entry.name, cases[i].entries[k][0]);
            if (cases[i].entries[k][1]) check_text(&entry.reader, cases[i].entries[k][1]);
        }
        assert_int_equal(alias_next(&rest, &entry), ALIAS_END);
        assert_int_equal(alias_next(&rest, &entry), ALIAS_END);
        free(text);
    }
}

/* The longest names, and longer ones, between two that are sound. */
static void test_lengths(void **state)
{
    static const struct { size_t name, reader; enum alias_status status; } cases[] =
    {
        { ALIAS_MAX_LENGTH, ALIAS_MAX_LENGTH, ALIAS_SOUND },
        { ALIAS_MAX_LENGTH + 1, 1, ALIAS_MALFORMED },
        { 1, ALIAS_MAX_LENGTH + 1, ALIAS_MALFORMED },
        { 30000, 30000, ALIAS_MALFORMED },
    };
    struct alias_text rest;
    struct alias_entry entry;
    uint16_t *text;
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        rest.length = 4 + cases[i].name + 1 + cases[i].reader + 4;
        rest.text = text = malloc(rest.length * sizeof(*text));
        assert_non_null(text);
        for (k = 0; k < rest.length; k++) text[k] = 'x';
        memcpy(text, u"a=b;", 4 * sizeof(*text));
        text[4 + cases[i].name] = '=';
        memcpy(text + rest.length - 4, u";c=d", 4 * sizeof(*text));
        assert_int_equal(alias_next(&rest, &entry), ALIAS_SOUND);
        assert_int_equal(alias_next(&rest, &entry), cases[i].status);
        assert_int_equal(entry.name.length, cases[i].status == ALIAS_SOUND ? cases[i].name
                                            : cases[i].name + 1 + cases[i].reader);
        assert_int_equal(alias_next(&rest, &entry), ALIAS_SOUND);
        check_text(&entry.name, u"c");
        assert_int_equal(alias_next(&rest, &entry), ALIAS_END);
        free(text);
    }
}

static void test_values(void **state)
{
    static const struct
    {
        const char16_t *name, *data;
        size_t data_length, odd;        /* characters, and bytes behind them */
        const char16_t *reader;         /* NULL: the value is damaged */
    }
    cases[] =
    {
        { u"a", u"b", 2, 0, u"b" },
        { u"a", u"b", 1, 0, u"b" },             /* no 0 at its end */
        { u"a", u"b\0\0", 4, 0, u"b" },
        { u"a", u"b\0c", 4, 0, u"b" },
        { u" a=b;c", u" d;e=* ", 8, 0, u" d;e=* " },
        { u"a", u"", 0, 0, NULL },
        { u"a", u"", 1, 0, NULL },
        { u"a", u"\0b", 3, 0, NULL },
        { u"", u"b", 2, 0, NULL },
        { u"a", u"b\0\0", 2, 1, NULL },
        { u"a", u"", 0, 1, NULL },
    };
    uint16_t name[ALIAS_MAX_LENGTH + 1], data[ALIAS_MAX_LENGTH + 2];
    struct alias_entry entry;
    uint16_t *text;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        text = copy(cases[i].data, cases[i].data_length + cases[i].odd);
        assert_int_equal(alias_from_value((const uint16_t *)cases[i].name, length_of(cases[i].name), text,
                                          cases[i].data_length * sizeof(*text) + cases[i].odd, &entry),
                         cases[i].reader != NULL);
        if (cases[i].reader)
        {
            check_text(&entry.name, cases[i].name);
            check_text(&entry.reader, cases[i].reader);
        }
        free(text);
    }

    for (i = 0; i < ALIAS_MAX_LENGTH + 1; i++) name[i] = data[i] = 'x';
    data[ALIAS_MAX_LENGTH + 1] = 0;
    assert_true(alias_from_value(name, ALIAS_MAX_LENGTH, data, 2 * ALIAS_MAX_LENGTH, &entry));
    assert_false(alias_from_value(name, ALIAS_MAX_LENGTH + 1, data, 2 * ALIAS_MAX_LENGTH, &entry));
    assert_false(alias_from_value(name, ALIAS_MAX_LENGTH, data, sizeof(data), &entry));

    /* A name with a 0 in it, at its start and at its end. */
    for (i = 0; i < 3; i++)
    {
        name[i] = 0;
        assert_false(alias_from_value(name, 3, data, 2, &entry));
        name[i] = 'x';
    }
    assert_true(alias_from_value(name, 3, data, 2, &entry));
}

static void test_matches(void **state)
{
    static const struct { const char16_t *pattern, *reader; bool matches; } cases[] =
    {
        { u"Reader 00 00", u"Reader 00 00", true },
        { u"Reader 00 00", u"Reader 00 0", false },
        { u"Reader 00 0", u"Reader 00 00", false },
        { u"reader 00 00", u"Reader 00 00", false },
        { u"Reader ?0 00", u"Reader 00 00", false },
        { u"*", u"Reader 00 00", true },
        { u"*", u"", true },
        { u"**", u"R", true },
        { u"", u"", true },
        { u"", u"R", false },
        { u"Reader*", u"Reader 00 00", true },
        { u"Reader*", u"Reader", true },
        { u"Reader*", u"A Reader", false },
        { u"*00", u"Reader 00 00", true },
        { u"*01", u"Reader 00 00", false },
        { u"*00 00*", u"Reader 00 00", true },
        { u"R*00", u"Reader 00 00", true },
        { u"R*d*00", u"Reader 00 00", true },
        { u"R*x*00", u"Reader 00 00", false },
        { u"*aab", u"aaaab", true },
        { u"*ab*ab", u"abcab", true },
        { u"*ab*ab", u"abcb", false },
        { u"a*b", u"ab", true },
        { u"a*b", u"aXbY", false },
        { u"A*B", u"A*B", true },
        { u"*\u4e2d*", u"\u4e2d\u6587 Reader", true },
        { u"\xd83d*", u"\xd83d\xde00", true },
    };
    uint16_t *pattern, *reader;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        pattern = copy(cases[i].pattern, length_of(cases[i].pattern) + 1);
        reader = copy(cases[i].reader, length_of(cases[i].reader) + 1);
        assert_int_equal(alias_matches(pattern, reader), cases[i].matches);
        free(pattern);
        free(reader);
    }
}

/* A pattern that is made to be slow is not. */
static void test_hostile_pattern(void **state)
{
    uint16_t pattern[ALIAS_MAX_LENGTH + 1], reader[ALIAS_MAX_LENGTH + 1];
    size_t i;

    (void)state;
    for (i = 0; i < ALIAS_MAX_LENGTH; i++)
    {
        pattern[i] = i % 2 ? 'a' : '*';
        reader[i] = 'a';
    }
    pattern[ALIAS_MAX_LENGTH - 1] = 'b';
    pattern[ALIAS_MAX_LENGTH] = reader[ALIAS_MAX_LENGTH] = 0;
    assert_false(alias_matches(pattern, reader));
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_variable),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_hostile_pattern),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
