/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IDispatch::Invoke: calls a member through its vtable slot for a late-bound caller.
 *
 * Scripts pass VARIANTs, often by reference, know no bytes, words or unsigned longs, and must never be able to corrupt
 * memory: ITypeInfo::Invoke would pass them pointers to too little memory and objects of other interfaces. Here every
 * argument becomes a typed temporary, and what comes back is copied to the caller's variables after a success.
 */

#include <stdlib.h>
#include <string.h>

#include "signature.h"
#include "invoke.h"
#include "core/wipe.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* One parameter of the call: what the caller gave and what the method gets. */
struct argument
{
    const struct param *param;
    VARIANT *given;         /* NULL: omitted, or not the caller's to give */
    union                   /* what the method gets, or a pointer to it */
    {
        BYTE ui1;
        WORD ui2;
        LONG i4;
        ULONG ui4;
        ULONG_PTR handle;
        ULONGLONG ui8;
        BSTR bstr;
        IUnknown *object;
        SAFEARRAY *array;
        BYTE *bytes;
        void *pointer;
    } value;
    IUnknown *original;     /* of PARAM_INTERFACE_REF: the reference that the caller's object was queried for */
    SIZE_T byte_count;      /* of PARAM_BYTES */
};

/* Follows VT_BYREF | VT_VARIANT to the variable that it stands for. */
static VARIANT *dereference(VARIANT *variant)
{
    /* Automation knows one level; a variant that refers to itself must not keep us here. */
    if (variant && V_VT(variant) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(variant))
        return V_VARIANTREF(variant);
    return variant;
}

static BOOL is_omitted(const VARIANT *variant)
{
    return !variant || (V_VT(variant) == VT_ERROR && V_ERROR(variant) == DISP_E_PARAMNOTFOUND);
}

static BOOL is_nothing(const VARIANT *variant)
{
    return V_VT(variant) == VT_EMPTY || V_VT(variant) == VT_NULL;
}

/* ---- from the caller's variants to values ---- */

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

/* The one-dimensional array in a variant; DISP_E_TYPEMISMATCH when there is none of bytes, strings or VARIANTs. */
static HRESULT get_array(const VARIANT *given, VARTYPE element, SAFEARRAY **array, VARTYPE *vt, LONG *count)
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

    hr = get_array(argument->given, VT_UI1, &array, &vt, &count);
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
    if (FAILED(hr = get_array(given, VT_BSTR, &array, &vt, &count)))
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

static HRESULT get_byte_array(const VARIANT *given, LCID lcid, SAFEARRAY **out)
{
    SAFEARRAY *array, *copy;
    VARTYPE vt;
    LONG count;
    HRESULT hr;

    if (is_nothing(given))
        return S_OK;
    if (FAILED(hr = get_array(given, VT_UI1, &array, &vt, &count)))
        return hr;
    if (!(copy = SafeArrayCreateVector(VT_UI1, 0, count)))
        return E_OUTOFMEMORY;
    hr = copy_from_array(array, vt, lcid, copy->pvData, count);
    if (FAILED(hr))
        SafeArrayDestroy(copy);
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
static HRESULT get_argument(struct argument *arguments, UINT index, LCID lcid)
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

/* ---- from values to the caller's variants ---- */

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
static HRESULT put_result(struct object *object, struct argument *argument, VARIANT *variant)
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

/* What the method left in an [in, out] parameter goes back to the caller's variable. */
static HRESULT give_back(struct argument *argument, const VARIANT *passed, LCID lcid)
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
            if (SUCCEEDED(get_array(argument->given, VT_UI1, &array, &vt, &count)))
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
            argument->value.object = argument->original;
            break;
        default:
            return S_OK;
    }
    if (is_variable(argument, passed))
        hr = store_variable(argument->given, &value, lcid);
    VariantClear(&value);
    return hr;
}

/* Frees what the conversion of an argument made. */
static void free_argument(struct argument *argument)
{
    switch (argument->param->kind)
    {
        case PARAM_BSTR:
            SysFreeString(argument->value.bstr);
            break;
        case PARAM_INTERFACE:
        case PARAM_INTERFACE_REF:
            if (argument->value.object)
                IUnknown_Release(argument->value.object);
            break;
        case PARAM_STRING_ARRAY:
        case PARAM_BYTE_ARRAY:
            if (argument->value.array)
                SafeArrayDestroy(argument->value.array);
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

/* ---- the call ---- */

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
            hr = get_argument(arguments, i, lcid);
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
            hr = give_back(&arguments[i], passed[i], lcid);
        else if (SUCCEEDED(hr = put_result(object, &arguments[i], &value)))
        {
            if (result)
                *result = value;
            else
                VariantClear(&value);
        }
    }
    for (i = 0; i < member->param_count; i++)
        free_argument(&arguments[i]);
    return hr;
}
