/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptions: a block is read statement by statement, by a table of those that it may have, whatever they are about.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "profile_private.h"

#define MAX_TEXT (1 << 20)
#define MAX_INCLUDES 4
#define MAX_DEPTH 8

bool out_of_memory(struct parser *parser)
{
    return scan_error(&parser->scanner, "not enough memory");
}

static bool unknown_statement(struct parser *parser)
{
    char known[128] = "";
    const struct statement *statement;

    for (statement = parser->statements; statement->word; statement++)
    {
        strcat(known, " ");
        strcat(known, statement->word);
    }
    return scan_error(&parser->scanner, "'%s' is not known here; known are:%s", parser->scanner.word, known);
}

static bool parse_statement(struct parser *parser)
{
    const struct statement *statement;
    unsigned int line = parser->scanner.line;

    for (statement = parser->statements; statement->word; statement++)
        if (!strcmp(parser->scanner.word, statement->word))
            break;
    if (!statement->word)
        return unknown_statement(parser);
    if (!statement->parse(parser))
        return false;
    if (parser->scanner.token == TOKEN_LINE_END || parser->scanner.token == TOKEN_END)
        return true;
    if (scan(&parser->scanner) == TOKEN_LINE_END || parser->scanner.token == TOKEN_END)
        return true;
    parser->scanner.line = line;
    return parser->scanner.token == TOKEN_BAD ? false
        : scan_error(&parser->scanner, "one too many after '%s'", statement->word);
}

bool parse_block(struct parser *parser, enum token last)
{
    for (;;)
    {
        enum token token = scan(&parser->scanner);

        if (token == last)
            return true;
        if (token == TOKEN_LINE_END)
            continue;
        if (token == TOKEN_BAD)
            return false;
        if (token != TOKEN_WORD)
            return scan_error(&parser->scanner, token == TOKEN_END ? "the text ends before '}'"
                                                                   : "a line must begin with a word");
        if (!parse_statement(parser))
            return false;
    }
}

bool parse_file_block(struct parser *parser, struct file *file, const struct statement *statements)
{
    const struct statement *outer_statements = parser->statements;
    struct file *outer = parser->file;
    size_t outer_length = parser->content_length;
    bool done;

    if (parser->depth == MAX_DEPTH)
        return scan_error(&parser->scanner, "more than %d blocks within each other", MAX_DEPTH);
    parser->depth++;
    parser->statements = statements;
    parser->file = file;
    parser->content_length = 0;
    done = parse_block(parser, TOKEN_CLOSE_BRACE);
    parser->statements = outer_statements;
    parser->file = outer;
    parser->content_length = outer_length;
    parser->depth--;
    return done;
}

char *read_text(const char *path, size_t *length, char *error, size_t error_size)
{
    FILE *stream = fopen(path, "rb");
    char *text;

    if (!stream)
    {
        snprintf(error, error_size, "%s: cannot be opened; is the name right?", path);
        return NULL;
    }
    text = malloc(MAX_TEXT + 1);
    *length = text ? fread(text, 1, MAX_TEXT + 1, stream) : 0;
    if (!text || ferror(stream) || *length > MAX_TEXT)
    {
        snprintf(error, error_size, "%s: cannot be read, or is larger than %d bytes", path, MAX_TEXT);
        if (text)
            OPENSSL_cleanse(text, *length);
        free(text);
        text = NULL;
    }
    fclose(stream);
    return text;
}

bool parse_include(struct parser *parser)
{
    struct scanner *scanner = &parser->scanner, outer;
    char path[4096], name[MAX_WORD], *text;
    size_t length;
    bool done;

    if (!scan_word(scanner, "the name of a description in the same directory"))
        return false;
    if (!parser->directory || parser->includes == MAX_INCLUDES || scanner->word[0] == '.')
        return scan_error(scanner, "'%s' cannot be included here", scanner->word);
    memcpy(name, scanner->word, sizeof(name));
    if (snprintf(path, sizeof(path), "%s/%s", parser->directory, name) >= (int)sizeof(path))
        return scan_error(scanner, "the path to '%s' is too long", name);
    text = read_text(path, &length, scanner->error, scanner->error_size);
    if (!text)
        return false;

    outer = *scanner;
    scanner_init(scanner, name, text, length, outer.error, outer.error_size);
    parser->includes++;
    done = parse_block(parser, TOKEN_END);
    parser->includes--;
    OPENSSL_cleanse(text, length);
    free(text);
    if (done)
        *scanner = outer;
    return done;
}
