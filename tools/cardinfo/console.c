/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Dumps, and the input of PINs. */

#include <stdio.h>

#include "cardinfo.h"

void print_dump(const BYTE *bytes, size_t size, size_t offset)
{
    char hex[16 * 3 + 1], text[16 + 1];
    size_t i, j, count;

    for (i = 0; i < size; i += count)
    {
        count = min(size - i, 16);
        for (j = 0; j < count; j++)
        {
            BYTE byte = bytes[i + j];

            sprintf(hex + 3 * j, "%02X ", byte);
            text[j] = byte >= 0x20 && byte < 0x7f ? byte : '.';
        }
        text[count] = 0;
        print("  %04X  %-48s %s\n", (unsigned int)(offset + i), hex, text);
    }
}

int pin_from_wide(const WCHAR *wide, BYTE *pin)
{
    int length;

    for (length = 0; wide[length]; length++)
    {
        if (length == MAX_PIN || wide[length] < 0x20 || wide[length] > 0x7e)
        {
            SecureZeroMemory(pin, MAX_PIN);
            return 0;
        }
        pin[length] = wide[length];
    }
    return length;
}

/* One character of standard input, whatever it is connected to. FALSE at its end. */
static BOOL read_char(HANDLE handle, BOOL console, WCHAR *out)
{
    DWORD count;
    BYTE byte;

    if (console) return ReadConsoleW(handle, out, 1, &count, NULL) && count;
    if (!ReadFile(handle, &byte, 1, &count, NULL) || !count) return FALSE;
    *out = byte;
    SecureZeroMemory(&byte, sizeof(byte));
    return TRUE;
}

int read_pin(BYTE *pin)
{
    HANDLE handle = GetStdHandle(STD_INPUT_HANDLE);
    WCHAR line[MAX_PIN + 2], c;
    int length = 0;
    BOOL console;
    DWORD mode;

    console = GetConsoleMode(handle, &mode);
    if (console)
    {
        print_error("PIN: ");
        SetConsoleMode(handle, (mode & ~ENABLE_ECHO_INPUT) | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
    }
    while (read_char(handle, console, &c) && c != '\n')
    {
        if (c != '\r' && length <= MAX_PIN) line[length++] = c;
    }
    line[length] = 0;
    if (console)
    {
        SetConsoleMode(handle, mode);
        print_error("\n");
    }
    if (!(length = pin_from_wide(line, pin)))
    {
        print_error("cardinfo: no PIN of 1 to %u ASCII characters came; nothing was sent.\n", MAX_PIN);
    }
    SecureZeroMemory(line, sizeof(line));
    SecureZeroMemory(&c, sizeof(c));
    return length;
}
