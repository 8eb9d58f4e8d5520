/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What these share: carddb.c and carddb_saved.c, which read the cards, card_list.c, which sorts them, and
 * carddb_cache.c, which keeps them.
 */

#ifndef SCARDSSP_CARDDB_PRIVATE_H
#define SCARDSSP_CARDDB_PRIVATE_H

#include "carddb.h"
#include "core/entry.h"

#define MAX_KEY_NAME 256        /* the most that the name of a card's key has, with its end */

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

/* Adds a card at the end. S_FALSE: its entry is damaged. */
HRESULT card_list_add(struct card_list *list, const WCHAR *name, const struct entry_values *values);
/*
 * Sorts from, and moves its cards into a sorted list that has none of them. Of those with the same name one is left.
 */
HRESULT card_list_merge(struct card_list *list, struct card_list *from);
HRESULT card_list_make_index(struct card_list *list);
/* An empty list is left. */
void card_list_clear(struct card_list *list);

/*
 * Reads all cards. Where several entries have the same name, compared without case, the user's counts, then the one of
 * this program's view. A damaged entry is skipped. *list is NULL after a failure.
 */
HRESULT carddb_load(struct card_list **list);
/* Likewise the cards of these names alone, spelled as they are here. */
HRESULT carddb_load_named(const BSTR *names, ULONG count, struct card_list **list);
void carddb_free(struct card_list *list);

/*
 * Reads all cards of a key, which has count keys, that known does not have into an empty list, in one call to Wine's
 * server, and as they were in one moment. S_FALSE: that is not worth it, or cannot be done; the list is empty then, and
 * nothing else happened.
 */
HRESULT carddb_load_saved(struct card_list *list, HKEY key, DWORD count, const struct card_list *known);

#endif
