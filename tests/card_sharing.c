/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard in states that are made of two features: a lock and a share mode, a handle of the caller's and a share mode.
 * What counts is what another connection sees: whether it connects, whether it gets the card, or waits.
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "import_table.h"
#include "script_card.h"

#define WAITS_FOR 400 /* ms after which a call counts as waiting; pcsc-lite asks every 200 whether a lock is free */

static const SCARD_DISPOSITIONS initializations[] = { LEAVE, RESET, UNPOWER };

/* --- another program that connects, in a thread of its own: it waits while the card is locked --- */

struct newcomer
{
    struct connect_attempt attempt;
    HANDLE thread;
};

static void newcomer_start(struct newcomer *newcomer, BSTR reader)
{
    memset(newcomer, 0, sizeof(*newcomer));
    lstrcpynW(newcomer->attempt.reader, reader, ARRAY_SIZE(newcomer->attempt.reader));
    newcomer->attempt.share = SCARD_SHARE_SHARED;
    newcomer->thread = CreateThread(NULL, 0, connect_thread, &newcomer->attempt, 0, NULL);
}

static BOOL newcomer_waits(struct newcomer *newcomer)
{
    return WaitForSingleObject(newcomer->thread, WAITS_FOR) == WAIT_TIMEOUT;
}

static void newcomer_end(struct newcomer *newcomer, const char *what)
{
    BOOL done = !WaitForSingleObject(newcomer->thread, 60000);

    ok(done && !newcomer->attempt.rc, "%s: another program %s: %#lx.\n", what, done ? "cannot connect" : "hangs",
       newcomer->attempt.rc);
    if (!done) exit(1); /* the thread still uses what is here */
    CloseHandle(newcomer->thread);
    connection_close(&newcomer->attempt.connection, SCARD_LEAVE_CARD);
}

/* Whether the card is locked so often, as newcomers see it, and is free once it is unlocked. */
static void check_locks(ISCard *card, BSTR reader, unsigned int locks, const char *what)
{
    struct newcomer newcomer;
    unsigned int i;
    HRESULT hr;

    newcomer_start(&newcomer, reader);
    for (i = 0; i < locks; i++)
    {
        ok(newcomer_waits(&newcomer), "%s: lock %u of %u is lost: %#lx.\n", what, i, locks, newcomer.attempt.rc);
        hr = ISCard_UnlockSCard(card, LEAVE);
        ok(hr == S_OK, "%s: UnlockSCard: %#lx.\n", what, hr);
    }
    newcomer_end(&newcomer, what);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "%s: UnlockSCard without lock: %#lx.\n", what, hr);
}

static void lock_times(ISCard *card, unsigned int locks)
{
    HRESULT hr;

    for (; locks; locks--)
    {
        hr = ISCard_LockSCard(card);
        ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    }
}

static ISCard *attach(BSTR reader, SCARD_SHARE_MODES share_mode)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, share_mode, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    return card;
}

static ISCard *adopt(const struct connection *connection)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByHandle(card, connection->handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    return card;
}

/* --- a lock and a share mode --- */

/* [ours] Locks survive ReAttach. */
static void test_lock_until_shared(BSTR reader)
{
    unsigned int i, locks;
    ISCard *card;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(initializations); i++)
    {
        for (locks = 0; locks < 3; locks++)
        {
            card = attach(reader, EXCLUSIVE);
            lock_times(card, locks);
            hr = ISCard_ReAttach(card, SHARED, initializations[i]);
            ok(hr == S_OK, "ReAttach(SHARED, %d): %#lx.\n", initializations[i], hr);
            check_works(card, "shared");
            check_locks(card, reader, locks, "ReAttach(SHARED)");
            ISCard_Release(card);
        }
    }
}

static void test_lock_until_exclusive(BSTR reader)
{
    unsigned int locks;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    for (locks = 0; locks < 3; locks++)
    {
        card = attach(reader, SHARED);
        lock_times(card, locks);
        hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
        ok(hr == S_OK, "ReAttach(EXCLUSIVE): %#lx.\n", hr);
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Beside EXCLUSIVE: %#lx.\n", rc);
        hr = ISCard_ReAttach(card, SHARED, LEAVE);
        ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
        check_locks(card, reader, locks, "EXCLUSIVE and SHARED again");
        ISCard_Release(card);
    }
}

/* [ours] AttachByReader of the reader that is attached is a ReAttach. */
static void test_lock_same_reader(BSTR reader)
{
    static const SCARD_SHARE_MODES shares[] = { SHARED, EXCLUSIVE };
    unsigned int i;
    ISCard *card;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(shares); i++)
    {
        card = attach(reader, shares[i]);
        lock_times(card, 2);
        hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
        ok(hr == S_OK, "AttachByReader of the same reader: %#lx.\n", hr);
        check_locks(card, reader, 2, "AttachByReader of the same reader");
        ISCard_Release(card);
    }
}

/* [ours] A call that fails leaves the locks. */
static void test_lock_failed_calls(BSTR reader)
{
    BSTR unknown = SysAllocString(L"No such reader");
    ISCard *card = attach(reader, SHARED);
    struct waiter waiter;
    HRESULT hr;

    waiter_connect(&waiter, reader);
    lock_times(card, 2);
    hr = ISCard_ReAttach(card, EXCLUSIVE, LEAVE);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "ReAttach(EXCLUSIVE): %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader(EXCLUSIVE): %#lx.\n", hr);
    hr = ISCard_AttachByReader(card, unknown, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "AttachByReader: %#lx.\n", hr);
    waiter_start(&waiter);
    ok(!waiter_has_it(&waiter, WAITS_FOR), "The other connection got the card: %#lx.\n", waiter.rc);
    check_works(card, "locked");
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    ok(!waiter_has_it(&waiter, WAITS_FOR), "The other connection got the card: %#lx.\n", waiter.rc);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    waiter_end(&waiter, "failed calls");
    ISCard_Release(card);
    SysFreeString(unknown);
}

/* --- a caller's handle and a share mode --- */

/* [ours] Nobody waits for a connection that has become shared, whoever made it exclusive. */
static void test_handle_until_shared(BSTR reader)
{
    struct connection mine;
    unsigned int i, locks;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(initializations); i++)
    {
        for (locks = 0; locks < 2; locks++)
        {
            rc = connection_open(&mine, reader, SCARD_SHARE_EXCLUSIVE);
            ok(!rc, "SCardConnect: %#lx.\n", rc);
            card = adopt(&mine);
            lock_times(card, locks);
            hr = ISCard_ReAttach(card, SHARED, initializations[i]);
            ok(hr == S_OK, "ReAttach(SHARED, %d): %#lx.\n", initializations[i], hr);
            check_works(card, "shared");
            check_locks(card, reader, locks, "a caller's handle");
            hr = ISCard_ReAttach(card, EXCLUSIVE, initializations[i]);
            ok(hr == S_OK, "ReAttach(EXCLUSIVE, %d): %#lx.\n", initializations[i], hr);
            rc = probe_connect(reader, SCARD_SHARE_SHARED);
            ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Beside EXCLUSIVE: %#lx.\n", rc);
            ISCard_Release(card);
            connection_close(&mine, SCARD_LEAVE_CARD);
        }
    }
}

/* The card was reset before the handle came: its reader cannot be told. */
static void test_reset_handle_until_shared(BSTR reader)
{
    struct connection mine;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    rc = SCardBeginTransaction(mine.handle);
    ok(!rc, "SCardBeginTransaction: %#lx.\n", rc);
    rc = SCardEndTransaction(mine.handle, SCARD_RESET_CARD);
    ok(!rc, "SCardEndTransaction: %#lx.\n", rc);
    card = adopt(&mine);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
    check_locks(card, reader, 0, "a caller's handle, reset");
    check_works(card, "shared");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* The same, reset after it came, with a lock that is left. */
static void test_reset_locked_handle_until_shared(BSTR reader)
{
    struct connection mine;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    card = adopt(&mine);
    lock_times(card, 2);
    hr = ISCard_UnlockSCard(card, RESET);
    ok(hr == S_OK, "UnlockSCard(RESET): %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
    check_locks(card, reader, 1, "a caller's handle, reset and locked");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* Locks that the program began with the handle itself are its locks, too. */
static void test_own_lock_until_shared(BSTR reader)
{
    struct newcomer newcomer;
    struct connection mine;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    rc = SCardBeginTransaction(mine.handle);
    ok(!rc, "SCardBeginTransaction: %#lx.\n", rc);
    card = adopt(&mine);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
    newcomer_start(&newcomer, reader);
    ok(newcomer_waits(&newcomer), "The program's own lock is lost: %#lx.\n", newcomer.attempt.rc);
    rc = SCardEndTransaction(mine.handle, SCARD_LEAVE_CARD);
    ok(!rc, "SCardEndTransaction: %#lx.\n", rc);
    newcomer_end(&newcomer, "the program's own lock");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* The program gives the handle of our own connection another share mode. */
static void test_changed_behind(BSTR reader)
{
    ISCard *card = attach(reader, SHARED);
    HSCARD handle = 0;
    DWORD protocol;
    HRESULT hr;
    LONG rc;

    ISCard_get_CardHandle(card, &handle);
    rc = SCardReconnect(handle, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, &protocol);
    ok(!rc, "SCardReconnect: %#lx.\n", rc);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
    check_locks(card, reader, 0, "made exclusive by the program");
    ISCard_Release(card);
}

/* [ours] The lock that the object has through a caller's handle ends with Detach, also after a reset by its owner. */
static void test_detach_reset_lock(BSTR reader)
{
    struct newcomer newcomer;
    struct connection mine;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    card = adopt(&mine);
    lock_times(card, 2);
    hr = ISCard_UnlockSCard(card, RESET);
    ok(hr == S_OK, "UnlockSCard(RESET): %#lx.\n", hr);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    newcomer_start(&newcomer, reader);
    newcomer_end(&newcomer, "Detach after a reset");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* --- calls that wait --- */

struct call
{
    ISCard *card;
    BSTR reader;
    SCARD_DISPOSITIONS initialization;
    HSCARD handle;
    HSCARDCONTEXT context;
    HRESULT hr;
};

static DWORD WINAPI exclusive_call_thread(void *arg)
{
    struct call *call = arg;

    call->hr = ISCard_ReAttach(call->card, EXCLUSIVE, call->initialization);
    return 0;
}

static DWORD WINAPI shared_call_thread(void *arg)
{
    struct call *call = arg;

    call->hr = ISCard_AttachByReader(call->card, call->reader, SHARED, T0 | T1);
    return 0;
}

static DWORD WINAPI getters_thread(void *arg)
{
    struct call *call = arg;

    call->hr = ISCard_get_CardHandle(call->card, &call->handle);
    if (call->hr == S_OK) call->hr = ISCard_get_Context(call->card, &call->context);
    return 0;
}

/* [ours] A caller's handle waits to become exclusive while others share the card, as pcsc-lite does it, without
 * harm to them; what another thread needs to end that never waits. */
static void test_waiting_for_exclusive(BSTR reader)
{
    struct connection mine, other;
    struct call call, getters;
    HANDLE waiting, getting;
    HSCARDCONTEXT context;
    unsigned int i;
    ISCard *card;
    BOOL ended;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(initializations); i++)
    {
        rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        card = adopt(&mine);
        ISCard_get_Context(card, &context);

        memset(&call, 0, sizeof(call));
        call.card = card;
        call.initialization = initializations[i];
        call.hr = E_PENDING;
        getters = call;
        waiting = CreateThread(NULL, 0, exclusive_call_thread, &call, 0, NULL);
        ok(WaitForSingleObject(waiting, WAITS_FOR) == WAIT_TIMEOUT, "ReAttach(EXCLUSIVE): %#lx.\n", call.hr);
        getting = CreateThread(NULL, 0, getters_thread, &getters, 0, NULL);
        ended = !WaitForSingleObject(getting, 2000);
        ok(ended && getters.hr == S_OK && getters.handle == mine.handle && getters.context == context,
           "get_CardHandle and get_Context %s: %#lx.\n", ended ? "return" : "wait", getters.hr);
        rc = connection_status(&other);
        ok(!rc, "ReAttach(EXCLUSIVE, %d) disturbs the others while it waits: %#lx.\n", initializations[i], rc);
        connection_close(&other, SCARD_LEAVE_CARD);

        ended = !WaitForSingleObject(waiting, 60000);
        ok(ended && call.hr == S_OK, "ReAttach(EXCLUSIVE) when the other has left: %#lx.\n", call.hr);
        if (!ended) exit(1); /* the threads still use what is here */
        WaitForSingleObject(getting, INFINITE);
        CloseHandle(waiting);
        CloseHandle(getting);
        check_works(card, "exclusive");
        rc = probe_connect(reader, SCARD_SHARE_SHARED);
        ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Beside EXCLUSIVE: %#lx.\n", rc);
        ISCard_Release(card);
        connection_close(&mine, SCARD_LEAVE_CARD);
    }
}

/* [ours] The object does not wait for the lock that it has itself, through a caller's handle, and keeps it. */
static void test_attach_beside_own_lock(BSTR reader)
{
    struct connection mine;
    struct call call;
    HANDLE thread;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    card = adopt(&mine);
    lock_times(card, 1);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
    memset(&call, 0, sizeof(call));
    call.card = card;
    call.reader = reader;
    call.hr = E_PENDING;
    thread = CreateThread(NULL, 0, shared_call_thread, &call, 0, NULL);
    ok(!WaitForSingleObject(thread, 60000) && call.hr == S_OK, "AttachByReader: %#lx.\n", call.hr);
    while (WaitForSingleObject(thread, 100)) SCardEndTransaction(mine.handle, SCARD_LEAVE_CARD);
    CloseHandle(thread);
    check_works(card, "attached anew");
    check_locks(card, reader, 1, "attached anew");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
}

/* --- a handle that is none --- */

static LONG ended_transactions;

static LONG WINAPI counted_end_transaction(SCARDHANDLE handle, DWORD disposition)
{
    InterlockedIncrement(&ended_transactions);
    return SCardEndTransaction(handle, disposition);
}

/* [ours] The program's locks are not given up, not for a moment, for a call that fails. */
static void test_wrong_handle(BSTR reader)
{
    static const struct replacement counted[] = { { "SCardEndTransaction", counted_end_transaction } };
    static const struct replacement real[] = { { "SCardEndTransaction", SCardEndTransaction } };
    ISCard *card = attach(reader, SHARED);
    struct connection closed;
    ULONG_PTR handles[4];
    unsigned int i;
    HSCARD handle;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&closed, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    handles[0] = 0;
    handles[1] = 0xdeadbeef;
    handles[2] = closed.handle;
    handles[3] = closed.context;
    SCardDisconnect(closed.handle, SCARD_LEAVE_CARD);
    closed.handle = 0;
    lock_times(card, 2);
    if (replace_imports("scardssp.dll", counted, 1) != 1) ok(0, "SCardEndTransaction is not imported.\n");
    for (i = 0; i < ARRAY_SIZE(handles); i++)
    {
        hr = ISCard_AttachByHandle(card, handles[i]);
        ok(hr == E_INVALIDARG, "%u: AttachByHandle: %#lx.\n", i, hr);
    }
    ok(!ended_transactions, "%ld transactions were ended.\n", ended_transactions);
    replace_imports("scardssp.dll", real, 1);
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && handle, "get_CardHandle: %#lx.\n", hr);
    check_locks(card, reader, 2, "wrong handles");
    connection_close(&closed, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* --- a card that is gone, and one that is not there --- */

/* [ours] Detach lets go also where it fails. */
static void test_detach_gone(SCARD_DISPOSITIONS disposition)
{
    struct script_card script;
    struct connection mine;
    HSCARD handle = 1;
    ISCard *card;
    BSTR reader;
    HRESULT hr;
    LONG rc;

    if (!(reader = script_insert(&script, SCRIPT_ATR_T1)))
    {
        skip("No second virtual reader (VPCD_PORT).\n");
        return;
    }
    rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    card = adopt(&mine);
    script_remove(&script);
    hr = ISCard_Detach(card, disposition);
    ok(hr == (disposition == LEAVE ? S_OK : (HRESULT)SCARD_W_REMOVED_CARD), "Detach(%d): %#lx.\n", disposition, hr);
    hr = ISCard_get_CardHandle(card, &handle);
    ok(hr == S_OK && !handle, "Detach(%d): it is still attached: %#lx.\n", disposition, hr);
    rc = SCardDisconnect(mine.handle, SCARD_LEAVE_CARD);
    ok(!rc, "The handle of the caller was closed: %#lx.\n", rc);
    mine.handle = 0;
    connection_close(&mine, SCARD_LEAVE_CARD);
    ISCard_Release(card);
}

/* An exclusive handle whose card was away, adopted before or after that. */
static void test_returned_card(BOOL adopted_before)
{
    struct script_card script;
    struct connection mine;
    ISCard *card = NULL;
    BSTR reader, name;
    HRESULT hr;
    LONG rc;

    if (!(reader = script_insert(&script, SCRIPT_ATR_T1))) return;
    name = SysAllocString(reader);
    rc = connection_open(&mine, name, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    if (adopted_before) card = adopt(&mine);
    script_remove(&script);
    if (!adopted_before) card = adopt(&mine);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD, "ReAttach(SHARED) without card: %#lx.\n", hr);
    script_insert(&script, SCRIPT_ATR_T1);
    script_load(&script, "*>[8]9000");
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach(SHARED): %#lx.\n", hr);
    check_locks(card, name, 0, adopted_before ? "adopted, away and back" : "away and back, adopted");
    check_works(card, "the card is back");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
    script_remove(&script);
    SysFreeString(name);
}

/* --- SCARD_SHARE_DIRECT: a connection without a protocol --- */

static LONG open_direct(struct connection *connection, const WCHAR *reader)
{
    memset(connection, 0, sizeof(*connection));
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &connection->context);
    return SCardConnectW(connection->context, reader, SCARD_SHARE_DIRECT, 0, &connection->handle,
                         &connection->protocol);
}

/* [ours] A protocol that is none is an error, and nothing is sent over it. */
static void test_direct(void)
{
    SCARD_PROTOCOLS protocol = T1;
    SCARD_STATES state = 0;
    struct script_card script;
    struct connection mine;
    ISCard *card;
    BSTR reader;
    WORD status;
    HRESULT hr;
    LONG rc;

    if (!(reader = script_insert(&script, SCRIPT_ATR_T1))) return;
    script_load(&script, "");
    rc = open_direct(&mine, reader);
    ok(!rc && !mine.protocol, "SCardConnect(DIRECT): %#lx, protocol %lu.\n", rc, mine.protocol);
    card = adopt(&mine);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH && !protocol, "get_Protocol: %#lx, %d.\n", hr, protocol);
    hr = exchange(card, &status);
    ok(hr == (HRESULT)SCARD_E_PROTO_MISMATCH && !status, "Transaction: %#lx, %04x.\n", hr, status);
    script_check(&script, "Without a protocol");
    script_load(&script, "*>[8]9000");
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == S_OK && protocol == T1, "get_Protocol: %#lx, %d.\n", hr, protocol);
    check_works(card, "with a protocol");
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);

    /* An empty reader. */
    reader = SysAllocString(reader);
    script_remove(&script);
    rc = open_direct(&mine, reader);
    ok(!rc, "SCardConnect(DIRECT): %#lx.\n", rc);
    card = adopt(&mine);
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state == ABSENT, "get_Status: %#lx, %d.\n", hr, state);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD && !protocol, "get_Protocol: %#lx, %d.\n", hr, protocol);
    hr = exchange(card, &status);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD && !status, "Transaction: %#lx, %04x.\n", hr, status);
    ISCard_Release(card);
    connection_close(&mine, SCARD_LEAVE_CARD);
    SysFreeString(reader);
}

START_TEST(card_sharing)
{
    BSTR reader;

    CoInitialize(NULL);
    if ((reader = find_card_reader(card_expected() ? 10000 : 0)))
    {
        test_lock_until_shared(reader);
        test_lock_until_exclusive(reader);
        test_lock_same_reader(reader);
        test_lock_failed_calls(reader);
        test_handle_until_shared(reader);
        test_reset_handle_until_shared(reader);
        test_reset_locked_handle_until_shared(reader);
        test_own_lock_until_shared(reader);
        test_changed_behind(reader);
        test_detach_reset_lock(reader);
        test_waiting_for_exclusive(reader);
        test_attach_beside_own_lock(reader);
        test_wrong_handle(reader);
        test_detach_gone(LEAVE);
        test_detach_gone(RESET);
        test_detach_gone(UNPOWER);
        test_returned_card(TRUE);
        test_returned_card(FALSE);
        test_direct();
        SysFreeString(reader);
    }
    else if (card_expected()) ok(0, "No card in any reader.\n");
    else skip("No card in any reader.\n");
    CoUninitialize();
}
