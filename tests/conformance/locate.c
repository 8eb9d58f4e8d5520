/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardLocate without its dialog: the search, and what FindCard returns. What needs a card introduces the card that
 * is in the reader under names of its own, in HKEY_CURRENT_USER, and forgets it in the end.
 */

#define COBJMACROS
#include <stdio.h>
#include <string.h>
#include "common.h"
#include "card_common.h"
#include "known_cards.h"
#include "late_call.h"
#include "object_rules.h"

#define SC_DLG_MINIMAL 1
#define SC_DLG_NEVER   2
#define SC_DLG_ALWAYS  4

static const WCHAR this_card[] = CARD_PREFIX L"the card in the reader";
static const WCHAR other_card[] = CARD_PREFIX L"another card";

static const GUID interface_a = { 0x7a1b0001, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static const GUID interface_b = { 0x7a1b0002, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } };

static SCARD_PROTOCOLS card_protocol; /* of the card under test, as ISCard is told */

static ISCardLocate *create_locate(void)
{
    return create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
}

/* An array of up to two strings. */
static SAFEARRAY *create_strings(const WCHAR *first, const WCHAR *second)
{
    const WCHAR *strings[] = { first, second };
    ULONG i, count = (first != NULL) + (second != NULL);
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, count);

    for (i = 0; i < count; i++) ((BSTR *)array->pvData)[i] = SysAllocString(strings[i]);
    return array;
}

static SAFEARRAY *create_guids(const GUID *first, const GUID *second)
{
    WCHAR a[39], b[39];

    StringFromGUID2(first, a, ARRAY_SIZE(a));
    if (second) StringFromGUID2(second, b, ARRAY_SIZE(b));
    return create_strings(a, second ? b : NULL);
}

/* name: with CARD_PREFIX. */
static void introduce_card(const WCHAR *name, const BYTE *atr, DWORD size)
{
    GUID interfaces[] = { interface_a, interface_b };
    struct card_entry entry = { name + wcslen(CARD_PREFIX), BINARY(atr, size), NOTHING, NOTHING,
                                BINARY(interfaces, sizeof(interfaces)) };

    introduce_entry(&user_cards, &entry);
}

static HRESULT search_name(ISCardLocate *locate, const WCHAR *name, LONG flags)
{
    SAFEARRAY *names = create_strings(name, NULL);
    HRESULT hr = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, flags);

    SafeArrayDestroy(names);
    return hr;
}

static HRESULT find(ISCardLocate *locate, LONG flags, SCARDINFO **info)
{
    *info = (SCARDINFO *)0xdeadbeef;
    return ISCardLocate_FindCard(locate, SHARED, T0 | T1, flags, info);
}

/* @member ISCardLocate::ConfigureCardNameSearch [doc][ours] the cards of these names, in readers of these groups. */
static void test_configure(void)
{
    static const LONG bad_flags[] = { 0, 3, 5, 6, 7, 8, -1, 0x10000 };
    ISCardLocate *locate = create_locate();
    SAFEARRAY *names = create_strings(this_card, other_card), *numbers = SafeArrayCreateVector(VT_I4, 0, 1);
    SAFEARRAY *guids = create_guids(&interface_a, NULL), *empty = create_strings(NULL, NULL);
    SAFEARRAYBOUND bounds[2] = { { 1, 0 }, { 1, 0 } };
    SAFEARRAY *matrix = SafeArrayCreate(VT_BSTR, 2, bounds);
    BSTR title = SysAllocString(L"Insert the card");
    SCARDINFO *info;
    unsigned int i;
    HRESULT hr;

    hr = find(locate, SC_DLG_NEVER, &info);
    ok(hr == E_UNEXPECTED && !info, "FindCard with nothing configured: %#lx, %p.\n", hr, info); /* [ours] */
    hr = find(locate, 0, &info);
    ok(hr == E_UNEXPECTED && !info, "FindCard with nothing configured: %#lx, %p.\n", hr, info); /* [ours] */

    hr = ISCardLocate_ConfigureCardNameSearch(locate, NULL, NULL, title, SC_DLG_NEVER);
    ok(hr == E_POINTER, "No names: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, NULL, NULL, title, SC_DLG_NEVER);
    ok(hr == E_POINTER, "No GUIDs: %#lx.\n", hr); /* [doc] */
    for (i = 0; i < ARRAY_SIZE(bad_flags); i++)
    {
        hr = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, title, bad_flags[i]);
        ok(hr == E_INVALIDARG, "Flags %#lx: %#lx.\n", bad_flags[i], hr); /* [doc] */
        hr = ISCardLocate_ConfigureCardGuidSearch(locate, guids, NULL, title, bad_flags[i]);
        ok(hr == E_INVALIDARG, "Flags %#lx: %#lx.\n", bad_flags[i], hr); /* [doc] */
    }
    hr = ISCardLocate_ConfigureCardNameSearch(locate, numbers, NULL, title, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "Numbers in place of names: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_ConfigureCardNameSearch(locate, matrix, NULL, title, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "A matrix of names: %#lx.\n", hr); /* [ours] */
    hr = ISCardLocate_ConfigureCardNameSearch(locate, names, numbers, title, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "Numbers in place of groups: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, numbers, NULL, title, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "Numbers in place of GUIDs: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, names, NULL, title, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "Names in place of GUIDs: %#lx.\n", hr); /* [ours] */
    hr = find(locate, SC_DLG_NEVER, &info);
    ok(hr == E_UNEXPECTED && !info, "FindCard after nothing but failures: %#lx, %p.\n", hr, info); /* [ours] */

    hr = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, title, SC_DLG_MINIMAL);
    ok(hr == S_OK, "Names: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_ConfigureCardNameSearch(locate, empty, NULL, NULL, SC_DLG_ALWAYS);
    ok(hr == S_OK, "No names, no title: %#lx.\n", hr); /* [ours] */
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, guids, empty, title, SC_DLG_NEVER);
    ok(hr == S_OK, "GUIDs: %#lx.\n", hr); /* [doc] */

    SysFreeString(title);
    SafeArrayDestroy(matrix);
    SafeArrayDestroy(empty);
    SafeArrayDestroy(guids);
    SafeArrayDestroy(numbers);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}

static void test_domains(void)
{
    static const LONG bad_flags[] = { 3, 5, 6, 7, 8, -1 };
    ISCardLocate *locate = create_locate();
    SCARDINFO *info = (SCARDINFO *)1;
    unsigned int i;
    HRESULT hr;

    search_name(locate, other_card, SC_DLG_NEVER);
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, NULL);
    ok(hr == E_POINTER, "No out-pointer: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_FindCard(locate, 0, T0 | T1, SC_DLG_NEVER, &info);
    ok(hr == E_INVALIDARG && !info, "Share mode 0: %#lx, %p.\n", hr, info); /* [doc] */
    hr = ISCardLocate_FindCard(locate, 3, T0 | T1, SC_DLG_NEVER, &info);
    ok(hr == E_INVALIDARG, "Share mode 3: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_FindCard(locate, SHARED, 0, SC_DLG_NEVER, &info);
    ok(hr == E_INVALIDARG, "Protocol 0: %#lx.\n", hr); /* [doc] */
    hr = ISCardLocate_FindCard(locate, SHARED, 4, SC_DLG_NEVER, &info);
    ok(hr == E_INVALIDARG, "Protocol 4: %#lx.\n", hr); /* [doc] */
    for (i = 0; i < ARRAY_SIZE(bad_flags); i++)
    {
        hr = find(locate, bad_flags[i], &info);
        ok(hr == E_INVALIDARG && !info, "Flags %#lx: %#lx, %p.\n", bad_flags[i], hr, info); /* [doc] */
    }
    ISCardLocate_Release(locate);
}

/* A card is found: the handles are the caller's, and the card handle goes on into ISCard. */
static void check_found(HRESULT hr, SCARDINFO *info, const char *what)
{
    ISCard *card;
    LONG rc;

    winetest_push_context("%s", what);
    ok(hr == S_OK && info, "FindCard: %#lx, %p.\n", hr, info); /* [doc] */
    if (hr == S_OK && info)
    {
        ok(info->hCard && info->hContext, "Handles %p, %p.\n", (void *)info->hCard, (void *)info->hContext); /* [doc] */
        ok(info->ActiveProtocol == card_protocol, "Protocol %d.\n", info->ActiveProtocol); /* [doc] */
        ok(info->ShareMode == SHARED, "Share mode %d.\n", info->ShareMode); /* [doc] */
        ok(!SCardIsValidContext(info->hContext), "The context is not valid.\n"); /* [doc] */
        card = create_card();
        hr = ISCard_AttachByHandle(card, info->hCard);
        ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr); /* [doc] */
        check_works(card, "with the handle that was found");
        ISCard_Release(card);
        rc = SCardDisconnect(info->hCard, SCARD_LEAVE_CARD);
        ok(!rc, "SCardDisconnect: %#lx.\n", rc); /* [ours] */
        rc = SCardReleaseContext(info->hContext);
        ok(!rc, "SCardReleaseContext: %#lx.\n", rc); /* [ours] */
        CoTaskMemFree(info);
    }
    winetest_pop_context();
}

static void check_not_found(HRESULT hr, SCARDINFO *info, const char *what)
{
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD && !info, "%s: %#lx, %p.\n", what, hr, info); /* [ours] */
}

/* @member ISCardLocate::FindCard [doc][ours] connects to the first card that is searched; both handles are the
 * caller's. */
static void test_names(void)
{
    SAFEARRAY *names = create_strings(other_card, this_card), *none = create_strings(NULL, NULL);
    ISCardLocate *locate = create_locate();
    SCARDINFO *info;
    HRESULT hr;

    search_name(locate, this_card, SC_DLG_NEVER);
    hr = find(locate, SC_DLG_NEVER, &info);
    check_found(hr, info, "by name");
    hr = find(locate, 0, &info);
    check_found(hr, info, "with the configured flags");
    hr = find(locate, SC_DLG_MINIMAL, &info);
    check_found(hr, info, "without need of a dialog");

    ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "by the second of two names");
    search_name(locate, L"SCARDSSP TEST: THE CARD IN THE READER", SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "by a name in capitals"); /* as the registry compares names */

    search_name(locate, L"scardssp test: the card\x00ad in the reader", SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "A name that has a soft hyphen"); /* which a comparison by locale ignores */

    search_name(locate, other_card, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "A card that is not there");
    search_name(locate, L"scardssp test: nobody introduced it", SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "An unknown card");
    ISCardLocate_ConfigureCardNameSearch(locate, none, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "No name");

    SafeArrayDestroy(none);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}

/* [ours] What can be no card's name, beside one that is, and alone. A name is not a path. */
static void test_odd_names(const BYTE *atr, DWORD size)
{
    static const WCHAR *const odd[] = { NULL, L"", L"scardssp test: other card\\below",
        L"scardssp test: the card in the reader\\" };
    struct card_entry below = { L"other card\\below", BINARY(atr, size), NOTHING, NOTHING, NOTHING };
    ISCardLocate *locate = create_locate();
    WCHAR long_name[400];
    SAFEARRAY *names;
    SCARDINFO *info;
    BSTR *strings;
    unsigned int i;
    HRESULT hr;

    introduce_entry(&user_cards, &below);
    for (i = 0; i + 1 < ARRAY_SIZE(long_name); i++) long_name[i] = 'n';
    long_name[i] = 0;
    names = SafeArrayCreateVector(VT_BSTR, 0, ARRAY_SIZE(odd) + 3);
    strings = names->pvData;
    for (i = 0; i < ARRAY_SIZE(odd); i++) strings[i] = SysAllocString(odd[i]);
    strings[i] = SysAllocString(long_name);
    ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "Odd names");

    /* Twice the same, in two spellings. */
    strings[i + 1] = SysAllocString(L"Scardssp test: the card in the reader");
    strings[i + 2] = SysAllocString(this_card);
    ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "beside odd names");
    SafeArrayDestroy(names);
    forget_entry(&user_cards, below.name);
    ISCardLocate_Release(locate);
}

/* [ours] A program may look for any number of cards. */
static void test_many_names(void)
{
    static const unsigned int counts[] = { 63, 64, 65, 1000 };
    ISCardLocate *locate = create_locate();
    WCHAR name[64];
    SAFEARRAY *names;
    SCARDINFO *info;
    unsigned int i, k;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(counts); i++)
    {
        names = SafeArrayCreateVector(VT_BSTR, 0, counts[i]);
        for (k = 0; k + 1 < counts[i]; k++)
        {
            wsprintfW(name, CARD_PREFIX L"nobody's %u", k);
            ((BSTR *)names->pvData)[k] = SysAllocString(name);
        }
        ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
        hr = find(locate, 0, &info);
        check_not_found(hr, info, "Many names");
        ((BSTR *)names->pvData)[k] = SysAllocString(this_card);
        ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
        hr = find(locate, 0, &info);
        check_found(hr, info, "as the last of many");
        SafeArrayDestroy(names);
    }
    ISCardLocate_Release(locate);
}

/* @member ISCardLocate::ConfigureCardGuidSearch [sdk98][ours] the cards that support every given interface. */
/* [doc] has it reserved; [sdk98] names it as the way to search by interfaces, which the dialog of 1998 ignored. */
static void test_guids(void)
{
    static const GUID unknown = { 0x7a1b0003, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    SAFEARRAY *one = create_guids(&interface_b, NULL), *both = create_guids(&interface_b, &interface_a);
    SAFEARRAY *too_many = create_guids(&interface_a, &unknown);
    ISCardLocate *locate = create_locate();
    SCARDINFO *info;
    HRESULT hr;

    ISCardLocate_ConfigureCardGuidSearch(locate, one, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "by an interface");
    ISCardLocate_ConfigureCardGuidSearch(locate, both, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "by two interfaces");
    ISCardLocate_ConfigureCardGuidSearch(locate, too_many, NULL, NULL, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_not_found(hr, info, "An interface that the card does not support"); /* [ours] all of them */
    /* Each call replaces the search. [doc] */
    search_name(locate, this_card, SC_DLG_NEVER);
    hr = find(locate, 0, &info);
    check_found(hr, info, "by name after by interfaces");

    SafeArrayDestroy(too_many);
    SafeArrayDestroy(both);
    SafeArrayDestroy(one);
    ISCardLocate_Release(locate);
}

/* Where the card is when the search has these groups. */
static void check_groups(const WCHAR *const *groups, ULONG count, BOOL found)
{
    SAFEARRAY *names = create_strings(this_card, NULL), *array = create_string_array(0, groups, count);
    SAFEARRAY *interfaces = create_guids(&interface_a, NULL);
    ISCardLocate *locate = create_locate();
    SCARDINFO *info;
    HRESULT hr;

    hr = ISCardLocate_ConfigureCardNameSearch(locate, names, array, NULL, SC_DLG_NEVER);
    ok(hr == S_OK, "ConfigureCardNameSearch: %#lx.\n", hr);
    hr = find(locate, 0, &info);
    if (found) check_found(hr, info, "by name");
    else check_not_found(hr, info, "By name");
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, interfaces, array, NULL, SC_DLG_NEVER);
    ok(hr == S_OK, "ConfigureCardGuidSearch: %#lx.\n", hr);
    hr = find(locate, 0, &info);
    if (found) check_found(hr, info, "by interface");
    else check_not_found(hr, info, "By interface");
    SafeArrayDestroy(interfaces);
    SafeArrayDestroy(array);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}

static void test_groups(void)
{
    static const struct { const WCHAR *groups[3]; ULONG count; BOOL found; } cases[] =
    {
        { { NULL }, 0, TRUE },                          /* [ours] no group: all readers */
        { { L"" }, 1, TRUE },                           /* likewise a multi-string that is empty, */
        { { NULL, L"" }, 2, TRUE },                     /* and [hdr] a NULL BSTR is an empty string */
        { { L"SCard$DefaultReaders" }, 1, TRUE },       /* [hdr] winscard.h */
        { { L"SCard$AllReaders" }, 1, TRUE },           /* [sdk98] implicit: it is never listed */
        { { L"SCard$LocalReaders" }, 1, TRUE },
        { { L"SCard$SystemReaders" }, 1, TRUE },
        { { L"SCARD$systemREADERS" }, 1, TRUE },        /* [ours] as the registry compares names */
        { { L"scard$defaultreaders" }, 1, TRUE },
        { { L"scardssp test: no such group" }, 1, FALSE }, /* [doc] groups limit the readers */
        { { L"scardssp test: no such group", L"SCard$LocalReaders" }, 2, TRUE },
        { { L"scardssp test: no such group", L"", NULL }, 3, FALSE },
        { { L"SCard$LocalReader" }, 1, FALSE },
        { { L"SCard$LocalReaders " }, 1, FALSE },
        { { L"SCard$Default\x00adReaders" }, 1, FALSE }, /* a comparison by locale ignores it: a soft hyphen */
        { { L"SCard$All\x00adReaders" }, 1, FALSE },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        winetest_push_context("Groups %u", i);
        check_groups(cases[i].groups, cases[i].count, cases[i].found);
        winetest_pop_context();
    }
}

/* The card is there, but somebody else has it. */
static void test_sharing(BSTR reader)
{
    ISCardLocate *locate = create_locate();
    struct connection other;
    SCARDINFO *info;
    HRESULT hr;
    LONG rc;

    search_name(locate, this_card, SC_DLG_NEVER);
    rc = connection_open(&other, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = find(locate, 0, &info);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION && !info, "FindCard: %#lx, %p.\n", hr, info); /* [ours] */
    connection_close(&other, SCARD_LEAVE_CARD);
    hr = find(locate, 0, &info);
    check_found(hr, info, "after the other has gone");
    ISCardLocate_Release(locate);
}

START_TEST(locate)
{
    static const BYTE other_atr[] = { 0x3b, 0x02, 0x14, 0x50 };
    HMODULE module;
    BYTE atr[33];
    LONG size = 0;
    IByteBuffer *buffer;
    ISCardLocate *locate;
    ISCard *card;
    BSTR reader;

    CoInitialize(NULL);
    locate = create_locate();
    module = module_of(locate);
    ISCardLocate_Release(locate);
    test_configure();
    test_domains();

    reader = find_card_reader(card_expected() ? 10000 : 0);
    if (!reader) skip("No card in any reader.\n");
    else
    {
        card = create_card();
        if (ISCard_AttachByReader(card, reader, SHARED, T0 | T1) == S_OK && ISCard_get_Atr(card, &buffer) == S_OK)
        {
            IByteBuffer_Read(buffer, atr, sizeof(atr), &size);
            IByteBuffer_Release(buffer);
            ISCard_get_Protocol(card, &card_protocol);
        }
        ISCard_Release(card);
        ok(size > 1, "The card has no ATR.\n");
        open_place(&user_cards);
        introduce_card(this_card, atr, size);
        introduce_card(other_card, other_atr, sizeof(other_atr));
        test_names();
        test_odd_names(atr, size);
        test_guids();
        /* Once more, now that all cards have been read. */
        test_names();
        test_odd_names(atr, size);
        test_many_names();
        test_groups();
        test_sharing(reader);
        close_place(&user_cards);
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
