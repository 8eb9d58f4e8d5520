/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ISCardTypeConv: the memory and the size of streams, and threads. typeconv.c has the conversions. */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "late_call.h"
#include "object_rules.h"

static ISCardTypeConv *create_conv(void)
{
    return create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
}

/* A stream on an HGLOBAL of these bytes, its seek pointer at their end. */
static IStream *create_stream(const void *bytes, ULONG size)
{
    IStream *stream = NULL;
    HRESULT hr;

    hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);
    if (hr == S_OK) hr = IStream_Write(stream, bytes, size, NULL);
    if (hr != S_OK) ok(0, "No stream: %s.\n", dbgstr_hr(hr));
    return stream;
}

static ULONGLONG stream_position(IStream *stream)
{
    LARGE_INTEGER zero = { { 0, 0 } };
    ULARGE_INTEGER position;

    position.QuadPart = ~(ULONGLONG)0;
    IStream_Seek(stream, zero, STREAM_SEEK_CUR, &position);
    return position.QuadPart;
}

static ULONG references(IStream *stream)
{
    IStream_AddRef(stream);
    return IStream_Release(stream);
}

static UINT locks(IStream *stream)
{
    HGLOBAL memory;

    return SUCCEEDED(GetHGlobalFromStream(stream, &memory)) ? GlobalFlags(memory) & GMEM_LOCKCOUNT : 0xff;
}

/* @member ISCardTypeConv::FreeIStreamMemoryPtr [doc][ours] unlocks and releases once; what was not handed out is
 * E_INVALIDARG. */
/* @member ISCardTypeConv::GetAtIStreamMemory [doc][ours] the stream's memory, locked and referenced; its size is the
 * stream's. */
static void test_memory(void)
{
    ISCardTypeConv *conv = create_conv();
    IStream *stream = create_stream("0123456789", 10);
    BYTEARRAY *array = NULL, *again = NULL;
    LARGE_INTEGER move;
    HGLOBAL memory;
    BYTE bytes[16];
    ULONG read;
    HRESULT hr;

    move.QuadPart = 4;
    IStream_Seek(stream, move, STREAM_SEEK_SET, NULL);
    GetHGlobalFromStream(stream, &memory);
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array); /* [doc] */
    ok(hr == S_OK && array, "GetAtIStreamMemory: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    if (!array) return;
    ok(array->hMem == memory && array->dwSize == 10, "Memory %p, %lu bytes.\n", array->hMem, array->dwSize);
    ok(array->pbyData && !memcmp(array->pbyData, "0123456789", 10), "%.10s.\n", array->pbyData); /* [doc] */
    ok(GlobalHandle(array->pbyData) == memory, "The pointer is not into the block.\n");
    /* [doc] one more for each pointer */
    ok(references(stream) == 2, "%lu references.\n", references(stream));
    ok(locks(stream) == 1, "%u locks.\n", locks(stream)); /* [ours] */
    ok(stream_position(stream) == 4, "The pointer is at %lu.\n", (ULONG)stream_position(stream)); /* [ours] */
    array->pbyData[4] = 'X'; /* [doc] the memory itself, no copy */
    hr = IStream_Read(stream, bytes, 1, &read);
    ok(hr == S_OK && bytes[0] == 'X', "Read: %s, %c.\n", dbgstr_hr(hr), bytes[0]);

    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &again);
    ok(hr == S_OK && again && again->pbyData == array->pbyData, "Once more: %s, %p.\n", dbgstr_hr(hr),
       (void *)again);
    ok(references(stream) == 3 && locks(stream) == 2, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
    ok(hr == S_OK, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr)); /* [doc] */
    ok(references(stream) == 2 && locks(stream) == 1, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
    ok(hr == S_OK, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    ok(references(stream) == 1 && locks(stream) == 0, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData); /* [ours] once too often */
    ok(hr == E_INVALIDARG, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    ok(references(stream) == 1 && locks(stream) == 0, "%lu references, %u locks.\n", references(stream),
       locks(stream));

    /* The caller frees the structures, not the block. [ours] */
    CoTaskMemFree(again);
    CoTaskMemFree(array);
    IStream_Release(stream);
    ISCardTypeConv_Release(conv);
}

/* FreeIStreamMemoryPtr takes back what was handed out, nothing else. [ours] */
static void test_unmatched(void)
{
    ISCardTypeConv *conv = create_conv();
    IStream *stream = create_stream("0123456789", 10), *other = create_stream("0123456789", 10);
    IStream *clone = NULL;
    BYTEARRAY *array = NULL;
    BYTE bytes[10];
    HRESULT hr;

    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, bytes);
    ok(hr == E_INVALIDARG, "Nothing was handed out: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array, "GetAtIStreamMemory: %s.\n", dbgstr_hr(hr));
    if (!array) return;
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData + 1);
    ok(hr == E_INVALIDARG, "Another pointer: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, bytes);
    ok(hr == E_INVALIDARG, "A pointer of the caller's: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, other, array->pbyData);
    ok(hr == E_INVALIDARG, "Another stream: %s.\n", dbgstr_hr(hr));
    IStream_Clone(stream, &clone);
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, clone, array->pbyData);
    ok(hr == E_INVALIDARG, "Another stream on the same memory: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, NULL, array->pbyData); /* [doc] */
    ok(hr == E_POINTER, "No stream: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, NULL); /* [doc] */
    ok(hr == E_POINTER, "No pointer: %s.\n", dbgstr_hr(hr));
    ok(references(stream) == 2 && locks(stream) == 1, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
    ok(hr == S_OK, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));

    CoTaskMemFree(array);
    IStream_Release(clone);
    IStream_Release(other);
    IStream_Release(stream);
    ISCardTypeConv_Release(conv);
}

/* [ours] Memory is the process's: it is taken back through any object, also when the one that gave it is gone. */
static void test_other_object(HMODULE module)
{
    ISCardTypeConv *conv = create_conv(), *other = create_conv();
    IStream *stream = create_stream("0123456789", 10);
    BYTEARRAY *array = NULL, *again = NULL;
    HRESULT hr;

    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array, "GetAtIStreamMemory: %s.\n", dbgstr_hr(hr));
    if (!array) return;
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(other, stream, array->pbyData);
    ok(hr == S_OK, "Another object: %s.\n", dbgstr_hr(hr));
    ok(references(stream) == 1 && locks(stream) == 0, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_GetAtIStreamMemory(other, stream, &again);
    ok(hr == S_OK && again, "GetAtIStreamMemory: %s.\n", dbgstr_hr(hr));
    if (!again) return;

    ISCardTypeConv_Release(conv);
    ISCardTypeConv_Release(other);
    ok(references(stream) == 2 && locks(stream) == 1, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    /* what is still to be taken back keeps the module as an object does */
    hr = can_unload(module);
    ok(hr == S_FALSE, "DllCanUnloadNow: %s.\n", dbgstr_hr(hr));
    conv = create_conv();
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, again->pbyData);
    ok(hr == S_OK, "A new object: %s.\n", dbgstr_hr(hr));
    ok(references(stream) == 1 && locks(stream) == 0, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, again->pbyData);
    ok(hr == E_INVALIDARG, "Once too often: %s.\n", dbgstr_hr(hr));
    ISCardTypeConv_Release(conv);
    hr = can_unload(module);
    ok(hr == S_OK, "DllCanUnloadNow: %s.\n", dbgstr_hr(hr));

    CoTaskMemFree(again);
    CoTaskMemFree(array);
    IStream_Release(stream);
}

/* A stream that is not on memory, and none. */
static void test_foreign_stream(void)
{
    ISCardTypeConv *conv = create_conv();
    struct foreign_stream foreign;
    IStream *stream = foreign_stream_init(&foreign, "0123456789", 10);
    BYTEARRAY *array = (BYTEARRAY *)0xdeadbeef;
    HRESULT hr;

    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array); /* [ours] */
    ok(hr == E_INVALIDARG && !array, "A stream not on memory: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    ok(foreign.ref == 1, "%ld references.\n", foreign.ref);
    array = (BYTEARRAY *)0xdeadbeef;
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, NULL, &array); /* [doc] */
    ok(hr == E_POINTER && !array, "No stream: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    ISCardTypeConv_Release(conv);
}

/* [doc] A stream mapped over a memory block. */
static void test_stream_of_buffer(void)
{
    ISCardTypeConv *conv = create_conv();
    IByteBuffer *buffer = create_buffer("abcde", 5);
    BYTEARRAY *array = NULL;
    IStream *stream;
    HRESULT hr;

    hr = IByteBuffer_get_Stream(buffer, &stream);
    ok(hr == S_OK, "get_Stream: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array && array->dwSize == 5 && !memcmp(array->pbyData, "abcde", 5), "Of a buffer: %s.\n",
       dbgstr_hr(hr));
    if (array)
    {
        hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
        ok(hr == S_OK, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    }
    CoTaskMemFree(array);
    IStream_Release(stream);
    IByteBuffer_Release(buffer);
    ISCardTypeConv_Release(conv);
}

/* [ours] The empty case is legal. */
static void test_empty_stream(void)
{
    static const ULARGE_INTEGER zero;
    ISCardTypeConv *conv = create_conv();
    IStream *stream = create_stream("", 0);
    BYTEARRAY *array = NULL;
    ULARGE_INTEGER size;
    HGLOBAL memory;
    HRESULT hr;

    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array && !array->dwSize && array->pbyData, "An empty stream: %s.\n", dbgstr_hr(hr));
    if (array)
    {
        GetHGlobalFromStream(stream, &memory);
        ok(array->hMem == memory, "Memory %p instead of %p.\n", array->hMem, memory);
        hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
        ok(hr == S_OK && references(stream) == 1, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    }
    CoTaskMemFree(array);
    hr = ISCardTypeConv_SizeOfIStream(conv, stream, &size);
    ok(hr == S_OK && !size.QuadPart, "It has %lu bytes: %s.\n", (ULONG)size.QuadPart, dbgstr_hr(hr));
    hr = IStream_Write(stream, "abc", 3, NULL);
    ok(hr == S_OK, "Write: %s.\n", dbgstr_hr(hr)); /* it is of use afterwards */
    hr = IStream_SetSize(stream, zero);
    ok(hr == S_OK, "SetSize: %s.\n", dbgstr_hr(hr));
    array = NULL;
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array && !array->dwSize, "A stream that was emptied: %s.\n", dbgstr_hr(hr));
    if (array) ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
    CoTaskMemFree(array);
    IStream_Release(stream);
    ISCardTypeConv_Release(conv);
}

/* The size is the stream's, not the block's. */
static void test_stream_in_larger_block(void)
{
    ISCardTypeConv *conv = create_conv();
    BYTEARRAY *array = NULL;
    ULARGE_INTEGER size;
    HGLOBAL memory;
    IStream *stream;
    HRESULT hr;

    memory = GlobalAlloc(GMEM_MOVEABLE, 1000);
    hr = CreateStreamOnHGlobal(memory, TRUE, &stream);
    ok(hr == S_OK, "CreateStreamOnHGlobal: %s.\n", dbgstr_hr(hr));
    size.QuadPart = 10;
    IStream_SetSize(stream, size);
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &array);
    ok(hr == S_OK && array && array->dwSize == 10, "10 bytes: %s, %lu.\n", dbgstr_hr(hr),
       array ? array->dwSize : 0);
    if (array) ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, array->pbyData);
    CoTaskMemFree(array);
    IStream_Release(stream);
    ISCardTypeConv_Release(conv);
}

/* @member ISCardTypeConv::SizeOfIStream [doc][ours] the size; the seek pointer stays. */
static void test_SizeOfIStream(void)
{
    ISCardTypeConv *conv = create_conv();
    IStream *stream = create_stream("0123456789", 10);
    ULARGE_INTEGER size;
    LARGE_INTEGER move;
    HRESULT hr;

    move.QuadPart = 3;
    IStream_Seek(stream, move, STREAM_SEEK_SET, NULL);
    size.QuadPart = ~(ULONGLONG)0;
    hr = ISCardTypeConv_SizeOfIStream(conv, stream, &size); /* [doc] */
    ok(hr == S_OK && size.QuadPart == 10, "SizeOfIStream: %s, %lu.\n", dbgstr_hr(hr), (ULONG)size.QuadPart);
    ok(stream_position(stream) == 3, "The pointer is at %lu.\n", (ULONG)stream_position(stream)); /* [ours] */
    hr = ISCardTypeConv_SizeOfIStream(conv, stream, NULL); /* [doc] */
    ok(hr == E_INVALIDARG, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    IStream_Release(stream);
    size.QuadPart = ~(ULONGLONG)0;
    hr = ISCardTypeConv_SizeOfIStream(conv, NULL, &size); /* [doc] */
    ok(hr == E_POINTER && !size.QuadPart, "No stream: %s, %lu.\n", dbgstr_hr(hr), (ULONG)size.QuadPart);
    ISCardTypeConv_Release(conv);
}

/* [doc] The entire 64-bit value. */
static void test_size_of_large_stream(void)
{
    static const ULONGLONG sizes[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000005, 1ULL << 62 };
    ISCardTypeConv *conv = create_conv();
    struct foreign_stream foreign;
    IStream *stream = foreign_stream_init(&foreign, "", 0);
    ULARGE_INTEGER size;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        foreign.size = sizes[i];
        foreign.position = 7;
        hr = ISCardTypeConv_SizeOfIStream(conv, stream, &size);
        ok(hr == S_OK && size.QuadPart == sizes[i], "Size %08lx%08lx: %s, %08lx%08lx.\n",
           (ULONG)(sizes[i] >> 32), (ULONG)sizes[i], dbgstr_hr(hr), (ULONG)size.HighPart,
           (ULONG)size.LowPart);
        ok(foreign.position == 7 && !foreign.calls[METHOD_SET_SIZE], "The stream was changed.\n");
    }
    /* a name would leak */
    ok(foreign.args[0] == STATFLAG_NONAME, "Stat with flag %lu.\n", (ULONG)foreign.args[0]);

    foreign.result = STG_E_ACCESSDENIED;
    size.QuadPart = ~(ULONGLONG)0;
    hr = ISCardTypeConv_SizeOfIStream(conv, stream, &size); /* [ours] passed on */
    ok(hr == STG_E_ACCESSDENIED && !size.QuadPart, "A stream that fails: %s, %lu.\n", dbgstr_hr(hr),
       (ULONG)size.QuadPart);
    ok(foreign.ref == 1, "%ld references.\n", foreign.ref);
    ISCardTypeConv_Release(conv);
}

/* [ours] What scripts can hold. */
static void test_size_late_bound(void)
{
    ISCardTypeConv *conv = create_conv();
    struct foreign_stream foreign;
    VARIANT arg, result;
    BSTR text;
    HRESULT hr;

    V_VT(&arg) = VT_UNKNOWN;
    V_UNKNOWN(&arg) = (IUnknown *)foreign_stream_init(&foreign, "", 0);
    foreign.size = 10;
    hr = late_call(conv, 9, &arg, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == VT_I4 && V_I4(&result) == 10, "Late: %s, type %#x.\n", dbgstr_hr(hr),
       V_VT(&result));
    foreign.size = 0x100000005;
    hr = late_call(conv, 9, &arg, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == VT_R8 && V_R8(&result) == 4294967301.0, "Late: %s, type %#x.\n",
       dbgstr_hr(hr), V_VT(&result));
    V_UNKNOWN(&arg) = NULL;
    hr = late_call(conv, 9, &arg, 1, &result, &text);
    ok(hr == E_POINTER && text && wcsstr(text, L"SizeOfIStream"), "Late: %s, %s.\n", dbgstr_hr(hr),
       wine_dbgstr_w(text));
    SysFreeString(text);
    ok(foreign.ref == 1, "%ld references.\n", foreign.ref);
    ISCardTypeConv_Release(conv);
}

#define THREADS 8
#define ROUNDS 200

struct worker
{
    ISCardTypeConv *conv; /* one for all */
    IStream *stream;
    BYTE number;
    LONG errors;
};

/* To and fro, and the shared stream's memory taken and given back. */
static DWORD WINAPI worker_thread(void *arg)
{
    struct worker *worker = arg;
    IByteBuffer *buffer;
    SAFEARRAY *array;
    BYTEARRAY *memory;
    BYTE bytes[300];
    unsigned int i;
    LONG count;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    memset(bytes, worker->number, sizeof(bytes));
    for (i = 0; i < ROUNDS; i++)
    {
        buffer = NULL;
        array = NULL;
        memory = NULL;
        if (FAILED(ISCardTypeConv_ConvertByteArrayToByteBuffer(worker->conv, bytes, sizeof(bytes), &buffer))
            || FAILED(ISCardTypeConv_ConvertByteBufferToSafeArray(worker->conv, buffer, &array)))
            worker->errors++;
        count = array ? array_count(array, VT_UI1) : -1;
        if (count != sizeof(bytes) || memcmp(array->pvData, bytes, sizeof(bytes))) worker->errors++;
        if (array) SafeArrayDestroy(array);
        if (buffer) IByteBuffer_Release(buffer);
        if (FAILED(ISCardTypeConv_GetAtIStreamMemory(worker->conv, worker->stream, &memory))
            || FAILED(ISCardTypeConv_FreeIStreamMemoryPtr(worker->conv, worker->stream, memory->pbyData)))
            worker->errors++;
        CoTaskMemFree(memory);
    }
    CoUninitialize();
    return 0;
}

static void test_threads(void)
{
    ISCardTypeConv *conv = create_conv();
    IStream *stream = create_stream("0123456789", 10);
    struct worker workers[THREADS];
    HANDLE threads[THREADS];
    unsigned int i;
    DWORD rc;

    for (i = 0; i < THREADS; i++)
    {
        workers[i].conv = conv;
        workers[i].stream = stream;
        workers[i].number = (BYTE)(i + 1);
        workers[i].errors = 0;
        threads[i] = CreateThread(NULL, 0, worker_thread, &workers[i], 0, NULL);
    }
    rc = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(rc == WAIT_OBJECT_0, "The threads hang: %#lx.\n", rc);
    for (i = 0; i < THREADS; i++)
    {
        ok(!workers[i].errors, "Thread %u: %ld errors.\n", i, workers[i].errors);
        CloseHandle(threads[i]);
    }
    ok(references(stream) == 1 && locks(stream) == 0, "%lu references, %u locks.\n", references(stream),
       locks(stream));
    IStream_Release(stream);
    ISCardTypeConv_Release(conv);
}

START_TEST(typeconv_stream)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardTypeConv);
    test_memory();
    test_unmatched();
    test_other_object(module);
    test_foreign_stream();
    test_stream_of_buffer();
    test_empty_stream();
    test_stream_in_larger_block();
    test_SizeOfIStream();
    test_size_of_large_stream();
    test_size_late_bound();
    test_threads();
    check_nothing_left(module);
    CoUninitialize();
}
