/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The texts of the dialog. */

#include "text.h"
#include "winuser.h"

/*
 * LoadString, but for a dialect (Swiss German, say) it also takes the strings of the language. Strings are in blocks of
 * 16, each string as its length and its characters.
 */
const WCHAR *dialog_text(UINT id, WCHAR text[DIALOG_TEXT_SIZE])
{
    HRSRC resource = FindResourceExW(scardssp_instance, (const WCHAR *)RT_STRING, MAKEINTRESOURCEW(id / 16 + 1),
            LANGIDFROMLCID(GetThreadLocale()));
    const WCHAR *string = resource ? LockResource(LoadResource(scardssp_instance, resource)) : NULL;
    unsigned int i;

    *text = 0;
    if (!string)
        return text;
    for (i = 0; i < id % 16; i++)
        string += *string + 1;
    lstrcpynW(text, string + 1, min(*string + 1, DIALOG_TEXT_SIZE));
    return text;
}
