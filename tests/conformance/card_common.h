/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the programs that talk to a card share: the reader with the card under test, and a second connection
 * to it beside that of the object.
 */

#ifndef SCARDSSP_TESTS_CARD_COMMON_H
#define SCARDSSP_TESTS_CARD_COMMON_H

#include "common.h"
#include <winscard.h>

/* The profile of the virtual card: t1, t0, ... "" where the card is not ours. */
static inline const char *card_profile(void)
{
    const char *profile = getenv("SCARDSSP_TEST_CARD");

    return profile ? profile : "";
}

/* Whether the card under test is a demonstration card, whose files are known. */
static inline BOOL is_demo_card(void)
{
    return !strcmp(card_profile(), "t1") || !strcmp(card_profile(), "t0");
}

/* Whether this is what T0|T1 gives with the card under test: one protocol where the card is known. */
static inline BOOL is_card_protocol(SCARD_PROTOCOLS protocol)
{
    if (is_demo_card()) return protocol == (strcmp(card_profile(), "t1") ? T0 : T1);
    return protocol == T0 || protocol == T1;
}

/* Whether the runner promised a card: then one must be found. */
static inline BOOL card_expected(void)
{
    return *card_profile() && strcmp(card_profile(), "none");
}

/* Where Wine's 32-bit winscard does not work by itself, our DLL mends it when it first calls it. */
static inline void wake_winscard(void)
{
    IUnknown *card;

    if (CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&card) == S_OK)
        IUnknown_Release(card);
}

/* The first reader in which a card answers, waiting for it up to so many milliseconds. The caller frees. */
static inline BSTR find_card_reader(DWORD patience)
{
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    WCHAR names[1024], *name;
    DWORD size, protocol, start = GetTickCount();
    BSTR found = NULL;

    wake_winscard();
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return NULL;
    do
    {
        size = ARRAY_SIZE(names);
        if (SCardListReadersW(context, NULL, names, &size)) break;
        for (name = names; *name && !found; name += lstrlenW(name) + 1)
        {
            if (SCardConnectW(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, &handle, &protocol))
                continue;
            found = SysAllocString(name);
            SCardDisconnect(handle, SCARD_LEAVE_CARD);
        }
        if (!found && patience) Sleep(50);
    }
    while (!found && GetTickCount() - start < patience);
    SCardReleaseContext(context);
    return found;
}

/* Waits for a card to be in the reader, or for the reader to be empty, as the resource manager sees it. A
 * card that comes back at once is one that never left. */
static inline BOOL await_card(const WCHAR *reader, BOOL present)
{
    DWORD wanted = present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY, start = GetTickCount();
    SCARD_READERSTATEW state;
    SCARDCONTEXT context;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return FALSE;
    do
    {
        memset(&state, 0, sizeof(state));
        state.szReader = reader;
        if (!SCardGetStatusChangeW(context, 0, &state, 1) && (state.dwEventState & wanted)) break;
        Sleep(20);
    }
    while (GetTickCount() - start < 60000);
    SCardReleaseContext(context);
    return (state.dwEventState & wanted) != 0;
}

/* A connection beside that of the object under test, as another program would have it. */
struct connection
{
    SCARDCONTEXT context;
    SCARDHANDLE handle; /* 0: not connected */
    DWORD protocol;
};

#define CONNECT_PATIENCE 5000
#define NO_ANSWER ((LONG)ERROR_TIMEOUT)

struct connect_attempt
{
    struct connection connection;
    WCHAR reader[256];
    DWORD share;
    LONG rc;
};

static DWORD WINAPI connect_thread(void *arg)
{
    struct connect_attempt *attempt = arg;
    struct connection *connection = &attempt->connection;

    attempt->rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &connection->context);
    if (attempt->rc) return 0;
    attempt->rc = SCardConnectW(connection->context, attempt->reader, attempt->share, SCARD_PROTOCOL_Tx,
                                &connection->handle, &connection->protocol);
    if (attempt->rc) connection->handle = 0;
    return 0;
}

/* In a thread of its own: a resource manager that waits for somebody else's transaction to end is NO_ANSWER,
 * and the test goes on. */
static inline LONG connection_open(struct connection *connection, const WCHAR *reader, DWORD share)
{
    struct connect_attempt *attempt = calloc(1, sizeof(*attempt));
    HANDLE thread;
    LONG rc;

    memset(connection, 0, sizeof(*connection));
    lstrcpynW(attempt->reader, reader, ARRAY_SIZE(attempt->reader));
    attempt->share = share;
    thread = CreateThread(NULL, 0, connect_thread, attempt, 0, NULL);
    rc = WaitForSingleObject(thread, CONNECT_PATIENCE) ? NO_ANSWER : attempt->rc;
    CloseHandle(thread);
    if (rc == NO_ANSWER) return rc; /* the thread still writes to the attempt */
    *connection = attempt->connection;
    free(attempt);
    return rc;
}

static inline void connection_close(struct connection *connection, DWORD disposition)
{
    if (connection->handle) SCardDisconnect(connection->handle, disposition);
    if (connection->context) SCardReleaseContext(connection->context);
    memset(connection, 0, sizeof(*connection));
}

/* GET DATA over the protocol of the connection. Any answer of the card is a success. */
static inline LONG connection_exchange(const struct connection *connection)
{
    static const BYTE get_data[] = { 0x00, 0xca, 0x5f, 0x2d, 0x04 };
    SCARD_IO_REQUEST pci = { connection->protocol, sizeof(pci) };
    BYTE reply[258];
    DWORD size = sizeof(reply);
    LONG rc;

    rc = SCardTransmit(connection->handle, &pci, get_data, sizeof(get_data), NULL, reply, &size);
    return !rc && size < 2 ? SCARD_F_COMM_ERROR : rc;
}

#define PCSCLITE_PROTOCOL_RAW 4

/* RAW by either number of it, in another program that shares the card. */
static inline LONG connection_open_raw(struct connection *connection, const WCHAR *reader)
{
    LONG rc;

    memset(connection, 0, sizeof(*connection));
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &connection->context);
    rc = SCardConnectW(connection->context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW, &connection->handle,
                       &connection->protocol);
    if (rc) rc = SCardConnectW(connection->context, reader, SCARD_SHARE_SHARED, PCSCLITE_PROTOCOL_RAW,
                               &connection->handle, &connection->protocol);
    if (rc) connection->handle = 0;
    return rc;
}

/*
 * What an exchange over RAW gives with this reader, asked without the DLL while nobody is connected: libccid has none
 * for readers that exchange whole APDUs (SCARD_E_NOT_TRANSACTED).
 */
static inline LONG raw_exchange_code(const WCHAR *reader)
{
    struct connection connection;
    LONG rc;

    rc = connection_open_raw(&connection, reader);
    ok(!rc, "SCardConnect(RAW): %#lx.\n", rc);
    if (!rc) rc = connection_exchange(&connection);
    connection_close(&connection, SCARD_RESET_CARD);
    return rc;
}

/* What a connection of another program would say now to being made in this share mode. */
static inline LONG probe_connect(const WCHAR *reader, DWORD share)
{
    struct connection connection;
    LONG rc = connection_open(&connection, reader, share);

    connection_close(&connection, SCARD_LEAVE_CARD);
    return rc;
}

static inline LONG connection_status(const struct connection *connection)
{
    WCHAR names[256];
    BYTE atr[36];
    DWORD names_size = ARRAY_SIZE(names), atr_size = sizeof(atr), state, protocol;

    return SCardStatusW(connection->handle, names, &names_size, &state, &protocol, atr, &atr_size);
}

#define NOT_ATTACHED ((HRESULT)SCARD_E_INVALID_HANDLE)

/* GET DATA of an object that every profile of the demonstration card has: some command that works. */
static inline HRESULT exchange(ISCard *card, WORD *status)
{
    ISCardCmd *cmd = create_cmd();
    LONG le = 4;
    HRESULT hr;

    *status = 0;
    ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x5f, 0x2d, NULL, &le);
    hr = ISCard_Transaction(card, &cmd);
    ISCardCmd_get_ReplyStatus(cmd, status);
    ISCardCmd_Release(cmd);
    return hr;
}

/* Whether the card answers through this object; which status it gives is the card's business. */
static inline void check_works(int line, ISCard *card, const char *what)
{
    WORD status;
    HRESULT hr = exchange(card, &status);

    ok_(__FILE__, line)(hr == S_OK && status, "%s: Transaction: %#lx, status %04x.\n", what, hr, status);
}
#define check_works(card, what) check_works(__LINE__, card, what)

/* The same over RAW, where the reader decides what comes of it (raw_exchange_code). */
static inline void check_raw(int line, ISCard *card, LONG expected, const char *what)
{
    WORD status;
    HRESULT hr = exchange(card, &status);

    ok_(__FILE__, line)(hr == expected && !status == !!expected, "%s: Transaction: %#lx, status %04x.\n", what, hr,
                        status);
}
#define check_raw(card, expected, what) check_raw(__LINE__, card, expected, what)

/* Another program's attempt to get the card for itself: SCardBeginTransaction in a thread of its own. */
struct waiter
{
    struct connection connection;
    HANDLE thread;
    LONG rc;
};

static inline DWORD WINAPI waiter_thread(void *arg)
{
    struct waiter *waiter = arg;

    waiter->rc = SCardBeginTransaction(waiter->connection.handle);
    if (!waiter->rc) SCardEndTransaction(waiter->connection.handle, SCARD_LEAVE_CARD);
    return 0;
}

/* Before the lock: pcsc-lite connects nobody to a card that somebody has locked. */
static inline void waiter_connect(struct waiter *waiter, BSTR reader)
{
    waiter->rc = connection_open(&waiter->connection, reader, SCARD_SHARE_SHARED);
    ok(!waiter->rc, "SCardConnect: %#lx.\n", waiter->rc);
}

static inline void waiter_start(struct waiter *waiter)
{
    waiter->thread = CreateThread(NULL, 0, waiter_thread, waiter, 0, NULL);
}

static inline BOOL waiter_has_it(struct waiter *waiter, DWORD patience)
{
    return WaitForSingleObject(waiter->thread, patience) == WAIT_OBJECT_0;
}

static inline void waiter_end(struct waiter *waiter, const char *what)
{
    BOOL done = waiter_has_it(waiter, 10000);

    ok(done && !waiter->rc, "%s: the other connection %s: %#lx.\n", what,
       done ? "got an error" : "is locked out", waiter->rc);
    CloseHandle(waiter->thread);
    if (done) connection_close(&waiter->connection, SCARD_LEAVE_CARD);
}

/* Asking for the card alone while another connection shares it, by ReAttach or, with a reader, by AttachByReader. */
struct exclusive_call
{
    ISCard *card;
    BSTR reader;
    HRESULT hr;
};

static DWORD WINAPI exclusive_thread(void *arg)
{
    struct exclusive_call *call = arg;

    if (call->reader) call->hr = ISCard_AttachByReader(call->card, call->reader, EXCLUSIVE, T0 | T1);
    else call->hr = ISCard_ReAttach(call->card, EXCLUSIVE, LEAVE);
    return 0;
}

/* A connection of the object's own: it is told at once, in a thread of its own since pcsc-lite's SCardReconnect would
 * wait for the other connection to end. That one is closed here. */
static inline void check_exclusive_call(int line, ISCard *card, BSTR reader, struct connection *other)
{
    struct exclusive_call call = { card, reader, E_PENDING };
    HANDLE thread = CreateThread(NULL, 0, exclusive_thread, &call, 0, NULL);

    WaitForSingleObject(thread, CONNECT_PATIENCE);
    ok_(__FILE__, line)(call.hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "Beside another connection: %#lx.\n", call.hr);
    connection_close(other, SCARD_LEAVE_CARD);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}
#define check_exclusive_call(card, reader, other) check_exclusive_call(__LINE__, card, reader, other)

#endif
