/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The format of pcsc-tools' smartcard_list.txt, read from memory. Plain C.
 *
 *     # a comment
 *     3B 02 14 50
 *     	description
 *     	further description
 *     (an empty line)
 *
 * Export adds what that format has no place for, as comments that other programs pass over:
 *
 *     #: mask FF FF FF 0F
 *     #: provider {GUID}
 *     #: interface {GUID}
 *     #: csp NAME
 *
 * between the line with the ATR and the description.
 */

#ifndef CARDS_ATRLIST_H
#define CARDS_ATRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct text
{
    const char *start;
    size_t size;
};

/* Where the reading stands; it starts with the text (line and the rest 0). */
struct atrlist
{
    struct text text;
    size_t position;
    unsigned int line;
};

struct atrlist_entry
{
    unsigned int line;          /* of the ATR, from 1 */
    struct text atr;
    struct text body;           /* all lines behind that of the ATR */
};

/* FALSE: there is no more. */
bool atrlist_next(struct atrlist *list, struct atrlist_entry *entry);
/* How many entries are left; the reading stays where it is. */
unsigned int atrlist_count(const struct atrlist *list);

/* The first line of the description that is no link, without blanks at its ends; empty where there is none. */
struct text atrlist_name(const struct atrlist_entry *entry);

/* The next of the lines "#: key value"; *position starts as 0. FALSE: there is no more. */
bool atrlist_property(const struct atrlist_entry *entry, size_t *position, struct text *key, struct text *value);

bool text_is(struct text text, const char *string);

#endif
