/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An IByteBuffer that is not ours, for what takes or fills one: a well-behaved one unless its behaviour says
 * what goes wrong. Its clones are counted with it.
 */

#ifndef SCARDSSP_TESTS_FOREIGN_BUFFER_H
#define SCARDSSP_TESTS_FOREIGN_BUFFER_H

#include "common.h"

/* All zero: well-behaved. */
struct foreign_behaviour
{
    HRESULT clone_result;
    BOOL clone_null;     /* Clone succeeds and gives nothing */
    HRESULT seek_result;
    HRESULT read_result;
    HRESULT read_end;    /* what Read returns when it gives fewer bytes than asked for */
    HRESULT write_result;
    HRESULT stat_result;
    LONG chunk;          /* Read and Write do so many bytes at most at a time */
    LONG stated_size;    /* what Stat says instead of the truth */
    LONG stated_count;   /* what Read and Write say instead of the truth */
    BOOL endless;        /* Read always gives what is asked for */
};

struct foreign_buffer
{
    IByteBuffer IByteBuffer_iface;
    LONG ref;
    LONG position;
    struct foreign_buffer *root; /* itself, or what it was cloned from: it has what follows */
    struct foreign_behaviour behaviour;
    void (*hook)(void *context); /* called inside Read and Write */
    void *context;
    BYTE bytes[1024];
    LONG size;
    unsigned int clones, reads, writes;
};

static inline struct foreign_buffer *impl_from_foreign_buffer(IByteBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct foreign_buffer, IByteBuffer_iface);
}

static HRESULT WINAPI foreign_buffer_QueryInterface(IByteBuffer *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch)
        && !IsEqualIID(iid, &IID_IByteBuffer))
        return E_NOINTERFACE;
    *out = iface;
    IByteBuffer_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI foreign_buffer_AddRef(IByteBuffer *iface)
{
    return InterlockedIncrement(&impl_from_foreign_buffer(iface)->ref);
}

static ULONG WINAPI foreign_buffer_Release(IByteBuffer *iface)
{
    struct foreign_buffer *buffer = impl_from_foreign_buffer(iface);
    LONG ref = InterlockedDecrement(&buffer->ref);

    if (!ref && buffer->root != buffer)
    {
        IByteBuffer_Release(&buffer->root->IByteBuffer_iface);
        free(buffer);
    }
    return ref;
}

static HRESULT WINAPI foreign_buffer_GetTypeInfoCount(IByteBuffer *iface, UINT *count)
{
    (void)iface;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_GetTypeInfo(IByteBuffer *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    (void)iface, (void)index, (void)lcid, (void)info;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_GetIDsOfNames(IByteBuffer *iface, REFIID iid, LPOLESTR *names,
                                                   UINT count, LCID lcid, DISPID *ids)
{
    (void)iface, (void)iid, (void)names, (void)count, (void)lcid, (void)ids;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_Invoke(IByteBuffer *iface, DISPID id, REFIID iid, LCID lcid, WORD flags,
                                            DISPPARAMS *params, VARIANT *result, EXCEPINFO *exception,
                                            UINT *arg)
{
    (void)iface, (void)id, (void)iid, (void)lcid, (void)flags, (void)params, (void)result, (void)exception,
        (void)arg;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_get_Stream(IByteBuffer *iface, LPSTREAM *stream)
{
    (void)iface;
    *stream = NULL;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_put_Stream(IByteBuffer *iface, LPSTREAM stream)
{
    (void)iface, (void)stream;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_Clone(IByteBuffer *iface, LPBYTEBUFFER *out)
{
    struct foreign_buffer *buffer = impl_from_foreign_buffer(iface), *root = buffer->root, *clone;

    *out = NULL;
    root->clones++;
    if (FAILED(root->behaviour.clone_result) || root->behaviour.clone_null)
        return root->behaviour.clone_result;
    if (!(clone = calloc(1, sizeof(*clone)))) return E_OUTOFMEMORY;
    clone->IByteBuffer_iface.lpVtbl = iface->lpVtbl;
    clone->ref = 1;
    clone->position = buffer->position;
    clone->root = root;
    IByteBuffer_AddRef(&root->IByteBuffer_iface);
    *out = &clone->IByteBuffer_iface;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_Commit(IByteBuffer *iface, LONG flags)
{
    (void)iface, (void)flags;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_CopyTo(IByteBuffer *iface, LPBYTEBUFFER *dest, LONG cb, LONG *read,
                                            LONG *written)
{
    (void)iface, (void)dest, (void)cb, (void)read, (void)written;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_Initialize(IByteBuffer *iface, LONG size, BYTE *data)
{
    (void)iface, (void)size, (void)data;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_LockRegion(IByteBuffer *iface, LONG offset, LONG cb, LONG type)
{
    (void)iface, (void)offset, (void)cb, (void)type;
    return STG_E_INVALIDFUNCTION;
}

static HRESULT WINAPI foreign_buffer_Read(IByteBuffer *iface, BYTE *bytes, LONG cb, LONG *read)
{
    struct foreign_buffer *buffer = impl_from_foreign_buffer(iface), *root = buffer->root;
    LONG there = max(0, root->size - buffer->position), count;

    root->reads++;
    if (root->hook) root->hook(root->context);
    if (read) *read = 0;
    if (FAILED(root->behaviour.read_result)) return root->behaviour.read_result;
    count = root->behaviour.endless ? cb : min(cb, there);
    if (root->behaviour.chunk) count = min(count, root->behaviour.chunk);
    if (root->behaviour.endless) memset(bytes, 0xee, count);
    else memcpy(bytes, root->bytes + buffer->position, count);
    if (!root->behaviour.endless) buffer->position += count;
    if (read) *read = root->behaviour.stated_count ? root->behaviour.stated_count : count;
    return count < cb ? root->behaviour.read_end : S_OK;
}

static HRESULT WINAPI foreign_buffer_Revert(IByteBuffer *iface)
{
    (void)iface;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_Seek(IByteBuffer *iface, LONG move, LONG origin, LONG *position)
{
    struct foreign_buffer *buffer = impl_from_foreign_buffer(iface), *root = buffer->root;
    LONG base = origin == STREAM_SEEK_CUR ? buffer->position : origin == STREAM_SEEK_END ? root->size : 0;

    if (FAILED(root->behaviour.seek_result)) return root->behaviour.seek_result;
    if (base + move < 0) return STG_E_INVALIDFUNCTION;
    buffer->position = base + move;
    if (position) *position = buffer->position;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_SetSize(IByteBuffer *iface, LONG size)
{
    (void)iface, (void)size;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_buffer_Stat(IByteBuffer *iface, LPSTATSTRUCT stat, LONG flag)
{
    struct foreign_buffer *root = impl_from_foreign_buffer(iface)->root;

    (void)flag;
    if (FAILED(root->behaviour.stat_result)) return root->behaviour.stat_result;
    memset(stat, 0, sizeof(*stat));
    stat->type = STGTY_STREAM;
    stat->cbSize = root->behaviour.stated_size ? root->behaviour.stated_size : root->size;
    return S_OK;
}

static HRESULT WINAPI foreign_buffer_UnlockRegion(IByteBuffer *iface, LONG offset, LONG cb, LONG type)
{
    (void)iface, (void)offset, (void)cb, (void)type;
    return STG_E_INVALIDFUNCTION;
}

static HRESULT WINAPI foreign_buffer_Write(IByteBuffer *iface, BYTE *bytes, LONG cb, LONG *written)
{
    struct foreign_buffer *buffer = impl_from_foreign_buffer(iface), *root = buffer->root;
    LONG count = root->behaviour.chunk ? min(cb, root->behaviour.chunk) : cb;

    root->writes++;
    if (root->hook) root->hook(root->context);
    if (written) *written = 0;
    if (FAILED(root->behaviour.write_result)) return root->behaviour.write_result;
    count = min(count, (LONG)sizeof(root->bytes) - buffer->position);
    memcpy(root->bytes + buffer->position, bytes, count);
    buffer->position += count;
    root->size = max(root->size, buffer->position);
    if (written) *written = root->behaviour.stated_count ? root->behaviour.stated_count : count;
    return S_OK;
}

static const IByteBufferVtbl foreign_buffer_vtbl =
{
    foreign_buffer_QueryInterface,
    foreign_buffer_AddRef,
    foreign_buffer_Release,
    foreign_buffer_GetTypeInfoCount,
    foreign_buffer_GetTypeInfo,
    foreign_buffer_GetIDsOfNames,
    foreign_buffer_Invoke,
    foreign_buffer_get_Stream,
    foreign_buffer_put_Stream,
    foreign_buffer_Clone,
    foreign_buffer_Commit,
    foreign_buffer_CopyTo,
    foreign_buffer_Initialize,
    foreign_buffer_LockRegion,
    foreign_buffer_Read,
    foreign_buffer_Revert,
    foreign_buffer_Seek,
    foreign_buffer_SetSize,
    foreign_buffer_Stat,
    foreign_buffer_UnlockRegion,
    foreign_buffer_Write,
};

/* Not counted memory: it lives as long as the caller's variable, `ref` tells of references left. */
static inline IByteBuffer *foreign_buffer_init(struct foreign_buffer *buffer, const void *bytes, LONG size)
{
    memset(buffer, 0, sizeof(*buffer));
    buffer->IByteBuffer_iface.lpVtbl = (IByteBufferVtbl *)&foreign_buffer_vtbl;
    buffer->ref = 1;
    buffer->root = buffer;
    memcpy(buffer->bytes, bytes, size);
    buffer->size = size;
    return &buffer->IByteBuffer_iface;
}

#endif
