/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An IStream that is not ours, to be put into a buffer: it counts the calls of its methods and keeps the
 * arguments of the last one and the thread it came in. It can be told to fail.
 */

#ifndef SCARDSSP_TESTS_FOREIGN_STREAM_H
#define SCARDSSP_TESTS_FOREIGN_STREAM_H

#include "common.h"

enum stream_method
{
    METHOD_READ,
    METHOD_WRITE,
    METHOD_SEEK,
    METHOD_SET_SIZE,
    METHOD_COPY_TO,
    METHOD_COMMIT,
    METHOD_REVERT,
    METHOD_LOCK_REGION,
    METHOD_UNLOCK_REGION,
    METHOD_STAT,
    METHOD_CLONE,
    METHOD_COUNT
};

struct foreign_stream
{
    IStream IStream_iface;
    LONG ref;
    HRESULT result; /* a failure: what every method returns, without doing anything */
    void (*hook)(void *context); /* called inside Read and Write */
    void (*query_hook)(void *context); /* called once, when IStream is queried */
    void *context;
    BYTE bytes[1024];
    ULONGLONG size, position;
    unsigned int calls[METHOD_COUNT];
    ULONGLONG args[3]; /* of the last call that has any numbers */
    DWORD thread;      /* in which the last call came */
    IMarshal *marshal; /* NULL, or what the stream marshals itself with */
};

static inline struct foreign_stream *impl_from_foreign_stream(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct foreign_stream, IStream_iface);
}

static inline HRESULT foreign_stream_call(IStream *iface, enum stream_method method, ULONGLONG arg0,
                                          ULONGLONG arg1, ULONGLONG arg2)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);

    stream->calls[method]++;
    stream->args[0] = arg0;
    stream->args[1] = arg1;
    stream->args[2] = arg2;
    stream->thread = GetCurrentThreadId();
    if (stream->hook && (method == METHOD_READ || method == METHOD_WRITE)) stream->hook(stream->context);
    return stream->result;
}

static HRESULT WINAPI foreign_stream_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);
    void (*query_hook)(void *context) = stream->query_hook;

    *out = NULL;
    if (query_hook && IsEqualIID(iid, &IID_IStream))
    {
        stream->query_hook = NULL;
        query_hook(stream->context);
    }
    if (IsEqualIID(iid, &IID_IMarshal) && stream->marshal) return IMarshal_QueryInterface(stream->marshal, iid, out);
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ISequentialStream)
        && !IsEqualIID(iid, &IID_IStream))
        return E_NOINTERFACE;
    *out = iface;
    IStream_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI foreign_stream_AddRef(IStream *iface)
{
    return InterlockedIncrement(&impl_from_foreign_stream(iface)->ref);
}

static ULONG WINAPI foreign_stream_Release(IStream *iface)
{
    return InterlockedDecrement(&impl_from_foreign_stream(iface)->ref);
}

static HRESULT WINAPI foreign_stream_Read(IStream *iface, void *bytes, ULONG cb, ULONG *read)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);
    HRESULT hr = foreign_stream_call(iface, METHOD_READ, cb, 0, 0);
    ULONG count = 0;

    if (SUCCEEDED(hr) && stream->position < stream->size)
    {
        count = (ULONG)min(cb, stream->size - stream->position);
        memcpy(bytes, stream->bytes + stream->position, count);
        stream->position += count;
    }
    if (read) *read = count;
    return hr;
}

static HRESULT WINAPI foreign_stream_Write(IStream *iface, const void *bytes, ULONG cb, ULONG *written)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);
    HRESULT hr = foreign_stream_call(iface, METHOD_WRITE, cb, 0, 0);
    ULONG count = 0;

    if (SUCCEEDED(hr) && stream->position < sizeof(stream->bytes))
    {
        count = (ULONG)min(cb, sizeof(stream->bytes) - stream->position);
        memcpy(stream->bytes + stream->position, bytes, count);
        stream->position += count;
        stream->size = max(stream->size, stream->position);
    }
    if (written) *written = count;
    return hr;
}

static HRESULT WINAPI foreign_stream_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin,
                                          ULARGE_INTEGER *position)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);
    HRESULT hr = foreign_stream_call(iface, METHOD_SEEK, move.QuadPart, origin, 0);
    ULONGLONG base = origin == STREAM_SEEK_END ? stream->size : 0;

    if (FAILED(hr)) return hr;
    if (origin == STREAM_SEEK_CUR) base = stream->position;
    if ((LONGLONG)(base + move.QuadPart) < 0) return STG_E_INVALIDFUNCTION;
    stream->position = base + move.QuadPart;
    if (position) position->QuadPart = stream->position;
    return hr;
}

static HRESULT WINAPI foreign_stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    HRESULT hr = foreign_stream_call(iface, METHOD_SET_SIZE, size.QuadPart, 0, 0);

    if (SUCCEEDED(hr) && size.QuadPart > sizeof(((struct foreign_stream *)0)->bytes)) hr = STG_E_MEDIUMFULL;
    if (SUCCEEDED(hr)) impl_from_foreign_stream(iface)->size = size.QuadPart;
    return hr;
}

static HRESULT WINAPI foreign_stream_CopyTo(IStream *iface, IStream *dest, ULARGE_INTEGER cb,
                                            ULARGE_INTEGER *read, ULARGE_INTEGER *written)
{
    struct foreign_stream *stream = impl_from_foreign_stream(iface);
    HRESULT hr = foreign_stream_call(iface, METHOD_COPY_TO, cb.QuadPart, 0, 0);
    ULONG count = 0, done = 0;

    if (SUCCEEDED(hr) && stream->position < stream->size)
    {
        count = (ULONG)min(cb.QuadPart, stream->size - stream->position);
        hr = IStream_Write(dest, stream->bytes + stream->position, count, &done);
        stream->position += count;
    }
    if (read) read->QuadPart = count;
    if (written) written->QuadPart = done;
    return hr;
}

static HRESULT WINAPI foreign_stream_Commit(IStream *iface, DWORD flags)
{
    return foreign_stream_call(iface, METHOD_COMMIT, flags, 0, 0);
}

static HRESULT WINAPI foreign_stream_Revert(IStream *iface)
{
    return foreign_stream_call(iface, METHOD_REVERT, 0, 0, 0);
}

static HRESULT WINAPI foreign_stream_LockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER cb,
                                                DWORD type)
{
    return foreign_stream_call(iface, METHOD_LOCK_REGION, offset.QuadPart, cb.QuadPart, type);
}

static HRESULT WINAPI foreign_stream_UnlockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER cb,
                                                  DWORD type)
{
    return foreign_stream_call(iface, METHOD_UNLOCK_REGION, offset.QuadPart, cb.QuadPart, type);
}

static HRESULT WINAPI foreign_stream_Stat(IStream *iface, STATSTG *stat, DWORD flag)
{
    HRESULT hr = foreign_stream_call(iface, METHOD_STAT, flag, 0, 0);

    memset(stat, 0, sizeof(*stat));
    if (FAILED(hr)) return hr;
    if (!(flag & STATFLAG_NONAME))
    {
        stat->pwcsName = CoTaskMemAlloc(5 * sizeof(WCHAR));
        if (stat->pwcsName) lstrcpyW(stat->pwcsName, L"name");
    }
    stat->type = STGTY_LOCKBYTES;
    stat->cbSize.QuadPart = impl_from_foreign_stream(iface)->size;
    stat->grfMode = STGM_READWRITE;
    stat->grfLocksSupported = LOCK_WRITE;
    stat->grfStateBits = 0x1234;
    return hr;
}

static HRESULT WINAPI foreign_stream_Clone(IStream *iface, IStream **clone)
{
    HRESULT hr = foreign_stream_call(iface, METHOD_CLONE, 0, 0, 0);

    *clone = NULL;
    return FAILED(hr) ? hr : STG_E_INVALIDFUNCTION;
}

static const IStreamVtbl foreign_stream_vtbl =
{
    foreign_stream_QueryInterface,
    foreign_stream_AddRef,
    foreign_stream_Release,
    foreign_stream_Read,
    foreign_stream_Write,
    foreign_stream_Seek,
    foreign_stream_SetSize,
    foreign_stream_CopyTo,
    foreign_stream_Commit,
    foreign_stream_Revert,
    foreign_stream_LockRegion,
    foreign_stream_UnlockRegion,
    foreign_stream_Stat,
    foreign_stream_Clone,
};

/* Not counted memory: it lives as long as the caller's variable, `ref` tells of references left. */
static inline IStream *foreign_stream_init(struct foreign_stream *stream, const void *bytes, LONG size)
{
    memset(stream, 0, sizeof(*stream));
    stream->IStream_iface.lpVtbl = (IStreamVtbl *)&foreign_stream_vtbl;
    stream->ref = 1;
    memcpy(stream->bytes, bytes, size);
    stream->size = size;
    return &stream->IStream_iface;
}

#endif
