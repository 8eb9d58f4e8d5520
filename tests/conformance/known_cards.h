/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Cards in the smart card database, written to the registry directly: some of them damaged. All have names
 * that begin with CARD_PREFIX, and forget_cards() removes every one of these.
 */

#ifndef SCARDSSP_TESTS_KNOWN_CARDS_H
#define SCARDSSP_TESTS_KNOWN_CARDS_H

#include "common.h"

#define CARD_PREFIX L"scardssp test: "
#define NO_VALUE REG_NONE

/* Where an entry stands. */
struct card_place
{
    const char *name;
    HKEY root;
    REGSAM view;
    unsigned int created; /* the levels of cards_path that did not exist before, from the lowest */
    BOOL writable;
};

static struct card_place user_cards = { "HKCU", HKEY_CURRENT_USER, 0, 0, FALSE };

static const WCHAR *const cards_path[] =
{
    L"Software\\Microsoft\\Cryptography\\Calais\\SmartCards",
    L"Software\\Microsoft\\Cryptography\\Calais",
    L"Software\\Microsoft\\Cryptography",
};

/* A value as it is written: any type, any size. */
struct card_value
{
    DWORD type; /* NO_VALUE: it is not there */
    const void *data;
    DWORD size;
};

struct card_entry
{
    const WCHAR *name; /* without CARD_PREFIX */
    struct card_value atr, mask, provider, interfaces;
};

#define BINARY(data, size) { REG_BINARY, data, size }
#define NOTHING { NO_VALUE, NULL, 0 }

/* Makes the key of a place if need be; writable says whether that worked. */
static inline void open_place(struct card_place *place)
{
    unsigned int i;
    HKEY key;

    for (i = 0; i < ARRAY_SIZE(cards_path); i++)
    {
        if (!RegOpenKeyExW(place->root, cards_path[i], 0, KEY_READ | place->view, &key))
        {
            RegCloseKey(key);
            break;
        }
    }
    place->created = i;
    place->writable = !RegCreateKeyExW(place->root, cards_path[0], 0, NULL, 0,
                                       KEY_READ | KEY_WRITE | place->view, NULL, &key, NULL);
    if (place->writable) RegCloseKey(key);
}

static inline HKEY open_cards(const struct card_place *place)
{
    HKEY key;

    if (!RegOpenKeyExW(place->root, cards_path[0], 0, KEY_READ | KEY_WRITE | place->view, &key)) return key;
    ok(0, "%s cannot be opened.\n", place->name);
    return NULL;
}

static inline void write_value(HKEY key, const WCHAR *name, const struct card_value *value)
{
    LONG rc;

    if (value->type == NO_VALUE) return;
    rc = RegSetValueExW(key, name, 0, value->type, value->data, value->size);
    if (rc) ok(0, "RegSetValueEx: %ld.\n", rc);
}

static inline void introduce_entry(const struct card_place *place, const struct card_entry *entry)
{
    HKEY cards = open_cards(place), key;
    WCHAR name[300] = CARD_PREFIX;
    LONG rc;

    lstrcatW(name, entry->name);
    rc = RegCreateKeyExW(cards, name, 0, NULL, 0, KEY_WRITE | place->view, NULL, &key, NULL);
    if (rc) ok(0, "RegCreateKeyEx(%s): %ld.\n", wine_dbgstr_w(name), rc);
    else
    {
        write_value(key, L"ATR", &entry->atr);
        write_value(key, L"ATRMask", &entry->mask);
        write_value(key, L"Primary Provider", &entry->provider);
        write_value(key, L"Supported Interfaces", &entry->interfaces);
        RegCloseKey(key);
    }
    RegCloseKey(cards);
}

static inline void forget_entry(const struct card_place *place, const WCHAR *entry_name)
{
    HKEY cards = open_cards(place);
    WCHAR name[300] = CARD_PREFIX;

    lstrcatW(name, entry_name);
    RegDeleteKeyW(cards, name);
    RegCloseKey(cards);
}

/* Removes all entries of ours of one place, also one with the longest name that Wine's registry has. */
static inline void forget_cards(const struct card_place *place)
{
    WCHAR name[257];
    DWORD i = 0;
    HKEY key = open_cards(place);

    while (!RegEnumKeyW(key, i, name, ARRAY_SIZE(name)))
    {
        if (wcsncmp(name, CARD_PREFIX, wcslen(CARD_PREFIX)) || RegDeleteKeyW(key, name)) i++;
    }
    RegCloseKey(key);
}

#define FILLING L"scardssp filling "
#define FILLING_CARDS 40

static inline void fill_card(const struct card_place *place, unsigned int number)
{
    BYTE atr[20] = { 0x00 };
    struct card_value value = BINARY(atr, sizeof(atr));
    HKEY cards = open_cards(place), key;
    WCHAR name[40];

    wsprintfW(name, FILLING L"%u", number);
    atr[19] = (BYTE)number;
    if (RegCreateKeyExW(cards, name, 0, NULL, 0, KEY_WRITE | place->view, NULL, &key, NULL))
        ok(0, "%s cannot be made.\n", wine_dbgstr_w(name));
    else
    {
        write_value(key, L"ATR", &value);
        RegCloseKey(key);
    }
    RegCloseKey(cards);
}

static inline void empty_card(const struct card_place *place, unsigned int number)
{
    HKEY cards = open_cards(place);
    WCHAR name[40];

    wsprintfW(name, FILLING L"%u", number);
    RegDeleteKeyW(cards, name);
    RegCloseKey(cards);
}

/*
 * So many cards that none of these tests asks for: few cards and many are read in different ways. There may be some
 * already.
 */
static inline void fill_place(const struct card_place *place)
{
    unsigned int i;

    for (i = 0; i < FILLING_CARDS; i++) fill_card(place, i);
}

static inline void empty_place(const struct card_place *place)
{
    unsigned int i;

    for (i = 0; i < FILLING_CARDS; i++) empty_card(place, i);
}

/* What a run that was interrupted has left. */
static inline void clean_place(const struct card_place *place)
{
    forget_cards(place);
    empty_place(place);
}

/* Whether what is written in one place does not show in the other: a 32-bit Windows has one view of the registry. */
static inline BOOL are_two_places(const struct card_place *first, const struct card_place *second)
{
    static const BYTE atr[] = { 0x3b, 0x00 };
    struct card_entry entry = { L"in one place", BINARY(atr, sizeof(atr)), NOTHING, NOTHING, NOTHING };
    WCHAR name[64] = CARD_PREFIX;
    HKEY cards, key;
    LONG rc;

    introduce_entry(first, &entry);
    cards = open_cards(second);
    lstrcatW(name, entry.name);
    rc = RegOpenKeyExW(cards, name, 0, KEY_READ | second->view, &key);
    if (!rc) RegCloseKey(key);
    RegCloseKey(cards);
    forget_entry(first, entry.name);
    return rc != 0;
}

/* Removes also the keys that were not there before. */
static inline void close_place(const struct card_place *place)
{
    const WCHAR *leaf;
    WCHAR parent[200];
    unsigned int i;
    HKEY key;

    if (!place->writable) return;
    forget_cards(place);
    for (i = 0; i < place->created; i++)
    {
        lstrcpyW(parent, cards_path[i]);
        leaf = cards_path[i] + (wcsrchr(parent, '\\') - parent) + 1;
        *wcsrchr(parent, '\\') = 0;
        if (RegOpenKeyExW(place->root, parent, 0, KEY_READ | KEY_WRITE | place->view, &key)) break;
        RegDeleteKeyW(key, leaf);
        RegCloseKey(key);
    }
}

/* How often a card of ours is in an array of names. */
static inline unsigned int count_card(SAFEARRAY *names, const WCHAR *entry_name)
{
    WCHAR name[300] = CARD_PREFIX;
    unsigned int count = 0;
    LONG i, upper = -1;

    lstrcatW(name, entry_name);
    SafeArrayGetUBound(names, 1, &upper);
    for (i = 0; i <= upper; i++) if (!wcscmp(((BSTR *)names->pvData)[i], name)) count++;
    return count;
}

/* How many cards of ours are in it. */
static inline unsigned int count_cards(SAFEARRAY *names)
{
    unsigned int count = 0;
    LONG i, upper = -1;

    SafeArrayGetUBound(names, 1, &upper);
    for (i = 0; i <= upper; i++)
        if (!wcsncmp(((BSTR *)names->pvData)[i], CARD_PREFIX, wcslen(CARD_PREFIX))) count++;
    return count;
}

#endif
