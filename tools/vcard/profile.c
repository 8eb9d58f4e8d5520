/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Builds a card from its description; docs/vcard.md has the language.
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

static const struct statement *statements_of(const struct file *file)
{
    if (!file)
        return card_statements;
    switch (file->type)
    {
    case FILE_DF:
        return df_statements;
    case FILE_TRANSPARENT:
        return transparent_statements;
    case FILE_OBJECT:
        return object_statements;
    default:
        return record_statements;
    }
}

static bool unknown_statement(struct parser *parser, const struct statement *statements)
{
    char known[128] = "";
    const struct statement *statement;

    for (statement = statements; statement->word; statement++)
    {
        strcat(known, " ");
        strcat(known, statement->word);
    }
    return scan_error(&parser->scanner, "'%s' is not known here; known are:%s", parser->scanner.word, known);
}

static bool parse_statement(struct parser *parser, const struct statement *statements)
{
    const struct statement *statement;
    unsigned int line = parser->scanner.line;

    for (statement = statements; statement->word; statement++)
        if (!strcmp(parser->scanner.word, statement->word))
            break;
    if (!statement->word)
        return unknown_statement(parser, statements);
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

static bool parse_block(struct parser *parser, const struct statement *statements, enum token last)
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
        if (!parse_statement(parser, statements))
            return false;
    }
}

bool parse_file_block(struct parser *parser, struct file *file)
{
    struct file *outer = parser->file;
    size_t outer_length = parser->content_length;
    bool done;

    if (parser->depth == MAX_DEPTH)
        return scan_error(&parser->scanner, "more than %d blocks within each other", MAX_DEPTH);
    parser->depth++;
    parser->file = file;
    parser->content_length = 0;
    done = parse_block(parser, statements_of(file), TOKEN_CLOSE_BRACE);
    parser->file = outer;
    parser->content_length = outer_length;
    parser->depth--;
    return done;
}

static char *read_text(const char *path, size_t *length, char *error, size_t error_size)
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
    done = parse_block(parser, statements_of(parser->file), TOKEN_END);
    parser->includes--;
    OPENSSL_cleanse(text, length);
    free(text);
    if (done)
        *scanner = outer;
    return done;
}

struct card *card_parse(const char *name, const char *text, size_t length, const char *directory,
                        char *error, size_t error_size)
{
    struct parser parser = { .directory = directory };
    struct card *card = calloc(1, sizeof(*card));
    bool done;

    scanner_init(&parser.scanner, name, text, length, error, error_size);
    if (!card)
    {
        out_of_memory(&parser);
        return NULL;
    }
    parser.card = card;
    card->dialect = &iso_dialect;
    card->class_count = 1;
    done = parse_block(&parser, card_statements, TOKEN_END);
    if (done && !card->atr_length)
        done = scan_error(&parser.scanner, "an atr line is missing");
    if (done && !card->mf)
        done = scan_error(&parser.scanner, "an mf block is missing");
    OPENSSL_cleanse(&parser, sizeof(parser));
    if (!done)
    {
        card_free(card);
        return NULL;
    }
    card_reset(card);
    return card;
}

struct card *card_load(const char *path, char *error, size_t error_size)
{
    const char *slash = strrchr(path, '/');
    char directory[4096] = ".";
    struct card *card;
    size_t length;
    char *text;

    if (slash && (size_t)(slash - path) < sizeof(directory))
        snprintf(directory, sizeof(directory), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    text = read_text(path, &length, error, error_size);
    if (!text)
        return NULL;
    card = card_parse(slash ? slash + 1 : path, text, length, directory, error, error_size);
    OPENSSL_cleanse(text, length);
    free(text);
    return card;
}
