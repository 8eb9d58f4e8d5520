/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the smart card database from the registry. */

#include <stdlib.h>
#include <string.h>

#include "carddb_private.h"

#define MAX_TRIES 4             /* to read a key that changes meanwhile */
#define MAX_WALKED_AGAIN 256    /* keys: with more that takes too long */

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

/* S_FALSE: there is no entry, or it is damaged. */
static HRESULT read_card(struct card_list *list, HKEY cards_key, const WCHAR *name)
{
    BYTE atr[ATR_MAX_SIZE], mask[ATR_MAX_SIZE], provider[ENTRY_GUID_SIZE], interfaces[ENTRY_MAX_VALUE];
    struct entry_values values;
    HKEY key;

    if (RegOpenKeyExW(cards_key, name, 0, KEY_READ, &key))
        return S_FALSE;
    values.atr = read_value(key, L"ATR", atr, sizeof(atr));
    values.atr_mask = read_value(key, L"ATRMask", mask, sizeof(mask));
    values.primary_provider = read_value(key, L"Primary Provider", provider, sizeof(provider));
    values.supported_interfaces = read_value(key, L"Supported Interfaces", interfaces, sizeof(interfaces));
    RegCloseKey(key);
    return card_list_add(list, name, &values);
}

static LONG open_cards(const struct card_place *place, HKEY *key)
{
    return RegOpenKeyExW(place->root, cards_path_levels[CARDS_PATH_LEVELS - 1], 0, KEY_READ | place->view, key);
}

/* Reads the cards of a key one by one. A name that is too long for a card is passed over. */
static HRESULT walk(struct card_list *list, HKEY key, const struct card_list *known)
{
    WCHAR name[MAX_KEY_NAME];
    HRESULT hr = S_OK;
    DWORD i, length;
    LONG error;

    for (i = 0; SUCCEEDED(hr); i++)
    {
        length = ARRAY_SIZE(name);
        error = RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL);
        if (error && error != ERROR_MORE_DATA)
            break;
        if (!error && !card_list_find(known, name))
            hr = read_card(list, key, name);
    }
    return hr;
}

/* What changes when a key comes or goes. */
struct key_state
{
    DWORD count;
    FILETIME written;
};

static struct key_state get_state(HKEY key)
{
    struct key_state state = { 0 };

    RegQueryInfoKeyW(key, NULL, NULL, NULL, &state.count, NULL, NULL, NULL, NULL, NULL, NULL, &state.written);
    return state;
}

static BOOL has_changed(HKEY key, struct key_state *state)
{
    struct key_state before = *state;

    *state = get_state(key);
    return memcmp(&before, state, sizeof(before));
}

/*
 * Reads the cards of a place, without those that known has already. While keys come and go, some are seen twice and
 * some not at all: then again, but not for ever.
 */
static HRESULT load_cards(struct card_list *list, const struct card_place *place, const struct card_list *known)
{
    struct key_state state;
    BOOL changed = TRUE;
    HRESULT hr = S_OK;
    unsigned int tries;
    HKEY key;

    if (open_cards(place, &key))
        return S_OK;
    state = get_state(key);
    for (tries = 1; SUCCEEDED(hr) && changed && tries <= MAX_TRIES; tries++)
    {
        card_list_clear(list);
        hr = carddb_load_saved(list, key, state.count, known);
        changed = has_changed(key, &state);
        if (SUCCEEDED(hr) && (changed ? tries == MAX_TRIES : hr == S_FALSE))
        {
            card_list_clear(list);
            hr = walk(list, key, known);
            changed = state.count <= MAX_WALKED_AGAIN && has_changed(key, &state);
        }
    }
    RegCloseKey(key);
    return hr;
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
            hr = read_card(list, key, names[i]);
    }
    RegCloseKey(key);
    return hr;
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
            hr = card_list_merge(*list, &found);
        card_list_clear(&found);
    }
    if (SUCCEEDED(hr))
        hr = card_list_make_index(*list);
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
    card_list_clear(list);
    free(list);
}
