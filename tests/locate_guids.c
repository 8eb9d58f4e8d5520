/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardLocate::ConfigureCardGuidSearch with several cards of different interfaces in the database, all of which have
 * the ATR of the card in the reader: the search is for one card that supports all the interfaces.
 */

#define COBJMACROS
#include "dialog_driver.h"
#include "object_rules.h"

/* Strings of interfaces; those of the cards below are the same as GUIDs. */
#define A L"{7a1b0001-0a0b-4c0d-0102-030405060708}"
#define B L"{7a1b0002-0a0b-4c0d-0102-030405060708}"
#define C L"{7a1b0003-0a0b-4c0d-0102-030405060708}"
#define D L"{7a1b0004-0a0b-4c0d-0102-030405060708}"

#define IID_OF(n) { 0x7a1b0000 + (n), 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } }

static const GUID of_first[] = { IID_OF(1) };
static const GUID of_second[] = { IID_OF(2), IID_OF(3) };
static const GUID of_other[] = { IID_OF(1), IID_OF(4) };

/* Where a search for these interfaces has to lead. */
static const struct
{
    const char *what;
    unsigned int count;
    const WCHAR *guids[4];
    HRESULT hr;
}
searches[] =
{
    { "the interface of the first card", 1, { A }, S_OK }, /* [doc] */
    { "one of the interfaces of the second", 1, { C }, S_OK }, /* [doc] */
    { "both of them, in the other order", 2, { C, B }, S_OK }, /* [doc] */
    { "one of them twice", 2, { B, B }, S_OK }, /* [ours] */
    { "interfaces that are on two cards", 2, { A, B }, SCARD_E_NO_SMARTCARD }, /* [doc] all given interfaces */
    { "interfaces of all cards", 3, { A, B, C }, SCARD_E_NO_SMARTCARD }, /* [doc] */
    { "an interface of a card that is not there", 1, { D }, SCARD_E_NO_SMARTCARD }, /* [doc] */
    { "one that is there, with one that is not", 2, { A, D }, SCARD_E_NO_SMARTCARD }, /* [doc] */
    { "capitals", 1, { L"{7A1B0001-0A0B-4C0D-0102-030405060708}" }, S_OK }, /* [ours] */
    { "no braces", 1, { L"7a1b0003-0a0b-4c0d-0102-030405060708" }, S_OK }, /* [ours] */
    { "no interface: any card that is known", 0, { NULL }, S_OK }, /* [ours] */
    { "no GUID", 1, { L"{7a1b0001}" }, E_INVALIDARG }, /* [ours] */
    { "an empty string", 2, { A, L"" }, E_INVALIDARG }, /* [ours] */
    { "a GUID with something behind it", 1, { A L" " }, E_INVALIDARG }, /* [ours] */
};

static void test_searches(LONG flags)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(searches); i++)
    {
        struct find_call call = { .flags = flags, .no_owner = TRUE };

        call.guids = create_names(searches[i].count, searches[i].guids);
        start_find(&call);
        check_find(&call, searches[i].hr, searches[i].what);
    }
}

/* An unsuccessful configuration leaves the search as it was; a search for names replaces it. */
static void test_replaced(void)
{
    const WCHAR *bad[] = { L"no GUID" };
    SAFEARRAY *guids = create_name(D), *good = create_name(A), *wrong = create_names(1, bad);
    SAFEARRAY *names = create_name(other_card);
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SCARDINFO *info;
    HRESULT hr;

    ISCardLocate_ConfigureCardGuidSearch(locate, guids, NULL, NULL, SC_DLG_NEVER);
    hr = ISCardLocate_ConfigureCardGuidSearch(locate, wrong, NULL, NULL, SC_DLG_NEVER);
    ok(hr == E_INVALIDARG, "No GUID: %s.\n", dbgstr_hr(hr)); /* [ours] */
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, 0, &info);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "The search before: %s.\n", dbgstr_hr(hr)); /* [ours] */
    ISCardLocate_ConfigureCardGuidSearch(locate, good, NULL, NULL, SC_DLG_NEVER);
    ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, SC_DLG_NEVER);
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, 0, &info);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "The search for names after it: %s.\n", dbgstr_hr(hr)); /* [ours] */
    ISCardLocate_Release(locate);
    SafeArrayDestroy(names);
    SafeArrayDestroy(wrong);
    SafeArrayDestroy(good);
    SafeArrayDestroy(guids);
}

static void introduce_interfaces(const BYTE *atr, DWORD size)
{
    static const BYTE other_atr[] = { 0x3b, 0x02, 0x14, 0x50 };
    const struct card_entry entries[] =
    {
        { L"this", BINARY(atr, size), NOTHING, NOTHING, BINARY(of_first, sizeof(of_first)) },
        { L"second", BINARY(atr, size), NOTHING, NOTHING, BINARY(of_second, sizeof(of_second)) },
        { L"other", BINARY(other_atr, sizeof(other_atr)), NOTHING, NOTHING, BINARY(of_other, sizeof(of_other)) },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(entries); i++) introduce_entry(&user_cards, &entries[i]);
}

START_TEST(locate_guids)
{
    HMODULE module;
    BYTE atr[36];
    BSTR reader;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardLocate);
    reader = find_card_reader(card_expected() ? PATIENCE : 0);
    ok(reader || !card_expected(), "The card was not found.\n");
    if (!reader) skip("No card in any reader.\n");
    else
    {
        introduce_interfaces(atr, introduce_cards(reader, atr));
        test_searches(SC_DLG_NEVER);
        test_replaced();
        close_place(&user_cards);
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
