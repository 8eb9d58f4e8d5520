/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardCmd: what is put into a command: whole APDUs, which are parsed strictly, its data field, Encapsulate.
 */

#define COBJMACROS
#include "common.h"
#include "cmd_common.h"
#include "object_rules.h"

/* [iso] No APDUs. */
static const char *const bad_apdus[] =
{
    "",
    "00",
    "00a4",
    "00a400",
    "00a40000 02 aa", /* less data than Lc */
    "00a40000 05 aabbccdd",
    "00a40000 ff 0011",
    "00a40000 01 aa 00 00", /* a short Le is one byte */
    "00a40000 02 aabb 0000",
    "00a40000 02 aabb 000000",
    "00a40000 01 aabbcc",
    "00a40000 00 0002 aa", /* the same in extended form */
    "00a40000 00 0001 aa 00",
    "00a40000 00 0001 aa 0000 00",
    "00a40000 00 0000 aa",
    "00a40000 00 0000 0000",
    "00a40000 00 0000 000000",
    "00a40000 00 0010 0102030405",
    "00a40000 00 ffff 0102",
    "00a40000 00 0001 aa 000001",
};

/* @member ISCardCmd::put_Apdu [doc][ours] parsed strictly, but for an Lc of 0; what is no APDU is E_INVALIDARG. */
/* [doc] E_INVALIDARG, [ours] and nothing changes. */
static void test_put_Apdu_strict(void)
{
    BYTE *bytes = calloc(1, MAX_APDU + 1);
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    IByteBuffer *buffer;
    unsigned int i;
    HRESULT hr;

    take_picture(cmd, &before);
    for (i = 0; i < ARRAY_SIZE(bad_apdus); i++)
    {
        hr = put_hex_apdu(cmd, bad_apdus[i]);
        ok(hr == E_INVALIDARG, "%s: %s.\n", bad_apdus[i], dbgstr_hr(hr));
        check_unchanged(cmd, &before, bad_apdus[i]);
    }
    put_hex_apdu(cmd, "80b0123400 0003 010203 0104");
    put_hex_reply(cmd, "0102 9000");
    take_picture(cmd, &before);
    for (i = 0; i < ARRAY_SIZE(bad_apdus); i++)
    {
        hr = put_hex_apdu(cmd, bad_apdus[i]);
        ok(hr == E_INVALIDARG, "%s: %s.\n", bad_apdus[i], dbgstr_hr(hr));
        check_unchanged(cmd, &before, bad_apdus[i]);
    }
    bytes[5] = bytes[6] = 0xff;
    buffer = create_buffer(bytes, MAX_APDU + 1);
    hr = ISCardCmd_put_Apdu(cmd, buffer);
    ok(hr == E_INVALIDARG, "Longer than any: %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &before, "longer than any");
    IByteBuffer_Release(buffer);
    hr = ISCardCmd_put_Apdu(cmd, NULL); /* [doc] */
    ok(hr == E_POINTER, "put_Apdu(NULL): %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &before, "NULL");
    ISCardCmd_Release(cmd);
    free(bytes);
}

/* [ours] An extended form stays until Data is put or the command is built anew. */
static void test_extended_form(void)
{
    static const struct
    {
        const char *apdu;
        const char *other_header; /* with P2 = 77 */
        const char *data;
        const char *with_data;
    }
    forms[] =
    {
        { "00b00000 00 0010", "00b00077 00 0010", "aa", "00b00077 01 aa 10" },
        { "00b00000 00 0100", "00b00077 00 0100", "aa", "00b00077 01 aa 00" },
        { "00b00000 00 0010", "00b00077 00 0010", "", "00b00077 10" },
        { "00b00000 00 0000", "00b00077 00 0000", "aa", "00b00077 00 0001 aa 0000" },
        { "00d60000 00 0002 aabb", "00d60077 00 0002 aabb", "cc", "00d60077 01 cc" },
        { "00d60000 00 0002 aabb", "00d60077 00 0002 aabb", "", "00d60077" },
        { "00a40400 00 0002 3f00 0008", "00a40477 00 0002 3f00 0008", "3f01", "00a40477 02 3f01 08" },
        { "00a40400 00 0002 3f00 0008", "00a40477 00 0002 3f00 0008", "", "00a40477 08" },
        { "00a40400 00 0002 3f00 0101", "00a40477 00 0002 3f00 0101", "11", "00a40477 00 0001 11 0101" },
        /* An Lc of 0 before the Le is remembered likewise. */
        { "00b20114 00 00", "00b20177 00 00", "aa", "00b20177 01 aa 00" },
        { "00b20114 00 10", "00b20177 00 10", "aabb", "00b20177 02 aabb 10" },
        { "00b20114 00 00", "00b20177 00 00", "", "00b20177 00" },
    };
    ISCardCmd *cmd = create_cmd();
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(forms); i++)
    {
        winetest_push_context("form %u", i);
        hr = put_hex_apdu(cmd, forms[i].apdu);
        ok(hr == S_OK, "put_Apdu: %s.\n", dbgstr_hr(hr));
        check_hex_apdu(cmd, forms[i].apdu, "put");
        put_hex_reply(cmd, "9000");
        ISCardCmd_put_P2(cmd, 0x77);
        check_hex_apdu(cmd, forms[i].other_header, "another header");
        put_hex_data(cmd, forms[i].data);
        check_hex_apdu(cmd, forms[i].with_data, "other data");
        check_hex_reply(cmd, "9000", "the reply is kept");
        put_hex_apdu(cmd, forms[i].apdu);
        ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0x00, 0x00, NULL, &(LONG){ 16 });
        check_hex_apdu(cmd, "00b0000010", "built anew");
        winetest_pop_context();
    }
    put_hex_apdu(cmd, "00b00000 00 0010");
    put_hex_apdu(cmd, "00b00000 10");
    check_hex_apdu(cmd, "00b0000010", "a short one after an extended one");
    ISCardCmd_Release(cmd);
}

/* [client] A short form with an Lc of 0 and an Le, as published traces have it, is case 2. */
static void test_zero_lc(void)
{
    static const struct { const char *apdu; LONG le; BYTE p3; } forms[] =
    {
        { "00b20114 00 00", 256, 0x00 },
        { "00b20114 00 01", 1, 0x01 },
        { "00b20114 00 11", 17, 0x11 },
        { "00b20114 00 ff", 255, 0xff },
    };
    ISCardCmd *cmd = create_cmd();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(forms); i++)
    {
        LONG length = -1, le = -1;
        ISO_APDU_TYPE type = 0;
        IByteBuffer *data = NULL;
        BYTE p3 = 0xcc;
        HRESULT hr;

        winetest_push_context("%s", forms[i].apdu);
        put_hex_reply(cmd, "9000");
        hr = put_hex_apdu(cmd, forms[i].apdu);
        ok(hr == S_OK, "put_Apdu: %s.\n", dbgstr_hr(hr));
        check_hex_apdu(cmd, forms[i].apdu, "as it was put");
        hr = ISCardCmd_get_ApduLength(cmd, &length);
        ok(hr == S_OK && length == 6, "ApduLength: %s, %ld.\n", dbgstr_hr(hr), length);
        hr = ISCardCmd_get_Type(cmd, &type);
        ok(hr == S_OK && type == ISO_CASE_2, "Type: %s, %d.\n", dbgstr_hr(hr), type);
        hr = ISCardCmd_get_LeField(cmd, &le);
        ok(hr == S_OK && le == forms[i].le, "LeField: %s, %ld.\n", dbgstr_hr(hr), le);
        hr = ISCardCmd_get_P3(cmd, &p3);
        ok(hr == S_OK && p3 == forms[i].p3, "P3: %s, %02x.\n", dbgstr_hr(hr), p3);
        hr = ISCardCmd_get_Data(cmd, &data);
        check_result_buffer_at(__LINE__, __FILE__, hr, data, NULL, 0, "Data");
        check_hex_reply(cmd, NULL, "the old reply is dropped");
        winetest_pop_context();
    }
    ISCardCmd_BuildCmd(cmd, 0x00, 0xb2, 0x01, 0x14, NULL, &(LONG){ 256 });
    check_hex_apdu(cmd, "00b2011400", "built anew");
    ISCardCmd_Release(cmd);
}

/* @member ISCardCmd::get_Data [doc][ours] the data field, an empty buffer where there is none. */
/* @member ISCardCmd::put_Data [doc][ours] recomputes Lc and P3; an empty buffer removes the field, NULL is E_POINTER.
 * */
/* [doc] put recomputes Lc and P3; NULL and the empty buffer [ours]. */
static void test_put_Data(void)
{
    static const struct
    {
        const char *data;
        const char *apdu;
        BYTE p3;
    }
    steps[] = /* of one command, Le 16 */
    {
        { "010203", "00b0112203 010203 10", 3 },
        { "", "00b01122 10", 16 },
        { "ff", "00b0112201 ff 10", 1 },
        { "00000000", "00b0112204 00000000 10", 4 },
    };
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    BYTE data[300], apdu[320], p3;
    IByteBuffer *buffer;
    unsigned int i;
    HRESULT hr;

    hr = ISCardCmd_put_Data(cmd, NULL);
    ok(hr == E_POINTER, "put_Data(NULL): %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "", "put_Data(NULL) of a fresh one");
    hr = put_hex_data(cmd, "");
    ok(hr == S_OK, "put_Data: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "00000000", "no data for a fresh one"); /* [ours] built */
    ISCardCmd_Clear(cmd);
    hr = put_hex_data(cmd, "aabb");
    ok(hr == S_OK, "put_Data: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "0000000002aabb", "data for a fresh one");

    put_hex_apdu(cmd, "00b01122 10");
    for (i = 0; i < ARRAY_SIZE(steps); i++)
    {
        hr = put_hex_data(cmd, steps[i].data);
        ok(hr == S_OK, "put_Data: %s.\n", dbgstr_hr(hr));
        check_hex_apdu(cmd, steps[i].apdu, "put_Data");
        hr = ISCardCmd_get_P3(cmd, &p3);
        ok(hr == S_OK && p3 == steps[i].p3, "P3: %s, %02x.\n", dbgstr_hr(hr), p3);
    }

    /* [iso] Longer than 255 bytes: all lengths extended, and short again when it shrinks. */
    memset(data, 0x33, sizeof(data));
    buffer = create_buffer(data, sizeof(data));
    hr = ISCardCmd_put_Data(cmd, buffer);
    ok(hr == S_OK, "put_Data: %s.\n", dbgstr_hr(hr));
    check_apdu(cmd, apdu, encode_apdu(apdu, (const BYTE *)"\x00\xb0\x11\x22", data, 300, 16, TRUE),
               "300 bytes");
    IByteBuffer_Release(buffer);
    put_hex_data(cmd, "01");
    check_hex_apdu(cmd, "00b0112201 01 10", "short again");

    take_picture(cmd, &before);
    hr = ISCardCmd_put_Data(cmd, NULL);
    ok(hr == E_POINTER, "put_Data(NULL): %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &before, "put_Data(NULL)");
    ISCardCmd_Release(cmd);
}

static HRESULT encapsulate(ISCardCmd *cmd, const char *apdu, LONG type)
{
    IByteBuffer *buffer = create_hex_buffer(apdu);
    HRESULT hr;

    hr = ISCardCmd_Encapsulate(cmd, buffer, (ISO_APDU_TYPE)type);
    IByteBuffer_Release(buffer);
    return hr;
}

/* @member ISCardCmd::Encapsulate [doc][iso][ours] the given APDU becomes the data field; INS 0 becomes ENVELOPE. */
/* [doc] and [iso] ENVELOPE; the header and the Le that it gets [ours]. */
static void test_Encapsulate(void)
{
    static const struct
    {
        const char *outer; /* "": nothing built */
        const char *apdu;
        LONG type;
        const char *result;
    }
    commands[] =
    {
        { "", "00a40000 02 3f00", ISO_CASE_1, "00c2000007 00a40000023f00" }, /* the documentation's sample */
        { "", "00a40000 02 3f00", ISO_CASE_3, "00c2000007 00a40000023f00" },
        { "", "00a40000 02 3f00", ISO_CASE_2, "00c2000007 00a40000023f00 00" },
        { "", "00a40000 02 3f00", ISO_CASE_4, "00c2000007 00a40000023f00 00" },
        { "", "80840000 08", ISO_CASE_1, "80c2000005 8084000008" },
        { "", "00a40000", ISO_CASE_2, "00c2000004 00a40000 00" },
        { "", "9ca40000 00 0002 3f00 0000", ISO_CASE_4, "9cc200000b 9ca400000000023f000000 00" },
        { "84001122 02 aabb 08", "00a40000", ISO_CASE_1, "00c2000004 00a40000" }, /* INS 0 */
        { "0c451122", "00a40000 02 3f00", ISO_CASE_1, "0c45112207 00a40000023f00" },
        { "0c451122 02 aabb 08", "00a40000 02 3f00", ISO_CASE_1, "0c45112207 00a40000023f00" },
        { "0c451122 02 aabb 08", "00a40000 02 3f00", ISO_CASE_4, "0c45112207 00a40000023f00 00" },
        { "0c451122 00 0002 aabb 0008", "80b0000000", ISO_CASE_2, "0c45112205 80b0000000 00" },
        { "", "00b20114 00 00", ISO_CASE_2, "00c2000006 00b201140000 00" }, /* [ours] what put_Apdu takes */
    };
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer;
    BYTE apdu[64];
    unsigned int i;
    LONG size;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(commands); i++)
    {
        winetest_push_context("Encapsulate %u", i);
        ISCardCmd_Clear(cmd);
        if (*commands[i].outer) put_hex_apdu(cmd, commands[i].outer);
        hr = encapsulate(cmd, commands[i].apdu, commands[i].type);
        ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
        check_hex_apdu(cmd, commands[i].result, "the outer command");
        buffer = NULL;
        hr = ISCardCmd_get_Data(cmd, &buffer);
        size = from_hex(apdu, commands[i].apdu);
        check_result_buffer_at(__LINE__, __FILE__, hr, buffer, apdu, size, "Data");
        winetest_pop_context();
    }
    ISCardCmd_Release(cmd);
}

/* Longer ones: extended from 256 bytes on, up to what a data field can hold. */
static void test_Encapsulate_long(void)
{
    static const BYTE header[4] = { 0x00, 0xd6, 0x00, 0x00 }, envelope[4] = { 0x00, 0xc2, 0x00, 0x00 };
    BYTE *data = calloc(1, 65536), *apdu = malloc(MAX_APDU), *outer = malloc(MAX_APDU);
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    IByteBuffer *buffer;
    unsigned int i;
    LONG size;
    HRESULT hr;

    for (i = 65528; i <= 65529; i++)
    {
        take_picture(cmd, &before);
        size = encode_apdu(apdu, header, data, i, 0, TRUE);
        buffer = create_buffer(apdu, size);
        if (size <= 65535) ISCardCmd_Clear(cmd);
        hr = ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_4);
        ok(hr == (size <= 65535 ? S_OK : E_INVALIDARG), "%ld bytes: %s.\n", size, dbgstr_hr(hr));
        if (size <= 65535)
            check_apdu(cmd, outer, encode_apdu(outer, envelope, apdu, size, 256, TRUE), "%ld bytes", size);
        else check_unchanged(cmd, &before, "too long");
        IByteBuffer_Release(buffer);
    }
    ISCardCmd_Release(cmd);
    free(outer);
    free(apdu);
    free(data);
}

static void test_Encapsulate_invalid(void)
{
    static const LONG bad_types[] = { 0, 5, -1, 0x10001, 0x7fffffff };
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    unsigned int i;
    HRESULT hr;

    put_hex_apdu(cmd, "0c451122 02 aabb 08");
    put_hex_reply(cmd, "0102 9000");
    take_picture(cmd, &before);
    for (i = 0; i < ARRAY_SIZE(bad_types); i++)
    {
        hr = encapsulate(cmd, "00a40000", bad_types[i]);
        ok(hr == E_INVALIDARG, "Type %ld: %s.\n", bad_types[i], dbgstr_hr(hr));
        check_unchanged(cmd, &before, "a bad type");
    }
    for (i = 0; i < ARRAY_SIZE(bad_apdus); i++)
    {
        hr = encapsulate(cmd, bad_apdus[i], ISO_CASE_1);
        ok(hr == E_INVALIDARG, "%s: %s.\n", bad_apdus[i], dbgstr_hr(hr));
        check_unchanged(cmd, &before, bad_apdus[i]);
    }
    hr = ISCardCmd_Encapsulate(cmd, NULL, ISO_CASE_1); /* [doc] */
    ok(hr == E_POINTER, "Encapsulate(NULL): %s.\n", dbgstr_hr(hr));
    hr = ISCardCmd_Encapsulate(cmd, NULL, 9); /* pointers are checked first: [ours] */
    ok(hr == E_POINTER, "Encapsulate(NULL, 9): %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &before, "Encapsulate(NULL)");
    ISCardCmd_Release(cmd);
}

START_TEST(cmd_apdu)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_put_Apdu_strict();
    test_extended_form();
    test_zero_lc();
    test_put_Data();
    test_Encapsulate();
    test_Encapsulate_long();
    test_Encapsulate_invalid();
    check_nothing_left(module);
    CoUninitialize();
}
