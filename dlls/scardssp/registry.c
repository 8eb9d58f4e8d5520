/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the smart card database from the registry. */

#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_KEY_NAME 256        /* the most that a registry key's name has, with its end */
#define MAX_INTERFACES 256      /* of one card; an entry with more is damaged */

#define CALAIS_PATH L"Software\\Microsoft\\Cryptography\\Calais"

const WCHAR *const cards_path_levels[CARDS_PATH_LEVELS] =
{
    L"Software",
    L"Software\\Microsoft",
    L"Software\\Microsoft\\Cryptography",
    CALAIS_PATH,
    CALAIS_PATH L"\\SmartCards",
};

#ifdef _WIN64
#define OWN_VIEW KEY_WOW64_64KEY
#define OTHER_VIEW KEY_WOW64_32KEY
#else
#define OWN_VIEW KEY_WOW64_32KEY
#define OTHER_VIEW KEY_WOW64_64KEY
#endif

const struct card_place card_places[CARD_PLACES] =
{
    { HKEY_CURRENT_USER, 0 },
    { HKEY_LOCAL_MACHINE, OWN_VIEW },
    { HKEY_LOCAL_MACHINE, OTHER_VIEW },
};

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
    BYTE atr[ATR_MAX_SIZE], mask[ATR_MAX_SIZE];

    if (!read_binary(key, L"ATR", atr, &atr_size) || !atr_size)
        return FALSE;
    if (!read_binary(key, L"ATRMask", mask, &mask_size) || (mask_size && mask_size != atr_size))
        return FALSE;
    atr_pattern_init(&card->pattern, atr, mask_size ? mask : NULL, atr_size);
    return TRUE;
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

static int compare_names(const void *a, const void *b)
{
    return wcscmp(((const struct known_card *)a)->key, ((const struct known_card *)b)->key);
}

/* Reads the cards of a place, without those that known has already. */
static HRESULT load_cards(struct card_list *list, const struct card_place *place, const struct card_list *known)
{
    WCHAR name[MAX_KEY_NAME];
    struct known_card card;
    HRESULT hr = S_OK;
    DWORD i, length;
    HKEY key;

    if (RegOpenKeyExW(place->root, cards_path_levels[CARDS_PATH_LEVELS - 1], 0, KEY_READ | place->view, &key))
        return S_OK;
    for (i = 0; SUCCEEDED(hr); i++)
    {
        length = ARRAY_SIZE(name);
        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        if (card_list_find(known, name))
            continue;
        if ((hr = read_card(key, name, &card)) == S_FALSE)
            WARN("The entry of the card %s is damaged.\n", debugstr_w(name));
        else if (SUCCEEDED(hr) && FAILED(hr = append_card(list, &card)))
            free_card(&card);
    }
    RegCloseKey(key);
    return FAILED(hr) ? hr : S_OK;
}

/* Sorts from and merges it in; both arrays have other names. */
static HRESULT merge_cards(struct card_list *list, struct card_list *from)
{
    UINT i = list->count, k = from->count, end = i + k;
    struct known_card *cards;

    if (!k)
        return S_OK;
    qsort(from->cards, k, sizeof(*from->cards), compare_names);
    if (!(cards = realloc(list->cards, end * sizeof(*cards))))
        return E_OUTOFMEMORY;
    list->cards = cards;
    list->count = end;
    while (k)
    {
        if (i && compare_names(&cards[i - 1], &from->cards[k - 1]) > 0)
            cards[--end] = cards[--i];
        else
            cards[--end] = from->cards[--k];
    }
    from->count = 0;
    return S_OK;
}

static HRESULT make_index(struct card_list *list)
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

static void clear_cards(struct card_list *list)
{
    UINT i;

    for (i = 0; i < list->count; i++)
        free_card(&list->cards[i]);
    free(list->cards);
    free(list->index);
}

HRESULT registry_load_cards(struct card_list **list)
{
    struct card_list found;
    HRESULT hr = S_OK;
    unsigned int i;

    if (!(*list = calloc(1, sizeof(**list))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < CARD_PLACES; i++)
    {
        memset(&found, 0, sizeof(found));
        hr = load_cards(&found, &card_places[i], *list);
        if (SUCCEEDED(hr))
            hr = merge_cards(*list, &found);
        clear_cards(&found);
    }
    if (SUCCEEDED(hr))
        hr = make_index(*list);
    if (FAILED(hr))
    {
        registry_free_cards(*list);
        *list = NULL;
    }
    return hr;
}

void registry_free_cards(struct card_list *list)
{
    if (!list)
        return;
    clear_cards(list);
    free(list);
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
