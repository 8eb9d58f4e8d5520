/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The Windows half of scardssp-doctor, in each width: tries what a smart card program needs and prints one line for
 * each step, "STEP CODE [TEXT]", the code in hexadecimal. It judges nothing: the doctor does.
 *     probe [READER]... [/ READER...]
 * The readers before the "/" are tried in this order, up to the first whose card answers; behind it are all readers, in
 * pcsc-lite's order. Their names, and those that it prints, are the bytes of UTF-8 in hexadecimal: what comes through a
 * code page is not what the reader is called.
 */

#define COBJMACROS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ole2.h>
#include <winscard.h>
#include <initguid.h>
#include "scardmgr.h"
#include "probe.h"

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

/* The name that these digits are, or NULL. */
static BSTR name_from_hex(const char *hex)
{
    char bytes[MAX_NAME + 1] = "";
    WCHAR name[MAX_NAME + 1];
    unsigned int i, byte;

    for (i = 0; hex[2 * i] && i < MAX_NAME; i++)
    {
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) return NULL;
        bytes[i] = byte;
    }
    return MultiByteToWideChar(CP_UTF8, 0, bytes, -1, name, ARRAYSIZE(name)) ? SysAllocString(name) : NULL;
}

void print_hex(const WCHAR *text, int length)
{
    char bytes[3 * MAX_NAME];
    int i, size = length ? WideCharToMultiByte(CP_UTF8, 0, text, min(length, MAX_NAME), bytes, sizeof(bytes), NULL, NULL)
                  : 0;

    for (i = 0; i < size; i++) printf("%02x", (BYTE)bytes[i]);
    if (!size) printf("-");
}

/* The readers as programs see them. */
static void list_readers(void)
{
    ISCardDatabase *database = NULL;
    SAFEARRAY *readers = NULL;
    LONG i, upper = -1;
    BSTR name;
    HRESULT hr;

    hr = create(&CLSID_CSCardDatabase, &IID_ISCardDatabase, (void **)&database);
    if (SUCCEEDED(hr)) hr = ISCardDatabase_ListReaders(database, 0, &readers);
    if (SUCCEEDED(hr)) SafeArrayGetUBound(readers, 1, &upper);
    for (i = 0; i <= upper && SUCCEEDED(SafeArrayGetElement(readers, &i, &name)); i++)
    {
        printf("listed 00000000 ");
        print_hex(name, SysStringLen(name));
        printf("\n");
        SysFreeString(name);
    }
    report("list", hr, "");
    if (readers) SafeArrayDestroy(readers);
    if (database) ISCardDatabase_Release(database);
}

/* SELECT of the master file: any answer of the card will do. */
static HRESULT try_exchange(BSTR reader, WORD *status)
{
    ISCardISO7816 *iso = NULL;
    ISCardCmd *cmd = NULL;
    ISCard *card = NULL;
    HRESULT hr;

    if (!reader) return E_INVALIDARG;
    hr = create(&CLSID_CSCard, &IID_ISCard, (void **)&card);
    if (SUCCEEDED(hr)) hr = create(&CLSID_CSCardCmd, &IID_ISCardCmd, (void **)&cmd);
    if (SUCCEEDED(hr)) hr = create(&CLSID_CSCardISO7816, &IID_ISCardISO7816, (void **)&iso);
    if (SUCCEEDED(hr)) hr = ISCardISO7816_SelectFile(iso, 0, 0, NULL, 0, &cmd);
    if (SUCCEEDED(hr) && SUCCEEDED(hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1)))
    {
        if (SUCCEEDED(hr = ISCard_Transaction(card, &cmd))) hr = ISCardCmd_get_ReplyStatus(cmd, status);
        ISCard_Detach(card, LEAVE);
    }
    if (iso) ISCardISO7816_Release(iso);
    if (cmd) ISCardCmd_Release(cmd);
    if (card) ISCard_Release(card);
    return hr;
}

static void try_exchanges(char **readers, int count)
{
    HRESULT hr = E_FAIL;
    char text[2 * MAX_NAME + 8];
    WORD status = 0;
    BSTR name;
    int i;

    for (i = 0; i < count && FAILED(hr); i++)
    {
        name = name_from_hex(readers[i]);
        hr = try_exchange(name, &status);
        SysFreeString(name);
        snprintf(text, sizeof(text), "%04X %s", status, readers[i]);
        report("exchange", hr, text);
    }
}

/* What Wine's winscard lists, a multi-string to be freed; NULL: nothing. */
static WCHAR *list_of_winscard(void)
{
    DWORD size = 0;
    WCHAR *list = NULL;
    SCARDCONTEXT context;

    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context)) return NULL;
    if (!SCardListReadersW(context, NULL, NULL, &size) && (list = calloc(size + 2, sizeof(*list)))
            && SCardListReadersW(context, NULL, list, &size))
        *list = 0;
    SCardReleaseContext(context);
    return list;
}

static BOOL is_in(const WCHAR *list, const WCHAR *name)
{
    while (list && *list && wcscmp(list, name)) list += lstrlenW(list) + 1;
    return list && *list;
}

/* Of all readers, whose names these are. */
static void list_aliases(char **readers, int count)
{
    BSTR *names = calloc(count + 1, sizeof(*names)), name;
    WCHAR *list = list_of_winscard();
    int i, pass, found = 0, listed = 0;

    for (pass = 0; names && pass < 2; pass++)
    {
        for (i = 0; i < count; i++)
        {
            if ((name = name_from_hex(readers[i])) && is_in(list, name) == !pass) names[found++] = name;
            else SysFreeString(name);
        }
        if (!pass) listed = found;
    }
    print_aliases(names, listed, found);
    for (i = 0; i < found; i++) SysFreeString(names[i]);
    free(names);
    free(list);
}

int main(int argc, char **argv)
{
    int tried = 1;

    while (tried < argc && strcmp(argv[tried], "/")) tried++;
    OleInitialize(NULL);
    try_context("context");
    try_classes();
    if (!try_context("context-after"))
    {
        list_readers();
        list_aliases(argv + tried + 1, max(argc - tried - 1, 0));
        try_exchanges(argv + 1, tried - 1);
    }
    OleUninitialize();
    return 0;
}
