/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of cards. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cardname.h"

#define REPLACEMENT 0xfffd

/* Reads one character; *position moves behind it, or behind the one byte that is none. */
static uint32_t next_character(const unsigned char *text, size_t size, size_t *position)
{
    static const uint32_t lowest[] = { 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = text[(*position)++];
    unsigned int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1, i;
    uint32_t c;

    if (lead < 0x80) return lead;
    if (lead < 0xc2 || lead > 0xf4 || size - *position < more) return REPLACEMENT;
    c = lead & (0x3f >> more);
    for (i = 0; i < more; i++)
    {
        if ((text[*position + i] & 0xc0) != 0x80) return REPLACEMENT;
        c = c << 6 | (text[*position + i] & 0x3f);
    }
    if (c < lowest[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return REPLACEMENT;
    *position += more;
    return c;
}

static bool is_space(uint32_t c)
{
    return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029;
}

size_t cardname_make(const char *text, size_t size, unsigned int number, uint16_t name[CARDNAME_SIZE])
{
    size_t position = 0, length = 0, suffix_size = 0, limit, i;
    char suffix[16];
    uint32_t c;

    if (number > 1) suffix_size = sprintf(suffix, " (%u)", number);
    limit = CARDNAME_SIZE - 1 - suffix_size;
    while (position < size)
    {
        c = next_character((const unsigned char *)text, size, &position);
        if (is_space(c) && (!length || name[length - 1] == ' ')) continue;
        if (length + (c >= 0x10000 ? 2 : 1) > limit) break;
        if (is_space(c)) c = ' ';
        if (c == '\\') c = '/';
        if (c >= 0x10000)
        {
            name[length++] = 0xd7c0 + (c >> 10);
            c = 0xdc00 | (c & 0x3ff);
        }
        name[length++] = c;
    }
    if (length && name[length - 1] == ' ') length--;
    for (i = 0; length && i < suffix_size; i++) name[length++] = suffix[i];
    name[length] = 0;
    return length;
}
