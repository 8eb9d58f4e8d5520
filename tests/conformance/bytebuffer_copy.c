/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IByteBuffer::CopyTo: into another buffer, a new one, a clone, itself, and one of another implementation.
 */

#define COBJMACROS
#include "common.h"
#include "foreign_buffer.h"
#include "foreign_stream.h"
#include "object_rules.h"

/* @member IByteBuffer::CopyTo [doc][ours] from this seek pointer to the other one; NULL makes a new buffer. */
/* [doc] From one seek pointer to the other; both move. */
static void test_other(void)
{
    static const struct
    {
        const char *source;
        LONG from;
        const char *dest;
        LONG at;
        LONG cb;
        const char *result; /* '?': any byte */
        LONG count;
    }
    copies[] =
    {
        { "abcdef", 0, "", 0, 6, "abcdef", 6 },
        { "abcdef", 2, "", 0, 3, "cde", 3 },
        { "abcdef", 2, "123456", 4, 3, "1234cde", 3 },
        { "abcdef", 0, "123456", 1, 2, "1ab456", 2 },
        { "abcdef", 4, "123456", 6, 100, "123456ef", 2 }, /* a short source */
        { "abcdef", 0, "12", 0, 0x7fffffff, "abcdef", 6 },
        { "abcdef", 6, "123456", 3, 5, "123456", 0 },
        { "abcdef", 50, "123456", 3, 5, "123456", 0 },
        { "", 0, "123456", 0, 5, "123456", 0 },
        { "abcdef", 1, "123456", 2, 0, "123456", 0 },
        { "abcdef", 1, "12", 4, 2, "12?\?bc", 2 },
        { "abcdef", 1, "12", 4, 0, "12", 0 },
    };
    unsigned int i, j;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(copies); i++)
    {
        LONG dest_size = strlen(copies[i].dest), size = strlen(copies[i].result);
        LONG read = -1, written = -1, count = 0;
        IByteBuffer *source = create_buffer(copies[i].source, strlen(copies[i].source));
        IByteBuffer *dest = create_buffer(copies[i].dest, dest_size), *given = dest;
        BYTE bytes[64];

        winetest_push_context("copy %u", i);
        buffer_seek(source, copies[i].from);
        buffer_seek(dest, copies[i].at);
        hr = IByteBuffer_CopyTo(source, &dest, copies[i].cb, &read, &written);
        ok(hr == S_OK && dest == given, "CopyTo: %s.\n", dbgstr_hr(hr));
        ok(read == copies[i].count && written == copies[i].count, "%ld read, %ld written.\n", read, written);
        ok(buffer_position(source) == copies[i].from + copies[i].count, "The source's pointer is at %ld.\n",
           buffer_position(source));
        ok(buffer_position(dest) == copies[i].at + copies[i].count, "The destination's pointer is at %ld.\n",
           buffer_position(dest));
        check_content(source, copies[i].source, strlen(copies[i].source));
        buffer_seek(dest, 0);
        IByteBuffer_Read(dest, bytes, sizeof(bytes), &count);
        for (j = 0; j < (unsigned int)min(count, size); j++)
            if (copies[i].result[j] != '?' && copies[i].result[j] != bytes[j]) break;
        ok(count == size && j == (unsigned int)size, "Result %s.\n", dbgstr_hex(bytes, count));
        IByteBuffer_Release(source);
        IByteBuffer_Release(dest);
        winetest_pop_context();
    }
}

static void test_arguments(void)
{
    static const LONG bad[] = { -1, -6, (LONG)0x80000000 };
    IByteBuffer *source = create_buffer("abcdef", 6), *dest = create_buffer("123456", 6);
    IByteBuffer *given = dest, *none;
    LONG read, written;
    unsigned int i;
    HRESULT hr;

    buffer_seek(source, 1);
    buffer_seek(dest, 2);
    hr = IByteBuffer_CopyTo(source, &dest, 2, NULL, NULL); /* [doc] the counts are optional */
    ok(hr == S_OK, "CopyTo without counts: %s.\n", dbgstr_hr(hr));
    hr = IByteBuffer_CopyTo(source, &dest, 1, &read, NULL);
    ok(hr == S_OK && read == 1, "CopyTo: %s, %ld read.\n", dbgstr_hr(hr), read);
    hr = IByteBuffer_CopyTo(source, &dest, 1, NULL, &written);
    ok(hr == S_OK && written == 1, "CopyTo: %s, %ld written.\n", dbgstr_hr(hr), written);
    check_content(dest, "12bcde", 6);

    buffer_seek(source, 1);
    buffer_seek(dest, 2);
    read = written = -1;
    hr = IByteBuffer_CopyTo(source, NULL, 1, &read, &written); /* [doc] */
    ok(hr == E_POINTER && !read && !written, "CopyTo(NULL): %s, %ld, %ld.\n", dbgstr_hr(hr), read, written);
    hr = IByteBuffer_CopyTo(source, NULL, -1, NULL, NULL); /* pointers are checked first: [ours] */
    ok(hr == E_POINTER, "CopyTo(NULL, -1): %s.\n", dbgstr_hr(hr));
    for (i = 0; i < ARRAY_SIZE(bad); i++) /* [ours] */
    {
        read = written = -1;
        hr = IByteBuffer_CopyTo(source, &dest, bad[i], &read, &written);
        ok(hr == E_INVALIDARG && dest == given, "CopyTo(%ld): %s.\n", bad[i], dbgstr_hr(hr));
        ok(!read && !written, "CopyTo(%ld): %ld, %ld.\n", bad[i], read, written);
        none = NULL;
        hr = IByteBuffer_CopyTo(source, &none, bad[i], NULL, NULL);
        ok(hr == E_INVALIDARG && !none, "CopyTo(%ld): %s, %p.\n", bad[i], dbgstr_hr(hr), (void *)none);
    }
    ok(buffer_position(source) == 1, "The source's pointer is at %ld.\n", buffer_position(source));
    ok(buffer_position(dest) == 2, "The destination's pointer is at %ld.\n", buffer_position(dest));
    check_content(dest, "12bcde", 6);
    IByteBuffer_Release(source);
    IByteBuffer_Release(dest);
}

/* [ours] *ppByteBuffer NULL: a new buffer, with the pointer behind what was written, as with any other. */
static void test_new(void)
{
    IByteBuffer *source = create_buffer("abcdef", 6), *dest = NULL;
    LONG read = -1, written = -1;
    HRESULT hr;

    buffer_seek(source, 2);
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(hr == S_OK && dest && dest != source, "CopyTo: %s, %p.\n", dbgstr_hr(hr), (void *)dest);
    ok(read == 3 && written == 3, "%ld read, %ld written.\n", read, written);
    ok(buffer_position(source) == 5, "The source's pointer is at %ld.\n", buffer_position(source));
    if (dest)
    {
        ok(buffer_position(dest) == 3, "The new buffer's pointer is at %ld.\n", buffer_position(dest));
        check_content(dest, "cde", 3);
        IByteBuffer_Write(dest, (BYTE *)"X", 1, NULL);
        check_content(source, "abcdef", 6);
        IByteBuffer_Release(dest);
    }
    dest = NULL;
    hr = IByteBuffer_CopyTo(source, &dest, 0, NULL, NULL);
    ok(hr == S_OK && dest, "CopyTo of nothing: %s.\n", dbgstr_hr(hr));
    if (dest)
    {
        check_content(dest, "", 0);
        IByteBuffer_Release(dest);
    }
    IByteBuffer_Release(source);
}

/* [doc] Onto itself: one pointer, which reads first, then writes where that ended. */
static void test_self(void)
{
    IByteBuffer *buffer = create_buffer("abcdef", 6), *dest = buffer;
    LONG read = -1, written = -1;
    HRESULT hr;

    hr = IByteBuffer_CopyTo(buffer, &dest, 3, &read, &written);
    ok(hr == S_OK && dest == buffer && read == 3 && written == 3, "CopyTo: %s, %ld, %ld.\n", dbgstr_hr(hr),
       read, written);
    ok(buffer_position(buffer) == 6, "The pointer is at %ld.\n", buffer_position(buffer));
    check_content(buffer, "abcabc", 6);
    buffer_seek(buffer, 4);
    hr = IByteBuffer_CopyTo(buffer, &dest, 1000000, &read, &written);
    ok(hr == S_OK && read == 2 && written == 2, "CopyTo: %s, %ld, %ld.\n", dbgstr_hr(hr), read, written);
    ok(buffer_position(buffer) == 8, "The pointer is at %ld.\n", buffer_position(buffer));
    check_content(buffer, "abcabcbc", 8);
    IByteBuffer_Release(buffer);
}

/* [doc] Onto a clone, also where the two ranges overlap: what is copied is what was there before. [ours] */
static void test_clone(void)
{
    static const struct
    {
        LONG from;
        LONG to;
        LONG cb;
    }
    cases[] =
    {
        { 0, 100, 50 },
        { 0, 2, 6 },
        { 2, 0, 6 },
        { 0, 1, 99999 },
        { 1, 0, 99999 },
        { 5, 5, 1000 },
        { 0, 70000, 90000 },
        { 70000, 10, 90000 },
        { 0, 100000, 100000 },
        { 99990, 99995, 100 },
    };
    const LONG size = 100000;
    BYTE *expected = malloc(2 * size);
    unsigned int i;
    LONG j;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        LONG count = min(cases[i].cb, size - cases[i].from), read = -1, written = -1;
        IByteBuffer *buffer, *clone = NULL;
        HRESULT hr;

        winetest_push_context("%ld bytes from %ld to %ld", cases[i].cb, cases[i].from, cases[i].to);
        for (j = 0; j < size; j++) expected[j] = (BYTE)(j * 7 + (j >> 8));
        buffer = create_buffer(expected, size);
        IByteBuffer_Clone(buffer, &clone);
        buffer_seek(buffer, cases[i].from);
        buffer_seek(clone, cases[i].to);
        hr = IByteBuffer_CopyTo(buffer, &clone, cases[i].cb, &read, &written);
        ok(hr == S_OK && read == count && written == count, "%s, %ld, %ld.\n", dbgstr_hr(hr), read, written);
        ok(buffer_position(buffer) == cases[i].from + count, "The pointer is at %ld.\n",
           buffer_position(buffer));
        ok(buffer_position(clone) == cases[i].to + count, "The clone's pointer is at %ld.\n",
           buffer_position(clone));
        memmove(expected + cases[i].to, expected + cases[i].from, count);
        check_content(buffer, expected, max(size, cases[i].to + count));
        IByteBuffer_Release(buffer);
        IByteBuffer_Release(clone);
        winetest_pop_context();
    }
    free(expected);
}

/* A destination of another implementation is used through its interface. */
static void test_foreign(void)
{
    struct foreign_buffer foreign;
    IByteBuffer *source = create_buffer("abcdef", 6), *dest = foreign_buffer_init(&foreign, "123", 3);
    LONG read = -1, written = -1;
    HRESULT hr;

    foreign.position = 1;
    hr = IByteBuffer_CopyTo(source, &dest, 4, &read, &written);
    ok(hr == S_OK && read == 4 && written == 4, "CopyTo: %s, %ld, %ld.\n", dbgstr_hr(hr), read, written);
    ok(foreign.size == 5 && !memcmp(foreign.bytes, "1abcd", 5), "It got %s.\n",
       dbgstr_hex(foreign.bytes, foreign.size));
    ok(foreign.position == 5 && foreign.ref == 1, "Its pointer is at %ld, %ld references.\n",
       foreign.position, foreign.ref);

    foreign_buffer_init(&foreign, "", 0);
    foreign.behaviour.write_result = STG_E_MEDIUMFULL;
    buffer_seek(source, 0);
    written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 4, &read, &written);
    ok(hr == STG_E_MEDIUMFULL && !written, "Write fails: %s, %ld.\n", dbgstr_hr(hr), written); /* [ours] */

    foreign_buffer_init(&foreign, "", 0);
    foreign.behaviour.chunk = 2;
    buffer_seek(source, 0);
    written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 5, &read, &written);
    ok(foreign.size > 0 && written == foreign.size, "Write takes little: %s, %ld written, it got %ld.\n",
       dbgstr_hr(hr), written, foreign.size); /* [ours] the count says what was done */
    ok(!memcmp(foreign.bytes, "abcde", min(foreign.size, 5)), "It got %s.\n",
       dbgstr_hex(foreign.bytes, foreign.size));

    foreign_buffer_init(&foreign, "", 0);
    foreign.behaviour.stated_count = 0x7fffffff;
    buffer_seek(source, 0);
    written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(written >= 0 && written <= 3, "Write lies: %s, %ld written.\n", dbgstr_hr(hr), written); /* [ours] */
    foreign_buffer_init(&foreign, "", 0);
    foreign.behaviour.stated_count = -5;
    buffer_seek(source, 0);
    written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(written >= 0 && written <= 3, "Write lies: %s, %ld written.\n", dbgstr_hr(hr), written); /* [ours] */
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
    IByteBuffer_Release(source);
}

/* Streams of another implementation beneath the source and the destination. */
static void test_foreign_stream(void)
{
    struct foreign_stream from, to;
    IByteBuffer *source = create_raw_buffer(), *dest = create_raw_buffer(), *none = NULL;
    LONG read = -1, written = -1;
    HRESULT hr;

    IByteBuffer_put_Stream(source, foreign_stream_init(&from, "abcdef", 6));
    IByteBuffer_put_Stream(dest, foreign_stream_init(&to, "123456", 6));
    from.position = 1;
    to.position = 4;
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(hr == S_OK && read == 3 && written == 3, "CopyTo: %s, %ld, %ld.\n", dbgstr_hr(hr), read, written);
    ok(to.size == 7 && !memcmp(to.bytes, "1234bcd", 7), "The stream got %s.\n",
       dbgstr_hex(to.bytes, (LONG)to.size));
    ok(from.position == 4 && to.position == 7, "The pointers are at %lu and %lu.\n", (ULONG)from.position,
       (ULONG)to.position);
    hr = IByteBuffer_CopyTo(source, &none, 10, &read, &written);
    ok(hr == S_OK && none && read == 2 && written == 2, "CopyTo a new one: %s, %ld, %ld.\n", dbgstr_hr(hr),
       read, written);
    if (none)
    {
        check_content(none, "ef", 2);
        IByteBuffer_Release(none);
    }

    to.result = STG_E_MEDIUMFULL;
    from.position = 0;
    written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(hr == STG_E_MEDIUMFULL && !written, "Write fails: %s, %ld.\n", dbgstr_hr(hr), written); /* [ours] */
    to.result = S_OK;
    from.result = STG_E_READFAULT;
    read = written = -1;
    hr = IByteBuffer_CopyTo(source, &dest, 3, &read, &written);
    ok(hr == STG_E_READFAULT && !read && !written, "Read fails: %s, %ld, %ld.\n", dbgstr_hr(hr), read,
       written);
    none = NULL;
    hr = IByteBuffer_CopyTo(source, &none, 3, NULL, NULL);
    ok(hr == STG_E_READFAULT && !none, "Read fails: %s, %p.\n", dbgstr_hr(hr), (void *)none); /* [ours] */
    IByteBuffer_Release(source);
    IByteBuffer_Release(dest);
    ok(from.ref == 1 && to.ref == 1, "%ld and %ld references left.\n", from.ref, to.ref);
}

static DWORD WINAPI use_buffer_thread(void *arg)
{
    IByteBuffer *buffer = arg, *clone = NULL;

    IByteBuffer_Clone(buffer, &clone);
    if (clone) IByteBuffer_Release(clone);
    return 0;
}

static void use_buffer_elsewhere(void *context)
{
    ok(run_in_thread(use_buffer_thread, context), "The buffer is locked while another object is called.\n");
}

/* [ours] No lock is held while an object of the caller is called. */
static void test_not_locked(void)
{
    struct foreign_buffer foreign;
    IByteBuffer *buffer = create_buffer("abc", 3), *dest = foreign_buffer_init(&foreign, "", 0);
    HRESULT hr;

    foreign.hook = use_buffer_elsewhere;
    foreign.context = buffer;
    hr = IByteBuffer_CopyTo(buffer, &dest, 3, NULL, NULL);
    ok(hr == S_OK && foreign.writes, "CopyTo: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
}

START_TEST(bytebuffer_copy)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_other();
    test_arguments();
    test_new();
    test_self();
    test_clone();
    test_foreign();
    test_foreign_stream();
    test_not_locked();
    check_nothing_left(module);
    CoUninitialize();
}
