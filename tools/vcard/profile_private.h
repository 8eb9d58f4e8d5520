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
    struct file *file;     /* that the block being read describes; NULL outside of all */
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

/* Each ends with a NULL word. */
extern const struct statement card_statements[];
extern const struct statement df_statements[];
extern const struct statement transparent_statements[];
extern const struct statement record_statements[];
extern const struct statement object_statements[];

/* profile.c */
bool parse_file_block(struct parser *parser, struct file *file);
bool parse_include(struct parser *parser);
bool out_of_memory(struct parser *parser);

/* profile_card.c: "always", "never", "pin REFERENCE" or "key REFERENCE" */
bool parse_access(struct parser *parser, struct access *access);

/* profile_file.c: the blocks that a card's block may have */
bool parse_mf(struct parser *parser);
bool parse_object(struct parser *parser);

#endif
