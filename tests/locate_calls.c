/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardLocate: how it is called and what may happen meanwhile: masks, share modes and protocols, a card that
 * is pulled, threads, scripts. locate.c has the search itself. "locate_calls nodaemon" is for a machine where
 * no resource manager runs.
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "known_cards.h"
#include "late_call.h"
#include "object_rules.h"

#define SC_DLG_MINIMAL 1
#define SC_DLG_NEVER   2
#define SC_DLG_ALWAYS  4

static const struct object_member members[] = /* [tlb] */
{
    { L"ConfigureCardGuidSearch", 0 },
    { L"ConfigureCardNameSearch", 1 },
    { L"FindCard", 2 },
};

/* Late bound, the argument that is passed is the share mode, too. */
static HRESULT find_in_share_mode_minus_one(IUnknown *object)
{
    SCARDINFO *info = NULL;

    return ISCardLocate_FindCard((ISCardLocate *)object, -1, T0, SC_DLG_NEVER, &info);
}

static const struct object_rules rules =
{
    &CLSID_CSCardLocate, &IID_ISCardLocate, members, ARRAY_SIZE(members), find_in_share_mode_minus_one,
        L"FindCard", 2,
    DISPATCH_METHOD
};

static BYTE card_atr[33];
static LONG card_atr_size;

static ISCardLocate *create_locate(void)
{
    return create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
}

static HRESULT search_name(ISCardLocate *locate, const WCHAR *entry_name)
{
    WCHAR name[300] = CARD_PREFIX;
    const WCHAR *names[] = { name };
    SAFEARRAY *array;
    HRESULT hr;

    lstrcatW(name, entry_name);
    array = create_string_array(0, names, 1);
    hr = ISCardLocate_ConfigureCardNameSearch(locate, array, NULL, NULL, SC_DLG_NEVER);
    SafeArrayDestroy(array);
    return hr;
}

/* An entry with the ATR of the card in the reader, one bit of its last byte changed, and with a mask. */
static void introduce_like_card(const WCHAR *name, BYTE changed_bits, BYTE last_mask)
{
    struct card_entry entry = { name, BINARY(NULL, 0), BINARY(NULL, 0), NOTHING, NOTHING };
    BYTE atr[33], mask[33];

    memcpy(atr, card_atr, card_atr_size);
    memset(mask, 0xff, sizeof(mask));
    atr[card_atr_size - 1] ^= changed_bits;
    mask[card_atr_size - 1] = last_mask;
    entry.atr.data = atr;
    entry.mask.data = mask;
    entry.atr.size = entry.mask.size = card_atr_size;
    introduce_entry(&user_cards, &entry);
}

static LONG close_found(SCARDINFO *info)
{
    LONG rc = SCardDisconnect(info->hCard, SCARD_LEAVE_CARD), released = SCardReleaseContext(info->hContext);

    CoTaskMemFree(info);
    return rc ? rc : released;
}

static HRESULT find_and_close(ISCardLocate *locate)
{
    SCARDINFO *info = NULL;
    HRESULT hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, &info);

    if (hr == S_OK && (!info || close_found(info))) return E_FAIL;
    return hr;
}

static void test_masks(void)
{
    ISCardLocate *locate = create_locate();
    HRESULT hr;

    introduce_like_card(L"another bit, masked", 0x01, 0xfe);
    introduce_like_card(L"another bit, not masked", 0x01, 0xff);
    introduce_like_card(L"another bit, another masked", 0x01, 0xfd);
    introduce_like_card(L"the same", 0x00, 0xff);
    search_name(locate, L"another bit, masked"); /* [ours] as ListCards compares */
    hr = find_and_close(locate);
    ok(hr == S_OK, "FindCard: %s.\n", dbgstr_hr(hr));
    search_name(locate, L"another bit, not masked");
    hr = find_and_close(locate);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "FindCard: %s.\n", dbgstr_hr(hr));
    search_name(locate, L"another bit, another masked");
    hr = find_and_close(locate);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "FindCard: %s.\n", dbgstr_hr(hr));
    search_name(locate, L"the same");
    hr = find_and_close(locate);
    ok(hr == S_OK, "FindCard: %s.\n", dbgstr_hr(hr));
    forget_entry(&user_cards, L"the same"); /* the database is read anew for each search */
    hr = find_and_close(locate);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "A forgotten card: %s.\n", dbgstr_hr(hr));
    introduce_like_card(L"the same", 0x00, 0xff);
    hr = find_and_close(locate);
    ok(hr == S_OK, "FindCard: %s.\n", dbgstr_hr(hr));
    ISCardLocate_Release(locate);
}

/* Both handles are the caller's, whatever becomes of the object. */
static void test_ownership(void)
{
    ISCardLocate *locate = create_locate();
    SCARDINFO *info = NULL, *other = NULL;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    search_name(locate, L"the same");
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, &info);
    ok(hr == S_OK && info, "FindCard: %s.\n", dbgstr_hr(hr));
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, &other);
    ok(hr == S_OK && other, "FindCard: %s.\n", dbgstr_hr(hr));
    ISCardLocate_Release(locate);
    if (!info || !other) return;
    /* [ours] */
    ok(info->hCard != other->hCard && info->hContext != other->hContext, "The handles are the same.\n");
    ok(!info->hwndOwner && !info->lpfnConnectProc && !info->lpfnCheckProc && !info->lpfnDisconnectProc,
       "Not all of the rest is 0.\n"); /* [ours] */
    rc = close_found(other);
    ok(!rc, "Closing the second: %#lx.\n", rc);
    card = create_card();
    hr = ISCard_AttachByHandle(card, info->hCard);
    ok(hr == S_OK, "AttachByHandle: %s.\n", dbgstr_hr(hr));
    check_works(card, "after the object that found it");
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %s.\n", dbgstr_hr(hr));
    ISCard_Release(card);
    rc = close_found(info);
    ok(!rc, "Closing the first: %#lx.\n", rc);
}

static void test_modes(BSTR reader)
{
    ISCardLocate *locate = create_locate();
    SCARDINFO *info = NULL;
    HRESULT hr;
    LONG rc;

    search_name(locate, L"the same");
    hr = ISCardLocate_FindCard(locate, EXCLUSIVE, T0 | T1, SC_DLG_NEVER, &info); /* [doc] */
    ok(hr == S_OK && info && info->ShareMode == EXCLUSIVE, "EXCLUSIVE: %s.\n", dbgstr_hr(hr));
    if (info)
    {
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Beside it: %#lx.\n", rc);
        rc = close_found(info);
        ok(!rc, "Closing: %#lx.\n", rc);
    }
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(!rc, "Afterwards: %#lx.\n", rc);

    if (is_demo_card())
    {
        BOOL t1 = !strcmp(card_profile(), "t1");

        info = NULL;
        hr = ISCardLocate_FindCard(locate, SHARED, t1 ? T1 : T0, SC_DLG_NEVER, &info); /* [doc] */
        ok(hr == S_OK && info && info->ActiveProtocol == (t1 ? T1 : T0), "Its protocol: %s.\n",
           dbgstr_hr(hr));
        if (info) close_found(info);
        info = (SCARDINFO *)0xdeadbeef;
        hr = ISCardLocate_FindCard(locate, SHARED, t1 ? T0 : T1, SC_DLG_NEVER, &info); /* [ours] the reason */
        ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH && !info, "The other protocol: %s, %p.\n", dbgstr_hr(hr),
           (void *)info);
    }
    else skip("The protocol of the card is not known.\n");
    ISCardLocate_Release(locate);
}

static void test_pulled(BSTR reader)
{
    ISCardLocate *locate = create_locate();
    SCARDINFO *info;
    HRESULT hr;

    search_name(locate, L"the same");
    if (!vcard_control("pull")) skip("The card cannot be pulled.\n");
    else
    {
        ok(await_card(reader, FALSE), "The card is still there.\n");
        hr = find_and_close(locate);
        ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "Pulled: %s.\n", dbgstr_hr(hr)); /* [ours] */
        ok(vcard_control("insert") && await_card(reader, TRUE), "The card does not come back.\n");
        hr = find_and_close(locate);
        ok(hr == S_OK, "Back again: %s.\n", dbgstr_hr(hr));

        hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, &info);
        ok(hr == S_OK, "FindCard: %s.\n", dbgstr_hr(hr));
        ok(vcard_control("pull") && await_card(reader, FALSE), "The card is still there.\n");
        if (hr == S_OK) close_found(info); /* the handles of a card that is gone are closed like others */
        ok(vcard_control("insert") && await_card(reader, TRUE), "The card does not come back.\n");
    }
    ISCardLocate_Release(locate);
}

#define THREADS 8
#define ROUNDS 10

struct finder
{
    ISCardLocate *locate; /* one for all */
    LONG found, missed, failures;
};

static DWORD WINAPI find_thread(void *arg)
{
    struct finder *finder = arg;
    unsigned int i;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < ROUNDS; i++)
    {
        hr = find_and_close(finder->locate);
        if (hr == S_OK) finder->found++;
        else if (hr == (HRESULT)SCARD_E_NO_SMARTCARD) finder->missed++;
        else finder->failures++;
    }
    CoUninitialize();
    return 0;
}

/* Searches beside each other and beside a change of what is looked for: each has one or the other. [ours] */
static void test_threads(void)
{
    ISCardLocate *locate = create_locate();
    struct finder finders[THREADS];
    HANDLE threads[THREADS];
    LONG found = 0, changes = 0;
    unsigned int i;
    HRESULT hr;
    DWORD rc;

    search_name(locate, L"the same");
    memset(finders, 0, sizeof(finders));
    for (i = 0; i < THREADS; i++)
    {
        finders[i].locate = locate;
        threads[i] = CreateThread(NULL, 0, find_thread, &finders[i], 0, NULL);
    }
    do
    {
        hr = search_name(locate, changes++ % 2 ? L"the same" : L"unknown");
        if (hr != S_OK) ok(0, "ConfigureCardNameSearch: %s.\n", dbgstr_hr(hr));
        rc = WaitForMultipleObjects(THREADS, threads, TRUE, 1);
    } while (rc == WAIT_TIMEOUT && changes < 100000);
    ok(rc == WAIT_OBJECT_0, "The threads hang: %#lx.\n", rc);
    for (i = 0; i < THREADS; i++)
    {
        ok(!finders[i].failures && finders[i].found + finders[i].missed == ROUNDS,
           "Thread %u: %ld found, %ld missed, %ld failures.\n", i, finders[i].found, finders[i].missed,
           finders[i].failures);
        found += finders[i].found;
        CloseHandle(threads[i]);
    }
    trace("%ld found in %u searches, %ld changes.\n", found, THREADS * ROUNDS, changes);
    ISCardLocate_Release(locate);
}

/* How scripts call it. FindCard gives the card handle alone. [ours] */
static void test_late_bound(void)
{
    static const WCHAR *const names[] = { CARD_PREFIX L"the same" };
    SAFEARRAY *variants = create_variant_string_array(names, 1);
    ISCardLocate *locate = create_locate();
    ISCard *card = create_card();
    VARIANT args[4], result;
    BSTR text;
    HRESULT hr;

    hr = late_call(locate, 2, NULL, 0, &result, &text);
    ok(hr == E_UNEXPECTED && text && wcsstr(text, L"FindCard"), "Nothing configured: %s, %s.\n",
       dbgstr_hr(hr), wine_dbgstr_w(text));
    SysFreeString(text);
    args[0] = variant_of_array(VT_VARIANT, variants);
    args[1] = args[2] = variant_omitted();
    args[3] = variant_of_long(3);
    hr = late_call(locate, 1, args, 4, NULL, NULL);
    ok(hr == E_INVALIDARG, "ConfigureCardNameSearch with flags 3: %s.\n", dbgstr_hr(hr));
    args[3] = variant_of_long(SC_DLG_NEVER);
    hr = late_call(locate, 1, args, 4, NULL, NULL);
    ok(hr == S_OK, "ConfigureCardNameSearch: %s.\n", dbgstr_hr(hr));
    hr = late_call(locate, 0, args, 4, NULL, NULL); /* names are no GUIDs */
    ok(hr == E_INVALIDARG, "ConfigureCardGuidSearch: %s.\n", dbgstr_hr(hr));
    hr = late_call(locate, 1, args, 1, NULL, NULL);
    ok(hr == S_OK, "ConfigureCardNameSearch(names): %s.\n", dbgstr_hr(hr));
    args[0] = variant_of_long(5);
    hr = late_call(locate, 1, args, 1, NULL, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "ConfigureCardNameSearch(5): %s.\n", dbgstr_hr(hr));

    args[0] = variant_of_long(SHARED);
    args[1] = variant_of_long(T0 | T1);
    args[2] = variant_of_long(SC_DLG_NEVER);
    hr = late_call(locate, 2, args, 3, &result, NULL);
    /* A handle that needs more bits than a script's integer has comes as a double. [ours] */
    ok(hr == S_OK && (V_VT(&result) == VT_R8 ? sizeof(void *) == 8 && V_R8(&result) > MAXLONG : V_VT(&result) == VT_I4),
       "FindCard: %s, type %#x.\n", dbgstr_hr(hr), V_VT(&result));
    if (hr == S_OK)
    {
        hr = late_call(card, 5, &result, 1, NULL, NULL);
        ok(hr == S_OK, "AttachByHandle: %s.\n", dbgstr_hr(hr));
        check_works(card, "found by a script");
        ISCard_Detach(card, LEAVE);
    }
    ISCard_Release(card);
    ISCardLocate_Release(locate);
    SafeArrayDestroy(variants);
}

/* What a script finds, in a share mode of its choice. */
static VARIANT find_late(ISCardLocate *locate, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols)
{
    VARIANT args[3], result;
    HRESULT hr;

    args[0] = variant_of_long(share_mode);
    args[1] = variant_of_long(protocols);
    args[2] = variant_of_long(SC_DLG_NEVER);
    hr = late_call(locate, 2, args, 3, &result, NULL);
    ok(hr == S_OK, "FindCard(%d, %#x): %s.\n", share_mode, protocols, dbgstr_hr(hr));
    return result;
}

static ISCard *attach_late(VARIANT handle)
{
    ISCard *card = create_card();
    HRESULT hr = late_call(card, 5, &handle, 1, NULL, NULL);

    ok(hr == S_OK, "AttachByHandle: %s.\n", dbgstr_hr(hr));
    return card;
}

/* Nobody is connected any more, and the card has not been left in RAW. */
static void check_ended(const WCHAR *reader, const char *what)
{
    LONG rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);

    ok(!rc, "%s: the card is still in use: %#lx.\n", what, rc);
}

/* An object that searches for the card in the reader. */
static ISCardLocate *create_searching(void)
{
    ISCardLocate *locate = create_locate();
    HRESULT hr;

    hr = search_name(locate, L"the same");
    ok(hr == S_OK, "ConfigureCardNameSearch: %s.\n", dbgstr_hr(hr));
    return locate;
}

/* A script has no SCardDisconnect: AttachByHandle takes the connection over, and Detach, a new attachment and the final
 * Release end it; one that is never attached goes with the ISCardLocate. [ours] */
static void test_late_bound_ends(BSTR reader)
{
    static const SCARD_PROTOCOLS protocols[] = { T0 | T1, RAW };
    LONG raw_code = raw_exchange_code(reader);
    ISCardLocate *locate = create_searching();
    VARIANT handle;
    unsigned int i;
    ISCard *card;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(protocols); i++)
    {
        card = attach_late(find_late(locate, EXCLUSIVE, protocols[i]));
        hr = ISCard_Detach(card, LEAVE);
        ok(hr == S_OK, "Detach: %s.\n", dbgstr_hr(hr));
        check_ended(reader, "Detach");
        handle = find_late(locate, EXCLUSIVE, protocols[i]);
        hr = late_call(card, 5, &handle, 1, NULL, NULL);
        ok(hr == S_OK, "AttachByHandle again: %s.\n", dbgstr_hr(hr));
        if (protocols[i] == RAW) check_raw(card, raw_code, "found twice");
        else check_works(card, "found twice");
        ISCard_Release(card);
        check_ended(reader, "Release");
    }
    find_late(locate, EXCLUSIVE, T0 | T1);
    ISCardLocate_Release(locate);
    check_ended(reader, "never attached");
}

/* It is one of the object's own now, with all that goes with that. [ours] */
static void test_late_bound_owned(BSTR reader)
{
    ISCardLocate *locate = create_searching();
    struct connection mine;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    card = attach_late(find_late(locate, SHARED, T0 | T1));
    hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
    ok(hr == S_OK, "ReAttach(EXCLUSIVE): %s.\n", dbgstr_hr(hr));
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader of the same reader: %s.\n", dbgstr_hr(hr));
    rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "ReAttach(EXCLUSIVE): %s.\n", dbgstr_hr(hr));
    check_works(card, "still attached");
    hr = ISCard_AttachByHandle(card, mine.handle);
    ok(hr == S_OK, "AttachByHandle: %s.\n", dbgstr_hr(hr));
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
    check_ended(reader, "a new attachment");
    ISCardLocate_Release(locate);
}

/* Whoever comes second has a handle of somebody else's. [ours] */
static void test_late_bound_twice(BSTR reader)
{
    ISCardLocate *locate = create_searching();
    VARIANT handle = find_late(locate, SHARED, T0 | T1);
    ISCard *first = attach_late(handle), *second = attach_late(handle);
    HRESULT hr;

    hr = ISCard_Detach(second, LEAVE);
    ok(hr == S_OK, "Detach: %s.\n", dbgstr_hr(hr));
    check_works(first, "the first of two");
    ISCard_Release(first);
    ISCard_Release(second);
    check_ended(reader, "two objects");
    ISCardLocate_Release(locate);
}

/* Attached, it stays when the finder is gone. [ours] */
static void test_late_bound_without_finder(BSTR reader)
{
    ISCardLocate *locate = create_searching();
    ISCard *card = attach_late(find_late(locate, EXCLUSIVE, T0 | T1));

    ISCardLocate_Release(locate);
    check_works(card, "the finder is gone");
    ISCard_Release(card);
    check_ended(reader, "the finder was gone");
}

/* A search can be configured without the resource manager, but nothing is found. [ours] */
static void test_no_daemon(void)
{
    static const LONG flags[] = { SC_DLG_MINIMAL, SC_DLG_NEVER, SC_DLG_ALWAYS };
    ISCardLocate *locate = create_locate();
    SCARDINFO *info;
    unsigned int i;
    HRESULT hr;

    hr = search_name(locate, L"the same");
    ok(hr == S_OK, "ConfigureCardNameSearch: %s.\n", dbgstr_hr(hr));
    for (i = 0; i < ARRAY_SIZE(flags); i++)
    {
        info = (SCARDINFO *)0xdeadbeef;
        hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, flags[i], &info);
        ok(hr == (HRESULT)SCARD_E_NO_SERVICE && !info, "FindCard with flags %ld: %s, %p.\n", flags[i],
           dbgstr_hr(hr), (void *)info);
    }
    ISCardLocate_Release(locate);
}

static void read_atr(BSTR reader)
{
    ISCard *card = create_card();
    IByteBuffer *buffer;

    if (ISCard_AttachByReader(card, reader, SHARED, T0 | T1) == S_OK && ISCard_get_Atr(card, &buffer) == S_OK)
    {
        IByteBuffer_Read(buffer, card_atr, sizeof(card_atr), &card_atr_size);
        IByteBuffer_Release(buffer);
    }
    ISCard_Release(card);
    ok(card_atr_size > 1, "The card has no ATR.\n");
}

static void test_with_card(BSTR reader)
{
    read_atr(reader);
    open_place(&user_cards);
    ok(user_cards.writable, "The user's part of the registry cannot be written.\n");
    if (!user_cards.writable || !card_atr_size) return;
    forget_cards(&user_cards); /* what a run that was interrupted has left */
    test_masks();
    test_ownership();
    test_modes(reader);
    test_threads();
    test_late_bound();
    test_late_bound_ends(reader);
    test_late_bound_owned(reader);
    test_late_bound_twice(reader);
    test_late_bound_without_finder(reader);
    test_pulled(reader);
    close_place(&user_cards);
}

START_TEST(locate_calls)
{
    HMODULE module;
    BSTR reader;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardLocate);
    test_object_rules(&rules, module);
    if (has_argument("nodaemon")) test_no_daemon();
    else if ((reader = find_card_reader(card_expected() ? 10000 : 0)))
    {
        test_with_card(reader);
        SysFreeString(reader);
    }
    else
    {
        ok(!card_expected(), "The card was not found.\n");
        skip("No card in any reader.\n");
    }
    check_nothing_left(module);
    CoUninitialize();
}
