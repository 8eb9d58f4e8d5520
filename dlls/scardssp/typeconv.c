/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CSCardTypeConv: conversions between byte arrays, byte buffers and SAFEARRAYs. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "scardssp_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* What GetAtIStreamMemory handed out and FreeIStreamMemoryPtr has not taken back: a reference and a lock. */
struct stream_memory
{
    struct stream_memory *next;
    IStream *stream;
    HGLOBAL memory;
    BYTE *data;
};

/*
 * Of all objects: memory is the process's, and the object that handed it out may be gone when it comes back. What is
 * listed keeps the module loaded as an object does, or it could not be taken back.
 */
static struct stream_memory *handed_out;
static CRITICAL_SECTION handed_out_lock;

struct type_conv
{
    struct object object;
};

static const char bad_byte_array[] = "this is not a one-dimensional array of bytes";

static inline struct type_conv *impl_from_ISCardTypeConv(ISCardTypeConv *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct type_conv, object.IDispatch_iface);
}

static HRESULT WINAPI conv_ConvertByteArrayToByteBuffer(ISCardTypeConv *iface, BYTE *array, DWORD size,
        LPBYTEBUFFER *buffer)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    HRESULT hr;

    TRACE("%p, %p, %lu, %p.\n", iface, array, size, buffer);

    if (!buffer)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    *buffer = NULL;
    if (!array && size)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    hr = size > LONG_MAX ? E_OUTOFMEMORY : byte_buffer_create(array, size, buffer);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

/* A BYTEARRAY as the SDK's header describes it: a moveable block, locked once, and a pointer into it. */
static HRESULT create_byte_array(const struct bytes *content, BYTEARRAY **out)
{
    BYTEARRAY *array = CoTaskMemAlloc(sizeof(*array));

    if (!array)
        return E_OUTOFMEMORY;
    if (!(array->hMem = GlobalAlloc(GMEM_MOVEABLE, max(1, content->size))))
    {
        CoTaskMemFree(array);
        return E_OUTOFMEMORY;
    }
    array->dwSize = content->size;
    array->pbyData = GlobalLock(array->hMem);
    memcpy(array->pbyData, content->data, content->size);
    *out = array;
    return S_OK;
}

static HRESULT WINAPI conv_ConvertByteBufferToByteArray(ISCardTypeConv *iface, LPBYTEBUFFER buffer,
        LPBYTEARRAY *array)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct bytes content = {0};
    HRESULT hr;

    TRACE("%p, %p, %p.\n", iface, buffer, array);

    if (array)
        *array = NULL;
    if (!array || !buffer)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    hr = byte_buffer_read_all(buffer, LONG_MAX, &content);
    if (SUCCEEDED(hr))
        hr = create_byte_array(&content, array);
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI conv_ConvertByteBufferToSafeArray(ISCardTypeConv *iface, LPBYTEBUFFER buffer, SAFEARRAY **array)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct bytes content = {0};
    HRESULT hr;

    TRACE("%p, %p, %p.\n", iface, buffer, array);

    if (array)
        *array = NULL;
    if (!array || !buffer)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    hr = byte_buffer_read_all(buffer, LONG_MAX, &content);
    if (SUCCEEDED(hr))
        hr = safearray_from_bytes(content.data, content.size, array);
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI conv_ConvertSafeArrayToByteBuffer(ISCardTypeConv *iface, SAFEARRAY *array, LPBYTEBUFFER *buffer)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    const BYTE *bytes;
    ULONG count;
    HRESULT hr;

    TRACE("%p, %p, %p.\n", iface, array, buffer);

    if (buffer)
        *buffer = NULL;
    if (!array || !buffer)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    if (FAILED(hr = safearray_get_bytes(array, &bytes, &count)))
        return object_error(&conv->object, __func__, hr, bad_byte_array);
    hr = count > LONG_MAX ? E_OUTOFMEMORY : byte_buffer_create(bytes, count, buffer);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI conv_CreateByteArray(ISCardTypeConv *iface, DWORD size, BYTE **array)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);

    TRACE("%p, %lu, %p.\n", iface, size, array);

    if (!array)
        return object_error(&conv->object, __func__, E_INVALIDARG, null_pointer);
    *array = NULL;
    if (size > LONG_MAX || !(*array = CoTaskMemAlloc(max(1, size))))
        return object_error(&conv->object, __func__, E_OUTOFMEMORY, NULL);
    memset(*array, 0, size);
    return S_OK;
}

static HRESULT WINAPI conv_CreateByteBuffer(ISCardTypeConv *iface, DWORD size, LPBYTEBUFFER *buffer)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    HRESULT hr;

    TRACE("%p, %lu, %p.\n", iface, size, buffer);

    if (!buffer)
        return object_error(&conv->object, __func__, E_INVALIDARG, null_pointer);
    *buffer = NULL;
    hr = size > LONG_MAX ? E_OUTOFMEMORY : byte_buffer_create(NULL, size, buffer);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI conv_CreateSafeArray(ISCardTypeConv *iface, UINT size, SAFEARRAY **array)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    HRESULT hr;

    TRACE("%p, %u, %p.\n", iface, size, array);

    if (!array)
        return object_error(&conv->object, __func__, E_INVALIDARG, null_pointer);
    *array = NULL;
    hr = size > LONG_MAX ? E_OUTOFMEMORY : safearray_from_bytes(NULL, size, array);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI conv_FreeIStreamMemoryPtr(ISCardTypeConv *iface, LPSTREAM stream, BYTE *data)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct stream_memory **link, *found;

    TRACE("%p, %p, %p.\n", iface, stream, data);

    if (!stream || !data)
        return object_error(&conv->object, __func__, E_POINTER, NULL);

    EnterCriticalSection(&handed_out_lock);
    for (link = &handed_out; (found = *link); link = &found->next)
    {
        if (found->stream == stream && found->data == data)
        {
            *link = found->next;
            break;
        }
    }
    LeaveCriticalSection(&handed_out_lock);

    if (!found)
        return object_error(&conv->object, __func__, E_INVALIDARG, "GetAtIStreamMemory did not return this pointer");
    GlobalUnlock(found->memory);
    IStream_Release(found->stream);
    free(found);
    module_release();
    return S_OK;
}

static HRESULT get_stream_size(IStream *stream, ULARGE_INTEGER *size)
{
    STATSTG stat;
    HRESULT hr;

    memset(&stat, 0, sizeof(stat));
    if (SUCCEEDED(hr = IStream_Stat(stream, &stat, STATFLAG_NONAME)))
        *size = stat.cbSize;
    return hr;
}

/* The stream's memory, locked. E_INVALIDARG: there is no HGLOBAL beneath it. */
static HRESULT lock_stream_memory(IStream *stream, struct stream_memory *memory, DWORD *size)
{
    ULARGE_INTEGER stream_size;
    HRESULT hr;

    if (FAILED(GetHGlobalFromStream(stream, &memory->memory)))
        return E_INVALIDARG;
    if (FAILED(hr = get_stream_size(stream, &stream_size)))
        return hr;
    if (stream_size.QuadPart > GlobalSize(memory->memory))
        return E_INVALIDARG;
    /* A block of no bytes, that of an empty stream, cannot be locked. */
    if (!GlobalSize(memory->memory) && GlobalReAlloc(memory->memory, 1, GMEM_MOVEABLE) != memory->memory)
        return E_OUTOFMEMORY;
    if (!(memory->data = GlobalLock(memory->memory)))
        return E_OUTOFMEMORY;
    *size = stream_size.QuadPart;
    memory->stream = stream;
    return S_OK;
}

static HRESULT WINAPI conv_GetAtIStreamMemory(ISCardTypeConv *iface, LPSTREAM stream, LPBYTEARRAY *out)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct stream_memory *memory;
    BYTEARRAY *array;
    HRESULT hr;

    TRACE("%p, %p, %p.\n", iface, stream, out);

    if (out)
        *out = NULL;
    if (!stream || !out)
        return object_error(&conv->object, __func__, E_POINTER, NULL);

    memory = malloc(sizeof(*memory));
    array = CoTaskMemAlloc(sizeof(*array));
    hr = memory && array ? lock_stream_memory(stream, memory, &array->dwSize) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        free(memory);
        CoTaskMemFree(array);
        return object_error(&conv->object, __func__, hr,
                hr == E_INVALIDARG ? "the stream is not one on a memory block" : NULL);
    }

    IStream_AddRef(stream);
    module_add_ref();
    array->hMem = memory->memory;
    array->pbyData = memory->data;
    /* Once it is in the list, another thread that has the same memory may free it in the place of its own. */
    EnterCriticalSection(&handed_out_lock);
    memory->next = handed_out;
    handed_out = memory;
    LeaveCriticalSection(&handed_out_lock);
    *out = array;
    return S_OK;
}

static HRESULT WINAPI conv_SizeOfIStream(ISCardTypeConv *iface, LPSTREAM stream, ULARGE_INTEGER *size)
{
    struct type_conv *conv = impl_from_ISCardTypeConv(iface);
    HRESULT hr;

    TRACE("%p, %p, %p.\n", iface, stream, size);

    if (!size)
        return object_error(&conv->object, __func__, E_INVALIDARG, null_pointer);
    size->QuadPart = 0;
    if (!stream)
        return object_error(&conv->object, __func__, E_POINTER, NULL);
    hr = get_stream_size(stream, size);
    return FAILED(hr) ? object_error(&conv->object, __func__, hr, NULL) : S_OK;
}

static const ISCardTypeConvVtbl type_conv_vtbl =
{
    OBJECT_METHODS(ISCardTypeConv),
    conv_ConvertByteArrayToByteBuffer,
    conv_ConvertByteBufferToByteArray,
    conv_ConvertByteBufferToSafeArray,
    conv_ConvertSafeArrayToByteBuffer,
    conv_CreateByteArray,
    conv_CreateByteBuffer,
    conv_CreateSafeArray,
    conv_FreeIStreamMemoryPtr,
    conv_GetAtIStreamMemory,
    conv_SizeOfIStream
};

void stream_memory_init(void)
{
    InitializeCriticalSection(&handed_out_lock);
}

/* What was not taken back stays locked and referenced: the caller may still use the pointer. */
void stream_memory_cleanup(void)
{
    struct stream_memory *memory;

    while ((memory = handed_out))
    {
        handed_out = memory->next;
        free(memory);
    }
    DeleteCriticalSection(&handed_out_lock);
}

static const struct special_param type_conv_params[] =
{
    { .method = METHOD(ISCardTypeConv, ConvertByteArrayToByteBuffer, BYTE *, DWORD, LPBYTEBUFFER *), .param = 0,
            .kind = PARAM_BYTES, .count_param = 1 },
    { .method = METHOD(ISCardTypeConv, SizeOfIStream, LPSTREAM, ULARGE_INTEGER *), .param = 1, .kind = RESULT_UI8 },
    { 0 }
};

static struct class_cache type_conv_cache;

const struct class_desc type_conv_class =
{
    .clsid = &CLSID_CSCardTypeConv,
    .iid = &IID_ISCardTypeConv,
    .name = L"SCardTypeConv",
    .vtbl = &type_conv_vtbl,
    .size = sizeof(struct type_conv),
    .special_params = type_conv_params,
    .cache = &type_conv_cache,
};
