/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a card description: reads a text token by token and reports what is wrong with its line.
 */

#ifndef VCARD_SCANNER_H
#define VCARD_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_WORD 64
#define HEX_DIGITS "0123456789ABCDEFabcdef"

enum token
{
    TOKEN_WORD,   /* in scanner->word */
    TOKEN_STRING, /* scanner->string, scanner->string_length: without the quotes */
    TOKEN_OPEN_BRACE,
    TOKEN_CLOSE_BRACE,
    TOKEN_OPEN_BRACKET,
    TOKEN_CLOSE_BRACKET,
    TOKEN_LINE_END,
    TOKEN_END,
    TOKEN_BAD, /* reported */
};

struct scanner
{
    const char *name;
    const char *text;
    const char *end;
    unsigned int line; /* of the token last read */
    unsigned int next_line;
    enum token token;
    char word[MAX_WORD];
    const char *string;
    size_t string_length;
    char *error;
    size_t error_size;
};

void scanner_init(struct scanner *scanner, const char *name, const char *text, size_t length, char *error,
                  size_t error_size);
enum token scan(struct scanner *scanner);

/* Writes "name:line: message" to the error buffer. Always returns false. */
bool scan_error(struct scanner *scanner, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each reads the next token and takes nothing but what its name says; false when reported. */
bool scan_word(struct scanner *scanner, const char *what);
bool scan_decimal(struct scanner *scanner, const char *what, unsigned long min, unsigned long max,
                  size_t *number);
bool scan_hex(struct scanner *scanner, const char *what, size_t digits, unsigned int max,
              unsigned int *number);
bool scan_open_brace(struct scanner *scanner);

/*
 * Bytes to the end of the line: pairs of hexadecimal digits, "text", and [ ... ], which stands for its own
 * length in BER followed by what it contains and may go over several lines. Wants between min and max bytes.
 */
bool scan_bytes(struct scanner *scanner, const char *what, uint8_t *bytes, size_t min, size_t max,
                size_t *length);

#endif
