/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The known cards as Wine saves them: NtSaveKey has its server write a key, with all that is below it, into a file as
 * text. That is one call, where reading the same takes seven for each card.
 *
 *     WINE REGISTRY Version 2
 *     ;; All keys relative to ...
 *
 *     #arch=win64
 *
 *     [Name of a card] 1795762607
 *     #time=1dd7e3c7864023c
 *     "ATR"=hex:3b,8f,80,01,\
 *       80
 *
 * A character beyond ASCII is \xHHHH there, and a control character an escape of C. Two backslashes stand between the
 * names of a key and of one below it.
 */

#ifndef SCARDSSP_CORE_SAVED_CARDS_H
#define SCARDSSP_CORE_SAVED_CARDS_H

#include "entry.h"

enum { SAVED_NAME_MAX = 255 };      /* characters of a card's name, UTF-16: no card has a longer one */

/* What is read, and how far; the text stays the caller's. */
struct saved_cards
{
    const char *at, *end;
    const char *key, *key_end;      /* the last key's name, as it is written */
    size_t count;                   /* of the keys so far, without those that are below one of them */

    /* Of the last card. The values' bytes are here. */
    uint16_t name[SAVED_NAME_MAX + 1];
    struct entry_values values;
    uint8_t atr[ATR_MAX_SIZE];
    uint8_t atr_mask[ATR_MAX_SIZE];
    uint8_t primary_provider[ENTRY_GUID_SIZE];
    uint8_t supported_interfaces[ENTRY_MAX_VALUE];
};

enum saved_status
{
    SAVED_CARD,                     /* here is the next; its values may be damaged */
    SAVED_END,                      /* there are no more */
    SAVED_UNREADABLE                /* what stands there is not understood, or tells too little */
};

/* False: the text is of another form. */
bool saved_cards_start(struct saved_cards *saved, const char *text, size_t size);
enum saved_status saved_cards_next(struct saved_cards *saved);

#endif
