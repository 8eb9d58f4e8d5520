/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a late-bound call gives back: from the values of the method to the VARIANTs of the caller. */

#include <stdlib.h>
#include <string.h>

#include "argument.h"

/* VBScript knows no unsigned number: a VT_I4 where it fits, else a VT_R8, which holds any address exactly. */
static void put_unsigned(VARIANT *variant, ULONGLONG value)
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
            put_unsigned(variant, argument->value.handle);
            break;
        case RESULT_UI8:
            put_unsigned(variant, argument->value.ui8);
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
        case RESULT_CARD_INFO:
            put_unsigned(variant, ((SCARDINFO *)argument->value.pointer)->hCard);
            hr = object->class->keep_context(object, ((SCARDINFO *)argument->value.pointer)->hContext);
            CoTaskMemFree(argument->value.pointer);
            break;
        default:
            break;
    }
    return hr;
}

/* Stores a value in the caller's variable, which keeps the type that it was declared with. */
static HRESULT store_variable(VARIANT *variable, VARIANT *value, LCID lcid)
{
    VARIANT converted;
    HRESULT hr;

    if (!(V_VT(variable) & VT_BYREF))
    {
        VariantClear(variable);
        *variable = *value;
        VariantInit(value);
        return S_OK;
    }

    VariantInit(&converted);
    if (FAILED(hr = VariantChangeTypeEx(&converted, value, lcid, 0, V_VT(variable) & VT_TYPEMASK)))
        return hr;
    switch (V_VT(&converted))
    {
        case VT_UI1: case VT_I1:
            *V_UI1REF(variable) = V_UI1(&converted);
            break;
        case VT_I2: case VT_UI2: case VT_BOOL:
            *V_I2REF(variable) = V_I2(&converted);
            break;
        case VT_I4: case VT_UI4: case VT_INT: case VT_UINT: case VT_R4:
            *V_I4REF(variable) = V_I4(&converted);
            break;
        case VT_R8: case VT_I8: case VT_UI8: case VT_CY: case VT_DATE:
            *V_R8REF(variable) = V_R8(&converted);
            break;
        case VT_DISPATCH: case VT_UNKNOWN:
            if (*V_UNKNOWNREF(variable))
                IUnknown_Release(*V_UNKNOWNREF(variable));
            *V_UNKNOWNREF(variable) = V_UNKNOWN(&converted);
            break;
        default:
            VariantClear(&converted);
            return DISP_E_TYPEMISMATCH;
    }
    return S_OK;
}

/* Whether the argument is a variable, or a constant to which nothing can be given back. */
static BOOL is_variable(const struct argument *argument, const VARIANT *passed)
{
    return argument->given && (argument->given != passed || V_VT(passed) & VT_BYREF);
}

static HRESULT copy_to_array(SAFEARRAY *array, VARTYPE vt, const BYTE *bytes, LONG count)
{
    VARIANT *element;
    HRESULT hr;
    void *data;
    LONG i;

    if (FAILED(hr = SafeArrayAccessData(array, &data)))
        return hr;
    if (vt == VT_UI1)
        memcpy(data, bytes, count);
    for (i = 0; vt == VT_VARIANT && i < count; i++)
    {
        element = (VARIANT *)data + i;
        VariantClear(element);
        V_VT(element) = VT_UI1;
        V_UI1(element) = bytes[i];
    }
    SafeArrayUnaccessData(array);
    return hr;
}

/* What the method left in an [in, out] parameter goes back to the caller's variable. */
HRESULT argument_give_back(struct argument *argument, const VARIANT *passed, LCID lcid)
{
    SAFEARRAY *array;
    VARIANT value;
    HRESULT hr = S_OK;
    LONG count;
    VARTYPE vt;

    if (!argument->param->is_out || is_omitted(argument->given))
        return S_OK;

    VariantInit(&value);
    switch (argument->param->kind)
    {
        case PARAM_BYTES:
            if (SUCCEEDED(argument_get_array(argument->given, VT_UI1, &array, &vt, &count)))
                return copy_to_array(array, vt, argument->value.bytes, min((ULONG)count, argument->byte_count));
            V_VT(&value) = VT_UI1;
            V_UI1(&value) = argument->value.bytes[0];
            break;
        case PARAM_I4_REF:
            V_VT(&value) = VT_I4;
            V_I4(&value) = argument->value.i4;
            break;
        case PARAM_INTERFACE_REF:
            if (argument->value.object == argument->original)
                return S_OK;
            V_VT(&value) = VT_DISPATCH;
            V_UNKNOWN(&value) = argument->value.object;
            break;
        default:
            return S_OK;
    }
    if (is_variable(argument, passed))
        hr = store_variable(argument->given, &value, lcid);
    VariantClear(&value);
    return hr;
}
