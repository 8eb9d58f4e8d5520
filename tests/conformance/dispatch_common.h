/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Late-bound calls with hand-made arguments of every type that a caller may pass, for the programs that test
 * IDispatch::Invoke itself.
 */

#ifndef SCARDSSP_TESTS_DISPATCH_COMMON_H
#define SCARDSSP_TESTS_DISPATCH_COMMON_H

#include "card_common.h"

/* ---- calls ---- */

/* NULL, or is told of every call. */
static void (*call_hook)(IDispatch *object, DISPID dispid, WORD flags);
static EXCEPINFO excepinfo;
static UINT arg_error;

static inline void clear_excepinfo(void)
{
    SysFreeString(excepinfo.bstrSource);
    SysFreeString(excepinfo.bstrDescription);
    SysFreeString(excepinfo.bstrHelpFile);
    memset(&excepinfo, 0, sizeof(excepinfo));
}

static inline DISPID find_member(void *object, const WCHAR *name)
{
    DISPID dispid = DISPID_UNKNOWN;
    LPOLESTR names[1];
    HRESULT hr;

    names[0] = (LPOLESTR)name;
    hr = IDispatch_GetIDsOfNames((IDispatch *)object, &IID_NULL, names, 1, LOCALE_USER_DEFAULT, &dispid);
    if (hr != S_OK) ok(0, "GetIDsOfNames(%s): %s.\n", wine_dbgstr_w(name), dbgstr_hr(hr));
    return dispid;
}

/* The arguments stand in the order of the declaration; Invoke wants them the other way round. */
static inline HRESULT invoke(void *object, const WCHAR *name, WORD flags, VARIANT *result, const VARIANT *args,
                             UINT count)
{
    DISPID put_name = DISPID_PROPERTYPUT, dispid = find_member(object, name);
    DISPPARAMS params = { 0 };
    VARIANT reversed[8];
    UINT i;

    for (i = 0; i < count; i++) reversed[i] = args[count - 1 - i];
    params.rgvarg = reversed;
    params.cArgs = count;
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF))
    {
        params.rgdispidNamedArgs = &put_name;
        params.cNamedArgs = 1;
    }
    if (call_hook) call_hook(object, dispid, flags);
    clear_excepinfo();
    arg_error = ~0u;
    return IDispatch_Invoke((IDispatch *)object, dispid, &IID_NULL, LOCALE_USER_DEFAULT, flags, &params, result,
                            &excepinfo, &arg_error);
}

#define ARGS(...) (VARIANT[]){ __VA_ARGS__ }, ARRAY_SIZE(((VARIANT[]){ __VA_ARGS__ }))
#define NO_ARGS NULL, 0

static inline HRESULT method(void *object, const WCHAR *name, VARIANT *result, const VARIANT *args, UINT count)
{
    return invoke(object, name, DISPATCH_METHOD, result, args, count);
}

static inline HRESULT get(void *object, const WCHAR *name, VARIANT *result)
{
    return invoke(object, name, DISPATCH_PROPERTYGET, result, NO_ARGS);
}

static inline HRESULT put(void *object, const WCHAR *name, VARIANT value)
{
    return invoke(object, name, DISPATCH_PROPERTYPUT, NULL, &value, 1);
}

static inline HRESULT put_ref(void *object, const WCHAR *name, VARIANT value)
{
    return invoke(object, name, DISPATCH_PROPERTYPUTREF, NULL, &value, 1);
}

/* ---- arguments ---- */

static inline VARIANT v_type(VARTYPE vt)
{
    VARIANT v;

    memset(&v, 0, sizeof(v));
    V_VT(&v) = vt;
    return v;
}

static inline VARIANT v_i4(LONG value)
{
    VARIANT v = v_type(VT_I4);

    V_I4(&v) = value;
    return v;
}

static inline VARIANT v_i2(SHORT value)
{
    VARIANT v = v_type(VT_I2);

    V_I2(&v) = value;
    return v;
}

static inline VARIANT v_r8(double value)
{
    VARIANT v = v_type(VT_R8);

    V_R8(&v) = value;
    return v;
}

static inline VARIANT v_missing(void)
{
    VARIANT v = v_type(VT_ERROR);

    V_ERROR(&v) = DISP_E_PARAMNOTFOUND;
    return v;
}

static inline VARIANT v_object(void *object)
{
    VARIANT v = v_type(VT_DISPATCH);

    V_DISPATCH(&v) = object;
    return v;
}

static inline VARIANT v_by_ref(VARTYPE vt, void *variable)
{
    VARIANT v = v_type(VT_BYREF | vt);

    V_BYREF(&v) = variable;
    return v;
}

static inline VARIANT v_array(VARTYPE vt, SAFEARRAY *array)
{
    VARIANT v = v_type(VT_ARRAY | vt);

    V_ARRAY(&v) = array;
    return v;
}

/* The caller frees it. */
static inline VARIANT v_string(const WCHAR *text)
{
    VARIANT v = v_type(VT_BSTR);

    V_BSTR(&v) = SysAllocString(text);
    return v;
}

static inline SAFEARRAY *create_bytes(const char *digits)
{
    BYTE bytes[64];
    LONG size = from_hex(bytes, digits);
    SAFEARRAY *array = SafeArrayCreateVector(VT_UI1, 0, size);

    memcpy(array->pvData, bytes, size);
    return array;
}

/* What a script's Array(1, 2, ...) is. */
static inline SAFEARRAY *create_variants(const char *digits)
{
    BYTE bytes[64];
    LONG size = from_hex(bytes, digits), i;
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, size);

    for (i = 0; i < size; i++) ((VARIANT *)array->pvData)[i] = v_i2(bytes[i]);
    return array;
}

static inline ULONG reference_count(void *object)
{
    IUnknown_AddRef((IUnknown *)object);
    return IUnknown_Release((IUnknown *)object);
}

static inline void check_count_at(const char *file, int line, void *object, ULONG expected)
{
    ULONG count = reference_count(object);

    ok_(file, line)(count == expected, "%lu references, expected %lu.\n", count, expected);
}
#define check_count(object, expected) check_count_at(__FILE__, __LINE__, object, expected)

static inline void check_number_at(const char *file, int line, void *object, const WCHAR *name, VARTYPE vt,
                                   LONG expected)
{
    VARIANT result;
    HRESULT hr;
    LONG value;

    hr = get(object, name, &result);
    value = V_VT(&result) == VT_UI1 ? V_UI1(&result) : V_I4(&result);
    ok_(file, line)(hr == S_OK && V_VT(&result) == vt && value == expected, "%s: %s, type %u, %ld, expected %ld.\n",
                        wine_dbgstr_w(name), dbgstr_hr(hr), V_VT(&result), value, expected);
    VariantClear(&result);
}
#define check_number(object, name, vt, expected) check_number_at(__FILE__, __LINE__, object, name, vt, expected)

static inline void expect_at(const char *file, int line, HRESULT hr, HRESULT expected)
{
    ok_(file, line)(hr == expected, "%s, expected %s.\n", dbgstr_hr(hr), dbgstr_hr(expected));
}
#define expect(hr, expected) expect_at(__FILE__, __LINE__, hr, expected)

/* The method was called and failed with this code. */
static inline void expect_exception_at(const char *file, int line, HRESULT hr, HRESULT scode)
{
    ok_(file, line)(hr == DISP_E_EXCEPTION, "%s.\n", dbgstr_hr(hr));
    ok_(file, line)(excepinfo.scode == scode, "scode %s, expected %s.\n", dbgstr_hr(excepinfo.scode),
                        dbgstr_hr(scode));
    ok_(file, line)(SysStringLen(excepinfo.bstrSource) > 0, "No source.\n");
    ok_(file, line)(SysStringLen(excepinfo.bstrDescription) > 10, "Description %s.\n",
                        wine_dbgstr_w(excepinfo.bstrDescription));
}
#define expect_exception(hr, scode) expect_exception_at(__FILE__, __LINE__, hr, scode)

/* A buffer that a call returned, with these bytes. */
static inline void check_result_at(const char *file, int line, HRESULT hr, VARIANT *result, const char *digits)
{
    BYTE bytes[512];
    LONG size = from_hex(bytes, digits);

    ok_(file, line)(hr == S_OK && V_VT(result) == VT_DISPATCH && V_DISPATCH(result), "%s, type %u.\n",
                        dbgstr_hr(hr), V_VT(result));
    if (V_VT(result) == VT_DISPATCH && V_DISPATCH(result))
    {
        check_content_at(line, file, (IByteBuffer *)V_DISPATCH(result), bytes, size);
        check_count_at(file, line, V_DISPATCH(result), 1);
    }
    VariantClear(result);
}
#define check_result(hr, result, digits) check_result_at(__FILE__, __LINE__, hr, result, digits)

/* ---- an object of somebody else, with IDispatch alone ---- */

static LONG foreign_references, foreign_calls;

static inline HRESULT WINAPI foreign_QueryInterface(IDispatch *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) ? iface : NULL;
    if (!*out) return E_NOINTERFACE;
    IDispatch_AddRef(iface);
    return S_OK;
}

static inline ULONG WINAPI foreign_AddRef(IDispatch *iface)
{
    return InterlockedIncrement(&foreign_references);
}

static inline ULONG WINAPI foreign_Release(IDispatch *iface)
{
    return InterlockedDecrement(&foreign_references);
}

static inline HRESULT WINAPI foreign_GetTypeInfoCount(IDispatch *iface, UINT *count)
{
    foreign_calls++;
    return E_NOTIMPL;
}

static inline HRESULT WINAPI foreign_GetTypeInfo(IDispatch *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    foreign_calls++;
    return E_NOTIMPL;
}

static inline HRESULT WINAPI foreign_GetIDsOfNames(IDispatch *iface, REFIID iid, LPOLESTR *names, UINT count, LCID lcid,
                                            DISPID *dispids)
{
    foreign_calls++;
    return E_NOTIMPL;
}

static inline HRESULT WINAPI foreign_Invoke(IDispatch *iface, DISPID dispid, REFIID iid, LCID lcid, WORD flags,
                                     DISPPARAMS *params, VARIANT *result, EXCEPINFO *info, UINT *error)
{
    foreign_calls++;
    return E_NOTIMPL;
}

static IDispatchVtbl foreign_vtbl =
{
    foreign_QueryInterface, foreign_AddRef, foreign_Release, foreign_GetTypeInfoCount, foreign_GetTypeInfo,
    foreign_GetIDsOfNames, foreign_Invoke
};
static IDispatch foreign = { &foreign_vtbl };

#endif
