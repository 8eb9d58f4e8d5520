/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The descriptions of virtual cards: what is wrong is refused with a message that helps, what is right is a
 * card. The profile directory is the argument (VCARD_PROFILE_DIR without).
 */

#include "vcard_talk.h"

#define MINIMAL "atr 3B8001 81\nmf {\n"

static void wrong(const char *text, const char *message)
{
    char error[512] = "";
    struct card *parsed = card_parse("card", text, strlen(text), NULL, error, sizeof(error));

    assert_null(parsed);
    if (!strstr(error, message))
        fail_msg("'%s' does not say '%s'", error, message);
}

static void test_wrong_descriptions(void **state)
{
    (void)state;
    wrong("", "card:1: an atr line is missing");
    wrong("atr 3B00\n", "card:2: an mf block is missing");
    wrong("atr 3B\n", "card:1: atr: at least 2 bytes");
    wrong("atr 00 00\n", "TS");
    wrong("atr 3B 80 01\n", "too short");
    wrong("atr 3B 80 80 01 00\n", "TCK");
    wrong("atr 3B 00 00\n", "too long");
    wrong("atr 3B 80\n", "interface bytes");
    wrong("atr 3B F0 00\n", "interface bytes");
    wrong("colour red\n", "card:1: 'colour' is not known here; known are: atr class");
    wrong("atr 3B00 {\n", "a brace cannot stand here");
    wrong("atr 3B0\n", "'3B0' is no pairs of hexadecimal digits");
    wrong("atr \"3B\n", "does not end on its line");
    wrong("atr ; 3B\n", "character 0x3B");
    wrong("pin 01 \"123\"\n", "4 to 8 characters");
    wrong("pin 01 \"1234\" tries 16\n", "from 1 to 15");
    wrong("pin 01 \"1234\"\npin 01 \"1234\"\n", "card:2: PIN 01");
    wrong("key 01 rot13 00\n", "aes128 or 3des");
    wrong("key 01 aes128 00\n", "32 hexadecimal digits");
    wrong("key 01 aes128 000102030405060708090A0B0C0D0E0F use pin 01\n", "pin 01 is not described");
    wrong(MINIMAL, "card:3: the text ends before '}'");
    wrong(MINIMAL "}\nmf {\n}\n", "one mf only");
    wrong(MINIMAL "} 00\n", "one too many after 'mf'");
    wrong(MINIMAL "ef 0001 transparent 0 {\n", "from 1 to 65536");
    wrong(MINIMAL "ef 0001 round 1 {\n", "not 'round'");
    wrong(MINIMAL "ef 3F00 transparent 1 {\n}\n}\n", "reserved");
    wrong(MINIMAL "ef 0001 transparent 1 {\n}\nef 0001 transparent 1 {\n", "card:5: file identifier 0001");
    wrong(MINIMAL "ef 0001 transparent 1 {\ncontent 0000\n", "more than the 1 bytes");
    wrong(MINIMAL "ef 0001 transparent 9 {\ncontent [ [ 00 ]\n", "']' is missing");
    wrong(MINIMAL "ef 0001 transparent 9 {\ncontent 00 ]\n", "']' without '['");
    wrong(MINIMAL "ef 0001 transparent 9 {\ncontent [[[[[[[[[\n", "too many [");
    wrong(MINIMAL "ef 0001 transparent 9 {\nread pin 01\n", "pin 01 is not described");
    wrong(MINIMAL "ef 0001 transparent 9 {\nsfi 1F\n", "at most 1E");
    wrong(MINIMAL "ef 0001 cyclic 2 1 {\nrecord 00\nrecord 00\n", "more records than the 1");
    wrong(MINIMAL "ef 0001 cyclic 2 255 {\n", "from 1 to 254");
    wrong(MINIMAL "df 0001 {\ndf 0002 {\ndf 0003 {\ndf 0004 {\ndf 0005 {\ndf 0006 {\ndf 0007 {\ndf 0008 {\n",
          "8 blocks");
    wrong("include other\n", "cannot be included");
    wrong("object 0001 1 {\n}\nobject 0001 1 {\n", "object 0001 is there twice");
}

/* Damaged anywhere: a card or a message, and no finding of the sanitisers. */
static void test_damaged_descriptions(void **state)
{
    static const char whole[] =
        "atr 3B 80 01 81 # T=1\nclass 00 80\nlengths extended\ndialect iso\n"
        "pin 01 \"1234\" tries 3 invalidated\n"
        "key 01 3des 0123456789ABCDEFFEDCBA9876543210 internal use pin 01\n"
        "object 0101 20 {\ncontent \"text\"\nread key 01\n}\nmf {\nlabel \"x\"\ndf A100 {\naid F001020304\n"
        "ef 0001 transparent 200 {\nsfi 01\npattern\ncontent 61 [ 4F [ 01 02 ] ]\nupdate pin 01\n}\n"
        "ef 0002 cyclic 10 2 {\ndeactivated\nrecord 01 02\nrecord \"two\"\n}\n}\n}\n";
    static const char characters[] = "{}[]\"#\n 0123456789ABCDEFxyz";
    char *text = malloc(sizeof(whole)), error[64];
    unsigned int round, loaded = 0;

    (void)state;
    srand(2);
    for (round = 0; round < 20000; round++)
    {
        size_t length = sizeof(whole) - 1, changes = rand() % 4, from, to;
        struct card *parsed;

        memcpy(text, whole, length);
        for (; changes; changes--)
            text[rand() % length] = characters[rand() % (sizeof(characters) - 1)];
        if (rand() % 4 == 0)
        {
            from = rand() % length;
            to = rand() % length;
            memmove(text + to, text + from, length - (from > to ? from : to));
        }
        if (rand() % 8 == 0)
            length = rand() % length;
        error[0] = 0;
        parsed = card_parse("card", text, length, NULL, error, sizeof(error));
        assert_true(parsed || error[0]);
        loaded += parsed != NULL;
        card_free(parsed);
    }
    free(text);
    assert_true(loaded >= 1 && loaded <= 19999);
}

static void test_missing_description(void **state)
{
    char error[512] = "";

    (void)state;
    assert_null(card_load("/nowhere/at/all", error, sizeof(error)));
    assert_non_null(strstr(error, "/nowhere/at/all: cannot be opened"));
    assert_null(card_load("/", error, sizeof(error)));
}

/* Long lengths in BER, nesting, values over several lines, and no newline at the end. */
static void test_values(void **state)
{
    static const char text[] = MINIMAL "ef 0001 transparent 300 {\n sfi 01\n content 30 [ 04 [ \"ab\" ]\n"
        "  05 [ ] ] # a comment\n content FF\n }\n}";
    char error[512] = "";

    (void)state;
    card = card_parse("card", text, strlen(text), NULL, error, sizeof(error));
    assert_non_null(card);
    talk("00B081000A", "3006 0402 'ab' 0500 FF 00 9000");
}

static void test_profiles(void **state)
{
    size_t length;

    (void)state;
    assert_int_equal(card_atr(card, &length)[0], 0x3B);
    assert_true(length >= 2 && length <= CARD_MAX_ATR);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_wrong_descriptions),
        cmocka_unit_test(test_damaged_descriptions),
        cmocka_unit_test(test_missing_description),
        cmocka_unit_test_teardown(test_values, give_back),
        card_test(test_profiles, "t1"),
        card_test(test_profiles, "t0"),
        card_test(test_profiles, "gsm"),
        card_test(test_profiles, "ext"),
    };

    if (argc > 1)
        profile_dir = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
