/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smart card database, which is a part of the registry:
 * Software\Microsoft\Cryptography\Calais\SmartCards\<card name>, in HKEY_CURRENT_USER for the cards that a user
 * introduced, and in both views of HKEY_LOCAL_MACHINE, so that 32-bit and 64-bit programs know the same cards.
 */

#ifndef SCARDSSP_REGISTRY_H
#define SCARDSSP_REGISTRY_H

#include "scardssp_private.h"
#include "core/atr.h"

struct known_card
{
    WCHAR *name;
    const WCHAR *key;           /* the name in capitals: the registry compares names without case */
    struct atr atr;
    BYTE mask[ATR_MAX_SIZE];
    BOOL has_provider;
    GUID provider;
    GUID *interfaces;
    UINT interface_count;
};

struct card_list
{
    struct known_card *cards;
    UINT count;
};

/*
 * Reads all cards. Where several entries have the same name, compared without case, the user's counts, then the one of
 * this program's view. A damaged entry is skipped. The caller frees the list, also after a failure.
 */
HRESULT registry_load_cards(struct card_list *list);
void registry_free_cards(struct card_list *list);

/* NULL: there is none of that name. */
const struct known_card *card_list_find(const struct card_list *list, const WCHAR *name);

BOOL known_card_has_name(const struct known_card *card, const WCHAR *name);
BOOL known_card_has_interface(const struct known_card *card, const GUID *interface_guid);

#endif
