/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a fresh process waits for until the first reply of a card. Run by tests/bench/start.sh:
 *     start32.exe objects|late|winscard READER
 * with the objects of scardssp.dll by their vtables, the same late bound as a script calls them, or winscard alone.
 * Prints lines "STEP us".
 */

#define COBJMACROS
#include "card_common.h"
#include "clock.h"

static double start;

static void step(const char *name, BOOL done)
{
    double end = microseconds();

    if (!done) die(name);
    printf("%s %.0f\n", name, end - start);
    start = microseconds();
}

static const BYTE select_mf[] = { 0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00 };

static void use_objects(const WCHAR *reader)
{
    IByteBuffer *data = NULL, *reply = NULL;
    ISCard *card = NULL;
    ISCardISO7816 *iso = NULL;
    ISCardCmd *cmd = NULL;
    BSTR name = SysAllocString(reader);

    CoInitialize(NULL);
    step("COM", TRUE);
    step("first-object",
         CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card) == S_OK);
    iso = create_iso();
    data = create_buffer(select_mf + 5, 2);
    step("other-objects", TRUE);
    step("connect", ISCard_AttachByReader(card, name, SHARED, T1) == S_OK);
    step("command", ISCardISO7816_SelectFile(iso, 0x00, 0x0c, data, 0, &cmd) == S_OK);
    step("exchange", ISCard_Transaction(card, &cmd) == S_OK
         && ISCardCmd_get_ApduReply(cmd, &reply) == S_OK && reply);
    step("any-dll", LoadLibraryW(L"olepro32.dll") != NULL); /* which has no more to do than to be loaded */
}

static HRESULT call(void *object, const WCHAR *name, WORD flags, VARIANT *args, UINT count, VARIANT *result)
{
    DISPPARAMS params = { args, NULL, count, 0 };
    WCHAR *names = (WCHAR *)name;
    DISPID id;
    HRESULT hr;

    hr = IDispatch_GetIDsOfNames((IDispatch *)object, &IID_NULL, &names, 1, LOCALE_NEUTRAL, &id);
    if (FAILED(hr)) return hr;
    return IDispatch_Invoke((IDispatch *)object, id, &IID_NULL, LOCALE_NEUTRAL, flags, &params, result, NULL, NULL);
}

static IDispatch *create(const WCHAR *progid)
{
    IDispatch *object = NULL;
    CLSID clsid;

    if (CLSIDFromProgID(progid, &clsid) == S_OK)
        CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object);
    return object;
}

static void use_late(const WCHAR *reader)
{
    VARIANT args[5], cmd, buffer, reply;
    IDispatch *card, *iso, *conv;
    SAFEARRAY *bytes;

    CoInitialize(NULL);
    step("COM", TRUE);
    step("first-object", (card = create(L"SCard.SCard.1")) != NULL);
    iso = create(L"SCardISO7816.SCardISO7816.1");
    conv = create(L"SCardTypeConv.SCardTypeConv.1");
    step("other-objects", iso && conv);
    V_VT(&args[2]) = VT_BSTR;
    V_BSTR(&args[2]) = SysAllocString(reader);
    V_VT(&args[1]) = V_VT(&args[0]) = VT_I4;
    V_I4(&args[1]) = SHARED;
    V_I4(&args[0]) = T1;
    step("connect", call(card, L"AttachByReader", DISPATCH_METHOD, args, 3, NULL) == S_OK);
    bytes = SafeArrayCreateVector(VT_UI1, 0, 2);
    memcpy(bytes->pvData, select_mf + 5, 2);
    V_VT(&args[0]) = VT_ARRAY | VT_UI1;
    V_ARRAY(&args[0]) = bytes;
    V_VT(&cmd) = VT_EMPTY;
    if (call(conv, L"ConvertSafeArrayToByteBuffer", DISPATCH_METHOD, args, 1, &buffer) != S_OK)
        step("converting", FALSE);
    V_VT(&args[4]) = V_VT(&args[3]) = V_VT(&args[1]) = VT_I4;
    V_I4(&args[4]) = 0x00;
    V_I4(&args[3]) = 0x0c;
    args[2] = buffer;
    V_I4(&args[1]) = 0;
    V_VT(&args[0]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&args[0]) = &cmd;
    step("command", call(iso, L"SelectFile", DISPATCH_METHOD, args, 5, NULL) == S_OK && V_VT(&cmd) == VT_DISPATCH);
    step("exchange", call(card, L"Transaction", DISPATCH_METHOD, args, 1, NULL) == S_OK
         && call(V_DISPATCH(&cmd), L"ApduReply", DISPATCH_PROPERTYGET, NULL, 0, &reply) == S_OK);
}

static void use_winscard(const WCHAR *reader)
{
    static const SCARD_IO_REQUEST t1 = { SCARD_PROTOCOL_T1, sizeof(t1) };
    HMODULE winscard = LoadLibraryW(L"winscard.dll");
    typeof(SCardEstablishContext) *establish = (void *)GetProcAddress(winscard, "SCardEstablishContext");
    typeof(SCardConnectW) *connect = (void *)GetProcAddress(winscard, "SCardConnectW");
    typeof(SCardTransmit) *transmit = (void *)GetProcAddress(winscard, "SCardTransmit");
    DWORD protocol, size = 258;
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    BYTE reply[258];

    step("winscard", establish && connect && transmit);
    step("context", !establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context));
    step("connect", !connect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &handle, &protocol));
    step("exchange", !transmit(handle, &t1, select_mf, sizeof(select_mf), NULL, reply, &size));
}

int main(int argc, char **argv)
{
    WCHAR reader[256];

    if (argc != 3)
    {
        fprintf(stderr, "usage: start32.exe objects|late|winscard READER\n");
        return 2;
    }
    MultiByteToWideChar(CP_UTF8, 0, argv[2], -1, reader, ARRAY_SIZE(reader));
    start = microseconds();
    if (!strcmp(argv[1], "objects")) use_objects(reader);
    else if (!strcmp(argv[1], "late")) use_late(reader);
    else use_winscard(reader);
    return 0;
}
