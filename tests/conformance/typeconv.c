/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ISCardTypeConv: byte arrays, byte buffers, SAFEARRAYs. typeconv_stream.c has the memory beneath streams. */

#define COBJMACROS
#include "common.h"
#include "foreign_buffer.h"
#include "late_call.h"
#include "object_rules.h"

static const struct object_member members[] = /* [tlb] */
{
    { L"ConvertByteArrayToByteBuffer", 0 },
    { L"ConvertByteBufferToByteArray", 1 },
    { L"ConvertByteBufferToSafeArray", 2 },
    { L"ConvertSafeArrayToByteBuffer", 3 },
    { L"CreateByteArray", 4 },
    { L"CreateByteBuffer", 5 },
    { L"CreateSafeArray", 6 },
    { L"FreeIStreamMemoryPtr", 7 },
    { L"GetAtIStreamMemory", 8 },
    { L"SizeOfIStream", 9 },
};

static HRESULT create_byte_array_without_result(IUnknown *object)
{
    return ISCardTypeConv_CreateByteArray((ISCardTypeConv *)object, 4, NULL);
}

static const struct object_rules rules =
{
    &CLSID_CSCardTypeConv, &IID_ISCardTypeConv, members, ARRAY_SIZE(members),
    create_byte_array_without_result, L"CreateByteArray", 4, DISPATCH_METHOD
};

static const LONG sizes[] = { 0, 1, 2, 3, 255, 256, 257, 4096, 65535, 65536, 100000 };
#define MAX_SIZE 100000

static BYTE pattern[MAX_SIZE];

static ISCardTypeConv *create_conv(void)
{
    return create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
}

/* Whether memory came from CoTaskMemAlloc. */
static BOOL is_task_memory(void *memory)
{
    IMalloc *allocator;
    int did;

    if (FAILED(CoGetMalloc(MEMCTX_TASK, &allocator))) return FALSE;
    did = IMalloc_DidAlloc(allocator, memory);
    IMalloc_Release(allocator);
    return did == 1;
}

/* @member ISCardTypeConv::ConvertByteArrayToByteBuffer [doc][ours] byte for byte; nothing is legal. */
static void test_ConvertByteArrayToByteBuffer(void)
{
    static const DWORD absurd[] = { 0x80000000, 0xfffffffe, 0xffffffff };
    ISCardTypeConv *conv = create_conv();
    IByteBuffer *buffer;
    BYTE bytes[4] = { 1, 2, 3, 4 };
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) /* [doc] byte for byte, read straight away */
    {
        winetest_push_context("%ld bytes", sizes[i]);
        buffer = NULL;
        hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, pattern, sizes[i], &buffer);
        check_result_buffer_at(__LINE__, __FILE__, hr, buffer, pattern, sizes[i],
                               "ConvertByteArrayToByteBuffer");
        winetest_pop_context();
    }
    hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, bytes, 4, &buffer);
    ok(hr == S_OK, "ConvertByteArrayToByteBuffer: %s.\n", dbgstr_hr(hr));
    bytes[0] = 0xff;
    check_content(buffer, "\1\2\3\4", 4); /* [doc] memory of its own */
    hr = IByteBuffer_SetSize(buffer, 10);
    ok(hr == S_OK, "SetSize: %s.\n", dbgstr_hr(hr)); /* [doc] a buffer like any other */
    IByteBuffer_Release(buffer);

    buffer = (IByteBuffer *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, NULL, 1, &buffer); /* [doc] */
    ok(hr == E_POINTER && !buffer, "NULL, 1: %s, %p.\n", dbgstr_hr(hr), (void *)buffer);
    hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, NULL, 0, &buffer); /* [ours] */
    check_result_buffer_at(__LINE__, __FILE__, hr, buffer, "", 0, "NULL, 0");
    hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, bytes, 4, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    for (i = 0; i < ARRAY_SIZE(absurd); i++) /* [ours] */
    {
        buffer = (IByteBuffer *)0xdeadbeef;
        hr = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, bytes, absurd[i], &buffer);
        ok(hr == E_OUTOFMEMORY && !buffer, "%#lx bytes: %s, %p.\n", absurd[i], dbgstr_hr(hr), (void *)buffer);
    }
    ISCardTypeConv_Release(conv);
}

/* A BYTEARRAY as it is promised, and freed as it is promised. */
static void check_byte_array(HRESULT hr, BYTEARRAY *array, const BYTE *bytes, DWORD size)
{
    BOOL unlocked;

    ok(hr == S_OK && array, "%s, %p.\n", dbgstr_hr(hr), (void *)array);
    if (!array) return;
    ok(is_task_memory(array), "Not from CoTaskMemAlloc.\n"); /* [ours] */
    ok(array->dwSize == size && array->pbyData && !memcmp(array->pbyData, bytes, size), "%lu bytes: %s.\n",
       array->dwSize, dbgstr_hex(array->pbyData, min(size, array->dwSize))); /* [doc] */
    ok(GlobalHandle(array->pbyData) == array->hMem, "pbyData is not in hMem.\n"); /* [hdr] */
    ok(GlobalSize(array->hMem) >= max(1, size), "The block has %lu bytes.\n", (ULONG)GlobalSize(array->hMem));
    /* [ours] */
    ok((GlobalFlags(array->hMem) & GMEM_LOCKCOUNT) == 1, "Flags %#x.\n", GlobalFlags(array->hMem));
    SetLastError(0xdeadbeef);
    unlocked = !GlobalUnlock(array->hMem) && GetLastError() == NO_ERROR;
    ok(unlocked, "GlobalUnlock: %lu.\n", GetLastError()); /* [ours] locked once */
    ok(!GlobalFree(array->hMem), "GlobalFree: %lu.\n", GetLastError());
    CoTaskMemFree(array);
}

/* @member ISCardTypeConv::ConvertByteBufferToByteArray [doc][hdr][ours] a BYTEARRAY, its memory locked once; the caller
 * frees. */
static void test_ConvertByteBufferToByteArray(void)
{
    ISCardTypeConv *conv = create_conv();
    struct foreign_buffer foreign;
    IByteBuffer *buffer;
    BYTEARRAY *array;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        winetest_push_context("%ld bytes", sizes[i]);
        buffer = create_buffer(pattern, sizes[i]);
        buffer_seek(buffer, sizes[i] / 2);
        array = NULL;
        hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array);
        check_byte_array(hr, array, pattern, sizes[i]); /* [client] all of it, wherever the seek pointer is */
        ok(buffer_position(buffer) == sizes[i] / 2, "The pointer is at %ld.\n", buffer_position(buffer));
        IByteBuffer_Release(buffer);
        winetest_pop_context();
    }
    buffer = create_raw_buffer();
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array);
    check_byte_array(hr, array, pattern, 0); /* [client] an empty stream that exists */
    buffer_seek(buffer, 0);
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
    array = (BYTEARRAY *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, NULL, &array); /* [doc] */
    ok(hr == E_POINTER && !array, "Without a buffer: %s, %p.\n", dbgstr_hr(hr), (void *)array);

    /* whoever implements the buffer: [doc] an interface */
    buffer = foreign_buffer_init(&foreign, "foreign", 7);
    foreign.position = 3;
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array);
    check_byte_array(hr, array, (const BYTE *)"foreign", 7);
    ok(foreign.position == 3 && foreign.ref == 1, "Pointer at %ld, %ld references.\n", foreign.position,
       foreign.ref);
    foreign.behaviour.clone_result = E_NOTIMPL; /* by seek, read, seek back: [ours] */
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array);
    check_byte_array(hr, array, (const BYTE *)"foreign", 7);
    ok(foreign.position == 3, "Pointer at %ld.\n", foreign.position);
    foreign.behaviour.read_result = STG_E_READFAULT;
    array = (BYTEARRAY *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array); /* [ours] passed on */
    ok(hr == STG_E_READFAULT && !array, "A buffer that fails: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    ISCardTypeConv_Release(conv);
}

static void check_safe_array(HRESULT hr, SAFEARRAY *array, const BYTE *bytes, LONG size)
{
    ok(hr == S_OK && array, "%s, %p.\n", dbgstr_hr(hr), (void *)array);
    if (!array) return;
    ok(array_count(array, VT_UI1) == size && SafeArrayGetElemsize(array) == 1, "%ld elements.\n",
       array_count(array, VT_UI1)); /* [doc] of unsigned char */
    ok(!size || !memcmp(array->pvData, bytes, size), "%s.\n", dbgstr_hex(array->pvData, size)); /* [doc] */
    hr = SafeArrayDestroy(array);
    ok(hr == S_OK, "SafeArrayDestroy: %s.\n", dbgstr_hr(hr)); /* not locked */
}

/* @member ISCardTypeConv::ConvertByteBufferToSafeArray [doc][ours] the whole content, wherever the seek pointer is. */
static void test_ConvertByteBufferToSafeArray(void)
{
    ISCardTypeConv *conv = create_conv();
    struct foreign_buffer foreign;
    IByteBuffer *buffer;
    SAFEARRAY *array;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        winetest_push_context("%ld bytes", sizes[i]);
        buffer = create_buffer(pattern, sizes[i]);
        buffer_seek(buffer, sizes[i]);
        array = NULL;
        hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array);
        check_safe_array(hr, array, pattern, sizes[i]); /* [client] all of it */
        ok(buffer_position(buffer) == sizes[i], "The pointer is at %ld.\n", buffer_position(buffer));
        IByteBuffer_Release(buffer);
        winetest_pop_context();
    }
    buffer = create_raw_buffer();
    hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array);
    check_safe_array(hr, array, pattern, 0); /* [client] */
    hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
    array = (SAFEARRAY *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, NULL, &array); /* [doc] */
    ok(hr == E_POINTER && !array, "Without a buffer: %s, %p.\n", dbgstr_hr(hr), (void *)array);

    buffer = foreign_buffer_init(&foreign, "foreign", 7);
    hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array); /* [doc] an interface */
    check_safe_array(hr, array, (const BYTE *)"foreign", 7);
    foreign.behaviour.stated_count = 100000; /* more than there was room for: [ours] */
    array = (SAFEARRAY *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array);
    ok(hr == E_UNEXPECTED && !array, "A buffer that lies: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    ISCardTypeConv_Release(conv);
}

/* @member ISCardTypeConv::ConvertSafeArrayToByteBuffer [doc][ours] one dimension of bytes, else E_INVALIDARG. */
static void test_ConvertSafeArrayToByteBuffer(void)
{
    static const LONG lower[] = { 0, 1, -5, 1000, -0x7fffffff };
    ISCardTypeConv *conv = create_conv();
    IByteBuffer *buffer;
    SAFEARRAY *array;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) /* [doc] */
    {
        winetest_push_context("%ld bytes", sizes[i]);
        array = create_byte_array(0, pattern, sizes[i]);
        buffer = NULL;
        hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &buffer);
        check_result_buffer_at(__LINE__, __FILE__, hr, buffer, pattern, sizes[i],
                               "ConvertSafeArrayToByteBuffer");
        hr = SafeArrayDestroy(array);
        /* it is still the caller's, and not locked */
        ok(hr == S_OK, "SafeArrayDestroy: %s.\n", dbgstr_hr(hr));
        winetest_pop_context();
    }
    for (i = 0; i < ARRAY_SIZE(lower); i++) /* [ours] */
    {
        winetest_push_context("From %ld", lower[i]);
        array = create_byte_array(lower[i], "abcd", 4);
        buffer = NULL;
        hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &buffer);
        check_result_buffer_at(__LINE__, __FILE__, hr, buffer, "abcd", 4, "ConvertSafeArrayToByteBuffer");
        SafeArrayDestroy(array);
        winetest_pop_context();
    }
    array = create_byte_array(0, "abcd", 4);
    hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    SafeArrayDestroy(array);
    buffer = (IByteBuffer *)0xdeadbeef;
    hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, NULL, &buffer); /* [doc] */
    ok(hr == E_POINTER && !buffer, "Without an array: %s, %p.\n", dbgstr_hr(hr), (void *)buffer);
    ISCardTypeConv_Release(conv);
}

static void check_not_bytes(ISCardTypeConv *conv, SAFEARRAY *array, const char *what)
{
    IByteBuffer *buffer = (IByteBuffer *)0xdeadbeef;
    HRESULT hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &buffer);

    ok(hr == E_INVALIDARG && !buffer, "%s: %s, %p.\n", what, dbgstr_hr(hr), (void *)buffer);
}

/* An array that does not know the type of its elements, as SafeArrayAllocDescriptor makes. */
static SAFEARRAY *create_untyped_array(USHORT features, ULONG element_size, ULONG count)
{
    SAFEARRAY *array = NULL;

    if (FAILED(SafeArrayAllocDescriptor(1, &array))) return NULL;
    array->fFeatures |= features;
    array->cbElements = element_size;
    array->rgsabound[0].cElements = count;
    array->rgsabound[0].lLbound = 0;
    SafeArrayAllocData(array);
    return array;
}

/* Arrays of something else: E_INVALIDARG. [ours] */
static void test_not_bytes(void)
{
    static const VARTYPE types[] =
    {
        VT_I1, VT_I2, VT_UI2, VT_I4, VT_UI4, VT_R8, VT_BOOL, VT_DATE, VT_BSTR, VT_VARIANT, VT_UNKNOWN,
        VT_DISPATCH
    };
    SAFEARRAYBOUND bounds[2] = { { 2, 0 }, { 2, 0 } };
    ISCardTypeConv *conv = create_conv();
    IByteBuffer *buffer = NULL;
    SAFEARRAY *array;
    unsigned int i;
    char what[32];
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(types); i++)
    {
        array = SafeArrayCreateVector(types[i], 0, 4);
        sprintf(what, "Elements of type %u", types[i]);
        check_not_bytes(conv, array, what);
        SafeArrayDestroy(array);
    }
    array = SafeArrayCreate(VT_UI1, 2, bounds);
    check_not_bytes(conv, array, "Two dimensions");
    SafeArrayDestroy(array);

    array = create_untyped_array(0, 1, 4); /* one byte each and no objects means bytes */
    memcpy(array->pvData, "abcd", 4);
    hr = ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &buffer);
    check_result_buffer_at(__LINE__, __FILE__, hr, buffer, "abcd", 4, "Untyped elements of one byte");
    SafeArrayDestroy(array);
    array = create_untyped_array(0, 2, 4);
    check_not_bytes(conv, array, "Untyped elements of two bytes");
    SafeArrayDestroy(array);
    array = create_untyped_array(FADF_BSTR, sizeof(BSTR), 1);
    check_not_bytes(conv, array, "Untyped strings");
    SafeArrayDestroy(array);
    SafeArrayAllocDescriptor(1, &array);
    array->cbElements = 1;
    array->rgsabound[0].cElements = 4;
    check_not_bytes(conv, array, "A descriptor without data");
    SafeArrayDestroyDescriptor(array);
    ISCardTypeConv_Release(conv);
}

/* @member ISCardTypeConv::CreateByteArray [hdr][ours] memory of CoTaskMemAlloc; an absurd size is E_OUTOFMEMORY. */
/* @member ISCardTypeConv::CreateByteBuffer [doc][ours] a buffer of so many zeros with the seek pointer at 0. */
/* @member ISCardTypeConv::CreateSafeArray [doc][ours] an array of so many bytes, from 0 up. */
static void test_create(void)
{
    static const DWORD absurd[] = { 0x80000000, 0xfffffffe, 0xffffffff };
    ISCardTypeConv *conv = create_conv();
    BYTE *zeros = calloc(1, MAX_SIZE), *bytes;
    IByteBuffer *buffer;
    SAFEARRAY *array;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        winetest_push_context("%ld bytes", sizes[i]);
        bytes = NULL;
        hr = ISCardTypeConv_CreateByteArray(conv, sizes[i], &bytes);
        ok(hr == S_OK && bytes && is_task_memory(bytes), "CreateByteArray: %s, %p.\n", dbgstr_hr(hr),
           (void *)bytes);
        if (bytes) memset(bytes, 0xa5, sizes[i]);
        CoTaskMemFree(bytes);

        buffer = NULL;
        hr = ISCardTypeConv_CreateByteBuffer(conv, sizes[i], &buffer); /* zeros: [ours] */
        check_result_buffer_at(__LINE__, __FILE__, hr, buffer, zeros, sizes[i], "CreateByteBuffer");
        array = NULL;
        hr = ISCardTypeConv_CreateSafeArray(conv, sizes[i], &array);
        check_safe_array(hr, array, zeros, sizes[i]);
        winetest_pop_context();
    }
    for (i = 0; i < ARRAY_SIZE(absurd); i++) /* [ours] */
    {
        winetest_push_context("%#lx bytes", absurd[i]);
        bytes = (BYTE *)0xdeadbeef;
        hr = ISCardTypeConv_CreateByteArray(conv, absurd[i], &bytes);
        ok(hr == E_OUTOFMEMORY && !bytes, "CreateByteArray: %s, %p.\n", dbgstr_hr(hr), (void *)bytes);
        buffer = (IByteBuffer *)0xdeadbeef;
        hr = ISCardTypeConv_CreateByteBuffer(conv, absurd[i], &buffer);
        ok(hr == E_OUTOFMEMORY && !buffer, "CreateByteBuffer: %s, %p.\n", dbgstr_hr(hr), (void *)buffer);
        array = (SAFEARRAY *)0xdeadbeef;
        hr = ISCardTypeConv_CreateSafeArray(conv, absurd[i], &array);
        ok(hr == E_OUTOFMEMORY && !array, "CreateSafeArray: %s, %p.\n", dbgstr_hr(hr), (void *)array);
        winetest_pop_context();
    }
    /* These pages list no E_POINTER. [doc] */
    hr = ISCardTypeConv_CreateByteArray(conv, 4, NULL);
    ok(hr == E_INVALIDARG, "CreateByteArray without a place for the result: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_CreateByteBuffer(conv, 4, NULL);
    ok(hr == E_INVALIDARG, "CreateByteBuffer without a place for the result: %s.\n", dbgstr_hr(hr));
    hr = ISCardTypeConv_CreateSafeArray(conv, 4, NULL);
    ok(hr == E_INVALIDARG, "CreateSafeArray without a place for the result: %s.\n", dbgstr_hr(hr));
    free(zeros);
    ISCardTypeConv_Release(conv);
}

/* How scripts call it: an array, or one byte, and how many. [ours] */
static void test_late_bound_bytes(void)
{
    ISCardTypeConv *conv = create_conv();
    SAFEARRAY *numbers = create_variant_byte_array((const BYTE *)"abcd", 4);
    SAFEARRAY *bytes = create_byte_array(0, "abcd", 4);
    VARIANT args[2], result;
    HRESULT hr;

    args[0] = variant_of_array(VT_UI1, bytes);
    args[1] = variant_of_long(4);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    ok(V_VT(&result) == VT_DISPATCH, "Type %#x.\n", V_VT(&result));
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "abcd", 4,
                           "From bytes");
    args[0] = variant_of_array(VT_VARIANT, numbers);
    args[1] = variant_of_long(3);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "abc", 3,
                           "From numbers");
    args[1] = variant_of_long(5);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "An array that is too short: %s.\n", dbgstr_hr(hr));
    args[1] = variant_of_long(-1);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "A count of -1: %s.\n", dbgstr_hr(hr));
    args[0] = variant_of_long(65);
    args[1] = variant_of_long(1);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "A", 1,
                           "From one byte");
    args[1] = variant_of_long(2);
    hr = late_call(conv, 0, args, 2, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "One byte for two: %s.\n", dbgstr_hr(hr));

    SafeArrayDestroy(numbers);
    SafeArrayDestroy(bytes);
    ISCardTypeConv_Release(conv);
}

/* An array that tells its size, and what is created. [ours] */
static void test_late_bound_arrays(void)
{
    ISCardTypeConv *conv = create_conv();
    SAFEARRAY *numbers = create_variant_byte_array((const BYTE *)"abcd", 4);
    SAFEARRAY *bytes = create_byte_array(0, "abcd", 4);
    IByteBuffer *buffer = create_buffer("abcd", 4);
    VARIANT args[1], result;
    HRESULT hr;

    args[0] = variant_of_object(buffer);
    hr = late_call(conv, 2, args, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_UI1), "ConvertByteBufferToSafeArray: %s, type %#x.\n",
       dbgstr_hr(hr), V_VT(&result));
    if (hr == S_OK) check_safe_array(hr, V_ARRAY(&result), (const BYTE *)"abcd", 4);
    args[0] = variant_of_array(VT_UI1, bytes);
    hr = late_call(conv, 3, args, 1, &result, NULL);
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "abcd", 4,
                           "From an array");
    args[0] = variant_of_array(VT_VARIANT, numbers);
    hr = late_call(conv, 3, args, 1, &result, NULL);
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "abcd", 4,
                           "From Array()");
    args[0] = variant_of_long(3);
    hr = late_call(conv, 3, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "From a number: %s.\n", dbgstr_hr(hr));
    hr = late_call(conv, 5, args, 1, &result, NULL);
    check_result_buffer_at(__LINE__, __FILE__, hr, (IByteBuffer *)V_DISPATCH(&result), "\0\0", 3,
                           "CreateByteBuffer");
    hr = late_call(conv, 6, args, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_UI1), "CreateSafeArray: %s, type %#x.\n", dbgstr_hr(hr),
       V_VT(&result));
    if (hr == S_OK) check_safe_array(hr, V_ARRAY(&result), (const BYTE *)"\0\0", 3);

    SafeArrayDestroy(numbers);
    SafeArrayDestroy(bytes);
    IByteBuffer_Release(buffer);
    ISCardTypeConv_Release(conv);
}

/* Nothing, and an object that is no buffer. [ours] */
static void test_late_bound_objects(void)
{
    ISCardTypeConv *conv = create_conv();
    VARIANT args[1], result;
    BSTR text;
    HRESULT hr;

    args[0] = variant_of_object(NULL);
    hr = late_call(conv, 2, args, 1, &result, &text);
    ok(hr == E_POINTER && V_VT(&result) == VT_EMPTY, "Nothing: %s, type %#x.\n", dbgstr_hr(hr),
       V_VT(&result));
    ok(text && wcsstr(text, L"ConvertByteBufferToSafeArray"), "Err.Description is %s.\n", wine_dbgstr_w(text));
    SysFreeString(text);
    args[0] = variant_of_object(conv);
    hr = late_call(conv, 2, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "Another object: %s.\n", dbgstr_hr(hr));
    ISCardTypeConv_Release(conv);
}

/* Members whose pointers mean nothing to a script. [ours] */
static void test_late_bound_pointers(void)
{
    ISCardTypeConv *conv = create_conv();
    IByteBuffer *buffer = create_buffer("abcd", 4);
    VARIANT args[2], result;
    HRESULT hr;

    args[0] = variant_of_object(buffer);
    hr = late_call(conv, 1, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "ConvertByteBufferToByteArray: %s.\n", dbgstr_hr(hr));
    args[0] = variant_of_long(4);
    hr = late_call(conv, 4, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "CreateByteArray: %s.\n", dbgstr_hr(hr));
    args[0] = variant_of_object(NULL);
    args[1] = variant_of_long(0x1000);
    hr = late_call(conv, 7, args, 2, NULL, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    hr = late_call(conv, 8, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "GetAtIStreamMemory: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
    ISCardTypeConv_Release(conv);
}

START_TEST(typeconv)
{
    ISCardTypeConv *conv;
    HMODULE module;
    unsigned int i;

    CoInitialize(NULL);
    for (i = 0; i < MAX_SIZE; i++) pattern[i] = (BYTE)(i * 7 + (i >> 8) + 1);
    module = load_module(&CLSID_CSCardTypeConv);
    test_class_factory(&rules, module);
    test_identity(&rules);
    test_type_info(&rules);
    test_aggregation(&rules);
    test_marshaling(&rules);
    conv = create_conv();
    SetErrorInfo(0, NULL);
    rules.fail((IUnknown *)conv);
    check_error_info(&rules);
    ISCardTypeConv_Release(conv);
    test_ConvertByteArrayToByteBuffer();
    test_ConvertByteBufferToByteArray();
    test_ConvertByteBufferToSafeArray();
    test_ConvertSafeArrayToByteBuffer();
    test_not_bytes();
    test_create();
    test_late_bound_bytes();
    test_late_bound_arrays();
    test_late_bound_objects();
    test_late_bound_pointers();
    check_nothing_left(module);
    CoUninitialize();
}
