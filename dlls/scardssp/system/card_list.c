/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists of known cards, sorted by their names, with an index by ATR. */

#include <stdlib.h>
#include <string.h>

#include "carddb_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/*
 * Two names are one card where they differ in nothing but case, as the registry sees it, word by word of UTF-16: a
 * comparison of texts would also take names for equal that differ in accents or in characters without a width.
 */
static WCHAR capital(WCHAR character)
{
    if (character < 0x80)
        return character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character;
    return (WCHAR)(ULONG_PTR)CharUpperW((WCHAR *)(ULONG_PTR)character);
}

static void copy_key(WCHAR *key, const WCHAR *name)
{
    while ((*key++ = capital(*name)))
        name++;
}

/* FALSE: no card has such a name. */
static BOOL make_key(const WCHAR *name, WCHAR key[MAX_KEY_NAME])
{
    if (lstrlenW(name) >= MAX_KEY_NAME)
        return FALSE;
    copy_key(key, name);
    return TRUE;
}

/* Name and key are one allocation. */
static BOOL set_name(struct known_card *card, const WCHAR *name)
{
    SIZE_T length = lstrlenW(name) + 1;

    if (!(card->name = malloc(2 * length * sizeof(*card->name))))
        return FALSE;
    memcpy(card->name, name, length * sizeof(*name));
    copy_key(card->name + length, name);
    card->key = card->name + length;
    return TRUE;
}

static void free_card(struct known_card *card)
{
    free(card->name);
    free(card->interfaces);
}

static BOOL set_interfaces(struct known_card *card, const struct entry *entry)
{
    SIZE_T size = entry->interface_count * sizeof(*card->interfaces);

    if (!size)
        return TRUE;
    if (!(card->interfaces = malloc(size)))
        return FALSE;
    memcpy(card->interfaces, entry->interfaces, size);
    card->interface_count = entry->interface_count;
    return TRUE;
}

/* S_FALSE: the entry is damaged. */
static HRESULT make_card(const WCHAR *name, const struct entry_values *values, struct known_card *card)
{
    struct entry entry;

    if (!entry_decode(values, &entry))
    {
        WARN("The entry of the card %s is damaged.\n", debugstr_w(name));
        return S_FALSE;
    }

    memset(card, 0, sizeof(*card));
    card->pattern = entry.pattern;
    card->has_provider = entry.has_provider;
    if (entry.has_provider)
        memcpy(&card->provider, entry.provider, sizeof(card->provider));
    if (set_interfaces(card, &entry) && set_name(card, name))
        return S_OK;
    free_card(card);
    return E_OUTOFMEMORY;
}

static HRESULT append_card(struct card_list *list, const struct known_card *card)
{
    struct known_card *cards;

    /* The capacity is the next power of two. */
    if (!(list->count & (list->count - 1)))
    {
        if (!(cards = realloc(list->cards, max(1, 2 * list->count) * sizeof(*cards))))
            return E_OUTOFMEMORY;
        list->cards = cards;
    }
    list->cards[list->count++] = *card;
    return S_OK;
}

HRESULT card_list_add(struct card_list *list, const WCHAR *name, const struct entry_values *values)
{
    struct known_card card;
    HRESULT hr = make_card(name, values, &card);

    if (hr == S_OK && FAILED(hr = append_card(list, &card)))
        free_card(&card);
    return hr;
}

static int compare_names(const void *a, const void *b)
{
    return wcscmp(((const struct known_card *)a)->key, ((const struct known_card *)b)->key);
}

static int compare_names_of_pointers(const void *a, const void *b)
{
    return compare_names(*(const struct known_card *const *)a, *(const struct known_card *const *)b);
}

/* Sorted by their names, one of each; the others are freed. It is pointers that are sorted, as a card is large. */
static UINT sort_cards(struct card_list *list, struct known_card **sorted)
{
    UINT i, count = 0;

    for (i = 0; i < list->count; i++)
        sorted[i] = &list->cards[i];
    qsort(sorted, list->count, sizeof(*sorted), compare_names_of_pointers);
    for (i = 0; i < list->count; i++)
    {
        if (count && !compare_names(sorted[count - 1], sorted[i]))
            free_card(sorted[i]);
        else
            sorted[count++] = sorted[i];
    }
    return count;
}

HRESULT card_list_merge(struct card_list *list, struct card_list *from)
{
    struct known_card *cards, **sorted;
    UINT i = list->count, k, end;

    if (!from->count)
        return S_OK;
    if (!(sorted = malloc(from->count * sizeof(*sorted))))
        return E_OUTOFMEMORY;
    if (!(cards = realloc(list->cards, (i + from->count) * sizeof(*cards))))
    {
        free(sorted);
        return E_OUTOFMEMORY;
    }
    k = sort_cards(from, sorted);
    list->cards = cards;
    list->count = end = i + k;
    while (k)
    {
        if (i && compare_names(&cards[i - 1], sorted[k - 1]) > 0)
            cards[--end] = cards[--i];
        else
            cards[--end] = *sorted[--k];
    }
    free(sorted);
    from->count = 0;
    return S_OK;
}

HRESULT card_list_make_index(struct card_list *list)
{
    UINT i;

    if (!(list->index = malloc((list->count + 1) * sizeof(*list->index))))
        return E_OUTOFMEMORY;
    list->size = sizeof(*list) + list->count * (sizeof(*list->index) + sizeof(*list->cards));
    for (i = 0; i < list->count; i++)
    {
        list->index[i] = &list->cards[i].pattern;
        list->size += 2 * (lstrlenW(list->cards[i].name) + 1) * sizeof(WCHAR);
        list->size += list->cards[i].interface_count * sizeof(GUID);
    }
    atr_index_sort(list->index, list->count);
    return S_OK;
}

void card_list_clear(struct card_list *list)
{
    UINT i;

    for (i = 0; i < list->count; i++)
        free_card(&list->cards[i]);
    free(list->cards);
    free(list->index);
    memset(list, 0, sizeof(*list));
}

const struct known_card *card_list_find(const struct card_list *list, const WCHAR *name)
{
    WCHAR key[MAX_KEY_NAME];
    struct known_card wanted = { .key = key };

    if (!list->count || !make_key(name, key))
        return NULL;
    return bsearch(&wanted, list->cards, list->count, sizeof(*list->cards), compare_names);
}

static int compare_places(const void *a, const void *b)
{
    const struct known_card *left = *(const struct known_card *const *)a, *right = *(const struct known_card *const *)b;

    return left < right ? -1 : left > right;
}

HRESULT card_list_match(const struct card_list *list, const struct atr *atr, const struct known_card ***cards,
        UINT *count)
{
    size_t i;

    *count = atr ? 0 : list->count;
    for (i = 0; atr && (i = atr_index_next(list->index, list->count, atr, i)) < list->count; i++)
        ++*count;
    if (!(*cards = malloc((*count + 1) * sizeof(**cards))))
        return E_OUTOFMEMORY;
    if (!atr)
    {
        for (i = 0; i < list->count; i++)
            (*cards)[i] = &list->cards[i];
        return S_OK;
    }
    *count = 0;
    for (i = 0; (i = atr_index_next(list->index, list->count, atr, i)) < list->count; i++)
        (*cards)[(*count)++] = CONTAINING_RECORD(list->index[i], struct known_card, pattern);
    qsort(*cards, *count, sizeof(**cards), compare_places);
    return S_OK;
}

BOOL known_card_has_name(const struct known_card *card, const WCHAR *name)
{
    WCHAR key[MAX_KEY_NAME];

    return make_key(name, key) && !wcscmp(card->key, key);
}

BOOL known_card_has_interface(const struct known_card *card, const GUID *interface_guid)
{
    UINT i;

    for (i = 0; i < card->interface_count; i++)
    {
        if (IsEqualGUID(&card->interfaces[i], interface_guid))
            return TRUE;
    }
    return FALSE;
}
