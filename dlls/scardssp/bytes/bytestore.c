/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the bytes of a byte buffer are: in memory, in a stream on an HGLOBAL, or in a stream that the caller put. */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "git_stream.h"
#include "core/wipe.h"

/* A short reply with its status word fits, so that the usual buffer costs two allocations, of which this is one. */
#define MIN_CAPACITY 264

/* The bytes that the clones of a buffer share. */
struct content
{
    LONG ref;
    CRITICAL_SECTION lock;      /* taken after the lock of a buffer */
    BYTE *data;                 /* initial_data or allocated */
    ULONG size, capacity;
    IStream *stream;            /* on an HGLOBAL, once made or put: holds the bytes in place of data */
    CRITICAL_SECTION *stream_lock;  /* taken last: that of the HGLOBAL of stream */
    BYTE initial_data[];
};

/*
 * Streams on one HGLOBAL, even clones, must not be used by two threads at a time: COM's do not lock the memory that
 * they move. What is handed out of one buffer may be put into others, so the lock is not a buffer's but the HGLOBAL's.
 */
static CRITICAL_SECTION stream_locks[31];

void stream_locks_init(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(stream_locks); i++)
        InitializeCriticalSection(&stream_locks[i]);
}

void stream_locks_cleanup(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(stream_locks); i++)
        DeleteCriticalSection(&stream_locks[i]);
}

/* The lock for a stream on an HGLOBAL, NULL for any other stream. */
static CRITICAL_SECTION *find_stream_lock(IStream *stream)
{
    HGLOBAL memory;

    if (FAILED(GetHGlobalFromStream(stream, &memory)))
        return NULL;
    return &stream_locks[(ULONG_PTR)memory / MEMORY_ALLOCATION_ALIGNMENT % ARRAY_SIZE(stream_locks)];
}

static struct content *content_create(const void *data, ULONG size)
{
    ULONG capacity = max(size, MIN_CAPACITY);
    struct content *content = malloc(sizeof(*content) + capacity);

    if (!content)
        return NULL;
    content->ref = 1;
    InitializeCriticalSection(&content->lock);
    content->data = content->initial_data;
    content->size = size;
    content->capacity = capacity;
    content->stream = NULL;
    content->stream_lock = NULL;
    if (data)
        memcpy(content->data, data, size);
    else
        memset(content->data, 0, size);
    return content;
}

static void content_free_data(struct content *content)
{
    core_wipe(content->data, content->size);
    if (content->data != content->initial_data)
        free(content->data);
    content->data = content->initial_data;
    content->size = 0;
}

static void content_release(struct content *content)
{
    if (InterlockedDecrement(&content->ref))
        return;
    if (content->stream)
        IStream_Release(content->stream);
    content_free_data(content);
    DeleteCriticalSection(&content->lock);
    free(content);
}

/* New bytes are zero. Nothing changes on failure. */
static HRESULT content_resize(struct content *content, ULONG size)
{
    ULONG capacity;
    BYTE *data;

    if (size > content->capacity)
    {
        capacity = max(size, content->capacity > STORE_MAX_SIZE / 2 ? STORE_MAX_SIZE : 2 * content->capacity);
        if (!(data = malloc(capacity)))
            return E_OUTOFMEMORY;
        memcpy(data, content->data, content->size);
        core_wipe(content->data, content->size);
        if (content->data != content->initial_data)
            free(content->data);
        content->data = data;
        content->capacity = capacity;
    }
    if (size > content->size)
        memset(content->data + content->size, 0, size - content->size);
    else
        core_wipe(content->data + size, content->size - size);
    content->size = size;
    return S_OK;
}

/* Moves the bytes from memory to a stream on an HGLOBAL. */
static HRESULT content_make_stream(struct content *content)
{
    ULARGE_INTEGER size = { .QuadPart = content->size };
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    if (SUCCEEDED(hr = IStream_SetSize(stream, size)))
        hr = IStream_Write(stream, content->data, content->size, NULL);
    if (FAILED(hr))
    {
        IStream_Release(stream);
        return hr;
    }
    content_free_data(content);
    content->stream = stream;
    content->stream_lock = find_stream_lock(stream);
    return S_OK;
}

HRESULT store_init(struct byte_store *store, CRITICAL_SECTION *lock)
{
    store->lock = lock;
    store->content = content_create(NULL, 0);
    return store->content ? S_OK : E_OUTOFMEMORY;
}

/*
 * Takes over the content with the seek pointer, which is that of the stream on the content where there is one, or the
 * foreign stream.
 */
static void store_replace(struct byte_store *store, struct content *content, ULONG position, IStream *stream,
        struct git_stream *foreign)
{
    struct byte_store old;

    EnterCriticalSection(store->lock);
    old = *store;
    store->content = content;
    store->position = position;
    store->stream = stream;
    store->foreign = foreign;
    LeaveCriticalSection(store->lock);

    if (old.stream)
        IStream_Release(old.stream);
    if (old.content)
        content_release(old.content);
    if (old.foreign)
        git_stream_release(old.foreign);
}

void store_cleanup(struct byte_store *store)
{
    store_replace(store, NULL, 0, NULL, NULL);
}

/* Replaces the bytes in place where nobody else sees them and there is room for the new ones in memory. */
static BOOL reuse_content(struct byte_store *store, const void *data, ULONG size)
{
    struct content *content;
    BOOL reused = FALSE;

    EnterCriticalSection(store->lock);
    content = store->content;
    if (content && content->ref == 1 && !content->stream && size <= content->capacity)
    {
        if (size < content->size)
            core_wipe(content->data + size, content->size - size);
        if (data)
            memcpy(content->data, data, size);
        else
            memset(content->data, 0, size);
        content->size = size;
        store->position = 0;
        reused = TRUE;
    }
    LeaveCriticalSection(store->lock);
    return reused;
}

HRESULT store_set_bytes(struct byte_store *store, const void *data, ULONG size)
{
    struct content *content;

    if (reuse_content(store, data, size))
        return S_OK;
    if (!(content = content_create(data, size)))
        return E_OUTOFMEMORY;
    store_replace(store, content, 0, NULL, NULL);
    return S_OK;
}

/* A stream on an HGLOBAL is memory that lives in no apartment. */
static HRESULT set_memory_stream(struct byte_store *store, IStream *stream, CRITICAL_SECTION *lock)
{
    struct content *content = content_create(NULL, 0);

    if (!content)
        return E_OUTOFMEMORY;
    content->stream = stream;
    content->stream_lock = lock;
    IStream_AddRef(stream);
    IStream_AddRef(stream);
    store_replace(store, content, 0, stream, NULL);
    return S_OK;
}

HRESULT store_set_stream(struct byte_store *store, IStream *stream)
{
    CRITICAL_SECTION *lock = find_stream_lock(stream);
    struct git_stream *foreign;
    HRESULT hr;

    if (lock)
        return set_memory_stream(store, stream, lock);
    if (SUCCEEDED(hr = git_stream_create(stream, &foreign)))
        store_replace(store, NULL, 0, NULL, foreign);
    return hr;
}

HRESULT store_clone(struct byte_store *store, struct byte_store *clone)
{
    IStream *stream = NULL;
    struct access access;
    ULONGLONG position;
    HRESULT hr;

    if (FAILED(hr = access_begin(store, &access)))
        return hr;
    if (!access.content)
        hr = IStream_Clone(access.stream, &stream);
    else if (SUCCEEDED(hr = access_get_position(&access, &position)))
    {
        InterlockedIncrement(&access.content->ref);
        store_replace(clone, access.content, position, NULL, NULL);
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
    access->stream_lock = NULL;

    EnterCriticalSection(store->lock);
    if (!(access->content = store->content))
    {
        foreign = git_stream_add_ref(store->foreign);
        LeaveCriticalSection(store->lock);
        hr = git_stream_get(foreign, &access->stream);
        git_stream_release(foreign);
        return hr;
    }

    EnterCriticalSection(&access->content->lock);
    if (access->content->stream)
    {
        access->stream_lock = access->content->stream_lock;
        EnterCriticalSection(access->stream_lock);
        if (FAILED(hr = access_make_stream(access)))
            access_end(access);
    }
    return hr;
}

void access_end(struct access *access)
{
    if (!access->content)
    {
        IStream_Release(access->stream);
        return;
    }
    if (access->stream_lock)
        LeaveCriticalSection(access->stream_lock);
    LeaveCriticalSection(&access->content->lock);
    LeaveCriticalSection(access->store->lock);
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

    if (position < access->content->size)
    {
        *read = min(size, access->content->size - position);
        memcpy(data, access->content->data + position, *read);
        access->store->position += *read;
    }
    return S_OK;
}

HRESULT access_write(struct access *access, const void *data, ULONG size, ULONG *written)
{
    struct byte_store *store = access->store;
    ULONGLONG position;
    HRESULT hr;

    *written = 0;
    if (access->content)
    {
        if (!size)
            return S_OK;
        if (FAILED(hr = access_get_position(access, &position)))
            return hr;
        if (position > STORE_MAX_SIZE - size)
            return STG_E_MEDIUMFULL;
    }
    if (access->stream)
        return IStream_Write(access->stream, data, size, written);

    if (store->position + size > access->content->size
            && FAILED(hr = content_resize(access->content, store->position + size)))
        return hr;
    memcpy(access->content->data + store->position, data, size);
    store->position += size;
    *written = size;
    return S_OK;
}

HRESULT access_get_size(struct access *access, ULONGLONG *size)
{
    STATSTG stat;
    HRESULT hr;

    if (!access->stream)
    {
        *size = access->content->size;
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
    return content_resize(access->content, size);
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
        if (access.content->size > max)
            hr = E_INVALIDARG;
        else if (!bytes_set(bytes, access.content->data, access.content->size))
            hr = E_OUTOFMEMORY;
    }
    access_end(&access);
    return hr;
}
