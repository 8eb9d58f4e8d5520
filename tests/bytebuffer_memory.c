/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IByteBuffer where scardssp.dll gets no memory, and where the program's is not there. */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "import_table.h"
#include "object_rules.h"

/* The allocations of scardssp.dll until one fails; below 0 none does. */
static int allocations_left = -1;

static void *scarce_malloc(size_t size)
{
    return allocations_left < 0 || allocations_left-- ? malloc(size) : NULL;
}

/* [ours] Without memory the stream is not put, and the buffer is as it was. */
static void test_put_Stream_without_memory(void)
{
    static const struct replacement scarce[] = { { "malloc", scarce_malloc } };
    IByteBuffer *buffer = create_buffer("abc", 3);
    struct foreign_stream foreign;
    IStream *streams[2];
    unsigned int i;
    HRESULT hr;
    int count;

    if (!replace_imports("scardssp.dll", scarce, ARRAY_SIZE(scarce)))
    {
        skip("scardssp.dll allocates otherwise.\n");
        IByteBuffer_Release(buffer);
        return;
    }
    streams[0] = foreign_stream_init(&foreign, "foreign", 7);
    CreateStreamOnHGlobal(NULL, TRUE, &streams[1]);
    for (i = 0; i < ARRAY_SIZE(streams); i++)
    {
        for (count = 0; count < 10; count++)
        {
            allocations_left = count;
            hr = IByteBuffer_put_Stream(buffer, streams[i]);
            allocations_left = -1;
            if (hr == S_OK) break;
            ok(hr == E_OUTOFMEMORY, "Stream %u, allocation %d fails: %s.\n", i, count, dbgstr_hr(hr));
            check_content(buffer, "abc", 3);
            ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
        }
        ok(count > 0 && count < 10, "Stream %u was put with %d allocations.\n", i, count);
        ok(buffer_size(buffer) == (i ? 0 : 7), "Stream %u: %ld bytes.\n", i, buffer_size(buffer));
        IByteBuffer_Initialize(buffer, 3, (BYTE *)"abc");
    }
    IStream_Release(streams[1]);
    IByteBuffer_Release(buffer);
}

/* A thread whose call meets memory that is not there ends in it, as a program that survives the exception goes on. */
struct bad_call
{
    IByteBuffer *buffer;
    BYTE *data;
    LONG size;
    int method;
    BOOL returned;
};

static DWORD bad_thread_id;

static LONG CALLBACK end_bad_thread(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION && GetCurrentThreadId() == bad_thread_id)
        ExitThread(1);
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI bad_thread(void *arg)
{
    struct bad_call *call = arg;

    bad_thread_id = GetCurrentThreadId();
    switch (call->method)
    {
        case 0: IByteBuffer_Read(call->buffer, call->data, call->size, NULL); break;
        case 1: IByteBuffer_Write(call->buffer, call->data, call->size, NULL); break;
        case 2: IByteBuffer_Initialize(call->buffer, call->size, call->data); break;
    }
    call->returned = TRUE;
    return 0;
}

static DWORD WINAPI good_thread(void *arg)
{
    return buffer_size(arg) != 3;
}

/* The program's memory ends before the last byte: afterwards this buffer and all others can still be used. */
static void check_bad_call(struct bad_call *call, IByteBuffer *other)
{
    HANDLE thread;

    call->returned = FALSE;
    thread = CreateThread(NULL, 0, bad_thread, call, 0, NULL);
    ok(!WaitForSingleObject(thread, 10000), "It hangs.\n");
    CloseHandle(thread);
    ok(!call->returned, "It returned.\n");
    thread = CreateThread(NULL, 0, good_thread, other, 0, NULL);
    ok(!WaitForSingleObject(thread, 10000), "Another buffer is locked.\n");
    CloseHandle(thread);
    ok(buffer_size(call->buffer) == 6000, "%ld bytes.\n", buffer_size(call->buffer));
}

/* [ours] */
static void test_memory_that_is_not_there(void)
{
    static const LONG sizes[] = { 16, 5000 };
    BYTE *pages = VirtualAlloc(NULL, 0x4000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    void *handler = AddVectoredExceptionHandler(TRUE, end_bad_thread);
    IByteBuffer *other = create_buffer("abc", 3);
    struct bad_call call;
    unsigned int i, j;
    IStream *stream;
    DWORD old;

    VirtualProtect(pages + 0x2000, 0x2000, PAGE_NOACCESS, &old);
    for (call.method = 0; call.method < 3; call.method++)
    {
        for (i = 0; i < ARRAY_SIZE(sizes); i++)
        {
            for (j = 0; j < 2; j++)
            {
                winetest_push_context("method %d, %ld bytes, %s", call.method, sizes[i], j ? "a stream" : "memory");
                call.size = sizes[i];
                call.data = pages + 0x2000 - call.size + 1;
                call.buffer = create_buffer(NULL, 6000);
                if (j && IByteBuffer_get_Stream(call.buffer, &stream) == S_OK) IStream_Release(stream);
                check_bad_call(&call, other);
                IByteBuffer_Release(call.buffer);
                winetest_pop_context();
            }
        }
    }
    IByteBuffer_Release(other);
    RemoveVectoredExceptionHandler(handler);
    VirtualFree(pages, 0, MEM_RELEASE);
}

/* [doc] Read is told how much room there is; what there is not to be read needs none. */
static void test_room_that_is_not_there(void)
{
    BYTE *pages = VirtualAlloc(NULL, 0x4000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    IByteBuffer *buffer = create_buffer("abc", 3);
    LONG count = 0;
    DWORD old;
    HRESULT hr;

    VirtualProtect(pages + 0x2000, 0x2000, PAGE_NOACCESS, &old);
    hr = IByteBuffer_Read(buffer, pages + 0x2000 - 3, 0x1000, &count);
    ok(hr == S_OK && count == 3 && !memcmp(pages + 0x2000 - 3, "abc", 3), "Read: %s, %ld bytes.\n", dbgstr_hr(hr),
       count);
    IByteBuffer_Release(buffer);
    VirtualFree(pages, 0, MEM_RELEASE);
}

START_TEST(bytebuffer_memory)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_put_Stream_without_memory();
    test_memory_that_is_not_there();
    test_room_that_is_not_there();
    check_nothing_left(module);
    CoUninitialize();
}
