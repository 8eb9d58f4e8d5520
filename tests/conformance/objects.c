/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules of every object (object_rules.h) on the classes that bytebuffer.c and cmd.c do not cover, the ProgIDs,
 * and what a vendor does who aggregates ISCardISO7816, as the documentation recommends.
 */

#define COBJMACROS
#include <windows.h>
#include <ole2.h>
#include <initguid.h> /* the identifiers of scardssp.h, for all tests of the module */
#include <stdio.h>
#include <string.h>
#include "common.h"
#include "card_common.h"
#include "object_rules.h"

static const struct object_member type_conv_members[] = /* [tlb] */
{
    { L"ConvertByteArrayToByteBuffer", 0 },
    { L"ConvertByteBufferToByteArray", 1 },
    { L"ConvertByteBufferToSafeArray", 2 },
    { L"ConvertSafeArrayToByteBuffer", 3 },
    { L"CreateByteArray", 4 },
    { L"CreateByteBuffer", 5 },
    { L"CreateSafeArray", 6 },
    { L"FreeIStreamMemoryPtr", 7 },
    { L"GetAtIStreamMemory", 8 },
    { L"SizeOfIStream", 9 },
};

static const struct object_member iso_members[] = /* [tlb] */
{
    { L"AppendRecord", 0 },
    { L"EraseBinary", 1 },
    { L"ExternalAuthenticate", 2 },
    { L"GetChallenge", 3 },
    { L"GetData", 4 },
    { L"GetResponse", 5 },
    { L"InternalAuthenticate", 6 },
    { L"ManageChannel", 7 },
    { L"PutData", 8 },
    { L"ReadBinary", 9 },
    { L"ReadRecord", 10 },
    { L"SelectFile", 11 },
    { L"SetDefaultClassId", 12 },
    { L"UpdateBinary", 13 },
    { L"UpdateRecord", 14 },
    { L"Verify", 15 },
    { L"WriteBinary", 16 },
    { L"WriteRecord", 17 },
};

static const struct object_member card_members[] = /* [tlb] */
{
    { L"Atr", 0 },
    { L"CardHandle", 1 },
    { L"Context", 2 },
    { L"Protocol", 3 },
    { L"Status", 4 },
    { L"AttachByHandle", 5 },
    { L"AttachByReader", 6 },
    { L"Detach", 7 },
    { L"LockSCard", 8 },
    { L"ReAttach", 9 },
    { L"Transaction", 10 },
    { L"UnlockSCard", 11 },
};

static const struct object_member database_members[] = /* [tlb] */
{
    { L"GetProviderCardId", 0 },
    { L"ListCardInterfaces", 1 },
    { L"ListCards", 2 },
    { L"ListReaderGroups", 3 },
    { L"ListReaders", 4 },
};

static const struct object_member locate_members[] = /* [tlb] */
{
    { L"ConfigureCardGuidSearch", 0 },
    { L"ConfigureCardNameSearch", 1 },
    { L"FindCard", 2 },
};

static HRESULT detach_minus_one(IUnknown *object)
{
    ISCard *card;
    HRESULT hr = IUnknown_QueryInterface(object, &IID_ISCard, (void **)&card);

    if (FAILED(hr)) return hr;
    hr = ISCard_Detach(card, -1);
    ISCard_Release(card);
    return hr;
}

/* These have no member of the kind that the checks of errors need; their own programs check errors. */
static const struct object_rules silent_classes[] =
{
    { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv, type_conv_members, ARRAY_SIZE(type_conv_members), NULL,
      L"ConvertByteArrayToByteBuffer", 0, 0 },
    { &CLSID_CSCardISO7816, &IID_ISCardISO7816, iso_members, ARRAY_SIZE(iso_members), NULL, L"AppendRecord", 0, 0 },
    { &CLSID_CSCardDatabase, &IID_ISCardDatabase, database_members, ARRAY_SIZE(database_members), NULL,
      L"GetProviderCardId", 0, 0 },
    { &CLSID_CSCardLocate, &IID_ISCardLocate, locate_members, ARRAY_SIZE(locate_members), NULL,
      L"ConfigureCardGuidSearch", 0, 0 },
};

static const struct object_rules card_rules =
{
    &CLSID_CSCard, &IID_ISCard, card_members, ARRAY_SIZE(card_members), detach_minus_one, L"Detach", 7, DISPATCH_METHOD
};

/* A vendor's object: its own IUnknown around an ISCardISO7816 of ours, to which it passes on what it does not know. */
struct vendor
{
    IUnknown IUnknown_iface;
    LONG ref;
    IUnknown *inner;
};

static HRESULT WINAPI vendor_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct vendor *vendor = CONTAINING_RECORD(iface, struct vendor, IUnknown_iface);

    if (!IsEqualIID(iid, &IID_IUnknown)) return IUnknown_QueryInterface(vendor->inner, iid, out);
    IUnknown_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI vendor_AddRef(IUnknown *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct vendor, IUnknown_iface)->ref);
}

static ULONG WINAPI vendor_Release(IUnknown *iface)
{
    return InterlockedDecrement(&CONTAINING_RECORD(iface, struct vendor, IUnknown_iface)->ref);
}

static const IUnknownVtbl vendor_vtbl = { vendor_QueryInterface, vendor_AddRef, vendor_Release };

static void test_vendor(void)
{
    struct vendor vendor = { { (IUnknownVtbl *)&vendor_vtbl }, 1, NULL };
    ISCardISO7816 *iso = NULL;
    IUnknown *unknown;
    ISCardCmd *cmd = NULL;
    IMarshal *marshal;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_CSCardISO7816, &vendor.IUnknown_iface, CLSCTX_INPROC_SERVER, &IID_ISCardISO7816,
                          (void **)&iso);
    ok(hr == CLASS_E_NOAGGREGATION && !iso, "Aggregated by another IID: %s.\n", dbgstr_hr(hr)); /* [doc] */
    hr = CoCreateInstance(&CLSID_CSCardISO7816, &vendor.IUnknown_iface, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                          (void **)&vendor.inner);
    ok(hr == S_OK, "Aggregated: %s.\n", dbgstr_hr(hr)); /* [doc] vendors are told to */
    if (hr != S_OK) return;
    ok(vendor.ref == 1, "The inner object holds %ld references to its outer.\n", vendor.ref - 1); /* [doc] COM */

    hr = IUnknown_QueryInterface(&vendor.IUnknown_iface, &IID_ISCardISO7816, (void **)&iso);
    ok(hr == S_OK && vendor.ref == 2, "ISCardISO7816 through the vendor's object: %s, %ld references.\n", dbgstr_hr(hr),
       vendor.ref); /* [doc] */
    hr = ISCardISO7816_QueryInterface(iso, &IID_IUnknown, (void **)&unknown);
    ok(hr == S_OK && unknown == &vendor.IUnknown_iface, "Its IUnknown is not the vendor's: %s.\n", dbgstr_hr(hr));
    IUnknown_Release(unknown);
    hr = IUnknown_QueryInterface(vendor.inner, &IID_IMarshal, (void **)&marshal);
    ok(hr == E_NOINTERFACE, "IMarshal of an aggregated object: %s.\n", dbgstr_hr(hr)); /* [ours] */

    ISCardISO7816_SetDefaultClassId(iso, 0x80);
    hr = ISCardISO7816_GetChallenge(iso, 8, &cmd);
    ok(hr == S_OK && cmd, "GetChallenge: %s.\n", dbgstr_hr(hr)); /* [doc] */
    if (cmd)
    {
        static const BYTE expected[] = { 0x80, 0x84, 0x00, 0x00, 0x08 };

        check_apdu(cmd, expected, sizeof(expected), "GetChallenge");
        ISCardCmd_Release(cmd);
    }
    ISCardISO7816_Release(iso);
    ok(vendor.ref == 1, "%ld references to the vendor's object.\n", vendor.ref);
    ok(!IUnknown_Release(vendor.inner), "The inner object is still alive.\n");
}

static void check_creation_error(HRESULT hr, HRESULT expected, const IID *iid, const WCHAR *code)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    GUID guid;

    ok(hr == expected, "%s, expected %s.\n", dbgstr_hr(hr), dbgstr_hr(expected));
    hr = GetErrorInfo(0, &info);
    ok(hr == S_OK, "%s: no information.\n", wine_dbgstr_w(code));
    if (hr != S_OK) return;
    IErrorInfo_GetDescription(info, &text);
    ok(text && wcsstr(text, L"CreateInstance") && wcsstr(text, code), "%s.\n", wine_dbgstr_w(text));
    SysFreeString(text);
    hr = IErrorInfo_GetGUID(info, &guid);
    ok(hr == S_OK && IsEqualIID(&guid, iid), "The error is of %s.\n", wine_dbgstr_guid(&guid));
    IErrorInfo_Release(info);
}

/* [ours] An object that cannot be created says why, as its methods do. "card nodaemon" has the missing service. */
static void test_creation_errors(void)
{
    static const struct { const CLSID *clsid; const IID *iid; } classes[] =
    {
        { &CLSID_CByteBuffer, &IID_IByteBuffer }, { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv },
        { &CLSID_CSCardCmd, &IID_ISCardCmd }, { &CLSID_CSCardISO7816, &IID_ISCardISO7816 },
        { &CLSID_CSCard, &IID_ISCard }, { &CLSID_CSCardDatabase, &IID_ISCardDatabase },
        { &CLSID_CSCardLocate, &IID_ISCardLocate }
    };
    struct vendor vendor = { { (IUnknownVtbl *)&vendor_vtbl }, 1, NULL };
    IClassFactory *factory;
    unsigned int i;
    HRESULT hr;
    void *out;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        winetest_push_context("%s", wine_dbgstr_guid(classes[i].clsid));
        hr = CoGetClassObject(classes[i].clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&factory);
        ok(hr == S_OK, "CoGetClassObject: %s.\n", dbgstr_hr(hr));
        if (hr != S_OK)
        {
            winetest_pop_context();
            continue;
        }
        SetErrorInfo(0, NULL);
        hr = IClassFactory_CreateInstance(factory, NULL, classes[i].iid, NULL);
        check_creation_error(hr, E_POINTER, classes[i].iid, L"E_POINTER");
        out = (void *)1;
        hr = IClassFactory_CreateInstance(factory, &vendor.IUnknown_iface, classes[i].iid, &out);
        check_creation_error(hr, CLASS_E_NOAGGREGATION, classes[i].iid, L"CLASS_E_NOAGGREGATION");
        ok(!out, "There is an object.\n");
        out = (void *)1;
        hr = IClassFactory_CreateInstance(factory, NULL, &IID_IStream, &out);
        if (hr != (HRESULT)SCARD_E_NO_SERVICE)
            check_creation_error(hr, E_NOINTERFACE, classes[i].iid, L"E_NOINTERFACE");
        ok(!out, "There is an object.\n");
        IClassFactory_Release(factory);
        winetest_pop_context();
    }
    ok(vendor.ref == 1, "%ld references to the vendor's object.\n", vendor.ref);
    SetErrorInfo(0, NULL);
}

START_TEST(objects)
{
    HMODULE module;
    unsigned int i;
    IUnknown *card;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardISO7816);
    check_progids(L"Scardssp"); /* [ours] */
    test_vendor();
    test_creation_errors();
    for (i = 0; i < ARRAY_SIZE(silent_classes); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(silent_classes[i].members[0].name));
        test_class_factory(&silent_classes[i], module);
        test_identity(&silent_classes[i]);
        test_type_info(&silent_classes[i]);
        winetest_pop_context();
    }
    if (CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&card) == S_OK)
    {
        IUnknown_Release(card);
        test_object_rules(&card_rules, module);
    }
    else
        skip("The smart card resource manager is not running.\n");
    check_nothing_left(module);
    CoUninitialize();
}
