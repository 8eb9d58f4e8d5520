/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Aliases: names that a user gives to readers for programs that ask for another one. What is written of them is taken
 * apart here, whatever it is, and compared with readers' names. Characters are UTF-16, as Windows has them. A name is
 * never empty nor longer than ALIAS_MAX_LENGTH, and there is no 0 in it.
 */

#ifndef SCARDSSP_CORE_ALIAS_H
#define SCARDSSP_CORE_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    ALIAS_MAX_LENGTH = 255,     /* characters of an alias, and of what it stands for */
    ALIAS_MAX_ENTRIES = 256     /* that are looked at, in the variable and in the registry each */
};

/* Characters with no end of their own. */
struct alias_text
{
    const uint16_t *text;
    size_t length;
};

struct alias_entry
{
    struct alias_text name;     /* the alias: what programs say */
    struct alias_text reader;   /* the reader's name, or a pattern of it */
};

enum alias_status
{
    ALIAS_END,                  /* there are no more entries */
    ALIAS_SOUND,
    ALIAS_MALFORMED             /* no '=' in it, or a name that is none: name is the whole entry */
};

/*
 * Takes the first entry off a text "NAME=READER;NAME=READER...". The first '=' of an entry is the one that counts.
 * Blanks around a name are none of it, and entries of nothing but blanks are none.
 */
enum alias_status alias_next(struct alias_text *rest, struct alias_entry *entry);

/*
 * The entry of a value in the registry, whose name is the alias and whose data, size bytes of text, is the reader. The
 * data ends at a 0, or without one. False: one of them is no name, or the size is odd.
 */
bool alias_from_value(const uint16_t *name, size_t name_length, const uint16_t *data, size_t size,
        struct alias_entry *entry);

/*
 * Whether a reader has the name that an alias stands for. '*' is any run of characters, also none; all others are
 * themselves, by every bit. Both end with a 0.
 */
bool alias_matches(const uint16_t *pattern, const uint16_t *reader);

#endif
