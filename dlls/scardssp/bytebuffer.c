/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CByteBuffer: a thin object over an IStream. Where its bytes are is the business of bytes/bytestore.c. */

#include <string.h>

#include "scardssp_private.h"
#include "core/wipe.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

struct byte_buffer
{
    struct object object;
    struct byte_store store;
};

static const IByteBufferVtbl byte_buffer_vtbl;
extern const struct class_desc byte_buffer_class;

static inline struct byte_buffer *impl_from_IByteBuffer(IByteBuffer *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct byte_buffer, object.IDispatch_iface);
}

static struct byte_buffer *unsafe_impl_from_IByteBuffer(IByteBuffer *iface)
{
    return iface->lpVtbl == &byte_buffer_vtbl ? impl_from_IByteBuffer(iface) : NULL;
}

static HRESULT WINAPI buffer_get_Stream(IByteBuffer *iface, LPSTREAM *stream)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct access access;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, stream);

    if (!stream)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    *stream = NULL;
    if (SUCCEEDED(hr = access_begin(&buffer->store, &access)))
    {
        if (SUCCEEDED(hr = access_make_stream(&access)))
        {
            *stream = access.stream;
            IStream_AddRef(*stream);
        }
        access_end(&access);
    }
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_put_Stream(IByteBuffer *iface, LPSTREAM stream)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    HRESULT hr;

    TRACE("%p, %p.\n", iface, stream);

    if (!stream)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    hr = store_set_stream(&buffer->store, stream);
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_Clone(IByteBuffer *iface, LPBYTEBUFFER *out)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    IByteBuffer *clone;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, out);

    if (!out)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    *out = NULL;
    if (FAILED(hr = object_create(&byte_buffer_class, NULL, &IID_IByteBuffer, (void **)&clone)))
        return object_error(&buffer->object, __func__, hr, NULL);
    if (FAILED(hr = store_clone(&buffer->store, &impl_from_IByteBuffer(clone)->store)))
    {
        IByteBuffer_Release(clone);
        return object_error(&buffer->object, __func__, hr, NULL);
    }
    *out = clone;
    return S_OK;
}

static HRESULT WINAPI buffer_Commit(IByteBuffer *iface, LONG flags)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct access access;
    IStream *stream;
    HRESULT hr;

    TRACE("%p, %#lx.\n", iface, flags);

    if (SUCCEEDED(hr = access_begin(&buffer->store, &access)))
    {
        if ((stream = access_foreign_stream(&access)))
            hr = IStream_Commit(stream, flags);
        access_end(&access);
    }
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

/*
 * Reads up to size bytes at the seek pointer. What a copy onto the same bytes writes must not be read again by that
 * copy, so all of it is read before anything is written.
 */
static HRESULT read_for_copy(struct byte_buffer *buffer, ULONG size, struct bytes *copied)
{
    ULONGLONG available, position;
    ULONG chunk, read;
    struct access access;
    HRESULT hr;

    if (FAILED(hr = access_begin(&buffer->store, &access)))
        return hr;
    if (!access_foreign_stream(&access) && SUCCEEDED(hr = access_get_size(&access, &available))
            && SUCCEEDED(hr = access_get_position(&access, &position)))
        size = position < available ? min(size, available - position) : 0;

    while (SUCCEEDED(hr) && size)
    {
        chunk = min(size, 0x10000);
        if (!bytes_resize(copied, copied->size + chunk))
        {
            hr = E_OUTOFMEMORY;
            break;
        }
        hr = access_read(&access, copied->data + copied->size - chunk, chunk, &read);
        read = min(read, chunk);
        bytes_resize(copied, copied->size - chunk + read);
        size -= chunk;
        if (read < chunk)
            break;
    }
    access_end(&access);
    return hr;
}

static HRESULT WINAPI buffer_CopyTo(IByteBuffer *iface, LPBYTEBUFFER *destination, LONG cb, LONG *read, LONG *written)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct bytes copied = {0};
    IByteBuffer *target;
    LONG done = 0;
    HRESULT hr;

    TRACE("%p, %p, %ld, %p, %p.\n", iface, destination, cb, read, written);

    if (read)
        *read = 0;
    if (written)
        *written = 0;
    if (!destination)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    if (cb < 0)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the number of bytes is negative");

    if ((target = *destination))
        IByteBuffer_AddRef(target);
    else if (FAILED(hr = byte_buffer_create(NULL, 0, &target)))
        return object_error(&buffer->object, __func__, hr, NULL);

    hr = read_for_copy(buffer, cb, &copied);
    if (read)
        *read = copied.size;
    if (SUCCEEDED(hr) && copied.size)
        hr = IByteBuffer_Write(target, copied.data, copied.size, &done);
    /* What a foreign buffer says it has written is not believed. */
    if (written)
        *written = max(0, min(done, (LONG)copied.size));
    bytes_clear(&copied);

    if (SUCCEEDED(hr) && !*destination)
        *destination = target;
    else
        IByteBuffer_Release(target);
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_Initialize(IByteBuffer *iface, LONG size, BYTE *data)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    HRESULT hr;

    TRACE("%p, %ld, %p.\n", iface, size, data);

    if (size < 0)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the size is negative");
    hr = store_set_bytes(&buffer->store, data, size);
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

/* Only the stream of a caller may know locks. */
static HRESULT change_lock(IByteBuffer *iface, const char *method, BOOL lock, LONG offset, LONG cb, LONG lock_type)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    ULARGE_INTEGER start = { .QuadPart = offset }, length = { .QuadPart = cb };
    struct access access;
    IStream *stream;
    HRESULT hr;

    TRACE("%p, %s, %ld, %ld, %ld.\n", iface, method, offset, cb, lock_type);

    if (offset < 0 || cb < 0)
        return object_error(&buffer->object, method, E_INVALIDARG, "the offset or the size is negative");
    if (SUCCEEDED(hr = access_begin(&buffer->store, &access)))
    {
        if (!(stream = access_foreign_stream(&access)))
            hr = STG_E_INVALIDFUNCTION;
        else if (lock)
            hr = IStream_LockRegion(stream, start, length, lock_type);
        else
            hr = IStream_UnlockRegion(stream, start, length, lock_type);
        access_end(&access);
    }
    return FAILED(hr) ? object_error(&buffer->object, method, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_LockRegion(IByteBuffer *iface, LONG offset, LONG cb, LONG lock_type)
{
    return change_lock(iface, __func__, TRUE, offset, cb, lock_type);
}

static HRESULT WINAPI buffer_Read(IByteBuffer *iface, BYTE *data, LONG cb, LONG *count)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    ULONG read;
    HRESULT hr;

    TRACE("%p, %p, %ld, %p.\n", iface, data, cb, count);

    if (count)
        *count = 0;
    if (!data)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    if (cb < 0)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the number of bytes is negative");
    hr = store_read(&buffer->store, data, cb, &read);
    if (count)
        *count = read;
    /* A stream says S_FALSE when it has fewer bytes; here that is S_OK. */
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_Revert(IByteBuffer *iface)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct access access;
    IStream *stream;
    HRESULT hr;

    TRACE("%p.\n", iface);

    if (SUCCEEDED(hr = access_begin(&buffer->store, &access)))
    {
        if ((stream = access_foreign_stream(&access)))
            hr = IStream_Revert(stream);
        access_end(&access);
    }
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_Seek(IByteBuffer *iface, LONG move, LONG origin, LONG *new_position)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    const char *cause = NULL;
    struct access access;
    ULONGLONG base = 0;
    LONGLONG target = 0;
    HRESULT hr;

    TRACE("%p, %ld, %ld, %p.\n", iface, move, origin, new_position);

    if (origin != STREAM_SEEK_SET && origin != STREAM_SEEK_CUR && origin != STREAM_SEEK_END)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the origin is not 0, 1 or 2");
    if (FAILED(hr = access_begin(&buffer->store, &access)))
        return object_error(&buffer->object, __func__, hr, NULL);

    if (origin == STREAM_SEEK_CUR)
        hr = access_get_position(&access, &base);
    else if (origin == STREAM_SEEK_END)
        hr = access_get_size(&access, &base);
    if (SUCCEEDED(hr))
    {
        /* From the start the displacement is an unsigned number. */
        target = (LONGLONG)min(base, LLONG_MAX / 2) + (origin == STREAM_SEEK_SET ? (LONGLONG)(ULONG)move : move);
        if (target < 0)
        {
            hr = STG_E_INVALIDFUNCTION;
            cause = "the new position would be before the start";
        }
        else if (target > STORE_MAX_SIZE)
        {
            hr = E_INVALIDARG;
            cause = "the new position would be above 2147483647";
        }
        else
            hr = access_set_position(&access, target);
    }
    access_end(&access);
    if (FAILED(hr))
        return object_error(&buffer->object, __func__, hr, cause);
    if (new_position)
        *new_position = target;
    return S_OK;
}

static HRESULT WINAPI buffer_SetSize(IByteBuffer *iface, LONG size)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct access access;
    HRESULT hr;

    TRACE("%p, %ld.\n", iface, size);

    if (size < 0)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the size is negative");
    if (SUCCEEDED(hr = access_begin(&buffer->store, &access)))
    {
        hr = access_set_size(&access, size);
        access_end(&access);
    }
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI buffer_Stat(IByteBuffer *iface, LPSTATSTRUCT stat, LONG flags)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    STATSTG stream_stat = { .type = STGTY_STREAM };
    struct access access;
    ULONGLONG size;
    HRESULT hr;

    TRACE("%p, %p, %#lx.\n", iface, stat, flags);

    if (!stat)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    if (flags != STATFLAG_DEFAULT && flags != STATFLAG_NONAME)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the flag is not 0 or 1");
    if (FAILED(hr = access_begin(&buffer->store, &access)))
        return object_error(&buffer->object, __func__, hr, NULL);
    if (access.stream)
        hr = IStream_Stat(access.stream, &stream_stat, STATFLAG_NONAME);
    else if (SUCCEEDED(hr = access_get_size(&access, &size)))
        stream_stat.cbSize.QuadPart = size;
    access_end(&access);

    if (SUCCEEDED(hr) && stream_stat.cbSize.QuadPart > STORE_MAX_SIZE)
        hr = STG_E_MEDIUMFULL;
    if (FAILED(hr))
        return object_error(&buffer->object, __func__, hr, NULL);
    stat->type = stream_stat.type;
    stat->cbSize = stream_stat.cbSize.QuadPart;
    stat->grfMode = stream_stat.grfMode;
    stat->grfLocksSupported = stream_stat.grfLocksSupported;
    stat->grfStateBits = stream_stat.grfStateBits;
    return S_OK;
}

static HRESULT WINAPI buffer_UnlockRegion(IByteBuffer *iface, LONG offset, LONG cb, LONG lock_type)
{
    return change_lock(iface, __func__, FALSE, offset, cb, lock_type);
}

static HRESULT WINAPI buffer_Write(IByteBuffer *iface, BYTE *data, LONG cb, LONG *count)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    ULONG written;
    HRESULT hr;

    TRACE("%p, %p, %ld, %p.\n", iface, data, cb, count);

    if (count)
        *count = 0;
    if (!data)
        return object_error(&buffer->object, __func__, E_POINTER, NULL);
    if (cb < 0)
        return object_error(&buffer->object, __func__, E_INVALIDARG, "the number of bytes is negative");
    hr = store_write(&buffer->store, data, cb, &written);
    if (count)
        *count = written;
    return FAILED(hr) ? object_error(&buffer->object, __func__, hr, NULL) : S_OK;
}

static const IByteBufferVtbl byte_buffer_vtbl =
{
    OBJECT_METHODS(IByteBuffer),
    buffer_get_Stream,
    buffer_put_Stream,
    buffer_Clone,
    buffer_Commit,
    buffer_CopyTo,
    buffer_Initialize,
    buffer_LockRegion,
    buffer_Read,
    buffer_Revert,
    buffer_Seek,
    buffer_SetSize,
    buffer_Stat,
    buffer_UnlockRegion,
    buffer_Write
};

/* A buffer that was never initialised is an empty stream that exists: clients rely on it. */
static HRESULT byte_buffer_init(struct object *object)
{
    struct byte_buffer *buffer = CONTAINING_RECORD(object, struct byte_buffer, object);

    store_init(&buffer->store);
    return S_OK;
}

static void byte_buffer_destroy(struct object *object)
{
    struct byte_buffer *buffer = CONTAINING_RECORD(object, struct byte_buffer, object);

    store_cleanup(&buffer->store);
}

HRESULT byte_buffer_create(const void *data, ULONG size, IByteBuffer **out)
{
    IByteBuffer *buffer;
    HRESULT hr;

    *out = NULL;
    if (FAILED(hr = object_create(&byte_buffer_class, NULL, &IID_IByteBuffer, (void **)&buffer)))
        return hr;
    if (size && FAILED(hr = store_set_bytes(&impl_from_IByteBuffer(buffer)->store, data, size)))
    {
        IByteBuffer_Release(buffer);
        return hr;
    }
    *out = buffer;
    return S_OK;
}

void byte_buffer_share(IByteBuffer *buffer, const struct bytes *bytes)
{
    store_share_bytes(&impl_from_IByteBuffer(buffer)->store, bytes);
}

/* Reads to the end of any implementation, at most max bytes. What it says of sizes is not believed. */
static HRESULT read_to_end(IByteBuffer *buffer, ULONG max, struct bytes *content)
{
    BYTE chunk[512];
    LONG read;
    HRESULT hr;

    do
    {
        read = 0;
        hr = IByteBuffer_Read(buffer, chunk, sizeof(chunk), &read);
        if (FAILED(hr))
            break;
        if (read < 0 || read > (LONG)sizeof(chunk))
            hr = E_UNEXPECTED;
        else if (content->size + read > max)
            hr = E_INVALIDARG;
        else if (!bytes_append(content, chunk, read))
            hr = E_OUTOFMEMORY;
    } while (SUCCEEDED(hr) && read);
    core_wipe(chunk, sizeof(chunk));
    return FAILED(hr) ? hr : S_OK;
}

/* Reads a foreign buffer through its clone, so that its own seek pointer does not move. */
static HRESULT read_through_clone(IByteBuffer *buffer, ULONG max, struct bytes *content, BOOL *cloned)
{
    IByteBuffer *clone = NULL;
    HRESULT hr;

    *cloned = SUCCEEDED(IByteBuffer_Clone(buffer, &clone)) && clone;
    if (!*cloned)
        return S_OK;
    if (SUCCEEDED(hr = IByteBuffer_Seek(clone, 0, STREAM_SEEK_SET, NULL)))
        hr = read_to_end(clone, max, content);
    IByteBuffer_Release(clone);
    return hr;
}

static HRESULT read_by_seek(IByteBuffer *buffer, ULONG max, struct bytes *content)
{
    LONG position = 0;
    HRESULT hr;

    if (FAILED(hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position)))
        return hr;
    if (SUCCEEDED(hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL)))
        hr = read_to_end(buffer, max, content);
    IByteBuffer_Seek(buffer, position, STREAM_SEEK_SET, NULL);
    return hr;
}

HRESULT byte_buffer_read_all(IByteBuffer *iface, ULONG max, struct bytes *content)
{
    struct byte_buffer *buffer = unsafe_impl_from_IByteBuffer(iface);
    BOOL read = FALSE, cloned;
    HRESULT hr;

    if (buffer)
    {
        hr = store_read_memory(&buffer->store, max, content, &read);
        if (FAILED(hr) || read)
            return hr;
    }
    hr = read_through_clone(iface, max, content, &cloned);
    return cloned ? hr : read_by_seek(iface, max, content);
}

static const struct special_param byte_buffer_params[] =
{
    { .method = METHOD(IByteBuffer, Clone, LPBYTEBUFFER *), .param = 0, .kind = PARAM_INTERFACE_NEW },
    { .method = METHOD(IByteBuffer, Initialize, LONG, BYTE *), .param = 1, .kind = PARAM_BYTES },
    { .method = METHOD(IByteBuffer, Read, BYTE *, LONG, LONG *), .param = 0, .kind = PARAM_BYTES,
            .count_param = 1, .done_param = 2 },
    { .method = METHOD(IByteBuffer, Write, BYTE *, LONG, LONG *), .param = 0, .kind = PARAM_BYTES, .count_param = 1 },
    { 0 }
};

static struct class_cache byte_buffer_cache;

const struct class_desc byte_buffer_class =
{
    .clsid = &CLSID_CByteBuffer,
    .iid = &IID_IByteBuffer,
    .name = L"ByteBuffer",
    .vtbl = &byte_buffer_vtbl,
    .size = sizeof(struct byte_buffer),
    .init = byte_buffer_init,
    .destroy = byte_buffer_destroy,
    .special_params = byte_buffer_params,
    .cache = &byte_buffer_cache,
};
