/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Builds a card from its description; docs/developers/vcard.md has the language.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "profile_private.h"

struct card *card_parse(const char *name, const char *text, size_t length, const char *directory,
                        char *error, size_t error_size)
{
    struct parser parser = { .directory = directory, .statements = card_statements };
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
    done = parse_block(&parser, TOKEN_END);
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
