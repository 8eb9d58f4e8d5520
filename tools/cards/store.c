/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The registry: HKLM\Software\Microsoft\Cryptography\Calais\SmartCards\NAME in both views, so that 32-bit and 64-bit
 * programs know the same cards, and the same key in HKCU.
 */

#include "cards.h"

#define CARDS_PATH L"Software\\Microsoft\\Cryptography\\Calais\\SmartCards"

const char *const place_names[PLACE_COUNT] =
{
    "the user (HKEY_CURRENT_USER)", "64-bit programs (HKEY_LOCAL_MACHINE)", "32-bit programs (HKEY_LOCAL_MACHINE)"
};

static const struct
{
    HKEY root;
    REGSAM view;
}
places[PLACE_COUNT] =
{
    [PLACE_USER] = { HKEY_CURRENT_USER, 0 },
    [PLACE_MACHINE64] = { HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY },
    [PLACE_MACHINE32] = { HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY },
};

static LONG open_cards(enum place place, REGSAM access, HKEY *key)
{
    return RegOpenKeyExW(places[place].root, CARDS_PATH, 0, access | places[place].view, key);
}

/* ---- reading ---- */

/* A value that is not there has 0 bytes. FALSE: it is of another type or larger. */
static BOOL read_value(HKEY key, const WCHAR *name, DWORD wanted_type, void *data, DWORD *size)
{
    DWORD type;
    LONG error = RegQueryValueExW(key, name, NULL, &type, data, size);

    if (error == ERROR_FILE_NOT_FOUND)
    {
        *size = 0;
        return TRUE;
    }
    return !error && type == wanted_type;
}

static BOOL read_atr(HKEY key, struct card *card)
{
    DWORD size = ATR_MAX_SIZE, mask_size = ATR_MAX_SIZE;

    if (!read_value(key, L"ATR", REG_BINARY, card->atr.bytes, &size) || !size) return FALSE;
    if (!read_value(key, L"ATRMask", REG_BINARY, card->mask, &mask_size)) return FALSE;
    if (mask_size && mask_size != size) return FALSE;
    if (!mask_size) memset(card->mask, 0xff, size);
    card->atr.size = size;
    return TRUE;
}

static BOOL read_guids(HKEY key, struct card *card)
{
    DWORD provider_size = sizeof(card->provider), size = sizeof(card->interfaces);

    if (!read_value(key, L"Primary Provider", REG_BINARY, &card->provider, &provider_size)) return FALSE;
    if (provider_size && provider_size != sizeof(card->provider)) return FALSE;
    card->has_provider = provider_size != 0;
    if (!read_value(key, L"Supported Interfaces", REG_BINARY, card->interfaces, &size) || size % sizeof(GUID))
        return FALSE;
    card->interface_count = size / sizeof(GUID);
    return TRUE;
}

static void read_csp(HKEY key, struct card *card)
{
    DWORD size = sizeof(card->csp) - sizeof(WCHAR);

    if (!read_value(key, L"Crypto Provider", REG_SZ, card->csp, &size)) size = 0;
    card->csp[size / sizeof(WCHAR)] = 0;
}

static LONG read_card(HKEY cards, const WCHAR *name, struct card *card)
{
    LONG error;
    HKEY key;

    memset(card, 0, sizeof(*card));
    lstrcpynW(card->name, name, ARRAYSIZE(card->name));
    if ((error = RegOpenKeyExW(cards, name, 0, KEY_READ, &key))) return error;
    if (!read_atr(key, card) || !read_guids(key, card))
    {
        card->atr.size = 0;
        error = ERROR_INVALID_DATA;
    }
    read_csp(key, card);
    RegCloseKey(key);
    return error;
}

LONG store_read(enum place place, const WCHAR *name, struct card *card)
{
    LONG error;
    HKEY cards;

    if ((error = open_cards(place, KEY_READ, &cards))) return error;
    error = read_card(cards, name, card);
    RegCloseKey(cards);
    return error;
}

LONG store_walk(enum place place, BOOL (*function)(enum place place, const struct card *card, void *arg), void *arg)
{
    static struct card card;
    WCHAR name[CARDNAME_SIZE];
    DWORD i, length;
    LONG error;
    HKEY cards;

    error = open_cards(place, KEY_READ, &cards);
    if (error) return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
    for (i = 0; ; i++)
    {
        length = ARRAYSIZE(name);
        error = RegEnumKeyExW(cards, i, name, &length, NULL, NULL, NULL, NULL);
        if (error == ERROR_MORE_DATA) continue; /* a name that no card can have */
        if (error) break;
        read_card(cards, name, &card);
        if (!function(place, &card, arg)) break;
    }
    RegCloseKey(cards);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
}

/* ---- writing ---- */

static LONG write_value(HKEY key, const WCHAR *name, DWORD type, const void *data, size_t size)
{
    return size ? RegSetValueExW(key, name, 0, type, data, (DWORD)size) : ERROR_SUCCESS;
}

static LONG write_card(enum place place, const struct card *card)
{
    DWORD disposition;
    HKEY cards, key;
    LONG error;

    error = RegCreateKeyExW(places[place].root, CARDS_PATH, 0, NULL, 0, KEY_READ | KEY_WRITE | places[place].view, NULL,
                            &cards, NULL);
    if (error) return error;
    error = RegCreateKeyExW(cards, card->name, 0, NULL, 0, KEY_WRITE, NULL, &key, &disposition);
    if (!error)
    {
        if (disposition != REG_CREATED_NEW_KEY) error = ERROR_ALREADY_EXISTS;
        if (!error) error = write_value(key, L"ATR", REG_BINARY, card->atr.bytes, card->atr.size);
        if (!error) error = write_value(key, L"ATRMask", REG_BINARY, card->mask, card->atr.size);
        if (!error && card->has_provider)
            error = write_value(key, L"Primary Provider", REG_BINARY, &card->provider, sizeof(card->provider));
        if (!error)
            error = write_value(key, L"Supported Interfaces", REG_BINARY, card->interfaces,
                                card->interface_count * sizeof(GUID));
        if (!error && card->csp[0])
            error = write_value(key, L"Crypto Provider", REG_SZ, card->csp,
                                (lstrlenW(card->csp) + 1) * sizeof(WCHAR));
        RegCloseKey(key);
        if (error && disposition == REG_CREATED_NEW_KEY) RegDeleteKeyW(cards, card->name);
    }
    RegCloseKey(cards);
    return error;
}

static LONG remove_card(enum place place, const WCHAR *name)
{
    LONG error;
    HKEY cards;

    if ((error = open_cards(place, KEY_READ | KEY_WRITE, &cards))) return error;
    error = RegDeleteKeyW(cards, name);
    RegCloseKey(cards);
    return error;
}

/* Whether there is an entry of that name, damaged or not. */
static BOOL has_card(enum place place, const WCHAR *name)
{
    HKEY cards, key;
    BOOL found;

    if (open_cards(place, KEY_READ, &cards)) return FALSE;
    if ((found = !RegOpenKeyExW(cards, name, 0, KEY_READ, &key))) RegCloseKey(key);
    RegCloseKey(cards);
    return found;
}

LONG store_add(BOOL user, const struct card *card)
{
    LONG error;

    if (user) return write_card(PLACE_USER, card);
    if (has_card(PLACE_MACHINE64, card->name) || has_card(PLACE_MACHINE32, card->name)) return ERROR_ALREADY_EXISTS;
    if ((error = write_card(PLACE_MACHINE64, card))) return error;
    /* A 32-bit prefix has one view only: it is there already. */
    if (has_card(PLACE_MACHINE32, card->name)) return ERROR_SUCCESS;
    if ((error = write_card(PLACE_MACHINE32, card))) remove_card(PLACE_MACHINE64, card->name);
    return error;
}

LONG store_remove(BOOL user, const WCHAR *name)
{
    LONG error, other;

    if (user) return remove_card(PLACE_USER, name);
    error = remove_card(PLACE_MACHINE64, name);
    other = remove_card(PLACE_MACHINE32, name);
    if (other && other != ERROR_FILE_NOT_FOUND) return other;
    return error == ERROR_FILE_NOT_FOUND ? other : error;
}
