/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the bytes of a byte buffer are: in memory, in a stream on an HGLOBAL, or in a stream that the caller put. */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "git_stream.h"

/*
 * One for all buffers, as streams on one HGLOBAL, even clones, must not be used by two threads at a time: COM's do not
 * lock the memory that they move, and what is handed out of one buffer may be put into others. What is done under it
 * is the copying of bytes.
 */
static CRITICAL_SECTION stores_lock;

void stores_init(void)
{
    InitializeCriticalSection(&stores_lock);
}

void stores_cleanup(void)
{
    DeleteCriticalSection(&stores_lock);
}

static BOOL is_memory_stream(IStream *stream)
{
    HGLOBAL memory;

    return SUCCEEDED(GetHGlobalFromStream(stream, &memory));
}

/* On stream, where that is not NULL, else empty and in memory. */
static struct content *content_create(IStream *stream)
{
    struct content *content = malloc(sizeof(*content));

    if (!content)
        return NULL;
    *content = (struct content){ .ref = 1, .stream = stream };
    if (stream)
        IStream_AddRef(stream);
    return content;
}

static void content_empty(struct content *content)
{
    if (content->stream)
        IStream_Release(content->stream);
    bytes_clear(&content->bytes);
}

static void content_release(struct content *content)
{
    if (InterlockedDecrement(&content->ref))
        return;
    content_empty(content);
    free(content);
}

/* Moves the bytes from memory to a stream on an HGLOBAL. */
static HRESULT content_make_stream(struct content *content)
{
    ULARGE_INTEGER size = { .QuadPart = content->bytes.size };
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    if (SUCCEEDED(hr = IStream_SetSize(stream, size)) && content->bytes.size)
        hr = IStream_Write(stream, content->bytes.data, content->bytes.size, NULL);
    if (FAILED(hr))
    {
        IStream_Release(stream);
        return hr;
    }
    bytes_clear(&content->bytes);
    content->stream = stream;
    return S_OK;
}

void store_init(struct byte_store *store)
{
    store->own.ref = 1;
    store->content = &store->own;
}

void store_share_bytes(struct byte_store *store, const struct bytes *bytes)
{
    bytes_share(&store->content->bytes, bytes);
}

/* Moves the content of a store that is its own, with its stream, into another one, which is empty. */
static void move_own(struct byte_store *store, struct content *content)
{
    bytes_take(&content->bytes, &store->own.bytes);
    content->stream = store->own.stream;
    store->own.stream = NULL;
}

void store_cleanup(struct byte_store *store)
{
    if (store->stream)
        IStream_Release(store->stream);
    if (store->content && store->content != &store->own)
        content_release(store->content);
    if (store->foreign)
        git_stream_release(store->foreign);
    content_empty(&store->own);
}

/* Takes over what new holds, which is nothing of its own. */
static void store_replace(struct byte_store *store, const struct byte_store *new)
{
    struct byte_store old = {0};

    EnterCriticalSection(&stores_lock);
    move_own(store, &old.own);
    old.content = store->content == &store->own ? NULL : store->content;
    old.stream = store->stream;
    old.foreign = store->foreign;
    store->content = new->content;
    store->position = new->position;
    store->stream = new->stream;
    store->foreign = new->foreign;
    LeaveCriticalSection(&stores_lock);
    store_cleanup(&old);
}

/* Makes the content of a store one that clones can share. The lock is held. */
static BOOL make_shared(struct byte_store *store)
{
    struct content *content;

    if (store->content != &store->own)
        return TRUE;
    if (!(content = content_create(NULL)))
        return FALSE;
    move_own(store, content);
    store->content = content;
    return TRUE;
}

#define PAGE_SIZE 4096

/* Touch a caller's memory before the lock is taken, to meet there what is wrong with it. */
static void touch_input(const void *data, ULONG size)
{
    const volatile BYTE *bytes = data;
    ULONG i;

    for (i = 0; i < size; i += min(size - i, PAGE_SIZE))
        (void)bytes[i];
    if (size)
        (void)bytes[size - 1];
}

static void touch_output(void *data, ULONG size)
{
    volatile BYTE *bytes = data;
    ULONG i;

    for (i = 0; i < size; i += min(size - i, PAGE_SIZE))
        bytes[i] = bytes[i];
    if (size)
        bytes[size - 1] = bytes[size - 1];
}

HRESULT store_set_bytes(struct byte_store *store, const void *data, ULONG size)
{
    struct byte_store new = {0};
    struct bytes bytes;
    BOOL in_place;

    bytes_init(&bytes);
    /* The caller's memory is read while no lock is held. */
    if (!bytes_set(&bytes, data, size))
        return E_OUTOFMEMORY;

    /* If nobody else sees the bytes that are there, these take their place. */
    EnterCriticalSection(&stores_lock);
    in_place = store->content && store->content->ref == 1 && !store->content->stream;
    if (in_place)
    {
        bytes_take(&store->content->bytes, &bytes);
        store->position = 0;
    }
    LeaveCriticalSection(&stores_lock);
    if (!in_place && (new.content = content_create(NULL)))
    {
        bytes_take(&new.content->bytes, &bytes);
        store_replace(store, &new);
    }
    bytes_clear(&bytes);
    return in_place || new.content ? S_OK : E_OUTOFMEMORY;
}

HRESULT store_set_stream(struct byte_store *store, IStream *stream)
{
    struct byte_store new = {0};
    HRESULT hr;

    /* A stream on an HGLOBAL is memory that lives in no apartment. */
    if (is_memory_stream(stream))
    {
        if (!(new.content = content_create(stream)))
            return E_OUTOFMEMORY;
        new.stream = stream;
        IStream_AddRef(stream);
    }
    else if (FAILED(hr = git_stream_create(stream, &new.foreign)))
        return hr;
    store_replace(store, &new);
    return S_OK;
}

HRESULT store_clone(struct byte_store *store, struct byte_store *clone)
{
    struct byte_store new = {0};
    IStream *stream = NULL;
    struct access access;
    ULONGLONG position;
    HRESULT hr;

    if (FAILED(hr = access_begin(store, &access)))
        return hr;
    if (!access.content)
        hr = IStream_Clone(access.stream, &stream);
    else if (SUCCEEDED(hr = access_get_position(&access, &position)) && !make_shared(store))
        hr = E_OUTOFMEMORY;
    else if (SUCCEEDED(hr))
    {
        new.content = store->content;
        InterlockedIncrement(&new.content->ref);
        new.position = position;
        store_replace(clone, &new);
    }
    access_end(&access);
    if (stream)
    {
        hr = store_set_stream(clone, stream);
        IStream_Release(stream);
    }
    return hr;
}

HRESULT access_begin(struct byte_store *store, struct access *access)
{
    struct git_stream *foreign;
    HRESULT hr = S_OK;

    access->store = store;
    access->stream = NULL;

    EnterCriticalSection(&stores_lock);
    if (!(access->content = store->content))
    {
        foreign = git_stream_add_ref(store->foreign);
        LeaveCriticalSection(&stores_lock);
        hr = git_stream_get(foreign, &access->stream);
        git_stream_release(foreign);
    }
    else if (access->content->stream && FAILED(hr = access_make_stream(access)))
        access_end(access);
    return hr;
}

void access_end(struct access *access)
{
    if (access->content)
        LeaveCriticalSection(&stores_lock);
    else
        IStream_Release(access->stream);
}

HRESULT access_make_stream(struct access *access)
{
    LARGE_INTEGER position = { .QuadPart = access->store->position };
    IStream *stream;
    HRESULT hr;

    if (access->content && !access->store->stream)
    {
        if (!access->content->stream && FAILED(hr = content_make_stream(access->content)))
            return hr;
        if (FAILED(hr = IStream_Clone(access->content->stream, &stream)))
            return hr;
        if (FAILED(hr = IStream_Seek(stream, position, STREAM_SEEK_SET, NULL)))
        {
            IStream_Release(stream);
            return hr;
        }
        access->store->stream = stream;
    }
    if (access->content)
        access->stream = access->store->stream;
    return S_OK;
}

HRESULT access_read(struct access *access, void *data, ULONG size, ULONG *read)
{
    ULONG position = access->store->position;

    *read = 0;
    if (access->stream)
        return IStream_Read(access->stream, data, size, read);

    if (position < access->content->bytes.size)
    {
        *read = min(size, access->content->bytes.size - position);
        memcpy(data, access->content->bytes.data + position, *read);
        access->store->position += *read;
    }
    return S_OK;
}

/* Where a write of size bytes begins; too far up where it would end beyond STORE_MAX_SIZE. */
static HRESULT access_place(struct access *access, ULONG size, ULONGLONG *position)
{
    HRESULT hr;

    if (FAILED(hr = access_get_position(access, position)))
        return hr;
    return *position > STORE_MAX_SIZE - size ? STG_E_MEDIUMFULL : S_OK;
}

static HRESULT access_write(struct access *access, const void *data, ULONG size, ULONG *written)
{
    struct content *content = access->content;
    ULONGLONG position = 0;
    HRESULT hr;

    if (content && !size)
        return S_OK;
    if (content && FAILED(hr = access_place(access, size, &position)))
        return hr;
    if (access->stream)
        return IStream_Write(access->stream, data, size, written);

    if (!bytes_resize(&content->bytes, max(position + size, content->bytes.size)))
        return E_OUTOFMEMORY;
    memcpy(content->bytes.data + position, data, size);
    access->store->position += size;
    *written = size;
    return S_OK;
}

/* How many of size bytes a read would give, as far as they are ours. */
static ULONG access_available(struct access *access, ULONG size)
{
    ULONGLONG total, position;

    if (FAILED(access_get_size(access, &total)) || FAILED(access_get_position(access, &position)) || position > total)
        return 0;
    return min(size, total - position);
}

/* A program may say that it has room for more than there is: only what it gets has to be there. */
HRESULT store_read(struct byte_store *store, void *data, ULONG size, ULONG *read)
{
    struct access access;
    HRESULT hr;

    *read = 0;
    if (FAILED(hr = access_begin(store, &access)))
        return hr;
    if (access.content)
    {
        size = access_available(&access, size);
        access_end(&access);
        touch_output(data, size);
        if (FAILED(hr = access_begin(store, &access)))
            return hr;
    }
    hr = access_read(&access, data, size, read);
    access_end(&access);
    return hr;
}

/* What there is no room for is refused before it is looked at, however much a program says that there is. */
HRESULT store_write(struct byte_store *store, const void *data, ULONG size, ULONG *written)
{
    struct access access;
    ULONGLONG position;
    HRESULT hr;

    *written = 0;
    if (FAILED(hr = access_begin(store, &access)))
        return hr;
    if (access.content && size)
    {
        if (SUCCEEDED(hr = access_place(&access, size, &position)) && !access.stream
                && !bytes_reserve(&access.content->bytes, position + size))
            hr = E_OUTOFMEMORY;
        access_end(&access);
        if (FAILED(hr))
            return hr;
        touch_input(data, size);
        if (FAILED(hr = access_begin(store, &access)))
            return hr;
    }
    hr = access_write(&access, data, size, written);
    access_end(&access);
    return hr;
}

HRESULT access_get_size(struct access *access, ULONGLONG *size)
{
    STATSTG stat;
    HRESULT hr;

    if (!access->stream)
    {
        *size = access->content->bytes.size;
        return S_OK;
    }
    memset(&stat, 0, sizeof(stat));
    if (FAILED(hr = IStream_Stat(access->stream, &stat, STATFLAG_NONAME)))
        return hr;
    *size = stat.cbSize.QuadPart;
    return S_OK;
}

HRESULT access_set_size(struct access *access, ULONG size)
{
    ULARGE_INTEGER new_size = { .QuadPart = size };

    if (access->stream)
        return IStream_SetSize(access->stream, new_size);
    return bytes_resize(&access->content->bytes, size) ? S_OK : E_OUTOFMEMORY;
}

HRESULT access_get_position(struct access *access, ULONGLONG *position)
{
    static const LARGE_INTEGER zero;
    ULARGE_INTEGER current;
    HRESULT hr;

    if (!access->stream)
    {
        *position = access->store->position;
        return S_OK;
    }
    if (FAILED(hr = IStream_Seek(access->stream, zero, STREAM_SEEK_CUR, &current)))
        return hr;
    *position = current.QuadPart;
    return S_OK;
}

HRESULT access_set_position(struct access *access, ULONG position)
{
    LARGE_INTEGER move = { .QuadPart = position };

    if (access->stream)
        return IStream_Seek(access->stream, move, STREAM_SEEK_SET, NULL);
    access->store->position = position;
    return S_OK;
}

HRESULT store_read_memory(struct byte_store *store, ULONG max, struct bytes *bytes, BOOL *read)
{
    struct access access;
    HRESULT hr;

    *read = FALSE;
    if (FAILED(hr = access_begin(store, &access)))
        return hr;
    if (!access.stream)
    {
        *read = TRUE;
        if (access.content->bytes.size > max)
            hr = E_INVALIDARG;
        else
            bytes_share(bytes, &access.content->bytes);
    }
    access_end(&access);
    return hr;
}
