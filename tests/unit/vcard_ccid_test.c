/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual card's front for the USB reader of QEMU, with this program as the machine: one that behaves, one that is
 * slow, and one that says what it must not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ccid.h"

#define PATIENCE 3000 /* ms */
#define READER 7
#define NO_READER 0xffffffff

/* The types of messages. */
enum
{
    INIT = 1,
    ERROR,
    READER_ADD,
    READER_REMOVE,
    ATR,
    CARD_REMOVE,
    APDU,
    FLUSH,
    FLUSH_COMPLETE,
};

#define HELLO "VSCD\0\0\0\2\0\0\0\0", 12
#define SUCCESS "\0\0\0\0", 4
#define FAILURE "\0\0\0\1", 4
#define THE_ATR "\x3B\x02\x14\x50", 4

static char directory[] = "/tmp/vcard_ccid_test.XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener = -1, machine = -1;
static struct ccid ccid;
static unsigned int resets, commands;
static bool keeps_silent; /* the card, which answers nothing of itself */

static const uint8_t *some_atr(void *context, size_t *length)
{
    (void)context;
    *length = 4;
    return (const uint8_t *)"\x3B\x02\x14\x50";
}

static void count_reset(void *context)
{
    (void)context;
    resets++;
}

/* Answers with the command turned round. */
static void turn_round(void *context, const uint8_t *command, size_t length)
{
    static uint8_t answer[CARD_MAX_MESSAGE];
    size_t i;

    (void)context;
    commands++;
    for (i = 0; i < length; i++)
        answer[i] = command[length - 1 - i];
    if (!keeps_silent)
        front_answer(&ccid.front, answer, length);
}

static const struct front_events events = { some_atr, count_reset, turn_round };

/* One turn of the program's loop, at most `limit` ms. */
static void turn(int limit)
{
    struct pollfd entry;
    int wait = front_prepare(&ccid.front, &entry);

    if (wait < 0 || wait > limit)
        wait = limit;
    poll(&entry, 1, wait);
    front_run(&ccid.front, entry.revents);
}

static void turns(void)
{
    int i;

    for (i = 0; i < 8; i++)
        turn(5);
}

static void take_card(void)
{
    int64_t end = now_ms() + PATIENCE;

    for (machine = -1; machine < 0 && now_ms() < end; turn(10))
        machine = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(machine >= 0);
}

static void put(uint8_t *bytes, uint32_t number)
{
    bytes[0] = number >> 24;
    bytes[1] = number >> 16;
    bytes[2] = number >> 8;
    bytes[3] = number;
}

static void send_header(uint32_t type, uint32_t reader, uint32_t length)
{
    uint8_t header[12];

    put(header, type);
    put(header + 4, reader);
    put(header + 8, length);
    assert_int_equal(send(machine, header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
}

/* `part` bytes at a time. */
static void say_in_parts(uint32_t type, uint32_t reader, const void *data, size_t length, size_t part)
{
    size_t sent = 0;

    send_header(type, reader, length);
    while (sent < length)
    {
        ssize_t done = send(machine, (const uint8_t *)data + sent, part < length - sent ? part : length - sent,
                            MSG_NOSIGNAL);

        turn(0);
        if (done > 0)
            sent += done;
    }
}

static void say(uint32_t type, uint32_t reader, const void *data, size_t length)
{
    say_in_parts(type, reader, data, length, CARD_MAX_MESSAGE);
}

static void receive_exactly(uint8_t *bytes, size_t length)
{
    int64_t end = now_ms() + PATIENCE;
    size_t have = 0;

    while (have < length && now_ms() < end)
    {
        ssize_t received = recv(machine, bytes + have, length - have, 0);

        if (received > 0)
            have += received;
        else
            turn(10);
    }
    assert_int_equal(have, length);
}

static void expect(uint32_t type, uint32_t reader, const void *data, size_t length)
{
    static uint8_t got[12 + CARD_MAX_MESSAGE];
    uint8_t header[12];

    put(header, type);
    put(header + 4, reader);
    put(header + 8, length);
    receive_exactly(got, 12);
    assert_memory_equal(got, header, 12);
    receive_exactly(got, length);
    assert_memory_equal(got, data, length);
}

static void expect_nothing(void)
{
    char byte;

    turns();
    assert_int_equal(recv(machine, &byte, 1, 0), -1);
}

static void expect_left(void)
{
    char byte;

    turns();
    assert_int_equal(recv(machine, &byte, 1, 0), 0);
    assert_false(ccid.front.connected);
    assert_false(ccid.front.present);
}

/* Everything up to the card that is in the reader. */
static void take_in(void)
{
    expect(INIT, NO_READER, HELLO);
    expect_nothing();
    say(INIT, NO_READER, HELLO);
    expect(READER_ADD, NO_READER, "vcard", 6);
    expect_nothing();
    say(ERROR, READER, SUCCESS);
    expect(ATR, READER, THE_ATR);
    expect_nothing();
    assert_false(ccid.front.present);
    say(ERROR, READER, SUCCESS);
    expect_nothing();
    assert_true(ccid.front.present);
}

static int set_up(void **state)
{
    (void)state;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    unlink(address.sun_path);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 4), 0);
    ccid_init(&ccid, &address, &events, NULL);
    front_insert(&ccid.front);
    resets = commands = 0;
    keeps_silent = false;
    take_card();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    front_close(&ccid.front);
    close(machine);
    close(listener);
    return 0;
}

static void exchange(size_t length, size_t part)
{
    static uint8_t command[CARD_MAX_MESSAGE], answer[CARD_MAX_MESSAGE];
    size_t i;

    for (i = 0; i < length; i++)
        command[i] = answer[length - 1 - i] = i * 31 + length;
    say_in_parts(APDU, READER, command, length, part);
    expect(APDU, READER, answer, length);
}

static void test_exchange(void **state)
{
    static const size_t lengths[] = { 0, 1, 2, 5, 255, 256, 5000, CARD_MAX_MESSAGE };
    size_t i;

    (void)state;
    take_in();
    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        exchange(lengths[i], CARD_MAX_MESSAGE);
    exchange(300, 1);
    exchange(CARD_MAX_MESSAGE, 1000);
    assert_int_equal(commands, 10);
}

static void test_answer_comes_later(void **state)
{
    (void)state;
    take_in();
    keeps_silent = true;
    say(APDU, READER, "ab", 2);
    expect_nothing();
    assert_int_equal(commands, 1);
    front_answer(&ccid.front, (const uint8_t *)"xy", 2);
    front_answer(&ccid.front, (const uint8_t *)"zz", 2); /* nobody asked */
    expect(APDU, READER, "xy", 2);
    expect_nothing();
}

/* A reader that has waited long enough sends another command: each gets one answer, in their order. */
static void test_reader_gives_up(void **state)
{
    (void)state;
    take_in();
    keeps_silent = true;
    say(APDU, READER, "ab", 2);
    say(APDU, READER, "cd", 2);
    expect(ERROR, READER, FAILURE);
    expect_nothing();
    assert_int_equal(commands, 2);
    keeps_silent = false;
    say(APDU, READER, "ef", 2);
    expect(ERROR, READER, FAILURE);
    expect(APDU, READER, "fe", 2);
    expect_nothing();
    front_answer(&ccid.front, (const uint8_t *)"xy", 2);
    expect_nothing();
    exchange(10, 10);
}

/* The machine forgets whom it owed an answer when the card goes: what was sent before it knew gets none. */
static void test_pull_while_an_answer_is_owed(void **state)
{
    (void)state;
    take_in();
    keeps_silent = true;
    say(APDU, READER, "ab", 2);
    expect_nothing();
    front_pull(&ccid.front);
    assert_int_equal(resets, 1);
    assert_false(ccid.front.present);
    front_answer(&ccid.front, (const uint8_t *)"xy", 2);
    expect(CARD_REMOVE, READER, NULL, 0);
    front_insert(&ccid.front);
    keeps_silent = false;
    say(APDU, READER, "ef", 2);
    expect_nothing();
    say(ERROR, READER, SUCCESS);
    expect(ATR, READER, THE_ATR);
    say(ERROR, READER, SUCCESS);
    exchange(10, 10);
    assert_int_equal(commands, 2); /* the one between never reached the card */
}

static void test_pull_and_insert(void **state)
{
    (void)state;
    take_in();
    front_pull(&ccid.front);
    front_pull(&ccid.front);
    expect(CARD_REMOVE, READER, NULL, 0);
    say(ERROR, READER, SUCCESS);
    expect_nothing();
    assert_true(ccid.front.connected);
    front_insert(&ccid.front);
    front_insert(&ccid.front);
    expect(ATR, READER, THE_ATR);

    /* pulled before the reader has said that it is in, and put in again */
    front_pull(&ccid.front);
    front_insert(&ccid.front);
    expect_nothing();
    say(ERROR, READER, SUCCESS);
    expect(CARD_REMOVE, READER, NULL, 0);
    say(ERROR, READER, SUCCESS);
    expect(ATR, READER, THE_ATR);
    say(ERROR, READER, SUCCESS);
    exchange(10, 10);
}

static void test_pull_before_hello(void **state)
{
    (void)state;
    front_pull(&ccid.front);
    expect(INIT, NO_READER, HELLO);
    say(INIT, NO_READER, HELLO);
    expect(READER_ADD, NO_READER, "vcard", 6);
    say(ERROR, READER, SUCCESS);
    expect_nothing();
    front_insert(&ccid.front);
    expect(ATR, READER, THE_ATR);
    say(ERROR, READER, SUCCESS);
    exchange(10, 10);
}

/* A reader that does not want the card is not asked for ever. */
static void test_refused(void **state)
{
    (void)state;
    expect(INIT, NO_READER, HELLO);
    say(INIT, NO_READER, HELLO);
    expect(READER_ADD, NO_READER, "vcard", 6);
    say(ERROR, READER, SUCCESS);
    expect(ATR, READER, THE_ATR);
    say(ERROR, READER, FAILURE);
    expect_nothing();
    assert_true(ccid.front.refused);
    assert_false(ccid.front.present);
    front_insert(&ccid.front);
    expect(ATR, READER, THE_ATR);
    say(ERROR, READER, SUCCESS);
    exchange(10, 10);
    assert_false(ccid.front.refused);
}

static void test_flush(void **state)
{
    (void)state;
    take_in();
    keeps_silent = true;
    say(APDU, READER, "ab", 2);
    say(FLUSH, READER, NULL, 0);
    expect(FLUSH_COMPLETE, READER, NULL, 0);
    front_answer(&ccid.front, (const uint8_t *)"xy", 2);
    expect_nothing();
    keeps_silent = false;
    exchange(10, 10);
}

static void test_machine_restarts(void **state)
{
    int64_t start = now_ms(), away;

    (void)state;
    take_in();
    exchange(10, 10);
    send_header(APDU, READER, 100); /* half a message, which is forgotten */
    turns();
    close(machine);
    turns();
    assert_false(ccid.front.present);
    assert_int_equal(resets, 1);
    take_card();
    away = now_ms() - start;
    assert_true(away >= 500 && away <= PATIENCE);
    take_in();
    exchange(10, 10);
}

/* What the protocol knows no answer to but the general error; the connection stays. */
static void test_nonsense(void **state)
{
    static const uint32_t types[] = { 0, READER_ADD, READER_REMOVE, ATR, CARD_REMOVE, FLUSH_COMPLETE, 10, 0x80000007,
                                      0xffffffff };
    size_t i;

    (void)state;
    take_in();
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
    {
        say(types[i], READER, "abc", 3);
        expect(ERROR, READER, FAILURE);
    }
    say(APDU, READER + 1, "abc", 3);
    expect(ERROR, READER, FAILURE);
    say(ERROR, READER, FAILURE); /* unasked */
    say(ERROR, NO_READER, SUCCESS);
    expect_nothing();
    assert_true(ccid.front.present);
    exchange(10, 10);
    assert_int_equal(commands, 1);
}

/* Whoever says these is no such machine: it is left, and tried again with a new hello. */
static void test_left(void **state)
{
    static const struct
    {
        bool in; /* once the card is in the reader */
        uint32_t type, length;
        const char *data;
    } messages[] =
    {
        { false, INIT, 12, "VSCE\0\0\0\2\0\0\0\0" },
        { false, INIT, 7, "VSCD\0\0\0" },
        { false, INIT, 0, "" },
        { false, ERROR, 4, "\0\0\0\0" },
        { false, APDU, CARD_MAX_MESSAGE + 1, "" },
        { true, INIT, 12, "VSCD\0\0\0\2\0\0\0\0" },
        { true, ERROR, 3, "\0\0\0" },
        { true, ERROR, 8, "\0\0\0\0\0\0\0\0" },
        { true, APDU, CARD_MAX_MESSAGE + 1, "" },
        { true, APDU, 0x80000000, "" },
        { true, APDU, 0xfffffff4, "" }, /* with the header: nothing, in 32 bits */
        { true, 99, 0xffffffff, "" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
    {
        if (messages[i].in)
            take_in();
        else
            expect(INIT, NO_READER, HELLO);
        send_header(messages[i].type, READER, messages[i].length);
        if (messages[i].length <= CARD_MAX_MESSAGE)
            send(machine, messages[i].data, messages[i].length, MSG_NOSIGNAL);
        expect_left();
        close(machine);
        take_card();
    }
    take_in();
    exchange(10, 10);
}

static void test_no_room_for_a_reader(void **state)
{
    (void)state;
    expect(INIT, NO_READER, HELLO);
    say(INIT, NO_READER, HELLO);
    expect(READER_ADD, NO_READER, "vcard", 6);
    say(ERROR, NO_READER, FAILURE);
    expect_left();
}

/* Before the card is in there is no command. */
static void test_command_too_early(void **state)
{
    (void)state;
    say(APDU, READER, "ab", 2);
    take_in();
    assert_int_equal(commands, 0);
    exchange(10, 10);
}

/* A machine that reads nothing, while the card goes in and out. */
static void test_nobody_reads(void **state)
{
    static uint8_t command[CARD_MAX_MESSAGE];
    struct pollfd entry = { .events = POLLOUT };
    int i;

    (void)state;
    take_in();
    entry.fd = machine;
    for (i = 0; i < 100 && poll(&entry, 1, 0) == 1; i++)
    {
        keeps_silent = i & 1;
        send_header(APDU, READER, 1000);
        if (send(machine, command, 1000, MSG_NOSIGNAL) != 1000)
            break;
        turn(0);
        front_answer(&ccid.front, command, sizeof(command));
        front_pull(&ccid.front);
        front_insert(&ccid.front);
    }
    assert_true(commands > 0);
}

static void test_close_takes_the_card_out(void **state)
{
    (void)state;
    take_in();
    front_close(&ccid.front);
    expect(CARD_REMOVE, READER, NULL, 0);
}

#define ccid_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        ccid_test(test_exchange),
        ccid_test(test_answer_comes_later),
        ccid_test(test_reader_gives_up),
        ccid_test(test_pull_while_an_answer_is_owed),
        ccid_test(test_pull_and_insert),
        ccid_test(test_pull_before_hello),
        ccid_test(test_refused),
        ccid_test(test_flush),
        ccid_test(test_machine_restarts),
        ccid_test(test_nonsense),
        ccid_test(test_left),
        ccid_test(test_no_room_for_a_reader),
        ccid_test(test_command_too_early),
        ccid_test(test_nobody_reads),
        ccid_test(test_close_takes_the_card_out),
    };
    int failed;

    if (!mkdtemp(directory))
        return 1;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/card", directory);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(address.sun_path);
    rmdir(directory);
    return failed;
}
