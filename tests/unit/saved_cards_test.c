/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of core/saved_cards.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include <cmocka.h>

#include "core/saved_cards.h"

#define HEADER "WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\Machine\\\\Software\n\n#arch=win64\n\n"

static struct saved_cards saved;

/* A copy of exactly the text, so that the sanitizer sees its end. */
static char *start(const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, text, size);
    memset(&saved, 0xa5, sizeof(saved));
    if (saved_cards_start(&saved, copy, size)) return copy;
    free(copy);
    return NULL;
}

static void check_name(const char16_t *expected)
{
    size_t length = 0;

    while (expected[length]) length++;
    assert_memory_equal(saved.name, expected, (length + 1) * sizeof(*expected));
}

static void check_bytes(const struct entry_value *value, const char *expected, size_t size)
{
    assert_int_equal(value->kind, ENTRY_BINARY);
    assert_int_equal(value->size, size);
    assert_memory_equal(value->bytes, expected, size);
}

/* What Wine 10 writes. */
static void test_wine(void **state)
{
    static const char text[] = HEADER
        "[] 1795763930\n#time=1dd7e3f8cb9d52e\n\"root\"=\"r\"\n\"ATR\"=hex:01\n\n"
        "[ lead ] 1795763930\n#time=1dd7e3f8cb9aebe\n@=\"\"\n"
        "\"ATR\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,\\\n"
        "  17,18,19,1a,1b,1c,1d,1e,1f,20\n"
        "\"ATRMask\"=hex(1):61,00,62\n\"d\"=dword:abababab\n\"m\"=str(7):\"a\\0b\\0\"\n\"n\"=hex(0):ab,ab,ab,\\\n  01\n"
        "\"q\\\"\\\\x\"=\"te\\\\xt\\\"\\n\\\\\"\n\"x\"=str(2):\"a\"\n\n"
        "[a\\]b\\[c] 1795763929\n#class=\"my\\\"class\"\n\"atr\"=hex:\n\"ATRMASK\"=hex:ff\n\n"
        "[line\\nfeed\\t\\e\\1z\\0017\x7f\\a\\b\\v\\f\\r] 1\n#time=1\n\n"
        "[line\\nfeed\\t\\e\\1z\\0017\x7f\\a\\b\\v\\f\\r\\\\sub\\[x\\]] 1\n\"ATR\"=hex:ab,ab,ab\n\n"
        "[only sub\\\\sub] 1795763930\n\"ATR\"=hex:ab,ab\n\n"
        "[only sub\\\\tub\\\\deep] 1795763930\n\n"
        "[q\"uote] 1\n\"Primary Provider\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f\n"
        "\"supported interfaces\"=hex:00,01\n\n"
        "[\\x212af\\x4e2d\\xd83d] 1\n\n"
        "[\\x00e9abc\\x85g] 1\n\n";
    char *copy = start(text, sizeof(text) - 1);
    char expected[33];
    int i;

    (void)state;
    assert_non_null(copy);
    for (i = 0; i < 33; i++) expected[i] = (char)i;
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name(u" lead ");
    check_bytes(&saved.values.atr, expected, 33);
    assert_int_equal(saved.values.atr_mask.kind, ENTRY_UNUSABLE);
    assert_int_equal(saved.values.primary_provider.kind, ENTRY_ABSENT);
    assert_int_equal(saved.values.supported_interfaces.kind, ENTRY_ABSENT);
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name(u"a]b[c");
    check_bytes(&saved.values.atr, "", 0);
    check_bytes(&saved.values.atr_mask, "\xff", 1);
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name(u"line\nfeed\t\x1b\x01z\x01" u"7\x7f\a\b\v\f\r");
    assert_int_equal(saved.values.atr.kind, ENTRY_ABSENT);
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name(u"q\"uote");
    check_bytes(&saved.values.primary_provider, expected, 16);
    check_bytes(&saved.values.supported_interfaces, expected, 2);
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name((const char16_t[]){ 0x212a, 'f', 0x4e2d, 0xd83d, 0 });
    assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
    check_name(u"\u00e9abc\x85g");
    assert_int_equal(saved_cards_next(&saved), SAVED_END);
    assert_int_equal(saved_cards_next(&saved), SAVED_END);
    assert_int_equal(saved.count, 7);
    free(copy);
}

/* The last status of a text, and how many cards are before it. */
static enum saved_status read_all(const char *text, size_t size, size_t *cards)
{
    char *copy = start(text, size);
    enum saved_status status = SAVED_UNREADABLE;

    for (*cards = 0; copy && (status = saved_cards_next(&saved)) == SAVED_CARD; ++*cards) ;
    free(copy);
    return status;
}

/* Cut anywhere: what is there is read, or nothing. */
static void test_cut(void **state)
{
    static const char text[] = HEADER "[a] 1\n#time=1\n\"ATR\"=hex:3b,\\\n  00\n\n[b] 2\n@=\"\"\n\n";
    size_t size, cards, whole = 0;

    (void)state;
    for (size = 0; size < sizeof(text); size++)
    {
        if (read_all(text, size, &cards) != SAVED_END) continue;
        whole++;
        assert_true(text[size - 1] == '\n');
        assert_int_equal(cards, saved.count);
        if (cards) check_name(cards == 1 ? u"a" : u"b");
        if (size == sizeof(text) - 1) assert_int_equal(cards, 2);
        /* between the two lines of the value */
        assert_true(size < 14 || memcmp(text + size - 2, "\\\n", 2));
    }
    assert_true(whole > 8);
}

/* What is not of this form, or tells too little. */
static void test_unreadable(void **state)
{
    static const char *const texts[] =
    {
        "", "WINE REGISTRY Version 1\n", "wine registry version 2\n", "regf", "WINE REGISTRY Version 2",
        HEADER "x\n", HEADER "#link\n", HEADER "#something\n", HEADER "=\n",
        HEADER "[a] 1\n#link\n\"SymbolicLinkValue\"=hex(6):5c,00\n",
        HEADER "[a] 1\n#linked\n",
        HEADER "[a\n] 1\n", HEADER "[a", HEADER "[a]", HEADER "[a] 1", HEADER "[a\\", HEADER "[a\\]\n",
        HEADER "[\\y] 1\n", HEADER "[\\x] 1\n", HEADER "[\\xg] 1\n", HEADER "[\\0] 1\n", HEADER "[\\x0] 1\n",
        HEADER "[\\x0000] 1\n", HEADER "[\\8] 1\n", HEADER "[\\\"] 1\n", HEADER "[\x01] 1\n", HEADER "[\xe9] 1\n",
        HEADER "[\\\\] 1\n[] 1\n[\\\\] 1\n[x\\y] 1\n",
        HEADER "[a] 1\n[a] 1\n", HEADER "[a\\\\b] 1\n[a] 1\n",
        HEADER "[a] 1\n\"ATR\n", HEADER "[a] 1\n\"ATR\"hex:00\n", HEADER "[a] 1\n\"ATR\"=hex:00",
        HEADER "[a] 1\n\"ATR\"=",
        HEADER "[a] 1\n\"ATR\"=hex:0\n", HEADER "[a] 1\n\"ATR\"=hex:0g\n", HEADER "[a] 1\n\"ATR\"=hex:00,\n",
        HEADER "[a] 1\n\"ATR\"=hex:00,,00\n", HEADER "[a] 1\n\"ATR\"=hex:00 \n", HEADER "[a] 1\n\"ATR\"=hex:0A\n",
        HEADER "[a] 1\n\"ATR\"=hex:00,\\\n01\n", HEADER "[a] 1\n\"ATR\"=hex:00\\\n  01\n",
        HEADER "[a] 1\n\"ATR\"=hex:00\n\"atr\"=hex:00\n", HEADER "[a] 1\n\"ATR\"=\"\"\n\"ATR\"=hex:00\n",
        HEADER "[a] 1\n\"\\", HEADER "[a] 1\n\"x\"=hex:00,\\\n",
        HEADER "[a] 1\n\"x\"=hex:00,\\", HEADER "[a] 1\n@", HEADER "[a] 1\n;",
        HEADER "[a] 1\n\"ATRMas\\x212a\"=hex:00\n", HEADER "[a] 1\n\"ATR\"=hex:\\\n  00\n",
        HEADER "[a] 1\n\"x\\\n\"=hex:00\n", HEADER "[a\\\n] 1\n", HEADER "[a] 1\n\"x\"=hex:00,\\\n[b] 1\n",
        HEADER "[a] 1\n\"x\"=hex:00,\\\n\"ATR\"=hex:00\n",
    };
    size_t i, cards;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        if (read_all(texts[i], strlen(texts[i]), &cards) != SAVED_UNREADABLE) fail_msg("Read: %s", texts[i]);
    }
}

/* Sizes: of names and of values. */
static void test_limits(void **state)
{
    static char text[65536];
    size_t length, size, cards;

    (void)state;
    for (length = 250; length < 260; length++)
    {
        memset(text, 0, sizeof(text));
        strcat(text, HEADER "[");
        while (strlen(text) < sizeof(HEADER) + length) strcat(text, "n");
        strcat(text, "] 1\n\"ATR\"=hex:3b\n[z] 1\n");
        assert_int_equal(read_all(text, strlen(text), &cards), SAVED_END);
        assert_int_equal(cards, length <= SAVED_NAME_MAX ? 2 : 1);
        assert_int_equal(saved.count, 2);
    }
    for (size = ENTRY_MAX_VALUE - 1; size < ENTRY_MAX_VALUE + 3; size++)
    {
        static const char before[] = HEADER "[a] 1\n\"Supported Interfaces\"=hex:";
        char *copy;
        size_t i;

        strcpy(text, before);
        for (i = 0; i < size; i++) strcpy(text + strlen(before) + 3 * i, "a5,");
        text[strlen(text) - 1] = '\n';
        assert_non_null(copy = start(text, strlen(text)));
        assert_int_equal(saved_cards_next(&saved), SAVED_CARD);
        assert_int_equal(saved.values.supported_interfaces.kind,
                         size <= ENTRY_MAX_VALUE ? ENTRY_BINARY : ENTRY_UNUSABLE);
        if (size <= ENTRY_MAX_VALUE) assert_int_equal(saved.values.supported_interfaces.size, size);
        assert_int_equal(saved_cards_next(&saved), SAVED_END);
        free(copy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_wine),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
