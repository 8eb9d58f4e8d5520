/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardISO7816: the seventeen command builders and SetDefaultClassId, driven by a table of what each one
 * takes. The instruction bytes, P1-P2 and the encodings are ISO/IEC 7816-4; which arguments may be missing
 * and what a length of 0 means is from the reference pages.
 */

#define COBJMACROS
#include <stdio.h>
#include <string.h>
#include "common.h"

enum method
{
    APPEND_RECORD,
    ERASE_BINARY,
    EXTERNAL_AUTHENTICATE,
    GET_CHALLENGE,
    GET_DATA,
    GET_RESPONSE,
    INTERNAL_AUTHENTICATE,
    MANAGE_CHANNEL,
    PUT_DATA,
    READ_BINARY,
    READ_RECORD,
    SELECT_FILE,
    UPDATE_BINARY,
    UPDATE_RECORD,
    VERIFY,
    WRITE_BINARY,
    WRITE_RECORD,
};

enum data_rule
{
    DATA_NONE,     /* the method has no data argument */
    DATA_OPTIONAL, /* NULL is legal */
    DATA_REQUIRED, /* NULL is E_POINTER */
};

enum length_rule
{
    LENGTH_NONE,     /* the method has no length argument */
    LENGTH_ZERO_ALL, /* 0 asks for all there is: Le = 256 */
    LENGTH_ZERO_NONE /* 0 is no Le */
};

static const struct
{
    const char *name;
    BYTE ins;
    BOOL has_p1;
    BOOL has_p2;
    enum data_rule data;
    enum length_rule length;
}
builders[] = /* indexed by method */
{
    { "AppendRecord", 0xe2, FALSE, TRUE, DATA_REQUIRED, LENGTH_NONE },
    { "EraseBinary", 0x0e, TRUE, TRUE, DATA_OPTIONAL, LENGTH_NONE },
    { "ExternalAuthenticate", 0x82, TRUE, TRUE, DATA_OPTIONAL, LENGTH_NONE },
    { "GetChallenge", 0x84, FALSE, FALSE, DATA_NONE, LENGTH_ZERO_ALL },
    { "GetData", 0xca, TRUE, TRUE, DATA_NONE, LENGTH_ZERO_ALL },
    { "GetResponse", 0xc0, TRUE, TRUE, DATA_NONE, LENGTH_ZERO_ALL },
    { "InternalAuthenticate", 0x88, TRUE, TRUE, DATA_REQUIRED, LENGTH_ZERO_NONE },
    { "ManageChannel", 0x70, TRUE, TRUE, DATA_NONE, LENGTH_NONE },
    { "PutData", 0xda, TRUE, TRUE, DATA_REQUIRED, LENGTH_NONE },
    { "ReadBinary", 0xb0, TRUE, TRUE, DATA_NONE, LENGTH_ZERO_ALL },
    { "ReadRecord", 0xb2, TRUE, TRUE, DATA_NONE, LENGTH_ZERO_ALL },
    { "SelectFile", 0xa4, TRUE, TRUE, DATA_OPTIONAL, LENGTH_ZERO_NONE },
    { "UpdateBinary", 0xd6, TRUE, TRUE, DATA_REQUIRED, LENGTH_NONE },
    { "UpdateRecord", 0xdc, TRUE, TRUE, DATA_REQUIRED, LENGTH_NONE },
    { "Verify", 0x20, FALSE, TRUE, DATA_OPTIONAL, LENGTH_NONE },
    { "WriteBinary", 0xd0, TRUE, TRUE, DATA_REQUIRED, LENGTH_NONE },
    { "WriteRecord", 0xd2, TRUE, TRUE, DATA_REQUIRED, LENGTH_NONE },
};

/* Calls one builder; what it does not take is ignored. */
static HRESULT build(ISCardISO7816 *iso, enum method method, BYTE p1, BYTE p2, IByteBuffer *data, LONG length,
                     ISCardCmd **cmd)
{
    switch (method)
    {
    case APPEND_RECORD: return ISCardISO7816_AppendRecord(iso, p2, data, cmd);
    case ERASE_BINARY: return ISCardISO7816_EraseBinary(iso, p1, p2, data, cmd);
    case EXTERNAL_AUTHENTICATE: return ISCardISO7816_ExternalAuthenticate(iso, p1, p2, data, cmd);
    case GET_CHALLENGE: return ISCardISO7816_GetChallenge(iso, length, cmd);
    case GET_DATA: return ISCardISO7816_GetData(iso, p1, p2, length, cmd);
    case GET_RESPONSE: return ISCardISO7816_GetResponse(iso, p1, p2, length, cmd);
    case INTERNAL_AUTHENTICATE: return ISCardISO7816_InternalAuthenticate(iso, p1, p2, data, length, cmd);
    case MANAGE_CHANNEL: return ISCardISO7816_ManageChannel(iso, p1, p2, cmd);
    case PUT_DATA: return ISCardISO7816_PutData(iso, p1, p2, data, cmd);
    case READ_BINARY: return ISCardISO7816_ReadBinary(iso, p1, p2, length, cmd);
    case READ_RECORD: return ISCardISO7816_ReadRecord(iso, p1, p2, length, cmd);
    case SELECT_FILE: return ISCardISO7816_SelectFile(iso, p1, p2, data, length, cmd);
    case UPDATE_BINARY: return ISCardISO7816_UpdateBinary(iso, p1, p2, data, cmd);
    case UPDATE_RECORD: return ISCardISO7816_UpdateRecord(iso, p1, p2, data, cmd);
    case VERIFY: return ISCardISO7816_Verify(iso, p2, data, cmd);
    case WRITE_BINARY: return ISCardISO7816_WriteBinary(iso, p1, p2, data, cmd);
    case WRITE_RECORD: return ISCardISO7816_WriteRecord(iso, p1, p2, data, cmd);
    }
    return E_NOTIMPL;
}

/* The encoding of a command, ISO/IEC 7816-4 5.1: short unless Lc > 255 or Le > 256. Returns its length. */
static LONG encode(BYTE *apdu, const BYTE header[4], const BYTE *data, LONG lc, LONG le)
{
    BOOL extended = lc > 255 || le > 256;
    LONG size = 4;

    memcpy(apdu, header, 4);
    if (extended) apdu[size++] = 0;
    if (lc)
    {
        if (extended) apdu[size++] = (BYTE)(lc >> 8);
        apdu[size++] = (BYTE)lc;
        memcpy(apdu + size, data, lc);
        size += lc;
    }
    if (le)
    {
        if (extended) apdu[size++] = (BYTE)(le >> 8);
        apdu[size++] = (BYTE)le;
    }
    return size;
}

/* The whole APDUs, written out. [doc] [iso] */
static const struct
{
    enum method method;
    BYTE p1;
    BYTE p2;
    const char *data; /* hexadecimal; NULL: none */
    LONG length;
    const char *apdu;
}
commands[] =
{
    { APPEND_RECORD, 0, 0x00, "010203", 0, "00e2000003010203" },
    { APPEND_RECORD, 0, 0x18, "aa", 0, "00e2001801aa" },
    { ERASE_BINARY, 0x00, 0x00, NULL, 0, "000e0000" },
    { ERASE_BINARY, 0x12, 0x34, "1244", 0, "000e1234021244" },
    { EXTERNAL_AUTHENTICATE, 0x00, 0x00, NULL, 0, "00820000" },
    { EXTERNAL_AUTHENTICATE, 0x01, 0x82, "0102030405060708", 0, "00820182080102030405060708" },
    { GET_CHALLENGE, 0, 0, NULL, 8, "0084000008" },
    { GET_CHALLENGE, 0, 0, NULL, 0, "0084000000" },
    { GET_DATA, 0x00, 0x5a, NULL, 3, "00ca005a03" },
    { GET_DATA, 0x01, 0x02, NULL, 0, "00ca010200" },
    { GET_RESPONSE, 0x00, 0x00, NULL, 0, "00c0000000" },
    { GET_RESPONSE, 0x00, 0x00, NULL, 0x1f, "00c000001f" },
    { INTERNAL_AUTHENTICATE, 0x01, 0x81, "1122334455667788", 8, "0088018108112233445566778808" },
    { INTERNAL_AUTHENTICATE, 0x00, 0x00, "11", 0, "008800000111" },
    { MANAGE_CHANNEL, 0x00, 0x00, NULL, 0, "0070000001" },
    { MANAGE_CHANNEL, 0x00, 0x02, NULL, 0, "00700002" },
    { MANAGE_CHANNEL, 0x80, 0x02, NULL, 0, "00708002" },
    { MANAGE_CHANNEL, 0x80, 0x00, NULL, 0, "00708000" },
    { PUT_DATA, 0x01, 0x00, "beef", 0, "00da010002beef" },
    { READ_BINARY, 0x00, 0x00, NULL, 0, "00b0000000" },
    { READ_BINARY, 0x81, 0x10, NULL, 16, "00b0811010" },
    { READ_BINARY, 0x00, 0x00, NULL, 255, "00b00000ff" },
    { READ_BINARY, 0x00, 0x00, NULL, 256, "00b0000000" },
    { READ_BINARY, 0x00, 0x00, NULL, 257, "00b00000000101" },
    { READ_BINARY, 0x00, 0x00, NULL, 65535, "00b0000000ffff" },
    { READ_BINARY, 0x00, 0x00, NULL, 65536, "00b00000000000" },
    { READ_RECORD, 0x01, 0x04, NULL, 0, "00b2010400" },
    { READ_RECORD, 0x02, 0x0c, NULL, 20, "00b2020c14" },
    { SELECT_FILE, 0x00, 0x00, NULL, 0, "00a40000" },
    { SELECT_FILE, 0x00, 0x00, "3f00", 0, "00a40000023f00" },
    { SELECT_FILE, 0x04, 0x00, "a000000018", 256, "00a4040005a00000001800" },
    { SELECT_FILE, 0x03, 0x0c, NULL, 12, "00a4030c0c" },
    { UPDATE_BINARY, 0x00, 0x10, "ff", 0, "00d6001001ff" },
    { UPDATE_RECORD, 0x00, 0x00, "1234", 0, "00dc0000021234" },
    { UPDATE_RECORD, 0x03, 0x04, "1234", 0, "00dc0304021234" },
    { VERIFY, 0, 0x00, NULL, 0, "00200000" },
    { VERIFY, 0, 0x81, "31323334ffffffff", 0, "002000810831323334ffffffff" },
    { WRITE_BINARY, 0x7f, 0xff, "00", 0, "00d07fff0100" },
    { WRITE_RECORD, 0x00, 0x00, "55", 0, "00d200000155" },
    { WRITE_RECORD, 0x05, 0x0c, "55", 0, "00d2050c0155" },
    /* What ISO reserves is passed on, not second-guessed. [ours] */
    { SELECT_FILE, 0xff, 0xff, "00", 0, "00a4ffff0100" },
    { READ_BINARY, 0xff, 0xff, NULL, 1, "00b0ffff01" },
    { MANAGE_CHANNEL, 0xff, 0xff, NULL, 0, "0070ffff" },
    { GET_RESPONSE, 0xab, 0xcd, NULL, 1, "00c0abcd01" },
};

/* @member ISCardISO7816::AppendRecord [doc][iso] E2, P1 0, P2 the reference control, the record. */
/* @member ISCardISO7816::EraseBinary [doc][iso] 0E, the offset; the data may be NULL. */
/* @member ISCardISO7816::ExternalAuthenticate [doc][iso] 82, P1 the algorithm, P2 the secret; the data may be NULL. */
/* @member ISCardISO7816::GetData [doc][iso][ours] CA, P1-P2; 0 asks for all there is. */
/* @member ISCardISO7816::InternalAuthenticate [doc][iso][ours] 88, algorithm, secret, the challenge; 0 means no Le. */
/* @member ISCardISO7816::ManageChannel [doc][iso] 70, P1 the state, P2 the channel; one byte expected where the card
 * chooses. */
/* @member ISCardISO7816::PutData [doc][iso] DA, P1-P2, the data. */
/* @member ISCardISO7816::SelectFile [doc][sdk98][iso] A4, P1-P2; the data may be NULL, 0 means no Le. */
/* @member ISCardISO7816::UpdateBinary [doc][iso] D6, the offset, the data. */
/* @member ISCardISO7816::UpdateRecord [doc][iso] DC, P1 the record, P2 the reference control, the record. */
/* @member ISCardISO7816::Verify [doc][iso] 20, P1 0, P2 the reference control; the data may be NULL. */
/* @member ISCardISO7816::WriteBinary [doc][iso] D0, the offset, the data. */
/* @member ISCardISO7816::WriteRecord [doc][iso] D2, P1 the record, P2 the reference control, the record. */
static void test_commands(void)
{
    ISCardISO7816 *iso = create_iso();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(commands); i++)
    {
        BYTE data[32], apdu[64];
        LONG data_size = from_hex(data, commands[i].data), size = from_hex(apdu, commands[i].apdu);
        IByteBuffer *buffer = commands[i].data ? create_buffer(data, data_size) : NULL;
        ISCardCmd *cmd = NULL;
        HRESULT hr;

        hr = build(iso, commands[i].method, commands[i].p1, commands[i].p2, buffer, commands[i].length, &cmd);
        ok(hr == S_OK && cmd, "%u: %s: %#lx.\n", i, builders[commands[i].method].name, hr);
        if (cmd)
        {
            check_apdu(cmd, apdu, size, "%u: %s", i, builders[commands[i].method].name);
            ISCardCmd_Release(cmd);
        }
        if (buffer) IByteBuffer_Release(buffer);
    }
    ISCardISO7816_Release(iso);
}

/* @member ISCardISO7816::GetChallenge [doc][iso][ours] 84; 0 asks for all there is; a negative length is E_INVALIDARG.
 * */
/* @member ISCardISO7816::GetResponse [doc][iso][ours] C0, P1-P2; 0 asks for all there is. */
/* @member ISCardISO7816::ReadBinary [doc][iso] B0, the offset; 0 reads to the end. */
/* @member ISCardISO7816::ReadRecord [doc][iso] B2, P1 the record, P2 the reference control; 0 reads to the end. */
/* The length argument: the boundaries of short and extended Le, with the meaning of 0, and what is out of
 * range. */
static void test_lengths(void)
{
    static const LONG legal[] = { 0, 1, 255, 256, 257, 65535, 65536 };
    static const LONG illegal[] = { 65537, 0x7fffffff, -1, -256, (LONG)0x80000000 };
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *data = create_buffer("\x77", 1);
    unsigned int method, i;

    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        const BYTE header[4] = { 0x00, builders[method].ins, builders[method].has_p1 ? 0x21 : 0,
                                 builders[method].has_p2 ? 0x43 : 0 };
        BOOL has_data = builders[method].data != DATA_NONE;
        ISCardCmd *cmd = NULL;
        BYTE apdu[16];
        HRESULT hr;

        if (builders[method].length == LENGTH_NONE) continue;
        for (i = 0; i < ARRAY_SIZE(legal); i++)
        {
            LONG le = legal[i] || builders[method].length == LENGTH_ZERO_NONE ? legal[i] : 256;

            hr = build(iso, method, 0x21, 0x43, data, legal[i], &cmd);
            ok(hr == S_OK && cmd, "%s(%ld): %#lx.\n", builders[method].name, legal[i], hr);
            if (!cmd) continue;
            /* [doc] [iso]; 0 of GetChallenge, GetData, GetResponse and InternalAuthenticate [ours] */
            check_apdu(cmd, apdu, encode(apdu, header, (const BYTE *)"\x77", has_data, le), "%s(%ld)",
                       builders[method].name, legal[i]);
        }
        /* A length that cannot be leaves the command as it was. [doc] [ours] */
        for (i = 0; cmd && i < ARRAY_SIZE(illegal); i++)
        {
            ISCardCmd *before = cmd;

            hr = build(iso, method, 0x55, 0x66, data, illegal[i], &cmd);
            ok(hr == E_INVALIDARG && cmd == before, "%s(%ld): %#lx.\n", builders[method].name, illegal[i],
               hr);
            check_apdu(cmd, apdu, encode(apdu, header, (const BYTE *)"\x77", has_data, 65536), "%s(%ld)",
                       builders[method].name, illegal[i]);
        }
        for (i = 0; i < ARRAY_SIZE(illegal); i++)
        {
            ISCardCmd *none = NULL;

            hr = build(iso, method, 0x55, 0x66, data, illegal[i], &none);
            ok(hr == E_INVALIDARG && !none, "%s(%ld): %#lx, %p.\n", builders[method].name, illegal[i], hr,
               (void *)none); /* [ours] */
        }
        if (cmd) ISCardCmd_Release(cmd);
    }
    IByteBuffer_Release(data);
    ISCardISO7816_Release(iso);
}

/* 65536 different bytes. */
static BYTE *create_data(void)
{
    BYTE *data = HeapAlloc(GetProcessHeap(), 0, 65536);
    unsigned int i;

    for (i = 0; i < 65536; i++) data[i] = (BYTE)(i * 7 + (i >> 8));
    return data;
}

/* The data argument: missing, empty, and the boundaries of short and extended Lc. */
static void test_data(void)
{
    static const LONG legal[] = { 0, 1, 255, 256, 257, 65535 };
    ISCardISO7816 *iso = create_iso();
    BYTE *data = create_data(), *apdu = HeapAlloc(GetProcessHeap(), 0, 65536 + 16);
    unsigned int method, i;
    HRESULT hr;

    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        const BYTE header[4] = { 0x00, builders[method].ins, builders[method].has_p1 ? 0x21 : 0,
                                 builders[method].has_p2 ? 0x43 : 0 };
        IByteBuffer *buffer;
        ISCardCmd *cmd = NULL;

        if (builders[method].data == DATA_NONE) continue;
        hr = build(iso, method, 0x21, 0x43, NULL, 0, &cmd);
        if (builders[method].data == DATA_REQUIRED)
            ok(hr == E_POINTER && !cmd, "%s(NULL): %#lx.\n", builders[method].name, hr); /* [doc] */
        else
        {
            ok(hr == S_OK && cmd, "%s(NULL): %#lx.\n", builders[method].name, hr); /* [doc] */
            if (cmd) check_apdu(cmd, header, 4, "%s(NULL)", builders[method].name);
        }
        for (i = 0; i < ARRAY_SIZE(legal); i++)
        {
            buffer = create_buffer(data, legal[i]);
            hr = build(iso, method, 0x21, 0x43, buffer, 0, &cmd);
            ok(hr == S_OK && cmd, "%s, %ld bytes: %#lx.\n", builders[method].name, legal[i], hr);
            if (cmd) /* [iso]; an empty buffer is no data field [ours] */
                check_apdu(cmd, apdu, encode(apdu, header, data, legal[i], 0), "%s, %ld bytes",
                           builders[method].name, legal[i]);
            IByteBuffer_Release(buffer);
        }
        buffer = create_buffer(data, 65536);
        hr = build(iso, method, 0x55, 0x66, buffer, 0, &cmd);
        ok(hr == E_INVALIDARG, "%s, 65536 bytes: %#lx.\n", builders[method].name, hr); /* [iso] */
        if (cmd) /* the last good one [ours] */
            check_apdu(cmd, apdu, encode(apdu, header, data, 65535, 0), "%s, 65536 bytes",
                       builders[method].name);
        IByteBuffer_Release(buffer);
        if (cmd) ISCardCmd_Release(cmd);
    }
    HeapFree(GetProcessHeap(), 0, apdu);
    HeapFree(GetProcessHeap(), 0, data);
    ISCardISO7816_Release(iso);
}

/* Case 4 with both fields extended as soon as one needs it. [iso] */
static void test_data_and_length(void)
{
    static const struct { LONG lc, le; } cases[] = { { 255, 256 }, { 256, 1 }, { 1, 257 }, { 65535, 65536 } };
    static const BYTE header[4] = { 0x00, 0xa4, 0x21, 0x43 };
    ISCardISO7816 *iso = create_iso();
    BYTE *data = create_data(), *apdu = HeapAlloc(GetProcessHeap(), 0, 65536 + 16);
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        IByteBuffer *buffer = create_buffer(data, cases[i].lc);
        ISCardCmd *cmd = NULL;

        hr = build(iso, SELECT_FILE, 0x21, 0x43, buffer, cases[i].le, &cmd);
        ok(hr == S_OK && cmd, "SelectFile, Lc %ld, Le %ld: %#lx.\n", cases[i].lc, cases[i].le, hr);
        if (cmd)
        {
            check_apdu(cmd, apdu, encode(apdu, header, data, cases[i].lc, cases[i].le),
                       "SelectFile, Lc %ld, Le %ld", cases[i].lc, cases[i].le);
            ISCardCmd_Release(cmd);
        }
        IByteBuffer_Release(buffer);
    }
    HeapFree(GetProcessHeap(), 0, apdu);
    HeapFree(GetProcessHeap(), 0, data);
    ISCardISO7816_Release(iso);
}

/* The whole content is taken, wherever the seek pointer is, and the pointer stays there. [client] */
static void test_seek_pointer(void)
{
    static const BYTE content[] = { 0x11, 0x12, 0x13, 0x14 };
    static const LONG positions[] = { 0, 2, 4, 9 };
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *buffer = create_buffer(content, sizeof(content));
    unsigned int method, i;

    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        const BYTE header[4] = { 0x00, builders[method].ins, builders[method].has_p1 ? 0x21 : 0,
                                 builders[method].has_p2 ? 0x43 : 0 };

        if (builders[method].data == DATA_NONE) continue;
        for (i = 0; i < ARRAY_SIZE(positions); i++)
        {
            ISCardCmd *cmd = NULL;
            LONG position = -1;
            BYTE apdu[16];
            HRESULT hr;

            IByteBuffer_Seek(buffer, positions[i], STREAM_SEEK_SET, NULL);
            hr = build(iso, method, 0x21, 0x43, buffer, 0, &cmd);
            ok(hr == S_OK && cmd, "%s: %#lx.\n", builders[method].name, hr);
            if (!cmd) continue;
            check_apdu(cmd, apdu, encode(apdu, header, content, sizeof(content), 0),
                       "%s with the pointer at %ld", builders[method].name, positions[i]);
            IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position);
            ok(position == positions[i], "%s: the pointer went from %ld to %ld.\n", builders[method].name,
               positions[i], position);
            ISCardCmd_Release(cmd);
        }
    }
    IByteBuffer_Release(buffer);
    ISCardISO7816_Release(iso);
}

/* ppCmd NULL, pointing to NULL, pointing to a command of ours. */
static void test_cmd_argument(void)
{
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *data = create_buffer("\x77", 1);
    unsigned int method;

    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        const BYTE header[4] = { 0x00, builders[method].ins, builders[method].has_p1 ? 0x21 : 0,
                                 builders[method].has_p2 ? 0x43 : 0 };
        ISCardCmd *cmd = create_cmd(), *given = cmd, *fresh = NULL;
        BYTE alternate = 0, nad = 0, apdu[16];
        LONG le = builders[method].length == LENGTH_NONE ? 0 : 5, size;
        IByteBuffer *reply = NULL;
        HRESULT hr;

        size = encode(apdu, header, (const BYTE *)"\x77", builders[method].data != DATA_NONE, le);
        hr = build(iso, method, 0x21, 0x43, data, 5, NULL);
        ok(hr == E_POINTER, "%s: ppCmd NULL: %#lx.\n", builders[method].name, hr); /* [doc] */
        hr = build(iso, method, 0x21, 0x43, data, -1, NULL);
        ok(hr == E_POINTER, "%s: ppCmd NULL, length -1: %#lx.\n", builders[method].name, hr); /* [ours] */

        ISCardCmd_put_AlternateClassId(cmd, 0xc0);
        ISCardCmd_put_Nad(cmd, 0x12);
        ISCardCmd_put_ReplyStatus(cmd, 0x9000);
        hr = build(iso, method, 0x21, 0x43, data, 5, &cmd);
        ok(hr == S_OK && cmd == given, "%s: %#lx, %p became %p.\n", builders[method].name, hr, (void *)given,
           (void *)cmd); /* [doc] */
        check_apdu(given, apdu, size, "%s into a given command", builders[method].name); /* [doc] */
        ISCardCmd_get_AlternateClassId(given, &alternate);
        ISCardCmd_get_Nad(given, &nad);
        ok(alternate == 0xc0 && nad == 0x12, "%s: AlternateClassId is %02x, Nad %02x.\n",
           builders[method].name, alternate, nad); /* [ours] */
        hr = ISCardCmd_get_ApduReply(given, &reply);
        ok(hr == S_OK && !reply, "%s: the old reply is still there.\n", builders[method].name); /* [ours] */
        if (reply) IByteBuffer_Release(reply);
        ok(ISCardCmd_Release(given) == 0, "%s: the given command is still referenced.\n",
           builders[method].name);

        hr = build(iso, method, 0x21, 0x43, data, 5, &fresh);
        ok(hr == S_OK && fresh, "%s: %#lx.\n", builders[method].name, hr); /* [doc] */
        if (!fresh) continue;
        check_apdu(fresh, apdu, size, "%s into a new command", builders[method].name);
        ok(ISCardCmd_Release(fresh) == 0, "%s: the new command is still referenced.\n",
           builders[method].name);
    }
    IByteBuffer_Release(data);
    ISCardISO7816_Release(iso);
}

/* A command that somebody else implements: exactly one BuildCmd with all that the builder knows, no other
 * member, and its HRESULT is the builder's. [doc] */
static void test_foreign_cmd(void)
{
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *data = create_buffer("\x77\x88", 2);
    unsigned int method;

    ISCardISO7816_SetDefaultClassId(iso, 0x9c);
    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        struct foreign_cmd foreign;
        ISCardCmd *cmd = foreign_cmd_init(&foreign);
        BOOL has_data = builders[method].data != DATA_NONE;
        HRESULT hr;

        hr = build(iso, method, 0x21, 0x43, data, 300, &cmd);
        ok(hr == S_OK && cmd == &foreign.ISCardCmd_iface, "%s: %#lx.\n", builders[method].name, hr);
        ok(foreign.build_count == 1 && foreign.other_count == 0,
           "%s: %u calls of BuildCmd, %u of other members.\n", builders[method].name, foreign.build_count,
           foreign.other_count);
        ok(foreign.cla == 0x9c && foreign.ins == builders[method].ins
               && foreign.p1 == (builders[method].has_p1 ? 0x21 : 0)
               && foreign.p2 == (builders[method].has_p2 ? 0x43 : 0),
           "%s: BuildCmd(%02x, %02x, %02x, %02x).\n", builders[method].name, foreign.cla, foreign.ins,
           foreign.p1, foreign.p2);
        ok(foreign.data_size == (has_data ? 2 : 0) && (!has_data || !memcmp(foreign.data, "\x77\x88", 2)),
           "%s: BuildCmd got %ld bytes.\n", builders[method].name, foreign.data_size);
        ok(foreign.le == (builders[method].length == LENGTH_NONE ? 0 : 300), "%s: BuildCmd got Le %ld.\n",
           builders[method].name, foreign.le);
        ok(foreign.ref == 1, "%s: %ld references left.\n", builders[method].name, foreign.ref);

        foreign_cmd_init(&foreign);
        foreign.build_result = E_ACCESSDENIED;
        hr = build(iso, method, 0x21, 0x43, data, 300, &cmd);
        ok(hr == E_ACCESSDENIED && cmd == &foreign.ISCardCmd_iface && foreign.ref == 1,
           "%s: %#lx, %ld references left.\n", builders[method].name, hr, foreign.ref);

        foreign_cmd_init(&foreign);
        if (builders[method].length != LENGTH_NONE)
        {
            hr = build(iso, method, 0x21, 0x43, data, -1, &cmd);
            ok(hr == E_INVALIDARG, "%s: length -1: %#lx.\n", builders[method].name, hr); /* [doc] */
        }
        if (builders[method].data == DATA_REQUIRED)
        {
            hr = build(iso, method, 0x21, 0x43, NULL, 1, &cmd);
            ok(hr == E_POINTER, "%s: no data: %#lx.\n", builders[method].name, hr); /* [doc] */
        }
        ok(foreign.build_count == 0, "%s: built nevertheless.\n", builders[method].name); /* [ours] */
    }
    IByteBuffer_Release(data);
    ISCardISO7816_Release(iso);
}

/* @member ISCardISO7816::SetDefaultClassId [doc] the class of the later calls, 00 at first. */
/* The class is that of the object, 0 at first, any value, and does not touch commands built before. */
static void test_default_class(void)
{
    ISCardISO7816 *iso = create_iso(), *other = create_iso();
    ISCardCmd *first = NULL, *cmd = NULL;
    unsigned int method, cla;
    BYTE byte = 0xcc;
    HRESULT hr;

    build(iso, GET_CHALLENGE, 0, 0, NULL, 8, &first);
    ISCardCmd_get_ClassId(first, &byte);
    ok(byte == 0, "The class starts as %02x.\n", byte); /* [doc] */
    for (cla = 0; cla <= 0xff; cla += 0x33)
    {
        hr = ISCardISO7816_SetDefaultClassId(iso, (BYTE)cla);
        ok(hr == S_OK, "SetDefaultClassId(%02x): %#lx.\n", cla, hr); /* [doc] */
        build(iso, GET_CHALLENGE, 0, 0, NULL, 8, &cmd);
        ISCardCmd_get_ClassId(cmd, &byte);
        ok(byte == cla, "Class %02x was used instead of %02x.\n", byte, cla); /* [doc] */
    }
    ISCardCmd_get_ClassId(first, &byte);
    ok(byte == 0, "A command built before now has class %02x.\n", byte); /* [doc] "later calls" */
    build(other, GET_CHALLENGE, 0, 0, NULL, 8, &cmd);
    ISCardCmd_get_ClassId(cmd, &byte);
    ok(byte == 0, "Another object's class is %02x.\n", byte); /* [doc] */

    ISCardISO7816_SetDefaultClassId(iso, 0xa0);
    for (method = 0; method < ARRAY_SIZE(builders); method++)
    {
        IByteBuffer *data = create_buffer("\x01", 1);

        build(iso, method, 1, 2, data, 3, &cmd);
        ISCardCmd_get_ClassId(cmd, &byte);
        ok(byte == 0xa0, "%s: class %02x.\n", builders[method].name, byte); /* [doc] */
        IByteBuffer_Release(data);
    }
    ISCardCmd_Release(cmd);
    ISCardCmd_Release(first);
    ISCardISO7816_Release(other);
    ISCardISO7816_Release(iso);
}

START_TEST(iso7816)
{
    CoInitialize(NULL);
    test_commands();
    test_lengths();
    test_data();
    test_data_and_length();
    test_seek_pointer();
    test_cmd_argument();
    test_foreign_cmd();
    test_default_class();
    CoUninitialize();
}
