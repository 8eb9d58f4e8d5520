/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IDispatch of all classes, from the type library that is embedded in this module: nothing need be registered. */

#include <stdlib.h>

#include "com_private.h"
#include "invoke.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* The type library of this module. The caller releases it. */
static HRESULT load_typelib(ITypeLib **typelib)
{
    WCHAR path[MAX_PATH];
    DWORD length = GetModuleFileNameW(scardssp_instance, path, ARRAY_SIZE(path));

    if (!length || length >= ARRAY_SIZE(path))
        return TYPE_E_CANTLOADLIBRARY;
    return LoadTypeLibEx(path, REGKIND_NONE, typelib);
}

/* Loaded once for all objects of a class, when first needed. The caller does not release *out. */
static HRESULT get_type_info(const struct class_desc *class, ITypeInfo **out)
{
    ITypeInfo *type_info;
    ITypeLib *typelib;
    HRESULT hr;

    if (!class->cache->type_info)
    {
        if (FAILED(hr = load_typelib(&typelib)))
            return hr;
        hr = ITypeLib_GetTypeInfoOfGuid(typelib, class->iid, &type_info);
        ITypeLib_Release(typelib);
        if (FAILED(hr))
            return hr;
        if (InterlockedCompareExchangePointer((void **)&class->cache->type_info, type_info, NULL))
            ITypeInfo_Release(type_info);
    }
    *out = class->cache->type_info;
    return S_OK;
}

void classes_cleanup(const struct class_desc *const *classes)
{
    for (; *classes; classes++)
    {
        if ((*classes)->cache->type_info)
            ITypeInfo_Release((*classes)->cache->type_info);
        free((*classes)->cache->signature);
    }
}

HRESULT WINAPI object_GetTypeInfoCount(IDispatch *iface, UINT *count)
{
    TRACE("%p, %p.\n", iface, count);

    if (!count)
        return object_error(object_from_iface(iface), __func__, E_POINTER, NULL);
    *count = 1;
    return S_OK;
}

HRESULT WINAPI object_GetTypeInfo(IDispatch *iface, UINT index, LCID lcid, ITypeInfo **out)
{
    HRESULT hr;

    TRACE("%p, %u, %#lx, %p.\n", iface, index, lcid, out);

    if (!out)
        return object_error(object_from_iface(iface), __func__, E_POINTER, NULL);
    *out = NULL;
    if (index)
        return object_error(object_from_iface(iface), __func__, DISP_E_BADINDEX, NULL);
    if (FAILED(hr = get_type_info(object_from_iface(iface)->class, out)))
        return object_error(object_from_iface(iface), __func__, hr, NULL);
    ITypeInfo_AddRef(*out);
    return S_OK;
}

/* Compiled once for all objects of a class, when first needed. */
static HRESULT get_signature(const struct class_desc *class, const struct signature **out)
{
    struct signature *signature;
    ITypeInfo *type_info;
    HRESULT hr;

    if (!class->cache->signature)
    {
        if (FAILED(hr = get_type_info(class, &type_info)))
            return hr;
        if (FAILED(hr = signature_create(class, type_info, &signature)))
            return hr;
        if (InterlockedCompareExchangePointer((void **)&class->cache->signature, signature, NULL))
            free(signature);
    }
    *out = class->cache->signature;
    return S_OK;
}

HRESULT WINAPI object_GetIDsOfNames(IDispatch *iface, REFIID riid, LPOLESTR *names, UINT count, LCID lcid,
        DISPID *dispids)
{
    struct object *object = object_from_iface(iface);
    const struct signature *signature;
    const struct member *member;
    ITypeInfo *type_info;
    HRESULT hr;

    TRACE("%p, %s, %p, %u, %#lx, %p.\n", iface, debugstr_guid(riid), names, count, lcid, dispids);

    if (!names || !dispids)
        return object_error(object, __func__, E_POINTER, NULL);
    if (!IsEqualIID(riid, &IID_NULL))
        return object_error(object, __func__, DISP_E_UNKNOWNINTERFACE, NULL);
    /* Scripts ask for a member at every call, which is a long way through the type library. */
    if (count == 1 && names[0] && SUCCEEDED(get_signature(object->class, &signature))
            && (member = signature_find_name(signature, names[0])))
    {
        *dispids = member->dispid;
        return S_OK;
    }
    if (SUCCEEDED(hr = get_type_info(object->class, &type_info)))
        hr = ITypeInfo_GetIDsOfNames(type_info, names, count, dispids);
    return FAILED(hr) ? object_error(object, __func__, hr, NULL) : hr;
}

static BOOL are_valid_params(const DISPPARAMS *params)
{
    return params->cNamedArgs <= params->cArgs && (params->rgvarg || !params->cArgs)
            && (params->rgdispidNamedArgs || !params->cNamedArgs);
}

HRESULT WINAPI object_Invoke(IDispatch *iface, DISPID dispid, REFIID riid, LCID lcid, WORD flags,
        DISPPARAMS *params, VARIANT *result, EXCEPINFO *excepinfo, UINT *arg_error)
{
    struct object *object = object_from_iface(iface);
    const struct signature *signature;
    const struct member *member;
    HRESULT hr;

    TRACE("%p, %ld, %s, %#lx, %#x, %p, %p, %p, %p.\n", iface, dispid, debugstr_guid(riid), lcid, flags, params,
            result, excepinfo, arg_error);

    if (!IsEqualIID(riid, &IID_NULL))
        return object_error(object, __func__, DISP_E_UNKNOWNINTERFACE, NULL);
    if (!params)
        return object_error(object, __func__, E_POINTER, NULL);
    if (!are_valid_params(params))
        return object_error(object, __func__, E_INVALIDARG, NULL);
    if (result)
        VariantInit(result);
    if (FAILED(hr = get_signature(object->class, &signature)))
        return object_error(object, __func__, hr, NULL);
    if (!(member = signature_find(signature, dispid, flags)))
        return object_error(object, __func__, DISP_E_MEMBERNOTFOUND, NULL);

    /* Letting go of an old value may run code of the program that lets go of this object. */
    IDispatch_AddRef(iface);
    hr = invoke_member(object, member, lcid, params, result, excepinfo, arg_error);
    IDispatch_Release(iface);
    return hr;
}
