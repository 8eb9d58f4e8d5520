/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ProgIDs of the scheme that the stand-alone DLL registers besides that of objects.c. */

#define COBJMACROS
#include "common.h"

/* [ours] The second scheme: each name has its class on both sides of the dot. */
static void test_progids(void)
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
            lstrcpyW(progid, classes[i].name);
            lstrcatW(progid, L".");
            lstrcatW(progid, classes[i].name);
            lstrcatW(progid, versions[version]);
            hr = CLSIDFromProgID(progid, &clsid);
            ok(hr == S_OK && IsEqualCLSID(&clsid, classes[i].clsid), "%s: %s, %s.\n", wine_dbgstr_w(progid),
               dbgstr_hr(hr), wine_dbgstr_guid(&clsid));
        }
    }
}

START_TEST(progids)
{
    CoInitialize(NULL);
    test_progids();
    CoUninitialize();
}
