/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What every object of ours obeys, whatever its class: identity, IDispatch, error information, class factory,
 * aggregation, marshaling, and when the DLL may be unloaded. To be called in a single-threaded apartment.
 */

#ifndef SCARDSSP_TESTS_OBJECT_RULES_H
#define SCARDSSP_TESTS_OBJECT_RULES_H

#include "common.h"

struct object_member
{
    const WCHAR *name;
    DISPID id;
};

struct object_rules
{
    const CLSID *clsid;
    const IID *iid;
    const struct object_member *members;
    unsigned int member_count;
    /* A member with one LONG argument that answers -1 with E_INVALIDARG, by vtable and late bound. */
    HRESULT (*fail)(IUnknown *object);
    const WCHAR *fail_name;
    DISPID fail_id;
    WORD fail_flags; /* DISPATCH_METHOD or DISPATCH_PROPERTYPUT */
};

/* The module whose code a COM object runs. */
static inline HMODULE module_of(void *object)
{
    MEMORY_BASIC_INFORMATION memory;

    return VirtualQuery(*(void **)object, &memory, sizeof(memory)) ? (HMODULE)memory.AllocationBase : NULL;
}

static inline HRESULT can_unload(HMODULE module)
{
    HRESULT (WINAPI *function)(void);

    function = (HRESULT (WINAPI *)(void))(void *)GetProcAddress(module, "DllCanUnloadNow");

    return function ? function() : E_NOTIMPL;
}

/* At the end of a program: S_FALSE means that some object was leaked. [ours] */
static inline void check_nothing_left(HMODULE module)
{
    HRESULT hr = can_unload(module);

    ok(hr == S_OK, "DllCanUnloadNow with nothing alive: %s.\n", dbgstr_hr(hr));
}

/* [doc] COM's rules of identity: the same interface and the same IUnknown, whichever way one asks. */
static inline void test_identity(const struct object_rules *rules)
{
    const IID *iids[] = { &IID_IUnknown, &IID_IDispatch, rules->iid, &IID_ISupportErrorInfo, &IID_IMarshal };
    const IID *others[] = { &IID_IByteBuffer, &IID_ISCardTypeConv, &IID_ISCardCmd, &IID_ISCardISO7816,
                            &IID_ISCard, &IID_ISCardDatabase, &IID_ISCardLocate, &IID_IStream };
    IUnknown *object = create_object(rules->clsid, rules->iid), *unknown, *other, *again;
    unsigned int i, j;
    HRESULT hr;
    ULONG ref;

    ref = IUnknown_AddRef(object);
    ok(ref == 2, "AddRef: %lu.\n", ref);
    ref = IUnknown_Release(object);
    ok(ref == 1, "Release: %lu.\n", ref);
    hr = IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&unknown);
    ok(hr == S_OK, "QueryInterface(IUnknown): %s.\n", dbgstr_hr(hr));

    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        winetest_push_context("%s", wine_dbgstr_guid(iids[i]));
        other = NULL;
        hr = IUnknown_QueryInterface(object, iids[i], (void **)&other);
        ok(hr == S_OK && other, "QueryInterface: %s.\n", dbgstr_hr(hr));
        for (j = 0; other && j < ARRAY_SIZE(iids); j++)
        {
            again = NULL;
            hr = IUnknown_QueryInterface(other, iids[j], (void **)&again);
            ok(hr == S_OK && again, "QueryInterface from there for %s: %s.\n", wine_dbgstr_guid(iids[j]),
               dbgstr_hr(hr));
            if (j == 0) ok(again == unknown, "Another IUnknown.\n");
            if (j == 2) ok(again == object, "Another object.\n");
            if (again) IUnknown_Release(again);
        }
        if (other) IUnknown_Release(other);
        winetest_pop_context();
    }

    for (i = 0; i < ARRAY_SIZE(others); i++)
    {
        if (IsEqualIID(others[i], rules->iid)) continue;
        other = (IUnknown *)0xdeadbeef;
        hr = IUnknown_QueryInterface(object, others[i], (void **)&other);
        ok(hr == E_NOINTERFACE && !other, "QueryInterface(%s): %s, %p.\n", wine_dbgstr_guid(others[i]),
           dbgstr_hr(hr), (void *)other);
    }
    hr = IUnknown_QueryInterface(object, rules->iid, NULL);
    ok(hr == E_POINTER, "QueryInterface(NULL): %s.\n", dbgstr_hr(hr));

    IUnknown_Release(unknown);
    ref = IUnknown_Release(object);
    ok(!ref, "%lu references left.\n", ref);
}

/* [tlb] GetTypeInfo, and every member by its name, case not minded. */
static inline void test_type_info(const struct object_rules *rules)
{
    IDispatch *object = create_object(rules->clsid, rules->iid);
    OLECHAR upper[64], *name;
    ITypeInfo *info = NULL;
    UINT count = 0, i;
    TYPEATTR *attr;
    DISPID id;
    HRESULT hr;

    hr = IDispatch_GetTypeInfoCount(object, &count);
    ok(hr == S_OK && count == 1, "GetTypeInfoCount: %s, %u.\n", dbgstr_hr(hr), count);
    hr = IDispatch_GetTypeInfoCount(object, NULL);
    ok(hr == E_POINTER, "GetTypeInfoCount(NULL): %s.\n", dbgstr_hr(hr));
    hr = IDispatch_GetTypeInfo(object, 0, LOCALE_NEUTRAL, &info);
    ok(hr == S_OK && info, "GetTypeInfo(0): %s.\n", dbgstr_hr(hr));
    if (info)
    {
        hr = ITypeInfo_GetTypeAttr(info, &attr);
        ok(hr == S_OK && IsEqualIID(&attr->guid, rules->iid), "GetTypeAttr: %s, %s.\n", dbgstr_hr(hr),
           hr == S_OK ? wine_dbgstr_guid(&attr->guid) : "");
        if (hr == S_OK) ITypeInfo_ReleaseTypeAttr(info, attr);
        ITypeInfo_Release(info);
    }
    info = (ITypeInfo *)0xdeadbeef;
    hr = IDispatch_GetTypeInfo(object, 1, LOCALE_NEUTRAL, &info);
    ok(hr == DISP_E_BADINDEX && !info, "GetTypeInfo(1): %s, %p.\n", dbgstr_hr(hr), (void *)info);
    hr = IDispatch_GetTypeInfo(object, 0, LOCALE_NEUTRAL, NULL);
    ok(hr == E_POINTER, "GetTypeInfo(NULL): %s.\n", dbgstr_hr(hr));

    for (i = 0; i < rules->member_count; i++)
    {
        name = (OLECHAR *)rules->members[i].name;
        id = 0xdead;
        hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id);
        ok(hr == S_OK && id == rules->members[i].id, "GetIDsOfNames(%ls): %s, %ld.\n", name, dbgstr_hr(hr),
           id);
    }
    name = upper;
    CharUpperW(lstrcpyW(upper, rules->fail_name));
    hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id);
    ok(hr == S_OK && id == rules->fail_id, "GetIDsOfNames(%ls): %s, %ld.\n", name, dbgstr_hr(hr), id);
    name = (OLECHAR *)L"NoSuchMember";
    hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id);
    ok(hr == DISP_E_UNKNOWNNAME && id == DISPID_UNKNOWN, "GetIDsOfNames(%ls): %s, %ld.\n", name,
       dbgstr_hr(hr), id);
    IDispatch_Release(object);
}

/* Takes the error information of this thread and looks for a text that names the method. [ours] */
static inline void check_error_info(const struct object_rules *rules)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    GUID guid;
    HRESULT hr;

    hr = GetErrorInfo(0, &info);
    ok(hr == S_OK && info, "GetErrorInfo: %s.\n", dbgstr_hr(hr));
    if (!info) return;
    hr = IErrorInfo_GetDescription(info, &text);
    ok(hr == S_OK && text && wcsstr(text, rules->fail_name), "The text does not name %ls: %s.\n",
       rules->fail_name, wine_dbgstr_w(text));
    ok(text && SysStringLen(text) > wcslen(rules->fail_name) + 8, "The text tells no cause: %s.\n",
       wine_dbgstr_w(text));
    SysFreeString(text);
    hr = IErrorInfo_GetGUID(info, &guid);
    ok(hr == S_OK && IsEqualIID(&guid, rules->iid), "The error is of %s.\n", wine_dbgstr_guid(&guid));
    IErrorInfo_Release(info);
}

/* [ours] ISupportErrorInfo for callers of the vtable, EXCEPINFO for late-bound ones. */
static inline void test_errors(const struct object_rules *rules)
{
    IDispatch *object = create_object(rules->clsid, rules->iid);
    DISPID named = DISPID_PROPERTYPUT;
    VARIANTARG arg;
    DISPPARAMS params = { &arg, NULL, 1, 0 };
    EXCEPINFO exception = { 0 };
    ISupportErrorInfo *support;
    HRESULT hr;

    hr = IDispatch_QueryInterface(object, &IID_ISupportErrorInfo, (void **)&support);
    ok(hr == S_OK, "QueryInterface(ISupportErrorInfo): %s.\n", dbgstr_hr(hr));
    if (hr == S_OK)
    {
        hr = ISupportErrorInfo_InterfaceSupportsErrorInfo(support, rules->iid);
        ok(hr == S_OK, "InterfaceSupportsErrorInfo: %s.\n", dbgstr_hr(hr));
        hr = ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_IStream);
        ok(hr == S_FALSE, "InterfaceSupportsErrorInfo(IStream): %s.\n", dbgstr_hr(hr));
        ISupportErrorInfo_Release(support);
    }

    SetErrorInfo(0, NULL);
    hr = rules->fail((IUnknown *)object);
    ok(hr == E_INVALIDARG, "%ls(-1): %s.\n", rules->fail_name, dbgstr_hr(hr));
    check_error_info(rules);

    V_VT(&arg) = VT_I4;
    V_I4(&arg) = -1;
    if (rules->fail_flags == DISPATCH_PROPERTYPUT)
    {
        params.rgdispidNamedArgs = &named;
        params.cNamedArgs = 1;
    }
    hr = IDispatch_Invoke(object, rules->fail_id, &IID_NULL, LOCALE_NEUTRAL, rules->fail_flags, &params, NULL,
                          &exception, NULL);
    ok(hr == DISP_E_EXCEPTION && exception.scode == E_INVALIDARG, "Invoke: %s, %s.\n", dbgstr_hr(hr),
       dbgstr_hr(exception.scode));
    ok(exception.bstrDescription && wcsstr(exception.bstrDescription, rules->fail_name),
       "The text does not name %ls: %s.\n", rules->fail_name, wine_dbgstr_w(exception.bstrDescription));
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrHelpFile);
    IDispatch_Release(object);
}

/* An object that aggregates one of ours. */
struct outer
{
    IUnknown IUnknown_iface;
    LONG ref;
    IUnknown *inner;
};

static const IID iid_of_outer =
    { 0x2f5a9dd1, 0x6c1b, 0x4a57, { 0x8e, 0x02, 0x51, 0x7b, 0x3c, 0xd9, 0x40, 0x66 } };

static HRESULT WINAPI outer_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct outer *outer = CONTAINING_RECORD(iface, struct outer, IUnknown_iface);

    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &iid_of_outer))
        return IUnknown_QueryInterface(outer->inner, iid, out);
    *out = iface;
    IUnknown_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI outer_AddRef(IUnknown *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->ref);
}

static ULONG WINAPI outer_Release(IUnknown *iface)
{
    return InterlockedDecrement(&CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->ref);
}

static const IUnknownVtbl outer_vtbl = { outer_QueryInterface, outer_AddRef, outer_Release };

/* One of the interfaces of an aggregated object: it counts for the outer one, and leads to it. */
static inline void check_aggregated(const struct object_rules *rules, struct outer *outer, const IID *iid)
{
    IUnknown *object = NULL, *unknown;
    HRESULT hr;
    ULONG ref;

    hr = IUnknown_QueryInterface(&outer->IUnknown_iface, iid, (void **)&object);
    ok(hr == S_OK && object && outer->ref == 2, "QueryInterface: %s, %ld references.\n", dbgstr_hr(hr), outer->ref);
    if (object)
    {
        hr = IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&unknown);
        ok(hr == S_OK && unknown == &outer->IUnknown_iface, "Not the outer IUnknown: %s.\n", dbgstr_hr(hr));
        if (hr == S_OK) IUnknown_Release(unknown);
        hr = IUnknown_QueryInterface(object, &iid_of_outer, (void **)&unknown);
        ok(hr == S_OK && unknown == &outer->IUnknown_iface, "Not the outer interface: %s.\n", dbgstr_hr(hr));
        if (hr == S_OK) IUnknown_Release(unknown);
        ref = IUnknown_AddRef(object);
        ok(ref == 3 && outer->ref == 3, "AddRef: %lu, outer %ld.\n", ref, outer->ref);
        ref = IUnknown_Release(object);
        ok(ref == 2 && outer->ref == 2, "Release: %lu, outer %ld.\n", ref, outer->ref);
        if (iid == rules->iid)
        {
            hr = rules->fail(object);
            ok(hr == E_INVALIDARG, "%ls(-1): %s.\n", rules->fail_name, dbgstr_hr(hr));
        }
        IUnknown_Release(object);
    }
    ok(outer->ref == 1, "%ld references left.\n", outer->ref);
}

/* [ours] An outer object, and another IID than that of IUnknown. */
static inline void check_aggregation_refused(const struct object_rules *rules)
{
    const IID *iids[] = { rules->iid, &IID_IDispatch, &IID_ISupportErrorInfo };
    struct outer outer = { { (IUnknownVtbl *)&outer_vtbl }, 1, NULL };
    IUnknown *object = (IUnknown *)0xdeadbeef;
    IClassFactory *factory;
    unsigned int i;
    HRESULT hr;

    hr = CoCreateInstance(rules->clsid, &outer.IUnknown_iface, CLSCTX_INPROC_SERVER, rules->iid,
                          (void **)&object);
    ok(hr == CLASS_E_NOAGGREGATION && !object, "CoCreateInstance with an outer and another IID: %s, %p.\n",
       dbgstr_hr(hr), (void *)object);
    hr = CoGetClassObject(rules->clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&factory);
    ok(hr == S_OK, "CoGetClassObject: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        object = (IUnknown *)0xdeadbeef;
        hr = IClassFactory_CreateInstance(factory, &outer.IUnknown_iface, iids[i], (void **)&object);
        ok(hr == CLASS_E_NOAGGREGATION && !object, "CreateInstance(outer, %s): %s, %p.\n",
           wine_dbgstr_guid(iids[i]), dbgstr_hr(hr), (void *)object);
    }
    IClassFactory_Release(factory);
    ok(outer.ref == 1, "%ld references left.\n", outer.ref);
}

/* [doc] Vendors are told to aggregate; the refusal of other IIDs and the missing IMarshal are [ours]. */
static inline void test_aggregation(const struct object_rules *rules)
{
    const IID *iids[] = { rules->iid, &IID_IDispatch, &IID_ISupportErrorInfo };
    struct outer outer = { { (IUnknownVtbl *)&outer_vtbl }, 1, NULL };
    IUnknown *unknown;
    unsigned int i;
    HRESULT hr;
    ULONG ref;

    hr = CoCreateInstance(rules->clsid, &outer.IUnknown_iface, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                          (void **)&outer.inner);
    ok(hr == S_OK && outer.inner, "CoCreateInstance: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    ok(outer.ref == 1, "The inner object holds %ld references to its outer one.\n", outer.ref - 1);
    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        winetest_push_context("%s", wine_dbgstr_guid(iids[i]));
        check_aggregated(rules, &outer, iids[i]);
        winetest_pop_context();
    }

    hr = IUnknown_QueryInterface(outer.inner, &IID_IUnknown, (void **)&unknown);
    ok(hr == S_OK && unknown == outer.inner, "The inner IUnknown is not itself: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) IUnknown_Release(unknown);
    unknown = (IUnknown *)0xdeadbeef;
    hr = IUnknown_QueryInterface(outer.inner, &IID_IMarshal, (void **)&unknown);
    ok(hr == E_NOINTERFACE && !unknown, "QueryInterface(IMarshal): %s, %p.\n", dbgstr_hr(hr),
       (void *)unknown);
    ref = IUnknown_Release(outer.inner);
    ok(!ref && outer.ref == 1, "%lu references left, outer %ld.\n", ref, outer.ref);
    check_aggregation_refused(rules);
}

/* The class object, and [ours] DllCanUnloadNow, which tells the truth. Nothing else may be alive. */
static inline void test_class_factory(const struct object_rules *rules, HMODULE module)
{
    IClassFactory *factory;
    IUnknown *object;
    HRESULT hr;

    hr = CoGetClassObject(rules->clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&factory);
    ok(hr == S_OK, "CoGetClassObject: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    hr = IClassFactory_CreateInstance(factory, NULL, rules->iid, NULL);
    ok(hr == E_POINTER, "CreateInstance without a place for the result: %s.\n", dbgstr_hr(hr));
    object = (IUnknown *)0xdeadbeef;
    hr = IClassFactory_CreateInstance(factory, NULL, &IID_IStream, (void **)&object);
    ok(hr == E_NOINTERFACE && !object, "CreateInstance(IStream): %s, %p.\n", dbgstr_hr(hr), (void *)object);
    hr = IClassFactory_QueryInterface(factory, &IID_IStream, (void **)&object);
    ok(hr == E_NOINTERFACE && !object, "QueryInterface(IStream): %s, %p.\n", dbgstr_hr(hr), (void *)object);
    hr = IClassFactory_CreateInstance(factory, NULL, rules->iid, (void **)&object);
    ok(hr == S_OK, "CreateInstance: %s.\n", dbgstr_hr(hr));
    hr = IClassFactory_LockServer(factory, TRUE);
    ok(hr == S_OK, "LockServer(TRUE): %s.\n", dbgstr_hr(hr));
    IClassFactory_Release(factory);

    hr = can_unload(module);
    ok(hr == S_FALSE, "DllCanUnloadNow with an object and a lock: %s.\n", dbgstr_hr(hr));
    if (object) IUnknown_Release(object);
    hr = can_unload(module);
    ok(hr == S_FALSE, "DllCanUnloadNow with a lock: %s.\n", dbgstr_hr(hr));
    hr = CoGetClassObject(rules->clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&factory);
    ok(hr == S_OK, "CoGetClassObject: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    hr = IClassFactory_LockServer(factory, FALSE);
    ok(hr == S_OK, "LockServer(FALSE): %s.\n", dbgstr_hr(hr));
    IClassFactory_Release(factory);
    check_nothing_left(module);
    object = create_object(rules->clsid, rules->iid);
    hr = can_unload(module);
    ok(hr == S_FALSE, "DllCanUnloadNow with an object: %s.\n", dbgstr_hr(hr));
    IUnknown_Release(object);
    check_nothing_left(module);
}

struct traveller
{
    const struct object_rules *rules;
    IUnknown *object;
    IStream *stream;
    IGlobalInterfaceTable *table;
    DWORD cookie;
};

/* In another apartment: the pointer that arrives is the object itself, and it works. */
static DWORD WINAPI traveller_thread(void *arg)
{
    struct traveller *traveller = arg;
    IUnknown *object = NULL;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = CoGetInterfaceAndReleaseStream(traveller->stream, traveller->rules->iid, (void **)&object);
    ok(hr == S_OK && object == traveller->object, "CoGetInterfaceAndReleaseStream: %s, %p instead of %p.\n",
       dbgstr_hr(hr), (void *)object, (void *)traveller->object);
    if (object)
    {
        hr = traveller->rules->fail(object);
        ok(hr == E_INVALIDARG, "%ls(-1) in another apartment: %s.\n", traveller->rules->fail_name,
           dbgstr_hr(hr));
        IUnknown_Release(object);
    }
    object = NULL;
    hr = IGlobalInterfaceTable_GetInterfaceFromGlobal(traveller->table, traveller->cookie,
                                                      traveller->rules->iid, (void **)&object);
    ok(hr == S_OK && object == traveller->object, "GetInterfaceFromGlobal: %s, %p instead of %p.\n",
       dbgstr_hr(hr), (void *)object, (void *)traveller->object);
    if (object) IUnknown_Release(object);
    CoUninitialize();
    return 0;
}

/* [ours] Free-threaded marshaler: made in a single-threaded apartment, used from anywhere. */
static inline void test_marshaling(const struct object_rules *rules)
{
    struct traveller traveller = { rules, create_object(rules->clsid, rules->iid), NULL, NULL, 0 };
    HRESULT hr;
    ULONG ref;

    hr = CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER,
                          &IID_IGlobalInterfaceTable, (void **)&traveller.table);
    ok(hr == S_OK, "The global interface table: %s.\n", dbgstr_hr(hr));
    hr = IGlobalInterfaceTable_RegisterInterfaceInGlobal(traveller.table, traveller.object, rules->iid,
                                                         &traveller.cookie);
    ok(hr == S_OK, "RegisterInterfaceInGlobal: %s.\n", dbgstr_hr(hr));
    hr = CoMarshalInterThreadInterfaceInStream(rules->iid, traveller.object, &traveller.stream);
    ok(hr == S_OK, "CoMarshalInterThreadInterfaceInStream: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK)
        ok(run_in_thread(traveller_thread, &traveller),
           "The other apartment hangs: it waits for this one.\n");
    IGlobalInterfaceTable_RevokeInterfaceFromGlobal(traveller.table, traveller.cookie);
    IGlobalInterfaceTable_Release(traveller.table);
    ref = IUnknown_Release(traveller.object);
    ok(!ref, "%lu references left.\n", ref);
}

/* The module of the class, which stays loaded until the end of the program. */
static inline HMODULE load_module(const CLSID *clsid)
{
    IUnknown *object = create_object(clsid, &IID_IUnknown);
    WCHAR path[MAX_PATH];
    HMODULE module = NULL;

    if (GetModuleFileNameW(module_of(object), path, ARRAY_SIZE(path))) module = LoadLibraryW(path);
    ok(module != NULL, "The module of the class was not found.\n");
    IUnknown_Release(object);
    return module;
}

static inline void test_object_rules(const struct object_rules *rules, HMODULE module)
{
    test_class_factory(rules, module);
    test_identity(rules);
    test_type_info(rules);
    test_errors(rules);
    test_aggregation(rules);
    test_marshaling(rules);
}

/* The names by which scripts find the classes: LIBRARY.CLASS, or CLASS.CLASS without a library; and the same with .1. */
static inline void check_progids(const WCHAR *library)
{
    static const struct { const WCHAR *name; const CLSID *clsid; } classes[] =
    {
        { L"ByteBuffer", &CLSID_CByteBuffer },
        { L"SCardTypeConv", &CLSID_CSCardTypeConv },
        { L"SCardCmd", &CLSID_CSCardCmd },
        { L"SCardISO7816", &CLSID_CSCardISO7816 },
        { L"SCard", &CLSID_CSCard },
        { L"SCardDatabase", &CLSID_CSCardDatabase },
        { L"SCardLocate", &CLSID_CSCardLocate },
    };
    static const WCHAR *const versions[] = { L"", L".1" };
    WCHAR progid[64];
    unsigned int i, version;
    CLSID clsid;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        for (version = 0; version < ARRAY_SIZE(versions); version++)
        {
            lstrcpyW(progid, library ? library : classes[i].name);
            lstrcatW(progid, L".");
            lstrcatW(progid, classes[i].name);
            lstrcatW(progid, versions[version]);
            hr = CLSIDFromProgID(progid, &clsid);
            ok(hr == S_OK && IsEqualCLSID(&clsid, classes[i].clsid), "%s: %s, %s.\n", wine_dbgstr_w(progid),
               dbgstr_hr(hr), wine_dbgstr_guid(&clsid));
        }
    }
}

#endif
