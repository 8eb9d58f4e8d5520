/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What carddb.c, which reads the cards, and carddb_cache.c, which keeps them, share. */

#ifndef SCARDSSP_CARDDB_PRIVATE_H
#define SCARDSSP_CARDDB_PRIVATE_H

#include "carddb.h"

struct card_list
{
    LONG ref;                   /* carddb_cache.c's */
    struct known_card *cards;   /* in the order of their keys */
    UINT count;
    const struct atr_pattern **index;
    SIZE_T size;                /* of all this in memory, in bytes */
};

/* Where cards are: one after the other, the first that knows a name counts. */
struct card_place
{
    HKEY root;
    REGSAM view;
};
#define CARD_PLACES 3
extern const struct card_place card_places[CARD_PLACES];
/* The key of the cards, and those above it that may be missing; from the topmost down. */
#define CARDS_PATH_LEVELS 5
extern const WCHAR *const cards_path_levels[CARDS_PATH_LEVELS];

/*
 * Reads all cards. Where several entries have the same name, compared without case, the user's counts, then the one of
 * this program's view. A damaged entry is skipped. *list is NULL after a failure.
 */
HRESULT carddb_load(struct card_list **list);
/* Likewise the cards of these names alone, spelled as they are here. */
HRESULT carddb_load_named(const BSTR *names, ULONG count, struct card_list **list);
void carddb_free(struct card_list *list);

#endif
