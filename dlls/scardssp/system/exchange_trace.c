/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The channel that shows exchanges whole. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange_trace.h"
#include "winscard_private.h"
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

static char *append_start(char *out, HSCARD handle)
{
    SYSTEMTIME now;

    GetSystemTime(&now);
    return out + sprintf(out, "scardsspdata: %04u-%02u-%02uT%02u:%02u:%02u.%03uZ %#Ix ", now.wYear, now.wMonth,
            now.wDay, now.wHour, now.wMinute, now.wSecond, now.wMilliseconds, handle);
}

void exchange_trace(HSCARD handle, const BYTE *command, DWORD command_size, const BYTE *reply, DWORD reply_size,
        LONG error)
{
    SIZE_T size = PREFIX_SIZE + 2 * ((SIZE_T)command_size + (error ? 0 : reply_size));
    char *line, *end;

    if (!(line = malloc(size)))
        return;
    end = append_start(line, handle);
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

static const char *protocol_word(SCARD_PROTOCOLS protocol)
{
    return protocol == T0 ? "T=0" : protocol == T1 ? "T=1" : protocol == RAW ? "RAW" : "-";
}

/* In UTF-8, in which a character of UTF-16 has at most three bytes; on one line. */
static char *append_name(char *out, const WCHAR *name)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, *name ? name : L"-", -1, out, 3 * MAX_NAME_BYTES, NULL, NULL);
    char *end = out + max(size, 1) - 1;

    for (; out < end; out++)
        if ((unsigned char)*out < 0x20 || *out == 0x7f)
            *out = '?';
    return end;
}

void exchange_trace_attach(const struct connection *connection)
{
    char line[PREFIX_SIZE + 2 * ATR_MAX_SIZE + 3 * MAX_NAME_BYTES], *end;
    DWORD state, protocol, atr_size = ATR_MAX_SIZE;
    WCHAR name[MAX_NAME_BYTES] = {0};
    BYTE atr[ATR_MAX_SIZE];

    if (!exchange_trace_is_on())
        return;
    if (get_status(connection->handle, name, &state, &protocol, atr, &atr_size))
        atr_size = 0;
    end = append_start(line, connection->handle);
    end += sprintf(end, "attach %s ", protocol_word(winscard_protocol(connection)));
    end = append_hex(end, atr, min(atr_size, ATR_MAX_SIZE));
    end += sprintf(end, atr_size ? " " : "- ");
    end = append_name(end, connection->reader ? connection->reader : name);
    *end++ = '\n';
    write_line(line, end - line);
}

static void write_word(HSCARD handle, const char *word)
{
    char line[PREFIX_SIZE], *end = append_start(line, handle);

    end += sprintf(end, "%s\n", word);
    write_line(line, end - line);
}

void exchange_trace_disposition(HSCARD handle, SCARD_DISPOSITIONS disposition)
{
    if (disposition != LEAVE && exchange_trace_is_on())
        write_word(handle, "reset");
}

void exchange_trace_detach(HSCARD handle, SCARD_DISPOSITIONS disposition)
{
    exchange_trace_disposition(handle, disposition);
    if (exchange_trace_is_on())
        write_word(handle, "detach");
}
