/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What pcsc-lite's own list of unit tests (UnitaryTests in its sources) pins down for a client, where it reaches a
 * program through scardssp.dll and no row of the other programs shows it already. docs/developers/reliability.md has the whole
 * list.
 */

#define COBJMACROS
#include "faults.h"

#define WAITS_FOR 500 /* ms after which a call counts as waiting */
#define IDLE_FOR 2000 /* ms, in which pcscd would have powered off a card that nobody is connected to */

static void check_got(const struct result *result, const char *expected)
{
    ok(!strcmp(result->got, expected), "%s, expected %s.\n", result->got, expected);
}

static void check_connects(const WCHAR *reader, DWORD share, LONG expected)
{
    struct connection connection;
    LONG rc = connection_open(&connection, reader, share);

    ok(rc == expected, "Another connection: %s, expected %s.\n", code_name(rc), code_name(expected));
    connection_close(&connection, SCARD_LEAVE_CARD);
}

/* ---- calls while another object has the lock: _deadlock, _SharedMode, SCardBlockingBehaviourTest ---- */

struct beside
{
    HRESULT (*call)(ISCard *card);
    const char *got;
};

struct attempt
{
    ISCard *card;
    HRESULT (*call)(ISCard *card);
    HRESULT hr;
};

static HRESULT call_attach(ISCard *card)
{
    ISCard *another = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(another, demo_reader, SHARED, T0 | T1);
    ISCard_Release(another);
    return hr;
}

static HRESULT call_reattach(ISCard *card)
{
    return ISCard_ReAttach(card, SHARED, LEAVE);
}

static HRESULT call_lock(ISCard *card)
{
    HRESULT hr;

    hr = ISCard_LockSCard(card);
    return hr == S_OK ? ISCard_UnlockSCard(card, LEAVE) : hr;
}

static HRESULT call_transaction(ISCard *card)
{
    struct result result;

    return try_transaction(card, "0084000008", &result);
}

static HRESULT call_status(ISCard *card)
{
    SCARD_STATES state;

    return ISCard_get_Status(card, &state);
}

static HRESULT call_detach(ISCard *card)
{
    return ISCard_Detach(card, LEAVE);
}

static DWORD WINAPI attempt_thread(void *arg)
{
    struct attempt *attempt = arg;

    attempt->hr = attempt->call(attempt->card);
    return 0;
}

static void run_beside(const struct row *row, struct result *result)
{
    const struct beside *beside = row->detail;
    ISCard *owner = attach_card(demo_reader, T0 | T1);
    struct attempt attempt = { attach_card(demo_reader, T0 | T1), beside->call, E_FAIL };
    BOOL waits, ended;
    HANDLE thread;
    HRESULT hr;

    hr = ISCard_LockSCard(owner);
    ok(hr == S_OK, "LockSCard: %s.\n", code_name(hr));
    thread = CreateThread(NULL, 0, attempt_thread, &attempt, 0, NULL);
    waits = WaitForSingleObject(thread, WAITS_FOR) == WAIT_TIMEOUT;
    ok(transacts(owner), "The owner of the lock does not get through.\n");
    hr = ISCard_UnlockSCard(owner, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %s.\n", code_name(hr));
    ended = !WaitForSingleObject(thread, PATIENCE);
    ok(ended, "It waits although the lock is free.\n");
    if (!ended) exit(1); /* the thread still uses what is here */
    CloseHandle(thread);
    sprintf(result->got, waits ? "waits, then %s" : "%s at once", code_name(attempt.hr));
    check_got(result, beside->got);
    go_on(attempt.card, demo_reader, T0 | T1, result);
    ISCard_Release(attempt.card);
    ISCard_Release(owner);
}

/* ---- locks ---- */

/* _Reset: whoever has no lock cannot reset the card by ending one. */
static void run_foreign_unlock(const struct row *row, struct result *result)
{
    ISCard *owner = attach_card(demo_reader, T0 | T1), *card = attach_card(demo_reader, T0 | T1);
    HRESULT hr;

    hr = ISCard_LockSCard(owner);
    ok(hr == S_OK, "LockSCard: %s.\n", code_name(hr));
    strcpy(result->got, code_name(ISCard_UnlockSCard(card, UNPOWER)));
    check_got(result, "SCARD_E_NOT_TRANSACTED");
    ok(transacts(owner), "The card was reset under its owner.\n");
    hr = ISCard_UnlockSCard(owner, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %s.\n", code_name(hr));
    go_on(card, demo_reader, T0 | T1, result);
    ISCard_Release(card);
    ISCard_Release(owner);
}

/* _Disconnect: both locks end with the connection. */
static void run_detach_locked(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card;
    BSTR reader;

    reader = insert_ready_card(&script);
    card = attach_card(reader, T1);
    ok(ISCard_LockSCard(card) == S_OK && ISCard_LockSCard(card) == S_OK, "LockSCard failed.\n");
    strcpy(result->got, code_name(ISCard_Detach(card, RESET)));
    check_got(result, "S_OK");
    check_connects(reader, SCARD_SHARE_EXCLUSIVE, SCARD_S_SUCCESS);
    end_with_card(card, &script, result);
}

/* _ExclusiceMode: a lock that began and ended while another left does not stand in the way of having the card alone. */
static void run_alone_after_lock(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card, *other;
    BSTR reader;

    reader = insert_ready_card(&script);
    card = attach_card(reader, T1);
    other = attach_card(reader, T1);
    ok(ISCard_LockSCard(card) == S_OK, "LockSCard failed.\n");
    ok(ISCard_Detach(other, LEAVE) == S_OK, "Detach beside the lock failed.\n");
    ok(ISCard_UnlockSCard(card, LEAVE) == S_OK && ISCard_Detach(card, LEAVE) == S_OK, "Detach failed.\n");
    strcpy(result->got, code_name(ISCard_AttachByReader(card, reader, EXCLUSIVE, T1)));
    check_got(result, "S_OK");
    go_on(card, reader, T1, result);
    ISCard_Release(card);
    ISCard_Release(other);
    script_remove(&script);
}

/* SCardBeginTransaction: the card was away between connecting and locking. */
static void run_lock_other_card(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card;
    BSTR reader;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    card = attach_card(reader, T1);
    script_remove(&script);
    reader = insert_ready_card(&script);
    strcpy(result->got, code_name(ISCard_LockSCard(card)));
    check_got(result, "SCARD_W_REMOVED_CARD");
    end_with_card(card, &script, result);
}

/* ---- having the card alone: SCardExclusiveBehaviour, SCardReconnect ---- */

static void run_alone_beside_shared(const struct row *row, struct result *result)
{
    ISCard *shared = attach_card(demo_reader, T0 | T1), *card = create_card();

    strcpy(result->got, code_name(ISCard_AttachByReader(card, demo_reader, EXCLUSIVE, T0 | T1)));
    check_got(result, "SCARD_E_SHARING_VIOLATION");
    ok(transacts(shared), "The other object does not work any more.\n");
    go_on(card, demo_reader, T0 | T1, result);
    ISCard_Release(card);
    ISCard_Release(shared);
}

static void run_reattach_alone(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card;
    BSTR reader;

    reader = insert_ready_card(&script);
    card = attach_card(reader, T1);
    strcpy(result->got, code_name(ISCard_ReAttach(card, EXCLUSIVE, LEAVE)));
    check_got(result, "S_OK");
    check_connects(reader, SCARD_SHARE_SHARED, (LONG)SCARD_E_SHARING_VIOLATION);
    ok(ISCard_Detach(card, RESET) == S_OK, "Detach(RESET) failed.\n");
    end_with_card(card, &script, result);
}

/* ---- power: CheckAutoPowerOff ---- */

/* A card that is connected to keeps its power, also one that came back. */
static void run_idle_attached(const struct row *row, struct result *result)
{
    SCARD_PROTOCOLS protocol = 0;
    struct script_card script;
    SCARD_STATES state = 0;
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    card = attach_card(reader, T1);
    script_remove(&script);
    reader = insert_ready_card(&script);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %s.\n", code_name(hr));
    Sleep(IDLE_FOR);
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state >= NEGOTIABLEMODE, "Status: %s, %d.\n", code_name(hr), state);
    hr = ISCard_get_Protocol(card, &protocol);
    ok(hr == S_OK && protocol == T1, "Protocol: %s, %d.\n", code_name(hr), protocol);
    try_transaction(card, "0084000008", result);
    check_got(result, "8 bytes, 9000");
    end_with_card(card, &script, result);
}

/* One that nobody is connected to is powered off by pcscd, and gets power again. */
static void run_idle_alone(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    reader = insert_ready_card(&script);
    card = attach_card(reader, T1);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %s.\n", code_name(hr));
    Sleep(IDLE_FOR);
    sprintf(result->got, "AttachByReader: %s", code_name(ISCard_AttachByReader(card, reader, SHARED, T1)));
    check_got(result, "AttachByReader: S_OK");
    end_with_card(card, &script, result);
}

/* ---- many threads: ThreadSafe, ThreadSafeConnect ---- */

#define MAX_THREADS 100 /* as in ThreadSafe */
#define ROUNDS 10

static LONG failures;

static DWORD WINAPI create_thread(void *arg)
{
    ISCard *card;
    int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < ROUNDS; i++)
    {
        if (CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card) == S_OK)
            ISCard_Release(card);
        else InterlockedIncrement(&failures);
    }
    CoUninitialize();
    return 0;
}

static DWORD WINAPI attach_thread(void *arg)
{
    ISCard *card;
    int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    card = create_card();
    for (i = 0; i < ROUNDS; i++)
    {
        if (ISCard_AttachByReader(card, demo_reader, SHARED, T0 | T1) != S_OK || ISCard_Detach(card, LEAVE) != S_OK)
            InterlockedIncrement(&failures);
    }
    ISCard_Release(card);
    CoUninitialize();
    return 0;
}

struct crowd
{
    LPTHREAD_START_ROUTINE function;
    unsigned int count;
};

static void run_crowd(const struct row *row, struct result *result)
{
    const struct crowd *crowd = row->detail;
    ISCard *card = attach_card(demo_reader, T0 | T1);
    HANDLE threads[MAX_THREADS];
    unsigned int i;

    failures = 0;
    for (i = 0; i < crowd->count; i++) threads[i] = CreateThread(NULL, 0, crowd->function, NULL, 0, NULL);
    for (i = 0; i < crowd->count; i++)
    {
        if (WaitForSingleObject(threads[i], 6 * PATIENCE)) InterlockedIncrement(&failures);
        CloseHandle(threads[i]);
    }
    ok(!failures, "%ld failures.\n", failures);
    sprintf(result->got, "%s, %u times", failures ? "failures" : "S_OK", crowd->count * ROUNDS);
    go_on(card, demo_reader, T0 | T1, result);
    ISCard_Release(card);
}

#define BESIDE(name, call, got) { name, "the next transaction", run_beside, &(const struct beside){ call, got } }
#define CROWD(name, function, count) \
    { name, "the next transaction", run_crowd, &(const struct crowd){ function, count } }

static const struct row rows[] =
{
    BESIDE("AttachByReader while another has the lock", call_attach, "waits, then S_OK"),
    BESIDE("ReAttach while another has the lock", call_reattach, "waits, then S_OK"),
    BESIDE("LockSCard while another has the lock", call_lock, "waits, then S_OK"),
    BESIDE("Transaction while another has the lock", call_transaction, "waits, then S_OK"),
    BESIDE("Status while another has the lock", call_status, "waits, then S_OK"),
    { "Detach while another has the lock", "AttachByReader", run_beside,
      &(const struct beside){ call_detach, "S_OK at once" } },
    { "UnlockSCard(UNPOWER) of another's lock", "the next transaction", run_foreign_unlock, NULL },
    { "Detach(RESET) with two locks", "AttachByReader", run_detach_locked, NULL },
    { "EXCLUSIVE after a lock during which another left", "the next transaction", run_alone_after_lock, NULL },
    { "LockSCard after the card was away", "ReAttach", run_lock_other_card, NULL },
    { "EXCLUSIVE while another shares the card", "AttachByReader", run_alone_beside_shared, NULL },
    { "ReAttach(EXCLUSIVE), then Detach(RESET)", "AttachByReader", run_reattach_alone, NULL },
    { "idle card, attached after it was away", "the next transaction", run_idle_attached, NULL },
    { "idle card that pcscd has powered off", "the next transaction", run_idle_alone, NULL },
    CROWD("100 threads create objects", create_thread, 100),
    CROWD("10 threads attach and detach", attach_thread, 10),
};

START_TEST(pcsclite)
{
    run_rows(rows, ARRAY_SIZE(rows));
}
