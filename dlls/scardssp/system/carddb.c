/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the smart card database from the registry. */

#include <stdlib.h>
#include <string.h>

#include "carddb_private.h"
#include "core/entry.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_KEY_NAME 256        /* the most that a registry key's name has, with its end */

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

/* Reads a value into a buffer that is as large as the largest one of use. */
static struct entry_value read_value(HKEY key, const WCHAR *name, void *buffer, DWORD size)
{
    struct entry_value value = { ENTRY_UNUSABLE, buffer, 0 };
    DWORD type;
    LONG error = RegQueryValueExW(key, name, NULL, &type, buffer, &size);

    if (error == ERROR_FILE_NOT_FOUND)
        value.kind = ENTRY_ABSENT;
    else if (!error && type == REG_BINARY)
    {
        value.kind = ENTRY_BINARY;
        value.size = size;
    }
    return value;
}

/*
 * Two names are one card where they differ in nothing but case, as the registry sees it, word by word of UTF-16: a
 * comparison of texts would also take names for equal that differ in accents or in characters without a width.
 */
static void copy_key(WCHAR *key, const WCHAR *name)
{
    while ((*key++ = (WCHAR)(ULONG_PTR)CharUpperW((WCHAR *)(ULONG_PTR)*name)))
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

/* S_FALSE: there is no entry, or it is damaged. */
static HRESULT read_card(HKEY cards_key, const WCHAR *name, struct known_card *card)
{
    BYTE atr[ATR_MAX_SIZE], mask[ATR_MAX_SIZE], provider[ENTRY_GUID_SIZE], interfaces[ENTRY_MAX_VALUE];
    struct entry_values values;
    struct entry entry;
    HKEY key;

    if (RegOpenKeyExW(cards_key, name, 0, KEY_READ, &key))
        return S_FALSE;
    values.atr = read_value(key, L"ATR", atr, sizeof(atr));
    values.atr_mask = read_value(key, L"ATRMask", mask, sizeof(mask));
    values.primary_provider = read_value(key, L"Primary Provider", provider, sizeof(provider));
    values.supported_interfaces = read_value(key, L"Supported Interfaces", interfaces, sizeof(interfaces));
    RegCloseKey(key);
    if (!entry_decode(&values, &entry))
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

static HRESULT add_card(struct card_list *list, HKEY cards_key, const WCHAR *name)
{
    struct known_card card;
    HRESULT hr = read_card(cards_key, name, &card);

    if (hr == S_OK && FAILED(hr = append_card(list, &card)))
        free_card(&card);
    return hr;
}

static LONG open_cards(const struct card_place *place, HKEY *key)
{
    return RegOpenKeyExW(place->root, cards_path_levels[CARDS_PATH_LEVELS - 1], 0, KEY_READ | place->view, key);
}

static int compare_names(const void *a, const void *b)
{
    return wcscmp(((const struct known_card *)a)->key, ((const struct known_card *)b)->key);
}

/* Reads the cards of a place, without those that known has already. */
static HRESULT load_cards(struct card_list *list, const struct card_place *place, const struct card_list *known)
{
    WCHAR name[MAX_KEY_NAME];
    HRESULT hr = S_OK;
    DWORD i, length;
    HKEY key;

    if (open_cards(place, &key))
        return S_OK;
    for (i = 0; SUCCEEDED(hr); i++)
    {
        length = ARRAY_SIZE(name);
        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        if (!card_list_find(known, name))
            hr = add_card(list, key, name);
    }
    RegCloseKey(key);
    return FAILED(hr) ? hr : S_OK;
}

/* Whether a card can have this name: one key, of its own. */
static BOOL is_key_name(const WCHAR *name)
{
    return name && *name && lstrlenW(name) < MAX_KEY_NAME && !wcschr(name, '\\');
}

/* As card_list_find, in a list that is not sorted yet. */
static BOOL has_name(const struct card_list *list, const WCHAR *name)
{
    UINT i;

    for (i = 0; i < list->count; i++)
    {
        if (known_card_has_name(&list->cards[i], name))
            return TRUE;
    }
    return FALSE;
}

/* Reads those of these names, likewise without those that known has. */
static HRESULT load_named_cards(struct card_list *list, const struct card_place *place, const struct card_list *known,
        const BSTR *names, ULONG count)
{
    HRESULT hr = S_OK;
    HKEY key;
    ULONG i;

    if (open_cards(place, &key))
        return S_OK;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
    {
        if (is_key_name(names[i]) && !card_list_find(known, names[i]) && !has_name(list, names[i]))
            hr = add_card(list, key, names[i]);
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

/* names: NULL for all cards. */
static HRESULT load(const BSTR *names, ULONG count, struct card_list **list)
{
    struct card_list found;
    HRESULT hr = S_OK;
    unsigned int i;

    if (!(*list = calloc(1, sizeof(**list))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < CARD_PLACES; i++)
    {
        memset(&found, 0, sizeof(found));
        hr = names ? load_named_cards(&found, &card_places[i], *list, names, count)
                : load_cards(&found, &card_places[i], *list);
        if (SUCCEEDED(hr))
            hr = merge_cards(*list, &found);
        clear_cards(&found);
    }
    if (SUCCEEDED(hr))
        hr = make_index(*list);
    if (FAILED(hr))
    {
        carddb_free(*list);
        *list = NULL;
    }
    return hr;
}

HRESULT carddb_load(struct card_list **list)
{
    return load(NULL, 0, list);
}

HRESULT carddb_load_named(const BSTR *names, ULONG count, struct card_list **list)
{
    return load(names, count, list);
}

void carddb_free(struct card_list *list)
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
