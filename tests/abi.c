/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Binary compatibility with programs of the XP era: this program is compiled against the scardssp.h of
 * mingw-w64, an independent description of the interfaces, and calls each member of IByteBuffer, ISCardCmd,
 * ISCardISO7816 and ISCard through the vtable slot which that header gives it, with arguments by which the
 * member can be recognised.
 */

#define COBJMACROS
#define _LPHSCARDCONTEXT_DEFINED /* the definition in that header is an implicit int */
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>
#include "scardssp.h"
#include "abi_slots.h"
#include "wine/test.h"

/* The header gives no values, and the library of our own identifiers is what is under test: written out. */
static const CLSID clsid_bytebuffer =
{
    0xe126f8ff, 0xa7af, 0x11d0, { 0xb8, 0x8a, 0, 0xc0, 0x4f, 0xd4, 0x24, 0xb9 }
};
static const IID iid_bytebuffer =
{
    0xe126f8fe, 0xa7af, 0x11d0, { 0xb8, 0x8a, 0, 0xc0, 0x4f, 0xd4, 0x24, 0xb9 }
};
static const CLSID clsid_cmd = { 0xd5778ae7, 0x43de, 0x11d0, { 0x91, 0x71, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };
static const IID iid_cmd = { 0xd5778ae3, 0x43de, 0x11d0, { 0x91, 0x71, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };
static const CLSID clsid_iso = { 0x53b6aa6c, 0x3f56, 0x11d0, { 0x91, 0x6b, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };
static const IID iid_iso = { 0x53b6aa68, 0x3f56, 0x11d0, { 0x91, 0x6b, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };
static const CLSID clsid_card = { 0x1461aac7, 0x6810, 0x11d0, { 0x91, 0x8f, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };
static const IID iid_card = { 0x1461aac3, 0x6810, 0x11d0, { 0x91, 0x8f, 0, 0xaa, 0, 0xc1, 0x80, 0x68 } };

static void *create(const CLSID *clsid, const IID *iid)
{
    void *object = NULL;
    HRESULT hr;

    hr = CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, &object);
    ok(hr == S_OK, "CoCreateInstance: %#lx.\n", hr);
    return object;
}

static IByteBuffer *create_buffer(const void *data, LONG size)
{
    IByteBuffer *buffer = create(&clsid_bytebuffer, &iid_bytebuffer);

    if (buffer) IByteBuffer_Initialize(buffer, size, (BYTE *)data);
    return buffer;
}

/* Compares a buffer, which is released, with the expected bytes. */
static void check_buffer(int line, IByteBuffer *buffer, const char *what, const void *expected, LONG size)
{
    BYTE data[300];
    LONG count = -1;
    HRESULT hr;

    ok_(__FILE__, line)(buffer != NULL, "%s: no buffer.\n", what);
    if (!buffer) return;
    hr = IByteBuffer_Read(buffer, data, sizeof(data), &count);
    ok_(__FILE__, line)(hr == S_OK && count == size && !memcmp(data, expected, size),
                        "%s: %#lx, %ld bytes beginning with %02x %02x.\n", what, hr, count, data[0], data[1]);
    IByteBuffer_Release(buffer);
}
#define check_buffer(buffer, what, expected, size) check_buffer(__LINE__, buffer, what, expected, size)

/* A stream that writes down which of its methods was called last, and with which arguments. */
struct stream
{
    IStream IStream_iface;
    LONG ref;
    const char *method;
    LONGLONG args[3];
};

static struct stream *impl_from_IStream(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct stream, IStream_iface);
}

static HRESULT record(IStream *iface, const char *method, LONGLONG arg0, LONGLONG arg1, LONGLONG arg2)
{
    struct stream *stream = impl_from_IStream(iface);

    stream->method = method;
    stream->args[0] = arg0;
    stream->args[1] = arg1;
    stream->args[2] = arg2;
    return S_OK;
}

static HRESULT WINAPI stream_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ISequentialStream)
        && !IsEqualIID(iid, &IID_IStream))
        return E_NOINTERFACE;
    *out = iface;
    IStream_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI stream_AddRef(IStream *iface)
{
    return InterlockedIncrement(&impl_from_IStream(iface)->ref);
}

static ULONG WINAPI stream_Release(IStream *iface)
{
    return InterlockedDecrement(&impl_from_IStream(iface)->ref);
}

static HRESULT WINAPI stream_Read(IStream *iface, void *data, ULONG size, ULONG *count)
{
    memset(data, 0x5a, size);
    if (count) *count = size;
    return record(iface, "Read", size, 0, 0);
}

static HRESULT WINAPI stream_Write(IStream *iface, const void *data, ULONG size, ULONG *count)
{
    if (count) *count = size;
    return record(iface, "Write", size, size ? *(const BYTE *)data : 0, 0);
}

static HRESULT WINAPI stream_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *position)
{
    if (position) position->QuadPart = 0x1234;
    return record(iface, "Seek", move.QuadPart, origin, 0);
}

static HRESULT WINAPI stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    return record(iface, "SetSize", size.QuadPart, 0, 0);
}

static HRESULT WINAPI stream_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER size,
                                    ULARGE_INTEGER *read, ULARGE_INTEGER *written)
{
    (void)target;
    if (read) read->QuadPart = size.QuadPart;
    if (written) written->QuadPart = size.QuadPart;
    return record(iface, "CopyTo", size.QuadPart, 0, 0);
}

static HRESULT WINAPI stream_Commit(IStream *iface, DWORD flags)
{
    return record(iface, "Commit", flags, 0, 0);
}

static HRESULT WINAPI stream_Revert(IStream *iface)
{
    return record(iface, "Revert", 0, 0, 0);
}

static HRESULT WINAPI stream_LockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size,
                                        DWORD type)
{
    return record(iface, "LockRegion", offset.QuadPart, size.QuadPart, type);
}

static HRESULT WINAPI stream_UnlockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size,
                                          DWORD type)
{
    return record(iface, "UnlockRegion", offset.QuadPart, size.QuadPart, type);
}

static HRESULT WINAPI stream_Stat(IStream *iface, STATSTG *stat, DWORD flag)
{
    memset(stat, 0, sizeof(*stat));
    stat->type = STGTY_STREAM;
    stat->cbSize.QuadPart = 0x4321;
    return record(iface, "Stat", flag, 0, 0);
}

static HRESULT WINAPI stream_Clone(IStream *iface, IStream **out)
{
    *out = iface;
    IStream_AddRef(iface);
    return record(iface, "Clone", 0, 0, 0);
}

static const IStreamVtbl stream_vtbl =
{
    stream_QueryInterface,
    stream_AddRef,
    stream_Release,
    stream_Read,
    stream_Write,
    stream_Seek,
    stream_SetSize,
    stream_CopyTo,
    stream_Commit,
    stream_Revert,
    stream_LockRegion,
    stream_UnlockRegion,
    stream_Stat,
    stream_Clone,
};

static void check_stream(int line, struct stream *stream, HRESULT hr, const char *method, LONGLONG arg0,
                         LONGLONG arg1, LONGLONG arg2)
{
    ok_(__FILE__, line)(hr == S_OK && !strcmp(stream->method, method) && stream->args[0] == arg0
                        && stream->args[1] == arg1 && stream->args[2] == arg2,
                        "%s: %#lx, the stream saw %s(%ld, %ld, %ld).\n", method, hr, stream->method,
                        (LONG)stream->args[0], (LONG)stream->args[1], (LONG)stream->args[2]);
    stream->method = "nothing";
}
#define check_stream(stream, hr, method, arg0, arg1, arg2) \
    check_stream(__LINE__, stream, hr, method, arg0, arg1, arg2)

/* Each member of IByteBuffer does on the stream that was put what it is called. [doc] */
static void test_bytebuffer_on_stream(void)
{
    struct stream stream = { { (IStreamVtbl *)&stream_vtbl }, 1, "nothing", { 0 } };
    IByteBuffer *buffer = create(&clsid_bytebuffer, &iid_bytebuffer);
    BYTE data[8] = { 0x77 };
    STATSTRUCT stat;
    IStream *got = NULL;
    LONG value = -1;
    HRESULT hr;

    if (!buffer) return;
    hr = IByteBuffer_put_Stream(buffer, &stream.IStream_iface);
    ok(hr == S_OK && stream.ref > 1, "put_Stream: %#lx, %ld references.\n", hr, stream.ref); /* [tlb] */
    hr = IByteBuffer_get_Stream(buffer, &got);
    ok(hr == S_OK && got == &stream.IStream_iface, "get_Stream: %#lx, %p.\n", hr, (void *)got); /* [tlb] */
    if (got) IStream_Release(got);

    hr = IByteBuffer_Read(buffer, data, 3, &value);
    check_stream(&stream, hr, "Read", 3, 0, 0);
    ok(value == 3 && data[0] == 0x5a, "Read: %ld bytes, %02x.\n", value, data[0]);
    data[0] = 0x77;
    hr = IByteBuffer_Write(buffer, data, 5, &value);
    check_stream(&stream, hr, "Write", 5, 0x77, 0);
    ok(value == 5, "Write: %ld bytes.\n", value);
    hr = IByteBuffer_Commit(buffer, 4);
    check_stream(&stream, hr, "Commit", 4, 0, 0);
    hr = IByteBuffer_Revert(buffer);
    check_stream(&stream, hr, "Revert", 0, 0, 0);
    hr = IByteBuffer_LockRegion(buffer, 11, 12, LOCK_EXCLUSIVE);
    check_stream(&stream, hr, "LockRegion", 11, 12, LOCK_EXCLUSIVE);
    hr = IByteBuffer_UnlockRegion(buffer, 13, 14, LOCK_ONLYONCE);
    check_stream(&stream, hr, "UnlockRegion", 13, 14, LOCK_ONLYONCE);
    hr = IByteBuffer_SetSize(buffer, 15);
    check_stream(&stream, hr, "SetSize", 15, 0, 0);
    memset(&stat, 0xcc, sizeof(stat));
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    check_stream(&stream, hr, "Stat", STATFLAG_NONAME, 0, 0);
    ok(stat.type == STGTY_STREAM && stat.cbSize == 0x4321, "Stat: type %ld, %ld bytes.\n", stat.type,
       stat.cbSize);
    IByteBuffer_Release(buffer);
    ok(stream.ref == 1, "The stream has %ld references left.\n", stream.ref);
}

/* Those that a stream without memory cannot answer for. */
static void test_bytebuffer(void)
{
    IByteBuffer *buffer = create_buffer("abcdefgh", 8), *other = NULL;
    LONG value = -1, written = -1;
    HRESULT hr;

    if (!buffer) return;
    hr = IByteBuffer_Seek(buffer, 6, STREAM_SEEK_SET, &value);
    ok(hr == S_OK && value == 6, "Seek: %#lx, at %ld.\n", hr, value); /* [doc] */
    hr = IByteBuffer_Clone(buffer, &other);
    ok(hr == S_OK && other && other != buffer, "Clone: %#lx.\n", hr); /* [doc] */
    check_buffer(other, "Clone", "gh", 2);
    IByteBuffer_Seek(buffer, 1, STREAM_SEEK_SET, NULL);
    other = create_buffer("12345", 5);
    IByteBuffer_Seek(other, 2, STREAM_SEEK_SET, NULL);
    hr = IByteBuffer_CopyTo(buffer, &other, 2, &value, &written);
    ok(hr == S_OK && value == 2 && written == 2, "CopyTo: %#lx, %ld read, %ld written.\n", hr, value,
       written);
    IByteBuffer_Seek(other, 0, STREAM_SEEK_SET, NULL);
    check_buffer(other, "CopyTo", "12bc5", 5); /* [doc] */
    hr = IByteBuffer_Initialize(buffer, 3, (BYTE *)"xyz");
    ok(hr == S_OK, "Initialize: %#lx.\n", hr);
    check_buffer(buffer, "Initialize", "xyz", 3); /* [doc] */
}

/* A byte property by its get and put slots. */
#define TEST_BYTE(member, sent) \
    do { \
        BYTE byte_ = 0xcc; \
        hr = ISCardCmd_put_##member(cmd, sent); \
        ok(hr == S_OK, "put_" #member ": %#lx.\n", hr); \
        hr = ISCardCmd_get_##member(cmd, &byte_); \
        ok(hr == S_OK && byte_ == (sent), "get_" #member ": %#lx, %02x.\n", hr, byte_); \
    } while (0)

static void test_cmd_built(ISCardCmd *cmd)
{
    static const BYTE built[] = { 0x11, 0x22, 0x33, 0x44, 0x02, 0xa1, 0xa2, 0x07 };
    IByteBuffer *buffer = create_buffer("\xa1\xa2", 2), *got = NULL;
    ISO_APDU_TYPE type = 0;
    LONG value = 7;
    BYTE byte = 0xcc;
    HRESULT hr;

    hr = ISCardCmd_BuildCmd(cmd, 0x11, 0x22, 0x33, 0x44, buffer, &value);
    ok(hr == S_OK, "BuildCmd: %#lx.\n", hr);
    IByteBuffer_Release(buffer);
    hr = ISCardCmd_get_Apdu(cmd, &got);
    ok(hr == S_OK, "get_Apdu: %#lx.\n", hr);
    check_buffer(got, "get_Apdu", built, sizeof(built)); /* [iso] */
    hr = ISCardCmd_get_ApduLength(cmd, &value);
    ok(hr == S_OK && value == sizeof(built), "get_ApduLength: %#lx, %ld.\n", hr, value); /* [doc] */
    hr = ISCardCmd_get_LeField(cmd, &value);
    ok(hr == S_OK && value == 7, "get_LeField: %#lx, %ld.\n", hr, value); /* [doc] */
    hr = ISCardCmd_get_P3(cmd, &byte);
    ok(hr == S_OK && byte == 2, "get_P3: %#lx, %02x.\n", hr, byte); /* [doc] */
    hr = ISCardCmd_get_Type(cmd, &type);
    ok(hr == S_OK && type == ISO_CASE_4, "get_Type: %#lx, %d.\n", hr, type); /* [doc] */
}

/* The command of test_cmd_built(), each part of it replaced. */
static void test_cmd_changed(ISCardCmd *cmd)
{
    static const BYTE changed[] = { 0x81, 0x82, 0x83, 0x84, 0x03, 'x', 'y', 'z', 0x07 };
    IByteBuffer *buffer = create_buffer("xyz", 3), *got = NULL;
    HRESULT hr;

    TEST_BYTE(ClassId, 0x81); /* [doc] */
    TEST_BYTE(InstructionId, 0x82);
    TEST_BYTE(P1, 0x83);
    TEST_BYTE(P2, 0x84);
    TEST_BYTE(Nad, 0x12);
    TEST_BYTE(ReplyNad, 0x21);
    TEST_BYTE(AlternateClassId, 0xc0);

    hr = ISCardCmd_put_Data(cmd, buffer);
    ok(hr == S_OK, "put_Data: %#lx.\n", hr);
    IByteBuffer_Release(buffer);
    hr = ISCardCmd_get_Data(cmd, &got);
    ok(hr == S_OK, "get_Data: %#lx.\n", hr);
    check_buffer(got, "get_Data", "xyz", 3); /* [doc] */
    got = NULL;
    ISCardCmd_get_Apdu(cmd, &got);
    check_buffer(got, "The whole APDU", changed, sizeof(changed)); /* [iso] */
}

static void test_cmd_reply(ISCardCmd *cmd)
{
    IByteBuffer *buffer = create_buffer("\x01\x02\x03\x61\x99", 5), *got = NULL;
    LONG value = 0;
    BYTE byte = 0xcc;
    WORD word = 0;
    HRESULT hr;

    hr = ISCardCmd_put_ApduReply(cmd, buffer);
    ok(hr == S_OK, "put_ApduReply: %#lx.\n", hr);
    IByteBuffer_Release(buffer);
    hr = ISCardCmd_get_ApduReplyLength(cmd, &value);
    ok(hr == S_OK && value == 5, "get_ApduReplyLength: %#lx, %ld.\n", hr, value); /* [client] */
    hr = ISCardCmd_get_ReplyStatus(cmd, &word);
    ok(hr == S_OK && word == 0x6199, "get_ReplyStatus: %#lx, %04x.\n", hr, word); /* [doc] */
    hr = ISCardCmd_get_ReplyStatusSW1(cmd, &byte);
    ok(hr == S_OK && byte == 0x61, "get_ReplyStatusSW1: %#lx, %02x.\n", hr, byte); /* [doc] */
    hr = ISCardCmd_get_ReplyStatusSW2(cmd, &byte);
    ok(hr == S_OK && byte == 0x99, "get_ReplyStatusSW2: %#lx, %02x.\n", hr, byte); /* [doc] */
    hr = ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    ok(hr == S_OK, "put_ReplyStatus: %#lx.\n", hr);
    hr = ISCardCmd_put_ApduReplyLength(cmd, 4);
    ok(hr == S_OK, "put_ApduReplyLength: %#lx.\n", hr);
    hr = ISCardCmd_get_ApduReply(cmd, &got);
    ok(hr == S_OK, "get_ApduReply: %#lx.\n", hr);
    check_buffer(got, "get_ApduReply", "\x01\x02\x90\x00", 4); /* [client] [ours] */
}

/* Clear, and what takes a whole APDU. */
static void test_cmd_apdu(ISCardCmd *cmd)
{
    static const BYTE envelope[] = { 0x90, 0xc2, 0x00, 0x00, 0x04, 0x90, 0x12, 0x34, 0x56 };
    IByteBuffer *buffer = create_buffer("\x90\x12\x34\x56", 4), *got = NULL;
    LONG value = -1;
    HRESULT hr;

    hr = ISCardCmd_Clear(cmd);
    ok(hr == S_OK, "Clear: %#lx.\n", hr);
    hr = ISCardCmd_get_ApduLength(cmd, &value);
    ok(hr == S_OK && value == 0, "ApduLength after Clear: %#lx, %ld.\n", hr, value); /* [doc] */
    hr = ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_1);
    ok(hr == S_OK, "Encapsulate: %#lx.\n", hr);
    ISCardCmd_get_Apdu(cmd, &got);
    check_buffer(got, "Encapsulate", envelope, sizeof(envelope)); /* [doc] [iso] */
    hr = ISCardCmd_put_Apdu(cmd, buffer);
    ok(hr == S_OK, "put_Apdu: %#lx.\n", hr);
    IByteBuffer_Release(buffer);
    got = NULL;
    ISCardCmd_get_Apdu(cmd, &got);
    check_buffer(got, "put_Apdu", "\x90\x12\x34\x56", 4); /* [doc] */
}

static void test_cmd(void)
{
    ISCardCmd *cmd = create(&clsid_cmd, &iid_cmd);

    if (!cmd) return;
    test_cmd_built(cmd);
    test_cmd_changed(cmd);
    test_cmd_reply(cmd);
    test_cmd_apdu(cmd);
    ok(ISCardCmd_Release(cmd) == 0, "The command is still referenced.\n");
}

/* Calls one builder, which is recognised by its INS, and compares the whole APDU. */
#define TEST_BUILD(call, ...) \
    do { \
        static const BYTE expected_[] = { __VA_ARGS__ }; \
        ISCardCmd *cmd = NULL; \
        IByteBuffer *apdu_ = NULL; \
        HRESULT hr_ = call; \
        ok(hr_ == S_OK && cmd, #call ": %#lx.\n", hr_); \
        if (!cmd) break; \
        ISCardCmd_get_Apdu(cmd, &apdu_); \
        check_buffer(apdu_, #call, expected_, sizeof(expected_)); \
        ISCardCmd_Release(cmd); \
    } while (0)

static void test_iso(void)
{
    ISCardISO7816 *iso = create(&clsid_iso, &iid_iso);
    IByteBuffer *data = create_buffer("\xd1\xd2", 2);
    HRESULT hr;

    if (!iso || !data) return;
    hr = ISCardISO7816_SetDefaultClassId(iso, 0x80);
    ok(hr == S_OK, "SetDefaultClassId: %#lx.\n", hr); /* [doc] */
    /* [doc] [iso] */
    TEST_BUILD(ISCardISO7816_AppendRecord(iso, 0x1a, data, &cmd), 0x80, 0xe2, 0x00, 0x1a, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_EraseBinary(iso, 0x1b, 0x2b, data, &cmd), 0x80, 0x0e, 0x1b, 0x2b, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_ExternalAuthenticate(iso, 0x1c, 0x2c, data, &cmd),
               0x80, 0x82, 0x1c, 0x2c, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_GetChallenge(iso, 8, &cmd), 0x80, 0x84, 0x00, 0x00, 8);
    TEST_BUILD(ISCardISO7816_GetData(iso, 0x1d, 0x2d, 9, &cmd), 0x80, 0xca, 0x1d, 0x2d, 9);
    TEST_BUILD(ISCardISO7816_GetResponse(iso, 0x1e, 0x2e, 10, &cmd), 0x80, 0xc0, 0x1e, 0x2e, 10);
    TEST_BUILD(ISCardISO7816_InternalAuthenticate(iso, 0x1f, 0x2f, data, 11, &cmd),
               0x80, 0x88, 0x1f, 0x2f, 2, 0xd1, 0xd2, 11);
    TEST_BUILD(ISCardISO7816_ManageChannel(iso, 0x80, 0x03, &cmd), 0x80, 0x70, 0x80, 0x03);
    TEST_BUILD(ISCardISO7816_PutData(iso, 0x31, 0x41, data, &cmd), 0x80, 0xda, 0x31, 0x41, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_ReadBinary(iso, 0x32, 0x42, 12, &cmd), 0x80, 0xb0, 0x32, 0x42, 12);
    TEST_BUILD(ISCardISO7816_ReadRecord(iso, 0x33, 0x43, 13, &cmd), 0x80, 0xb2, 0x33, 0x43, 13);
    TEST_BUILD(ISCardISO7816_SelectFile(iso, 0x34, 0x44, data, 14, &cmd), 0x80, 0xa4, 0x34, 0x44, 2, 0xd1,
               0xd2, 14);
    TEST_BUILD(ISCardISO7816_UpdateBinary(iso, 0x35, 0x45, data, &cmd), 0x80, 0xd6, 0x35, 0x45, 2, 0xd1,
               0xd2);
    TEST_BUILD(ISCardISO7816_UpdateRecord(iso, 0x36, 0x46, data, &cmd), 0x80, 0xdc, 0x36, 0x46, 2, 0xd1,
               0xd2);
    TEST_BUILD(ISCardISO7816_Verify(iso, 0x47, data, &cmd), 0x80, 0x20, 0x00, 0x47, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_WriteBinary(iso, 0x38, 0x48, data, &cmd), 0x80, 0xd0, 0x38, 0x48, 2, 0xd1, 0xd2);
    TEST_BUILD(ISCardISO7816_WriteRecord(iso, 0x39, 0x49, data, &cmd), 0x80, 0xd2, 0x39, 0x49, 2, 0xd1, 0xd2);
    IByteBuffer_Release(data);
    ISCardISO7816_Release(iso);
}

/* The first reader with a card that says it can talk. */
static BSTR find_card(void)
{
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    WCHAR names[1024];
    DWORD size = ARRAY_SIZE(names), protocol;
    BSTR found = NULL;
    WCHAR *name;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return NULL;
    if (!SCardListReadersW(context, NULL, names, &size))
    {
        for (name = names; *name && !found; name += lstrlenW(name) + 1)
        {
            if (SCardConnectW(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, &handle, &protocol))
                continue;
            found = SysAllocString(name);
            SCardDisconnect(handle, SCARD_LEAVE_CARD);
        }
    }
    SCardReleaseContext(context);
    return found;
}

/* Whether a second connection can be made now: how the share mode of the object is seen from outside. */
static LONG try_connect(HSCARDCONTEXT context, BSTR reader)
{
    SCARDHANDLE handle;
    DWORD protocol;
    LONG rc;

    rc = SCardConnectW(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, &handle, &protocol);
    if (!rc) SCardDisconnect(handle, SCARD_LEAVE_CARD);
    return rc;
}

static void test_card_attached(ISCard *card, BSTR reader)
{
    ISCardCmd *cmd = create(&clsid_cmd, &iid_cmd);
    IByteBuffer *atr = NULL;
    const char *profile = getenv("SCARDSSP_TEST_CARD");
    SCARD_PROTOCOLS protocol = 0;
    SCARD_STATES state = 0;
    HSCARDCONTEXT context = 0;
    HSCARD handle = 0;
    BYTE first = 0;
    WORD status = 0;
    HRESULT hr;

    ISCard_get_Context(card, &context);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK && !try_connect(context, reader), "AttachByReader: %#lx.\n", hr); /* [doc] */
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && handle, "get_CardHandle: %#lx, %p.\n", hr, (void *)handle); /* [doc] */
    hr = ISCard_get_Atr(card, &atr);
    ok(hr == S_OK && atr, "get_Atr: %#lx.\n", hr); /* [doc] */
    if (atr)
    {
        IByteBuffer_Read(atr, &first, 1, NULL);
        ok(first == 0x3b || first == 0x3f, "The ATR begins with %02x.\n", first); /* [iso] 7816-3 8.1 TS */
        IByteBuffer_Release(atr);
    }
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == S_OK && protocol == (profile && !strcmp(profile, "t0") ? T0 : T1), "get_Protocol: %#lx, %d.\n", hr,
       protocol); /* [doc] */
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state == SPECIFICMODE, "get_Status: %#lx, %d.\n", hr, state); /* [doc] [sdk98] */
    ISCardCmd_BuildCmd(cmd, 0x00, 0xa4, 0x00, 0x00, NULL, NULL);
    hr = ISCard_Transaction(card, &cmd);
    ISCardCmd_get_ReplyStatus(cmd, &status);
    ok(hr == S_OK && status, "Transaction: %#lx, status %04x.\n", hr, status); /* [doc] */
    ISCardCmd_Release(cmd);
    hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
    ok(hr == S_OK && try_connect(context, reader) == (LONG)SCARD_E_SHARING_VIOLATION, "ReAttach: %#lx.\n",
       hr); /* [doc] */
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr); /* [doc] */
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr); /* [doc] */
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "UnlockSCard without lock: %#lx.\n", hr); /* [ours] */
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr); /* [doc] */
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && !handle, "CardHandle after Detach: %#lx, %p.\n", hr, (void *)handle); /* [doc] */
}

static void test_card(void)
{
    SCARD_PROTOCOLS protocol;
    SCARD_STATES state;
    HSCARDCONTEXT context = 0;
    HSCARD handle = 1;
    IByteBuffer *atr;
    ISCardCmd *cmd;
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    hr = CoCreateInstance(&clsid_card, NULL, CLSCTX_INPROC_SERVER, &iid_card, (void **)&card);
    if (hr == (HRESULT)SCARD_E_NO_SERVICE)
    {
        skip("The smart card resource manager is not running.\n");
        return;
    }
    ok(hr == S_OK, "CoCreateInstance: %#lx.\n", hr);
    if (hr != S_OK) return;

    hr = ISCard_get_Context(card, &context);
    ok(hr == S_OK && context && SCardIsValidContext(context) == SCARD_S_SUCCESS, "get_Context: %#lx.\n", hr);
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && !handle, "get_CardHandle: %#lx, %p.\n", hr, (void *)handle); /* [doc] */
    hr = ISCard_AttachByHandle(card, 0);
    ok(hr == E_INVALIDARG, "AttachByHandle: %#lx.\n", hr); /* [doc] */
    hr = ISCard_AttachByReader(card, NULL, SHARED, T0);
    ok(hr == E_INVALIDARG, "AttachByReader: %#lx.\n", hr); /* [doc] */
    hr = ISCard_Detach(card, 4);
    ok(hr == E_INVALIDARG, "Detach: %#lx.\n", hr); /* [doc] */
    cmd = NULL;
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == E_POINTER, "Transaction: %#lx.\n", hr); /* [doc] */
    /* Not attached. [ours] */
    hr = ISCard_get_Atr(card, &atr);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "get_Atr: %#lx.\n", hr);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "get_Protocol: %#lx.\n", hr);
    hr = ISCard_get_Status(card, &state);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "get_Status: %#lx.\n", hr);
    hr = ISCard_LockSCard(card);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "LockSCard: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "ReAttach: %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "UnlockSCard: %#lx.\n", hr);

    if ((reader = find_card())) test_card_attached(card, reader);
    else skip("No card in any reader.\n");
    SysFreeString(reader);
    ISCard_Release(card);
}

START_TEST(abi)
{
    CoInitialize(NULL);
    test_bytebuffer_on_stream();
    test_bytebuffer();
    test_cmd();
    test_iso();
    test_card();
    CoUninitialize();
}
