/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The object that every class is: identity, aggregation, marshaling and lifetime. */

#include <stdlib.h>

#include "com_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* ---- the class's interface: what is IUnknown of it is the controlling unknown's ---- */

HRESULT WINAPI object_QueryInterface(IDispatch *iface, REFIID riid, void **out)
{
    return IUnknown_QueryInterface(object_from_iface(iface)->outer, riid, out);
}

ULONG WINAPI object_AddRef(IDispatch *iface)
{
    return IUnknown_AddRef(object_from_iface(iface)->outer);
}

ULONG WINAPI object_Release(IDispatch *iface)
{
    return IUnknown_Release(object_from_iface(iface)->outer);
}

/* ---- ISupportErrorInfo ---- */

static inline struct object *impl_from_ISupportErrorInfo(ISupportErrorInfo *iface)
{
    return CONTAINING_RECORD(iface, struct object, ISupportErrorInfo_iface);
}

static HRESULT WINAPI support_error_info_QueryInterface(ISupportErrorInfo *iface, REFIID riid, void **out)
{
    return IUnknown_QueryInterface(impl_from_ISupportErrorInfo(iface)->outer, riid, out);
}

static ULONG WINAPI support_error_info_AddRef(ISupportErrorInfo *iface)
{
    return IUnknown_AddRef(impl_from_ISupportErrorInfo(iface)->outer);
}

static ULONG WINAPI support_error_info_Release(ISupportErrorInfo *iface)
{
    return IUnknown_Release(impl_from_ISupportErrorInfo(iface)->outer);
}

static HRESULT WINAPI support_error_info_InterfaceSupportsErrorInfo(ISupportErrorInfo *iface, REFIID riid)
{
    struct object *object = impl_from_ISupportErrorInfo(iface);

    TRACE("%p, %s.\n", object, debugstr_guid(riid));

    return IsEqualIID(riid, object->class->iid) ? S_OK : S_FALSE;
}

static const ISupportErrorInfoVtbl support_error_info_vtbl =
{
    support_error_info_QueryInterface,
    support_error_info_AddRef,
    support_error_info_Release,
    support_error_info_InterfaceSupportsErrorInfo
};

/* ---- the non-delegating IUnknown ---- */

static inline struct object *impl_from_IUnknown(IUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct object, IUnknown_inner);
}

/* An object may be used from any apartment of the process: a pointer to it is marshaled as itself. */
static HRESULT get_marshaler(struct object *object, IUnknown **marshaler)
{
    IUnknown *created;
    HRESULT hr;

    if (!object->marshaler)
    {
        hr = CoCreateFreeThreadedMarshaler(object->outer, &created);
        if (FAILED(hr))
            return hr;
        if (InterlockedCompareExchangePointer((void **)&object->marshaler, created, NULL))
            IUnknown_Release(created);
    }
    *marshaler = object->marshaler;
    return S_OK;
}

static HRESULT WINAPI inner_QueryInterface(IUnknown *iface, REFIID riid, void **out)
{
    struct object *object = impl_from_IUnknown(iface);
    IUnknown *marshaler;
    HRESULT hr;

    TRACE("%p, %s, %p.\n", object, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    *out = NULL;

    if (IsEqualIID(riid, &IID_IUnknown))
        *out = &object->IUnknown_inner;
    else if (IsEqualIID(riid, &IID_IDispatch) || IsEqualIID(riid, object->class->iid))
        *out = &object->IDispatch_iface;
    else if (IsEqualIID(riid, &IID_ISupportErrorInfo))
        *out = &object->ISupportErrorInfo_iface;
    else if (IsEqualIID(riid, &IID_IMarshal) && object->outer == &object->IUnknown_inner)
    {
        hr = get_marshaler(object, &marshaler);
        return FAILED(hr) ? hr : IUnknown_QueryInterface(marshaler, riid, out);
    }
    else
        return E_NOINTERFACE;

    IUnknown_AddRef((IUnknown *)*out);
    return S_OK;
}

static ULONG WINAPI inner_AddRef(IUnknown *iface)
{
    struct object *object = impl_from_IUnknown(iface);
    ULONG ref = InterlockedIncrement(&object->ref);

    TRACE("%p, ref %lu.\n", object, ref);

    return ref;
}

static void object_destroy(struct object *object)
{
    if (object->class->destroy)
        object->class->destroy(object);
    if (object->marshaler)
        IUnknown_Release(object->marshaler);
    DeleteCriticalSection(&object->lock);
    free(object);
    module_release();
}

static ULONG WINAPI inner_Release(IUnknown *iface)
{
    struct object *object = impl_from_IUnknown(iface);
    ULONG ref = InterlockedDecrement(&object->ref);

    TRACE("%p, ref %lu.\n", object, ref);

    if (!ref)
    {
        /* What runs during the destruction may take and drop references; it must not destroy twice. */
        object->ref = 1;
        object_destroy(object);
    }
    return ref;
}

static const IUnknownVtbl inner_vtbl =
{
    inner_QueryInterface,
    inner_AddRef,
    inner_Release
};

HRESULT object_create(const struct class_desc *class, IUnknown *outer, REFIID riid, void **out)
{
    static const char method[] = "CreateInstance";
    struct object *object;
    HRESULT hr;

    TRACE("%s, outer %p, %s, %p.\n", debugstr_w(class->name), outer, debugstr_guid(riid), out);

    if (!out)
        return class_error(class, method, E_POINTER, NULL);
    *out = NULL;
    if (outer && !IsEqualIID(riid, &IID_IUnknown))
        return class_error(class, method, CLASS_E_NOAGGREGATION, NULL);

    if (!(object = calloc(1, class->size)))
        return class_error(class, method, E_OUTOFMEMORY, NULL);
    module_add_ref();
    object->IDispatch_iface.lpVtbl = class->vtbl;
    object->IUnknown_inner.lpVtbl = &inner_vtbl;
    object->ISupportErrorInfo_iface.lpVtbl = &support_error_info_vtbl;
    object->outer = outer ? outer : &object->IUnknown_inner;
    object->class = class;
    object->ref = 1;
    InitializeCriticalSection(&object->lock);

    if (class->init && FAILED(hr = class->init(object)))
    {
        object_destroy(object);
        return class_error(class, method, hr, NULL);
    }

    hr = IUnknown_QueryInterface(&object->IUnknown_inner, riid, out);
    IUnknown_Release(&object->IUnknown_inner);
    return FAILED(hr) ? class_error(class, method, hr, NULL) : S_OK;
}
