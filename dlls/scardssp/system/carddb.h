/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smart card database, which is a part of the registry:
 * Software\Microsoft\Cryptography\Calais\SmartCards\<card name>, in HKEY_CURRENT_USER for the cards that a user
 * introduced, and in both views of HKEY_LOCAL_MACHINE, so that 32-bit and 64-bit programs know the same cards.
 */

#ifndef SCARDSSP_CARDDB_H
#define SCARDSSP_CARDDB_H

#include "module/module.h"
#include "core/atrindex.h"

struct known_card
{
    WCHAR *name;
    const WCHAR *key;           /* the name in capitals: the registry compares names without case */
    struct atr_pattern pattern;
    BOOL has_provider;
    GUID provider;
    GUID *interfaces;
    UINT interface_count;
};

struct card_list;

/* NULL: there is none of that name. */
const struct known_card *card_list_find(const struct card_list *list, const WCHAR *name);

/*
 * The cards that an ATR belongs to (NULL: all), in the order of the list, in an array that the caller frees; it has
 * memory for one card at least.
 */
HRESULT card_list_match(const struct card_list *list, const struct atr *atr, const struct known_card ***cards,
        UINT *count);

BOOL known_card_has_name(const struct known_card *card, const WCHAR *name);
BOOL known_card_has_interface(const struct known_card *card, const GUID *interface_guid);

/*
 * The cards that the registry has now: read when the registry has changed since the last call, in whichever process,
 * else those of the last call. Any thread may call it. The caller releases the list, also a NULL after a failure.
 */
HRESULT known_cards_acquire(const struct card_list **list);
/*
 * The same where only the cards of these names matter: others are in the list, or not. Nothing is read but them, however
 * many cards there are, unless all have been read already. A name is NULL, or any string.
 */
HRESULT known_cards_acquire_named(const BSTR *names, ULONG count, const struct card_list **list);
void known_cards_release(const struct card_list *list);

/* For DllMain. */
void known_cards_init(void);
void known_cards_cleanup(void);

#endif
