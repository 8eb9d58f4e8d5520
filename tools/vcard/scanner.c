/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a card description.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner.h"

#define MAX_NESTING 8

void scanner_init(struct scanner *scanner, const char *name, const char *text, size_t length, char *error,
                  size_t error_size)
{
    memset(scanner, 0, sizeof(*scanner));
    scanner->name = name;
    scanner->text = text;
    scanner->end = text + length;
    scanner->next_line = 1;
    scanner->error = error;
    scanner->error_size = error_size;
}

bool scan_error(struct scanner *scanner, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(scanner->error, scanner->error_size, "%s:%u: ", scanner->name, scanner->line);

    if (used < 0 || (size_t)used >= scanner->error_size)
        return false;
    va_start(arguments, format);
    vsnprintf(scanner->error + used, scanner->error_size - used, format, arguments);
    va_end(arguments);
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'
        || c == '.';
}

static enum token scan_string(struct scanner *scanner)
{
    const char *start = ++scanner->text;

    while (scanner->text < scanner->end && *scanner->text != '"' && *scanner->text != '\n')
        scanner->text++;
    if (scanner->text == scanner->end || *scanner->text != '"')
    {
        scan_error(scanner, "the text in quotes does not end on its line");
        return TOKEN_BAD;
    }
    scanner->string = start;
    scanner->string_length = scanner->text++ - start;
    return TOKEN_STRING;
}

static enum token scan_plain_word(struct scanner *scanner)
{
    const char *start = scanner->text;
    size_t length;

    while (scanner->text < scanner->end && is_word_character(*scanner->text))
        scanner->text++;
    length = scanner->text - start;
    if (!length)
    {
        scan_error(scanner, "character 0x%02X cannot stand here; text goes in double quotes",
                   (unsigned int)(unsigned char)*start);
        return TOKEN_BAD;
    }
    if (length >= MAX_WORD)
    {
        scan_error(scanner, "a word of %zu characters; write long bytes as several words", length);
        return TOKEN_BAD;
    }
    memcpy(scanner->word, start, length);
    scanner->word[length] = 0;
    return TOKEN_WORD;
}

static enum token scan_token(struct scanner *scanner)
{
    static const struct { char character; enum token token; } punctuation[] =
    {
        { '{', TOKEN_OPEN_BRACE }, { '}', TOKEN_CLOSE_BRACE },
        { '[', TOKEN_OPEN_BRACKET }, { ']', TOKEN_CLOSE_BRACKET },
    };
    size_t i;

    while (scanner->text < scanner->end && is_blank(*scanner->text))
        scanner->text++;
    if (scanner->text < scanner->end && *scanner->text == '#')
        while (scanner->text < scanner->end && *scanner->text != '\n')
            scanner->text++;

    scanner->line = scanner->next_line;
    if (scanner->text == scanner->end)
        return TOKEN_END;
    if (*scanner->text == '\n')
    {
        scanner->text++;
        scanner->next_line++;
        return TOKEN_LINE_END;
    }
    for (i = 0; i < sizeof(punctuation) / sizeof(punctuation[0]); i++)
    {
        if (*scanner->text != punctuation[i].character)
            continue;
        scanner->text++;
        return punctuation[i].token;
    }
    return *scanner->text == '"' ? scan_string(scanner) : scan_plain_word(scanner);
}

enum token scan(struct scanner *scanner)
{
    if (scanner->token != TOKEN_BAD)
        scanner->token = scan_token(scanner);
    return scanner->token;
}

bool scan_word(struct scanner *scanner, const char *what)
{
    if (scan(scanner) == TOKEN_WORD)
        return true;
    return scanner->token == TOKEN_BAD ? false : scan_error(scanner, "%s is missing", what);
}

bool scan_decimal(struct scanner *scanner, const char *what, unsigned long min, unsigned long max,
                  size_t *number)
{
    char *end;

    if (!scan_word(scanner, what))
        return false;
    *number = strtoul(scanner->word, &end, 10);
    if (*end || scanner->word[0] < '0' || scanner->word[0] > '9' || *number < min || *number > max)
        return scan_error(scanner, "%s must be a decimal number from %lu to %lu, not '%s'", what, min, max,
                          scanner->word);
    return true;
}

bool scan_hex(struct scanner *scanner, const char *what, size_t digits, unsigned int max,
              unsigned int *number)
{
    if (!scan_word(scanner, what))
        return false;
    if (strlen(scanner->word) != digits || strspn(scanner->word, HEX_DIGITS) != digits)
        return scan_error(scanner, "%s must be %zu hexadecimal digits, not '%s'", what, digits,
                          scanner->word);
    *number = strtoul(scanner->word, NULL, 16);
    return *number <= max ? true : scan_error(scanner, "%s must be at most %0*X", what, (int)digits, max);
}

bool scan_open_brace(struct scanner *scanner)
{
    if (scan(scanner) == TOKEN_OPEN_BRACE)
        return true;
    return scanner->token == TOKEN_BAD ? false : scan_error(scanner, "'{' is missing at the end of the line");
}

struct bytes
{
    const char *what;
    uint8_t *data;
    size_t length;
    size_t max;
};

static bool put(struct scanner *scanner, struct bytes *bytes, const void *data, size_t length)
{
    if (length > bytes->max - bytes->length)
        return scan_error(scanner, "%s: more than the %zu bytes there is room for", bytes->what, bytes->max);
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    return true;
}

static bool put_hex(struct scanner *scanner, struct bytes *bytes)
{
    const char *digits;

    if (strlen(scanner->word) % 2 || scanner->word[strspn(scanner->word, HEX_DIGITS)])
        return scan_error(scanner, "%s: '%s' is no pairs of hexadecimal digits; text goes in double quotes",
                          bytes->what, scanner->word);
    for (digits = scanner->word; *digits; digits += 2)
    {
        char pair[3] = { digits[0], digits[1], 0 };
        uint8_t byte = strtoul(pair, NULL, 16);

        if (!put(scanner, bytes, &byte, 1))
            return false;
    }
    return true;
}

/* The content from `start` on gets its BER length in front (ISO 7816-4 5.2.2.2). */
static bool put_length(struct scanner *scanner, struct bytes *bytes, size_t start)
{
    size_t length = bytes->length - start;
    uint8_t coded[3] = { 0x82, length >> 8, length & 0xFF };
    size_t skip = length > 0xFF ? 0 : length > 0x7F ? 1 : 2;

    if (skip == 1)
        coded[1] = 0x81;
    if (!put(scanner, bytes, coded + skip, 3 - skip))
        return false;
    memmove(bytes->data + start + 3 - skip, bytes->data + start, length);
    memcpy(bytes->data + start, coded + skip, 3 - skip);
    return true;
}

static bool put_values(struct scanner *scanner, struct bytes *bytes, unsigned int nesting)
{
    size_t start;

    for (;;)
    {
        switch (scan(scanner))
        {
        case TOKEN_WORD:
            if (!put_hex(scanner, bytes))
                return false;
            break;
        case TOKEN_STRING:
            if (!put(scanner, bytes, scanner->string, scanner->string_length))
                return false;
            break;
        case TOKEN_OPEN_BRACKET:
            start = bytes->length;
            if (nesting == MAX_NESTING)
                return scan_error(scanner, "%s: too many [ within [", bytes->what);
            if (!put_values(scanner, bytes, nesting + 1) || !put_length(scanner, bytes, start))
                return false;
            break;
        case TOKEN_CLOSE_BRACKET:
            return nesting ? true : scan_error(scanner, "%s: ']' without '['", bytes->what);
        case TOKEN_LINE_END:
            if (!nesting)
                return true;
            break;
        case TOKEN_END:
            return nesting ? scan_error(scanner, "%s: ']' is missing", bytes->what) : true;
        case TOKEN_BAD:
            return false;
        default:
            return scan_error(scanner, "%s: a brace cannot stand here", bytes->what);
        }
    }
}

bool scan_bytes(struct scanner *scanner, const char *what, uint8_t *bytes, size_t min, size_t max,
                size_t *length)
{
    struct bytes target = { what, bytes, 0, max };

    if (!put_values(scanner, &target, 0))
        return false;
    *length = target.length;
    return *length >= min ? true : scan_error(scanner, "%s: at least %zu bytes are needed", what, min);
}
