/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual card's two connections: the wire to the reader, with this program as a reader that is slow,
 * fast, restarted or absent, and the control port with clients that behave and others.
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
#include <sys/socket.h>

#include "control.h"
#include "front.h"
#include "vpcd.h"

#define PATIENCE 3000 /* ms */

static int listener = -1;
static struct sockaddr_in address;
static struct front vpcd;
static unsigned int resets;
static bool keeps_silent; /* the card, which answers nothing of itself */
static struct control control;
static uint16_t control_port;
static bool insert_done;

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

/* Answers with the message turned round. */
static void turn_round(void *context, const uint8_t *message, size_t length)
{
    static uint8_t answer[CARD_MAX_MESSAGE];
    size_t i;

    (void)context;
    for (i = 0; i < length; i++)
        answer[i] = message[length - 1 - i];
    if (!keeps_silent)
        front_answer(&vpcd, answer, length);
}

static const struct front_events events = { some_atr, count_reset, turn_round };

/* "wait" is done when insert_done says so; the rest is echoed. */
static enum control_result echo(void *context, const char *line, bool again, char *answer, size_t size)
{
    (void)context;
    (void)again;
    snprintf(answer, size, "ok %s", line);
    return !strcmp(line, "wait") && !insert_done ? CONTROL_WAIT : CONTROL_DONE;
}

/* One turn of the program's loop, at most `limit` ms. */
static void turn(int limit)
{
    struct pollfd entries[1 + CONTROL_POLL_ENTRIES];
    int wait;

    control_prepare(&control, entries + 1);
    wait = front_prepare(&vpcd, entries);
    if (wait < 0 || wait > limit)
        wait = limit;
    poll(entries, 1 + CONTROL_POLL_ENTRIES, wait);
    front_run(&vpcd, entries[0].revents);
    control_run(&control, entries + 1);
}

static void listen_again(void)
{
    socklen_t size = sizeof(address);
    int on = 1;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
}

static int accept_card(void)
{
    int64_t end = now_ms() + PATIENCE;
    int card = -1;

    while (card < 0 && now_ms() < end)
    {
        turn(10);
        card = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    }
    return card;
}

static void receive_exactly(int socket, uint8_t *bytes, size_t length)
{
    int64_t end = now_ms() + PATIENCE;
    size_t have = 0;

    while (have < length && now_ms() < end)
    {
        ssize_t received = recv(socket, bytes + have, length - have, 0);

        if (received > 0)
            have += received;
        else
            turn(10);
    }
    assert_int_equal(have, length);
}

/* `part` bytes at a time. */
static void exchange(int socket, size_t length, size_t part)
{
    static uint8_t message[2 + CARD_MAX_MESSAGE], answer[2 + CARD_MAX_MESSAGE];
    size_t sent = 0, i;

    message[0] = length >> 8;
    message[1] = length & 0xFF;
    for (i = 0; i < length; i++)
        message[2 + i] = i * 31 + length;
    while (sent < 2 + length)
    {
        size_t count = part < 2 + length - sent ? part : 2 + length - sent;
        ssize_t done = send(socket, message + sent, count, MSG_NOSIGNAL);

        turn(0);
        if (done > 0)
            sent += done;
    }
    receive_exactly(socket, answer, 2 + length);
    assert_memory_equal(answer, message, 2);
    for (i = 0; i < length; i++)
        assert_int_equal(answer[2 + i], message[2 + length - 1 - i]);
}

static int set_up(void **state)
{
    uint16_t port;

    (void)state;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_again();
    vpcd_init(&vpcd, &address, &events, NULL);
    resets = 0;
    keeps_silent = false;
    front_insert(&vpcd);
    insert_done = false;
    for (port = 20000 + getpid() % 20000; !control_init(&control, port, echo, NULL); port++)
        ;
    control_port = port;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    front_pull(&vpcd);
    control_close(&control);
    close(listener);
    return 0;
}

/* --- the wire --- */

static void test_segments(void **state)
{
    static const size_t lengths[] = { 2, 3, 255, 256, 5000, 65535 };
    int card = accept_card();
    size_t i;

    (void)state;
    assert_true(card >= 0);
    exchange(card, 300, 1);
    exchange(card, 300, 2);
    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        exchange(card, lengths[i], 70000);
    exchange(card, 65535, 1000);
    exchange(card, 0, 1);
    close(card);
}

/* Messages without an answer, and several in one segment. */
static void test_several_in_one(void **state)
{
    static const uint8_t messages[] = { 0, 1, 0, 0, 2, 'a', 'b', 0, 1, 2, 0, 3, 'x', 'y', 'z' };
    uint8_t answers[9];
    int card = accept_card();

    (void)state;
    assert_int_equal(send(card, messages, sizeof(messages), 0), sizeof(messages));
    receive_exactly(card, answers, sizeof(answers));
    assert_memory_equal(answers, "\0\2ba\0\3zyx", sizeof(answers));
    close(card);
}

/* A reader that sends a lot before it reads anything. */
static void test_slow_reader(void **state)
{
    static uint8_t message[2 + CARD_MAX_MESSAGE], answer[2 + CARD_MAX_MESSAGE];
    size_t sent = 0, i, total = 40 * sizeof(message);
    int64_t end = now_ms() + PATIENCE;
    int card = accept_card();

    (void)state;
    message[0] = message[1] = 0xFF;
    message[2] = 1;
    while (sent < total && now_ms() < end)
    {
        size_t at = sent % sizeof(message);
        ssize_t done = send(card, message + at, sizeof(message) - at, MSG_NOSIGNAL);

        if (done > 0)
            sent += done;
        else
            break;
        turn(0);
    }
    assert_true(sent > sizeof(message));
    for (i = 0; i < sent / sizeof(message); i++)
    {
        receive_exactly(card, answer, sizeof(answer));
        assert_int_equal(answer[sizeof(answer) - 1], 1);
    }
    close(card);
}

static void test_reader_restarts(void **state)
{
    int card = accept_card(), i;

    (void)state;
    exchange(card, 10, 100);
    for (i = 0; i < 3; i++)
    {
        close(card);
        close(listener);
        turn(50);
        turn(50);
        assert_false(vpcd.connected);
        listen_again();
        card = accept_card();
        assert_true(card >= 0);
        exchange(card, 10, 100);
    }
    close(card);
}

/* A card that comes back at once is one that pcscd never missed. */
static void test_dropped_card_stays_away(void **state)
{
    int card = accept_card();
    int64_t start = now_ms(), away;

    (void)state;
    exchange(card, 10, 100);
    close(card);
    card = accept_card();
    assert_true(card >= 0);
    away = now_ms() - start;
    assert_true(away >= 500 && away <= PATIENCE);
    exchange(card, 10, 100);
    close(card);
}

static void test_half_a_message_is_forgotten(void **state)
{
    int card = accept_card();

    (void)state;
    assert_int_equal(send(card, "\0\5abc", 5, 0), 5);
    turn(50);
    close(card);
    card = accept_card();
    exchange(card, 10, 100);
    close(card);
}

static void test_pull_and_insert(void **state)
{
    int card = accept_card();
    char byte;

    (void)state;
    exchange(card, 10, 100);
    front_pull(&vpcd);
    turn(50);
    turn(600);
    assert_int_equal(recv(card, &byte, 1, 0), 0);
    close(card);
    assert_int_equal(accept4(listener, NULL, NULL, 0), -1);
    front_insert(&vpcd);
    card = accept_card();
    assert_true(card >= 0);
    exchange(card, 10, 100);
    close(card);
}

/* The reader's own messages: power off and on and reset reach the card, GET ATR is answered. */
static void test_reader_control(void **state)
{
    static const uint8_t messages[] = { 0, 1, 0, 0, 1, 1, 0, 1, 2, 0, 1, 4, 0, 1, 3 };
    uint8_t answers[9];
    int card = accept_card();

    (void)state;
    assert_int_equal(send(card, messages, sizeof(messages), 0), sizeof(messages));
    receive_exactly(card, answers, sizeof(answers));
    assert_memory_equal(answers, "\0\4\x3B\x02\x14\x50\0\1\3", sizeof(answers)); /* 3 is a command */
    assert_int_equal(resets, 3);
    assert_true(vpcd.present);
    close(card);
}

/* A command waits for the answer to the one before it; what resets the card lets it go on, without that answer. */
static void test_answer_comes_later(void **state)
{
    static const uint8_t messages[] = { 0, 2, 'a', 'b', 0, 2, 'c', 'd' };
    uint8_t answers[8];
    int card = accept_card();
    char byte;

    (void)state;
    keeps_silent = true;
    assert_int_equal(send(card, messages, sizeof(messages), 0), sizeof(messages));
    turn(20);
    turn(20);
    assert_true(vpcd.owing);
    assert_int_equal(recv(card, &byte, 1, 0), -1);
    keeps_silent = false;
    front_answer(&vpcd, (const uint8_t *)"xy", 2);
    front_answer(&vpcd, (const uint8_t *)"zz", 2); /* nobody asked */
    receive_exactly(card, answers, sizeof(answers));
    assert_memory_equal(answers, "\0\2xy\0\2dc", sizeof(answers));

    keeps_silent = true;
    assert_int_equal(send(card, "\0\2ab\0\1\1\0\2cd", 11, 0), 11);
    turn(20);
    turn(20);
    assert_int_equal(resets, 1); /* by power on: the first is not owed an answer any more, and the second is */
    front_pull(&vpcd);
    assert_false(vpcd.owing);
    front_answer(&vpcd, (const uint8_t *)"xy", 2);
    assert_int_equal(vpcd.out_length, 0);
    close(card);
}

/* Where nothing listens the card tries again, but no more than some times a second. */
static void test_no_reader(void **state)
{
    int64_t end;
    int turns = 0;

    (void)state;
    close(listener);
    for (end = now_ms() + 1000; now_ms() < end; turns++)
        turn(1000);
    assert_true(turns >= 1 && turns <= 60);
    listen_again();
    assert_true(accept_card() >= 0);
}

/* --- the control port --- */

static int control_client(void)
{
    struct sockaddr_in to = address;
    int client = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_port = htons(control_port);
    assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof(to)), 0);
    turn(50);
    return client;
}

static void say(int client, const char *text)
{
    assert_int_equal(send(client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    turn(50);
}

/* Everything that came; "" for nothing, "-" when the connection is closed and nothing came. */
static const char *heard(int client)
{
    static char text[1024];
    ssize_t received;

    turn(20);
    received = recv(client, text, sizeof(text) - 1, MSG_DONTWAIT);
    if (received <= 0)
        return received ? "" : "-";
    text[received] = 0;
    return text;
}

static void test_control_lines(void **state)
{
    int a = control_client(), b = control_client();

    (void)state;
    say(a, "one\n");
    assert_string_equal(heard(a), "ok one\n");
    say(a, "tw");
    assert_string_equal(heard(a), "");
    say(b, "three\r\n");
    assert_string_equal(heard(b), "ok three\n");
    say(a, "o\nfour\n\n");
    assert_string_equal(heard(a), "ok two\nok four\nok \n");
    close(a);
    say(b, "five\n");
    assert_string_equal(heard(b), "ok five\n");
    close(b);
}

static void test_control_waits(void **state)
{
    int a = control_client(), b = control_client();

    (void)state;
    say(a, "wait\nnext\n");
    assert_string_equal(heard(a), "");
    say(b, "one\n");
    assert_string_equal(heard(b), "ok one\n");
    shutdown(a, SHUT_WR);
    turn(20);
    insert_done = true;
    turn(20);
    assert_string_equal(heard(a), "ok wait\nok next\n");
    assert_string_equal(heard(a), "-");
    close(a);
    close(b);
}

static void test_control_hostile(void **state)
{
    int clients[CONTROL_MAX_CLIENTS + 1], i;
    char garbage[4096];

    (void)state;
    memset(garbage, 'x', sizeof(garbage));
    clients[0] = control_client();
    send(clients[0], garbage, sizeof(garbage), MSG_NOSIGNAL);
    turn(20);
    assert_string_equal(heard(clients[0]), "error the line is too long\n");
    close(clients[0]);

    for (i = 0; i < CONTROL_MAX_CLIENTS + 1; i++)
        clients[i] = control_client();
    assert_string_equal(heard(clients[CONTROL_MAX_CLIENTS]), "-"); /* one too many */
    for (i = 0; i < CONTROL_MAX_CLIENTS + 1; i++)
        close(clients[i]);
    turn(20);
    turn(20);

    clients[0] = control_client();
    send(clients[0], "a\0b\n", 4, 0);
    turn(20);
    assert_string_equal(heard(clients[0]), "ok a\n");
    close(clients[0]);
}

#define wire_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        wire_test(test_segments),
        wire_test(test_several_in_one),
        wire_test(test_slow_reader),
        wire_test(test_reader_restarts),
        wire_test(test_dropped_card_stays_away),
        wire_test(test_half_a_message_is_forgotten),
        wire_test(test_pull_and_insert),
        wire_test(test_reader_control),
        wire_test(test_answer_comes_later),
        wire_test(test_no_reader),
        wire_test(test_control_lines),
        wire_test(test_control_waits),
        wire_test(test_control_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
