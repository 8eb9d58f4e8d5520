/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unit tests of the reader of logs of exchanges. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exchange_log.h"

#define T "2026-01-31T12:34:56.789Z "
#define DLL "scardsspdata: " T

static struct exchange_log *read_bytes(const char *text, size_t size)
{
    FILE *file = fmemopen((void *)text, size, "rb");
    struct exchange_log *log;

    assert_non_null(file);
    log = exchange_log_read(file);
    assert_non_null(log);
    fclose(file);
    return log;
}

static struct exchange_log *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void is_field(const struct log_field *field, const char *bytes, size_t size)
{
    assert_int_equal(field->size, size);
    assert_memory_equal(field->bytes, bytes, size);
    assert_int_equal(field->hidden_size, 0);
}

/* A log of all kinds of lines, with those of others between them. */
static void test_lines(void **state)
{
    struct exchange_log *log = read_text(
        "0024:fixme:ole:CoSomething stub\n"
        DLL "0x7f0012a4 attach T=1 3B80010A Virtual PCD 00 00\n"
        "00110022\n"
        DLL "0x7f0012a4 00A4000C023F00 > 9000\n"
        "0024:trace:winscard:SCardTransmit 00A4000C023F00 > 9000\r\n"
        DLL "0x7f0012a4 00b0000002 > 1a2B9000\r\n"
        "\r\n"
        DLL "0x7f0012a4 reset\n"
        DLL "0x7f0012a4 00B0000003 ! 80100016\n"
        DLL "0x7f0012a4 attach T=0 3B80010A Virtual PCD 00 00\n"
        DLL "0x7f0012a4 00B0000004 > 6986\n"
        DLL "0x7f0012a4 detach\n");
    const struct log_card *card = &log->cards[0];
    const struct log_entry *entries = card->entries;

    (void)state;
    assert_int_equal(log->count, 1);
    assert_int_equal(log->damaged, 0);
    assert_int_equal(log->exchanges, 4);
    assert_string_equal(card->reader, "Virtual PCD 00 00");
    assert_int_equal(card->atr_size, 4);
    assert_memory_equal(card->atr, "\x3B\x80\x01\x0A", 4);
    assert_int_equal(card->count, 7);
    assert_int_equal(card->exchanges, 4);
    assert_int_equal(entries[0].kind, LOG_CONNECT);
    assert_int_equal(entries[0].protocol, LOG_PROTOCOL_T1);
    assert_int_equal(entries[1].kind, LOG_EXCHANGE);
    assert_int_equal(entries[1].line, 4);
    assert_int_equal(entries[1].protocol, LOG_PROTOCOL_T1);
    assert_false(entries[1].is_transaction);
    is_field(&entries[1].command, "\x00\xA4\x00\x0C\x02\x3F\x00", 7);
    is_field(&entries[1].reply, "\x90\x00", 2);
    is_field(&entries[2].command, "\x00\xB0\x00\x00\x02", 5);
    is_field(&entries[2].reply, "\x1A\x2B\x90\x00", 4);
    assert_int_equal(entries[3].kind, LOG_RESET);
    assert_int_equal(entries[4].kind, LOG_FAILURE);
    assert_int_equal(entries[4].error, 0x80100016);
    assert_int_equal(entries[5].protocol, LOG_PROTOCOL_T0);
    assert_int_equal(entries[6].protocol, LOG_PROTOCOL_T0);
    exchange_log_free(log);
}

/* Two cards at once, one of them through two connections; a handle that comes again leads to another card. */
static void test_cards(void **state)
{
    struct exchange_log *log = read_text(
        DLL "0x1 attach T=1 3B00 Reader A\n"
        DLL "0x2 attach T=1 3B00 Reader B\n"
        DLL "0x3 attach T=1 3B00 Reader A\n"
        DLL "0x1 00000001 > 9000\n"
        DLL "0x2 00000002 > 9000\n"
        DLL "0x3 00000003 > 9000\n"
        DLL "0x1 detach\n"
        DLL "0x1 attach T=1 3B01FF Reader A\n"
        DLL "0x1 00000004 > 9000\n"
        DLL "0x4 00000005 > 9000\n"
        DLL "0x5 attach - - Reader C\n"
        DLL "0x5 00000006 > 9000\n");

    (void)state;
    assert_int_equal(log->damaged, 0);
    assert_int_equal(log->count, 5);
    assert_int_equal(log->cards[0].exchanges, 2);
    assert_int_equal(log->cards[0].entries[2].command.bytes[3], 1);
    assert_int_equal(log->cards[0].entries[3].command.bytes[3], 3);
    assert_int_equal(log->cards[1].exchanges, 1);
    assert_string_equal(log->cards[1].reader, "Reader B");
    assert_int_equal(log->cards[2].exchanges, 1);
    assert_int_equal(log->cards[2].atr_size, 3);
    assert_int_equal(log->cards[3].atr_size, 0);
    assert_string_equal(log->cards[3].reader, "");
    assert_int_equal(log->cards[4].atr_size, 0);
    assert_int_equal(log->cards[4].entries[0].protocol, LOG_PROTOCOL_UNKNOWN);
    exchange_log_free(log);
}

/* What cardinfo writes between what it shows. */
static void test_cardinfo(void **state)
{
    struct exchange_log *log = read_text(
        "Reader:    Virtual PCD 00 00\n"
        "ATR:       3B 80 01 0A\n"
        "  " T "attach T=0 3B80010A Virtual PCD 00 00\n"
        "APDU, 5 bytes\n"
        "  > 00 B0 00 00, 5 bytes\n"
        "  " T "00B0000002 > 1A2B9000\n"
        "  0000  1A 2B    .+\n");

    (void)state;
    assert_int_equal(log->damaged, 0);
    assert_int_equal(log->count, 1);
    assert_int_equal(log->exchanges, 1);
    assert_true(log->cards[0].entries[1].is_transaction);
    assert_int_equal(log->cards[0].entries[1].protocol, LOG_PROTOCOL_T0);
    exchange_log_free(log);
}

static void test_redacted(void **state)
{
    struct exchange_log *log = read_text(
        DLL "0x1 0020000104<4 bytes> > 9000\n"
        DLL "0x1 00A4040006<6 bytes>00 > <16 bytes>9000\n"
        DLL "0x1 00000000 > <65536 bytes>9000\n");
    const struct log_entry *entries = log->cards[0].entries;
    uint8_t reply[18] = { 1, 2, 3, [16] = 0x90 };

    (void)state;
    assert_int_equal(log->exchanges, 3);
    assert_int_equal(entries[0].command.size, 9);
    assert_int_equal(entries[0].command.hidden_at, 5);
    assert_int_equal(entries[0].command.hidden_size, 4);
    assert_int_equal(entries[1].command.size, 12);
    assert_int_equal(entries[2].reply.size, 65538);
    assert_true(log_field_matches(&entries[1].reply, reply, 18));
    assert_false(log_field_matches(&entries[1].reply, reply, 17));
    reply[17] = 1;
    assert_false(log_field_matches(&entries[1].reply, reply, 18));
    assert_true(log_field_matches(&entries[0].command, (const uint8_t *)"\0\x20\0\1\4abcd", 9));
    assert_false(log_field_matches(&entries[0].command, (const uint8_t *)"\0\x20\0\2\4abcd", 9));
    exchange_log_free(log);
}

/* Each of these is no line, but should be one. */
static void test_damaged(void **state)
{
    static const char *const lines[] =
    {
        "scardsspdata: \n",
        "scardsspdata: 2026-01-31T12:34:56Z 0x1 00000001 > 9000\n",
        DLL "00000001 > 9000\n",
        DLL "0x 00000001 > 9000\n",
        DLL "0x11112222333344445 00000001 > 9000\n",
        DLL "0x1 00000001\n",
        DLL "0x1 00000001 >\n",
        DLL "0x1 00000001 > \n",
        DLL "0x1 00000001 > 90\n",
        DLL "0x1 00000001 > 900\n",
        DLL "0x1 00000001 > 9000 \n",
        DLL "0x1 00000001 > 9000fixme:ole\n",
        DLL "0x1 000000 > 9000\n",
        DLL "0x1  > 9000\n",
        DLL "0x1 0000000 > 9000\n",
        DLL "0x1 00000001 ! 8010006\n",
        DLL "0x1 00000001 ! 801000690\n",
        DLL "0x1 00000001 ! 8010006X\n",
        DLL "0x1 00000001 ? 9000\n",
        DLL "0x1 00000001<> > 9000\n",
        DLL "0x1 00000001<0 bytes> > 9000\n",
        DLL "0x1 00000001<-1 bytes> > 9000\n",
        DLL "0x1 00000001<4 byte> > 9000\n",
        DLL "0x1 00000001<100000 bytes> > 9000\n",
        DLL "0x1 00000001<65541 bytes> > 9000\n",
        DLL "0x1 00000001<4 bytes><4 bytes> > 9000\n",
        DLL "0x1 00000001 > 9000",
        "  " T "00000001 > 9000",
        "  " T "00000001\n",
        DLL "0x1 attach\n",
        DLL "0x1 attach T=1\n",
        DLL "0x1 attach T=1 3B00\n",
        DLL "0x1 attach T=1 3B00 \n",
        DLL "0x1 attach T=2 3B00 Reader\n",
        DLL "0x1 attach T=1 3B0 Reader\n",
        DLL "0x1 attach T=1 <2 bytes> Reader\n",
        DLL "0x1 attach T=1 "
            "3B0000000000000000000000000000000000000000000000000000000000000000FF Reader\n",
        DLL "0x1 resets\n",
        DLL "0x1 detached\n",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
    {
        struct exchange_log *log = read_text(lines[i]);

        if (log->damaged != 1 || log->exchanges)
            fail_msg("'%s' is taken for whole", lines[i]);
        exchange_log_free(log);
    }
}

/* A line that another one was written into the middle of; the second is whole. */
static void test_interrupted(void **state)
{
    struct exchange_log *log = read_text(
        DLL "0x1 00A4000C02" DLL "0x1 00B0000002 > 9000\n"
        "words of a program: " DLL "0x1 00B0000003 > 9000\n"
        "  " T "00B00000" DLL "0x1 00B0000004 > 9000\n > 9000\n");

    (void)state;
    assert_int_equal(log->exchanges, 3);
    assert_int_equal(log->count, 1);
    assert_int_equal(log->cards[0].entries[2].command.bytes[4], 4);
    exchange_log_free(log);
}

/* RAW carries anything, also what is no command. */
static void test_raw(void **state)
{
    struct exchange_log *log = read_text(
        DLL "0x1 attach RAW 3B00 Reader\n"
        DLL "0x1 00 > \n"
        DLL "0x1 00C0 > 01\n");

    (void)state;
    assert_int_equal(log->damaged, 0);
    assert_int_equal(log->exchanges, 2);
    assert_int_equal(log->cards[0].entries[1].reply.size, 0);
    exchange_log_free(log);
}

/* The longest exchange that there is, and one byte more; a line without an end that is in sight. */
static void test_sizes(void **state)
{
    size_t size = 2 * (size_t)EXCHANGE_LOG_MAX_FIELD, longest = 1 << 21;
    char *text = malloc(longest), *end;
    struct exchange_log *log;

    (void)state;
    assert_non_null(text);
    end = text + sprintf(text, DLL "0x1 ");
    memset(end, '0', size);
    end += size;
    strcpy(end, " > ");
    memset(end + 3, '9', size);
    end[3 + size] = '\n';
    log = read_bytes(text, end + 3 + size + 1 - text);
    assert_int_equal(log->exchanges, 1);
    assert_int_equal(log->cards[0].entries[0].reply.size, EXCHANGE_LOG_MAX_FIELD);
    exchange_log_free(log);
    memcpy(end + 3 + size, "99\n", 3);
    log = read_bytes(text, end + 3 + size + 3 - text);
    assert_int_equal(log->exchanges, 0);
    assert_int_equal(log->damaged, 1);
    exchange_log_free(log);

    memset(text, '0', longest);
    memcpy(text, DLL "0x1 ", strlen(DLL "0x1 "));
    memcpy(text + longest - 60, "\n" DLL "0x1 000000 > 9000\n", strlen("\n" DLL "0x1 000000 > 9000\n"));
    log = read_bytes(text, longest);
    assert_int_equal(log->damaged, 2);
    exchange_log_free(log);
    memset(text, 'x', longest - 1);
    text[longest - 1] = '\n';
    log = read_bytes(text, longest);
    assert_int_equal(log->damaged, 0);
    exchange_log_free(log);
    free(text);
}

/* More cards and handles than are kept. */
static void test_limits(void **state)
{
    char *text = malloc(300 * 128), *end = text;
    struct exchange_log *log;
    unsigned int i;

    (void)state;
    assert_non_null(text);
    for (i = 0; i < EXCHANGE_LOG_MAX_CARDS + 6; i++)
        end += sprintf(end, DLL "0x%x attach T=1 3B00 Reader %u\n", i, i);
    /* One too many on a handle that led to another card: what comes through it now is no exchange with that one. */
    end += sprintf(end, DLL "0x1 attach T=1 3B00 One more\n" DLL "0x1 00000001 > 9000\n");
    end += sprintf(end, DLL "0x2 00000002 > 9000\n");
    log = read_bytes(text, end - text);
    assert_int_equal(log->count, EXCHANGE_LOG_MAX_CARDS);
    assert_int_equal(log->damaged, 8);
    assert_int_equal(log->exchanges, 1);
    assert_int_equal(log->cards[1].exchanges, 0);
    assert_int_equal(log->cards[2].exchanges, 1);
    exchange_log_free(log);
    for (end = text, i = 1; i <= EXCHANGE_LOG_MAX_HANDLES + 3; i++)
        end += sprintf(end, DLL "0x%x attach T=1 3B00 Reader\n", i);
    end += sprintf(end, DLL "0x%x 00000001 > 9000\n", i - 1);
    log = read_bytes(text, end - text);
    assert_int_equal(log->count, 1);
    assert_int_equal(log->exchanges, 1);
    exchange_log_free(log);
    free(text);
}

/* Behind an "attach" that cannot be understood a handle does not lead where it led before. */
static void test_damaged_attach(void **state)
{
    static const char *const lines[] =
    {
        "attach", "attach ", "attach RA", "attach T=1 ", "attach T=1 3B00", "attach T=1 3B00 ", "attach T=1 3B0 Reader",
        "attach T=1 <2 bytes> Reader", "attached",
        "attach T=1 3B0000000000000000000000000000000000000000000000000000000000000000FF Reader",
    };
    char text[512];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
    {
        struct exchange_log *log;

        snprintf(text, sizeof(text), DLL "0x1 attach T=1 3B00 Reader\n" DLL "0x01 %s\n" DLL "0x1 00000001 > 9000\n",
                 lines[i]);
        log = read_text(text);
        if (log->damaged != 1 || log->count != 2 || log->cards[0].exchanges || log->cards[1].exchanges != 1
            || log->cards[1].atr_size)
            fail_msg("'%s' leaves the handle where it was", lines[i]);
        exchange_log_free(log);
    }
}

/* A short log that says that it had more bytes than there is memory. */
static void test_hidden_bytes(void **state)
{
    enum { LINES = 2000, SIZE = 60000 };
    static const char line[] = DLL "0x1 00000001 > <60000 bytes>9000\n";
    size_t size = strlen(line), i;
    char *text = malloc(LINES * size);
    struct exchange_log *log;

    (void)state;
    assert_non_null(text);
    for (i = 0; i < LINES; i++)
        memcpy(text + i * size, line, size);
    log = read_bytes(text, LINES * size);
    assert_int_equal(log->exchanges, EXCHANGE_LOG_MAX_HIDDEN / SIZE);
    assert_int_equal(log->damaged, LINES - EXCHANGE_LOG_MAX_HIDDEN / SIZE);
    exchange_log_free(log);
    free(text);
}

/* Control characters of a name would be the terminal's, and what is no UTF-8 may be such. */
static void test_names(void **state)
{
    static const char *const names[][2] =
    {
        { "A\x1B[2J\x7F\tB", "A?[2J??B" },
        { "\xC2\x80 \xC2\x9B[2J \xC2\x9F \xC2\xA0", "?? ??[2J ?? \xC2\xA0" },
        { "\x9B[2J", "?[2J" },
        { "L\xC3\xBC \xE2\x82\xAC \xF0\x9F\x92\xB3", "L\xC3\xBC \xE2\x82\xAC \xF0\x9F\x92\xB3" },
        { "\xC3", "?" },
        { "\xE2\x82", "??" },
        { "\xF0\x9F\x92 x", "??? x" },
        { "\xC0\x9B", "??" },
        { "\xE0\x82\x9B", "???" },
        { "\xF0\x80\x82\x9B", "????" },
        { "\xED\xA0\x80", "???" },
        { "\xF4\x90\x80\x80", "????" },
        { "\xF8\x88\x80\x80\x80\xFF", "??????" },
    };
    char text[128];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        struct exchange_log *log;

        snprintf(text, sizeof(text), DLL "0x1 attach T=1 3B00 %s\n", names[i][0]);
        log = read_text(text);
        assert_int_equal(log->count, 1);
        assert_string_equal(log->cards[0].reader, names[i][1]);
        exchange_log_free(log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_cards),
        cmocka_unit_test(test_cardinfo),
        cmocka_unit_test(test_redacted),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_damaged_attach),
        cmocka_unit_test(test_hidden_bytes),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
