/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a late-bound call gives back: from the values of the method to the VARIANTs of the caller. */

#include <stdlib.h>
#include <string.h>

#include "argument.h"

void variant_put_unsigned(VARIANT *variant, ULONGLONG value)
{
    if (value <= LONG_MAX)
    {
        V_VT(variant) = VT_I4;
        V_I4(variant) = value;
    }
    else
    {
        V_VT(variant) = VT_R8;
        V_R8(variant) = value;
    }
}

/* VBScript can index an array of VARIANT only. */
static HRESULT put_string_array(VARIANT *variant, SAFEARRAY *strings)
{
    LONG lower, upper, i;
    VARIANT *elements;
    SAFEARRAY *array;
    HRESULT hr;

    if (FAILED(hr = SafeArrayGetLBound(strings, 1, &lower)) || FAILED(hr = SafeArrayGetUBound(strings, 1, &upper)))
        return hr;
    if (!(array = SafeArrayCreateVector(VT_VARIANT, 0, upper - lower + 1)))
        return E_OUTOFMEMORY;
    elements = array->pvData;
    for (i = lower; i <= upper; i++)
    {
        /* The string itself moves: the array that it came in is destroyed next. */
        V_VT(&elements[i - lower]) = VT_BSTR;
        V_BSTR(&elements[i - lower]) = ((BSTR *)strings->pvData)[i - lower];
        ((BSTR *)strings->pvData)[i - lower] = NULL;
    }
    V_VT(variant) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(variant) = array;
    return S_OK;
}

static HRESULT put_guid(VARIANT *variant, const GUID *guid)
{
    WCHAR text[39];

    StringFromGUID2(guid, text, ARRAY_SIZE(text));
    V_VT(variant) = VT_BSTR;
    V_BSTR(variant) = SysAllocString(text);
    return V_BSTR(variant) ? S_OK : E_OUTOFMEMORY;
}

/* What the method returned as [out, retval]; takes over what the value owns. */
HRESULT argument_put_result(struct object *object, struct argument *argument, VARIANT *variant)
{
    HRESULT hr = S_OK;

    VariantInit(variant);
    switch (argument->param->kind)
    {
        case RESULT_UI1:
            V_VT(variant) = VT_UI1;
            V_UI1(variant) = argument->value.ui1;
            break;
        case RESULT_UI2:
            V_VT(variant) = VT_I4;
            V_I4(variant) = argument->value.ui2;
            break;
        case RESULT_I4:
            V_VT(variant) = VT_I4;
            V_I4(variant) = argument->value.i4;
            break;
        case RESULT_HANDLE:
            variant_put_unsigned(variant, argument->value.handle);
            break;
        case RESULT_UI8:
            variant_put_unsigned(variant, argument->value.ui8);
            break;
        case RESULT_INTERFACE:
            V_VT(variant) = IsEqualIID(&argument->param->iid, &IID_IStream) ? VT_UNKNOWN : VT_DISPATCH;
            V_UNKNOWN(variant) = argument->value.object;
            break;
        case RESULT_STRING_ARRAY:
            hr = put_string_array(variant, argument->value.array);
            SafeArrayDestroy(argument->value.array);
            break;
        case RESULT_BYTE_ARRAY:
            V_VT(variant) = VT_ARRAY | VT_UI1;
            V_ARRAY(variant) = argument->value.array;
            break;
        case RESULT_GUID:
            hr = put_guid(variant, argument->value.pointer);
            CoTaskMemFree(argument->value.pointer);
            break;
        case RESULT_OF_CLASS:
            hr = argument->param->special->put_result(object, argument->value.pointer, variant);
            CoTaskMemFree(argument->value.pointer);
            break;
        default:
            break;
    }
    return hr;
}

/* Stores a number in the caller's variable, which keeps the type that it was declared with. */
static HRESULT store_number(struct argument *argument, VARIANT *number, LCID lcid)
{
    VARIANT *variable = argument->given, converted;
    HRESULT hr;

    if (!argument->is_variable)
        return S_OK;
    if (!(V_VT(variable) & VT_BYREF))
    {
        argument->old = *variable;
        *variable = *number;
        return S_OK;
    }

    VariantInit(&converted);
    if (FAILED(hr = VariantChangeTypeEx(&converted, number, lcid, 0, V_VT(variable) & ~VT_BYREF)))
        return hr;
    switch (V_VT(&converted))
    {
        case VT_I1: case VT_UI1:
            *V_UI1REF(variable) = V_UI1(&converted);
            break;
        case VT_I2: case VT_UI2: case VT_BOOL:
            *V_I2REF(variable) = V_I2(&converted);
            break;
        case VT_I4: case VT_UI4: case VT_INT: case VT_UINT: case VT_R4:
            *V_I4REF(variable) = V_I4(&converted);
            break;
        case VT_I8: case VT_UI8: case VT_R8: case VT_CY: case VT_DATE:
            *V_I8REF(variable) = V_I8(&converted);
            break;
        case VT_DECIMAL:
            *V_DECIMALREF(variable) = V_DECIMAL(&converted);
            break;
    }
    return S_OK;
}

/* An object takes the place of the one in the caller's variable, or of nothing. */
static void store_object(struct argument *argument, IUnknown *object)
{
    VARIANT *variable = argument->given;

    if (V_VT(variable) & VT_BYREF)
    {
        V_VT(&argument->old) = VT_UNKNOWN;
        V_UNKNOWN(&argument->old) = *V_UNKNOWNREF(variable);
        *V_UNKNOWNREF(variable) = object;
    }
    else
    {
        argument->old = *variable;
        V_VT(variable) = VT_DISPATCH;
        V_UNKNOWN(variable) = object;
    }
}

static void store_in_array(struct argument *argument, ULONG count)
{
    VARIANT *elements = argument->array->pvData;
    ULONG i;

    if (argument->element == VT_UI1)
        memcpy(argument->array->pvData, argument->copy, count);
    for (i = 0; argument->element == VT_VARIANT && i < count; i++)
    {
        argument->old_elements[i] = elements[i];
        V_VT(&elements[i]) = VT_UI1;
        V_UI1(&elements[i]) = argument->copy[i];
    }
}

/* Only what came: the rest of the caller's array stays as it was. */
static HRESULT give_back_bytes(struct argument *argument, ULONG count, LCID lcid)
{
    VARIANT byte;

    if (!argument->copy)
        return S_OK;
    count = min(count, argument->byte_count);
    if (argument->array)
        store_in_array(argument, count);
    if (argument->array || !count)
        return S_OK;
    V_VT(&byte) = VT_UI1;
    V_UI1(&byte) = argument->copy[0];
    return store_number(argument, &byte, lcid);
}

HRESULT argument_give_back(struct argument *arguments, UINT index, LCID lcid)
{
    struct argument *argument = &arguments[index];
    VARIANT number;

    if (!argument->param->is_out || is_omitted(argument->given))
        return S_OK;
    switch (argument->param->kind)
    {
        case PARAM_BYTES:
            return give_back_bytes(argument, arguments[argument->param->special->done_param].value.ui4, lcid);
        case PARAM_I4_REF:
            V_VT(&number) = VT_I4;
            V_I4(&number) = argument->value.i4;
            return store_number(argument, &number, lcid);
        case PARAM_INTERFACE_REF:
        case PARAM_INTERFACE_NEW:
            if (!argument->is_null && argument->value.object != argument->original)
                store_object(argument, argument->value.object);
            return S_OK;
        default:
            return S_OK;
    }
}
