/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The Windows half of scardssp-doctor, in each width: tries what a smart card program needs and prints one line for
 * each step, "STEP CODE [TEXT]", the code in hexadecimal. It judges nothing: the doctor does. Usage: probe [READER]
 */

#define COBJMACROS

#include <stdio.h>
#include <stdlib.h>

#include <windows.h>
#include <ole2.h>
#include <winscard.h>
#include <initguid.h>
#include "scardmgr.h"

static const struct
{
    const CLSID *clsid;
    const char *name;
} classes[] =
{
    { &CLSID_CByteBuffer, "CByteBuffer" },
    { &CLSID_CSCardCmd, "CSCardCmd" },
    { &CLSID_CSCardISO7816, "CSCardISO7816" },
    { &CLSID_CSCardTypeConv, "CSCardTypeConv" },
    { &CLSID_CSCardDatabase, "CSCardDatabase" },
    { &CLSID_CSCardLocate, "CSCardLocate" },
    { &CLSID_CSCard, "CSCard" },
};

static void report(const char *step, HRESULT hr, const char *text)
{
    printf("%s %08lx %s\n", step, (unsigned long)hr, text);
    fflush(stdout);
}

static HRESULT create(REFCLSID clsid, REFIID iid, void **object)
{
    return CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, object);
}

static void try_classes(void)
{
    IUnknown *object;
    ITypeLib *typelib;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAYSIZE(classes); i++)
    {
        if (SUCCEEDED(hr = create(classes[i].clsid, &IID_IUnknown, (void **)&object))) IUnknown_Release(object);
        report("class", hr, classes[i].name);
    }
    if (SUCCEEDED(hr = LoadRegTypeLib(&LIBID_SCARDSSPLib, 1, 0, LOCALE_NEUTRAL, &typelib))) ITypeLib_Release(typelib);
    report("typelib", hr, "");
}

static LONG try_context(const char *step)
{
    SCARDCONTEXT context;
    LONG error = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);

    if (!error) SCardReleaseContext(context);
    report(step, error, "");
    return error;
}

/* SELECT of the master file: any answer of the card will do. */
static HRESULT try_exchange(const char *reader, WORD *status)
{
    ISCardISO7816 *iso = NULL;
    ISCardCmd *cmd = NULL;
    ISCard *card = NULL;
    WCHAR name[256];
    BSTR string;
    HRESULT hr;

    if (!MultiByteToWideChar(CP_ACP, 0, reader, -1, name, ARRAYSIZE(name))) return E_INVALIDARG;
    if (!(string = SysAllocString(name))) return E_OUTOFMEMORY;
    hr = create(&CLSID_CSCard, &IID_ISCard, (void **)&card);
    if (SUCCEEDED(hr)) hr = create(&CLSID_CSCardCmd, &IID_ISCardCmd, (void **)&cmd);
    if (SUCCEEDED(hr)) hr = create(&CLSID_CSCardISO7816, &IID_ISCardISO7816, (void **)&iso);
    if (SUCCEEDED(hr)) hr = ISCardISO7816_SelectFile(iso, 0, 0, NULL, 0, &cmd);
    if (SUCCEEDED(hr) && SUCCEEDED(hr = ISCard_AttachByReader(card, string, SHARED, T0 | T1)))
    {
        if (SUCCEEDED(hr = ISCard_Transaction(card, &cmd))) hr = ISCardCmd_get_ReplyStatus(cmd, status);
        ISCard_Detach(card, LEAVE);
    }
    if (iso) ISCardISO7816_Release(iso);
    if (cmd) ISCardCmd_Release(cmd);
    if (card) ISCard_Release(card);
    SysFreeString(string);
    return hr;
}

int main(int argc, char **argv)
{
    WORD status = 0;
    char text[8];
    HRESULT hr;

    OleInitialize(NULL);
    try_context("context");
    try_classes();
    if (!try_context("context-after") && argc > 1)
    {
        hr = try_exchange(argv[1], &status);
        snprintf(text, sizeof(text), "%04X", status);
        report("exchange", hr, text);
    }
    OleUninitialize();
    return 0;
}
