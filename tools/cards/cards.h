/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * scardssp-cards, a console program for the smart card database: main.c reads the command line, commands.c and
 * import.c are the commands, store.c is the registry.
 */

#ifndef CARDS_H
#define CARDS_H

#include <windows.h>
#include "print.h"
#include "atrtext.h"
#include "cardname.h"
#include "core/atrindex.h"

enum exit_code
{
    EXIT_OK = 0,
    EXIT_FAILED = 1,            /* the registry, a file or the readers; or no card is known that was asked for */
    EXIT_USAGE = 2
};

/* ---- store.c: cards in the registry ---- */

#define MAX_INTERFACES 256      /* of a card, as scardssp.dll reads them */

struct card
{
    WCHAR name[CARDNAME_SIZE];
    struct atr atr;
    BYTE mask[ATR_MAX_SIZE];
    BOOL has_provider;
    GUID provider;
    GUID interfaces[MAX_INTERFACES];
    UINT interface_count;
    WCHAR csp[CARDNAME_SIZE];   /* empty: none */
};

enum place
{
    PLACE_USER,
    PLACE_MACHINE64,
    PLACE_MACHINE32,
    PLACE_COUNT
};
extern const char *const place_names[PLACE_COUNT];

/* Calls function for every card of a place, until it is FALSE; a damaged one has no ATR. */
LONG store_walk(enum place place, BOOL (*function)(enum place place, const struct card *card, void *arg), void *arg);
/* ERROR_FILE_NOT_FOUND: there is none of that name; ERROR_INVALID_DATA: it is damaged. */
LONG store_read(enum place place, const WCHAR *name, struct card *card);
/*
 * Adds a card, for the user alone or for 32-bit and 64-bit programs of the whole prefix.
 * ERROR_ALREADY_EXISTS: nothing is changed.
 */
LONG store_add(BOOL user, const struct card *card);
/* ERROR_FILE_NOT_FOUND: there was none in either view. */
LONG store_remove(BOOL user, const WCHAR *name);

/* Whether scardssp.dll would take it for a card, by what store_walk or store_read gave. */
static inline BOOL card_is_whole(const struct card *card)
{
    return card->atr.size != 0;
}

/* ---- commands.c ---- */

enum { TEXT_SIZE = 3 * CARDNAME_SIZE };

struct command_line
{
    const WCHAR *name, *file;   /* what the command is for; file may be NULL */
    struct card card;           /* the options of introduce */
    BOOL has_atr, has_mask;
    BOOL user, lax, verbose;
};

typedef enum exit_code (*command_function)(struct command_line *line);

enum exit_code command_list(struct command_line *line);
enum exit_code command_show(struct command_line *line);
enum exit_code command_introduce(struct command_line *line);
enum exit_code command_forget(struct command_line *line);
enum exit_code command_identify(struct command_line *line);
enum exit_code command_export(struct command_line *line);

/* Says what went wrong with the registry, and what to do; returns EXIT_FAILED. */
enum exit_code report_error(const char *what, const WCHAR *name, LONG error);

/* UTF-8 for messages, with question marks for control characters. */
const char *utf8_name(const WCHAR *name, char text[TEXT_SIZE]);
/* With or without braces. */
BOOL guid_from_text(const WCHAR *text, GUID *guid);

/* ---- import.c ---- */

enum exit_code command_import(struct command_line *line);

#endif
