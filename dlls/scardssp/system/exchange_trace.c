/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The channel that shows exchanges whole. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange_trace.h"
#include "core/wipe.h"
#include "wine/debug.h"

WINE_DECLARE_DEBUG_CHANNEL(scardsspdata);

#define PREFIX_SIZE 96          /* what stands before the command, and the error */

BOOL exchange_trace_is_on(void)
{
    char *channels;
    DWORD size;
    BOOL named;

    if (!TRACE_ON(scardsspdata) || !(size = GetEnvironmentVariableA("WINEDEBUG", NULL, 0))
            || !(channels = malloc(size)))
        return FALSE;
    named = GetEnvironmentVariableA("WINEDEBUG", channels, size) < size && strstr(channels, "scardsspdata");
    free(channels);
    return named;
}

static char *append_hex(char *out, const BYTE *bytes, DWORD size)
{
    static const char digits[] = "0123456789ABCDEF";
    DWORD i;

    for (i = 0; i < size; i++)
    {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0xf];
    }
    return out;
}

/* Wine's way for lines of its traces takes no more than a thousand characters; this one takes any number. */
static void write_line(const char *line, unsigned int size)
{
    int (WINAPI *write)(const char *text, unsigned int size);

    if ((write = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "__wine_dbg_write")))
        write(line, size);
}

void exchange_trace(HSCARD handle, const BYTE *command, DWORD command_size, const BYTE *reply, DWORD reply_size,
        LONG error)
{
    SIZE_T size = PREFIX_SIZE + 2 * ((SIZE_T)command_size + (error ? 0 : reply_size));
    char *line, *end;
    SYSTEMTIME now;

    if (!(line = malloc(size)))
        return;
    GetSystemTime(&now);
    end = line + sprintf(line, "scardsspdata: %04u-%02u-%02uT%02u:%02u:%02u.%03uZ %#Ix ", now.wYear, now.wMonth,
            now.wDay, now.wHour, now.wMinute, now.wSecond, now.wMilliseconds, handle);
    end = append_hex(end, command, command_size);
    end += sprintf(end, error ? " ! %08lX\n" : " > ", error);
    if (!error)
    {
        end = append_hex(end, reply, reply_size);
        *end++ = '\n';
    }
    write_line(line, end - line);
    core_wipe(line, size);
    free(line);
}
