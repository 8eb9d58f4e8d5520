/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the description loader share. Each kind of block is a table of the statements
 * that it may have.
 */

#ifndef VCARD_PROFILE_PRIVATE_H
#define VCARD_PROFILE_PRIVATE_H

#include "card_private.h"
#include "scanner.h"

struct parser
{
    struct scanner scanner;
    struct card *card;
    const struct statement *statements; /* that the block being read may have */
    struct file *file;     /* that it describes; NULL outside of all */
    size_t content_length; /* of its content so far */
    const char *directory;
    unsigned int includes; /* how deep */
    unsigned int depth;
};

/* Reads what follows the word; false when an error has been reported. */
struct statement
{
    const char *word;
    bool (*parse)(struct parser *parser);
};

/* From the lowest up: each file uses only those above it. */

/* profile_block.c */
bool out_of_memory(struct parser *parser);
/* The statements up to the token that ends them. */
bool parse_block(struct parser *parser, enum token last);
/* A block about a file, behind its brace. A NULL word ends the statements that it may have. */
bool parse_file_block(struct parser *parser, struct file *file, const struct statement *statements);
bool parse_include(struct parser *parser);
/* All of a text; the caller wipes and frees it. NULL: a sentence is in error. */
char *read_text(const char *path, size_t *length, char *error, size_t error_size);

/* profile_secret.c */
bool parse_pin(struct parser *parser);
bool parse_key(struct parser *parser);
/* "always", "never", "pin REFERENCE" or "key REFERENCE" */
bool parse_access(struct parser *parser, struct access *access);

/* profile_file.c: the blocks that a card may have */
bool parse_mf(struct parser *parser);
bool parse_object(struct parser *parser);

/* profile_card.c */
extern const struct statement card_statements[];

#endif
