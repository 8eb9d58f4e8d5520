/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Registration, by our own code: Windows XP has no registrar of Wine's, and unregistering one width must not take the
 * ProgIDs away that the other width still needs (of HKEY_CLASSES_ROOT only CLSID has a view for each width). In Wine's
 * own tree it comes from scardssp.idl.
 */

#include "scardssp_private.h"
#include "olectl.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* What the rows below are filled with, by FormatMessage. */
enum insert
{
    INSERT_CLSID,           /* %1 */
    INSERT_DESCRIPTION,     /* %2 */
    INSERT_MODULE,          /* %3 */
    INSERT_LIBID,           /* %4 */
    INSERT_CLASS,           /* %5 */
    INSERT_COUNT
};

struct row
{
    const WCHAR *key;       /* below HKEY_CLASSES_ROOT */
    const WCHAR *name;      /* NULL: the default value */
    const WCHAR *data;
};

/* Parents come before what is below them. */
static const struct row clsid_rows[] =
{
    { L"CLSID\\%1", NULL, L"%2" },
    { L"CLSID\\%1\\InprocServer32", NULL, L"%3" },
    { L"CLSID\\%1\\InprocServer32", L"ThreadingModel", L"Both" },
    { L"CLSID\\%1\\ProgID", NULL, L"Scardssp.%5.1" },
    { L"CLSID\\%1\\VersionIndependentProgID", NULL, L"Scardssp.%5" },
    { L"CLSID\\%1\\TypeLib", NULL, L"%4" },
};

/* Both conventional schemes: no public source says which ProgIDs the original had. */
static const struct row progid_rows[] =
{
    { L"Scardssp.%5", NULL, L"%2" },
    { L"Scardssp.%5\\CLSID", NULL, L"%1" },
    { L"Scardssp.%5\\CurVer", NULL, L"Scardssp.%5.1" },
    { L"Scardssp.%5.1", NULL, L"%2" },
    { L"Scardssp.%5.1\\CLSID", NULL, L"%1" },
    { L"%5.%5", NULL, L"%2" },
    { L"%5.%5\\CLSID", NULL, L"%1" },
    { L"%5.%5\\CurVer", NULL, L"%5.%5.1" },
    { L"%5.%5.1", NULL, L"%2" },
    { L"%5.%5.1\\CLSID", NULL, L"%1" },
};

#ifdef _WIN64
static const WCHAR typelib_key[] = L"TypeLib\\%4\\1.0\\0\\win64";
static const SYSKIND typelib_syskind = SYS_WIN64;
static const REGSAM other_width = KEY_WOW64_32KEY;
#else
static const WCHAR typelib_key[] = L"TypeLib\\%4\\1.0\\0\\win32";
static const SYSKIND typelib_syskind = SYS_WIN32;
static const REGSAM other_width = KEY_WOW64_64KEY;
#endif

static HRESULT expand(const WCHAR *format, const WCHAR *const *inserts, WCHAR *out, DWORD size)
{
    if (FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, format, 0, 0, out, size,
            (va_list *)inserts))
        return S_OK;
    return HRESULT_FROM_WIN32(GetLastError());
}

static HRESULT write_rows(const struct row *rows, unsigned int count, const WCHAR *const *inserts)
{
    WCHAR key_name[128], data[MAX_PATH];
    unsigned int i;
    LONG error;
    HRESULT hr;
    HKEY key;

    for (i = 0; i < count; i++)
    {
        if (FAILED(hr = expand(rows[i].key, inserts, key_name, ARRAY_SIZE(key_name)))
                || FAILED(hr = expand(rows[i].data, inserts, data, ARRAY_SIZE(data))))
            return hr;
        error = RegCreateKeyExW(HKEY_CLASSES_ROOT, key_name, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
        if (!error)
        {
            error = RegSetValueExW(key, rows[i].name, 0, REG_SZ, (const BYTE *)data,
                    (lstrlenW(data) + 1) * sizeof(WCHAR));
            RegCloseKey(key);
        }
        if (error)
            return HRESULT_FROM_WIN32(error);
    }
    return S_OK;
}

/* Deletes the keys of the rows, children first; goes on after a failure and returns the first one. */
static HRESULT delete_rows(const struct row *rows, unsigned int count, const WCHAR *const *inserts)
{
    HRESULT hr = S_OK, result;
    WCHAR key_name[128];
    LONG error;

    while (count--)
    {
        if (SUCCEEDED(result = expand(rows[count].key, inserts, key_name, ARRAY_SIZE(key_name))))
        {
            error = RegDeleteKeyW(HKEY_CLASSES_ROOT, key_name);
            result = error == ERROR_FILE_NOT_FOUND ? S_OK : HRESULT_FROM_WIN32(error);
        }
        if (SUCCEEDED(hr))
            hr = result;
    }
    return hr;
}

static BOOL key_exists(const WCHAR *format, const WCHAR *const *inserts, REGSAM view)
{
    WCHAR key_name[128];
    HKEY key;

    if (FAILED(expand(format, inserts, key_name, ARRAY_SIZE(key_name)))
            || RegOpenKeyExW(HKEY_CLASSES_ROOT, key_name, 0, KEY_READ | view, &key))
        return FALSE;
    RegCloseKey(key);
    return TRUE;
}

static HRESULT register_class(const WCHAR *const *inserts)
{
    HRESULT hr = write_rows(clsid_rows, ARRAY_SIZE(clsid_rows), inserts);

    if (SUCCEEDED(hr))
        hr = write_rows(progid_rows, ARRAY_SIZE(progid_rows), inserts);
    return hr;
}

static HRESULT unregister_class(const WCHAR *const *inserts)
{
    HRESULT hr = delete_rows(clsid_rows, ARRAY_SIZE(clsid_rows), inserts), result;

    if (!key_exists(L"CLSID\\%1\\InprocServer32", inserts, other_width))
    {
        result = delete_rows(progid_rows, ARRAY_SIZE(progid_rows), inserts);
        if (SUCCEEDED(hr))
            hr = result;
    }
    return hr;
}

/* Calls function for every class; goes on after a failure and returns the first one. */
static HRESULT for_each_class(HRESULT (*function)(const WCHAR *const *inserts))
{
    WCHAR clsid[39], libid[39], module[MAX_PATH], description[64];
    const struct class_desc *const *class;
    const WCHAR *inserts[INSERT_COUNT];
    DWORD length = GetModuleFileNameW(scardssp_instance, module, ARRAY_SIZE(module));
    HRESULT hr = S_OK, result;

    if (!length || length >= ARRAY_SIZE(module))
        return E_FAIL;
    StringFromGUID2(&LIBID_SCARDSSPLib, libid, ARRAY_SIZE(libid));
    inserts[INSERT_CLSID] = clsid;
    inserts[INSERT_DESCRIPTION] = description;
    inserts[INSERT_MODULE] = module;
    inserts[INSERT_LIBID] = libid;
    for (class = all_classes; *class; class++)
    {
        StringFromGUID2((*class)->clsid, clsid, ARRAY_SIZE(clsid));
        inserts[INSERT_CLASS] = (*class)->name;
        result = expand(L"%5 Class", inserts, description, ARRAY_SIZE(description));
        if (SUCCEEDED(result))
            result = function(inserts);
        if (SUCCEEDED(hr))
            hr = result;
    }
    return hr;
}

HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR module[MAX_PATH];
    ITypeLib *typelib;
    HRESULT hr;

    TRACE("\n");

    if (FAILED(hr = for_each_class(register_class)))
        return hr;
    GetModuleFileNameW(scardssp_instance, module, ARRAY_SIZE(module));
    if (FAILED(hr = LoadTypeLibEx(module, REGKIND_NONE, &typelib)))
        return hr;
    hr = RegisterTypeLib(typelib, module, NULL);
    ITypeLib_Release(typelib);
    return hr;
}

/* To find it not registered is what we want. */
static HRESULT unregister_typelib(const WCHAR *const *inserts)
{
    if (!key_exists(typelib_key, inserts, 0))
        return S_OK;
    return UnRegisterTypeLib(&LIBID_SCARDSSPLib, 1, 0, LOCALE_NEUTRAL, typelib_syskind);
}

HRESULT WINAPI DllUnregisterServer(void)
{
    WCHAR libid[39];
    const WCHAR *inserts[INSERT_COUNT] = { [INSERT_LIBID] = libid };
    HRESULT hr, result;

    TRACE("\n");

    StringFromGUID2(&LIBID_SCARDSSPLib, libid, ARRAY_SIZE(libid));
    hr = for_each_class(unregister_class);
    result = unregister_typelib(inserts);
    return FAILED(hr) ? hr : result;
}
