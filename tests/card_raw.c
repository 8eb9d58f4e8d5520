/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard over RAW and what comes after it, and cards without power. pcsc-lite keeps RAW as a state of the reader, in
 * which nobody connects with another protocol until the card is reset: what another connection sees is looked at.
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "script_card.h"

static LONG raw_code; /* what an exchange over RAW gives with this reader */

static const SCARD_SHARE_MODES shares[] = { SHARED, EXCLUSIVE };

static ISCard *attach(BSTR reader, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, share_mode, protocols);
    ok(hr == S_OK, "AttachByReader(%d, %#x): %#lx.\n", share_mode, protocols, hr);
    return card;
}

static void check_protocol(int line, ISCard *card, SCARD_PROTOCOLS expected)
{
    SCARD_PROTOCOLS protocol = 0;
    HRESULT hr;

    hr = ISCard_get_Protocol(card, &protocol);
    ok_(__FILE__, line)(hr == S_OK && protocol == expected, "get_Protocol: %#lx, %d.\n", hr, protocol);
}
#define check_protocol(card, expected) check_protocol(__LINE__, card, expected)

/* The active protocol of the demonstration card. */
static SCARD_PROTOCOLS card_protocol(void)
{
    return !strcmp(card_profile(), "t0") ? T0 : T1;
}

/* Another program can use the card over the protocol that it has. */
static void check_others(int line, BSTR reader, const char *what)
{
    struct connection other;
    LONG rc = connection_open(&other, reader, SCARD_SHARE_SHARED);

    ok_(__FILE__, line)(!rc && !connection_exchange(&other), "%s: another program: %#lx.\n", what, rc);
    connection_close(&other, SCARD_LEAVE_CARD);
}
#define check_others(reader, what) check_others(__LINE__, reader, what)

/* A program that does not clean up behind itself. */
static void leave_raw(BSTR reader)
{
    struct connection other;
    LONG rc = connection_open_raw(&other, reader);

    ok(!rc, "SCardConnect(RAW): %#lx.\n", rc);
    connection_close(&other, SCARD_LEAVE_CARD);
}

/* --- RAW itself --- */

/* [doc][ours] RAW is SCARD_PROTOCOL_RAW or pcsc-lite's value of it, and RAW again for the program. */
static void test_raw(BSTR reader)
{
    ISCard *card = create_card();
    SCARD_STATES state;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        hr = ISCard_AttachByReader(card, reader, shares[i], RAW);
        ok(hr == S_OK, "AttachByReader(RAW): %#lx.\n", hr);
        check_protocol(card, RAW);
        check_raw(card, raw_code, "RAW");
        hr = ISCard_get_Status(card, &state);
        ok(hr == S_OK && state == SPECIFICMODE, "get_Status: %#lx, %d.\n", hr, state);
        hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
        ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
        check_protocol(card, RAW);
        hr = ISCard_ReAttach(card, SHARED, RESET);
        ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
        check_protocol(card, RAW);
        check_raw(card, raw_code, "RAW, reset");
        hr = ISCard_Detach(card, RESET);
        ok(hr == S_OK, "Detach: %#lx.\n", hr);
    }
    ISCard_Release(card);
}

/* [ours] A failure over RAW is what pcsc-lite's value of it met. */
static void test_raw_failures(BSTR reader)
{
    BSTR unknown = SysAllocString(L"No such reader"), empty = NULL;
    ISCard *card = create_card();
    struct script_card script;
    struct connection other;
    unsigned int i;
    HRESULT hr;
    LONG rc;

    if (script_insert(&script, SCRIPT_ATR_T1))
    {
        empty = SysAllocString(script.reader);
        script_remove(&script);
    }
    else skip("No second virtual reader (VPCD_PORT).\n");
    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        hr = ISCard_AttachByReader(card, unknown, shares[i], RAW);
        ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "Unknown reader: %#lx.\n", hr);
        if (empty) hr = ISCard_AttachByReader(card, empty, shares[i], RAW);
        ok(hr == (HRESULT)(empty ? SCARD_E_NO_SMARTCARD : SCARD_E_UNKNOWN_READER), "Empty reader: %#lx.\n", hr);

        rc = connection_open(&other, reader, SCARD_SHARE_EXCLUSIVE);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        hr = ISCard_AttachByReader(card, reader, shares[i], RAW);
        ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "Reader in use: %#lx.\n", hr);
        ok(!connection_exchange(&other), "The owner of the card has lost its protocol.\n");
        connection_close(&other, SCARD_LEAVE_CARD);
    }
    SysFreeString(unknown);
    SysFreeString(empty);
    ISCard_Release(card);
}

/* [ours] Asking for the card alone takes no protocol away from those who share it. */
static void test_raw_alone_beside_others(BSTR reader)
{
    ISCard *card = create_card();
    struct connection other;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, RAW);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader(EXCLUSIVE, RAW): %#lx.\n", hr);
    ok(!connection_exchange(&other), "The other program has lost its protocol.\n");
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, RAW);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader(EXCLUSIVE, RAW), attached: %#lx.\n", hr);
    ok(!connection_exchange(&other), "The other program has lost its protocol.\n");
    check_works(card, "as before");
    connection_close(&other, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* --- what comes after RAW --- */

enum end { BY_DETACH, BY_EJECT, BY_RELEASE, BY_HANDLE, BY_ATTACH, ENDS };

static void end_raw(ISCard *card, BSTR reader, enum end end, struct connection *mine)
{
    HRESULT hr = S_OK;
    LONG rc;

    if (end == BY_DETACH) hr = ISCard_Detach(card, LEAVE);
    else if (end == BY_EJECT) hr = ISCard_Detach(card, EJECT);
    else if (end == BY_ATTACH) hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    else if (end == BY_HANDLE)
    {
        rc = connection_open(mine, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        hr = ISCard_AttachByHandle(card, mine->handle);
    }
    ok(hr == S_OK, "End %d of RAW: %#lx.\n", end, hr);
}

/* [ours] RAW is over when the only connection over it is, however that ends. */
static void test_after_raw(BSTR reader, BSTR second)
{
    struct connection mine = { 0 };
    unsigned int i;
    enum end end;
    ISCard *card;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        for (end = BY_DETACH; end < ENDS; end++)
        {
            if (end == BY_HANDLE && !second) continue;
            card = attach(reader, shares[i], RAW);
            end_raw(card, end == BY_HANDLE ? second : reader, end, &mine);
            if (end == BY_RELEASE) ISCard_Release(card);
            check_others(reader, "after RAW");
            if (end == BY_RELEASE) continue;
            hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
            ok(hr == S_OK, "AttachByReader after end %d of RAW: %#lx.\n", end, hr);
            check_protocol(card, card_protocol());
            check_works(card, "after RAW");
            ISCard_Release(card);
            connection_close(&mine, SCARD_LEAVE_CARD);
        }
    }
}

/* [ours] Not under somebody else: he keeps his card as it was. */
static void test_raw_beside_raw(BSTR reader)
{
    ISCard *card = create_card();
    struct connection other;
    HRESULT hr;
    LONG rc;

    rc = connection_open_raw(&other, reader);
    ok(!rc, "SCardConnect(RAW): %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH, "AttachByReader beside RAW: %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, reader, SHARED, RAW);
    ok(hr == S_OK, "AttachByReader(RAW): %#lx.\n", hr);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH, "AttachByReader of the same reader beside RAW: %#lx.\n", hr);
    check_protocol(card, RAW);
    check_raw(card, raw_code, "RAW as before");
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    rc = connection_status(&other);
    ok(!rc && connection_exchange(&other) == raw_code, "The other program's card was reset: %#lx.\n", rc);
    connection_close(&other, SCARD_LEAVE_CARD);

    /* It left RAW behind, which is healed when it is met. */
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader after RAW: %#lx.\n", hr);
    check_works(card, "after another program's RAW");
    ISCard_Release(card);
}

/* [ours] Another program's RAW comes and goes while we are attached. */
static void test_raw_behind(BSTR reader)
{
    unsigned int locks;
    WORD status;
    ISCard *card;
    HRESULT hr;

    for (locks = 0; locks < 2; locks++)
    {
        card = attach(reader, SHARED, T0 | T1);
        leave_raw(reader);
        hr = exchange(card, &status);
        ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH, "Transaction: %#lx, %04x.\n", hr, status);
        if (locks) hr = ISCard_LockSCard(card);
        else hr = S_OK;
        ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
        hr = ISCard_ReAttach(card, SHARED, LEAVE);
        ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
        check_protocol(card, card_protocol());
        check_works(card, "after another program's RAW");
        hr = ISCard_UnlockSCard(card, LEAVE);
        ok(hr == (locks ? S_OK : (HRESULT)SCARD_E_NOT_TRANSACTED), "UnlockSCard: %#lx.\n", hr);
        ISCard_Release(card);
    }
}

/* --- protocols --- */

/* [ours] A card that does not have the protocol is not reset for that. */
static void test_mismatch(BSTR reader)
{
    SCARD_PROTOCOLS other = card_protocol() == T0 ? T1 : T0;
    ISCard *card = attach(reader, SHARED, T0 | T1);
    struct connection witness;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&witness, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, reader, SHARED, other);
    ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH, "AttachByReader: %#lx.\n", hr);
    check_works(card, "after a protocol that the card does not have");
    rc = connection_status(&witness);
    ok(!rc, "The card was reset: %#lx.\n", rc);
    connection_close(&witness, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* --- power --- */

/* More than an ATR can be: the reader cannot power this card, as a memory card in a reader for processor cards. */
#define NO_ATR "3b[40]"

/* [ours] A card without an ATR will not get power by time: it is tried as often as by winscard. */
static void test_memory_card(BSTR second)
{
    ISCard *card = create_card();
    struct script_card script;
    struct connection plain;
    LONG before, tried, rc;
    HRESULT hr;
    BOOL raw;

    if (!script_connect(&script, NO_ATR)) ok(0, "There is no free virtual reader.\n");
    ok(await_card(second, TRUE), "The reader does not notice the card.\n");
    for (raw = FALSE; raw <= TRUE; raw++)
    {
        before = script.power_ups;
        rc = raw ? connection_open_raw(&plain, second) : connection_open(&plain, second, SCARD_SHARE_SHARED);
        tried = script.power_ups - before;
        ok(rc == SCARD_W_UNPOWERED_CARD && tried, "SCardConnect: %#lx, %ld.\n", rc, tried);
        before = script.power_ups;
        hr = ISCard_AttachByReader(card, second, SHARED, raw ? RAW : T0 | T1);
        ok(hr == (HRESULT)SCARD_W_UNPOWERED_CARD, "AttachByReader: %#lx.\n", hr);
        ok(script.power_ups - before == tried, "It was given power %ld times, not %ld.\n", script.power_ups - before,
           tried);
    }
    script.reader = SysAllocString(second);
    script_remove(&script);
    ISCard_Release(card);
}

START_TEST(card_raw)
{
    struct script_card script;
    BSTR reader, second = NULL;

    CoInitialize(NULL);
    if (!(reader = find_card_reader(card_expected() ? 10000 : 0)))
    {
        if (card_expected()) ok(0, "No card in any reader.\n");
        else skip("No card in any reader.\n");
        CoUninitialize();
        return;
    }
    if (!is_demo_card())
    {
        skip("The demonstration card is not in the reader (SCARDSSP_TEST_CARD).\n");
        CoUninitialize();
        return;
    }
    raw_code = raw_exchange_code(reader);
    test_raw(reader);
    test_raw_failures(reader);
    test_raw_alone_beside_others(reader);
    if (script_insert(&script, SCRIPT_ATR_T1)) second = SysAllocString(script.reader);
    test_after_raw(reader, second);
    test_raw_beside_raw(reader);
    test_raw_behind(reader);
    test_mismatch(reader);
    if (second)
    {
        script_remove(&script);
        test_memory_card(second);
    }
    SysFreeString(second);
    SysFreeString(reader);
    CoUninitialize();
}
