/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IByteBuffer where scardssp.dll gets no memory, and where the program's is not there. */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "object_rules.h"
#include "scarce_memory.h"

/* [ours] Without memory the stream is not put, and the buffer is as it was. */
static void test_put_Stream_without_memory(void)
{
    IByteBuffer *buffer = create_buffer("abc", 3);
    struct foreign_stream foreign;
    IStream *streams[2];
    unsigned int i;
    HRESULT hr;
    int count;

    if (!make_memory_scarce())
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

/*
 * [ours] Without memory what shares a long run of bytes is as it was, and so are the others; what is short, or ends the
 * sharing, needs no memory.
 */
static void test_sharing_without_memory(void)
{
    IByteBuffer *given = create_buffer(NULL, 1000), *buffer = NULL;
    ISCardCmd *cmd = create_cmd();
    BYTE zeros[1000] = { 0 };
    HRESULT hr[6];

    if (!make_memory_scarce())
    {
        skip("scardssp.dll allocates otherwise.\n");
        return;
    }
    ISCardCmd_put_ApduReply(cmd, given);
    ISCardCmd_get_ApduReply(cmd, &buffer);
    buffer_seek(buffer, 0);
    allocations_left = 0;
    hr[0] = IByteBuffer_Write(buffer, (BYTE *)"x", 1, NULL);
    hr[1] = IByteBuffer_SetSize(buffer, 500);
    hr[2] = IByteBuffer_SetSize(buffer, 2000);
    hr[3] = ISCardCmd_put_ReplyStatus(cmd, 0x6a82);
    hr[4] = ISCardCmd_put_ApduReplyLength(cmd, 500);
    hr[5] = IByteBuffer_Initialize(given, 3, (BYTE *)"abc");
    allocations_left = -1;
    ok(hr[0] == E_OUTOFMEMORY, "Write: %s.\n", dbgstr_hr(hr[0]));
    ok(hr[1] == E_OUTOFMEMORY, "SetSize, shorter: %s.\n", dbgstr_hr(hr[1]));
    ok(hr[2] == E_OUTOFMEMORY, "SetSize, longer: %s.\n", dbgstr_hr(hr[2]));
    ok(hr[3] == E_OUTOFMEMORY, "put_ReplyStatus: %s.\n", dbgstr_hr(hr[3]));
    ok(hr[4] == E_OUTOFMEMORY, "put_ApduReplyLength: %s.\n", dbgstr_hr(hr[4]));
    ok(hr[5] == S_OK, "Initialize: %s.\n", dbgstr_hr(hr[5]));
    ok(!buffer_position(buffer), "Position %ld.\n", buffer_position(buffer));
    check_content(buffer, zeros, sizeof(zeros));
    check_cmd_reply(cmd, zeros, sizeof(zeros), "the reply");
    check_content(given, "abc", 3);

    allocations_left = 0;
    hr[0] = IByteBuffer_SetSize(buffer, 0);
    hr[1] = ISCardCmd_put_ApduReplyLength(cmd, 0);
    allocations_left = -1;
    ok(hr[0] == S_OK && !buffer_size(buffer), "SetSize(0): %s, %ld bytes.\n", dbgstr_hr(hr[0]), buffer_size(buffer));
    ok(hr[1] == S_OK, "put_ApduReplyLength(0): %s.\n", dbgstr_hr(hr[1]));
    check_cmd_reply(cmd, NULL, 0, "no reply");
    ISCardCmd_Release(cmd);
    IByteBuffer_Release(buffer);
    IByteBuffer_Release(given);
}

/* [ours] What is little, in memory for much, is copied where there is memory for that, and else passed on as it is. */
static void test_nearly_empty_without_memory(void)
{
    IByteBuffer *given = create_buffer(NULL, 65538), *buffer = NULL;
    ISCardCmd *cmd = create_cmd();
    BYTE zeros[300] = { 0 };
    HRESULT hr;

    if (!make_memory_scarce())
    {
        skip("scardssp.dll allocates otherwise.\n");
        return;
    }
    IByteBuffer_SetSize(given, sizeof(zeros));
    allocations_left = 0;
    hr = ISCardCmd_put_ApduReply(cmd, given);
    allocations_left = 1; /* the object */
    if (hr == S_OK) hr = ISCardCmd_get_ApduReply(cmd, &buffer);
    allocations_left = -1;
    ok(hr == S_OK && buffer, "put_ApduReply or get_ApduReply: %s.\n", dbgstr_hr(hr));
    IByteBuffer_SetSize(given, 5);
    check_cmd_reply(cmd, zeros, sizeof(zeros), "the reply");
    if (buffer)
    {
        check_content(buffer, zeros, sizeof(zeros));
        IByteBuffer_Release(buffer);
    }
    ISCardCmd_Release(cmd);
    IByteBuffer_Release(given);
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
    test_sharing_without_memory();
    test_nearly_empty_without_memory();
    test_memory_that_is_not_there();
    test_room_that_is_not_there();
    check_nothing_left(module);
    CoUninitialize();
}
