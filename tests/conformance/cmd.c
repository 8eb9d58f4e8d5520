/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardCmd: commands built and taken apart. cmd_apdu.c has APDUs and data that are put, cmd_reply.c the
 * reply and the rest, cmd_content.c the buffers that a command takes and hands out.
 */

#define COBJMACROS
#include "common.h"
#include "cmd_common.h"
#include "object_rules.h"

static const struct object_member members[] = /* [tlb] */
{
    { L"Apdu", 0 },
    { L"ApduLength", 1 },
    { L"ApduReply", 2 },
    { L"ApduReplyLength", 3 },
    { L"ClassId", 4 },
    { L"Data", 5 },
    { L"InstructionId", 6 },
    { L"LeField", 7 },
    { L"P1", 8 },
    { L"P2", 9 },
    { L"P3", 10 },
    { L"ReplyStatus", 11 },
    { L"ReplyStatusSW1", 12 },
    { L"ReplyStatusSW2", 13 },
    { L"Type", 14 },
    { L"BuildCmd", 15 },
    { L"Clear", 16 },
    { L"Encapsulate", 17 },
    { L"Nad", 18 },
    { L"ReplyNad", 19 },
    { L"AlternateClassId", 20 },
};

static HRESULT put_reply_length_minus_one(IUnknown *object)
{
    return ISCardCmd_put_ApduReplyLength((ISCardCmd *)object, -1);
}

static const struct object_rules rules =
{
    &CLSID_CSCardCmd, &IID_ISCardCmd, members, ARRAY_SIZE(members), put_reply_length_minus_one,
    L"ApduReplyLength", 3, DISPATCH_PROPERTYPUT
};

/* What the single members tell of a command. */
static void check_fields(int line, ISCardCmd *cmd, const BYTE header[4], ISO_APDU_TYPE type, LONG le, BYTE p3,
                         const BYTE *data, LONG data_size)
{
    BYTE cla = 0xcc, ins = 0xcc, p1 = 0xcc, p2 = 0xcc, got_p3 = 0xcc;
    IByteBuffer *buffer = NULL;
    ISO_APDU_TYPE got_type = 0;
    LONG got_le = -1;
    HRESULT hr;

    hr = ISCardCmd_get_ClassId(cmd, &cla);
    ok_(__FILE__, line)(hr == S_OK && cla == header[0], "ClassId: %s, %02x.\n", dbgstr_hr(hr), cla);
    hr = ISCardCmd_get_InstructionId(cmd, &ins);
    ok_(__FILE__, line)(hr == S_OK && ins == header[1], "InstructionId: %s, %02x.\n", dbgstr_hr(hr), ins);
    hr = ISCardCmd_get_P1(cmd, &p1);
    ok_(__FILE__, line)(hr == S_OK && p1 == header[2], "P1: %s, %02x.\n", dbgstr_hr(hr), p1);
    hr = ISCardCmd_get_P2(cmd, &p2);
    ok_(__FILE__, line)(hr == S_OK && p2 == header[3], "P2: %s, %02x.\n", dbgstr_hr(hr), p2);
    hr = ISCardCmd_get_P3(cmd, &got_p3);
    ok_(__FILE__, line)(hr == S_OK && got_p3 == p3, "P3: %s, %02x, expected %02x.\n", dbgstr_hr(hr), got_p3,
                        p3);
    hr = ISCardCmd_get_Type(cmd, &got_type);
    ok_(__FILE__, line)(hr == S_OK && got_type == type, "Type: %s, %d, expected %d.\n", dbgstr_hr(hr),
                        got_type, type);
    hr = ISCardCmd_get_LeField(cmd, &got_le);
    ok_(__FILE__, line)(hr == S_OK && got_le == le, "LeField: %s, %ld, expected %ld.\n", dbgstr_hr(hr),
                        got_le, le);
    hr = ISCardCmd_get_Data(cmd, &buffer);
    check_result_buffer_at(line, __FILE__, hr, buffer, data, data_size, "Data");
}
#define check_fields(...) check_fields(__LINE__, __VA_ARGS__)

/* [ours] Nothing built, no reply. */
static void test_fresh(void)
{
    static const BYTE zeros[4];
    ISCardCmd *cmd = create_cmd();
    BYTE byte = 0xcc;
    WORD status = 0xcccc;
    HRESULT hr;

    check_hex_apdu(cmd, "", "fresh");
    check_fields(cmd, zeros, ISO_CASE_1, 0, 0, zeros, 0);
    check_hex_reply(cmd, "", "fresh");
    hr = ISCardCmd_get_ReplyStatus(cmd, &status);
    ok(hr == S_OK && status == 0, "ReplyStatus: %s, %04x.\n", dbgstr_hr(hr), status);
    hr = ISCardCmd_get_Nad(cmd, &byte);
    ok(hr == S_OK && byte == 0, "Nad: %s, %02x.\n", dbgstr_hr(hr), byte);
    hr = ISCardCmd_Clear(cmd);
    ok(hr == S_OK, "Clear: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "", "cleared");
    ISCardCmd_Release(cmd);
}

static HRESULT put_header_byte(ISCardCmd *cmd, unsigned int index, BYTE byte)
{
    switch (index)
    {
    case 0: return ISCardCmd_put_ClassId(cmd, byte);
    case 1: return ISCardCmd_put_InstructionId(cmd, byte);
    case 2: return ISCardCmd_put_P1(cmd, byte);
    default: return ISCardCmd_put_P2(cmd, byte);
    }
}

/* @member ISCardCmd::get_ClassId [doc] CLA, readable any time. */
/* @member ISCardCmd::put_ClassId [doc][ours] changes CLA and keeps data, Le and reply. */
/* @member ISCardCmd::get_InstructionId [doc] INS, readable any time. */
/* @member ISCardCmd::put_InstructionId [doc][ours] changes INS and keeps data, Le and reply. */
/* @member ISCardCmd::get_P1 [doc] P1, readable any time. */
/* @member ISCardCmd::put_P1 [doc][ours] changes P1 and keeps data, Le and reply. */
/* @member ISCardCmd::get_P2 [doc] P2, readable any time. */
/* @member ISCardCmd::put_P2 [doc][ours] changes P2 and keeps data, Le and reply. */
/* [doc] Readable and writable at any time; [ours] a put makes it a built command, and keeps the rest. */
static void test_header(void)
{
    static const BYTE values[] = { 0x00, 0x5a, 0xff };
    unsigned int index, i;
    HRESULT hr;

    for (index = 0; index < 4; index++)
    {
        for (i = 0; i < ARRAY_SIZE(values); i++)
        {
            ISCardCmd *cmd = create_cmd();
            BYTE header[4] = { 0 }, apdu[16];
            LONG size;

            winetest_push_context("header byte %u, %02x", index, values[i]);
            hr = put_header_byte(cmd, index, values[i]);
            ok(hr == S_OK, "put: %s.\n", dbgstr_hr(hr));
            header[index] = values[i];
            check_apdu(cmd, header, 4, "fresh");
            check_fields(cmd, header, ISO_CASE_1, 0, 0, header, 0);

            put_hex_apdu(cmd, "11223344 02 aabb 08");
            put_hex_reply(cmd, "01 9000");
            hr = put_header_byte(cmd, index, values[i]);
            ok(hr == S_OK, "put: %s.\n", dbgstr_hr(hr));
            size = from_hex(apdu, "11223344 02 aabb 08");
            apdu[index] = values[i];
            check_apdu(cmd, apdu, size, "case 4");
            check_hex_reply(cmd, "01 9000", "case 4");
            ISCardCmd_Release(cmd);
            winetest_pop_context();
        }
    }
}

/* @member ISCardCmd::BuildCmd [doc][iso][client] replaces the command and drops the reply; NULL and 0 mean no Le. */
/* [iso] The encodings, written out; the arguments of BuildCmd [doc], 0 for no Le [client]. */
static void test_BuildCmd(void)
{
    static const struct
    {
        BYTE header[4];
        const char *data; /* NULL: no buffer */
        LONG le;          /* -1: no pointer */
        const char *apdu;
    }
    commands[] =
    {
        { { 0x00, 0xa4, 0x00, 0x00 }, NULL, -1, "00a40000" },
        { { 0x00, 0xa4, 0x00, 0x00 }, NULL, 0, "00a40000" },
        { { 0x00, 0xa4, 0x00, 0x00 }, "", -1, "00a40000" },
        { { 0x00, 0xa4, 0x00, 0x00 }, "", 0, "00a40000" },
        { { 0x00, 0x00, 0x00, 0x00 }, NULL, -1, "00000000" },
        { { 0xff, 0xff, 0xff, 0xff }, NULL, -1, "ffffffff" },
        { { 0xa0, 0x84, 0x12, 0x34 }, NULL, 8, "a084123408" },
        { { 0x00, 0xb0, 0x00, 0x00 }, NULL, 256, "00b0000000" },
        { { 0x00, 0xb0, 0x00, 0x00 }, "", 1, "00b0000001" },
        { { 0x00, 0xb0, 0x00, 0x00 }, NULL, 257, "00b0000000 0101" },
        { { 0x00, 0xb0, 0x00, 0x00 }, NULL, 65536, "00b0000000 0000" },
        { { 0x00, 0xa4, 0x00, 0x00 }, "3f00", 0, "00a4000002 3f00" }, /* the documentation's example */
        { { 0x00, 0xa4, 0x00, 0x00 }, "3f00", -1, "00a4000002 3f00" },
        { { 0x00, 0xa4, 0x04, 0x00 }, "a000000003", 256, "00a4040005 a000000003 00" },
        { { 0x00, 0xa4, 0x04, 0x00 }, "a0", 16, "00a4040001 a0 10" },
        { { 0x00, 0xa4, 0x04, 0x00 }, "a0", 257, "00a40400 00 0001 a0 0101" },
        { { 0x00, 0xa4, 0x04, 0x00 }, "a0", 65536, "00a40400 00 0001 a0 0000" },
    };
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer;
    unsigned int i;
    LONG le;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(commands); i++)
    {
        buffer = commands[i].data ? create_hex_buffer(commands[i].data) : NULL;
        le = commands[i].le;
        put_hex_reply(cmd, "0102 6a82");
        hr = ISCardCmd_BuildCmd(cmd, commands[i].header[0], commands[i].header[1], commands[i].header[2],
                                commands[i].header[3], buffer, le < 0 ? NULL : &le);
        ok(hr == S_OK, "command %u: %s.\n", i, dbgstr_hr(hr));
        ok(le == commands[i].le, "command %u: Le was changed to %ld.\n", i, le);
        check_hex_apdu(cmd, commands[i].apdu, "BuildCmd");
        check_hex_reply(cmd, "", "The old reply is dropped"); /* [ours] */
        if (buffer) IByteBuffer_Release(buffer);
    }
    ISCardCmd_Release(cmd);
}

/* [ours] With nothing built, and with a command and its reply. */
static void test_invalid_le(void)
{
    static const LONG bad[] = { -1, -256, 65537, 0x10000000, 0x7fffffff, (LONG)0x80000000 };
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    unsigned int built, i;
    LONG le;
    HRESULT hr;

    for (built = 0; built < 2; built++)
    {
        if (built) put_hex_apdu(cmd, "00a40400 00 0001 a0 0000");
        if (built) put_hex_reply(cmd, "0102 6a82");
        take_picture(cmd, &before);
        for (i = 0; i < ARRAY_SIZE(bad); i++)
        {
            le = bad[i];
            hr = ISCardCmd_BuildCmd(cmd, 1, 2, 3, 4, NULL, &le);
            ok(hr == E_INVALIDARG && le == bad[i], "Le %ld: %s.\n", bad[i], dbgstr_hr(hr));
            check_unchanged(cmd, &before, built ? "a bad Le" : "a bad Le, nothing built");
        }
    }
    ISCardCmd_Release(cmd);
}

/* [iso] The limit of Lc. */
static void test_too_much_data(void)
{
    BYTE *bytes = calloc(1, 70000);
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    IByteBuffer *buffer;
    LONG i;
    HRESULT hr;

    put_hex_apdu(cmd, "00a40400 00 0001 a0 0000");
    put_hex_reply(cmd, "0102 6a82");
    take_picture(cmd, &before);
    for (i = 65536; i <= 70000; i += 4464)
    {
        buffer = create_buffer(bytes, i);
        hr = ISCardCmd_BuildCmd(cmd, 1, 2, 3, 4, buffer, NULL);
        ok(hr == E_INVALIDARG, "%ld bytes of data: %s.\n", i, dbgstr_hr(hr));
        check_unchanged(cmd, &before, "too much data");
        hr = ISCardCmd_put_Data(cmd, buffer);
        ok(hr == E_INVALIDARG, "put_Data, %ld bytes: %s.\n", i, dbgstr_hr(hr));
        check_unchanged(cmd, &before, "too much data");
        IByteBuffer_Release(buffer);
    }
    free(bytes);
    ISCardCmd_Release(cmd);
}

/* @member ISCardCmd::get_Apdu [iso][doc] the encoded command, all four cases, short and extended. */
/* @member ISCardCmd::get_LeField [doc] the expected length as a number: 256 for 00, 0 for none. */
/* @member ISCardCmd::get_Type [iso] the case of the command. */
/* @member ISCardCmd::get_ApduLength [doc] the length of the encoding. */
/* @member ISCardCmd::get_P3 [doc][iso] Lc, else Le, else 0; 0 where the value does not fit a byte. */
/* [iso] All four cases at the boundaries of short and extended: built, then put and taken apart. */
static void test_cases(void)
{
    static const LONG lcs[] = { 0, 1, 255, 256, 257, 65535 };
    static const LONG les[] = { 0, 1, 255, 256, 257, 65535, 65536 };
    static const BYTE header[4] = { 0x80, 0x12, 0x34, 0x56 };
    BYTE *data = malloc(65536), *apdu = malloc(MAX_APDU);
    unsigned int c, e, form;
    LONG i, size;

    for (i = 0; i < 65536; i++) data[i] = (BYTE)(i * 5 + (i >> 8));
    for (c = 0; c < ARRAY_SIZE(lcs); c++)
    {
        for (e = 0; e < ARRAY_SIZE(les); e++)
        {
            LONG lc = lcs[c], le = les[e];
            ISO_APDU_TYPE type = lc ? le ? ISO_CASE_4 : ISO_CASE_3 : le ? ISO_CASE_2 : ISO_CASE_1;
            BYTE p3 = lc ? lc <= 255 ? (BYTE)lc : 0 : le <= 255 ? (BYTE)le : 0; /* 7816-3 12.2.2 */
            BOOL extended = lc > 255 || le > 256;
            IByteBuffer *buffer = create_buffer(data, lc);
            ISCardCmd *cmd = create_cmd();
            HRESULT hr;

            winetest_push_context("Lc %ld, Le %ld", lc, le);
            hr = ISCardCmd_BuildCmd(cmd, header[0], header[1], header[2], header[3], buffer, &le);
            ok(hr == S_OK, "BuildCmd: %s.\n", dbgstr_hr(hr));
            size = encode_apdu(apdu, header, data, lc, le, extended);
            check_apdu(cmd, apdu, size, "BuildCmd");
            check_fields(cmd, header, type, le, p3, data, lc);
            IByteBuffer_Release(buffer);

            for (form = extended; form < 2; form++)
            {
                winetest_push_context(form ? "extended" : "short");
                size = encode_apdu(apdu, header, data, lc, le, form);
                buffer = create_buffer(apdu, size);
                ISCardCmd_Clear(cmd);
                hr = ISCardCmd_put_Apdu(cmd, buffer);
                ok(hr == S_OK, "put_Apdu: %s.\n", dbgstr_hr(hr));
                check_apdu(cmd, apdu, size, "put_Apdu"); /* [ours] an extended form is remembered */
                check_fields(cmd, header, type, le, p3, data, lc);
                IByteBuffer_Release(buffer);
                winetest_pop_context();
            }
            ISCardCmd_Release(cmd);
            winetest_pop_context();
        }
    }
    free(apdu);
    free(data);
}

/* @member ISCardCmd::Clear [doc][ours] nothing built, no reply. */
/* [doc] No APDU, no reply; what survives is in cmd_reply.c. */
static void test_Clear(void)
{
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture fresh;
    HRESULT hr;

    take_picture(cmd, &fresh);
    put_hex_apdu(cmd, "80a40400 00 0002 3f00 0008");
    put_hex_reply(cmd, "0102 9000");
    hr = ISCardCmd_Clear(cmd);
    ok(hr == S_OK, "Clear: %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &fresh, "cleared");
    ISCardCmd_Release(cmd);
}

/* [doc] A NULL out-pointer is E_POINTER, but for three members whose pages know E_INVALIDARG only. */
static void test_null_pointers(void)
{
    ISCardCmd *cmd = create_cmd();
    unsigned int round;
    HRESULT hr;

#define CHECK_NULL(call, expected) \
    hr = ISCardCmd_##call(cmd, NULL); \
    ok(hr == expected, #call "(NULL): %s.\n", dbgstr_hr(hr))

    for (round = 0; round < 2; round++)
    {
        CHECK_NULL(get_Apdu, E_POINTER);
        CHECK_NULL(get_ApduLength, E_POINTER);
        CHECK_NULL(get_ApduReply, E_POINTER);
        CHECK_NULL(get_ApduReplyLength, E_POINTER);
        CHECK_NULL(get_ClassId, E_POINTER);
        CHECK_NULL(get_Data, E_POINTER);
        CHECK_NULL(get_InstructionId, E_POINTER);
        CHECK_NULL(get_P1, E_POINTER);
        CHECK_NULL(get_P2, E_POINTER);
        CHECK_NULL(get_P3, E_POINTER);
        CHECK_NULL(get_ReplyStatus, E_POINTER);
        CHECK_NULL(get_ReplyStatusSW1, E_POINTER);
        CHECK_NULL(get_ReplyStatusSW2, E_POINTER);
        CHECK_NULL(get_Type, E_POINTER);
        CHECK_NULL(get_Nad, E_POINTER);
        CHECK_NULL(get_LeField, E_INVALIDARG);
        CHECK_NULL(get_ReplyNad, E_INVALIDARG);
        CHECK_NULL(get_AlternateClassId, E_INVALIDARG);
        /* and once more with all of it set */
        put_hex_apdu(cmd, "00a40000 02 3f00 08");
        put_hex_reply(cmd, "01 9000");
        ISCardCmd_put_ReplyNad(cmd, 1);
        ISCardCmd_put_AlternateClassId(cmd, 1);
    }
#undef CHECK_NULL
    ISCardCmd_Release(cmd);
}

/* [tlb] Late bound, with the default values of the type library. */
static void test_Invoke(void)
{
    ISCardCmd *cmd = create_cmd();
    DISPPARAMS params = { NULL, NULL, 0, 0 };
    VARIANTARG args[2]; /* the last argument first */
    VARIANT result;
    HRESULT hr;

    V_VT(&args[1]) = VT_UI1;
    V_UI1(&args[1]) = 0x80;
    V_VT(&args[0]) = VT_I4;
    V_I4(&args[0]) = 0x84;
    params.rgvarg = args;
    params.cArgs = 2;
    hr = ISCardCmd_Invoke(cmd, 15, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &params, NULL, NULL, NULL);
    ok(hr == S_OK, "BuildCmd: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "80840000", "BuildCmd(CLA, INS)");
    params.cArgs = 0;
    VariantInit(&result);
    hr = ISCardCmd_Invoke(cmd, 1, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_PROPERTYGET, &params, &result, NULL,
                          NULL);
    ok(hr == S_OK && V_VT(&result) == VT_I4 && V_I4(&result) == 4, "ApduLength: %s, type %u, %ld.\n",
       dbgstr_hr(hr), V_VT(&result), V_I4(&result));
    hr = ISCardCmd_Invoke(cmd, 16, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &params, NULL, NULL, NULL);
    ok(hr == S_OK, "Clear: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "", "Clear");
    hr = ISCardCmd_Invoke(cmd, 99, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &params, NULL, NULL, NULL);
    ok(hr == DISP_E_MEMBERNOTFOUND, "No such member: %s.\n", dbgstr_hr(hr));
    ISCardCmd_Release(cmd);
}

START_TEST(cmd)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_object_rules(&rules, module);
    test_fresh();
    test_header();
    test_BuildCmd();
    test_invalid_le();
    test_too_much_data();
    test_cases();
    test_Clear();
    test_null_pointers();
    test_Invoke();
    check_nothing_left(module);
    CoUninitialize();
}
