/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IDispatch::Invoke: calls a member through its vtable slot for a late-bound caller.
 *
 * Scripts pass VARIANTs, often by reference, know no bytes, words or unsigned longs, and must never be able to corrupt
 * memory: ITypeInfo::Invoke would pass them pointers to too little memory and objects of other interfaces. Here every
 * argument becomes a typed temporary, and what comes back is copied to the caller's variables after a success.
 */

#include <stdio.h>
#include <string.h>

#include "argument.h"
#include "invoke.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* The argument as the method gets it: each takes as much of the stack as a pointer, or a register, in both widths. */
static ULONG_PTR get_word(struct argument *argument)
{
    switch (argument->param->kind)
    {
        case PARAM_UI1:
            return argument->value.ui1;
        case PARAM_UI2:
            return argument->value.ui2;
        case PARAM_I4:
        case PARAM_LCID:
            return argument->value.i4;
        case PARAM_UI4:
            return argument->value.ui4;
        case PARAM_HANDLE:
        case PARAM_BSTR:
        case PARAM_INTERFACE:
        case PARAM_STRING_ARRAY:
        case PARAM_BYTE_ARRAY:
        case PARAM_BYTES:
            return argument->value.handle;
        default:
            return argument->is_null ? 0 : (ULONG_PTR)&argument->value;
    }
}

/* What DispCallFunc does, without its memory from the heap. In 32 bits the method takes its arguments off the stack. */
static HRESULT call(void *iface, const struct member *member, struct argument *arguments)
{
    typedef ULONG_PTR word;
    const void *method = *(void **)(*(char **)iface + member->vtable_offset);
    word w[MAX_PARAMS];
    UINT i;

    for (i = 0; i < member->param_count; i++)
        w[i] = get_word(&arguments[i]);
    switch (member->param_count)
    {
        case 0:
            return ((HRESULT (WINAPI *)(void *))method)(iface);
        case 1:
            return ((HRESULT (WINAPI *)(void *, word))method)(iface, w[0]);
        case 2:
            return ((HRESULT (WINAPI *)(void *, word, word))method)(iface, w[0], w[1]);
        case 3:
            return ((HRESULT (WINAPI *)(void *, word, word, word))method)(iface, w[0], w[1], w[2]);
        case 4:
            return ((HRESULT (WINAPI *)(void *, word, word, word, word))method)(iface, w[0], w[1], w[2], w[3]);
        case 5:
            return ((HRESULT (WINAPI *)(void *, word, word, word, word, word))method)(iface, w[0], w[1], w[2], w[3],
                    w[4]);
        default:
            C_ASSERT(MAX_PARAMS == 6);
            return ((HRESULT (WINAPI *)(void *, word, word, word, word, word, word))method)(iface, w[0], w[1], w[2],
                    w[3], w[4], w[5]);
    }
}

static BOOL is_name_of(DISPID name, const struct member *member, UINT param)
{
    if (name == DISPID_PROPERTYPUT)
        return member->kind == INVOKE_PROPERTYPUT;
    return name == (DISPID)param;
}

/*
 * Finds what the caller gave for each parameter: by position from the end of the array, or by name. Nothing that it
 * gave may be left over.
 */
static HRESULT assign_arguments(const struct member *member, DISPPARAMS *params, struct argument *arguments,
        UINT *arg_index)
{
    UINT i, used = 0, position = 0, positional = params->cArgs - params->cNamedArgs, name;
    VARIANT *passed;

    for (i = 0; i < member->param_count; i++)
    {
        arguments[i] = (struct argument){ .param = &member->params[i] };
        passed = NULL;
        if (!param_is_visible(&member->params[i]))
            continue;
        if (position < positional)
        {
            arg_index[i] = params->cArgs - 1 - position;
            passed = &params->rgvarg[arg_index[i]];
        }
        position++;
        for (name = 0; !passed && name < params->cNamedArgs; name++)
        {
            if (is_name_of(params->rgdispidNamedArgs[name], member, i))
            {
                arg_index[i] = name;
                passed = &params->rgvarg[name];
            }
        }
        if (!passed)
            continue;
        used++;
        arguments[i].given = dereference(passed);
        arguments[i].is_variable = (arguments[i].given != passed || V_VT(passed) & VT_BYREF)
                && !(V_VT(arguments[i].given) & VT_BYREF && !V_BYREF(arguments[i].given));
    }
    if (position < positional)
        return DISP_E_BADPARAMCOUNT;
    return used < params->cArgs ? DISP_E_PARAMNOTFOUND : S_OK;
}

/* failed: on failure the parameter that could not be converted. */
static HRESULT convert_arguments(const struct member *member, struct argument *arguments, LCID lcid, UINT *failed)
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
            *failed = i;
        }
    }
    return hr;
}

/*
 * Gives everything back that can be: a number that does not fit the caller's variable costs it no other one.
 * failed: on failure the first parameter that could not be given back.
 */
static HRESULT give_back(struct object *object, const struct member *member, struct argument *arguments, LCID lcid,
        VARIANT *result, UINT *failed)
{
    HRESULT hr = S_OK, given;
    VARIANT value;
    UINT i;

    for (i = 0; i < member->param_count; i++)
    {
        if (!param_is_result(&member->params[i]))
            given = argument_give_back(arguments, i, lcid);
        else
        {
            given = argument_put_result(object, &arguments[i], &value);
            if (SUCCEEDED(given) && result)
                *result = value;
            else
                VariantClear(&value);
        }
        if (FAILED(given) && SUCCEEDED(hr))
        {
            hr = given;
            *failed = i;
        }
    }
    return hr;
}

/* A call that the method itself never saw, or whose results the caller has no room for. */
static HRESULT refuse(struct object *object, const struct member *member, HRESULT hr, UINT param)
{
    char text[MAX_MEMBER_NAME + 32];

    if (param < member->param_count)
        snprintf(text, sizeof(text), "%ls, argument %u", member->name, param + 1);
    else
        snprintf(text, sizeof(text), "%ls", member->name);
    return object_error(object, text, hr, NULL);
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
    struct argument arguments[MAX_PARAMS];
    UINT arg_index[MAX_PARAMS] = {0}, failed = 0, i;
    HRESULT hr;

    if (FAILED(hr = assign_arguments(member, params, arguments, arg_index)))
        return refuse(object, member, hr, member->param_count);
    hr = convert_arguments(member, arguments, lcid, &failed);
    if (SUCCEEDED(hr))
    {
        SetErrorInfo(0, NULL);
        hr = call(&object->IDispatch_iface, member, arguments);
        if (FAILED(hr))
        {
            WARN("The method failed, hr %#lx.\n", hr);
            fill_excepinfo(hr, excepinfo);
            hr = DISP_E_EXCEPTION;
        }
        else
            hr = give_back(object, member, arguments, lcid, result, &failed);
    }
    for (i = 0; i < member->param_count; i++)
        argument_free(&arguments[i]);
    for (i = 0; i < member->param_count; i++)
        argument_release_old(&arguments[i]);
    if (SUCCEEDED(hr) || hr == DISP_E_EXCEPTION)
        return hr;
    if (arg_error)
        *arg_error = arg_index[failed];
    return refuse(object, member, hr, failed);
}
