/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IDispatch::Invoke: calls a member through its vtable slot for a late-bound caller.
 *
 * Scripts pass VARIANTs, often by reference, know no bytes, words or unsigned longs, and must never be able to corrupt
 * memory: ITypeInfo::Invoke would pass them pointers to too little memory and objects of other interfaces. Here every
 * argument becomes a typed temporary, and what comes back is copied to the caller's variables after a success.
 */

#include <string.h>

#include "argument.h"
#include "invoke.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* The argument as a variant for DispCallFunc, which looks at its size and passes it on. */
static void get_native(struct argument *argument, VARIANT *native)
{
    V_VT(native) = VT_UNKNOWN;
    switch (argument->param->kind)
    {
        case PARAM_UI1:
            V_VT(native) = VT_UI1;
            V_UI1(native) = argument->value.ui1;
            break;
        case PARAM_UI2:
            V_VT(native) = VT_UI2;
            V_UI2(native) = argument->value.ui2;
            break;
        case PARAM_I4:
        case PARAM_LCID:
            V_VT(native) = VT_I4;
            V_I4(native) = argument->value.i4;
            break;
        case PARAM_HANDLE:
        case PARAM_BSTR:
        case PARAM_INTERFACE:
        case PARAM_STRING_ARRAY:
        case PARAM_BYTE_ARRAY:
        case PARAM_BYTES:
            V_UNKNOWN(native) = argument->value.pointer;
            break;
        case PARAM_I4_REF:
            V_BYREF(native) = is_omitted(argument->given) ? NULL : &argument->value;
            break;
        default:
            V_BYREF(native) = &argument->value;
            break;
    }
}

static HRESULT call(void *iface, const struct member *member, struct argument *arguments)
{
    VARIANTARG natives[MAX_PARAMS], *pointers[MAX_PARAMS], returned;
    VARTYPE types[MAX_PARAMS];
    HRESULT hr;
    UINT i;

    for (i = 0; i < member->param_count; i++)
    {
        get_native(&arguments[i], &natives[i]);
        types[i] = V_VT(&natives[i]);
        pointers[i] = &natives[i];
    }
    hr = DispCallFunc(iface, member->vtable_offset, CC_STDCALL, VT_ERROR, member->param_count, types, pointers,
            &returned);
    return FAILED(hr) ? hr : V_ERROR(&returned);
}

/* Finds what the caller gave for each parameter: by position from the end of the array, or by name. */
static HRESULT assign_arguments(const struct member *member, DISPPARAMS *params, struct argument *arguments,
        VARIANT **passed, UINT *arg_index)
{
    UINT i, position = 0, positional = params->cArgs - params->cNamedArgs, name;

    for (i = 0; i < member->param_count; i++)
    {
        arguments[i].param = &member->params[i];
        passed[i] = NULL;
        if (!param_is_visible(&member->params[i]))
            continue;
        if (position < positional)
        {
            arg_index[i] = params->cArgs - 1 - position;
            passed[i] = &params->rgvarg[arg_index[i]];
        }
        position++;
        for (name = 0; name < params->cNamedArgs; name++)
        {
            if (params->rgdispidNamedArgs[name] == (DISPID)i
                    || (params->rgdispidNamedArgs[name] == DISPID_PROPERTYPUT && member->kind == INVOKE_PROPERTYPUT))
            {
                arg_index[i] = name;
                passed[i] = &params->rgvarg[name];
            }
        }
        arguments[i].given = dereference(passed[i]);
    }
    return position < positional ? DISP_E_BADPARAMCOUNT : S_OK;
}

static HRESULT convert_arguments(const struct member *member, struct argument *arguments, const UINT *arg_index,
        LCID lcid, UINT *arg_error)
{
    HRESULT hr = S_OK;
    UINT pass, i;

    /* How many bytes are wanted must be known before the bytes are looked at. */
    for (pass = 0; pass < 2; pass++)
    {
        for (i = 0; SUCCEEDED(hr) && i < member->param_count; i++)
        {
            if ((member->params[i].kind == PARAM_BYTES) != (pass == 1))
                continue;
            hr = argument_get(arguments, i, lcid);
            if (FAILED(hr) && arg_error)
                *arg_error = arg_index[i];
        }
    }
    return hr;
}

/* The method left its error information: it becomes what Err.Description shows. */
static void fill_excepinfo(HRESULT hr, EXCEPINFO *excepinfo)
{
    IErrorInfo *info;

    if (!excepinfo)
        return;
    memset(excepinfo, 0, sizeof(*excepinfo));
    excepinfo->scode = hr;
    if (GetErrorInfo(0, &info) != S_OK)
        return;
    IErrorInfo_GetSource(info, &excepinfo->bstrSource);
    IErrorInfo_GetDescription(info, &excepinfo->bstrDescription);
    IErrorInfo_Release(info);
}

HRESULT invoke_member(struct object *object, const struct member *member, LCID lcid, DISPPARAMS *params,
        VARIANT *result, EXCEPINFO *excepinfo, UINT *arg_error)
{
    struct argument arguments[MAX_PARAMS] = {0};
    VARIANT *passed[MAX_PARAMS], value;
    UINT arg_index[MAX_PARAMS] = {0}, i;
    HRESULT hr;

    if (FAILED(hr = assign_arguments(member, params, arguments, passed, arg_index)))
        return hr;
    hr = convert_arguments(member, arguments, arg_index, lcid, arg_error);
    if (SUCCEEDED(hr))
    {
        hr = call(&object->IDispatch_iface, member, arguments);
        if (FAILED(hr))
        {
            WARN("The method failed, hr %#lx.\n", hr);
            fill_excepinfo(hr, excepinfo);
            hr = DISP_E_EXCEPTION;
        }
    }
    for (i = 0; SUCCEEDED(hr) && i < member->param_count; i++)
    {
        if (!param_is_result(&member->params[i]))
            hr = argument_give_back(&arguments[i], passed[i], lcid);
        else if (SUCCEEDED(hr = argument_put_result(object, &arguments[i], &value)))
        {
            if (result)
                *result = value;
            else
                VariantClear(&value);
        }
    }
    for (i = 0; i < member->param_count; i++)
        argument_free(&arguments[i]);
    return hr;
}
