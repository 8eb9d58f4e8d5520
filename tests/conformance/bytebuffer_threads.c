/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IByteBuffer from several apartments and threads.
 */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "object_rules.h"

static IStream *stream_of(IByteBuffer *buffer)
{
    IStream *stream = NULL;
    HRESULT hr;

    hr = IByteBuffer_get_Stream(buffer, &stream);
    ok(hr == S_OK && stream, "get_Stream: %s, %p.\n", dbgstr_hr(hr), (void *)stream);
    return stream;
}

/* Waits for a thread as an apartment does, dispatching what arrives for it. */
static BOOL wait_and_dispatch(HANDLE thread)
{
    DWORD start = GetTickCount();
    MSG msg;

    while (GetTickCount() - start < 60000)
    {
        if (MsgWaitForMultipleObjects(1, &thread, FALSE, 100, QS_ALLINPUT) == WAIT_OBJECT_0) return TRUE;
        while (PeekMessageW(&msg, NULL, 0, 0, PM_REMOVE)) DispatchMessageW(&msg);
    }
    return FALSE;
}

static DWORD WINAPI reader_thread(void *arg)
{
    IByteBuffer *buffer = arg;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    buffer_seek(buffer, 1);
    check_buffer(buffer, "bcd", 3, "in another apartment");
    CoUninitialize();
    return 0;
}

/* [ours] A stream that lives in an apartment is called there, wherever the buffer is used. */
static void test_stream_in_apartment(void)
{
    struct foreign_stream foreign;
    IByteBuffer *buffer = create_raw_buffer();
    HANDLE thread;
    HRESULT hr;

    hr = IByteBuffer_put_Stream(buffer, foreign_stream_init(&foreign, "abcd", 4));
    ok(hr == S_OK, "put_Stream: %s.\n", dbgstr_hr(hr));
    thread = CreateThread(NULL, 0, reader_thread, buffer, 0, NULL);
    ok(wait_and_dispatch(thread), "The other apartment hangs.\n");
    ok(foreign.calls[METHOD_READ] >= 1 && foreign.thread == GetCurrentThreadId(),
       "%u calls, the last in thread %lu, the stream is of thread %lu.\n",
       foreign.calls[METHOD_READ], foreign.thread, GetCurrentThreadId());
    CloseHandle(thread);
    IByteBuffer_Release(buffer);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);

    /* Memory lives nowhere: no messages need to be dispatched. */
    buffer = create_buffer("abcd", 4);
    IStream_Release(stream_of(buffer));
    ok(run_in_thread(reader_thread, buffer), "The other apartment hangs.\n");
    IByteBuffer_Release(buffer);
}

/* An IMarshal that does as the free-threaded marshaler and keeps what it was asked to marshal. */
static IMarshal *free_threaded;
static void *marshaled;

static HRESULT WINAPI marshal_QueryInterface(IMarshal *iface, REFIID iid, void **out)
{
    *out = iface;
    return S_OK;
}

static ULONG WINAPI marshal_AddRef(IMarshal *iface)
{
    return 2;
}

static ULONG WINAPI marshal_Release(IMarshal *iface)
{
    return 1;
}

static HRESULT WINAPI marshal_GetUnmarshalClass(IMarshal *iface, REFIID iid, void *object, DWORD context,
                                                void *reserved, DWORD flags, CLSID *clsid)
{
    return IMarshal_GetUnmarshalClass(free_threaded, iid, object, context, reserved, flags, clsid);
}

static HRESULT WINAPI marshal_GetMarshalSizeMax(IMarshal *iface, REFIID iid, void *object, DWORD context,
                                                void *reserved, DWORD flags, DWORD *size)
{
    return IMarshal_GetMarshalSizeMax(free_threaded, iid, object, context, reserved, flags, size);
}

static HRESULT WINAPI marshal_MarshalInterface(IMarshal *iface, IStream *stream, REFIID iid, void *object,
                                               DWORD context, void *reserved, DWORD flags)
{
    marshaled = object;
    return IMarshal_MarshalInterface(free_threaded, stream, iid, object, context, reserved, flags);
}

static HRESULT WINAPI marshal_UnmarshalInterface(IMarshal *iface, IStream *stream, REFIID iid, void **out)
{
    return IMarshal_UnmarshalInterface(free_threaded, stream, iid, out);
}

static HRESULT WINAPI marshal_ReleaseMarshalData(IMarshal *iface, IStream *stream)
{
    return IMarshal_ReleaseMarshalData(free_threaded, stream);
}

static HRESULT WINAPI marshal_DisconnectObject(IMarshal *iface, DWORD reserved)
{
    return IMarshal_DisconnectObject(free_threaded, reserved);
}

static IMarshalVtbl marshal_vtbl =
{
    marshal_QueryInterface,
    marshal_AddRef,
    marshal_Release,
    marshal_GetUnmarshalClass,
    marshal_GetMarshalSizeMax,
    marshal_MarshalInterface,
    marshal_UnmarshalInterface,
    marshal_ReleaseMarshalData,
    marshal_DisconnectObject
};

/* [ours] A stream that marshals itself does so, here to give itself to every apartment. */
static void test_stream_marshals_itself(void)
{
    IByteBuffer *buffer = create_raw_buffer();
    IMarshal marshal = { &marshal_vtbl };
    struct foreign_stream foreign;
    IUnknown *marshaler;
    HRESULT hr;

    foreign_stream_init(&foreign, "abcd", 4);
    foreign.marshal = &marshal;
    CoCreateFreeThreadedMarshaler((IUnknown *)&foreign.IStream_iface, &marshaler);
    IUnknown_QueryInterface(marshaler, &IID_IMarshal, (void **)&free_threaded);
    hr = IByteBuffer_put_Stream(buffer, &foreign.IStream_iface);
    ok(hr == S_OK, "put_Stream: %s.\n", dbgstr_hr(hr));
    ok(marshaled == &foreign.IStream_iface, "%p was marshaled, not %p.\n", marshaled, (void *)&foreign.IStream_iface);
    ok(run_in_thread(reader_thread, buffer), "The other apartment hangs.\n");
    ok(foreign.thread != GetCurrentThreadId(), "The stream was called in its own apartment.\n");
    IByteBuffer_Release(buffer);
    IMarshal_Release(free_threaded);
    IUnknown_Release(marshaler);
    ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
}

#define THREADS 16
#define ROUNDS 200

struct hammer
{
    IByteBuffer *buffer;
    LONG number;
    LONG bad;
};

/* Each thread writes and reads its own 16 bytes through a clone of its own, and makes more clones. */
static DWORD WINAPI clone_hammer_thread(void *arg)
{
    struct hammer *hammer = arg;
    IByteBuffer *clone = NULL, *more;
    BYTE pattern[16], bytes[16];
    LONG i, count;

    if (FAILED(IByteBuffer_Clone(hammer->buffer, &clone))) return 1;
    for (i = 0; i < ROUNDS; i++)
    {
        memset(pattern, (BYTE)(hammer->number * 61 + i), sizeof(pattern));
        IByteBuffer_Seek(clone, hammer->number * 16, STREAM_SEEK_SET, NULL);
        IByteBuffer_Write(clone, pattern, sizeof(pattern), &count);
        if (count != sizeof(pattern)) hammer->bad++;
        more = NULL;
        IByteBuffer_Clone(clone, &more);
        IByteBuffer_Seek(more, -16, STREAM_SEEK_CUR, NULL);
        IByteBuffer_Read(more, bytes, sizeof(bytes), &count);
        if (count != sizeof(bytes) || memcmp(bytes, pattern, sizeof(bytes))) hammer->bad++;
        IByteBuffer_Release(more);
        if (hammer->number == 0) IByteBuffer_SetSize(clone, THREADS * 16 + i % 7 * 1000);
    }
    IByteBuffer_Release(clone);
    return 0;
}

/* All threads append to one object: each write is one piece. */
static DWORD WINAPI append_hammer_thread(void *arg)
{
    struct hammer *hammer = arg;
    BYTE record[4];
    LONG i, count;

    memset(record, 'A' + hammer->number, sizeof(record));
    for (i = 0; i < ROUNDS; i++)
    {
        if (FAILED(IByteBuffer_Write(hammer->buffer, record, sizeof(record), &count))
            || count != sizeof(record))
            hammer->bad++;
    }
    return 0;
}

/* What Windows' streams on an HGLOBAL do not bear by themselves: the memory moves under the writers. */
static DWORD WINAPI resize_hammer_thread(void *arg)
{
    static const LONG sizes[] = { 1, 70000, 300, 0, 5000 };
    struct hammer *hammer = arg;
    BYTE bytes[4096] = { 0 };
    LONG i, count, rounds = rounds_here(ROUNDS * 10);

    for (i = 0; i < rounds; i++)
    {
        IByteBuffer_Seek(hammer->buffer, sizes[i % ARRAY_SIZE(sizes)], STREAM_SEEK_SET, NULL);
        if (FAILED(IByteBuffer_Write(hammer->buffer, bytes, sizeof(bytes), &count)) || count != sizeof(bytes))
            hammer->bad++;
        if (FAILED(IByteBuffer_Read(hammer->buffer, bytes, sizeof(bytes), &count))) hammer->bad++;
        if (FAILED(IByteBuffer_SetSize(hammer->buffer, sizes[(i + hammer->number) % ARRAY_SIZE(sizes)]))) hammer->bad++;
    }
    return 0;
}

/* The threads use the buffers in turns. */
static void run_hammers_on(LPTHREAD_START_ROUTINE function, IByteBuffer *const *buffers, LONG buffer_count)
{
    struct hammer hammers[THREADS];
    HANDLE threads[THREADS];
    DWORD result;
    LONG i;

    for (i = 0; i < THREADS; i++)
    {
        hammers[i].buffer = buffers[i % buffer_count];
        hammers[i].number = i;
        hammers[i].bad = 0;
        threads[i] = CreateThread(NULL, 0, function, &hammers[i], 0, NULL);
    }
    result = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(result == WAIT_OBJECT_0, "The threads hang: %#lx.\n", result);
    for (i = 0; i < THREADS; i++)
    {
        ok(!hammers[i].bad, "Thread %ld: %ld calls went wrong.\n", i, hammers[i].bad);
        CloseHandle(threads[i]);
    }
}

static void run_hammers(LPTHREAD_START_ROUTINE function, IByteBuffer *buffer)
{
    run_hammers_on(function, &buffer, 1);
}

/* What the threads of append_hammer_thread left is all there, each record in one piece. */
static void check_appended(IByteBuffer *buffer)
{
    LONG i, count, torn = 0, counts[THREADS] = { 0 };
    BYTE record[4];

    ok(buffer_size(buffer) == THREADS * ROUNDS * 4, "The size is %ld.\n", buffer_size(buffer));
    buffer_seek(buffer, 0);
    for (i = 0; i < THREADS * ROUNDS; i++)
    {
        IByteBuffer_Read(buffer, record, sizeof(record), &count);
        if (record[0] != record[3] || record[0] < 'A' || record[0] >= 'A' + THREADS) torn++;
        else counts[record[0] - 'A']++;
    }
    ok(!torn, "%ld records are torn.\n", torn);
    for (i = 0; i < THREADS; i++) ok(counts[i] == ROUNDS, "Thread %ld: %ld records.\n", i, counts[i]);
}

/* [ours] Calls are serialised, those on clones too, with and without a stream that was handed out. */
static void test_threads(void)
{
    IByteBuffer *buffer = create_buffer(NULL, THREADS * 16);
    IStream *stream;

    run_hammers(clone_hammer_thread, buffer);
    stream = stream_of(buffer);
    run_hammers(clone_hammer_thread, buffer);
    IStream_Release(stream);
    ok(buffer_position(buffer) == 0, "The pointer is at %ld.\n", buffer_position(buffer));

    IByteBuffer_Initialize(buffer, 0, NULL);
    run_hammers(append_hammer_thread, buffer);
    check_appended(buffer);
    IByteBuffer_Release(buffer);
}

/* [ours] So are the calls on all buffers that one memory stream, or a clone of it, was put into. */
static void test_threads_on_stream(void)
{
    IByteBuffer *buffers[4];
    IStream *stream, *clone;
    unsigned int i;

    buffers[0] = create_buffer(NULL, 0);
    stream = stream_of(buffers[0]);
    for (i = 1; i < ARRAY_SIZE(buffers); i++)
    {
        buffers[i] = create_raw_buffer();
        IByteBuffer_put_Stream(buffers[i], stream);
    }
    run_hammers_on(append_hammer_thread, buffers, ARRAY_SIZE(buffers));
    check_appended(buffers[1]);

    IStream_Clone(stream, &clone);
    IByteBuffer_put_Stream(buffers[2], clone);
    IStream_Release(clone);
    run_hammers_on(resize_hammer_thread, buffers, ARRAY_SIZE(buffers));
    IStream_Release(stream);
    for (i = 0; i < ARRAY_SIZE(buffers); i++) IByteBuffer_Release(buffers[i]);
}

static struct foreign_stream replaced[THREADS];

/* Half of the threads look at the stream that the other half replaces. */
static DWORD WINAPI replace_hammer_thread(void *arg)
{
    struct hammer *hammer = arg;
    LONG i, rounds = rounds_here(ROUNDS * 10);
    STATSTRUCT stat;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < rounds; i++)
    {
        if (hammer->number % 2)
        {
            if (IByteBuffer_put_Stream(hammer->buffer, &replaced[hammer->number].IStream_iface) != S_OK) hammer->bad++;
        }
        else if (IByteBuffer_Stat(hammer->buffer, &stat, STATFLAG_NONAME) != S_OK || stat.cbSize != 4) hammer->bad++;
    }
    CoUninitialize();
    return 0;
}

/* [ours] A stream is there for the call that has begun to use it, also when it is replaced meanwhile. */
static DWORD WINAPI replaced_stream_thread(void *arg)
{
    IByteBuffer *buffer;
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    buffer = create_raw_buffer();
    for (i = 0; i < THREADS; i++) foreign_stream_init(&replaced[i], "abcd", 4);
    IByteBuffer_put_Stream(buffer, &replaced[0].IStream_iface);
    run_hammers(replace_hammer_thread, buffer);
    IByteBuffer_Release(buffer);
    CoUninitialize();
    for (i = 0; i < THREADS; i++) ok(replaced[i].ref == 1, "%ld references left.\n", replaced[i].ref);
    return 0;
}

static DWORD WINAPI put_stream_thread(void *arg)
{
    IStream *stream;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    CreateStreamOnHGlobal(NULL, TRUE, &stream);
    IStream_Write(stream, "abcd", 4, NULL);
    hr = IByteBuffer_put_Stream((IByteBuffer *)arg, stream);
    ok(hr == S_OK, "put_Stream: %s.\n", dbgstr_hr(hr));
    IStream_Release(stream);
    CoUninitialize();
    return 0;
}

/* [ours] A memory stream lives in no apartment: it stays when the one ends that it was put in. */
static void test_memory_stream_of_ended_apartment(void)
{
    IByteBuffer *buffer = create_raw_buffer();

    ok(run_in_thread(put_stream_thread, buffer), "put_Stream hangs.\n");
    ok(buffer_position(buffer) == 4, "The pointer is at %ld.\n", buffer_position(buffer));
    check_content(buffer, "abcd", 4);
    IByteBuffer_Release(buffer);
}

START_TEST(bytebuffer_threads)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_stream_in_apartment();
    test_stream_marshals_itself();
    test_threads();
    test_threads_on_stream();
    test_memory_stream_of_ended_apartment();
    ok(run_in_thread(replaced_stream_thread, NULL), "A stream that is replaced hangs.\n");
    check_nothing_left(module);
    CoUninitialize();
}
