/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Output in whatever the other end understands; for all console programs of this project. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "print.h"

static void write_utf8(DWORD std_handle, const char *text, int length)
{
    HANDLE handle = GetStdHandle(std_handle);
    DWORD mode, written;
    WCHAR *wide;
    int count;

    if (!GetConsoleMode(handle, &mode))
    {
        WriteFile(handle, text, length, &written, NULL);
        return;
    }
    if (!(wide = malloc(length * sizeof(*wide)))) return;
    count = MultiByteToWideChar(CP_UTF8, 0, text, length, wide, length);
    WriteConsoleW(handle, wide, count, &written, NULL);
    free(wide);
}

static void __attribute__((format(gnu_printf, 2, 0)))
print_va(DWORD std_handle, const char *format, va_list args)
{
    char text[2048];
    int length = vsnprintf(text, sizeof(text), format, args);

    if (length < 0 || length >= (int)sizeof(text)) length = sizeof(text) - 1;
    if (length) write_utf8(std_handle, text, length);
}

void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_va(STD_OUTPUT_HANDLE, format, args);
    va_end(args);
}

void print_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_va(STD_ERROR_HANDLE, format, args);
    va_end(args);
}

void print_hex(const BYTE *bytes, size_t size, const char *indent)
{
    char line[32 * 3 + 1];
    size_t i, length = 0;

    for (i = 0; i < size; i++)
    {
        if (i && !(i % 32))
        {
            print("%s\n%s", line, indent);
            length = 0;
        }
        length += sprintf(line + length, length ? " %02X" : "%02X", bytes[i]);
    }
    if (size) print("%s", line);
}

char *utf8_from_wide(const WCHAR *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text, *p;

    if (!(text = malloc(size))) return NULL;
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    for (p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = '?';
    return text;
}
