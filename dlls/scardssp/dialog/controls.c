/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* comctl32, loaded at run time. */

#include "controls.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

BOOL controls_load(struct controls *controls)
{
    if (!(controls->module = LoadLibraryW(L"comctl32.dll")))
    {
        WARN("There is no comctl32: error %lu.\n", GetLastError());
        return FALSE;
    }
    controls->InitCommonControlsEx = (void *)GetProcAddress(controls->module, "InitCommonControlsEx");
    controls->ImageList_Create = (void *)GetProcAddress(controls->module, "ImageList_Create");
    controls->ImageList_AddMasked = (void *)GetProcAddress(controls->module, "ImageList_AddMasked");
    controls->ImageList_Destroy = (void *)GetProcAddress(controls->module, "ImageList_Destroy");
    if (controls->InitCommonControlsEx && controls->ImageList_Create && controls->ImageList_AddMasked
            && controls->ImageList_Destroy)
        return TRUE;
    controls_unload(controls);
    return FALSE;
}

void controls_unload(struct controls *controls)
{
    FreeLibrary(controls->module);
}
