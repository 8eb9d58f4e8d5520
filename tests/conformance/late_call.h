/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls as a script makes them, through IDispatch::Invoke, and the SAFEARRAYs that go in and come out. */

#ifndef SCARDSSP_TESTS_LATE_CALL_H
#define SCARDSSP_TESTS_LATE_CALL_H

#include "common.h"

#define LATE_MAX_ARGS 6

/*
 * Calls a method with arguments in their natural order. Returns what the method failed with where that is
 * known (DISP_E_EXCEPTION), else what Invoke returned. description: NULL, or the caller's to free.
 */
static inline HRESULT late_call(void *object, DISPID id, const VARIANT *args, UINT count, VARIANT *result,
                                BSTR *description)
{
    VARIANT reversed[LATE_MAX_ARGS];
    DISPPARAMS params = { reversed, NULL, count, 0 };
    EXCEPINFO exception = { 0 };
    HRESULT hr;
    UINT i;

    for (i = 0; i < count; i++) reversed[count - 1 - i] = args[i];
    if (result) VariantInit(result);
    hr = IDispatch_Invoke((IDispatch *)object, id, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &params,
                          result, &exception, NULL);
    if (description) *description = exception.bstrDescription;
    else SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrHelpFile);
    return hr == DISP_E_EXCEPTION ? exception.scode : hr;
}

static inline VARIANT variant_of_long(LONG value)
{
    VARIANT variant;

    V_VT(&variant) = VT_I4;
    V_I4(&variant) = value;
    return variant;
}

static inline VARIANT variant_of_string(BSTR string)
{
    VARIANT variant;

    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = string;
    return variant;
}

/* The variant does not own the object, nor does it own the array below. */
static inline VARIANT variant_of_object(void *object)
{
    VARIANT variant;

    V_VT(&variant) = VT_DISPATCH;
    V_DISPATCH(&variant) = object;
    return variant;
}

static inline VARIANT variant_of_array(VARTYPE vt, SAFEARRAY *array)
{
    VARIANT variant;

    V_VT(&variant) = VT_ARRAY | vt;
    V_ARRAY(&variant) = array;
    return variant;
}

static inline VARIANT variant_omitted(void)
{
    VARIANT variant;

    V_VT(&variant) = VT_ERROR;
    V_ERROR(&variant) = DISP_E_PARAMNOTFOUND;
    return variant;
}

static inline SAFEARRAY *create_byte_array(LONG lower, const void *bytes, ULONG count)
{
    SAFEARRAYBOUND bound = { count, lower };
    SAFEARRAY *array = SafeArrayCreate(VT_UI1, 1, &bound);

    if (count) memcpy(array->pvData, bytes, count);
    return array;
}

/* What VBScript's Array(1, 2, 3) makes. */
static inline SAFEARRAY *create_variant_byte_array(const BYTE *bytes, ULONG count)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, count);
    ULONG i;

    for (i = 0; i < count; i++)
    {
        V_VT((VARIANT *)array->pvData + i) = VT_I2;
        V_I2((VARIANT *)array->pvData + i) = bytes[i];
    }
    return array;
}

static inline SAFEARRAY *create_string_array(LONG lower, const WCHAR *const *strings, ULONG count)
{
    SAFEARRAYBOUND bound = { count, lower };
    SAFEARRAY *array = SafeArrayCreate(VT_BSTR, 1, &bound);
    ULONG i;

    for (i = 0; i < count; i++) ((BSTR *)array->pvData)[i] = SysAllocString(strings[i]);
    return array;
}

static inline SAFEARRAY *create_variant_string_array(const WCHAR *const *strings, ULONG count)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, count);
    ULONG i;

    for (i = 0; i < count; i++) ((VARIANT *)array->pvData)[i] = variant_of_string(SysAllocString(strings[i]));
    return array;
}

/* The number of elements of an array with one dimension that starts at 0, as all that come out; else -1. */
static inline LONG array_count(SAFEARRAY *array, VARTYPE expected)
{
    LONG lower = 1, upper = 0;
    VARTYPE vt = VT_EMPTY;

    if (!array || SafeArrayGetDim(array) != 1 || FAILED(SafeArrayGetVartype(array, &vt)) || vt != expected
        || FAILED(SafeArrayGetLBound(array, 1, &lower)) || lower
        || FAILED(SafeArrayGetUBound(array, 1, &upper)))
        return -1;
    return upper + 1;
}

#endif
