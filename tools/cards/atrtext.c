/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ATRs as text. */

#include <string.h>

#include "atrtext.h"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* What is between brackets, as a bit for each digit; 0: it is no list of digits. */
static unsigned int parse_set(const char *text, size_t size)
{
    unsigned int set = 0;
    int first, last;
    size_t i = 0;

    while (i < size)
    {
        if (text[i] == ',')
        {
            i++;
            continue;
        }
        if ((first = last = digit_value(text[i++])) < 0) return 0;
        if (i + 1 < size && text[i] == '-')
        {
            if ((last = digit_value(text[i + 1])) < first) return 0;
            i += 2;
        }
        for (; first <= last; first++) set |= 1u << first;
    }
    return set;
}

static void set_digit(struct atr_variant *variant, size_t position, int digit)
{
    unsigned int shift = position % 2 ? 0 : 4;

    variant->atr.bytes[position / 2] |= digit << shift;
    variant->mask[position / 2] |= 0xf << shift;
}

/* Makes of every variant one for each digit of a set. FALSE: these are too many. */
static bool branch(struct atrtext *parsed, size_t position, unsigned int set)
{
    unsigned int before = parsed->count, i;
    struct atr_variant from;
    int digit;

    if (before * __builtin_popcount(set) > ATRTEXT_MAX_VARIANTS) return false;
    for (digit = 15; !(set >> digit & 1); digit--) continue;
    set &= ~(1u << digit);
    for (i = 0; i < before; i++)
    {
        from = parsed->variants[i];
        set_digit(&parsed->variants[i], position, digit);
        for (int other = 0; other < digit; other++)
        {
            if (!(set >> other & 1)) continue;
            parsed->variants[parsed->count] = from;
            set_digit(&parsed->variants[parsed->count++], position, other);
        }
    }
    return true;
}

const char *atrtext_parse(const char *text, size_t size, struct atrtext *parsed)
{
    size_t position = 0, i = 0, length;
    const char *end;
    unsigned int set;
    int digit;

    memset(parsed, 0, sizeof(*parsed));
    parsed->count = 1;
    for (; i < size; i += length)
    {
        length = 1;
        if (text[i] == ' ' || text[i] == ':' || text[i] == '\t') continue;
        if (text[i] == '*') return "it stands for ATRs of any length, which the database cannot hold";
        if (position == 2 * ATR_MAX_SIZE) return "it is longer than an ATR can be (33 bytes)";
        if ((digit = digit_value(text[i])) >= 0) set = 1u << digit;
        else if (text[i] == '.') set = 0;
        else if (text[i] != '[') return "it has characters that are neither hexadecimal digits nor wildcards";
        else
        {
            end = memchr(text + i, ']', size - i);
            if (!end || !(set = parse_set(text + i + 1, end - text - i - 1)))
                return "it has brackets that are not around a list of hexadecimal digits";
            length = end - text - i + 1;
        }
        if (set && !branch(parsed, position, set)) return "its brackets stand for more than 16 ATRs";
        position++;
    }
    if (position % 2) return "it has an odd number of digits";
    if (!position) return "it is empty";
    for (i = 0; i < parsed->count; i++) parsed->variants[i].atr.size = position / 2;
    return NULL;
}

bool atrtext_format(const uint8_t *bytes, const uint8_t *mask, size_t size, char text[ATRTEXT_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned int half, shift;
    bool exact = true;
    size_t i;

    for (i = 0; mask && i < size; i++)
    {
        if ((mask[i] & 0xf0) % 0xf0 || (mask[i] & 0x0f) % 0x0f) exact = false;
    }
    for (i = 0; i < size; i++)
    {
        if (i) *text++ = ' ';
        for (half = 0; half < 2; half++)
        {
            shift = half ? 0 : 4;
            *text++ = exact && mask && !(mask[i] >> shift & 0xf) ? '.' : digits[bytes[i] >> shift & 0xf];
        }
    }
    *text = 0;
    return exact;
}
