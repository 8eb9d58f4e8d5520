/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In the place of system/establish.c in the 32-bit DLL. Where Wine runs 32-bit programs with a 32-bit unix side, its
 * winscard calls pcsc-lite with integers of the wrong size and cannot be used (docs/wine-32bit.md).
 * scardssp-pcsc32.dll.so, which lies beside this DLL, mends it in this process.
 */

#include "system/winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* Of enum repair_result in dlls/pcsc32/pcsc32.h. */
#define REPAIR_DONE        0
#define REPAIR_DONE_BEFORE 1

/* The file beside this module, by its whole path: no other directory is searched. */
static HMODULE load_adapter(void)
{
    static const WCHAR name[] = L"scardssp-pcsc32.dll.so";
    WCHAR path[MAX_PATH + ARRAY_SIZE(name)];
    DWORD length = GetModuleFileNameW(scardssp_instance, path, MAX_PATH);

    if (!length || length >= MAX_PATH)
        return NULL;
    while (length && path[length - 1] != '\\')
        length--;
    lstrcpyW(path + length, name);
    return LoadLibraryW(path);
}

/*
 * Returns whether it is worth another try. It may be called again, and by several threads at once. The adapter stays
 * loaded: winscard calls it from now on.
 */
static BOOL repair(void)
{
    int (WINAPI *repair_winscard)(void);
    HMODULE adapter;
    int result;

    if (!(adapter = load_adapter()))
    {
        WARN("The 32-bit winscard does not work, and its adapter is not beside this DLL: error %lu.\n", GetLastError());
        return FALSE;
    }
    if (!(repair_winscard = (void *)GetProcAddress(adapter, "RepairWinscard")))
        return FALSE;
    result = repair_winscard();
    TRACE("result %d.\n", result);
    return result == REPAIR_DONE || result == REPAIR_DONE_BEFORE;
}

LONG establish_system_context(HSCARDCONTEXT *context)
{
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);

    /* Nothing is wrong with these parameters. */
    if (error == SCARD_E_INVALID_PARAMETER && repair())
        error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
    return error;
}
