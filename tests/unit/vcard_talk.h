/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Talking to a virtual card in a unit test: talk(command, expected) sends one command and wants exactly that
 * reply, SW1 SW2 included. Both are hexadecimal digits, 'text' and blanks.
 */

#ifndef TESTS_UNIT_VCARD_TALK_H
#define TESTS_UNIT_VCARD_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "card.h"

#ifndef VCARD_PROFILE_DIR
#define VCARD_PROFILE_DIR "tools/vcard/profiles"
#endif

#define MAX_BYTES 2048

static const char *profile_dir = VCARD_PROFILE_DIR;
static struct card *card;
static uint8_t reply[CARD_MAX_MESSAGE];
static size_t reply_length;

static size_t to_bytes(const char *text, uint8_t *bytes)
{
    size_t length = 0;
    unsigned int byte;

    while (*text)
    {
        assert_true(length < MAX_BYTES);
        if (*text == ' ')
            text++;
        else if (*text == '\'')
        {
            for (text++; *text != '\''; text++)
                bytes[length++] = *text;
            text++;
        }
        else
        {
            assert_int_equal(sscanf(text, "%2x", &byte), 1);
            bytes[length++] = byte;
            text += 2;
        }
    }
    return length;
}

/* From an exact copy on the heap, so that the sanitiser sees a read beyond the command. */
static uint16_t send_bytes(const uint8_t *bytes, size_t length)
{
    uint8_t *command = malloc(length ? length : 1);

    memcpy(command, bytes, length);
    reply_length = card_command(card, command, length, reply);
    free(command);
    assert_true(reply_length >= 2 && reply_length <= CARD_MAX_MESSAGE);
    return reply[reply_length - 2] << 8 | reply[reply_length - 1];
}

static uint16_t send_text(const char *text)
{
    uint8_t bytes[MAX_BYTES];

    return send_bytes(bytes, to_bytes(text, bytes));
}

static void check(const char *command, const char *expected, int line)
{
    uint8_t bytes[MAX_BYTES];
    size_t length = to_bytes(expected, bytes), i;

    send_text(command);
    if (reply_length == length && !memcmp(reply, bytes, length))
        return;
    print_error("%s\n  expected %s\n  answered ", command, expected);
    for (i = 0; i < reply_length && i < 80; i++)
        print_error("%02X", reply[i]);
    print_error("\n");
    _fail(__FILE__, line);
}

#define talk(command, expected) check(command, expected, __LINE__)

static int take(void **state)
{
    char path[4096], error[512] = "";

    snprintf(path, sizeof(path), "%s/%s", profile_dir, (const char *)*state);
    card = card_load(path, error, sizeof(error));
    if (!card)
        print_error("%s\n", error);
    return card ? 0 : -1;
}

static int give_back(void **state)
{
    (void)state;
    card_free(card);
    card = NULL;
    return 0;
}

/* A test on a card of its own from the profile. */
#define card_test(function, profile) \
    cmocka_unit_test_prestate_setup_teardown(function, take, give_back, (void *)profile)

#endif
