/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * comctl32, from the moment that a dialog needs it: to load it takes 10 ms, which a program that shows none would wait
 * for at its start. Windows XP knows no delayed imports but those of its compilers.
 */

#ifndef SCARDSSP_DIALOG_CONTROLS_H
#define SCARDSSP_DIALOG_CONTROLS_H

#include "module/module.h"
#include "winuser.h"
#include "commctrl.h"

/* The functions of the same names. */
struct controls
{
    HMODULE module;
    BOOL (WINAPI *InitCommonControlsEx)(const INITCOMMONCONTROLSEX *classes);
    HIMAGELIST (WINAPI *ImageList_Create)(INT width, INT height, UINT flags, INT count, INT growth);
    INT (WINAPI *ImageList_AddMasked)(HIMAGELIST list, HBITMAP bitmap, COLORREF mask);
    BOOL (WINAPI *ImageList_Destroy)(HIMAGELIST list);
};

/* FALSE: there is none; nothing is to be unloaded then. */
BOOL controls_load(struct controls *controls);
void controls_unload(struct controls *controls);

#endif
