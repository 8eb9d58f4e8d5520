/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Output of console programs, see print.c. */

#ifndef PRINT_H
#define PRINT_H

#include <windows.h>

/* Both take UTF-8 and print UTF-16 to a console, UTF-8 to anything else. */
void print(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));
void print_error(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* Bytes in hexadecimal, 32 to a line; the lines after the first start with indent. */
void print_hex(const BYTE *bytes, size_t size, const char *indent);

/* A UTF-8 copy with question marks for control characters; the caller frees it. NULL: there is no memory. */
char *utf8_from_wide(const WCHAR *wide);

#endif
