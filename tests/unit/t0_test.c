/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The T=0 procedures, core/t0.c, against cards that follow a script and against hostile ones. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/t0.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_EXCHANGES = 8, GET_RESPONSE_CLA = 0xa0 };

/*
 * Bytes are hexadecimal digits and blanks; {10-20} stands for the bytes 10 to 19 of the data that a card has.
 * The class of GET RESPONSE is always A0.
 */
struct script
{
    const char *name;
    const char *apdu;
    struct
    {
        const char *tpdu, *answer;
    } exchanges[MAX_EXCHANGES];
    const char *reply;      /* NULL: a protocol error */
};

static const struct script scripts[] =
{
    /* How the cases go out. */
    { "case 1", "00A40000", { { "00A4000000", "9000" } }, "9000" },
    { "case 2", "00B0010205", { { "00B0010205", "{0-5} 9000" } }, "{0-5} 9000" },
    { "case 2, Le 255", "00B00000FF", { { "00B00000FF", "{0-255} 9000" } }, "{0-255} 9000" },
    { "case 2, Le 256", "00B0000000", { { "00B0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "case 2, extended, Le 5", "00B00000 000005", { { "00B0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "case 2, extended, Le 300", "00B00000 00012C", { { "00B0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "case 2, extended, Le 65536", "00B00000 000000", { { "00B0000000", "{0-9} 9000" } }, "{0-9} 9000" },
    { "case 3", "00D60102 03 010203", { { "00D60102 03 010203", "9000" } }, "9000" },
    { "case 3, Lc 255", "00D60000 FF {0-255}", { { "00D60000 FF {0-255}", "9000" } }, "9000" },
    { "case 3, extended", "00D60000 000003 010203", { { "00D60000 03 010203", "9000" } }, "9000" },
    { "case 4", "00880000 02 0102 08", { { "00880000 02 0102", "9000" } }, "9000" },
    { "case 4, extended", "00880000 000002 0102 0000", { { "00880000 02 0102", "9000" } }, "9000" },
    { "case 4, extended, Lc 255", "00880000 0000FF {0-255} 0101",
      { { "00880000 FF {0-255}", "9000" } }, "9000" },

    /* Status words that are the reply as it is. */
    { "case 2, error", "00B0000005", { { "00B0000005", "6A82" } }, "6A82" },
    { "case 2, warning with data", "00B0000005", { { "00B0000005", "{0-3} 6282" } }, "{0-3} 6282" },
    { "case 3, 63Cx", "00200001 02 3132", { { "00200001 02 3132", "63C2" } }, "63C2" },
    { "case 4, 9F of GSM", "A0A40000 02 7F20 00", { { "A0A40000 02 7F20", "9F16" } }, "9F16" },
    { "case 4, 62xx", "00A40000 02 3F00 00", { { "00A40000 02 3F00", "6283" } }, "6283" },
    { "case 1, 61xx", "00A40000", { { "00A4000000", "6105" } }, "6105" },
    { "case 3, 61xx", "00A40000 02 3F00", { { "00A40000 02 3F00", "6120" } }, "6120" },
    { "case 1, 6Cxx", "00A40000", { { "00A4000000", "6C05" } }, "6C05" },
    { "case 3, 6Cxx", "00A40000 02 3F00", { { "00A40000 02 3F00", "6C20" } }, "6C20" },
    { "case 4, 6Cxx", "00A40000 02 3F00 00", { { "00A40000 02 3F00", "6C20" } }, "6C20" },
    { "case 1, unexpected data", "00A40000", { { "00A4000000", "{0-9} 9000" } }, "{0-9} 9000" },
    { "case 3, unexpected data and 61xx", "00A40000 02 3F00",
      { { "00A40000 02 3F00", "{0-9} 6105" } }, "{0-9} 6105" },

    /* 6Cxx. */
    { "6C shorter", "00B0000000",
      { { "00B0000000", "6C07" }, { "00B0000007", "{0-7} 9000" } }, "{0-7} 9000" },
    { "6C longer than Ne", "00B0010203",
      { { "00B0010203", "6C07" }, { "00B0010207", "{0-7} 9000" } }, "{0-3} 9000" },
    { "6C 256", "00B0000003", { { "00B0000003", "6C00" }, { "00B0000000", "{0-256} 9000" } }, "{0-3} 9000" },
    { "6C with data, which is dropped", "00B0000009",
      { { "00B0000009", "{50-59} 6C02" }, { "00B0000002", "{0-2} 9000" } }, "{0-2} 9000" },
    { "6C once only", "00B0000009", { { "00B0000009", "6C02" }, { "00B0000002", "6C03" } }, "6C03" },
    { "6C, then an error", "00B0000009", { { "00B0000009", "6C02" }, { "00B0000002", "6982" } }, "6982" },
    { "6C, then 61", "00B0000009",
      { { "00B0000009", "6C02" }, { "00B0000002", "{0-2} 6104" }, { "A0C0000004", "{2-6} 9000" } },
      "{0-6} 9000" },
    { "6C to a GET RESPONSE", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "6C05" }, { "A0C0000005", "{0-5} 9000" } },
      "{0-5} 9000" },
    { "6C to a GET RESPONSE, longer than Ne", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000004", "6C20" }, { "A0C0000020", "{0-32} 9000" } },
      "{0-4} 9000" },
    { "6C twice to a GET RESPONSE", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "6C05" }, { "A0C0000005", "6C06" } }, "6C06" },
    { "6C to each GET RESPONSE", "00B0000009",
      { { "00B0000009", "6C08" }, { "00B0000008", "{0-1} 6104" }, { "A0C0000004", "6C03" },
      { "A0C0000003", "{1-4} 6102" }, { "A0C0000002", "6C01" }, { "A0C0000001", "{4-5} 9000" } },
      "{0-5} 9000" },

    /* 61xx. */
    { "61", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "{0-32} 9000" } }, "{0-32} 9000" },
    { "61 of more than Ne", "00A40000 02 3F00 05",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000005", "{0-5} 611B" } }, "{0-5} 611B" },
    { "61 of 256", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6100" }, { "A0C0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "61 of 256, Ne 255", "00A40000 02 3F00 FF",
      { { "00A40000 02 3F00", "6100" }, { "A0C00000FF", "{0-255} 6101" } }, "{0-255} 6101" },
    { "61 of 255, Ne 256", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "61FF" }, { "A0C00000FF", "{0-255} 9000" } }, "{0-255} 9000" },
    { "61 to case 2", "00CA006600",
      { { "00CA006600", "6104" }, { "A0C0000004", "{0-4} 9000" } }, "{0-4} 9000" },
    { "61 with data", "00CA006608",
      { { "00CA006608", "{0-3} 6110" }, { "A0C0000005", "{3-8} 9000" } }, "{0-8} 9000" },
    { "61 with all of the data", "00CA006608", { { "00CA006608", "{0-8} 6110" } }, "{0-8} 6110" },
    { "61 with more than Ne", "00CA006608", { { "00CA006608", "{0-30} 6110" } }, "{0-8} 6110" },
    { "61 in a row", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6105" }, { "A0C0000005", "{0-5} 6106" }, { "A0C0000006", "{5-11} 6107" },
      { "A0C0000007", "{11-18} 9000" } }, "{0-18} 9000" },
    { "61, then an error", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6105" }, { "A0C0000005", "{0-5} 6106" }, { "A0C0000006", "6F00" } },
      "{0-5} 6F00" },
    { "Ne 600 in parts of 256", "00880000 000001 AA 0258",
      { { "00880000 01 AA", "6100" }, { "A0C0000000", "{0-256} 6100" }, { "A0C0000000", "{256-512} 6100" },
      { "A0C0000058", "{512-600} 61A8" } }, "{0-600} 61A8" },
    { "Ne 600 of case 2", "00B00000 000258",
      { { "00B0000000", "{0-256} 6100" }, { "A0C0000000", "{256-512} 6100" },
      { "A0C0000058", "{512-600} 9000" } }, "{0-600} 9000" },
    { "a GET RESPONSE of the program's own", "00C0000005",
      { { "00C0000005", "{0-2} 6103" }, { "A0C0000003", "{2-5} 9000" } }, "{0-5} 9000" },

    /* More than was asked for. */
    { "case 2, too much", "00B0000005", { { "00B0000005", "{0-9} 9000" } }, "{0-5} 9000" },
    { "GET RESPONSE, too much", "00A40000 02 3F00 09",
      { { "00A40000 02 3F00", "6104" }, { "A0C0000004", "{0-6} 6104" }, { "A0C0000003", "{6-60} 9000" } },
      "{0-9} 9000" },
    { "too much of everything", "00B00000 000000",
      { { "00B0000000", "{0-65535} 6100" }, { "A0C0000001", "{65535-131071} 6100" } }, "{0-65536} 6100" },
    { "too much at once", "00B0000001", { { "00B0000001", "{0-65536} 9000" } }, "{0-1} 9000" },
    { "without Le all there can be", "00A40000", { { "00A4000000", "{0-65536} 9000" } }, "{0-65536} 9000" },

    /* Cards that do not keep to the protocol. */
    { "no answer", "00A40000", { { "00A4000000", "" } }, NULL },
    { "half an answer", "00A40000", { { "00A4000000", "90" } }, NULL },
    { "half an answer, case 2", "00B0000005", { { "00B0000005", "6C" } }, NULL },
    { "half an answer after 6C", "00B0000005", { { "00B0000005", "6C04" }, { "00B0000004", "61" } }, NULL },
    { "half an answer to a GET RESPONSE", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "61" } }, NULL },
    { "61 without data twice", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6104" }, { "A0C0000004", "6104" } }, NULL },
    { "61 without data twice, after data", "00B0000005",
      { { "00B0000005", "{0-1} 6104" }, { "A0C0000004", "{1-2} 6103" }, { "A0C0000003", "6103" },
      { "A0C0000003", "6103" } }, NULL },
    { "61 without data twice, 6C between", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "6C02" },
      { "A0C0000002", "6103" } }, NULL },
    { "61 without data once", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "{0-3} 9000" } }, "{0-3} 9000" },
    { "61 without data, but not in a row", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "{0-1} 6103" },
      { "A0C0000003", "6102" }, { "A0C0000002", "{1-3} 9000" } }, "{0-3} 9000" },
    { "61 without data, then an error", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6104" }, { "A0C0000004", "6985" } }, "6985" },
};

static uint8_t card_data(size_t i)
{
    return (i * 7 + 1) % 251;
}

/* Exactly as large as it has to be, so that the address sanitizer sees every byte too many. */
static uint8_t *create_reply(void)
{
    uint8_t *reply = calloc(1, T0_REPLY_SIZE);

    assert_non_null(reply);
    return reply;
}

/* The bytes that a script describes. */
static size_t to_bytes(const char *text, uint8_t *bytes, size_t room)
{
    size_t size = 0, from, to;
    unsigned int byte;
    int used;

    while (*text)
    {
        if (*text == ' ')
            text++;
        else if (sscanf(text, "{%zu-%zu}%n", &from, &to, &used) == 2)
        {
            for (text += used; from < to && size < room; from++)
                bytes[size++] = card_data(from);
            assert_int_equal(from, to);
        }
        else
        {
            assert_true(size < room && sscanf(text, "%2x", &byte) == 1);
            bytes[size++] = byte;
            text += 2;
        }
    }
    return size;
}

static void check_bytes(const char *name, const uint8_t *bytes, size_t size, const char *expected)
{
    static uint8_t buffer[APDU_MAX_REPLY];
    size_t expected_size = to_bytes(expected, buffer, sizeof(buffer));

    if (size != expected_size || (size && memcmp(bytes, buffer, size)))
        fail_msg("%s: %zu bytes, not the %zu of %s", name, size, expected_size, expected);
}

/* The card answers: nothing is written or left behind what is kept. */
static enum t0_status answer(struct t0 *t0, const uint8_t *bytes, size_t size)
{
    size_t room, kept = t0->reply_size;
    uint8_t *place = t0_room(t0, &room);
    enum t0_status status;

    assert_ptr_equal(place, t0->reply + kept);
    assert_true(room >= APDU_MAX_REPLY && room <= T0_REPLY_SIZE - kept && size <= room);
    if (size)
        memcpy(place, bytes, size);
    status = t0_received(t0, size);
    assert_true(t0->reply_size >= kept && t0->reply_size <= kept + size);
    for (place = t0->reply + t0->reply_size; place < t0->reply + kept + size; place++)
        assert_int_equal(*place, 0);
    assert_int_equal(t0->tpdu_size != 0, status == T0_SEND);
    return status;
}

static void check_over(struct t0 *t0)
{
    static const uint8_t success[2] = { 0x90, 0x00 };
    size_t size = t0->reply_size, room, i;

    memcpy(t0_room(t0, &room), success, sizeof(success));
    assert_int_equal(t0_received(t0, sizeof(success)), T0_PROTOCOL_ERROR);
    assert_int_equal(t0->reply_size, size);
    t0_wipe(t0);
    for (i = 0; i < sizeof(t0->tpdu); i++)
        assert_int_equal(t0->tpdu[i], 0);
}

static void check_script(const struct script *script)
{
    static uint8_t bytes[APDU_MAX_REPLY];
    uint8_t *reply = create_reply();
    enum t0_status status = T0_SEND;
    struct apdu apdu;
    struct t0 t0;
    size_t size, i;

    assert_true(apdu_parse(&apdu, bytes, to_bytes(script->apdu, bytes, sizeof(bytes))));
    assert_true(t0_start(&t0, &apdu, GET_RESPONSE_CLA, reply));
    for (i = 0; i < MAX_EXCHANGES && script->exchanges[i].tpdu; i++)
    {
        if (status != T0_SEND)
            fail_msg("%s: ended before exchange %zu", script->name, i);
        check_bytes(script->name, t0.tpdu, t0.tpdu_size, script->exchanges[i].tpdu);
        size = to_bytes(script->exchanges[i].answer, bytes, sizeof(bytes));
        status = answer(&t0, bytes, size);
    }
    if (status != (script->reply ? T0_DONE : T0_PROTOCOL_ERROR))
        fail_msg("%s: status %d", script->name, status);
    if (script->reply)
        check_bytes(script->name, t0.reply, t0.reply_size, script->reply);
    check_over(&t0);
    free(reply);
}

static void test_scripts(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(scripts); i++)
        check_script(&scripts[i]);
}

static void test_refused(void **state)
{
    static uint8_t data[256];
    static const struct apdu apdus[] =
    {
        { 0, 0xd6, 0, 0, data, 256, 0 },
        { 0, 0xd6, 0, 0, data, 256, 1 },
        { 0, 0xd6, 0, 0, data, UINT32_MAX, 0 },
        { 0, 0xb0, 0, 0, NULL, 0, 65537 },
    };
    struct t0 t0;
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(apdus); i++)
        assert_false(t0_start(&t0, &apdus[i], 0, data));
}

static void test_get_response_class(void **state)
{
    static const uint8_t more[2] = { 0x61, 0x05 };
    uint8_t *reply = create_reply();
    unsigned int cla;

    (void)state;
    for (cla = 0; cla < 256; cla++)
    {
        struct apdu apdu = { 0x80, 0xca, 1, 2, NULL, 0, 5 };
        const uint8_t expected[] = { cla, 0xc0, 0, 0, 5 };
        struct t0 t0;

        assert_true(t0_start(&t0, &apdu, cla, reply));
        assert_int_equal(t0.tpdu[0], 0x80);
        assert_int_equal(answer(&t0, more, sizeof(more)), T0_SEND);
        assert_int_equal(t0.tpdu_size, sizeof(expected));
        assert_memory_equal(t0.tpdu, expected, sizeof(expected));
    }
    free(reply);
}

/* More than there was room for cannot have been received. */
static void test_impossible_size(void **state)
{
    uint8_t *reply = create_reply();
    struct apdu apdu = { 0, 0xb0, 0, 0, NULL, 0, 5 };
    struct t0 t0;
    size_t room;

    (void)state;
    assert_true(t0_start(&t0, &apdu, 0, reply));
    t0_room(&t0, &room);
    assert_int_equal(t0_received(&t0, room + 1), T0_PROTOCOL_ERROR);
    assert_int_equal(t0_received(&t0, SIZE_MAX), T0_PROTOCOL_ERROR);
    assert_int_equal(t0.reply_size, 0);
    free(reply);
}

static void test_wiped_in_the_middle(void **state)
{
    uint8_t *reply = create_reply(), pin[8];
    struct apdu apdu = { 0, 0x20, 0, 1, pin, sizeof(pin), 0 };
    struct t0 t0;

    (void)state;
    memset(pin, 0x31, sizeof(pin));
    assert_true(t0_start(&t0, &apdu, 0, reply));
    t0_wipe(&t0);
    check_over(&t0);
    free(reply);
}

static const uint32_t hostile_ne[] = { 1, 2, 3, 255, 256, 257, 65535, 65536 };

/* Answers with the same bytes again and again; returns the number of exchanges. */
static unsigned int talk_to_parrot(uint32_t ne, const uint8_t *bytes, size_t size, size_t *reply_size)
{
    uint8_t *reply = create_reply();
    struct apdu apdu = { 0, 0xb0, 0, 0, NULL, 0, ne };
    enum t0_status status;
    unsigned int count = 0;
    struct t0 t0;

    assert_true(t0_start(&t0, &apdu, 0, reply));
    do
    {
        status = answer(&t0, bytes, size);
        assert_true(++count <= 2 + 4 * ne);
    } while (status == T0_SEND);
    *reply_size = status == T0_DONE ? t0.reply_size : 0;
    free(reply);
    return count;
}

static void test_parrots(void **state)
{
    static uint8_t chunk[256 + 2] = { [256] = 0x61 }, flood[APDU_MAX_REPLY] = { [APDU_MAX_NE] = 0x61 };
    static const uint8_t drop[] = { 0xaa, 0x61, 0x01 }, wrong[] = { 0x6c, 0x01 }, more[] = { 0x61, 0x00 };
    size_t i, size;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(hostile_ne); i++)
    {
        uint32_t ne = hostile_ne[i];

        assert_int_equal(talk_to_parrot(ne, drop, sizeof(drop), &size), ne);
        assert_int_equal(size, ne + 2);
        assert_int_equal(talk_to_parrot(ne, chunk, sizeof(chunk), &size), (ne + 255) / 256);
        assert_int_equal(size, ne + 2);
        assert_int_equal(talk_to_parrot(ne, flood, sizeof(flood), &size), 1);
        assert_int_equal(size, ne + 2);
        assert_int_equal(talk_to_parrot(ne, wrong, sizeof(wrong), &size), 2);
        assert_int_equal(size, 2);
        assert_int_equal(talk_to_parrot(ne, more, sizeof(more), &size), 3);
        assert_int_equal(size, 0);
    }
}

/* The card that keeps a command going for as long as it can be: the bound that t0.h promises, and no more. */
static void test_longest(void **state)
{
    static const uint8_t wrong[] = { 0x6c, 0x01 }, nothing[] = { 0x61, 0x01 }, byte[] = { 0xaa, 0x61, 0x01 };
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(hostile_ne); i++)
    {
        uint8_t *reply = create_reply();
        struct apdu apdu = { 0, 0xb0, 0, 0, NULL, 0, hostile_ne[i] };
        uint32_t left, sends = 2;
        struct t0 t0;

        assert_true(t0_start(&t0, &apdu, 0, reply));
        assert_int_equal(answer(&t0, wrong, sizeof(wrong)), T0_SEND);
        assert_int_equal(answer(&t0, nothing, sizeof(nothing)), T0_SEND);
        for (left = hostile_ne[i]; left; left--)
        {
            assert_int_equal(answer(&t0, wrong, sizeof(wrong)), T0_SEND);
            assert_int_equal(answer(&t0, nothing, sizeof(nothing)), T0_SEND);
            assert_int_equal(answer(&t0, wrong, sizeof(wrong)), T0_SEND);
            assert_int_equal(answer(&t0, byte, sizeof(byte)), left > 1 ? T0_SEND : T0_DONE);
            sends += left > 1 ? 4 : 3;
        }
        assert_int_equal(sends, 1 + 4 * hostile_ne[i]);
        assert_int_equal(t0.reply_size, hostile_ne[i] + 2);
        free(reply);
    }
}

/* xorshift32: the same numbers everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* stamina: of 256 answers so many ask for another exchange. */
static size_t make_random_answer(uint8_t *bytes, uint32_t stamina, uint32_t *seed)
{
    static const uint8_t last[] = { 0x90, 0x62, 0x6c, 0x9f, 0x00, 0x61 };
    uint32_t kind = next_random(seed) % 512, size = next_random(seed) % 3, i;
    bool more = next_random(seed) % 256 < stamina;

    if (kind < 2)
        return kind;
    if (kind < 4)
        size = APDU_MAX_NE - size;
    else if (kind < 40)
        size = next_random(seed) % 300;
    for (i = 0; i < size && i < 600; i++)
        bytes[i] = next_random(seed);
    if (more)
        bytes[size] = next_random(seed) % 8 ? 0x61 : 0x6c;
    else
        bytes[size] = last[next_random(seed) % ARRAY_SIZE(last)];
    bytes[size + 1] = next_random(seed);
    return size + 2;
}

/* What is sent next is the same command with another P3, or a GET RESPONSE for no more than is missing. */
static void check_next_tpdu(const struct t0 *t0, const uint8_t *before, uint32_t ne, uint8_t sw1, uint8_t sw2)
{
    static const uint8_t get_response[] = { GET_RESPONSE_CLA, 0xc0, 0, 0 };
    uint32_t missing = ne - t0->reply_size, announced = sw2 ? sw2 : 256;

    assert_int_equal(t0->tpdu_size, 5);
    if (sw1 == 0x6c)
    {
        assert_memory_equal(t0->tpdu, before, 4);
        assert_int_equal(t0->tpdu[4], sw2);
        return;
    }
    assert_int_equal(sw1, 0x61);
    assert_true(t0->reply_size < ne);
    assert_memory_equal(t0->tpdu, get_response, sizeof(get_response));
    assert_int_equal(t0->tpdu[4], (announced < missing ? announced : missing) % 256);
}

static void test_random_cards(void **state)
{
    static const uint32_t nes[] = { 0, 1, 5, 255, 256, 257, 1000, 65536 };
    static uint8_t bytes[APDU_MAX_REPLY], data[255];
    uint8_t *reply = create_reply(), before[5];
    unsigned int run, count, done = 0, errors = 0, longest = 0;
    uint32_t seed = 20030925, stamina;

    (void)state;
    for (run = 0; run < 100000; run++)
    {
        struct apdu apdu = { 0, 0x88, 1, 2, data, 0, nes[next_random(&seed) % ARRAY_SIZE(nes)] };
        enum t0_status status;
        struct t0 t0;
        size_t size;

        stamina = next_random(&seed) % 257;
        apdu.nc = run % 2 ? next_random(&seed) % 256 : 0;
        assert_true(t0_start(&t0, &apdu, GET_RESPONSE_CLA, reply));
        assert_int_equal(t0.tpdu_size, 5 + apdu.nc);
        for (count = 1;; count++)
        {
            memcpy(before, t0.tpdu, sizeof(before));
            size = make_random_answer(bytes, stamina, &seed);
            status = answer(&t0, bytes, size);
            if (status != T0_SEND)
                break;
            check_next_tpdu(&t0, before, apdu.ne, bytes[size - 2], bytes[size - 1]);
            assert_true(count <= 1 + 4 * apdu.ne);
        }
        if (count > longest)
            longest = count;
        if (status == T0_PROTOCOL_ERROR)
        {
            errors++;
            continue;
        }
        done++;
        assert_in_range(t0.reply_size, 2, apdu.ne ? apdu.ne + 2 : size);
        assert_memory_equal(reply + t0.reply_size - 2, bytes + size - 2, 2);
    }
    /* All kinds have been met. */
    assert_true(done > 1000 && errors > 1000 && longest > 20);
    free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_get_response_class),
        cmocka_unit_test(test_impossible_size),
        cmocka_unit_test(test_wiped_in_the_middle),
        cmocka_unit_test(test_parrots),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_random_cards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
