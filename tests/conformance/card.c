/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard: creation, attaching by reader and by handle, what the properties say, detaching. Transaction is
 * tested in transaction.c, locks, removal and threads in card_lock.c. "card nodaemon" is for a machine where
 * no resource manager runs.
 */

#define COBJMACROS
#include <stdio.h>
#include <string.h>
#include "common.h"
#include "card_common.h"

static void check_detached(int line, ISCard *card, const char *what)
{
    HSCARD handle = 1;
    SCARD_STATES state = PRESENT;
    HRESULT hr;

    hr = ISCard_get_CardHandle(card, &handle);
    ok_(__FILE__, line)(hr == S_OK && !handle, "%s: get_CardHandle: %#lx, %p.\n", what, hr, (void *)handle);
    hr = ISCard_get_Status(card, &state);
    ok_(__FILE__, line)(hr == NOT_ATTACHED && !state, "%s: get_Status: %#lx, %d.\n", what, hr, state);
}
#define check_detached(card, what) check_detached(__LINE__, card, what)

/* --- without a card --- */

/* @member ISCard::get_Context [doc] the context that creating the object established. */
static void test_create(void)
{
    ISCard *card = create_card(), *other = create_card();
    HSCARDCONTEXT context = 0;
    HSCARD handle = 1;
    HRESULT hr;
    LONG rc;

    hr = ISCard_get_Context(card, &context);
    ok(hr == S_OK && context, "get_Context: %#lx.\n", hr); /* [doc] */
    rc = SCardIsValidContext(context);
    ok(rc == SCARD_S_SUCCESS, "The context is not valid: %#lx.\n", rc); /* [doc] */
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && !handle, "get_CardHandle: %#lx, %p.\n", hr, (void *)handle); /* [doc] */

    ok(ISCard_Release(other) == 0, "Still referenced.\n");
    rc = SCardIsValidContext(context);
    ok(rc == SCARD_S_SUCCESS, "The context of one object went with another: %#lx.\n", rc); /* [ours] */
    ok(ISCard_Release(card) == 0, "Still referenced.\n");
}

static void test_null_pointers(ISCard *card)
{
    HRESULT hr;

    /* [doc] */
    hr = ISCard_get_Atr(card, NULL);
    ok(hr == E_POINTER, "get_Atr: %#lx.\n", hr);
    hr = ISCard_get_CardHandle(card, NULL);
    ok(hr == E_POINTER, "get_CardHandle: %#lx.\n", hr);
    hr = ISCard_get_Context(card, NULL);
    ok(hr == E_POINTER, "get_Context: %#lx.\n", hr);
    hr = ISCard_get_Protocol(card, NULL);
    ok(hr == E_POINTER, "get_Protocol: %#lx.\n", hr);
    hr = ISCard_get_Status(card, NULL);
    ok(hr == E_POINTER, "get_Status: %#lx.\n", hr);
    hr = ISCard_Transaction(card, NULL);
    ok(hr == E_POINTER, "Transaction: %#lx.\n", hr);
}

static void test_not_attached(void)
{
    ISCard *card = create_card();
    IByteBuffer *atr = (IByteBuffer *)1;
    SCARD_PROTOCOLS protocol = T1;
    SCARD_STATES state = PRESENT;
    ISCardCmd *cmd = create_cmd(), *given = cmd, *none = NULL;
    WORD status = 0;
    HRESULT hr;

    test_null_pointers(card);
    /* [ours], with the [out] parameters cleared */
    hr = ISCard_get_Atr(card, &atr);
    ok(hr == NOT_ATTACHED && !atr, "get_Atr: %#lx, %p.\n", hr, (void *)atr);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == NOT_ATTACHED && !protocol, "get_Protocol: %#lx, %d.\n", hr, protocol);
    hr = ISCard_get_Status(card, &state);
    ok(hr == NOT_ATTACHED && !state, "get_Status: %#lx, %d.\n", hr, state);
    hr = ISCard_LockSCard(card);
    ok(hr == NOT_ATTACHED, "LockSCard: %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == NOT_ATTACHED, "UnlockSCard: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == NOT_ATTACHED, "ReAttach: %#lx.\n", hr);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == NOT_ATTACHED, "Detach: %#lx.\n", hr);

    hr = ISCard_Transaction(card, &none);
    ok(hr == E_POINTER && !none, "Transaction of NULL: %#lx.\n", hr); /* [doc] */
    ISCardCmd_put_InstructionId(cmd, 0x84);
    ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == NOT_ATTACHED && cmd == given, "Transaction: %#lx.\n", hr); /* [ours] */
    ISCardCmd_get_ReplyStatus(cmd, &status);
    ok(status == 0x9000, "The old reply is now %04x though nothing was sent.\n", status); /* [ours] */
    ISCardCmd_Release(cmd);
    ISCard_Release(card);
}

static void test_domains(ISCard *card, BSTR reader)
{
    static const int shares[] = { 0, 3, 4, -1, 0x7fffffff };
    static const int protocols[] = { 0, 4, 5, 7, 0xfe, 0x100, 0x10000, -1 };
    static const int dispositions[] = { 4, 5, -1, 0x7fffffff };
    BSTR empty = SysAllocString(L"");
    unsigned int i;
    HRESULT hr;

    hr = ISCard_AttachByReader(card, NULL, SHARED, T0);
    ok(hr == E_INVALIDARG, "AttachByReader without name: %#lx.\n", hr); /* [doc] */
    hr = ISCard_AttachByReader(card, empty, SHARED, T0);
    ok(hr == E_INVALIDARG, "AttachByReader with an empty name: %#lx.\n", hr); /* [doc] */
    SysFreeString(empty);
    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        hr = ISCard_AttachByReader(card, reader, shares[i], T0 | T1);
        ok(hr == E_INVALIDARG, "AttachByReader, share mode %d: %#lx.\n", shares[i], hr); /* [doc] */
        hr = ISCard_ReAttach(card, shares[i], LEAVE);
        ok(hr == E_INVALIDARG, "ReAttach, share mode %d: %#lx.\n", shares[i], hr); /* [doc] */
    }
    for (i = 0; i < ARRAY_SIZE(protocols); i++)
    {
        hr = ISCard_AttachByReader(card, reader, SHARED, protocols[i]);
        ok(hr == E_INVALIDARG, "AttachByReader, protocol %d: %#lx.\n", protocols[i], hr); /* [doc] */
    }
    for (i = 0; i < ARRAY_SIZE(dispositions); i++)
    {
        hr = ISCard_ReAttach(card, SHARED, dispositions[i]);
        ok(hr == E_INVALIDARG, "ReAttach(%d): %#lx.\n", dispositions[i], hr); /* [doc] */
        hr = ISCard_Detach(card, dispositions[i]);
        ok(hr == E_INVALIDARG, "Detach(%d): %#lx.\n", dispositions[i], hr); /* [doc] */
        hr = ISCard_UnlockSCard(card, dispositions[i]);
        ok(hr == E_INVALIDARG, "UnlockSCard(%d): %#lx.\n", dispositions[i], hr); /* [doc] */
    }
}

static void test_unknown_reader(void)
{
    static const WCHAR *const names[] = { L"No such reader", L"Virtual PCD 00 0", L"\x00e4\x4e2d" };
    ISCard *card = create_card();
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        BSTR name = SysAllocString(names[i]);

        hr = ISCard_AttachByReader(card, name, SHARED, T0 | T1);
        ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "%u: AttachByReader: %#lx.\n", i, hr); /* [doc] */
        check_detached(card, "unknown reader");
        SysFreeString(name);
    }
    ISCard_Release(card);
}

/* Values that are no handle of a card; the last of them are looked like pointers to something. */
static void test_invalid_handles(ISCard *card)
{
    static const HSCARD handles[] = { 0, 1, 4, (HSCARD)-1, (HSCARD)-2, 0x10000, 0xdeadbeef, 0x7fffffff };
    ULONG_PTR on_stack[4] = { 0, 1, 2, 3 };
    HSCARDCONTEXT context = 0;
    unsigned int i, wrong = 0, count = rounds_here(100000);
    ULONGLONG seed = 0x9e3779b97f4a7c15;
    HRESULT hr, first = S_OK;

    for (i = 0; i < ARRAY_SIZE(handles); i++)
    {
        hr = ISCard_AttachByHandle(card, handles[i]);
        ok(hr == E_INVALIDARG, "AttachByHandle(%p): %#lx.\n", (void *)handles[i], hr); /* [doc] */
    }
    hr = ISCard_AttachByHandle(card, (HSCARD)on_stack);
    ok(hr == E_INVALIDARG, "AttachByHandle of a pointer to the stack: %#lx.\n", hr); /* [doc] */
    hr = ISCard_AttachByHandle(card, (HSCARD)card);
    ok(hr == E_INVALIDARG, "AttachByHandle of a pointer to an object: %#lx.\n", hr); /* [doc] */
    ISCard_get_Context(card, &context);
    hr = ISCard_AttachByHandle(card, context);
    ok(hr == E_INVALIDARG, "AttachByHandle of a context: %#lx.\n", hr); /* [doc] */

    for (i = 0; i < count; i++)
    {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        hr = ISCard_AttachByHandle(card, (HSCARD)(seed >> (i % 48)));
        if (hr == E_INVALIDARG) continue;
        if (!wrong++) first = hr;
    }
    ok(!wrong, "%u of %u random values were taken for handles, first %#lx.\n", wrong, count,
       first); /* [doc] [ours] */
}

/* --- attaching --- */

/* What SCardStatus says as an SCARD_STATES: Windows' numbers as they are, pcsc-lite's bits in the lower half
 * by the highest one; pcsc-lite does not tell a card whose protocol is established by a bit. */
static SCARD_STATES expected_state(DWORD state, DWORD protocol)
{
    state &= 0xffff;
    if (state < 0x10) return state;
    if (state & 0x40) return SPECIFICMODE;
    if (state & 0x20) return protocol ? SPECIFICMODE : NEGOTIABLEMODE; /* [sdk98] */
    return POWERED;
}

/* @member ISCard::get_Atr [doc][ours] the ATR of the card; SCARD_E_INVALID_HANDLE when not attached. */
/* @member ISCard::get_CardHandle [doc] the handle of the connection, 0 when not attached. */
/* @member ISCard::get_Protocol [doc][sdk98][ours] T0, T1 or RAW as connected. */
/* @member ISCard::get_Status [doc][sdk98][ours] one of SCARD_STATES, whatever form winscard gives it in. */
static void test_properties(ISCard *card)
{
    IByteBuffer *buffer = NULL;
    SCARD_PROTOCOLS protocol = 0;
    SCARD_STATES state = 0;
    HSCARD handle = 0;
    WCHAR names[256];
    BYTE atr[36];
    DWORD names_size = ARRAY_SIZE(names), atr_size = sizeof(atr), bits, connected;
    HRESULT hr;
    LONG rc;

    test_null_pointers(card);
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && handle, "get_CardHandle: %#lx.\n", hr); /* [doc] */
    rc = SCardStatusW(handle, names, &names_size, &bits, &connected, atr, &atr_size);
    ok(!rc, "The card handle does not work with SCardStatus: %#lx.\n", rc); /* [doc] */
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == S_OK && protocol == (SCARD_PROTOCOLS)connected, "get_Protocol: %#lx, %d, not %ld.\n", hr,
       protocol, connected); /* [doc] */
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state == expected_state(bits, connected),
       "get_Status: %#lx, %d, SCardStatus gives %#lx.\n", hr,
       state, bits); /* [doc] */
    hr = ISCard_get_Atr(card, &buffer);
    ok(hr == S_OK && buffer, "get_Atr: %#lx.\n", hr); /* [doc] */
    if (buffer) check_content(buffer, atr, atr_size);
    if (buffer) IByteBuffer_Release(buffer);
    check_works(card, "attached");
}

/* @member ISCard::AttachByReader [doc] connects to the card in a reader. */
static void test_attach(BSTR reader)
{
    static const SCARD_SHARE_MODES shares[] = { SHARED, EXCLUSIVE };
    ISCard *card = create_card();
    unsigned int i;
    HRESULT hr;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        hr = ISCard_AttachByReader(card, reader, shares[i], T0 | T1);
        ok(hr == S_OK, "AttachByReader: %#lx.\n", hr); /* [doc] */
        test_properties(card);
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(shares[i] == SHARED ? !rc : rc == (LONG)SCARD_E_SHARING_VIOLATION,
           "Share mode %d: another connection: %#lx.\n", shares[i], rc); /* [doc] */
        rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
        ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Share mode %d: another exclusive connection: %#lx.\n",
           shares[i], rc); /* [doc] */

        hr = ISCard_Detach(card, LEAVE);
        ok(hr == S_OK, "Detach: %#lx.\n", hr); /* [doc] */
        check_detached(card, "after Detach");
        hr = ISCard_Detach(card, LEAVE);
        ok(hr == NOT_ATTACHED, "Detach: %#lx.\n", hr); /* [ours] */
        rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
        ok(!rc, "After Detach the card is still in use: %#lx.\n", rc); /* [doc] */
    }
    ISCard_Release(card);
}

/* Somebody else holds the card, and lets it go. */
static void test_attach_beside_exclusive(BSTR reader)
{
    ISCard *card = create_card();
    struct connection other;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&other, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader: %#lx.\n", hr); /* [doc] */
    check_detached(card, "sharing violation");
    connection_close(&other, SCARD_LEAVE_CARD);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr); /* [ours] */
    ISCard_Release(card);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "After the final Release the card is still in use: %#lx.\n", rc); /* [ours] */
}

static void test_protocols(BSTR reader)
{
    static const SCARD_PROTOCOLS wanted[] = { T0, T1 };
    SCARD_PROTOCOLS spoken = strcmp(card_profile(), "t0") ? T1 : T0; /* by the card of this profile */
    ISCard *card = create_card();
    SCARD_PROTOCOLS protocol;
    unsigned int i, connected = 0;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(wanted); i++)
    {
        hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, wanted[i]);
        ok(hr == (wanted[i] == spoken ? S_OK : (HRESULT)SCARD_E_PROTO_MISMATCH),
           "AttachByReader with protocol %d: %#lx.\n", wanted[i], hr); /* [doc] */
        if (hr != S_OK)
        {
            check_detached(card, "protocol mismatch");
            continue;
        }
        connected++;
        protocol = 0;
        hr = ISCard_get_Protocol(card, &protocol);
        ok(hr == S_OK && protocol == wanted[i], "get_Protocol: %#lx, %d instead of %d.\n", hr, protocol,
           wanted[i]);
        ISCard_Detach(card, RESET);
    }
    ok(connected, "Neither T=0 nor T=1 can be had.\n");

    ISCard_Release(card);
}

/* @member ISCard::Detach [doc][ours] ends the connection with the disposition, and the locks that are left. */
/* What each disposition is for somebody who shares the card. */
static void test_detach(BSTR reader)
{
    static const SCARD_DISPOSITIONS dispositions[] = { LEAVE, RESET, UNPOWER, EJECT };
    ISCard *card = create_card();
    struct connection other;
    unsigned int i;
    HRESULT hr;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(dispositions); i++)
    {
        hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
        ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
        rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        hr = ISCard_Detach(card, dispositions[i]);
        ok(hr == S_OK, "Detach(%d): %#lx.\n", dispositions[i], hr); /* [doc] */
        check_detached(card, "after Detach");
        rc = connection_status(&other);
        if (dispositions[i] == LEAVE)
            ok(!rc, "Detach(LEAVE): the other connection gets %#lx.\n", rc); /* [doc] */
        else if (dispositions[i] == RESET)
            ok(rc == (LONG)SCARD_W_RESET_CARD, "Detach(RESET): the other connection gets %#lx.\n",
               rc); /* [doc] */
        else if (dispositions[i] == UNPOWER)
            ok(rc, "Detach(UNPOWER): the other connection noticed nothing.\n");
        /* A reader that cannot eject does nothing. [doc] */
        connection_close(&other, SCARD_RESET_CARD);
    }
    ISCard_Release(card);
}

/* @member ISCard::ReAttach [doc][sdk98][ours] the same reader again, with another share mode and initialisation. */
static void test_reattach(BSTR reader)
{
    static const SCARD_DISPOSITIONS dispositions[] = { LEAVE, RESET, UNPOWER, EJECT };
    ISCard *card = create_card();
    struct connection other;
    SCARD_STATES state = 0;
    unsigned int i;
    WORD status;
    HRESULT hr;
    LONG rc;

    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    test_domains(card, reader);
    check_works(card, "after invalid arguments");
    for (i = 0; i < ARRAY_SIZE(dispositions); i++)
    {
        hr = ISCard_ReAttach(card, EXCLUSIVE, dispositions[i]);
        ok(hr == S_OK, "ReAttach(EXCLUSIVE, %d): %#lx.\n", dispositions[i], hr); /* [doc], EJECT [ours] */
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Another connection beside EXCLUSIVE: %#lx.\n",
           rc); /* [doc] */
        check_works(card, "after ReAttach");
        hr = ISCard_ReAttach(card, SHARED, dispositions[i]);
        ok(hr == S_OK, "ReAttach(SHARED, %d): %#lx.\n", dispositions[i], hr); /* [doc] */
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(!rc, "Another connection beside SHARED: %#lx.\n", rc); /* [doc] */
        check_works(card, "after ReAttach");
    }

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    check_exclusive_call(card, NULL, &other); /* [doc] */
    check_works(card, "after a ReAttach beside another connection");
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);

    /* Another program resets the card: ReAttach is how this one goes on. [doc] */
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    connection_close(&other, SCARD_RESET_CARD);
    hr = exchange(card, &status);
    ok(hr == (HRESULT)SCARD_W_RESET_CARD && !status, "Transaction after a reset: %#lx, %04x.\n", hr, status);
    hr = ISCard_get_Status(card, &state);
    ok(hr == (HRESULT)SCARD_W_RESET_CARD, "get_Status after a reset: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach after a reset: %#lx.\n", hr);
    check_works(card, "after a reset and ReAttach");
    ISCard_Release(card);
}

/* An object that is attached in this share mode. */
static ISCard *create_attached_at(int line, BSTR reader, SCARD_SHARE_MODES share)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, share, T0 | T1);
    ok_(__FILE__, line)(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    return card;
}
#define create_attached(reader, share) create_attached_at(__LINE__, reader, share)

/* Attaching what is attached already: our own exclusive connection must not be in our way. [ours] */
static void test_attach_again(BSTR reader)
{
    ISCard *card = create_attached(reader, EXCLUSIVE);
    HRESULT hr;
    LONG rc;

    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader of the same reader: %#lx.\n", hr);
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(!rc, "The new share mode does not count: %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader of the same reader: %#lx.\n", hr);
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "The new share mode does not count: %#lx.\n", rc);
    check_works(card, "attached three times");
    ISCard_Release(card);
}

/* A new attachment that fails leaves the old one. [ours] */
static void test_attach_again_failing(BSTR reader)
{
    BSTR unknown = SysAllocString(L"No such reader");
    ISCard *card = create_attached(reader, EXCLUSIVE);
    struct connection other;
    HRESULT hr;
    LONG rc;

    hr = ISCard_AttachByReader(card, unknown, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "AttachByReader of an unknown reader: %#lx.\n", hr);
    check_works(card, "after an unknown reader");
    test_invalid_handles(card);
    check_works(card, "after invalid handles");
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    check_exclusive_call(card, reader, &other);
    check_works(card, "after an exclusive attachment beside another connection");
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    ISCard_Release(card);
    SysFreeString(unknown);
}

/* From our own connection to a handle of the caller's: the former is released. And back. [ours] */
static void test_attach_to_handle_and_back(BSTR reader)
{
    ISCard *card = create_attached(reader, SHARED);
    struct connection other;
    HSCARD handle = 0;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByHandle(card, other.handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    check_works(card, "attached by handle");
    hr = ISCard_AttachByHandle(card, other.handle);
    ok(hr == S_OK, "AttachByHandle of the attached handle: %#lx.\n", hr);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    connection_close(&other, SCARD_LEAVE_CARD);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The connection that AttachByHandle replaced is still there: %#lx.\n", rc);
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByHandle(card, other.handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    ISCard_get_CardHandle(card, &handle);
    ok(handle && handle != other.handle, "The handle of the caller was kept.\n");
    rc = SCardDisconnect(other.handle, SCARD_LEAVE_CARD);
    ok(!rc, "The handle of the caller was closed: %#lx.\n", rc);
    other.handle = 0;
    connection_close(&other, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* Its own handle: the object goes on working. [ours] */
static void test_attach_to_own_handle(BSTR reader)
{
    ISCard *card = create_attached(reader, SHARED);
    HSCARD handle = 0;
    HRESULT hr;
    LONG rc;

    ISCard_get_CardHandle(card, &handle);
    hr = ISCard_AttachByHandle(card, handle);
    ok(hr == S_OK, "AttachByHandle of the own handle: %#lx.\n", hr);
    check_works(card, "attached to its own handle");
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "After Detach the card is still in use: %#lx.\n", rc);
    ISCard_Release(card);
}

/* While it is attached, another name is another reader, also where a comparison by locale finds them equal: winscard
 * decides. [ours] */
static void test_similar_names(BSTR reader)
{
    static const WCHAR ignored[] = { 0x00ad, 0x200b, 0x200d, 0x0001 }; /* soft hyphen, no width, control */
    ISCard *card = create_card();
    HSCARD before = 0, after = 1;
    WCHAR name[300];
    unsigned int i;
    BSTR similar;
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    ISCard_get_CardHandle(card, &before);
    for (i = 0; i <= ARRAY_SIZE(ignored); i++)
    {
        lstrcpynW(name, reader, 200);
        if (i < ARRAY_SIZE(ignored))
        {
            memmove(name + 4, name + 3, (wcslen(name + 3) + 1) * sizeof(*name));
            name[3] = ignored[i];
        }
        else CharUpperW(name);
        similar = SysAllocString(name);
        hr = ISCard_AttachByReader(card, similar, EXCLUSIVE, T0 | T1);
        ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "%s: %#lx.\n", wine_dbgstr_w(similar), hr);
        SysFreeString(similar);
    }
    ISCard_get_CardHandle(card, &after);
    ok(after == before, "The attachment has changed.\n");
    check_works(card, "after similar names");
    ISCard_Release(card);
}

/* --- the caller's handle --- */

/* An object that is attached to a connection of the caller's, which is opened. */
static ISCard *create_attached_to_at(int line, struct connection *mine, BSTR reader)
{
    ISCard *card = create_card();
    HRESULT hr;
    LONG rc;

    rc = connection_open(mine, reader, SCARD_SHARE_SHARED);
    ok_(__FILE__, line)(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByHandle(card, mine->handle);
    ok_(__FILE__, line)(hr == S_OK, "AttachByHandle: %#lx.\n", hr); /* [doc] */
    return card;
}
#define create_attached_to(mine, reader) create_attached_to_at(__LINE__, mine, reader)

/* @member ISCard::AttachByHandle [doc][ours] takes a connected handle, which stays the caller's, or E_INVALIDARG. */
static void test_attach_by_handle(BSTR reader)
{
    struct connection mine;
    ISCard *card = create_attached_to(&mine, reader);
    SCARD_PROTOCOLS protocol = 0;
    SCARD_STATES state = 0;
    IByteBuffer *atr = NULL;
    HSCARD handle = 0;
    HRESULT hr;

    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && handle == mine.handle, "get_CardHandle: %#lx, %p.\n", hr, (void *)handle); /* [doc] */
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == S_OK && protocol == (SCARD_PROTOCOLS)mine.protocol, "get_Protocol: %#lx, %d.\n", hr, protocol);
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state == SPECIFICMODE, "get_Status: %#lx, %d.\n", hr, state); /* [doc] [sdk98] */
    hr = ISCard_get_Atr(card, &atr);
    ok(hr == S_OK && atr, "get_Atr: %#lx.\n", hr); /* [doc] */
    if (atr) IByteBuffer_Release(atr);
    check_works(card, "attached by handle");
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* Letting go keeps the handle and its share mode, whatever the disposition. [ours] */
static void test_detach_from_handle(BSTR reader)
{
    struct connection mine, other;
    ISCard *card = create_attached_to(&mine, reader);
    HRESULT hr;
    LONG rc;

    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    check_detached(card, "after Detach");
    rc = connection_status(&mine);
    ok(!rc, "After Detach the handle is gone: %#lx.\n", rc);
    hr = ISCard_AttachByHandle(card, mine.handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_Detach(card, RESET);
    ok(hr == S_OK, "Detach(RESET): %#lx.\n", hr);
    rc = connection_status(&other);
    ok(rc == (LONG)SCARD_W_RESET_CARD, "Detach(RESET): the other connection gets %#lx.\n", rc);
    rc = connection_status(&mine);
    ok(rc == (LONG)SCARD_W_RESET_CARD || broken(!rc), "Detach(RESET): the handle of the caller gets %#lx.\n", rc);
    rc = SCardReconnect(mine.handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, &mine.protocol);
    ok(!rc, "Detach(RESET): the handle of the caller cannot be reconnected: %#lx.\n", rc);
    rc = SCardReconnect(other.handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD,
                        &other.protocol);
    ok(!rc, "After Detach(RESET) the card is not shared any more: %#lx.\n", rc);
    connection_close(&other, SCARD_LEAVE_CARD);
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* A lock that the object still holds ends with it, also when the disposition resets the card. [ours] */
static void test_lock_of_handle(BSTR reader)
{
    struct connection mine;
    ISCard *card = create_attached_to(&mine, reader);
    HRESULT hr;
    LONG rc;

    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    ISCard_Release(card);
    rc = SCardEndTransaction(mine.handle, SCARD_LEAVE_CARD);
    ok(rc, "The lock outlived the object.\n");
    rc = connection_status(&mine);
    ok(!rc, "After the final Release the handle is gone: %#lx.\n", rc);

    card = create_card();
    hr = ISCard_AttachByHandle(card, mine.handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_Detach(card, RESET);
    ok(hr == S_OK, "Detach(RESET) with a lock held: %#lx.\n", hr);
    ISCard_Release(card);
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(!rc, "Detach(RESET) left the card locked: %#lx.\n", rc);
    rc = SCardReconnect(mine.handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, &mine.protocol);
    ok(!rc, "SCardReconnect: %#lx.\n", rc);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* A live handle whose card was reset attaches: ReAttach is the way on. [ours] */
static void test_handle_of_reset_card(BSTR reader)
{
    struct connection mine, other;
    ISCard *card = create_card();
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    connection_close(&other, SCARD_RESET_CARD);
    hr = ISCard_AttachByHandle(card, mine.handle);
    ok(hr == S_OK, "AttachByHandle after a reset: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
    check_works(card, "after a reset and ReAttach");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* Closed by the caller behind our back, then given again. */
static void test_freed_handle(BSTR reader)
{
    struct connection mine;
    ISCard *card = create_attached_to(&mine, reader);
    SCARDHANDLE freed = mine.handle;
    HRESULT hr;
    LONG rc;

    ISCard_Detach(card, LEAVE);
    rc = SCardDisconnect(mine.handle, SCARD_LEAVE_CARD);
    ok(!rc, "SCardDisconnect: %#lx.\n", rc);
    mine.handle = 0;
    hr = ISCard_AttachByHandle(card, freed);
    ok(hr == E_INVALIDARG, "AttachByHandle of a freed handle: %#lx.\n", hr); /* [doc] */
    hr = ISCard_AttachByHandle(card, mine.context);
    ok(hr == E_INVALIDARG, "AttachByHandle of a context: %#lx.\n", hr); /* [doc] */
    check_detached(card, "invalid handles");
    connection_close(&mine, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* --- without a resource manager --- */

static void test_no_daemon(void)
{
    static const struct { const char *name; const CLSID *clsid; const IID *iid; } others[] =
    {
        { "CByteBuffer", &CLSID_CByteBuffer, &IID_IByteBuffer },
        { "CSCardCmd", &CLSID_CSCardCmd, &IID_ISCardCmd },
        { "CSCardISO7816", &CLSID_CSCardISO7816, &IID_ISCardISO7816 },
    };
    BSTR text = NULL;
    IUnknown *object;
    IErrorInfo *info;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < 3; i++) /* the same answer each time */
    {
        object = (IUnknown *)1;
        hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&object);
        ok(hr == (HRESULT)SCARD_E_NO_SERVICE && !object, "CSCard: %#lx.\n", hr); /* [doc] */
        /* [ours] and why, which a program shows its user */
        hr = GetErrorInfo(0, &info);
        ok(hr == S_OK, "CSCard: no error information.\n");
        if (hr != S_OK) continue;
        IErrorInfo_GetDescription(info, &text);
        ok(text && wcsstr(text, L"SCARD_E_NO_SERVICE"), "CSCard: %s.\n", wine_dbgstr_w(text));
        SysFreeString(text);
        IErrorInfo_Release(info);
    }
    for (i = 0; i < ARRAY_SIZE(others); i++)
    {
        hr = CoCreateInstance(others[i].clsid, NULL, CLSCTX_INPROC_SERVER, others[i].iid, (void **)&object);
        ok(hr == S_OK, "%s: %#lx.\n", others[i].name, hr); /* [doc] */
        if (hr == S_OK) IUnknown_Release(object);
    }
}

static void test_card(void)
{
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card);
    if (hr == (HRESULT)SCARD_E_NO_SERVICE)
    {
        skip("The smart card resource manager is not running.\n");
        return;
    }
    ok(hr == S_OK, "CoCreateInstance: %#lx.\n", hr);
    if (hr != S_OK) return;
    test_create();
    test_not_attached();
    test_domains(card, NULL);
    test_unknown_reader();
    test_invalid_handles(card);
    check_detached(card, "never attached");
    ISCard_Release(card);

    if (!(reader = find_card_reader(card_expected() ? 10000 : 0)))
    {
        if (card_expected()) ok(0, "No card in any reader.\n");
        else skip("No card in any reader.\n");
        return;
    }
    test_attach(reader);
    test_attach_beside_exclusive(reader);
    test_protocols(reader);
    test_detach(reader);
    test_reattach(reader);
    test_attach_again(reader);
    test_attach_again_failing(reader);
    test_attach_to_handle_and_back(reader);
    test_attach_to_own_handle(reader);
    test_similar_names(reader);
    test_attach_by_handle(reader);
    test_detach_from_handle(reader);
    test_lock_of_handle(reader);
    test_handle_of_reset_card(reader);
    test_freed_handle(reader);
    SysFreeString(reader);
}

START_TEST(card)
{
    CoInitialize(NULL);
    if (has_argument("nodaemon")) test_no_daemon();
    else test_card();
    CoUninitialize();
}
