/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the smart card database from the registry. */

#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_KEY_NAME 256        /* the most that a registry key's name has, with its end */
#define MAX_INTERFACES 256      /* of one card; an entry with more is damaged */

static const WCHAR cards_path[] = L"Software\\Microsoft\\Cryptography\\Calais\\SmartCards";

#ifdef _WIN64
static const REGSAM own_view = KEY_WOW64_64KEY, other_view = KEY_WOW64_32KEY;
#else
static const REGSAM own_view = KEY_WOW64_32KEY, other_view = KEY_WOW64_64KEY;
#endif

/*
 * Reads a REG_BINARY value of at most *size bytes, which *size is then.
 * FALSE: it is damaged. A value that is not there has 0 bytes.
 */
static BOOL read_binary(HKEY key, const WCHAR *name, void *data, DWORD *size)
{
    DWORD type;
    LONG error = RegQueryValueExW(key, name, NULL, &type, data, size);

    if (error == ERROR_FILE_NOT_FOUND)
    {
        *size = 0;
        return TRUE;
    }
    return !error && type == REG_BINARY;
}

static BOOL read_atr(HKEY key, struct known_card *card)
{
    DWORD atr_size = ATR_MAX_SIZE, mask_size = ATR_MAX_SIZE;

    if (!read_binary(key, L"ATR", card->atr.bytes, &atr_size) || !atr_size)
        return FALSE;
    card->atr.size = atr_size;
    if (!read_binary(key, L"ATRMask", card->mask, &mask_size))
        return FALSE;
    if (!mask_size)
        memset(card->mask, 0xff, atr_size);
    return !mask_size || mask_size == atr_size;
}

static BOOL read_provider(HKEY key, struct known_card *card)
{
    DWORD size = sizeof(card->provider);

    if (!read_binary(key, L"Primary Provider", &card->provider, &size))
        return FALSE;
    card->has_provider = size == sizeof(card->provider);
    return !size || card->has_provider;
}

/* FALSE with a count of 0: damaged; with a count: there is no memory. */
static BOOL read_interfaces(HKEY key, struct known_card *card)
{
    GUID interfaces[MAX_INTERFACES];
    DWORD size = sizeof(interfaces);

    if (!read_binary(key, L"Supported Interfaces", interfaces, &size) || size % sizeof(GUID))
        return FALSE;
    card->interface_count = size / sizeof(GUID);
    if (!size)
        return TRUE;
    if (!(card->interfaces = malloc(size)))
        return FALSE;
    memcpy(card->interfaces, interfaces, size);
    return TRUE;
}

/*
 * Two names are one card where they differ in nothing but case, as the registry sees it: a comparison of words would
 * also take names for equal that differ in accents or in characters without a width. FALSE: no card has such a name.
 */
static BOOL make_key(const WCHAR *name, WCHAR key[MAX_KEY_NAME])
{
    if (lstrlenW(name) >= MAX_KEY_NAME)
        return FALSE;
    CharUpperW(lstrcpyW(key, name));
    return TRUE;
}

/* Name and key are one allocation. */
static BOOL set_name(struct known_card *card, const WCHAR *name)
{
    SIZE_T length = lstrlenW(name) + 1;

    if (!(card->name = malloc(2 * length * sizeof(*card->name))))
        return FALSE;
    memcpy(card->name, name, length * sizeof(*name));
    memcpy(card->name + length, name, length * sizeof(*name));
    card->key = CharUpperW(card->name + length);
    return TRUE;
}

static void free_card(struct known_card *card)
{
    free(card->name);
    free(card->interfaces);
}

/* S_FALSE: the entry is damaged. */
static HRESULT read_card(HKEY cards_key, const WCHAR *name, struct known_card *card)
{
    BOOL read;
    HKEY key;

    memset(card, 0, sizeof(*card));
    if (RegOpenKeyExW(cards_key, name, 0, KEY_READ, &key))
        return S_FALSE;
    read = read_atr(key, card) && read_provider(key, card) && read_interfaces(key, card);
    RegCloseKey(key);

    if (read && set_name(card, name))
        return S_OK;
    read = read || card->interface_count;
    free_card(card);
    return read ? E_OUTOFMEMORY : S_FALSE;
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

static HRESULT load_cards(struct card_list *list, HKEY root, REGSAM view)
{
    WCHAR name[MAX_KEY_NAME];
    struct known_card card;
    HRESULT hr = S_OK;
    DWORD i, length;
    HKEY key;

    if (RegOpenKeyExW(root, cards_path, 0, KEY_READ | view, &key))
        return S_OK;
    for (i = 0; SUCCEEDED(hr); i++)
    {
        length = ARRAY_SIZE(name);
        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        if ((hr = read_card(key, name, &card)) == S_FALSE)
            WARN("The entry of the card %s is damaged.\n", debugstr_w(name));
        else if (SUCCEEDED(hr) && FAILED(hr = append_card(list, &card)))
            free_card(&card);
    }
    RegCloseKey(key);
    return FAILED(hr) ? hr : S_OK;
}

static int compare_names(const void *a, const void *b)
{
    return wcscmp(((const struct known_card *)a)->key, ((const struct known_card *)b)->key);
}

/* Sorts from, in which names differ, and merges it in; of two entries of a name the one that was there stays. */
static HRESULT merge_cards(struct card_list *list, struct card_list *from)
{
    struct card_list merged = {0};
    UINT i = 0, k = 0;
    int order;

    if (from->count)
        qsort(from->cards, from->count, sizeof(*from->cards), compare_names);
    if (!(merged.cards = malloc((list->count + from->count + 1) * sizeof(*merged.cards))))
        return E_OUTOFMEMORY;
    while (i < list->count || k < from->count)
    {
        order = i == list->count ? 1 : k == from->count ? -1 : compare_names(&list->cards[i], &from->cards[k]);
        if (order > 0)
            merged.cards[merged.count++] = from->cards[k++];
        else
        {
            if (!order)
                free_card(&from->cards[k++]);
            merged.cards[merged.count++] = list->cards[i++];
        }
    }
    free(list->cards);
    free(from->cards);
    *list = merged;
    return S_OK;
}

HRESULT registry_load_cards(struct card_list *list)
{
    const struct { HKEY root; REGSAM view; } places[] =
    {
        { HKEY_CURRENT_USER, 0 },
        { HKEY_LOCAL_MACHINE, own_view },
        { HKEY_LOCAL_MACHINE, other_view },
    };
    struct card_list found;
    unsigned int i;
    HRESULT hr;

    memset(list, 0, sizeof(*list));
    for (i = 0; i < ARRAY_SIZE(places); i++)
    {
        memset(&found, 0, sizeof(found));
        hr = load_cards(&found, places[i].root, places[i].view);
        if (SUCCEEDED(hr))
            hr = merge_cards(list, &found);
        if (FAILED(hr))
        {
            registry_free_cards(&found);
            return hr;
        }
    }
    return S_OK;
}

void registry_free_cards(struct card_list *list)
{
    UINT i;

    for (i = 0; i < list->count; i++)
        free_card(&list->cards[i]);
    free(list->cards);
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
