/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Streams of callers, in the Global Interface Table.
 *
 * Wine's table stays sound only if an object is entered once and if no entry is revoked while somebody takes it: else
 * it loses count of the references to its stub, and frees it too early. So an entry lives as long as anybody may take
 * it, and what is entered is not the stream but an identity of its own for each entry.
 */

#include <stdlib.h>

#include "git_stream.h"

/* What is entered: only its IUnknown is its own, every other interface is the stream's. The table holds it. */
struct identity
{
    IUnknown IUnknown_iface;
    LONG ref;
    IStream *stream;
};

static inline struct identity *identity_from_IUnknown(IUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct identity, IUnknown_iface);
}

static HRESULT WINAPI identity_QueryInterface(IUnknown *iface, REFIID riid, void **out)
{
    if (!IsEqualIID(riid, &IID_IUnknown))
        return IStream_QueryInterface(identity_from_IUnknown(iface)->stream, riid, out);
    IUnknown_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI identity_AddRef(IUnknown *iface)
{
    return InterlockedIncrement(&identity_from_IUnknown(iface)->ref);
}

static ULONG WINAPI identity_Release(IUnknown *iface)
{
    struct identity *identity = identity_from_IUnknown(iface);
    ULONG ref = InterlockedDecrement(&identity->ref);

    if (!ref)
    {
        IStream_Release(identity->stream);
        free(identity);
        module_release();
    }
    return ref;
}

static const IUnknownVtbl identity_vtbl =
{
    identity_QueryInterface,
    identity_AddRef,
    identity_Release
};

static IUnknown *identity_create(IStream *stream)
{
    struct identity *identity = malloc(sizeof(*identity));

    if (!identity)
        return NULL;
    module_add_ref();
    identity->IUnknown_iface.lpVtbl = &identity_vtbl;
    identity->ref = 1;
    identity->stream = stream;
    IStream_AddRef(stream);
    return &identity->IUnknown_iface;
}

struct git_stream
{
    LONG ref;
    DWORD cookie;
};

static HRESULT get_git(IGlobalInterfaceTable **git)
{
    return CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER, &IID_IGlobalInterfaceTable,
            (void **)git);
}

/* A stream that marshals itself has no stub of Wine's, and may expect to be given its own pointer. */
static BOOL marshals_itself(IStream *stream)
{
    IMarshal *marshal;

    if (FAILED(IStream_QueryInterface(stream, &IID_IMarshal, (void **)&marshal)))
        return FALSE;
    IMarshal_Release(marshal);
    return TRUE;
}

static HRESULT enter_stream(IStream *stream, DWORD *cookie)
{
    IGlobalInterfaceTable *git;
    IUnknown *identity;
    HRESULT hr;

    if (FAILED(hr = get_git(&git)))
        return hr;
    if (marshals_itself(stream))
        hr = IGlobalInterfaceTable_RegisterInterfaceInGlobal(git, (IUnknown *)stream, &IID_IStream, cookie);
    else if ((identity = identity_create(stream)))
    {
        hr = IGlobalInterfaceTable_RegisterInterfaceInGlobal(git, identity, &IID_IStream, cookie);
        IUnknown_Release(identity);
    }
    else
        hr = E_OUTOFMEMORY;
    IGlobalInterfaceTable_Release(git);
    return hr;
}

HRESULT git_stream_create(IStream *stream, struct git_stream **out)
{
    struct git_stream *kept = malloc(sizeof(*kept));
    HRESULT hr;

    if (!kept)
        return E_OUTOFMEMORY;
    kept->ref = 1;
    if (FAILED(hr = enter_stream(stream, &kept->cookie)))
    {
        free(kept);
        return hr;
    }
    *out = kept;
    return S_OK;
}

struct git_stream *git_stream_add_ref(struct git_stream *kept)
{
    InterlockedIncrement(&kept->ref);
    return kept;
}

void git_stream_release(struct git_stream *kept)
{
    IGlobalInterfaceTable *git;

    if (InterlockedDecrement(&kept->ref))
        return;
    if (SUCCEEDED(get_git(&git)))
    {
        IGlobalInterfaceTable_RevokeInterfaceFromGlobal(git, kept->cookie);
        IGlobalInterfaceTable_Release(git);
    }
    free(kept);
}

HRESULT git_stream_get(const struct git_stream *kept, IStream **stream)
{
    IGlobalInterfaceTable *git;
    HRESULT hr;

    *stream = NULL;
    if (FAILED(hr = get_git(&git)))
        return hr;
    hr = IGlobalInterfaceTable_GetInterfaceFromGlobal(git, kept->cookie, &IID_IStream, (void **)stream);
    IGlobalInterfaceTable_Release(git);
    /* Wine has been seen to say S_OK without a stream where the object behind it went meanwhile. */
    return SUCCEEDED(hr) && !*stream ? CO_E_OBJNOTCONNECTED : hr;
}
