/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The coding of command APDUs, core/apdu.c, and core/wipe.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/wipe.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* What stands around the data in each form: ISO/IEC 7816-4:2013 5.1. */
struct encoding
{
    uint32_t nc, ne;
    unsigned int number;    /* of the case */
    uint8_t p3;
    size_t before_size;     /* between header and data */
    uint8_t before[3];
    size_t after_size;
    uint8_t after[2];
};

/* What apdu_encode() makes. */
static const struct encoding canonical[] =
{
    {     0,     0, 1,    0, 0, {0},                0, {0} },
    {     0,     1, 2,    1, 1, {0x01},             0, {0} },
    {     0,   127, 2, 0x7f, 1, {0x7f},             0, {0} },
    {     0,   255, 2, 0xff, 1, {0xff},             0, {0} },
    {     0,   256, 2,    0, 1, {0x00},             0, {0} },
    {     0,   257, 2,    0, 3, {0x00, 0x01, 0x01}, 0, {0} },
    {     0, 65535, 2,    0, 3, {0x00, 0xff, 0xff}, 0, {0} },
    {     0, 65536, 2,    0, 3, {0x00, 0x00, 0x00}, 0, {0} },
    {     1,     0, 3,    1, 1, {0x01},             0, {0} },
    {     2,     0, 3,    2, 1, {0x02},             0, {0} },
    {   255,     0, 3, 0xff, 1, {0xff},             0, {0} },
    {   256,     0, 3,    0, 3, {0x00, 0x01, 0x00}, 0, {0} },
    { 65535,     0, 3,    0, 3, {0x00, 0xff, 0xff}, 0, {0} },
    {     1,     1, 4,    1, 1, {0x01},             1, {0x01} },
    {     1,   255, 4,    1, 1, {0x01},             1, {0xff} },
    {     1,   256, 4,    1, 1, {0x01},             1, {0x00} },
    {   255,   256, 4, 0xff, 1, {0xff},             1, {0x00} },
    {     1,   257, 4,    1, 3, {0x00, 0x00, 0x01}, 2, {0x01, 0x01} },
    {   255,   257, 4, 0xff, 3, {0x00, 0x00, 0xff}, 2, {0x01, 0x01} },
    {   256,     1, 4,    0, 3, {0x00, 0x01, 0x00}, 2, {0x00, 0x01} },
    {   256,   256, 4,    0, 3, {0x00, 0x01, 0x00}, 2, {0x01, 0x00} },
    {     1, 65535, 4,    1, 3, {0x00, 0x00, 0x01}, 2, {0xff, 0xff} },
    {     1, 65536, 4,    1, 3, {0x00, 0x00, 0x01}, 2, {0x00, 0x00} },
    { 65535,     1, 4,    0, 3, {0x00, 0xff, 0xff}, 2, {0x00, 0x01} },
    { 65535, 65535, 4,    0, 3, {0x00, 0xff, 0xff}, 2, {0xff, 0xff} },
    { 65535, 65536, 4,    0, 3, {0x00, 0xff, 0xff}, 2, {0x00, 0x00} },
};

/* Extended where short would do: legal, but not what apdu_encode() makes. */
static const struct encoding needlessly_extended[] =
{
    {     0,     1, 2,    1, 3, {0x00, 0x00, 0x01}, 0, {0} },
    {     0,   255, 2, 0xff, 3, {0x00, 0x00, 0xff}, 0, {0} },
    {     0,   256, 2,    0, 3, {0x00, 0x01, 0x00}, 0, {0} },
    {     1,     0, 3,    1, 3, {0x00, 0x00, 0x01}, 0, {0} },
    {   255,     0, 3, 0xff, 3, {0x00, 0x00, 0xff}, 0, {0} },
    {     1,     1, 4,    1, 3, {0x00, 0x00, 0x01}, 2, {0x00, 0x01} },
    {     2,   256, 4,    2, 3, {0x00, 0x00, 0x02}, 2, {0x01, 0x00} },
    {   255,   256, 4, 0xff, 3, {0x00, 0x00, 0xff}, 2, {0x01, 0x00} },
};

/* An Lc of 0 before the Le, as published traces have it: no form of the standard, and taken as case 2. */
static const struct encoding zero_lc[] =
{
    {     0,     1, 2,    1, 2, {0x00, 0x01},       0, {0} },
    {     0,   255, 2, 0xff, 2, {0x00, 0xff},       0, {0} },
    {     0,   256, 2,    0, 2, {0x00, 0x00},       0, {0} },
};

static const uint8_t header[APDU_HEADER_SIZE] = { 0x80, 0xa4, 0x04, 0x0c };
static uint8_t data[APDU_MAX_NC];

static int fill_data(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(data); i++)
        data[i] = (i * 7 + 1) % 251;
    return 0;
}

/* A block of exactly this size, so that the address sanitizer sees every byte too many. */
static uint8_t *allocate(size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);

    assert_non_null(bytes);
    return bytes;
}

static uint8_t *put(uint8_t *to, const uint8_t *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

static size_t encoding_size(const struct encoding *e)
{
    return sizeof(header) + e->before_size + e->nc + e->after_size;
}

static uint8_t *create_encoding(const struct encoding *e)
{
    uint8_t *bytes = allocate(encoding_size(e)), *end;

    end = put(bytes, header, sizeof(header));
    end = put(end, e->before, e->before_size);
    end = put(end, data, e->nc);
    put(end, e->after, e->after_size);
    return bytes;
}

static struct apdu make_apdu(uint32_t nc, uint32_t ne)
{
    struct apdu apdu = { header[0], header[1], header[2], header[3], nc ? data : NULL, nc, ne };

    return apdu;
}

static void check_same(const struct apdu *apdu, const struct apdu *expected)
{
    assert_int_equal(apdu->cla, expected->cla);
    assert_int_equal(apdu->ins, expected->ins);
    assert_int_equal(apdu->p1, expected->p1);
    assert_int_equal(apdu->p2, expected->p2);
    assert_int_equal(apdu->nc, expected->nc);
    assert_int_equal(apdu->ne, expected->ne);
    if (expected->nc)
        assert_memory_equal(apdu->data, expected->data, expected->nc);
    else
        assert_null(apdu->data);
}

/* A parse that fails leaves the structure alone. */
static bool parse(struct apdu *apdu, const uint8_t *bytes, size_t size)
{
    struct apdu before;

    memset(apdu, 0x5a, sizeof(*apdu));
    memcpy(&before, apdu, sizeof(before));
    if (apdu_parse(apdu, bytes, size))
        return true;
    assert_memory_equal(apdu, &before, sizeof(before));
    return false;
}

static void check_parse(const struct encoding *e)
{
    struct apdu expected = make_apdu(e->nc, e->ne), apdu;
    uint8_t *bytes = create_encoding(e);

    assert_true(parse(&apdu, bytes, encoding_size(e)));
    check_same(&apdu, &expected);
    if (e->nc)
        assert_ptr_equal(apdu.data, bytes + sizeof(header) + e->before_size);
    assert_int_equal(apdu_case(&apdu), e->number);
    assert_int_equal(apdu_p3(&apdu), e->p3);
    free(bytes);
}

static void test_parse(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(canonical); i++)
        check_parse(&canonical[i]);
    for (i = 0; i < ARRAY_SIZE(needlessly_extended); i++)
        check_parse(&needlessly_extended[i]);
    for (i = 0; i < ARRAY_SIZE(zero_lc); i++)
        check_parse(&zero_lc[i]);
}

static void test_encode(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(canonical); i++)
    {
        const struct encoding *e = &canonical[i];
        struct apdu apdu = make_apdu(e->nc, e->ne);
        size_t size = encoding_size(e);
        uint8_t *expected = create_encoding(e), *bytes = allocate(size);

        assert_int_equal(apdu_size(&apdu), size);
        assert_true(size >= APDU_HEADER_SIZE && size <= APDU_MAX_SIZE);
        apdu_encode(&apdu, bytes);
        assert_memory_equal(bytes, expected, size);
        assert_int_equal(apdu_case(&apdu), e->number);
        assert_int_equal(apdu_p3(&apdu), e->p3);
        free(bytes);
        free(expected);
    }
}

static void test_out_of_range(void **state)
{
    static const uint32_t lengths[][2] =
    {
        { 65536, 0 }, { 65536, 1 }, { 65535, 65537 }, { 0, 65537 }, { 1, 65537 }, { 0, UINT32_MAX },
        { UINT32_MAX, 0 }, { UINT32_MAX, UINT32_MAX },
    };
    uint8_t out[16], before[16];
    size_t i;

    (void)state;
    memset(out, 0x5a, sizeof(out));
    memset(before, 0x5a, sizeof(before));
    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        struct apdu apdu = make_apdu(lengths[i][0], lengths[i][1]);

        assert_int_equal(apdu_size(&apdu), 0);
        apdu_encode(&apdu, out);
        assert_memory_equal(out, before, sizeof(out));
    }
}

/* Of what an APDU begins with, only the parts that another case consists of, or an Lc of 0 and an Le, are an APDU. */
static bool is_apdu_prefix(const struct encoding *e, size_t size)
{
    return size == sizeof(header) || size == sizeof(header) + 1
            || (e->before_size == 3 && (size == sizeof(header) + 2 || size == sizeof(header) + 3))
            || (e->nc && size == sizeof(header) + e->before_size + e->nc);
}

static void check_prefixes(const struct encoding *e)
{
    size_t full = encoding_size(e), size;
    uint8_t *bytes = create_encoding(e), *prefix;
    struct apdu apdu;

    for (size = 0; size < full; size++)
    {
        /* Of the long ones the first and the last few. */
        if (full > 1000 && size == 300)
            size = full - 4;
        prefix = allocate(size);
        memcpy(prefix, bytes, size);
        assert_int_equal(parse(&apdu, prefix, size), is_apdu_prefix(e, size));
        free(prefix);
    }
    free(bytes);
}

static void test_prefixes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(canonical); i++)
        check_prefixes(&canonical[i]);
    for (i = 0; i < ARRAY_SIZE(needlessly_extended); i++)
        check_prefixes(&needlessly_extended[i]);
}

/* Nothing may follow the Le of case 4. */
static void test_bytes_too_many(void **state)
{
    size_t i, more;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(canonical); i++)
    {
        const struct encoding *e = &canonical[i];
        size_t size = encoding_size(e);
        uint8_t *bytes;
        struct apdu apdu;

        if (e->number != 4)
            continue;
        bytes = create_encoding(e);
        for (more = 1; more <= 3; more++)
        {
            bytes = realloc(bytes, size + more);
            assert_non_null(bytes);
            bytes[size + more - 1] = more;
            assert_false(parse(&apdu, bytes, size + more));
        }
        free(bytes);
    }
}

/* The forms one by one, by the sizes that they have. */
static bool reference_parse(const uint8_t *bytes, size_t size, struct apdu *apdu)
{
    uint32_t b4 = size > 4 ? bytes[4] : 0, b56 = size > 6 ? bytes[5] * 256 + bytes[6] : 0;

    memset(apdu, 0, sizeof(*apdu));
    if (size < 4)
        return false;
    apdu->cla = bytes[0];
    apdu->ins = bytes[1];
    apdu->p1 = bytes[2];
    apdu->p2 = bytes[3];
    if (size == 4)
        return true;
    if (size == 5)
    {
        apdu->ne = b4 == 0 ? 256 : b4;
        return true;
    }
    if (b4 != 0)
    {
        apdu->data = bytes + 5;
        apdu->nc = b4;
        if (size == b4 + 6)
            apdu->ne = bytes[size - 1] == 0 ? 256 : bytes[size - 1];
        return size == b4 + 5 || size == b4 + 6;
    }
    if (size == 6)
    {
        apdu->ne = bytes[5] == 0 ? 256 : bytes[5];
        return true;
    }
    if (size == 7)
    {
        apdu->ne = b56 == 0 ? 65536 : b56;
        return true;
    }
    if (b56 == 0)
        return false;
    apdu->data = bytes + 7;
    apdu->nc = b56;
    if (size == b56 + 9)
    {
        apdu->ne = bytes[size - 2] * 256 + bytes[size - 1];
        apdu->ne = apdu->ne == 0 ? 65536 : apdu->ne;
    }
    return size == b56 + 7 || size == b56 + 9;
}

/* The body of an APDU of this size: B5, B6, and B7 in all the places behind it. Returns whether it is one. */
static bool check_garbage(uint8_t *bytes, size_t size, uint8_t b5, uint8_t b6, uint8_t b7)
{
    struct apdu apdu, expected;
    bool valid;

    if (size > 4)
        bytes[4] = b5;
    if (size > 5)
        bytes[5] = b6;
    if (size > 6)
        memset(bytes + 6, b7, size - 6);
    valid = reference_parse(bytes, size, &expected);
    if (parse(&apdu, bytes, size) != valid)
        fail_msg("%zu bytes, B5 B6 B7 = %02x %02x %02x: %s", size, b5, b6, b7,
                valid ? "an APDU was refused" : "no APDU, but accepted");
    if (valid)
        check_same(&apdu, &expected);
    return valid;
}

/* Every size up to 20 with every byte that can be part of a length. */
static void test_garbage(void **state)
{
    unsigned int b5, b7, accepted = 0, refused = 0;
    uint8_t *block = allocate(20), *bytes;
    size_t size;

    (void)state;
    for (size = 0; size <= 20; size++)
    {
        /* At the end of the block, where the address sanitizer watches. */
        bytes = block + 20 - size;
        memcpy(bytes, header, size < sizeof(header) ? size : sizeof(header));
        for (b5 = 0; b5 < 256; b5++)
        {
            for (b7 = 0; b7 < 256; b7++)
            {
                if (check_garbage(bytes, size, b5, 1, b7))
                    accepted++;
                else
                    refused++;
                check_garbage(bytes, size, b5, 0, b7);
                check_garbage(bytes, size, b5, 0xff, b7);
            }
        }
    }
    assert_true(accepted > 0 && refused > 0);
    free(block);
}

static void check_round_trip(uint32_t nc, uint32_t ne)
{
    struct apdu apdu = make_apdu(nc, ne), parsed;
    size_t size = apdu_size(&apdu);
    uint8_t *bytes = allocate(size);

    apdu_encode(&apdu, bytes);
    assert_true(parse(&parsed, bytes, size));
    check_same(&parsed, &apdu);
    free(bytes);
}

static void test_round_trip(void **state)
{
    static const uint32_t lengths[] =
    {
        0, 1, 2, 127, 128, 254, 255, 256, 257, 258, 511, 512, 513, 4095, 4096, 32767, 32768,
        65279, 65280, 65281, 65534, 65535, 65536,
    };
    uint32_t nc, ne;
    size_t i, j;

    (void)state;
    for (nc = 0; nc <= 270; nc++)
        for (ne = 0; ne <= 270; ne++)
            check_round_trip(nc, ne);
    for (i = 0; lengths[i] <= APDU_MAX_NC; i++)
        for (j = 0; j < ARRAY_SIZE(lengths); j++)
            check_round_trip(lengths[i], lengths[j]);
}

/* The data may lie anywhere in the room of the encoding. */
static void test_overlap(void **state)
{
    static const uint32_t lengths[][2] =
    {
        { 1, 0 }, { 5, 0 }, { 5, 9 }, { 255, 256 }, { 5, 257 }, { 256, 0 }, { 300, 1 }, { 65535, 65536 },
    };
    size_t i, place;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        struct apdu apdu = make_apdu(lengths[i][0], lengths[i][1]);
        size_t size = apdu_size(&apdu);
        uint8_t *expected = allocate(size), *bytes = allocate(size);

        apdu_encode(&apdu, expected);
        for (place = 0; place <= size - apdu.nc; place++)
        {
            apdu.data = memcpy(bytes + place, data, apdu.nc);
            apdu_encode(&apdu, bytes);
            assert_memory_equal(bytes, expected, size);
        }
        free(bytes);
        free(expected);
    }
}

/* Never less than what can come, and 16 bits hold it as long as they can. */
static void test_reply_room(void **state)
{
    static const struct { uint32_t nc, ne; size_t room; } cases[] =
    {
        { 0, 0, 258 }, { 1, 0, 258 }, { 65535, 0, 258 }, { 0, 1, 258 }, { 1, 255, 258 }, { 0, 256, 258 },
        { 0, 257, 259 }, { 1, 300, 302 }, { 0, 65532, 65534 }, { 0, 65533, 65535 }, { 0, 65534, 65535 },
        { 1, 65535, 65535 }, { 0, 65536, 65538 }, { 65535, 65536, 65538 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        struct apdu apdu = make_apdu(cases[i].nc, cases[i].ne);

        assert_int_equal(apdu_reply_room(&apdu), cases[i].room);
    }
}

static void test_wipe(void **state)
{
    static const uint8_t wiped[8] = { 0x5a, 0, 0, 0, 0, 0, 0x5a, 0x5a };
    uint8_t bytes[8];

    (void)state;
    memset(bytes, 0x5a, sizeof(bytes));
    core_wipe(bytes + 1, 5);
    core_wipe(bytes, 0);
    core_wipe(NULL, 0);
    assert_memory_equal(bytes, wiped, sizeof(bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_bytes_too_many),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_reply_room),
        cmocka_unit_test(test_wipe),
    };

    return cmocka_run_group_tests(tests, fill_data, NULL);
}
