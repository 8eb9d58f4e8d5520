/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Wine's winscard repeats the ends of names that are not ASCII. */

#include <string.h>

#include "winscard_private.h"

/*
 * Wine's winscard steps through a multi-string of UTF-8 by the lengths of the UTF-16 strings that it makes of it, so
 * that behind a name which is not ASCII the end of that name comes once more, as if it were another name. (Where just
 * one byte is left over, the list ends there: what comes behind cannot be had.)
 */
void drop_repeated_ends(WCHAR *names)
{
    char name[MAX_NAME_BYTES];
    WCHAR end[MAX_NAME_BYTES];
    const WCHAR *in = names;
    WCHAR *out = names;
    int length, size, offset, end_length;

    while (*in)
    {
        length = lstrlenW(in) + 1;
        memmove(out, in, length * sizeof(*in));
        in += length;
        size = WideCharToMultiByte(CP_UTF8, 0, out, -1, name, sizeof(name), NULL, NULL);
        for (offset = length; offset < size - 1; offset += end_length)
        {
            end_length = MultiByteToWideChar(CP_UTF8, 0, name + offset, -1, end, ARRAY_SIZE(end));
            if (wcscmp(in, end))
                break;
            in += end_length;
        }
        out += length;
    }
    *out = 0;
}
