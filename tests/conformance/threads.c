/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sixteen threads on one object and on objects of their own, and two processes that share a card: nothing hangs, no
 * reply is torn or another's, no lock is lost. bytebuffer_threads.c does the same to IByteBuffer. The program calls
 * itself as the second process: "threads count READER", "threads hold READER".
 */

#define COBJMACROS
#include "card_common.h"
#include "object_rules.h"

#define THREADS 16
#define PATIENCE 120000

/* What one thread is given, and how often it met what it must not. */
struct worker
{
    unsigned int number;
    ISCard *card;
    ISCardCmd *cmd;
    BSTR reader;
    LONG bad;
};

/* Runs the function in THREADS threads at once; each gets a copy of the worker with a number of its own. */
static void run_workers(int line, LPTHREAD_START_ROUTINE function, const struct worker *template)
{
    struct worker workers[THREADS];
    HANDLE threads[THREADS];
    unsigned int i;
    DWORD result;

    for (i = 0; i < THREADS; i++)
    {
        workers[i] = *template;
        workers[i].number = i;
        threads[i] = CreateThread(NULL, 0, function, &workers[i], 0, NULL);
    }
    result = WaitForMultipleObjects(THREADS, threads, TRUE, PATIENCE);
    ok_(__FILE__, line)(result < WAIT_OBJECT_0 + THREADS, "The threads hang: %#lx.\n", result);
    if (result == WAIT_TIMEOUT) exit(1); /* they still use what is here */
    for (i = 0; i < THREADS; i++)
    {
        ok_(__FILE__, line)(!workers[i].bad, "Thread %u: %ld times wrong.\n", i, workers[i].bad);
        CloseHandle(threads[i]);
    }
}
#define run_workers(function, worker) run_workers(__LINE__, function, worker)

/* The content of a buffer that an object handed out, which is released; -1 where it could not be read. */
static LONG take_content(IByteBuffer *buffer, BYTE *bytes, LONG size)
{
    LONG count = -1;

    if (IByteBuffer_Read(buffer, bytes, size, &count) != S_OK) count = -1;
    IByteBuffer_Release(buffer);
    return count;
}

static BOOL all_are(const BYTE *bytes, LONG count, BYTE value)
{
    while (count--) if (*bytes++ != value) return FALSE;
    return TRUE;
}

/* ---- one ISCardCmd ---- */

/* The command of thread n is n n n n, n + 1 bytes of n, and n + 1 expected. */
static BOOL is_somebodys_apdu(const BYTE *apdu, LONG size)
{
    BYTE n = apdu[0];

    return size == n + 7 && all_are(apdu, 4, n) && apdu[4] == n + 1 && all_are(apdu + 5, n + 1, n)
           && apdu[size - 1] == n + 1;
}

/* Its reply is n + 1 bytes of n with the status 90 n. */
static BOOL is_somebodys_reply(const BYTE *reply, LONG size)
{
    BYTE n = reply[0];

    return size == n + 3 && all_are(reply, n + 1, n) && reply[size - 2] == 0x90 && reply[size - 1] == n;
}

static DWORD WINAPI cmd_thread(void *arg)
{
    struct worker *worker = arg;
    BYTE n = (BYTE)worker->number, bytes[64];
    IByteBuffer *data, *reply, *buffer;
    LONG le = n + 1, count;
    unsigned int i;
    WORD status;

    memset(bytes, n, sizeof(bytes));
    data = create_buffer(bytes, n + 1);
    bytes[n + 1] = 0x90;
    reply = create_buffer(bytes, n + 3);
    for (i = 0; i < 500; i++)
    {
        if (ISCardCmd_BuildCmd(worker->cmd, n, n, n, n, data, &le) != S_OK) worker->bad++;
        buffer = NULL;
        if (ISCardCmd_get_Apdu(worker->cmd, &buffer) != S_OK || !buffer) worker->bad++;
        else
        {
            count = take_content(buffer, bytes, sizeof(bytes));
            if (!is_somebodys_apdu(bytes, count)) worker->bad++;
        }
        if (ISCardCmd_put_ApduReply(worker->cmd, reply) != S_OK) worker->bad++;
        buffer = NULL;
        if (ISCardCmd_get_ApduReply(worker->cmd, &buffer) != S_OK) worker->bad++;
        else if (buffer) /* none where somebody has built the next command */
        {
            count = take_content(buffer, bytes, sizeof(bytes));
            if (!is_somebodys_reply(bytes, count)) worker->bad++;
        }
        if (ISCardCmd_get_ReplyStatus(worker->cmd, &status) != S_OK
            || (status && (status < 0x9000 || status >= 0x9000 + THREADS)))
            worker->bad++;
    }
    IByteBuffer_Release(data);
    IByteBuffer_Release(reply);
    return 0;
}

/* [ours] Every call on a command is one piece. */
static void test_cmd(void)
{
    struct worker worker = { 0 };

    worker.cmd = create_cmd();
    run_workers(cmd_thread, &worker);
    ISCardCmd_Release(worker.cmd);
}

/* ---- late binding, from the first use on ---- */

/* Creates, asks and releases: the type information of a class is loaded and read by whoever comes first. */
static DWORD WINAPI late_thread(void *arg)
{
    static const struct { const CLSID *clsid; const WCHAR *member; } classes[] =
    {
        { &CLSID_CSCardCmd, L"ApduLength" },
        { &CLSID_CSCardTypeConv, L"CreateByteBuffer" },
        { &CLSID_CSCardISO7816, L"GetChallenge" },
        { &CLSID_CByteBuffer, L"Commit" },
    };
    struct worker *worker = arg;
    DISPPARAMS params = { 0 };
    VARIANTARG number;
    IDispatch *object;
    unsigned int i, j;
    VARIANT result;
    OLECHAR *name;
    DISPID id;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < 50; i++)
    {
        for (j = 0; j < ARRAY_SIZE(classes); j++)
        {
            object = create_object(classes[j].clsid, &IID_IDispatch);
            name = (OLECHAR *)classes[j].member;
            if (IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id) != S_OK) worker->bad++;
            V_VT(&number) = VT_I4;
            V_I4(&number) = 8;
            params.rgvarg = &number;
            params.cArgs = j == 1 || j == 3;
            VariantInit(&result);
            if (j != 2 && IDispatch_Invoke(object, id, &IID_NULL, LOCALE_NEUTRAL,
                                           j ? DISPATCH_METHOD : DISPATCH_PROPERTYGET, &params, &result, NULL,
                                           NULL) != S_OK)
                worker->bad++;
            VariantClear(&result);
            IDispatch_Release(object);
        }
    }
    CoUninitialize();
    return 0;
}

static void test_late_binding(void)
{
    struct worker worker = { 0 };

    run_workers(late_thread, &worker);
}

/* ---- the card ---- */

static ISCard *attach(BSTR reader)
{
    ISCard *card = create_card();
    HRESULT hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);

    if (hr != S_OK) ok(0, "AttachByReader: %s.\n", dbgstr_hr(hr));
    return card;
}

/* Transmits; returns the status, 0 for none. The data of the reply is copied where there is a place for it. */
static WORD transmit(ISCard *card, ISCardCmd *cmd, const char *apdu, BYTE *data, LONG size)
{
    IByteBuffer *buffer = create_hex_buffer(apdu), *reply = NULL;
    BYTE bytes[300];
    WORD status = 0;
    LONG count;

    if (ISCardCmd_put_Apdu(cmd, buffer) == S_OK && ISCard_Transaction(card, &cmd) == S_OK
        && ISCardCmd_get_ReplyStatus(cmd, &status) == S_OK && data
        && ISCardCmd_get_ApduReply(cmd, &reply) == S_OK && reply)
    {
        count = take_content(reply, bytes, sizeof(bytes));
        if (count == size + 2) memcpy(data, bytes, size);
        else status = 0;
    }
    IByteBuffer_Release(buffer);
    return status;
}

#define SELECT_MEMBERSHIP "00a4040c06f057494e4501"
#define SELECT_ARCHIVE "00a4040c06f057494e4502"
#define SELECT_PATTERN "00a4020c020001"

/* Byte n of the archive's first file is n + n / 256. */
static BOOL is_pattern(const BYTE *bytes, LONG count, LONG offset)
{
    LONG i;

    for (i = 0; i < count; i++) if (bytes[i] != (BYTE)(offset + i + (offset + i) / 256)) return FALSE;
    return TRUE;
}

/* Reads its own piece of the file, with a command of its own, now and then under a lock. */
static DWORD WINAPI card_thread(void *arg)
{
    struct worker *worker = arg;
    ISCardCmd *cmd = create_cmd();
    LONG offset = worker->number * 50;
    BYTE bytes[200];
    char apdu[16];
    unsigned int i;
    BOOL locked;

    for (i = 0; i < 40; i++)
    {
        LONG size = 1 + (worker->number * 7 + i * 11) % 200;

        if ((size + 12) % 64 == 0) size++; /* QEMU's USB reader loses its step where a reply just fills its packets */
        locked = i % 5 == 0;
        if (locked && ISCard_LockSCard(worker->card) != S_OK) worker->bad++;
        sprintf(apdu, "00b0%04lx%02lx", offset, size);
        memset(bytes, 0, sizeof(bytes));
        if (transmit(worker->card, cmd, apdu, bytes, size) != 0x9000 || !is_pattern(bytes, size, offset))
            worker->bad++;
        if (locked && ISCard_UnlockSCard(worker->card, LEAVE) != S_OK) worker->bad++;
    }
    ISCardCmd_Release(cmd);
    return 0;
}

/* [ours] Calls on one card are exchanges one after the other, and as many locks end as began. */
static void test_one_card(BSTR reader)
{
    struct worker worker = { 0 };
    struct connection other;
    HRESULT hr;
    WORD status;
    LONG rc;

    worker.card = attach(reader);
    worker.cmd = create_cmd();
    status = transmit(worker.card, worker.cmd, SELECT_ARCHIVE, NULL, 0);
    ok(status == 0x9000, "SELECT of the archive: %04x.\n", status);
    status = transmit(worker.card, worker.cmd, SELECT_PATTERN, NULL, 0);
    ok(status == 0x9000, "SELECT of its file: %04x.\n", status);
    run_workers(card_thread, &worker);

    hr = ISCard_UnlockSCard(worker.card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "One lock too many is left: %s.\n", dbgstr_hr(hr));
    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "Another connection: %#lx.\n", rc);
    if (!rc) rc = SCardBeginTransaction(other.handle);
    ok(!rc, "Its transaction: %#lx.\n", rc);
    if (!rc) SCardEndTransaction(other.handle, SCARD_LEAVE_CARD);
    connection_close(&other, SCARD_LEAVE_CARD);
    ISCardCmd_Release(worker.cmd);
    ISCard_Release(worker.card);
}

/* Builds into the command that all share and transmits it; whose reply is in it then is a matter of luck. */
static DWORD WINAPI card_and_cmd_thread(void *arg)
{
    struct worker *worker = arg;
    IByteBuffer *reply;
    LONG le = 16, count, offset = worker->number * 16;
    BYTE bytes[64];
    unsigned int i;

    for (i = 0; i < 40; i++)
    {
        if (ISCardCmd_BuildCmd(worker->cmd, 0x00, 0xb0, (BYTE)(offset >> 8), (BYTE)offset, NULL, &le) != S_OK
            || ISCard_Transaction(worker->card, &worker->cmd) != S_OK)
            worker->bad++;
        reply = NULL;
        if (ISCardCmd_get_ApduReply(worker->cmd, &reply) != S_OK) worker->bad++;
        if (!reply) continue;
        count = take_content(reply, bytes, sizeof(bytes));
        if (count != 18 || bytes[16] != 0x90 || bytes[17] || bytes[0] % 16 || !is_pattern(bytes, 16, bytes[0]))
            worker->bad++;
    }
    return 0;
}

static void test_one_card_and_cmd(BSTR reader)
{
    struct worker worker = { 0 };
    WORD status;

    worker.card = attach(reader);
    worker.cmd = create_cmd();
    transmit(worker.card, worker.cmd, SELECT_ARCHIVE, NULL, 0);
    status = transmit(worker.card, worker.cmd, SELECT_PATTERN, NULL, 0);
    ok(status == 0x9000, "SELECT: %04x.\n", status);
    run_workers(card_and_cmd_thread, &worker);
    ISCardCmd_Release(worker.cmd);
    ISCard_Release(worker.card);
}

/* ---- a number on the card, which all add to ---- */

static BOOL read_number(ISCard *card, ISCardCmd *cmd, LONG *number)
{
    BYTE bytes[2];

    if (transmit(card, cmd, SELECT_MEMBERSHIP, NULL, 0) != 0x9000
        || transmit(card, cmd, "00b0860002", bytes, sizeof(bytes)) != 0x9000)
        return FALSE;
    *number = bytes[0] << 8 | bytes[1];
    return TRUE;
}

static BOOL write_number(ISCard *card, ISCardCmd *cmd, LONG number)
{
    char apdu[32];

    sprintf(apdu, "00d6860002%04lx", number);
    return transmit(card, cmd, apdu, NULL, 0) == 0x9000;
}

/* Adds one so many times, each time under a lock. Returns how often it failed. */
static LONG add_ones(ISCard *card, unsigned int times)
{
    ISCardCmd *cmd = create_cmd();
    LONG number, bad = 0;

    while (times--)
    {
        if (ISCard_LockSCard(card) != S_OK) bad++;
        if (!read_number(card, cmd, &number) || !write_number(card, cmd, number + 1)) bad++;
        if (ISCard_UnlockSCard(card, LEAVE) != S_OK) bad++;
    }
    ISCardCmd_Release(cmd);
    return bad;
}

static void set_number(BSTR reader, LONG number)
{
    ISCard *card = attach(reader);
    ISCardCmd *cmd = create_cmd();
    LONG before;

    if (!read_number(card, cmd, &before) || !write_number(card, cmd, number)) ok(0, "The number cannot be set.\n");
    ISCardCmd_Release(cmd);
    ISCard_Release(card);
}

static LONG get_number(BSTR reader)
{
    ISCard *card = attach(reader);
    ISCardCmd *cmd = create_cmd();
    LONG number = -1;

    read_number(card, cmd, &number);
    ISCardCmd_Release(cmd);
    ISCard_Release(card);
    return number;
}

static DWORD WINAPI add_thread(void *arg)
{
    struct worker *worker = arg;
    ISCard *card = attach(worker->reader);

    worker->bad += add_ones(card, 8);
    ISCard_Release(card);
    return 0;
}

/* [doc] LockSCard keeps the other connections out: no addition is lost. */
static void test_card_each(BSTR reader)
{
    struct worker worker = { 0 };
    LONG number;

    worker.reader = reader;
    set_number(reader, 1000);
    run_workers(add_thread, &worker);
    number = get_number(reader);
    ok(number == 1000 + THREADS * 8, "%ld additions of %d.\n", number - 1000, THREADS * 8);
}

#define ADDITIONS 60

/* Both processes know it by this name. */
static HANDLE lock_is_held(void)
{
    return CreateEventW(NULL, TRUE, FALSE, L"scardssp test: the lock is held");
}

/* The second process. */
static int run_task(const char *task, const char *reader_name)
{
    WCHAR name[256];
    ISCard *card;
    BSTR reader;
    LONG bad = 0;

    MultiByteToWideChar(CP_ACP, 0, reader_name, -1, name, ARRAY_SIZE(name));
    reader = SysAllocString(name);
    card = attach(reader);
    if (!strcmp(task, "count")) bad = add_ones(card, ADDITIONS);
    else if (ISCard_LockSCard(card) == S_OK)
    {
        SetEvent(lock_is_held());
        Sleep(PATIENCE); /* it is killed meanwhile */
    }
    ISCard_Release(card);
    SysFreeString(reader);
    return bad ? 1 : 0;
}

static HANDLE start_process(const WCHAR *task, BSTR reader)
{
    WCHAR arguments[300];

    _snwprintf(arguments, ARRAY_SIZE(arguments), L"%ls \"%ls\"", task, reader);
    return start_again(arguments);
}

static void test_two_processes(BSTR reader)
{
    HANDLE processes[2];
    DWORD result, code;
    unsigned int i;
    LONG number;

    set_number(reader, 0);
    for (i = 0; i < ARRAY_SIZE(processes); i++)
    {
        processes[i] = start_process(L"count", reader);
        ok(processes[i] != NULL, "CreateProcess: %lu.\n", GetLastError());
        if (!processes[i]) return;
    }
    result = WaitForMultipleObjects(ARRAY_SIZE(processes), processes, TRUE, PATIENCE);
    ok(result < WAIT_OBJECT_0 + ARRAY_SIZE(processes), "The processes hang: %#lx.\n", result);
    for (i = 0; i < ARRAY_SIZE(processes); i++)
    {
        if (result == WAIT_TIMEOUT) TerminateProcess(processes[i], 2);
        GetExitCodeProcess(processes[i], &code);
        ok(!code, "Process %u: %lu.\n", i, code);
        CloseHandle(processes[i]);
    }
    number = get_number(reader);
    ok(number == 2 * ADDITIONS, "%ld additions of %d.\n", number, 2 * ADDITIONS);
}

static DWORD WINAPI lock_thread(void *arg)
{
    struct worker *worker = arg;

    worker->bad = ISCard_LockSCard(worker->card);
    return 0;
}

/* [ours] What a program held that was killed is free, and the others go on, after a ReAttach where the card was reset. */
static void test_owner_killed(BSTR reader)
{
    struct worker worker = { 0 };
    HANDLE held = lock_is_held(), process, thread;
    DWORD result;
    HRESULT hr;

    worker.card = attach(reader);
    ResetEvent(held);
    process = start_process(L"hold", reader);
    ok(process && !WaitForSingleObject(held, PATIENCE), "The other process holds no lock.\n");
    if (!process) return;
    thread = CreateThread(NULL, 0, lock_thread, &worker, 0, NULL);
    result = WaitForSingleObject(thread, 300);
    ok(result == WAIT_TIMEOUT, "LockSCard beside the other lock: %#lx.\n", worker.bad);
    TerminateProcess(process, 9);
    result = WaitForSingleObject(thread, PATIENCE);
    ok(result == WAIT_OBJECT_0, "The lock of a killed process stays.\n");
    if (result != WAIT_OBJECT_0) exit(1); /* the thread still uses what is here */
    hr = worker.bad;
    /* pcsc-lite resets a card whose lock dies with its owner */
    ok(hr == (HRESULT)SCARD_W_RESET_CARD || broken(hr == S_OK), "LockSCard: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK)
    {
        hr = ISCard_ReAttach(worker.card, SHARED, LEAVE);
        ok(hr == S_OK, "ReAttach: %s.\n", dbgstr_hr(hr));
        hr = ISCard_LockSCard(worker.card);
        ok(hr == S_OK, "LockSCard: %s.\n", dbgstr_hr(hr));
    }
    check_works(worker.card, "after the owner of the lock was killed");
    hr = ISCard_UnlockSCard(worker.card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %s.\n", dbgstr_hr(hr));
    ISCard_Release(worker.card);
    CloseHandle(thread);
    CloseHandle(process);
    CloseHandle(held);
}

START_TEST(threads)
{
    HMODULE module;
    char **argv;
    BSTR reader;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (winetest_get_mainargs(&argv) == 4) exit(run_task(argv[2], argv[3]));
    module = load_module(&CLSID_CSCardCmd);
    test_late_binding();
    test_cmd();
    if (!is_demo_card()) skip("This takes the demonstration card.\n");
    else
    {
        reader = find_card_reader(10000);
        ok(reader != NULL, "The card was not found.\n");
        if (!reader) return;
        test_one_card(reader);
        test_one_card_and_cmd(reader);
        test_card_each(reader);
        test_two_processes(reader);
        test_owner_killed(reader);
        SysFreeString(reader);
    }
    check_nothing_left(module);
    CoUninitialize();
}
