/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arguments of a late-bound call: from the VARIANTs of the caller to the values that the method gets. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "core/wipe.h"

/* A type whose values are numbers. */
static BOOL is_number_type(VARTYPE vt)
{
    switch (vt)
    {
        case VT_I1: case VT_UI1: case VT_I2: case VT_UI2: case VT_I4: case VT_UI4: case VT_I8: case VT_UI8:
        case VT_INT: case VT_UINT: case VT_R4: case VT_R8: case VT_CY: case VT_DATE: case VT_BOOL: case VT_DECIMAL:
            return TRUE;
    }
    return FALSE;
}

static BOOL is_null_reference(const VARIANT *given)
{
    return V_VT(given) & VT_BYREF && !V_BYREF(given);
}

/* What is NULL to a method that takes an array: Empty, Null, and an array that was never given a size. */
static BOOL is_null_array(const VARIANT *given)
{
    if (is_nothing(given))
        return TRUE;
    if (!(V_VT(given) & VT_ARRAY) || is_null_reference(given))
        return FALSE;
    return !(V_VT(given) & VT_BYREF ? *V_ARRAYREF(given) : V_ARRAY(given));
}

/*
 * A number or a string, of another number or string. An object is not asked for its default property: that would call
 * the script in the middle of a conversion.
 */
static HRESULT get_scalar(const VARIANT *given, VARTYPE vt, LCID lcid, VARIANT *value)
{
    VARTYPE from = V_VT(given) & ~VT_BYREF;
    VARIANT copy;
    HRESULT hr;

    VariantInit(value);
    VariantInit(&copy);
    if (is_null_reference(given) || (!is_number_type(from) && from != VT_BSTR && V_VT(given) != VT_EMPTY))
        return DISP_E_TYPEMISMATCH;
    if (FAILED(hr = VariantCopyInd(&copy, (VARIANT *)given)))
        return hr;
    /* Not a number is no number that fits. */
    if ((from == VT_R8 && V_R8(&copy) != V_R8(&copy)) || (from == VT_R4 && V_R4(&copy) != V_R4(&copy)))
        hr = DISP_E_OVERFLOW;
    else
        hr = VariantChangeTypeEx(value, &copy, lcid, 0, vt);
    VariantClear(&copy);
    return hr;
}

/* The numbers that scripts have most, which need no conversion. */
static BOOL get_integer(const VARIANT *given, LONG *value)
{
    if (V_VT(given) != VT_I2 && V_VT(given) != VT_I4)
        return FALSE;
    *value = V_VT(given) == VT_I2 ? V_I2(given) : V_I4(given);
    return TRUE;
}

static HRESULT get_i4(const VARIANT *given, LCID lcid, LONG *value)
{
    VARIANT number;
    HRESULT hr;

    if (get_integer(given, value))
        return S_OK;
    if (SUCCEEDED(hr = get_scalar(given, VT_I4, lcid, &number)))
        *value = V_I4(&number);
    return hr;
}

static HRESULT get_ui1(const VARIANT *given, LCID lcid, BYTE *value)
{
    VARIANT number;
    LONG integer;
    HRESULT hr;

    if (get_integer(given, &integer))
    {
        *value = integer;
        return integer >= 0 && integer <= 0xff ? S_OK : DISP_E_OVERFLOW;
    }
    if (SUCCEEDED(hr = get_scalar(given, VT_UI1, lcid, &number)))
        *value = V_UI1(&number);
    return hr;
}

/* Visual Basic and VBScript have no unsigned word: their &H9000 is -28672. */
static HRESULT get_ui2(const VARIANT *given, LCID lcid, WORD *value)
{
    LONG number;
    HRESULT hr = get_i4(given, lcid, &number);

    if (SUCCEEDED(hr) && (number < SHRT_MIN || number > USHRT_MAX))
        hr = DISP_E_OVERFLOW;
    if (SUCCEEDED(hr))
        *value = number;
    return hr;
}

/*
 * An unsigned number of the size of a pointer, or the signed one of the same bits. The reverse of
 * variant_put_unsigned().
 */
static HRESULT get_handle(const VARIANT *given, LCID lcid, ULONG_PTR *value)
{
    VARIANT number;
    LONG integer;
    HRESULT hr;

    if (SUCCEEDED(get_i4(given, lcid, &integer)))
    {
        *value = integer;
        return S_OK;
    }
    if (FAILED(hr = get_scalar(given, VT_UI8, lcid, &number)))
        return hr;
    *value = V_UI8(&number);
    return *value == V_UI8(&number) ? S_OK : DISP_E_OVERFLOW;
}

static HRESULT get_ui4(const VARIANT *given, LCID lcid, ULONG *value)
{
    VARIANT number;
    HRESULT hr;

    if (SUCCEEDED(get_i4(given, lcid, (LONG *)value)))
        return S_OK;
    if (SUCCEEDED(hr = get_scalar(given, VT_UI4, lcid, &number)))
        *value = V_UI4(&number);
    return hr;
}

static HRESULT get_bstr(const VARIANT *given, LCID lcid, BSTR *value)
{
    VARIANT string;
    HRESULT hr = get_scalar(given, VT_BSTR, lcid, &string);

    if (SUCCEEDED(hr))
        *value = V_BSTR(&string);
    return hr;
}

/* No string at all is one to a method. */
static HRESULT get_string(const VARIANT *given, LCID lcid, BSTR *value)
{
    return V_VT(given) == VT_NULL ? S_OK : get_bstr(given, lcid, value);
}

/* The object in a variant, queried for what the method expects; NULL for Empty, Null and Nothing. */
static HRESULT get_object(const VARIANT *given, REFIID iid, IUnknown **object)
{
    IUnknown *unknown;

    *object = NULL;
    if (is_nothing(given))
        return S_OK;
    if (is_null_reference(given))
        return DISP_E_TYPEMISMATCH;
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

/*
 * An object that the method may replace. One that it creates would be lost where there is no variable for it, and with
 * it what the method did.
 */
static HRESULT get_object_ref(struct argument *argument)
{
    HRESULT hr;

    if (V_VT(argument->given) == (VT_BYREF | VT_DISPATCH) || V_VT(argument->given) == (VT_BYREF | VT_UNKNOWN))
        argument->is_null = is_null_reference(argument->given);
    if (argument->is_null)
        return S_OK;
    hr = get_object(argument->given, &argument->param->iid, &argument->original);
    argument->value.object = argument->original;
    if (SUCCEEDED(hr) && !argument->is_variable
            && (!argument->original || argument->param->kind == PARAM_INTERFACE_NEW))
        hr = DISP_E_TYPEMISMATCH;
    return hr;
}

/* Whether a number can take the place of what is in the caller's variable. */
static BOOL takes_number(const struct argument *argument)
{
    VARTYPE vt = V_VT(argument->given);

    if (!argument->is_variable)
        return FALSE;
    if (vt & VT_BYREF)
        return is_number_type(vt & ~VT_BYREF);
    return !(vt & VT_ARRAY) && vt != VT_DISPATCH && vt != VT_UNKNOWN && vt != VT_RECORD;
}

/*
 * A pointer to a number. Where the method only writes it, what is in the caller's variable does not matter, but whether
 * it can be stored there.
 */
static HRESULT get_i4_ref(struct argument *argument, LCID lcid)
{
    const VARIANT *given = argument->given;

    if (is_nothing(given) || (is_null_reference(given) && is_number_type(V_VT(given) & ~VT_BYREF)))
    {
        argument->is_null = !argument->param->is_out;
        return S_OK;
    }
    if (argument->param->is_out && argument->is_variable)
        return takes_number(argument) ? S_OK : DISP_E_TYPEMISMATCH;
    return get_i4(given, lcid, &argument->value.i4);
}

/* Whether an array that knows the type of its elements has others than its variant says. */
static BOOL has_other_elements(SAFEARRAY *array, VARTYPE vt)
{
    VARTYPE actual;

    return SUCCEEDED(SafeArrayGetVartype(array, &actual)) && actual && actual != vt;
}

/* The one-dimensional array in a variant; DISP_E_TYPEMISMATCH when there is none of such elements or VARIANTs. */
static HRESULT get_array(const VARIANT *given, VARTYPE element, SAFEARRAY **array, VARTYPE *vt)
{
    SIZE_T size;

    if (!(V_VT(given) & VT_ARRAY) || is_null_reference(given))
        return DISP_E_TYPEMISMATCH;
    *vt = V_VT(given) & VT_TYPEMASK;
    size = *vt == VT_VARIANT ? sizeof(VARIANT) : *vt == VT_UI1 ? 1 : sizeof(BSTR);
    *array = V_VT(given) & VT_BYREF ? *V_ARRAYREF(given) : V_ARRAY(given);
    if (!*array || (*vt != element && *vt != VT_VARIANT) || SafeArrayGetDim(*array) != 1)
        return DISP_E_TYPEMISMATCH;
    if (SafeArrayGetElemsize(*array) != size || has_other_elements(*array, *vt))
        return DISP_E_TYPEMISMATCH;
    return (*array)->rgsabound[0].cElements > LONG_MAX ? DISP_E_TYPEMISMATCH : S_OK;
}

/* Copies count bytes out of a locked array that has as many. */
static HRESULT copy_from_array(SAFEARRAY *array, VARTYPE vt, LCID lcid, BYTE *bytes, ULONG count)
{
    VARIANT *elements = array->pvData;
    HRESULT hr = S_OK;
    ULONG i;

    if (vt == VT_UI1)
        memcpy(bytes, array->pvData, count);
    for (i = 0; vt == VT_VARIANT && SUCCEEDED(hr) && i < count; i++)
        hr = get_ui1(dereference(&elements[i]), lcid, &bytes[i]);
    return hr;
}

static BOOL create_copy(struct argument *argument, ULONG count)
{
    if (!(argument->copy = calloc(1, (SIZE_T)count + 1)))
        return FALSE;
    argument->byte_count = count;
    argument->value.bytes = argument->copy;
    return TRUE;
}

/* The array stays locked during the call: the program cannot take it away while it runs in the middle of it. */
static HRESULT get_bytes_of_array(struct argument *argument, ULONG wanted, LCID lcid)
{
    SAFEARRAY *array;
    HRESULT hr;

    if (FAILED(hr = get_array(argument->given, VT_UI1, &array, &argument->element)))
        return hr;
    if (wanted > array->rgsabound[0].cElements)
        return DISP_E_TYPEMISMATCH;
    if (FAILED(hr = SafeArrayLock(array)))
        return hr;
    argument->array = array;
    if (!create_copy(argument, wanted))
        return E_OUTOFMEMORY;
    if (!argument->param->is_out)
        return copy_from_array(array, argument->element, lcid, argument->copy, wanted);
    if (argument->element == VT_VARIANT && !(argument->old_elements = calloc(wanted + 1, sizeof(VARIANT))))
        return E_OUTOFMEMORY;
    return S_OK;
}

/*
 * An array that is long enough, as memory of our own; or one byte when no more are wanted. A byte by reference, which
 * scripts cannot make, is the address of the first of as many as are wanted: Visual Basic passes "b(0)" to an Object
 * so, MFC a VTS_PUI1, Free Pascal and Delphi a variable. Such callers are trusted as those of the vtable are.
 */
static HRESULT get_bytes(struct argument *argument, ULONG wanted, LCID lcid)
{
    if (V_VT(argument->given) == (VT_BYREF | VT_UI1))
    {
        argument->value.bytes = V_UI1REF(argument->given);
        return S_OK;
    }
    if (V_VT(argument->given) & VT_ARRAY)
        return get_bytes_of_array(argument, wanted, lcid);
    if (wanted > 1 || (argument->param->is_out ? !takes_number(argument) : is_nothing(argument->given)))
        return DISP_E_TYPEMISMATCH;
    if (!create_copy(argument, 1))
        return E_OUTOFMEMORY;
    return argument->param->is_out ? S_OK : get_ui1(argument->given, lcid, argument->copy);
}

static HRESULT get_string_array(const VARIANT *given, LCID lcid, SAFEARRAY **out)
{
    SAFEARRAY *array, *copy;
    VARIANT *elements;
    BSTR *strings;
    ULONG count, i;
    VARTYPE vt;
    HRESULT hr;

    if (is_null_array(given))
        return S_OK;
    if (FAILED(hr = get_array(given, VT_BSTR, &array, &vt)))
        return hr;
    if (vt == VT_BSTR)
        return SafeArrayCopy(array, out);

    count = array->rgsabound[0].cElements;
    if (!(copy = SafeArrayCreateVector(VT_BSTR, 0, count)))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = SafeArrayLock(array)))
    {
        strings = copy->pvData;
        elements = array->pvData;
        for (i = 0; SUCCEEDED(hr) && i < count; i++)
            hr = get_bstr(dereference(&elements[i]), lcid, &strings[i]);
        SafeArrayUnlock(array);
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
    ULONG count;
    VARTYPE vt;
    HRESULT hr;

    if (is_null_array(given))
        return S_OK;
    if (FAILED(hr = get_array(given, VT_UI1, &array, &vt)))
        return hr;
    count = array->rgsabound[0].cElements;
    if (!(copy = SafeArrayCreateVector(VT_UI1, 0, count)))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = SafeArrayLock(array)))
    {
        hr = copy_from_array(array, vt, lcid, copy->pvData, count);
        SafeArrayUnlock(array);
    }
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
        case PARAM_UI4: argument->value.ui4 = param->default_value; break;
        case PARAM_HANDLE: argument->value.handle = param->default_value; break;
        /* The method writes it: how many bytes came back must be known, whether the caller asks or not. */
        case PARAM_I4_REF: argument->is_null = !param->is_out; break;
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
        case PARAM_UI2: return get_ui2(argument->given, lcid, &argument->value.ui2);
        case PARAM_I4: return get_i4(argument->given, lcid, &argument->value.i4);
        case PARAM_UI4: return get_ui4(argument->given, lcid, &argument->value.ui4);
        case PARAM_I4_REF: return get_i4_ref(argument, lcid);
        case PARAM_HANDLE: return get_handle(argument->given, lcid, &argument->value.handle);
        case PARAM_BSTR: return get_string(argument->given, lcid, &argument->value.bstr);
        case PARAM_INTERFACE: return get_object(argument->given, &argument->param->iid, &argument->value.object);
        case PARAM_INTERFACE_REF:
        case PARAM_INTERFACE_NEW: return get_object_ref(argument);
        case PARAM_STRING_ARRAY: return get_string_array(argument->given, lcid, &argument->value.array);
        case PARAM_BYTE_ARRAY: return get_byte_array(argument->given, lcid, &argument->value.array);
        case PARAM_BYTES: return get_bytes(argument, arguments[argument->param->special->count_param].value.ui4, lcid);
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
        case PARAM_INTERFACE_NEW:
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
            if (argument->array)
                SafeArrayUnlock(argument->array);
            if (argument->copy)
                core_wipe(argument->copy, argument->byte_count);
            free(argument->copy);
            break;
        default:
            break;
    }
}

void argument_release_old(struct argument *argument)
{
    SIZE_T i;

    for (i = 0; argument->old_elements && i < argument->byte_count; i++)
        VariantClear(&argument->old_elements[i]);
    free(argument->old_elements);
    if (V_VT(&argument->old) != VT_EMPTY)
        VariantClear(&argument->old);
}
