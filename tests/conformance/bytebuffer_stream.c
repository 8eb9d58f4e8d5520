/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IByteBuffer and what is around it: clones, the stream beneath, streams of other implementations.
 */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "object_rules.h"

static IByteBuffer *clone_buffer(IByteBuffer *buffer)
{
    IByteBuffer *clone = (IByteBuffer *)0xdeadbeef; /* [doc][ours] only written: callers pass garbage */
    HRESULT hr;

    hr = IByteBuffer_Clone(buffer, &clone);
    ok(hr == S_OK && clone && clone != buffer, "Clone: %s, %p.\n", dbgstr_hr(hr), (void *)clone);
    return clone;
}

static IStream *stream_of(IByteBuffer *buffer)
{
    IStream *stream = NULL;
    HRESULT hr;

    hr = IByteBuffer_get_Stream(buffer, &stream);
    ok(hr == S_OK && stream, "get_Stream: %s, %p.\n", dbgstr_hr(hr), (void *)stream);
    return stream;
}

/* Checks that two buffers are on the same bytes, in both directions, each with its own pointer. */
static void check_shared(int line, IByteBuffer *one, IByteBuffer *two)
{
    IByteBuffer *buffers[] = { one, two };
    unsigned int i;

    for (i = 0; i < 2; i++)
    {
        LONG there = buffer_position(buffers[1 - i]);
        BYTE text[] = { '<', (BYTE)('0' + i), '>' };

        buffer_seek(buffers[i], 0);
        IByteBuffer_SetSize(buffers[i], 0);
        IByteBuffer_Write(buffers[i], text, sizeof(text), NULL);
        ok_(__FILE__, line)(buffer_position(buffers[1 - i]) == there, "The other pointer moves, too.\n");
        check_content_at(line, __FILE__, buffers[1 - i], text, sizeof(text));
    }
}
#define check_shared(one, two) check_shared(__LINE__, one, two)

/* @member IByteBuffer::Clone [doc][ours] a new object on the same bytes with its own seek pointer; it only writes its
 * result. */
static void test_Clone(void)
{
    IByteBuffer *buffer = create_buffer("abcdef", 6), *clone, *second;
    HRESULT hr;
    ULONG ref;

    hr = IByteBuffer_Clone(buffer, NULL); /* [doc] */
    ok(hr == E_POINTER, "Clone(NULL): %s.\n", dbgstr_hr(hr));
    buffer_seek(buffer, 2);
    clone = clone_buffer(buffer);
    ok(buffer_position(clone) == 2, "The clone starts at %ld.\n", buffer_position(clone)); /* [doc] */
    check_buffer(clone, "cdef", 4, "clone");
    ok(buffer_position(buffer) == 2, "The pointer went to %ld.\n", buffer_position(buffer)); /* [doc] */
    buffer_seek(buffer, 6);
    IByteBuffer_Write(buffer, (BYTE *)"ghi", 3, NULL);
    check_buffer(clone, "ghi", 3, "clone after the original has grown"); /* [doc] */
    check_shared(buffer, clone);
    buffer_seek(clone, 100);
    second = clone_buffer(clone);
    ok(buffer_position(second) == 100, "The clone's pointer starts at %ld.\n", buffer_position(second));
    check_shared(buffer, second);
    ref = IByteBuffer_Release(buffer);
    ok(!ref, "%lu references left.\n", ref);
    check_shared(clone, second); /* the bytes live as long as anyone uses them */
    IByteBuffer_Release(clone);
    check_content(second, "<1>", 3);

    /* [ours] Initialize is a fresh stream for the one it is called on, the clones keep the old one. */
    clone = clone_buffer(second);
    IByteBuffer_Initialize(second, 3, (BYTE *)"new");
    check_content(second, "new", 3);
    check_content(clone, "<1>", 3);
    IByteBuffer_Write(clone, (BYTE *)"x", 1, NULL);
    check_content(second, "new", 3);
    IByteBuffer_Release(clone);
    IByteBuffer_Release(second);
}

/* [ours] Clones stay clones of the same bytes when the stream beneath one of them is looked at. */
static void test_clone_and_stream(void)
{
    unsigned int which;

    for (which = 0; which < 4; which++)
    {
        IByteBuffer *buffer = create_buffer("abcdef", 6), *early, *late;
        IStream *stream, *other;
        ULONG count = 0;
        BYTE bytes[8];

        winetest_push_context("case %u", which);
        buffer_seek(buffer, 1);
        early = clone_buffer(buffer);
        buffer_seek(early, 4);
        stream = stream_of(which & 1 ? early : buffer);
        late = clone_buffer(which & 2 ? early : buffer);
        ok(buffer_position(buffer) == 1, "The original's pointer is at %ld.\n", buffer_position(buffer));
        ok(buffer_position(early) == 4, "The clone's pointer is at %ld.\n", buffer_position(early));
        ok(buffer_position(late) == (which & 2 ? 4 : 1), "The second clone's pointer is at %ld.\n",
           buffer_position(late));
        IStream_Read(stream, bytes, 1, &count);
        ok(count == 1 && bytes[0] == (which & 1 ? 'e' : 'b'), "The stream gives %lu bytes, %02x.\n", count,
           bytes[0]);
        check_shared(buffer, early);
        check_shared(early, late);
        check_shared(buffer, late);
        other = stream_of(late);
        check_shared(buffer, late);
        check_shared(late, early);
        IStream_Release(stream);
        IByteBuffer_Release(buffer);
        check_shared(early, late);
        IByteBuffer_Release(early);
        IByteBuffer_Release(late);
        IStream_Release(other);
        winetest_pop_context();
    }
}

/* @member IByteBuffer::get_Stream [tlb][ours] the IStream itself, also of a buffer that was never initialised. */
/* [ours] Stream is the stream itself: the same bytes, the same seek pointer. */
static void test_get_Stream(void)
{
    LARGE_INTEGER zero = { .QuadPart = 0 };
    IByteBuffer *buffer = create_buffer("abcdef", 6);
    ULARGE_INTEGER position;
    HGLOBAL memory = NULL;
    IStream *stream;
    STATSTG stat;
    ULONG count;
    BYTE bytes[8];
    HRESULT hr;
    void *p;

    hr = IByteBuffer_get_Stream(buffer, NULL);
    ok(hr == E_POINTER, "get_Stream(NULL): %s.\n", dbgstr_hr(hr));
    buffer_seek(buffer, 2);
    stream = stream_of(buffer);
    hr = IStream_Read(stream, bytes, 2, &count);
    ok(hr == S_OK && count == 2 && !memcmp(bytes, "cd", 2), "Read: %s, %lu, %.2s.\n", dbgstr_hr(hr), count,
       bytes);
    ok(buffer_position(buffer) == 4, "The buffer's pointer is at %ld.\n", buffer_position(buffer));
    IByteBuffer_Write(buffer, (BYTE *)"XYZ", 3, NULL);
    hr = IStream_Seek(stream, zero, STREAM_SEEK_CUR, &position);
    ok(hr == S_OK && position.QuadPart == 7, "The stream's pointer: %s, %lu.\n", dbgstr_hr(hr),
       position.LowPart);
    hr = IStream_Write(stream, "!", 1, &count);
    ok(hr == S_OK && count == 1, "Write: %s, %lu.\n", dbgstr_hr(hr), count);
    check_content(buffer, "abcdXYZ!", 8);
    hr = IStream_Stat(stream, &stat, STATFLAG_NONAME);
    ok(hr == S_OK && stat.cbSize.QuadPart == 8, "Stat: %s, %lu.\n", dbgstr_hr(hr), stat.cbSize.LowPart);

    hr = GetHGlobalFromStream(stream, &memory); /* what XP programs do with it */
    ok(hr == S_OK && memory, "GetHGlobalFromStream: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK)
    {
        p = GlobalLock(memory);
        ok(p && GlobalSize(memory) >= 8 && !memcmp(p, "abcdXYZ!", 8), "The memory holds something else.\n");
        GlobalUnlock(memory);
    }
    IByteBuffer_SetSize(buffer, 3);
    hr = IStream_Stat(stream, &stat, STATFLAG_NONAME);
    ok(hr == S_OK && stat.cbSize.QuadPart == 3, "Stat: %s, %lu.\n", dbgstr_hr(hr), stat.cbSize.LowPart);

    /* Initialize replaces the buffer's stream, and leaves the one that was handed out to its holder. */
    IByteBuffer_Initialize(buffer, 1, (BYTE *)"1");
    hr = IStream_Seek(stream, zero, STREAM_SEEK_SET, NULL);
    ok(hr == S_OK, "Seek: %s.\n", dbgstr_hr(hr));
    hr = IStream_Read(stream, bytes, 8, &count);
    ok((hr == S_OK || broken(hr == S_FALSE)) && count == 3 && !memcmp(bytes, "abc", 3), "Read: %s, %lu.\n",
       dbgstr_hr(hr), count);
    check_content(buffer, "1", 1);
    IByteBuffer_Release(buffer);
    hr = IStream_Write(stream, "d", 1, &count);
    ok(hr == S_OK && count == 1, "Write after the buffer has gone: %s, %lu.\n", dbgstr_hr(hr), count);
    IStream_Release(stream);
}

/* [ours] What the DLL handed out keeps it loaded as long as its code is needed. */
static void test_stream_keeps_dll(HMODULE module)
{
    IByteBuffer *buffer = create_buffer("abc", 3);
    IStream *stream = stream_of(buffer);
    HRESULT hr;

    IByteBuffer_Release(buffer);
    hr = can_unload(module);
    ok(hr == (module_of(stream) == module ? S_FALSE : S_OK), "DllCanUnloadNow: %s.\n", dbgstr_hr(hr));
    IStream_Release(stream);
    check_nothing_left(module);
}

static void check_call(int line, struct foreign_stream *stream, enum stream_method method, HRESULT hr,
                       HRESULT expected, ULONGLONG arg0, ULONGLONG arg1, ULONGLONG arg2)
{
    ok_(__FILE__, line)(hr == expected, "%s, expected %s.\n", dbgstr_hr(hr), dbgstr_hr(expected));
    ok_(__FILE__, line)(stream->calls[method] == 1, "%u calls.\n", stream->calls[method]);
    ok_(__FILE__, line)(stream->args[0] == arg0 && stream->args[1] == arg1 && stream->args[2] == arg2,
                        "Arguments %#lx, %#lx, %#lx.\n", (ULONG)stream->args[0], (ULONG)stream->args[1],
                        (ULONG)stream->args[2]);
    memset(stream->calls, 0, sizeof(stream->calls));
}
#define check_call(...) check_call(__LINE__, __VA_ARGS__)

/* @member IByteBuffer::put_Stream [tlb][ours] the given stream replaces the old one; NULL is E_POINTER. */
/* [tlb][ours] It is used, and let go in the end. */
static void test_put_Stream(void)
{
    struct foreign_stream foreign;
    IStream *given = foreign_stream_init(&foreign, "0123456789", 10), *got;
    IByteBuffer *buffer = create_buffer("own", 3), *twin = clone_buffer(buffer);
    HRESULT hr;

    hr = IByteBuffer_put_Stream(buffer, NULL);
    ok(hr == E_POINTER, "put_Stream(NULL): %s.\n", dbgstr_hr(hr));
    check_content(buffer, "own", 3);
    hr = IByteBuffer_put_Stream(buffer, given);
    ok(hr == S_OK && foreign.ref > 1, "put_Stream: %s, %ld references.\n", dbgstr_hr(hr), foreign.ref);
    got = stream_of(buffer);
    ok(got == given, "Another stream comes back.\n");
    IStream_Release(got);
    check_content(twin, "own", 3);

    hr = IByteBuffer_Initialize(buffer, 2, (BYTE *)"ok");
    ok(hr == S_OK && foreign.ref == 1, "Initialize: %s, the stream has %ld references.\n", dbgstr_hr(hr),
       foreign.ref);
    check_content(buffer, "ok", 2);
    IByteBuffer_put_Stream(buffer, given);
    IByteBuffer_put_Stream(buffer, given);
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
    IByteBuffer_Release(twin);
}

/* A buffer on a stream of "0123456789". */
static IByteBuffer *create_on_stream(struct foreign_stream *foreign)
{
    IByteBuffer *buffer = create_raw_buffer();

    IByteBuffer_put_Stream(buffer, foreign_stream_init(foreign, "0123456789", 10));
    memset(foreign->calls, 0, sizeof(foreign->calls));
    return buffer;
}

/* [tlb][ours] Each method of the buffer is the stream's. */
static void test_calls_of_stream(void)
{
    struct foreign_stream foreign;
    IByteBuffer *buffer = create_on_stream(&foreign), *clone = (IByteBuffer *)0xdeadbeef;
    LONG count, position;
    STATSTRUCT stat;
    BYTE bytes[16];
    HRESULT hr;

    hr = IByteBuffer_Read(buffer, bytes, 4, &count);
    ok(count == 4 && !memcmp(bytes, "0123", 4), "Read: %ld bytes, %.4s.\n", count, bytes);
    check_call(&foreign, METHOD_READ, hr, S_OK, 4, 0, 0);
    hr = IByteBuffer_Write(buffer, (BYTE *)"xy", 2, &count);
    ok(count == 2 && !memcmp(foreign.bytes, "0123xy6789", 10), "Write: %ld bytes, %.10s.\n", count,
       foreign.bytes);
    check_call(&foreign, METHOD_WRITE, hr, S_OK, 2, 0, 0);
    hr = IByteBuffer_SetSize(buffer, 7);
    check_call(&foreign, METHOD_SET_SIZE, hr, S_OK, 7, 0, 0);
    hr = IByteBuffer_Commit(buffer, STGC_OVERWRITE);
    check_call(&foreign, METHOD_COMMIT, hr, S_OK, STGC_OVERWRITE, 0, 0);
    hr = IByteBuffer_Revert(buffer);
    check_call(&foreign, METHOD_REVERT, hr, S_OK, 0, 0, 0);
    hr = IByteBuffer_LockRegion(buffer, 1, 5, LOCK_EXCLUSIVE);
    check_call(&foreign, METHOD_LOCK_REGION, hr, S_OK, 1, 5, LOCK_EXCLUSIVE);
    hr = IByteBuffer_UnlockRegion(buffer, 1, 5, LOCK_EXCLUSIVE);
    check_call(&foreign, METHOD_UNLOCK_REGION, hr, S_OK, 1, 5, LOCK_EXCLUSIVE);
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_DEFAULT); /* a name would leak */
    check_call(&foreign, METHOD_STAT, hr, S_OK, STATFLAG_NONAME, 0, 0);
    ok(stat.type == STGTY_LOCKBYTES && stat.cbSize == 7 && stat.grfMode == STGM_READWRITE
       && stat.grfLocksSupported == LOCK_WRITE && stat.grfStateBits == 0x1234,
       "Stat: type %ld, size %ld, mode %#lx, locks %#lx, state %#lx.\n", stat.type, stat.cbSize,
       stat.grfMode, stat.grfLocksSupported, stat.grfStateBits);
    hr = IByteBuffer_Clone(buffer, &clone);
    check_call(&foreign, METHOD_CLONE, hr, STG_E_INVALIDFUNCTION, 0, 0, 0);
    hr = IByteBuffer_Seek(buffer, -2, STREAM_SEEK_END, &position);
    ok(hr == S_OK && position == 5 && foreign.position == 5, "Seek: %s, %ld.\n", dbgstr_hr(hr), position);
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

/* [ours] Beyond what a LONG can say: the position and the size of a stream may be. */
static void test_large_stream(void)
{
    struct foreign_stream foreign;
    IByteBuffer *buffer = create_on_stream(&foreign);
    LONG position = 777;
    STATSTRUCT stat;
    HRESULT hr;

    foreign.position = (ULONGLONG)1 << 32;
    hr = IByteBuffer_Seek(buffer, 1, STREAM_SEEK_CUR, &position);
    ok(hr == E_INVALIDARG, "Seek: %s.\n", dbgstr_hr(hr));
    ok(foreign.position == (ULONGLONG)1 << 32, "The pointer has moved.\n");
    foreign.position = 0x80000005;
    hr = IByteBuffer_Seek(buffer, -10, STREAM_SEEK_CUR, &position);
    ok(hr == S_OK && position == 0x7ffffffb, "Seek back into what a LONG can say: %s, %#lx.\n", dbgstr_hr(hr),
       position);
    foreign.position = 0;
    foreign.size = 0x80000000;
    memset(&stat, 0xcc, sizeof(stat));
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    ok(hr == STG_E_MEDIUMFULL && stat.cbSize == (LONG)0xcccccccc, "Stat: %s, %ld.\n", dbgstr_hr(hr), stat.cbSize);
    foreign.size = 0x7fffffff;
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    ok(hr == S_OK && stat.cbSize == 0x7fffffff, "Stat: %s, %ld.\n", dbgstr_hr(hr), stat.cbSize);
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

/* [ours] What the buffer refuses does not reach the stream. */
static void test_refused_before_stream(void)
{
    struct foreign_stream foreign;
    IByteBuffer *buffer = create_on_stream(&foreign);
    BYTE bytes[16] = { 0 };

    IByteBuffer_Read(buffer, bytes, -1, NULL);
    IByteBuffer_Write(buffer, bytes, -1, NULL);
    IByteBuffer_SetSize(buffer, -1);
    IByteBuffer_Read(buffer, NULL, 1, NULL);
    ok(!foreign.calls[METHOD_READ] && !foreign.calls[METHOD_WRITE] && !foreign.calls[METHOD_SET_SIZE],
       "Bad arguments reach the stream.\n");
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

/* [tlb][ours] The errors of the stream come through. */
static void test_errors_of_stream(void)
{
    struct foreign_stream foreign;
    IByteBuffer *buffer = create_on_stream(&foreign), *clone;
    STATSTRUCT stat;
    BYTE bytes[16] = { 0 };
    LONG count;
    HRESULT hr;

    foreign.result = STG_E_ACCESSDENIED;
    hr = IByteBuffer_Read(buffer, bytes, 4, &count);
    ok(hr == STG_E_ACCESSDENIED && count == 0, "Read: %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Write(buffer, bytes, 4, &count);
    ok(hr == STG_E_ACCESSDENIED && count == 0, "Write: %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL);
    ok(hr == STG_E_ACCESSDENIED, "Seek: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_SetSize(buffer, 1);
    ok(hr == STG_E_ACCESSDENIED, "SetSize: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Commit(buffer, 0);
    ok(hr == STG_E_ACCESSDENIED, "Commit: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Revert(buffer);
    ok(hr == STG_E_ACCESSDENIED, "Revert: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_LockRegion(buffer, 0, 1, LOCK_WRITE);
    ok(hr == STG_E_ACCESSDENIED, "LockRegion: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_UnlockRegion(buffer, 0, 1, LOCK_WRITE);
    ok(hr == STG_E_ACCESSDENIED, "UnlockRegion: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    ok(hr == STG_E_ACCESSDENIED, "Stat: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Clone(buffer, &clone);
    ok(hr == STG_E_ACCESSDENIED, "Clone: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

/* [ours] The stream of one buffer, put into another: both are on it, with one seek pointer. */
static void test_put_own_stream(void)
{
    IByteBuffer *one = create_buffer("abcdef", 6), *two = create_buffer("other", 5), *clone;
    IStream *stream = stream_of(one), *again;
    HRESULT hr;

    hr = IByteBuffer_put_Stream(two, stream);
    ok(hr == S_OK, "put_Stream: %s.\n", dbgstr_hr(hr));
    again = stream_of(two);
    ok(again == stream, "Another stream comes back.\n");
    IStream_Release(again);
    buffer_seek(one, 2);
    ok(buffer_position(two) == 2, "The second buffer's pointer is at %ld.\n", buffer_position(two));
    check_buffer(two, "cdef", 4, "second buffer");
    ok(buffer_position(one) == 6, "The first buffer's pointer is at %ld.\n", buffer_position(one));
    IByteBuffer_Write(two, (BYTE *)"gh", 2, NULL);
    clone = clone_buffer(two);
    check_shared(one, clone);
    IByteBuffer_put_Stream(one, stream); /* its own */
    IStream_Release(stream);
    check_content(one, "<1>", 3);
    IByteBuffer_Release(one);
    check_shared(two, clone);
    IByteBuffer_Release(two);
    IByteBuffer_Release(clone);
}

/* [ours] The interface counts in LONGs: no write ends above 2147483647, with or without a stream. */
static void test_largest_position(void)
{
    IByteBuffer *buffer = create_buffer("abcdef", 6);
    unsigned int i;
    LONG written;
    HRESULT hr;

    for (i = 0; i < 2; i++)
    {
        buffer_seek(buffer, 0x7fffffff);
        written = -1;
        hr = IByteBuffer_Write(buffer, (BYTE *)"x", 1, &written);
        ok(hr == STG_E_MEDIUMFULL && !written, "Write %u: %s, %ld.\n", i, dbgstr_hr(hr), written);
        ok(buffer_position(buffer) == 0x7fffffff, "The pointer is at %ld.\n", buffer_position(buffer));
        check_content(buffer, "abcdef", 6);
        hr = IByteBuffer_Write(buffer, (BYTE *)"x", 0, &written);
        ok(hr == S_OK && !written, "Write of no bytes %u: %s, %ld.\n", i, dbgstr_hr(hr), written);
        IStream_Release(stream_of(buffer));
    }
    IByteBuffer_Release(buffer);
}

struct replacing
{
    IByteBuffer *buffer;
    IStream *stream;
};

/* Replaces the stream, puts it again, and replaces that: the first entry must not be revoked while it is taken. */
static void replace_stream(void *context)
{
    struct replacing *replacing = context;
    HRESULT hr;

    hr = IByteBuffer_Initialize(replacing->buffer, 3, (BYTE *)"new");
    ok(hr == S_OK, "Initialize: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_put_Stream(replacing->buffer, replacing->stream);
    ok(hr == S_OK, "put_Stream: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Initialize(replacing->buffer, 4, (BYTE *)"last");
    ok(hr == S_OK, "Initialize: %s.\n", dbgstr_hr(hr));
}

/* [ours] A stream is there for the call that has begun to use it, also when it is replaced in the middle. */
static void test_replaced_while_taken(void)
{
    IByteBuffer *buffer = create_raw_buffer();
    struct foreign_stream foreign;
    struct replacing replacing = { buffer, foreign_stream_init(&foreign, "abc", 3) };

    IByteBuffer_put_Stream(buffer, replacing.stream);
    foreign.context = &replacing;
    foreign.query_hook = replace_stream;
    check_buffer(buffer, "abc", 3, "the call that had begun");
    ok(!foreign.query_hook, "The stream was not queried.\n");
    check_buffer(buffer, "last", 4, "the next one");
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

START_TEST(bytebuffer_stream)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_Clone();
    test_clone_and_stream();
    test_get_Stream();
    test_stream_keeps_dll(module);
    test_put_Stream();
    test_calls_of_stream();
    test_large_stream();
    test_refused_before_stream();
    test_errors_of_stream();
    test_put_own_stream();
    test_largest_position();
    test_replaced_while_taken();
    check_nothing_left(module);
    CoUninitialize();
}
