/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardCmd: the reply with its status word, the alternate class and the node addresses.
 */

#define COBJMACROS
#include "common.h"
#include "cmd_common.h"
#include "object_rules.h"

static void check_status(int line, ISCardCmd *cmd, WORD expected)
{
    BYTE sw1 = 0xcc, sw2 = 0xcc;
    WORD status = 0xcccc;
    HRESULT hr;

    hr = ISCardCmd_get_ReplyStatus(cmd, &status);
    ok_(__FILE__, line)(hr == S_OK && status == expected, "ReplyStatus: %s, %04x, expected %04x.\n",
                        dbgstr_hr(hr), status, expected);
    hr = ISCardCmd_get_ReplyStatusSW1(cmd, &sw1);
    ok_(__FILE__, line)(hr == S_OK && sw1 == expected >> 8, "ReplyStatusSW1: %s, %02x.\n", dbgstr_hr(hr),
                        sw1);
    hr = ISCardCmd_get_ReplyStatusSW2(cmd, &sw2);
    ok_(__FILE__, line)(hr == S_OK && sw2 == (expected & 0xff), "ReplyStatusSW2: %s, %02x.\n", dbgstr_hr(hr),
                        sw2);
}
#define check_status(cmd, expected) check_status(__LINE__, cmd, expected)

/* @member ISCardCmd::get_ApduReply [client] the reply with SW1 SW2 at its end; NULL before any. */
/* @member ISCardCmd::put_ApduReply [doc][ours] takes a reply of two bytes at least. */
/* @member ISCardCmd::get_ApduReplyLength [client] its length with the status word, 0 without a reply. */
/* [client] The reply with SW1 SW2 at its end: ApduReplyLength bytes are read, the last two are the status. */
static void test_ApduReply(void)
{
    static const struct
    {
        const char *reply;
        WORD status;
    }
    replies[] =
    {
        { "9000", 0x9000 },
        { "6a82", 0x6a82 },
        { "01 9000", 0x9000 },
        { "0102030405060708 6282", 0x6282 },
        { "9000 6985", 0x6985 },
        { "00 0000", 0x0000 },
    };
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer = (IByteBuffer *)0xdeadbeef;
    unsigned int i;
    HRESULT hr;

    hr = ISCardCmd_get_ApduReply(cmd, &buffer); /* [ours] */
    ok(hr == S_OK && !buffer, "No reply: %s, %p.\n", dbgstr_hr(hr), (void *)buffer);
    check_status(cmd, 0); /* [ours] */
    for (i = 0; i < ARRAY_SIZE(replies); i++)
    {
        winetest_push_context("reply %s", replies[i].reply);
        hr = put_hex_reply(cmd, replies[i].reply);
        ok(hr == S_OK, "put_ApduReply: %s.\n", dbgstr_hr(hr));
        check_hex_reply(cmd, replies[i].reply, "put");
        check_status(cmd, replies[i].status);
        winetest_pop_context();
    }
    check_hex_apdu(cmd, "", "a reply builds no command");
    ISCardCmd_Release(cmd);
}

/* [ours] With no reply before, and with one. */
static void test_bad_ApduReply(void)
{
    static const char *const bad[] = { "", "90" };
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    unsigned int filled, i;
    HRESULT hr;

    for (filled = 0; filled < 2; filled++)
    {
        if (filled) put_hex_apdu(cmd, "00a40000");
        if (filled) put_hex_reply(cmd, "0102 9000");
        take_picture(cmd, &before);
        for (i = 0; i < ARRAY_SIZE(bad); i++)
        {
            hr = put_hex_reply(cmd, bad[i]);
            ok(hr == E_INVALIDARG, "'%s': %s.\n", bad[i], dbgstr_hr(hr));
            check_unchanged(cmd, &before, filled ? "a bad reply" : "a bad reply, none before");
        }
    }
    hr = ISCardCmd_put_ApduReply(cmd, NULL); /* [doc] */
    ok(hr == E_POINTER, "put_ApduReply(NULL): %s.\n", dbgstr_hr(hr));
    check_unchanged(cmd, &before, "put_ApduReply(NULL)");
    ISCardCmd_Release(cmd);
}

static void test_longest_ApduReply(void)
{
    BYTE *bytes = calloc(1, 65538);
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer;
    HRESULT hr;

    bytes[65536] = 0x91; /* [iso] the longest */
    bytes[65537] = 0x23;
    buffer = create_buffer(bytes, 65538);
    hr = ISCardCmd_put_ApduReply(cmd, buffer);
    ok(hr == S_OK, "65536 bytes and a status: %s.\n", dbgstr_hr(hr));
    check_cmd_reply(cmd, bytes, 65538, "65536 bytes and a status");
    check_status(cmd, 0x9123);
    IByteBuffer_Release(buffer);
    free(bytes);
    ISCardCmd_Release(cmd);
}

/* @member ISCardCmd::put_ApduReplyLength [ours] data is cut or filled with zeros, the status word stays at the end. */
/* [ours] Data is cut or filled with zeros, the status word stays at the end. */
static void test_ApduReplyLength(void)
{
    static const struct
    {
        const char *reply; /* NULL: none */
        LONG length;
        const char *result; /* NULL: E_INVALIDARG */
        WORD status;
    }
    lengths[] =
    {
        { "0102030405 9000", 7, "0102030405 9000", 0x9000 },
        { "0102030405 9000", 4, "0102 9000", 0x9000 },
        { "0102030405 6a82", 2, "6a82", 0x6a82 },
        { "0102030405 9000", 0, "", 0 },
        { "0102 9000", 7, "0102000000 9000", 0x9000 },
        { "6283", 5, "000000 6283", 0x6283 },
        { "9000", 2, "9000", 0x9000 },
        { NULL, 0, "", 0 },
        { NULL, 2, "0000", 0 },
        { NULL, 4, "00000000", 0 },
        { "0102 9000", 1, NULL, 0x9000 },
        { "0102 9000", -1, NULL, 0x9000 },
        { "0102 9000", (LONG)0x80000000, NULL, 0x9000 },
        { NULL, 1, NULL, 0 },
        { NULL, -2, NULL, 0 },
    };
    struct cmd_picture before;
    unsigned int i;
    ISCardCmd *cmd;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        winetest_push_context("reply %s, length %ld", lengths[i].reply ? lengths[i].reply : "(none)",
                              lengths[i].length);
        cmd = create_cmd();
        put_hex_apdu(cmd, "00a40000");
        if (lengths[i].reply) put_hex_reply(cmd, lengths[i].reply);
        take_picture(cmd, &before);
        hr = ISCardCmd_put_ApduReplyLength(cmd, lengths[i].length);
        ok(hr == (lengths[i].result ? S_OK : E_INVALIDARG), "%s.\n", dbgstr_hr(hr));
        if (lengths[i].result) check_hex_reply(cmd, lengths[i].result, "result");
        else check_unchanged(cmd, &before, "a bad length");
        check_status(cmd, lengths[i].status);
        check_hex_apdu(cmd, "00a40000", "the command");
        ISCardCmd_Release(cmd);
        winetest_pop_context();
    }
}

static void test_longest_ApduReplyLength(void)
{
    ISCardCmd *cmd = create_cmd();
    LONG length;
    HRESULT hr;

    put_hex_reply(cmd, "0102 9000");
    hr = ISCardCmd_put_ApduReplyLength(cmd, 65538);
    ok(hr == S_OK, "The longest reply: %s.\n", dbgstr_hr(hr));
    check_status(cmd, 0x9000);
    ISCardCmd_put_ApduReplyLength(cmd, 4);
    check_hex_reply(cmd, "0102 9000", "and short again");
    hr = ISCardCmd_put_ApduReplyLength(cmd, 0x7fffffff); /* more than any card says; never a crash */
    ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(length == (hr == S_OK ? 0x7fffffff : 4), "Length 0x7fffffff: %s, %ld.\n", dbgstr_hr(hr), length);
    check_status(cmd, 0x9000);
    ISCardCmd_Release(cmd);
}

/* @member ISCardCmd::get_ReplyStatus [doc][ours] SW1 and SW2 as one number, 0 without a reply. */
/* @member ISCardCmd::put_ReplyStatus [ours] changes the last two bytes, and makes a reply where there is none. */
/* @member ISCardCmd::get_ReplyStatusSW1 [doc][ours] SW1, 0 without a reply. */
/* @member ISCardCmd::get_ReplyStatusSW2 [doc][ours] SW2, 0 without a reply. */
/* [ours] put changes the last two bytes, and makes a reply where there is none. */
static void test_ReplyStatus(void)
{
    static const WORD values[] = { 0x9000, 0x0000, 0x6a82, 0xffff, 0x00ff, 0xff00 };
    ISCardCmd *cmd = create_cmd();
    BYTE reply[5] = { 1, 2, 3 };
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(values); i++)
    {
        reply[3] = values[i] >> 8;
        reply[4] = (BYTE)values[i];
        ISCardCmd_Clear(cmd);
        hr = ISCardCmd_put_ReplyStatus(cmd, values[i]);
        ok(hr == S_OK, "put_ReplyStatus(%04x): %s.\n", values[i], dbgstr_hr(hr));
        check_cmd_reply(cmd, reply + 3, 2, "status %04x of no reply", values[i]);
        check_status(cmd, values[i]);
        put_hex_reply(cmd, "010203 1234");
        hr = ISCardCmd_put_ReplyStatus(cmd, values[i]);
        ok(hr == S_OK, "put_ReplyStatus(%04x): %s.\n", values[i], dbgstr_hr(hr));
        check_cmd_reply(cmd, reply, 5, "status %04x of a reply", values[i]);
        check_status(cmd, values[i]);
    }
    check_hex_apdu(cmd, "", "a status builds no command");
    ISCardCmd_Release(cmd);
}

static void check_addresses(int line, ISCardCmd *cmd, BYTE cla, BYTE nad, const char *what)
{
    BYTE byte = 0xcc;
    HRESULT hr;

    hr = ISCardCmd_get_AlternateClassId(cmd, &byte);
    ok_(__FILE__, line)(hr == S_OK && byte == cla, "%s: AlternateClassId: %s, %02x.\n", what, dbgstr_hr(hr),
                        byte);
    hr = ISCardCmd_get_Nad(cmd, &byte);
    ok_(__FILE__, line)(hr == S_OK && byte == nad, "%s: Nad: %s, %02x.\n", what, dbgstr_hr(hr), byte);
}
#define check_addresses(...) check_addresses(__LINE__, __VA_ARGS__)

/* @member ISCardCmd::get_ReplyNad [doc] E_ACCESSDENIED until it was put. */
/* @member ISCardCmd::put_ReplyNad [doc] sets what get_ReplyNad answers. */
/* @member ISCardCmd::get_AlternateClassId [doc] E_ACCESSDENIED until it was put. */
/* @member ISCardCmd::put_AlternateClassId [doc][ours] the class of the GET RESPONSE commands that a transaction adds.
 * */
/* [doc] E_ACCESSDENIED until put was called, for AlternateClassId and ReplyNad. */
static void test_access_denied(void)
{
    ISCardCmd *cmd = create_cmd();
    unsigned int round;
    BYTE byte;
    HRESULT hr;

    for (round = 0; round < 2; round++)
    {
        byte = 0xcc;
        hr = ISCardCmd_get_AlternateClassId(cmd, &byte);
        ok(hr == E_ACCESSDENIED && byte == 0, "get_AlternateClassId: %s, %02x.\n", dbgstr_hr(hr), byte);
        byte = 0xcc;
        hr = ISCardCmd_get_ReplyNad(cmd, &byte);
        ok(hr == E_ACCESSDENIED && byte == 0, "get_ReplyNad: %s, %02x.\n", dbgstr_hr(hr), byte);
        /* nothing else puts them */
        put_hex_apdu(cmd, "c0a40000");
        put_hex_reply(cmd, "9000");
        ISCardCmd_put_Nad(cmd, 0x21);
    }
    hr = ISCardCmd_put_AlternateClassId(cmd, 0); /* put to zero is put */
    ok(hr == S_OK, "put_AlternateClassId: %s.\n", dbgstr_hr(hr));
    byte = 0xcc;
    hr = ISCardCmd_get_AlternateClassId(cmd, &byte);
    ok(hr == S_OK && byte == 0, "get_AlternateClassId: %s, %02x.\n", dbgstr_hr(hr), byte);
    hr = ISCardCmd_put_ReplyNad(cmd, 0);
    ok(hr == S_OK, "put_ReplyNad: %s.\n", dbgstr_hr(hr));
    byte = 0xcc;
    hr = ISCardCmd_get_ReplyNad(cmd, &byte);
    ok(hr == S_OK && byte == 0, "get_ReplyNad: %s, %02x.\n", dbgstr_hr(hr), byte);
    hr = ISCardCmd_put_ReplyNad(cmd, 0x12);
    ok(hr == S_OK, "put_ReplyNad: %s.\n", dbgstr_hr(hr));
    hr = ISCardCmd_get_ReplyNad(cmd, &byte);
    ok(hr == S_OK && byte == 0x12, "get_ReplyNad: %s, %02x.\n", dbgstr_hr(hr), byte);
    hr = ISCardCmd_get_Nad(cmd, &byte);
    ok(hr == S_OK && byte == 0x21, "get_Nad: %s, %02x.\n", dbgstr_hr(hr), byte);
    ISCardCmd_Release(cmd);
}

/* @member ISCardCmd::get_Nad [doc][ours] the address that was put, 0 at first; it survives all that builds a command.
 * */
/* @member ISCardCmd::put_Nad [doc][ours] kept by the object; a transaction is sent without it. */
/* [ours] AlternateClassId and Nad survive Clear, BuildCmd, put_Apdu and every method of ISCardISO7816. */
static void test_survival(void)
{
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer = create_hex_buffer("3f00");
    HRESULT hr;

    hr = ISCardCmd_put_AlternateClassId(cmd, 0xc0);
    ok(hr == S_OK, "put_AlternateClassId: %s.\n", dbgstr_hr(hr));
    hr = ISCardCmd_put_Nad(cmd, 0x45);
    ok(hr == S_OK, "put_Nad: %s.\n", dbgstr_hr(hr));
    check_hex_apdu(cmd, "", "They build no command");
    check_addresses(cmd, 0xc0, 0x45, "put");
    ISCardCmd_Clear(cmd);
    check_addresses(cmd, 0xc0, 0x45, "Clear");
    ISCardCmd_BuildCmd(cmd, 0x80, 1, 2, 3, buffer, NULL);
    check_addresses(cmd, 0xc0, 0x45, "BuildCmd");
    put_hex_apdu(cmd, "9000000000");
    check_addresses(cmd, 0xc0, 0x45, "put_Apdu");
    ISCardCmd_put_ClassId(cmd, 0x12);
    check_addresses(cmd, 0xc0, 0x45, "put_ClassId");
    ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_1);
    check_addresses(cmd, 0xc0, 0x45, "a failed Encapsulate");

#define CHECK_ISO(call, ...) \
    hr = ISCardISO7816_##call(iso, ##__VA_ARGS__, &cmd); \
    ok(hr == S_OK, #call ": %s.\n", dbgstr_hr(hr)); \
    check_addresses(cmd, 0xc0, 0x45, #call)

    CHECK_ISO(AppendRecord, 0, buffer);
    CHECK_ISO(EraseBinary, 0, 0, buffer);
    CHECK_ISO(ExternalAuthenticate, 0, 0, buffer);
    CHECK_ISO(GetChallenge, 8);
    CHECK_ISO(GetData, 0, 0, 8);
    CHECK_ISO(GetResponse, 0, 0, 8);
    CHECK_ISO(InternalAuthenticate, 0, 0, buffer, 8);
    CHECK_ISO(ManageChannel, 0, 0);
    CHECK_ISO(PutData, 0, 0, buffer);
    CHECK_ISO(ReadBinary, 0, 0, 8);
    CHECK_ISO(ReadRecord, 0, 0, 8);
    CHECK_ISO(SelectFile, 0, 0, buffer, 8);
    CHECK_ISO(UpdateBinary, 0, 0, buffer);
    CHECK_ISO(UpdateRecord, 0, 0, buffer);
    CHECK_ISO(Verify, 0, buffer);
    CHECK_ISO(WriteBinary, 0, 0, buffer);
    CHECK_ISO(WriteRecord, 0, 0, buffer);
#undef CHECK_ISO

    IByteBuffer_Release(buffer);
    ISCardCmd_Release(cmd);
    ISCardISO7816_Release(iso);
}

START_TEST(cmd_reply)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_ApduReply();
    test_bad_ApduReply();
    test_longest_ApduReply();
    test_ApduReplyLength();
    test_longest_ApduReplyLength();
    test_ReplyStatus();
    test_access_denied();
    test_survival();
    check_nothing_left(module);
    CoUninitialize();
}
