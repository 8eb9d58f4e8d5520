/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IByteBuffer: what a buffer by itself does. bytebuffer_copy.c has CopyTo, bytebuffer_stream.c clones
 * and the streams beneath buffers, bytebuffer_threads.c apartments and threads.
 */

#define COBJMACROS
#include "common.h"
#include "object_rules.h"

#define MAX_POSITION 0x7fffffff

static const struct object_member members[] = /* [tlb] */
{
    { L"Stream", 0 },
    { L"Clone", 1 },
    { L"Commit", 2 },
    { L"CopyTo", 3 },
    { L"Initialize", 4 },
    { L"LockRegion", 5 },
    { L"Read", 6 },
    { L"Revert", 7 },
    { L"Seek", 8 },
    { L"SetSize", 9 },
    { L"Stat", 10 },
    { L"UnlockRegion", 11 },
    { L"Write", 12 },
};

static HRESULT set_size_to_minus_one(IUnknown *object)
{
    return IByteBuffer_SetSize((IByteBuffer *)object, -1);
}

static const struct object_rules rules =
{
    &CLSID_CByteBuffer, &IID_IByteBuffer, members, ARRAY_SIZE(members), set_size_to_minus_one, L"SetSize", 9,
    DISPATCH_METHOD
};

/* [client] Without Initialize there is an empty stream: a published client begins with SetSize and Write. */
static void test_not_initialised(void)
{
    IByteBuffer *buffer = create_raw_buffer(), *clone = NULL;
    STATSTRUCT stat;
    LONG count = -1, position = -1;
    BYTE bytes[8];
    HRESULT hr;

    hr = IByteBuffer_Read(buffer, bytes, sizeof(bytes), &count);
    ok(hr == S_OK && count == 0, "Read: %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, &position);
    ok(hr == S_OK && position == 0, "Seek: %s, %ld.\n", dbgstr_hr(hr), position);
    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    ok(hr == S_OK && stat.cbSize == 0, "Stat: %s, %ld.\n", dbgstr_hr(hr), stat.cbSize);
    hr = IByteBuffer_Commit(buffer, STGC_DEFAULT);
    ok(hr == S_OK, "Commit: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Revert(buffer);
    ok(hr == S_OK, "Revert: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Clone(buffer, &clone);
    ok(hr == S_OK && clone, "Clone: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Write(buffer, (BYTE *)"abc", 3, &count);
    ok(hr == S_OK && count == 3, "Write: %s, %ld.\n", dbgstr_hr(hr), count);
    check_content(buffer, "abc", 3);
    if (clone)
    {
        check_content(clone, "abc", 3);
        IByteBuffer_Release(clone);
    }
    IByteBuffer_Release(buffer);

    buffer = create_raw_buffer();
    hr = IByteBuffer_SetSize(buffer, 5);
    ok(hr == S_OK, "SetSize(5): %s.\n", dbgstr_hr(hr));
    ok(buffer_size(buffer) == 5, "The size is %ld.\n", buffer_size(buffer));
    hr = IByteBuffer_Write(buffer, (BYTE *)"hello", 5, NULL);
    ok(hr == S_OK, "Write: %s.\n", dbgstr_hr(hr));
    check_content(buffer, "hello", 5);
    ok(buffer_position(buffer) == 5, "The pointer is at %ld.\n", buffer_position(buffer));
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Initialize [doc][ours] a fresh stream of the given bytes, or of zeros, with the seek pointer at
 * 0. */
static void test_Initialize(void)
{
    static const LONG bad[] = { -1, -2, (LONG)0x80000000 };
    static const LONG sizes[] = { 0, 1, 2, 255, 256, 4096, 65535, 65536, 100000 };
    IByteBuffer *buffer = create_raw_buffer();
    BYTE *bytes = calloc(1, 100000);
    unsigned int i;
    HRESULT hr;

    hr = IByteBuffer_Initialize(buffer, 4, (BYTE *)"abcd"); /* [doc] */
    ok(hr == S_OK, "Initialize: %s.\n", dbgstr_hr(hr));
    ok(buffer_position(buffer) == 0, "The pointer starts at %ld.\n", buffer_position(buffer)); /* [ours] */
    check_buffer(buffer, "abcd", 4, "initialised"); /* [doc] */

    for (i = 0; i < ARRAY_SIZE(bad); i++) /* [ours], unchanged */
    {
        hr = IByteBuffer_Initialize(buffer, bad[i], (BYTE *)"xyz");
        ok(hr == E_INVALIDARG, "Initialize(%ld): %s.\n", bad[i], dbgstr_hr(hr));
        hr = IByteBuffer_Initialize(buffer, bad[i], NULL);
        ok(hr == E_INVALIDARG, "Initialize(%ld, NULL): %s.\n", bad[i], dbgstr_hr(hr));
        ok(buffer_position(buffer) == 4, "The pointer went to %ld.\n", buffer_position(buffer));
        check_content(buffer, "abcd", 4);
    }

    for (i = 0; i < ARRAY_SIZE(sizes); i++) /* zeros without data, a second call replaces: [ours] */
    {
        winetest_push_context("Initialize(%ld)", sizes[i]);
        buffer_seek(buffer, 3);
        hr = IByteBuffer_Initialize(buffer, sizes[i], NULL);
        ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
        ok(buffer_size(buffer) == sizes[i], "The size is %ld.\n", buffer_size(buffer));
        memset(bytes, 0, sizes[i]);
        check_buffer(buffer, bytes, sizes[i], "zeros");
        memset(bytes, 0xa5, sizes[i]);
        hr = IByteBuffer_Initialize(buffer, sizes[i], bytes);
        ok(hr == S_OK, "with data: %s.\n", dbgstr_hr(hr));
        check_buffer(buffer, bytes, sizes[i], "with data");
        winetest_pop_context();
    }
    free(bytes);
    IByteBuffer_Release(buffer);
}

/* [ours] Sizes that memory may not have room for: an error and nothing changes, or what was asked for. */
static HRESULT expect_memory(SIZE_T size)
{
    void *volatile memory = malloc(size);   /* or the compiler takes it for granted */
    BOOL there = memory != NULL;

    free(memory);
    return there ? S_OK : E_OUTOFMEMORY;
}

static void test_huge(void)
{
    IByteBuffer *buffer = create_buffer("abc", 3);
    LONG count = -1;
    HRESULT hr, expected = expect_memory(MAX_POSITION);

    hr = IByteBuffer_SetSize(buffer, MAX_POSITION);
    ok(hr == expected, "SetSize: %s.\n", dbgstr_hr(hr));
    ok(buffer_size(buffer) == (hr == S_OK ? MAX_POSITION : 3), "SetSize: %s and a size of %ld.\n",
       dbgstr_hr(hr), buffer_size(buffer));
    hr = IByteBuffer_SetSize(buffer, 3);
    ok(hr == S_OK, "SetSize(3): %s.\n", dbgstr_hr(hr));
    check_content(buffer, "abc", 3);

    expected = expect_memory(MAX_POSITION);
    hr = IByteBuffer_Initialize(buffer, MAX_POSITION, NULL);
    ok(hr == expected, "Initialize: %s.\n", dbgstr_hr(hr));
    ok(buffer_size(buffer) == (hr == S_OK ? MAX_POSITION : 3), "Initialize: %s and a size of %ld.\n",
       dbgstr_hr(hr), buffer_size(buffer));
    hr = IByteBuffer_Initialize(buffer, 3, (BYTE *)"xyz");
    ok(hr == S_OK, "Initialize(3): %s.\n", dbgstr_hr(hr));

    buffer_seek(buffer, MAX_POSITION);
    hr = IByteBuffer_Write(buffer, (BYTE *)"!", 1, &count);
    ok(hr == STG_E_MEDIUMFULL && count == 0, "Write beyond 2^31-1: %s, %ld.\n", dbgstr_hr(hr), count);
    ok(buffer_position(buffer) == MAX_POSITION, "The pointer is at %ld.\n", buffer_position(buffer));
    check_content(buffer, "xyz", 3);
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Read [doc] from the seek pointer; at the end S_OK with fewer bytes. */
static void test_Read(void)
{
    IByteBuffer *buffer = create_buffer("abcdef", 6);
    BYTE bytes[16];
    LONG count;
    HRESULT hr;

    memset(bytes, '-', sizeof(bytes));
    hr = IByteBuffer_Read(buffer, bytes, 4, &count); /* [doc] */
    ok(hr == S_OK && count == 4 && !memcmp(bytes, "abcd-", 5), "Read: %s, %ld, %.5s.\n", dbgstr_hr(hr), count,
       bytes);
    hr = IByteBuffer_Read(buffer, bytes, 0, &count);
    ok(hr == S_OK && count == 0, "Read of nothing: %s, %ld.\n", dbgstr_hr(hr), count); /* [doc] */
    ok(buffer_position(buffer) == 4, "The pointer is at %ld.\n", buffer_position(buffer)); /* [doc] */
    memset(bytes, '-', sizeof(bytes));
    /* [doc] allows an error at the end; S_OK is [ours] */
    hr = IByteBuffer_Read(buffer, bytes, sizeof(bytes), &count);
    ok(hr == S_OK && count == 2 && !memcmp(bytes, "ef-", 3), "Read over the end: %s, %ld, %.3s.\n",
       dbgstr_hr(hr), count, bytes);
    count = -1;
    hr = IByteBuffer_Read(buffer, bytes, 1, &count);
    ok(hr == S_OK && count == 0, "Read at the end: %s, %ld.\n", dbgstr_hr(hr), count); /* [ours] */
    ok(buffer_position(buffer) == 6, "The pointer is at %ld.\n", buffer_position(buffer));
    buffer_seek(buffer, 100);
    hr = IByteBuffer_Read(buffer, bytes, 1, &count);
    ok(hr == S_OK && count == 0, "Read behind the end: %s, %ld.\n", dbgstr_hr(hr), count); /* [ours] */
    ok(buffer_position(buffer) == 100, "The pointer is at %ld.\n", buffer_position(buffer));

    buffer_seek(buffer, 1);
    hr = IByteBuffer_Read(buffer, bytes, 2, NULL); /* [doc] the count is optional */
    ok(hr == S_OK && !memcmp(bytes, "bc", 2), "Read without a count: %s.\n", dbgstr_hr(hr));

    count = -1;
    hr = IByteBuffer_Read(buffer, NULL, 1, &count); /* [doc] */
    ok(hr == E_POINTER && count == 0, "Read(NULL): %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Read(buffer, NULL, -1, NULL); /* pointers are checked first: [ours] */
    ok(hr == E_POINTER, "Read(NULL, -1): %s.\n", dbgstr_hr(hr));
    memset(bytes, '-', sizeof(bytes));
    count = -1;
    hr = IByteBuffer_Read(buffer, bytes, -1, &count); /* [ours] */
    ok(hr == E_INVALIDARG && count == 0 && bytes[0] == '-', "Read(-1): %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Read(buffer, bytes, (LONG)0x80000000, NULL);
    ok(hr == E_INVALIDARG && bytes[0] == '-', "Read(0x80000000): %s.\n", dbgstr_hr(hr));
    ok(buffer_position(buffer) == 3, "The pointer is at %ld.\n", buffer_position(buffer));
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Write [doc] at the seek pointer; the count may be NULL, the bytes may not. */
static void test_Write(void)
{
    IByteBuffer *buffer = create_buffer("abcdef", 6);
    BYTE byte;
    LONG count;
    HRESULT hr;

    buffer_seek(buffer, 2);
    hr = IByteBuffer_Write(buffer, (BYTE *)"12", 2, &count); /* [doc] */
    ok(hr == S_OK && count == 2, "Write: %s, %ld.\n", dbgstr_hr(hr), count);
    ok(buffer_position(buffer) == 4, "The pointer is at %ld.\n", buffer_position(buffer)); /* [doc] */
    check_content(buffer, "ab12ef", 6);
    /* [doc] the count may be NULL, the stream grows */
    hr = IByteBuffer_Write(buffer, (BYTE *)"3456", 4, NULL);
    ok(hr == S_OK, "Write without a count: %s.\n", dbgstr_hr(hr));
    check_content(buffer, "ab123456", 8);

    hr = IByteBuffer_Write(buffer, (BYTE *)"x", 0, &count); /* [doc] */
    ok(hr == S_OK && count == 0, "Write of nothing: %s, %ld.\n", dbgstr_hr(hr), count);
    count = -1;
    hr = IByteBuffer_Write(buffer, NULL, 0, &count); /* [doc] a valid pointer even when cb is zero */
    ok(hr == E_POINTER && count == 0, "Write(NULL, 0): %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Write(buffer, NULL, 1, NULL); /* [doc] */
    ok(hr == E_POINTER, "Write(NULL, 1): %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Write(buffer, NULL, -1, NULL); /* pointers are checked first: [ours] */
    ok(hr == E_POINTER, "Write(NULL, -1): %s.\n", dbgstr_hr(hr));
    count = -1;
    hr = IByteBuffer_Write(buffer, (BYTE *)"x", -1, &count); /* [ours] */
    ok(hr == E_INVALIDARG && count == 0, "Write(-1): %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_Write(buffer, (BYTE *)"x", (LONG)0x80000000, NULL);
    ok(hr == E_INVALIDARG, "Write(0x80000000): %s.\n", dbgstr_hr(hr));
    check_content(buffer, "ab123456", 8);

    /* [doc] Behind the end: nothing happens for no bytes, else the gap is filled, with whatever. */
    buffer_seek(buffer, 12);
    hr = IByteBuffer_Write(buffer, (BYTE *)"x", 0, NULL);
    ok(hr == S_OK && buffer_size(buffer) == 8, "Write of nothing: %s, size %ld.\n", dbgstr_hr(hr),
       buffer_size(buffer));
    hr = IByteBuffer_Write(buffer, (BYTE *)"x", 1, &count);
    ok(hr == S_OK && count == 1, "Write: %s, %ld.\n", dbgstr_hr(hr), count);
    ok(buffer_size(buffer) == 13, "The size is %ld.\n", buffer_size(buffer));
    buffer_seek(buffer, 12);
    hr = IByteBuffer_Read(buffer, &byte, 1, NULL);
    ok(hr == S_OK && byte == 'x', "Read: %s, %02x.\n", dbgstr_hr(hr), byte);
    hr = IByteBuffer_SetSize(buffer, 8);
    ok(hr == S_OK, "SetSize: %s.\n", dbgstr_hr(hr));
    check_content(buffer, "ab123456", 8);
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Seek [doc][ours] past the end is legal, before the start or above 2^31-1 is not and moves
 * nothing. */
/* A buffer of 10 bytes with its seek pointer at 4. */
static void test_Seek(void)
{
    static const struct
    {
        LONG move;
        LONG origin;
        LONG position; /* -1: an error, and the pointer stays */
        HRESULT hr;
    }
    seeks[] =
    {
        { 0, STREAM_SEEK_SET, 0, S_OK }, /* [doc] */
        { 7, STREAM_SEEK_SET, 7, S_OK },
        { 10, STREAM_SEEK_SET, 10, S_OK },
        { 1000, STREAM_SEEK_SET, 1000, S_OK }, /* past the end */
        { MAX_POSITION, STREAM_SEEK_SET, MAX_POSITION, S_OK },
        { 0, STREAM_SEEK_CUR, 4, S_OK },
        { 3, STREAM_SEEK_CUR, 7, S_OK },
        { -4, STREAM_SEEK_CUR, 0, S_OK },
        { 100, STREAM_SEEK_CUR, 104, S_OK },
        { MAX_POSITION - 4, STREAM_SEEK_CUR, MAX_POSITION, S_OK },
        { 0, STREAM_SEEK_END, 10, S_OK },
        { -10, STREAM_SEEK_END, 0, S_OK },
        { 5, STREAM_SEEK_END, 15, S_OK },
        { MAX_POSITION - 10, STREAM_SEEK_END, MAX_POSITION, S_OK },
        { -5, STREAM_SEEK_CUR, -1, STG_E_INVALIDFUNCTION }, /* [doc] before the beginning: an error */
        { -11, STREAM_SEEK_END, -1, STG_E_INVALIDFUNCTION },
        { (LONG)0x80000000, STREAM_SEEK_CUR, -1, STG_E_INVALIDFUNCTION },
        { (LONG)0x80000000, STREAM_SEEK_END, -1, STG_E_INVALIDFUNCTION },
        { -1, STREAM_SEEK_SET, -1, E_INVALIDARG }, /* [doc] an unsigned offset, so [ours] too large */
        { (LONG)0x80000000, STREAM_SEEK_SET, -1, E_INVALIDARG },
        { MAX_POSITION - 3, STREAM_SEEK_CUR, -1, E_INVALIDARG }, /* [ours] above 2^31-1 */
        { MAX_POSITION, STREAM_SEEK_CUR, -1, E_INVALIDARG },
        { MAX_POSITION - 9, STREAM_SEEK_END, -1, E_INVALIDARG },
        { MAX_POSITION, STREAM_SEEK_END, -1, E_INVALIDARG },
        { 0, 3, -1, E_INVALIDARG }, /* [ours] no such origin */
        { 0, -1, -1, E_INVALIDARG },
        { 0, 0x10000, -1, E_INVALIDARG },
    };
    IByteBuffer *buffer = create_buffer("0123456789", 10);
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(seeks); i++)
    {
        LONG position = 12345, expected = seeks[i].position < 0 ? 4 : seeks[i].position;

        winetest_push_context("Seek(%ld, %ld)", seeks[i].move, seeks[i].origin);
        buffer_seek(buffer, 4);
        hr = IByteBuffer_Seek(buffer, seeks[i].move, seeks[i].origin, &position);
        ok(hr == seeks[i].hr, "%s.\n", dbgstr_hr(hr));
        /* [ours] nothing on an error */
        ok(position == (hr == S_OK ? expected : 12345), "The position is %ld.\n", position);
        ok(buffer_position(buffer) == expected, "The pointer is at %ld.\n", buffer_position(buffer));
        buffer_seek(buffer, 4);
        hr = IByteBuffer_Seek(buffer, seeks[i].move, seeks[i].origin, NULL); /* [doc] */
        ok(hr == seeks[i].hr, "Without a place for the position: %s.\n", dbgstr_hr(hr));
        winetest_pop_context();
    }
    check_content(buffer, "0123456789", 10);
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::SetSize [doc] cuts or fills with zeros; a negative size is E_INVALIDARG. */
static void test_SetSize(void)
{
    static const LONG bad[] = { -1, -100, (LONG)0x80000000 };
    IByteBuffer *buffer = create_buffer("0123456789", 10);
    unsigned int i;
    BYTE bytes[16];
    LONG count;
    HRESULT hr;

    buffer_seek(buffer, 6);
    for (i = 0; i < ARRAY_SIZE(bad); i++) /* [ours] */
    {
        hr = IByteBuffer_SetSize(buffer, bad[i]);
        ok(hr == E_INVALIDARG, "SetSize(%ld): %s.\n", bad[i], dbgstr_hr(hr));
        check_content(buffer, "0123456789", 10);
    }
    hr = IByteBuffer_SetSize(buffer, 3); /* [doc] truncated, and the pointer is not affected */
    ok(hr == S_OK, "SetSize(3): %s.\n", dbgstr_hr(hr));
    ok(buffer_position(buffer) == 6, "The pointer is at %ld.\n", buffer_position(buffer));
    check_content(buffer, "012", 3);
    hr = IByteBuffer_Read(buffer, bytes, 1, &count);
    ok(hr == S_OK && count == 0, "Read behind the end: %s, %ld.\n", dbgstr_hr(hr), count);
    hr = IByteBuffer_SetSize(buffer, 12); /* [doc] extended, with whatever */
    ok(hr == S_OK && buffer_size(buffer) == 12, "SetSize(12): %s, size %ld.\n", dbgstr_hr(hr),
       buffer_size(buffer));
    ok(buffer_position(buffer) == 6, "The pointer is at %ld.\n", buffer_position(buffer));
    buffer_seek(buffer, 0);
    hr = IByteBuffer_Read(buffer, bytes, sizeof(bytes), &count);
    ok(hr == S_OK && count == 12 && !memcmp(bytes, "012", 3), "Read: %s, %ld, %.3s.\n", dbgstr_hr(hr), count,
       bytes);
    hr = IByteBuffer_SetSize(buffer, 0);
    ok(hr == S_OK && buffer_size(buffer) == 0, "SetSize(0): %s, size %ld.\n", dbgstr_hr(hr),
       buffer_size(buffer));
    check_content(buffer, "", 0);
    hr = IByteBuffer_SetSize(buffer, 70000);
    ok(hr == S_OK && buffer_size(buffer) == 70000, "SetSize: %s, size %ld.\n", dbgstr_hr(hr),
       buffer_size(buffer));
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Stat [doc][ours] fills STATSTRUCT, never with a name; a size above 2^31-1 is an error. */
static void test_Stat(void)
{
    static const LONG good[] = { STATFLAG_DEFAULT, STATFLAG_NONAME };
    static const LONG bad[] = { 4, -1, 0x10000 };
    IByteBuffer *buffer = create_buffer("abcde", 5);
    STATSTRUCT stat, before;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(good); i++)
    {
        memset(&stat, 0xcc, sizeof(stat));
        hr = IByteBuffer_Stat(buffer, &stat, good[i]);
        ok(hr == S_OK, "Stat(%ld): %s.\n", good[i], dbgstr_hr(hr));
        ok(stat.type == STGTY_STREAM, "Type %ld.\n", stat.type); /* [doc] of IStream */
        ok(stat.cbSize == 5, "Size %ld.\n", stat.cbSize);
        ok(stat.grfMode != (LONG)0xcccccccc && stat.grfLocksSupported == 0 && stat.grfStateBits == 0,
           "Mode %#lx, locks %#lx, state bits %#lx.\n", stat.grfMode, stat.grfLocksSupported,
           stat.grfStateBits);
    }
    memset(&stat, 0xcc, sizeof(stat));
    before = stat;
    for (i = 0; i < ARRAY_SIZE(bad); i++) /* [ours] */
    {
        hr = IByteBuffer_Stat(buffer, &stat, bad[i]);
        ok(hr == E_INVALIDARG, "Stat(%ld): %s.\n", bad[i], dbgstr_hr(hr));
        ok(!memcmp(&stat, &before, sizeof(stat)), "Stat(%ld) fails and writes.\n", bad[i]);
    }
    hr = IByteBuffer_Stat(buffer, NULL, STATFLAG_NONAME); /* [doc] */
    ok(hr == E_POINTER, "Stat(NULL): %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_Stat(buffer, NULL, -1);
    ok(hr == E_POINTER, "Stat(NULL, -1): %s.\n", dbgstr_hr(hr));
    ok(buffer_position(buffer) == 0, "The pointer is at %ld.\n", buffer_position(buffer));
    IByteBuffer_Release(buffer);
}

/* @member IByteBuffer::Commit [doc] as IStream: memory has no transactions. */
/* @member IByteBuffer::Revert [doc] as IStream: memory has no transactions. */
/* @member IByteBuffer::LockRegion [doc] as IStream: memory has no locks. */
/* @member IByteBuffer::UnlockRegion [doc] as IStream: memory has no locks. */
/* Memory knows neither transactions nor locks: IStream's answers. [doc] */
static void test_Commit_Revert_Lock(void)
{
    static const LONG flags[] = { STGC_DEFAULT, STGC_OVERWRITE, STGC_DEFAULT | STGC_CONSOLIDATE };
    static const LONG types[] = { LOCK_WRITE, LOCK_EXCLUSIVE, LOCK_ONLYONCE };
    IByteBuffer *buffer = create_buffer("abc", 3);
    unsigned int i;
    HRESULT hr;

    IByteBuffer_Write(buffer, (BYTE *)"x", 1, NULL);
    for (i = 0; i < ARRAY_SIZE(flags); i++)
    {
        hr = IByteBuffer_Commit(buffer, flags[i]);
        ok(hr == S_OK, "Commit(%#lx): %s.\n", flags[i], dbgstr_hr(hr));
    }
    hr = IByteBuffer_Revert(buffer);
    ok(hr == S_OK, "Revert: %s.\n", dbgstr_hr(hr));
    check_content(buffer, "xbc", 3);
    for (i = 0; i < ARRAY_SIZE(types); i++)
    {
        hr = IByteBuffer_LockRegion(buffer, 0, 10, types[i]);
        ok(hr == STG_E_INVALIDFUNCTION, "LockRegion(%ld): %s.\n", types[i], dbgstr_hr(hr));
        hr = IByteBuffer_UnlockRegion(buffer, 0, 10, types[i]);
        ok(hr == STG_E_INVALIDFUNCTION, "UnlockRegion(%ld): %s.\n", types[i], dbgstr_hr(hr));
    }
    hr = IByteBuffer_LockRegion(buffer, 0, -1, LOCK_WRITE); /* [ours] */
    ok(hr == E_INVALIDARG, "LockRegion(0, -1): %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_LockRegion(buffer, -1, 1, LOCK_WRITE);
    ok(hr == E_INVALIDARG, "LockRegion(-1, 1): %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_UnlockRegion(buffer, 0, -1, LOCK_WRITE);
    ok(hr == E_INVALIDARG, "UnlockRegion(0, -1): %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_UnlockRegion(buffer, -1, 1, LOCK_WRITE);
    ok(hr == E_INVALIDARG, "UnlockRegion(-1, 1): %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
}

START_TEST(bytebuffer)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_object_rules(&rules, module);
    test_not_initialised();
    test_Initialize();
    test_huge();
    test_Read();
    test_Write();
    test_Seek();
    test_SetSize();
    test_Stat();
    test_Commit_Revert_Lock();
    check_nothing_left(module);
    CoUninitialize();
}
