/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardDatabase: what is known of a card, from the registry: interfaces, provider, damaged entries, views.
 * What is listed and how it is searched: database_list.c.
 */

#define COBJMACROS
#include "common.h"
#include "known_cards.h"
#include "late_call.h"
#include "object_rules.h"
#include <winscard.h>

static const struct object_member members[] = /* [tlb] */
{
    { L"GetProviderCardId", 0 },
    { L"ListCardInterfaces", 1 },
    { L"ListCards", 2 },
    { L"ListReaderGroups", 3 },
    { L"ListReaders", 4 },
};

/* A search for numbers. */
static HRESULT list_cards_by_numbers(IUnknown *object)
{
    SAFEARRAY *numbers = SafeArrayCreateVector(VT_I4, 0, 1), *names;
    HRESULT hr = ISCardDatabase_ListCards((ISCardDatabase *)object, NULL, numbers, 0, &names);

    SafeArrayDestroy(numbers);
    return hr;
}

static const struct object_rules rules =
{
    &CLSID_CSCardDatabase, &IID_ISCardDatabase, members, ARRAY_SIZE(members), list_cards_by_numbers,
    L"ListCards", 2, DISPATCH_METHOD
};

static struct card_place machine_cards64 = { "64-bit view", HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY, 0, FALSE };
static struct card_place machine_cards32 = { "32-bit view", HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY, 0, FALSE };

static const GUID guid_a = { 0x0a0b0c0d, 0xa0b0, 0xc0d0, { 0xab, 1, 2, 3, 4, 5, 6, 0xef } };
static const GUID guid_b = { 0x7a1b0002, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static const GUID guids[] =
{
    { 0x0a0b0c0d, 0xa0b0, 0xc0d0, { 0xab, 1, 2, 3, 4, 5, 6, 0xef } },
    { 0x7a1b0002, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } },
    { 0x00000000, 0x0000, 0x0000, { 0, 0, 0, 0, 0, 0, 0, 0 } },
};
static const WCHAR *const guid_texts[] =
{
    L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}",
    L"{7A1B0002-0A0B-4C0D-0102-030405060708}",
    L"{00000000-0000-0000-0000-000000000000}",
};

static const BYTE atr[] = { 0x3b, 0x80, 0x80, 0x01, 0x01 };
static BYTE ones[40]; /* 0xff each */

static ISCardDatabase *create_database(void)
{
    return create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
}

static BSTR card_name(const WCHAR *entry_name)
{
    WCHAR name[300] = CARD_PREFIX;

    lstrcatW(name, entry_name);
    return SysAllocString(name);
}

/* What GetProviderCardId and ListCardInterfaces say of a card; what they return on failure is checked. */
static HRESULT get_provider(ISCardDatabase *database, const WCHAR *entry_name, GUID *provider)
{
    GUID *id = (GUID *)0xdeadbeef;
    BSTR name = card_name(entry_name);
    HRESULT hr = ISCardDatabase_GetProviderCardId(database, name, &id);

    if (SUCCEEDED(hr))
    {
        *provider = *id;
        CoTaskMemFree(id); /* [ours] */
    }
    else ok(!id, "GetProviderCardId(%s): %s, %p.\n", wine_dbgstr_w(name), dbgstr_hr(hr), (void *)id);
    SysFreeString(name);
    return hr;
}

static HRESULT get_interfaces(ISCardDatabase *database, const WCHAR *entry_name, SAFEARRAY **array)
{
    BSTR name = card_name(entry_name);
    HRESULT hr;

    *array = (SAFEARRAY *)0xdeadbeef;
    hr = ISCardDatabase_ListCardInterfaces(database, name, array);
    if (FAILED(hr))
        ok(!*array, "ListCardInterfaces(%s): %s, %p.\n", wine_dbgstr_w(name), dbgstr_hr(hr), (void *)*array);
    SysFreeString(name);
    return hr;
}

static void check_unknown(ISCardDatabase *database, const WCHAR *entry_name)
{
    SAFEARRAY *array;
    GUID provider;
    HRESULT hr;

    hr = get_provider(database, entry_name, &provider);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_CARD, "GetProviderCardId(%s): %s.\n", wine_dbgstr_w(entry_name),
       dbgstr_hr(hr));
    hr = get_interfaces(database, entry_name, &array);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_CARD, "ListCardInterfaces(%s): %s.\n", wine_dbgstr_w(entry_name),
       dbgstr_hr(hr));
}

/* All names; the caller destroys the array. */
static SAFEARRAY *list_all(ISCardDatabase *database)
{
    SAFEARRAY *names = NULL;
    HRESULT hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);

    ok(hr == S_OK && array_count(names, VT_BSTR) >= 0, "ListCards: %s, %p.\n", dbgstr_hr(hr), (void *)names);
    return names ? names : SafeArrayCreateVector(VT_BSTR, 0, 0);
}

static void test_arguments(void)
{
    ISCardDatabase *database = create_database();
    BSTR name = SysAllocString(L"x"), empty = SysAllocString(L"");
    SAFEARRAY *array = (SAFEARRAY *)0xdeadbeef;
    GUID *id = (GUID *)0xdeadbeef;
    unsigned int i;
    HRESULT hr;

    hr = ISCardDatabase_GetProviderCardId(database, name, NULL); /* [doc] */
    ok(hr == E_POINTER, "GetProviderCardId without a place for the result: %s.\n", dbgstr_hr(hr));
    hr = ISCardDatabase_ListCardInterfaces(database, name, NULL); /* [doc] */
    ok(hr == E_POINTER, "ListCardInterfaces without a place for the result: %s.\n", dbgstr_hr(hr));
    hr = ISCardDatabase_GetProviderCardId(database, NULL, NULL); /* [ours] pointers are checked first */
    ok(hr == E_POINTER, "GetProviderCardId without anything: %s.\n", dbgstr_hr(hr));
    hr = ISCardDatabase_ListCardInterfaces(database, NULL, NULL);
    ok(hr == E_POINTER, "ListCardInterfaces without anything: %s.\n", dbgstr_hr(hr));
    for (i = 0; i < 2; i++) /* [hdr] a NULL BSTR is an empty string; [ours] which is no name */
    {
        BSTR none = i ? empty : NULL;

        id = (GUID *)0xdeadbeef;
        array = (SAFEARRAY *)0xdeadbeef;
        hr = ISCardDatabase_GetProviderCardId(database, none, &id);
        ok(hr == E_INVALIDARG && !id, "GetProviderCardId(%s): %s, %p.\n", wine_dbgstr_w(none), dbgstr_hr(hr),
           (void *)id);
        hr = ISCardDatabase_ListCardInterfaces(database, none, &array);
        ok(hr == E_INVALIDARG && !array, "ListCardInterfaces(%s): %s, %p.\n", wine_dbgstr_w(none), dbgstr_hr(hr),
           (void *)array);
    }
    SysFreeString(empty);
    SysFreeString(name);
    ISCardDatabase_Release(database);
}

static const struct card_entry whole =
    { L"whole", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_b, 16), BINARY(guids, 48) };

/* @member ISCardDatabase::GetProviderCardId [doc][ours] the provider, or SCARD_E_ICC_INSTALLATION. */
/* @member ISCardDatabase::ListCardInterfaces [doc][ours] the interfaces' GUIDs as strings; SCARD_E_UNKNOWN_CARD. */
static void test_card(void)
{
    ISCardDatabase *database = create_database();
    unsigned int i;
    SAFEARRAY *array;
    GUID provider;
    HRESULT hr;

    check_unknown(database, L"whole"); /* [doc] */
    introduce_entry(&user_cards, &whole);
    hr = get_provider(database, L"whole", &provider); /* [doc] */
    ok(hr == S_OK && IsEqualGUID(&provider, &guid_b), "Provider: %s, %s.\n", dbgstr_hr(hr),
       wine_dbgstr_guid(&provider));
    hr = get_interfaces(database, L"whole", &array); /* [doc] GUIDs in BSTR format */
    ok(hr == S_OK && array_count(array, VT_BSTR) == 3, "%s, %ld interfaces.\n", dbgstr_hr(hr),
       hr == S_OK ? array_count(array, VT_BSTR) : 0);
    for (i = 0; hr == S_OK && i < 3; i++)
        ok(!wcscmp(((BSTR *)array->pvData)[i], guid_texts[i]), "Interface %u: %s.\n", i,
           wine_dbgstr_w(((BSTR *)array->pvData)[i])); /* [ours] registry form */
    if (hr == S_OK) SafeArrayDestroy(array);
    forget_cards(&user_cards); /* what is forgotten is unknown at once */
    check_unknown(database, L"whole");
    ISCardDatabase_Release(database);
}

/* Cards without a provider, and without some or all interfaces. */
static void test_partial_cards(void)
{
    static const struct card_entry entries[] =
    {
        { L"one interface", BINARY(atr, 5), BINARY(ones, 5), NOTHING, BINARY(guids, 16) },
        { L"ATR alone", BINARY(atr, 5), NOTHING, NOTHING, NOTHING },
        { L"no interface", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 0) },
    };
    ISCardDatabase *database = create_database();
    unsigned int i;
    SAFEARRAY *array;
    GUID provider;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(entries); i++) introduce_entry(&user_cards, &entries[i]);
    hr = get_provider(database, L"one interface", &provider); /* [doc] */
    ok(hr == (HRESULT)SCARD_E_ICC_INSTALLATION, "No provider: %s.\n", dbgstr_hr(hr));
    hr = get_interfaces(database, L"one interface", &array);
    ok(hr == S_OK && array_count(array, VT_BSTR) == 1, "One interface: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(array);
    hr = get_provider(database, L"ATR alone", &provider);
    ok(hr == (HRESULT)SCARD_E_ICC_INSTALLATION, "No provider: %s.\n", dbgstr_hr(hr));
    hr = get_interfaces(database, L"ATR alone", &array); /* [ours] */
    ok(hr == S_OK && array_count(array, VT_BSTR) == 0, "No value of interfaces: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(array);
    hr = get_interfaces(database, L"no interface", &array);
    ok(hr == S_OK && array_count(array, VT_BSTR) == 0, "An empty list of interfaces: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(array);
    forget_cards(&user_cards);
    ISCardDatabase_Release(database);
}

/* The registry does not mind the case of names, word by word; all else has to be the same. */
static void test_similar_names(void)
{
    static const struct card_entry below =
        { L"whole\\below", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), NOTHING };
    static const struct card_entry umlaut =
        { L"gr\x00fcn \x03c3\x0436", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), NOTHING };
    static const struct card_entry pair =
        { L"\xd801\xdc00", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), NOTHING };
    ISCardDatabase *database = create_database();
    unsigned int listed;
    GUID provider;
    HRESULT hr;

    introduce_entry(&user_cards, &whole);
    introduce_entry(&user_cards, &below);
    introduce_entry(&user_cards, &umlaut);
    introduce_entry(&user_cards, &pair);
    for (listed = 0; listed < 2; listed++)
    {
        winetest_push_context("%s", listed ? "listed" : "not listed");
        hr = get_provider(database, L"WhoLE", &provider);
        ok(hr == S_OK && IsEqualGUID(&provider, &guid_b), "In capitals: %s.\n", dbgstr_hr(hr));
        hr = get_provider(database, L"GR\x00dcN \x03a3\x0416", &provider);
        ok(hr == S_OK && IsEqualGUID(&provider, &guid_a), "In other capitals: %s.\n", dbgstr_hr(hr));
        check_unknown(database, L"whol");
        check_unknown(database, L"whole ");
        check_unknown(database, L"whole\\below"); /* a name, not a path */
        check_unknown(database, L"whole\\");
        check_unknown(database, L"\xd801\xdc28"); /* a small letter of two words */
        SafeArrayDestroy(list_all(database));
        winetest_pop_context();
    }
    forget_entry(&user_cards, below.name);
    forget_cards(&user_cards);
    ISCardDatabase_Release(database);
}

/* What later Windows and other programs write beside is ignored. */
static void test_more_values(void)
{
    ISCardDatabase *database = create_database();
    GUID provider;
    HRESULT hr;
    HKEY cards, key;

    introduce_entry(&user_cards, &whole);
    cards = open_cards(&user_cards);
    RegOpenKeyExW(cards, CARD_PREFIX L"whole", 0, KEY_READ | KEY_WRITE, &key);
    RegSetValueExW(key, L"Crypto Provider", 0, REG_SZ, (const BYTE *)L"A provider", 22);
    RegSetValueExW(key, L"80000001", 0, REG_SZ, (const BYTE *)L"a.dll", 12);
    RegSetValueExW(key, L"Something", 0, REG_DWORD, atr, 4);
    RegSetValueExW(key, NULL, 0, REG_SZ, (const BYTE *)L"", 2);
    RegCloseKey(key);
    RegCloseKey(cards);
    hr = get_provider(database, L"whole", &provider);
    ok(hr == S_OK && IsEqualGUID(&provider, &guid_b), "With more values: %s.\n", dbgstr_hr(hr));
    forget_cards(&user_cards);
    ISCardDatabase_Release(database);
}

/* Skipped, and the others stay in sight. [ours] */
static void test_damaged(void)
{
    static const struct card_entry good[] =
    {
        { L"a good one before", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 48) },
        { L"z good one behind", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 48) },
    };
    static const struct card_entry damaged[] =
    {
        { L"empty", NOTHING, NOTHING, NOTHING, NOTHING },
        { L"no ATR", NOTHING, BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"ATR of no bytes", BINARY(atr, 0), BINARY(ones, 0), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"ATR of 34 bytes", BINARY(ones, 34), BINARY(ones, 34), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"ATR as text", { REG_SZ, L"3B80", 10 }, NOTHING, BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"ATR as number", { REG_DWORD, atr, 4 }, BINARY(ones, 4), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"shorter mask", BINARY(atr, 5), BINARY(ones, 4), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"longer mask", BINARY(atr, 5), BINARY(ones, 6), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"huge mask", BINARY(atr, 5), BINARY(ones, 40), BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"mask as text", BINARY(atr, 4), { REG_SZ, ones, 4 }, BINARY(&guid_a, 16), BINARY(guids, 16) },
        { L"short provider", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 15), BINARY(guids, 16) },
        { L"long provider", BINARY(atr, 5), BINARY(ones, 5), BINARY(guids, 17), BINARY(guids, 16) },
        { L"provider of one byte", BINARY(atr, 5), BINARY(ones, 5), BINARY(guids, 1), BINARY(guids, 16) },
        { L"provider as text", BINARY(atr, 5), NOTHING, { REG_SZ, L"{0A0B}", 14 }, BINARY(guids, 16) },
        { L"half an interface", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 8) },
        { L"one and a half", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 24) },
        { L"an odd byte", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 33) },
        { L"interfaces as text", BINARY(atr, 5), NOTHING, BINARY(&guid_a, 16), { REG_SZ, guids, 16 } },
        { L"interfaces as texts", BINARY(atr, 5), BINARY(ones, 5), NOTHING, { REG_MULTI_SZ, guids, 32 } },
    };
    ISCardDatabase *database = create_database();
    SAFEARRAY *names, *array;
    IByteBuffer *buffer = create_buffer(atr, 5);
    unsigned int i;
    GUID provider;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(good); i++) introduce_entry(&user_cards, &good[i]);
    for (i = 0; i < ARRAY_SIZE(damaged); i++) introduce_entry(&user_cards, &damaged[i]);

    for (i = 0; i < ARRAY_SIZE(damaged); i++)
    {
        winetest_push_context("%s, not listed", wine_dbgstr_w(damaged[i].name));
        check_unknown(database, damaged[i].name);
        winetest_pop_context();
    }
    names = list_all(database);
    ok(count_cards(names) == ARRAY_SIZE(good), "%u cards.\n", count_cards(names));
    for (i = 0; i < ARRAY_SIZE(damaged); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(damaged[i].name));
        ok(!count_card(names, damaged[i].name), "It is listed.\n");
        check_unknown(database, damaged[i].name);
        winetest_pop_context();
    }
    SafeArrayDestroy(names);
    hr = ISCardDatabase_ListCards(database, buffer, NULL, 0, &names);
    ok(hr == S_OK && count_cards(names) == ARRAY_SIZE(good), "By ATR: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(names);
    for (i = 0; i < ARRAY_SIZE(good); i++)
    {
        hr = get_provider(database, good[i].name, &provider);
        ok(hr == S_OK && IsEqualGUID(&provider, &guid_a), "%s: %s.\n", wine_dbgstr_w(good[i].name), dbgstr_hr(hr));
        hr = get_interfaces(database, good[i].name, &array);
        ok(hr == S_OK && array_count(array, VT_BSTR) == 3, "%s: %s.\n", wine_dbgstr_w(good[i].name),
           dbgstr_hr(hr));
        if (hr == S_OK) SafeArrayDestroy(array);
    }
    forget_cards(&user_cards);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

/* Each card is found by its name, whether or not all have been listed before. */
static void check_numbers(ISCardDatabase *database, const WCHAR *const *entry_names, unsigned int count,
                          const WCHAR *long_name)
{
    unsigned int i;
    GUID provider;
    HRESULT hr;

    for (i = 0; i < count; i++)
    {
        hr = get_provider(database, entry_names[i], &provider);
        ok(hr == S_OK && provider.Data1 == i, "%s: %s, number %lu.\n", wine_dbgstr_w(entry_names[i]),
           dbgstr_hr(hr), provider.Data1);
    }
    hr = get_provider(database, long_name, &provider);
    ok(hr == S_OK, "The longest name: %s.\n", dbgstr_hr(hr));
    check_unknown(database, L"a\x200c" L"b");
}

/* Names that differ in what a dictionary would not mind are different cards: none hides another. [ours] */
static void test_names(void)
{
    static const WCHAR *const entry_names[] =
    {
        L"ab", L"a-b", L"a\x00ad" L"b", L"a'b", L"a b", L"a\x0301" L"b", L"\x00e1" L"b", L"a\x200b" L"b",
        L"\xe000", L"\xe001", L"\xd83d\xde00", L"\xd83d\xde01", L"\x4e2d\x6587", L"\x0430\x0431",
        L"stra\x00df" L"e", L"strasse", L"#1", L"%", L"."
    };
    struct card_entry entry = { NULL, BINARY(atr, 5), NOTHING, BINARY(&guid_a, 16), BINARY(guids, 16) };
    ISCardDatabase *database = create_database();
    WCHAR long_name[256 - 20];
    SAFEARRAY *names;
    unsigned int i;
    GUID provider;

    for (i = 0; i < ARRAY_SIZE(entry_names); i++)
    {
        entry.name = entry_names[i];
        provider = guid_a;
        provider.Data1 = i;
        entry.provider.data = &provider;
        introduce_entry(&user_cards, &entry);
    }
    for (i = 0; i + 1 < ARRAY_SIZE(long_name); i++) long_name[i] = 'n';
    long_name[i] = 0;
    entry.name = long_name;
    introduce_entry(&user_cards, &entry);

    check_numbers(database, entry_names, ARRAY_SIZE(entry_names), long_name);
    names = list_all(database);
    ok(count_cards(names) == ARRAY_SIZE(entry_names) + 1, "%u cards.\n", count_cards(names));
    for (i = 0; i < ARRAY_SIZE(entry_names); i++)
        ok(count_card(names, entry_names[i]) == 1, "%s is there %u times.\n", wine_dbgstr_w(entry_names[i]),
           count_card(names, entry_names[i]));
    ok(count_card(names, long_name) == 1, "The longest name is missing.\n");
    SafeArrayDestroy(names);
    check_numbers(database, entry_names, ARRAY_SIZE(entry_names), long_name);
    forget_cards(&user_cards);
    ISCardDatabase_Release(database);
}

static void check_provider(ISCardDatabase *database, const WCHAR *name, const GUID *expected)
{
    GUID provider = { 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } };
    HRESULT hr = get_provider(database, name, &provider);

    ok(hr == S_OK && IsEqualGUID(&provider, expected), "%s: %s, %s.\n", wine_dbgstr_w(name), dbgstr_hr(hr),
       wine_dbgstr_guid(&provider));
}

/* A card that is known anywhere is known. Which of several entries of a name counts: [ours] */
static void test_places(void)
{
    static const GUID guid_c = { 0xcccccccc, 1, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    const struct card_place *own = sizeof(void *) == 8 ? &machine_cards64 : &machine_cards32;
    const struct card_place *other = sizeof(void *) == 8 ? &machine_cards32 : &machine_cards64;
    struct card_entry entry = { NULL, BINARY(atr, 5), BINARY(ones, 5), BINARY(NULL, 16), NOTHING };
    const struct
    {
        const WCHAR *name;
        const struct card_place *place;
        const GUID *provider;
        DWORD atr_size;
    }
    cards[] =
    {
        { L"user", &user_cards, &guid_a, 5 },
        { L"own view", own, &guid_b, 5 },
        { L"other view", other, &guid_c, 5 },
        { L"everywhere", &user_cards, &guid_a, 5 },
        { L"everywhere", own, &guid_b, 5 },
        { L"EVERYWHERE", other, &guid_c, 5 },
        { L"both views", own, &guid_b, 5 },
        { L"both views", other, &guid_c, 5 },
        { L"damaged at the user's", &user_cards, &guid_a, 0 },
        { L"damaged at the user's", own, &guid_b, 5 },
        { L"damaged in the own view", own, &guid_b, 0 },
        { L"damaged in the own view", other, &guid_c, 5 },
    };
    ISCardDatabase *database = create_database();
    SAFEARRAY *names;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cards); i++)
    {
        entry.name = cards[i].name;
        entry.atr.size = entry.mask.size = cards[i].atr_size;
        entry.provider.data = cards[i].provider;
        introduce_entry(cards[i].place, &entry);
    }
    for (i = 0; i < 2; i++)
    {
        winetest_push_context("%s", i ? "listed" : "not listed");
        check_provider(database, L"user", &guid_a);
        check_provider(database, L"own view", &guid_b);
        check_provider(database, L"other view", &guid_c);
        check_provider(database, L"everywhere", &guid_a);
        check_provider(database, L"both views", &guid_b);
        check_provider(database, L"damaged at the user's", &guid_b);
        check_provider(database, L"damaged in the own view", &guid_c);
        SafeArrayDestroy(list_all(database));
        winetest_pop_context();
    }
    names = list_all(database);
    ok(count_cards(names) == 7, "%u cards.\n", count_cards(names));
    ok(count_card(names, L"everywhere") == 1 && !count_card(names, L"EVERYWHERE"),
       "A card is listed twice.\n");
    ok(count_card(names, L"both views") == 1, "Listed %u times.\n", count_card(names, L"both views"));
    ok(count_card(names, L"other view") == 1, "Listed %u times.\n", count_card(names, L"other view"));
    SafeArrayDestroy(names);

    forget_entry(&user_cards, L"everywhere");
    check_provider(database, L"everywhere", &guid_b);
    forget_entry(own, L"everywhere");
    check_provider(database, L"everywhere", &guid_c);
    forget_entry(other, L"EVERYWHERE");
    check_unknown(database, L"everywhere");
    forget_cards(&user_cards);
    forget_cards(own);
    forget_cards(other);
    names = list_all(database);
    ok(!count_cards(names), "%u cards are left.\n", count_cards(names));
    SafeArrayDestroy(names);
    ISCardDatabase_Release(database);
}

/* How scripts call it. [ours] */
static void test_late_bound(void)
{
    static const struct card_entry entry =
        { L"late", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid_a, 16), BINARY(guids, 32) };
    ISCardDatabase *database = create_database();
    BSTR name = card_name(L"late"), unknown = card_name(L"unknown"), text;
    VARIANT arg = variant_of_string(name), result, *elements;
    HRESULT hr;

    introduce_entry(&user_cards, &entry);
    hr = late_call(database, 0, &arg, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == VT_BSTR && !wcscmp(V_BSTR(&result), guid_texts[0]),
       "GetProviderCardId: %s, type %#x.\n", dbgstr_hr(hr), V_VT(&result));
    VariantClear(&result);
    hr = late_call(database, 1, &arg, 1, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT)
       && array_count(V_ARRAY(&result), VT_VARIANT) == 2,
       "ListCardInterfaces: %s, type %#x.\n", dbgstr_hr(hr), V_VT(&result));
    if (hr == S_OK)
    {
        elements = V_ARRAY(&result)->pvData;
        ok(V_VT(&elements[1]) == VT_BSTR && !wcscmp(V_BSTR(&elements[1]), guid_texts[1]), "Type %#x.\n",
           V_VT(&elements[1]));
    }
    VariantClear(&result);
    arg = variant_of_string(unknown);
    hr = late_call(database, 0, &arg, 1, &result, &text);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_CARD && V_VT(&result) == VT_EMPTY, "GetProviderCardId: %s, type %#x.\n",
       dbgstr_hr(hr), V_VT(&result));
    ok(text && wcsstr(text, L"GetProviderCardId") && wcsstr(text, L"SCARD_E_UNKNOWN_CARD"),
       "Err.Description: %s.\n", wine_dbgstr_w(text));
    SysFreeString(text);
    hr = late_call(database, 1, &arg, 1, &result, NULL);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_CARD, "ListCardInterfaces: %s.\n", dbgstr_hr(hr));
    hr = late_call(database, 1, NULL, 0, &result, NULL);
    ok(hr == DISP_E_PARAMNOTOPTIONAL, "Without a name: %s.\n", dbgstr_hr(hr));
    forget_cards(&user_cards);
    SysFreeString(unknown);
    SysFreeString(name);
    ISCardDatabase_Release(database);
}

static void test_cards(void)
{
    test_card();
    test_partial_cards();
    test_similar_names();
    test_more_values();
    test_damaged();
    test_names();
    test_late_bound();
}

START_TEST(database)
{
    static const struct card_place *const all[] = { &user_cards, &machine_cards64, &machine_cards32 };
    ISCardDatabase *database;
    unsigned int i;
    BOOL views;
    HMODULE module;

    CoInitialize(NULL);
    memset(ones, 0xff, sizeof(ones));
    module = load_module(&CLSID_CSCardDatabase);
    test_class_factory(&rules, module);
    test_identity(&rules);
    test_type_info(&rules);
    test_aggregation(&rules);
    test_marshaling(&rules);
    database = create_database();
    SetErrorInfo(0, NULL);
    rules.fail((IUnknown *)database);
    check_error_info(&rules);
    ISCardDatabase_Release(database);
    test_arguments();

    open_place(&user_cards);
    open_place(&machine_cards64);
    open_place(&machine_cards32);
    ok(user_cards.writable, "The user's part of the registry cannot be written.\n");
    if (user_cards.writable)
    {
        for (i = 0; i < ARRAY_SIZE(all); i++) if (all[i]->writable) clean_place(all[i]);
        test_cards();
        views = machine_cards64.writable && machine_cards32.writable
            && are_two_places(&machine_cards64, &machine_cards32);
        if (views) test_places();
        else skip("The machine's part of the registry cannot be written, or has one view only.\n");

        for (i = 0; i < ARRAY_SIZE(all); i++) if (all[i]->writable) fill_place(all[i]);
        winetest_push_context("Among many");
        test_cards();
        if (views) test_places();
        winetest_pop_context();
        for (i = 0; i < ARRAY_SIZE(all); i++) if (all[i]->writable) empty_place(all[i]);
    }
    close_place(&machine_cards32);
    close_place(&machine_cards64);
    close_place(&user_cards);
    check_nothing_left(module);
    CoUninitialize();
}
