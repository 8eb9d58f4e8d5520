/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faults that another process makes: it resets or unpowers the card, has it alone, locks it, or is killed with a lock. */

#define COBJMACROS
#include "faults.h"

#define WAITS_FOR 500 /* ms after which a call counts as waiting */

/* ---- the other process ---- */

static HANDLE open_event(const WCHAR *name)
{
    return CreateEventW(NULL, TRUE, FALSE, name);
}

/* What the other process reports, and what it is told. */
#define IS_DONE L"scardssp-fault-done"
#define LET_GO L"scardssp-fault-let-go"

static void report_and_wait(void)
{
    SetEvent(open_event(IS_DONE));
    WaitForSingleObject(open_event(LET_GO), 6 * PATIENCE);
}

static int end_with(const WCHAR *reader, DWORD disposition)
{
    struct connection connection;
    LONG rc = connection_open(&connection, reader, SCARD_SHARE_SHARED);

    connection_close(&connection, disposition);
    return rc != 0;
}

static int have_alone(const WCHAR *reader)
{
    struct connection connection;
    LONG rc = connection_open(&connection, reader, SCARD_SHARE_EXCLUSIVE);

    report_and_wait();
    connection_close(&connection, SCARD_LEAVE_CARD);
    return rc != 0;
}

static int lock(const WCHAR *reader)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, SysAllocString(reader), SHARED, T0 | T1);
    if (hr == S_OK) hr = ISCard_LockSCard(card);
    if (hr == S_OK) report_and_wait();
    if (hr == S_OK) hr = ISCard_UnlockSCard(card, LEAVE);
    return hr != S_OK;
}

/* Locks the second reader, and when told so the first: an attempt that waits for its owner. */
static int lock_both(const WCHAR *reader, const WCHAR *second)
{
    ISCard *wanted = create_card(), *held = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(wanted, SysAllocString(reader), SHARED, T0 | T1);
    if (hr == S_OK) hr = ISCard_AttachByReader(held, SysAllocString(second), SHARED, T0 | T1);
    if (hr == S_OK) hr = ISCard_LockSCard(held);
    if (hr == S_OK) report_and_wait();
    if (hr == S_OK) hr = ISCard_LockSCard(wanted);
    if (hr == S_OK) hr = ISCard_UnlockSCard(wanted, LEAVE);
    if (hr == S_OK) hr = ISCard_UnlockSCard(held, LEAVE);
    return hr != S_OK;
}

static int run_task(const char *task, const WCHAR *reader, const WCHAR *second)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (!strcmp(task, "reset")) return end_with(reader, SCARD_RESET_CARD);
    if (!strcmp(task, "unpower")) return end_with(reader, SCARD_UNPOWER_CARD);
    if (!strcmp(task, "alone")) return have_alone(reader);
    return second ? lock_both(reader, second) : lock(reader);
}

static HANDLE start_process(const WCHAR *task, const WCHAR *reader, const WCHAR *second)
{
    WCHAR arguments[600];
    HANDLE process;

    ResetEvent(open_event(IS_DONE));
    ResetEvent(open_event(LET_GO));
    _snwprintf(arguments, ARRAY_SIZE(arguments), second ? L"%ls \"%ls\" \"%ls\"" : L"%ls \"%ls\"", task, reader,
               second);
    if (!(process = start_again(arguments)))
    {
        ok(0, "CreateProcess: %lu.\n", GetLastError());
        exit(1);
    }
    return process;
}

static void await_report(void)
{
    ok(!WaitForSingleObject(open_event(IS_DONE), 3 * PATIENCE), "The other process reports nothing.\n");
}

static void end_process(HANDLE process, BOOL kill)
{
    DWORD code = 99;

    if (kill) TerminateProcess(process, 9);
    else SetEvent(open_event(LET_GO));
    ok(!WaitForSingleObject(process, 3 * PATIENCE), "The other process does not end.\n");
    GetExitCodeProcess(process, &code);
    ok(code == (kill ? 9 : 0), "The other process ended with %lu.\n", code);
    CloseHandle(process);
}

/* ---- the rows ---- */

static void run_ended(const struct row *row, struct result *result)
{
    ISCard *card = attach_card(demo_reader, T0 | T1);
    HANDLE process;
    DWORD code = 99;

    ok(transacts(card), "It does not work before.\n");
    process = start_process(row->detail, demo_reader, NULL);
    ok(!WaitForSingleObject(process, 3 * PATIENCE) && GetExitCodeProcess(process, &code) && !code,
       "The other process failed: %lu.\n", code);
    CloseHandle(process);
    try_transaction(card, "0084000008", result);
    go_on(card, demo_reader, T0 | T1, result);
    ISCard_Release(card);
}

/* The bystander of the same card sees the reset as well, and goes on by SCardReconnect. */
static void run_reset(const struct row *row, struct result *result)
{
    struct connection bystander;
    BOOL unaffected;
    DWORD protocol;
    LONG rc;

    rc = open_powered(&bystander, demo_reader);
    ok(!rc, "SCardConnect: %s.\n", code_name(rc));
    run_ended(row, result);
    ok(strcmp(result->got, "8 bytes, 9000"), "The reset went unnoticed.\n");
    unaffected = transmits(&bystander);
    rc = SCardReconnect(bystander.handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, &protocol);
    result->others = unaffected ? "unaffected" : !rc && transmits(&bystander) ? "the same; SCardReconnect" : "AFFECTED";
    connection_close(&bystander, SCARD_LEAVE_CARD);
}

/* Connecting gives the card power, although pcsc-lite may refuse that for a while when all have left. */
static void run_unpowered(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card, *again;
    HANDLE process;
    BSTR reader;
    HRESULT hr;

    reader = insert_ready_card(&script);
    card = attach_card(reader, T1);
    process = start_process(L"unpower", reader, NULL);
    ok(!WaitForSingleObject(process, 3 * PATIENCE), "The other process does not end.\n");
    CloseHandle(process);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %s.\n", code_name(hr));
    ISCard_Release(card);
    again = create_card();
    hr = ISCard_AttachByReader(again, reader, SHARED, T1);
    ok(hr == S_OK, "AttachByReader: %s.\n", code_name(hr));
    sprintf(result->got, "AttachByReader: %s", code_name(hr));
    end_with_card(again, &script, result);
}

static void run_alone(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card = create_card();
    HANDLE process;
    BSTR reader;
    HRESULT hr;

    reader = insert_ready_card(&script);
    process = start_process(L"alone", reader, NULL);
    await_report();
    hr = ISCard_AttachByReader(card, reader, SHARED, T1);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader: %s.\n", code_name(hr));
    strcpy(result->got, code_name(hr));
    end_process(process, FALSE);
    go_on(card, reader, T1, result);
    strcat(result->again, ", once the owner is gone");
    ISCard_Release(card);
    script_remove(&script);
}

struct locking
{
    ISCard *card;
    HRESULT hr;
};

static DWORD WINAPI lock_thread(void *arg)
{
    struct locking *locking = arg;

    locking->hr = ISCard_LockSCard(locking->card);
    return 0;
}

/* Locks in a thread; it must wait. */
static HANDLE start_lock(struct locking *locking)
{
    HANDLE thread = CreateThread(NULL, 0, lock_thread, locking, 0, NULL);

    ok(WaitForSingleObject(thread, WAITS_FOR) == WAIT_TIMEOUT, "LockSCard beside the other lock: %s.\n",
       code_name(locking->hr));
    return thread;
}

/* killed: the lock's owner, whose lock pcsc-lite ends by a reset of the card. */
static void finish_lock(struct locking *locking, HANDLE thread, BOOL killed, const char *after, struct result *result)
{
    BOOL ended = !WaitForSingleObject(thread, PATIENCE);

    ok(ended, "LockSCard waits although the lock is free.\n");
    if (!ended) exit(1); /* the thread still uses what is here */
    CloseHandle(thread);
    ok(locking->hr == (killed ? (HRESULT)SCARD_W_RESET_CARD : S_OK), "LockSCard: %s.\n", code_name(locking->hr));
    sprintf(result->got, "LockSCard waits, then %s%s", code_name(locking->hr), after);
}

/* The lock's owner is killed, or unlocks: row->detail. */
static void run_lock(const struct row *row, struct result *result)
{
    struct locking locking;
    struct script_card script;
    BOOL kill = !strcmp(row->detail, "kill");
    HANDLE process, thread;
    BSTR reader;

    reader = insert_ready_card(&script);
    locking.card = attach_card(reader, T1);
    locking.hr = S_OK;
    process = start_process(L"lock", reader, NULL);
    await_report();
    thread = start_lock(&locking);
    end_process(process, kill);
    finish_lock(&locking, thread, kill, "", result);
    end_with_card(locking.card, &script, result);
}

/* Each has one card and wants the other's: both wait, until one of them unlocks or is killed. */
static void run_opposite(const struct row *row, struct result *result)
{
    struct locking locking;
    struct script_card script;
    HANDLE process, thread;
    BOOL kill = !strcmp(row->detail, "kill");
    ISCard *first;
    BSTR reader;
    HRESULT hr;

    reader = insert_ready_card(&script);
    first = attach_card(demo_reader, T0 | T1);
    locking.card = attach_card(reader, T1);
    locking.hr = S_OK;
    process = start_process(L"lock", demo_reader, reader);
    await_report();
    hr = ISCard_LockSCard(first);
    ok(hr == S_OK, "LockSCard: %s.\n", code_name(hr));
    SetEvent(open_event(LET_GO));
    thread = start_lock(&locking);
    ok(WaitForSingleObject(process, WAITS_FOR) == WAIT_TIMEOUT, "The other process does not wait.\n");
    if (!kill)
    {
        hr = ISCard_UnlockSCard(first, LEAVE);
        ok(hr == S_OK, "UnlockSCard: %s.\n", code_name(hr));
    }
    end_process(process, kill);
    finish_lock(&locking, thread, kill, kill ? " when the other is killed" : " when this one unlocks", result);
    go_on(locking.card, reader, T1, result);
    ok(transacts(first), "The first card does not work.\n");
    ISCard_Release(locking.card);
    ISCard_Release(first);
    script_remove(&script);
}

static const struct row rows[] =
{
    { "card reset by another process", "ReAttach", run_reset, L"reset" },
    { "card unpowered by another process", "ReAttach", run_reset, L"unpower" },
    { "card unpowered by another process, then all leave", "the next transaction", run_unpowered, NULL },
    { "exclusive owner in another process", "AttachByReader, once the owner is gone", run_alone, NULL },
    { "lock held by another process, which unlocks", "the next transaction", run_lock, "unlock" },
    { "the owner of a lock killed", "ReAttach", run_lock, "kill" },
    { "two processes lock in opposite order, this one unlocks", "the next transaction", run_opposite, "unlock" },
    { "two processes lock in opposite order, the other is killed", "ReAttach", run_opposite, "kill" },
};

static const WCHAR *reader_name(const char *argument, WCHAR name[256])
{
    MultiByteToWideChar(CP_ACP, 0, argument, -1, name, 256);
    return name;
}

START_TEST(clients)
{
    WCHAR first[256], second[256];
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc >= 4)
        exit(run_task(argv[2], reader_name(argv[3], first), argc == 5 ? reader_name(argv[4], second) : NULL));
    run_rows(rows, ARRAY_SIZE(rows));
}
