/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The texts of the dialog. */

#include "text.h"
#include "winuser.h"

/* For a dialect (Swiss German, say) the system also finds the resource of the language. */
static HRSRC find_strings(UINT block, LANGID language)
{
    return FindResourceExW(scardssp_instance, (const WCHAR *)RT_STRING, MAKEINTRESOURCEW(block), language);
}

/* LoadString in the thread's language. Strings are in blocks of 16, each string as its length and its characters. */
const WCHAR *dialog_text(UINT id, WCHAR text[DIALOG_TEXT_SIZE])
{
    HRSRC resource = find_strings(id / 16 + 1, LANGIDFROMLCID(GetThreadLocale()));
    const WCHAR *string;
    unsigned int i;

    *text = 0;
    if (!resource)
        resource = find_strings(id / 16 + 1, MAKELANGID(LANG_ENGLISH, SUBLANG_DEFAULT));
    if (!resource || !(string = LockResource(LoadResource(scardssp_instance, resource))))
        return text;
    for (i = 0; i < id % 16; i++)
        string += *string + 1;
    lstrcpynW(text, string + 1, min(*string + 1, DIALOG_TEXT_SIZE));
    return text;
}
