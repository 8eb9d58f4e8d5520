/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arguments of a late-bound call: from the VARIANTs of the caller to the values that the method gets. */

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "core/wipe.h"

static HRESULT get_number(const VARIANT *given, VARTYPE vt, LCID lcid, VARIANT *number)
{
    VARIANT copy;
    HRESULT hr;

    VariantInit(number);
    VariantInit(&copy);
    if (FAILED(hr = VariantCopyInd(&copy, (VARIANT *)given)))
        return hr;
    /* An object is not asked for its default property: that would call the script in the middle of a conversion. */
    if (V_VT(&copy) == VT_DISPATCH || V_VT(&copy) == VT_UNKNOWN)
        hr = DISP_E_TYPEMISMATCH;
    else
        hr = VariantChangeTypeEx(number, &copy, lcid, 0, vt);
    VariantClear(&copy);
    return hr;
}

static HRESULT get_i4(const VARIANT *given, LCID lcid, LONG *value)
{
    VARIANT number;
    HRESULT hr = get_number(given, VT_I4, lcid, &number);

    if (SUCCEEDED(hr))
        *value = V_I4(&number);
    return hr;
}

static HRESULT get_ui1(const VARIANT *given, LCID lcid, BYTE *value)
{
    VARIANT number;
    HRESULT hr = get_number(given, VT_UI1, lcid, &number);

    if (SUCCEEDED(hr))
        *value = V_UI1(&number);
    return hr;
}

/* The reverse of put_unsigned(). */
static HRESULT get_handle(const VARIANT *given, LCID lcid, ULONG_PTR *value)
{
    static const double limit = sizeof(ULONG_PTR) == 8 ? 18446744073709551616.0 : 4294967296.0;
    VARIANT number;
    HRESULT hr;

    if (SUCCEEDED(get_number(given, VT_I4, lcid, &number)))
    {
        *value = V_I4(&number);
        return S_OK;
    }
    if (FAILED(hr = get_number(given, VT_R8, lcid, &number)))
        return hr;
    if (!(V_R8(&number) >= 0 && V_R8(&number) < limit))
        return DISP_E_OVERFLOW;
    *value = V_R8(&number);
    return S_OK;
}

static HRESULT get_bstr(const VARIANT *given, LCID lcid, BSTR *value)
{
    VARIANT string;
    HRESULT hr = get_number(given, VT_BSTR, lcid, &string);

    if (SUCCEEDED(hr))
        *value = V_BSTR(&string);
    return hr;
}

/* The object in a variant, queried for what the method expects; NULL for Empty, Null and Nothing. */
static HRESULT get_object(const VARIANT *given, REFIID iid, IUnknown **object)
{
    IUnknown *unknown;

    *object = NULL;
    if (is_nothing(given))
        return S_OK;
    switch (V_VT(given))
    {
        case VT_DISPATCH:
        case VT_UNKNOWN:
            unknown = V_UNKNOWN(given);
            break;
        case VT_BYREF | VT_DISPATCH:
        case VT_BYREF | VT_UNKNOWN:
            unknown = *V_UNKNOWNREF(given);
            break;
        default:
            return DISP_E_TYPEMISMATCH;
    }
    if (!unknown)
        return S_OK;
    return FAILED(IUnknown_QueryInterface(unknown, iid, (void **)object)) ? DISP_E_TYPEMISMATCH : S_OK;
}

HRESULT argument_get_array(const VARIANT *given, VARTYPE element, SAFEARRAY **array, VARTYPE *vt, LONG *count)
{
    LONG lower, upper;

    if (!(V_VT(given) & VT_ARRAY))
        return DISP_E_TYPEMISMATCH;
    *vt = V_VT(given) & VT_TYPEMASK;
    *array = V_VT(given) & VT_BYREF ? *V_ARRAYREF(given) : V_ARRAY(given);
    if (!*array || (*vt != element && *vt != VT_VARIANT) || SafeArrayGetDim(*array) != 1)
        return DISP_E_TYPEMISMATCH;
    if (SafeArrayGetElemsize(*array) != (*vt == VT_VARIANT ? sizeof(VARIANT) : *vt == VT_UI1 ? 1 : sizeof(BSTR)))
        return DISP_E_TYPEMISMATCH;
    if (FAILED(SafeArrayGetLBound(*array, 1, &lower)) || FAILED(SafeArrayGetUBound(*array, 1, &upper)))
        return DISP_E_TYPEMISMATCH;
    if ((LONGLONG)upper - lower + 1 > LONG_MAX)
        return DISP_E_TYPEMISMATCH;
    *count = upper - lower + 1;
    return S_OK;
}

/* Copies count bytes out of an array that has as many. */
static HRESULT copy_from_array(SAFEARRAY *array, VARTYPE vt, LCID lcid, BYTE *bytes, LONG count)
{
    HRESULT hr;
    void *data;
    LONG i;

    if (FAILED(hr = SafeArrayAccessData(array, &data)))
        return hr;
    if (vt == VT_UI1)
        memcpy(bytes, data, count);
    for (i = 0; vt == VT_VARIANT && SUCCEEDED(hr) && i < count; i++)
        hr = get_ui1(dereference((VARIANT *)data + i), lcid, &bytes[i]);
    SafeArrayUnaccessData(array);
    return hr;
}

/*
 * An array that is long enough, or one byte when no more are wanted, as memory of our own. When the method only fills
 * it, what is in the caller's variable does not matter.
 */
static HRESULT get_bytes(struct argument *argument, ULONG wanted, LCID lcid)
{
    BOOL is_in = !argument->param->is_out;
    SAFEARRAY *array;
    LONG count = 1;
    VARTYPE vt;
    HRESULT hr;

    hr = argument_get_array(argument->given, VT_UI1, &array, &vt, &count);
    if (wanted > (SUCCEEDED(hr) ? (ULONG)count : 1))
        return DISP_E_TYPEMISMATCH;

    argument->byte_count = wanted;
    if (!(argument->value.bytes = calloc(1, argument->byte_count + 1)))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        return is_in ? copy_from_array(array, vt, lcid, argument->value.bytes, argument->byte_count) : S_OK;
    if (V_VT(argument->given) & VT_ARRAY)
        return DISP_E_TYPEMISMATCH;
    return is_in ? get_ui1(argument->given, lcid, argument->value.bytes) : S_OK;
}

static HRESULT get_string_array(const VARIANT *given, LCID lcid, SAFEARRAY **out)
{
    SAFEARRAY *array, *copy;
    LONG count, i;
    VARTYPE vt;
    HRESULT hr;
    void *data;
    BSTR *strings;

    if (is_nothing(given))
        return S_OK;
    if (FAILED(hr = argument_get_array(given, VT_BSTR, &array, &vt, &count)))
        return hr;
    if (vt == VT_BSTR)
        return SafeArrayCopy(array, out);

    if (!(copy = SafeArrayCreateVector(VT_BSTR, 0, count)))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = SafeArrayAccessData(array, &data)))
    {
        strings = copy->pvData;
        for (i = 0; SUCCEEDED(hr) && i < count; i++)
            hr = get_bstr(dereference((VARIANT *)data + i), lcid, &strings[i]);
        SafeArrayUnaccessData(array);
    }
    if (FAILED(hr))
        SafeArrayDestroy(copy);
    else
        *out = copy;
    return hr;
}

/* The bytes may be a PIN. */
static void free_byte_array(SAFEARRAY *array)
{
    if (!array)
        return;
    if (array->pvData)
        core_wipe(array->pvData, array->rgsabound[0].cElements);
    SafeArrayDestroy(array);
}

static HRESULT get_byte_array(const VARIANT *given, LCID lcid, SAFEARRAY **out)
{
    SAFEARRAY *array, *copy;
    VARTYPE vt;
    LONG count;
    HRESULT hr;

    if (is_nothing(given))
        return S_OK;
    if (FAILED(hr = argument_get_array(given, VT_UI1, &array, &vt, &count)))
        return hr;
    if (!(copy = SafeArrayCreateVector(VT_UI1, 0, count)))
        return E_OUTOFMEMORY;
    hr = copy_from_array(array, vt, lcid, copy->pvData, count);
    if (FAILED(hr))
        free_byte_array(copy);
    else
        *out = copy;
    return hr;
}

static HRESULT get_default(struct argument *argument)
{
    const struct param *param = argument->param;

    if (!param->is_optional)
        return DISP_E_PARAMNOTOPTIONAL;
    switch (param->kind)
    {
        case PARAM_UI1: argument->value.ui1 = param->default_value; break;
        case PARAM_UI2: argument->value.ui2 = param->default_value; break;
        case PARAM_I4: argument->value.i4 = param->default_value; break;
        case PARAM_HANDLE: argument->value.handle = param->default_value; break;
        default: break; /* NULL, which an empty string is too */
    }
    return S_OK;
}

/* arguments: those of the whole call, of which PARAM_BYTES needs another. */
HRESULT argument_get(struct argument *arguments, UINT index, LCID lcid)
{
    struct argument *argument = &arguments[index];

    if (param_is_result(argument->param))
        return S_OK;
    if (argument->param->kind == PARAM_LCID)
    {
        argument->value.i4 = lcid;
        return S_OK;
    }
    if (argument->param->kind == PARAM_OPAQUE)
        return DISP_E_TYPEMISMATCH;
    if (is_omitted(argument->given))
        return get_default(argument);

    switch (argument->param->kind)
    {
        case PARAM_UI1: return get_ui1(argument->given, lcid, &argument->value.ui1);
        case PARAM_I4: return get_i4(argument->given, lcid, &argument->value.i4);
        case PARAM_I4_REF: return get_i4(argument->given, lcid, &argument->value.i4);
        case PARAM_UI2:
        {
            LONG value;
            HRESULT hr = get_i4(argument->given, lcid, &value);

            if (SUCCEEDED(hr) && value != (WORD)value)
                hr = DISP_E_OVERFLOW;
            argument->value.ui2 = SUCCEEDED(hr) ? value : 0;
            return hr;
        }
        case PARAM_HANDLE: return get_handle(argument->given, lcid, &argument->value.handle);
        case PARAM_BSTR: return get_bstr(argument->given, lcid, &argument->value.bstr);
        case PARAM_INTERFACE: return get_object(argument->given, &argument->param->iid, &argument->value.object);
        case PARAM_INTERFACE_REF:
        {
            HRESULT hr = get_object(argument->given, &argument->param->iid, &argument->value.object);

            argument->original = argument->value.object;
            return hr;
        }
        case PARAM_STRING_ARRAY: return get_string_array(argument->given, lcid, &argument->value.array);
        case PARAM_BYTE_ARRAY: return get_byte_array(argument->given, lcid, &argument->value.array);
        case PARAM_BYTES: return get_bytes(argument, arguments[argument->param->count_param].value.ui4, lcid);
        default: return DISP_E_TYPEMISMATCH;
    }
}


void argument_free(struct argument *argument)
{
    switch (argument->param->kind)
    {
        case PARAM_BSTR:
            SysFreeString(argument->value.bstr);
            break;
        case PARAM_INTERFACE:
            if (argument->value.object)
                IUnknown_Release(argument->value.object);
            break;
        case PARAM_INTERFACE_REF:
            /* What a method put in its place was given back; one that failed may have left NULL. */
            if (argument->original)
                IUnknown_Release(argument->original);
            break;
        case PARAM_STRING_ARRAY:
            if (argument->value.array)
                SafeArrayDestroy(argument->value.array);
            break;
        case PARAM_BYTE_ARRAY:
            free_byte_array(argument->value.array);
            break;
        case PARAM_BYTES:
            if (argument->value.bytes)
                core_wipe(argument->value.bytes, argument->byte_count);
            free(argument->value.bytes);
            break;
        default:
            break;
    }
}
