/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every code that winscard can return, from every function that scardssp.dll calls, by a winscard that is not real:
 * most of them no card and no daemon can be made to cause. Each must reach the program as what it is, with error
 * information; afterwards the object works again, another object has noticed nothing, and nothing is left open.
 *
 * Prints a row of the table of tests/faults.sh for each function, and for replies of sizes that no reader passes on.
 */

#define COBJMACROS
#include "fake_winscard.h"
#include "known_cards.h"

#define SEARCH_ONLY 2 /* FindCard shows no dialog */

static const BYTE success[] = { 0x01, 0x02, 0x90, 0x00 };

/* What became of all the runs of one row. */
struct outcome
{
    BOOL works_again, others_work, nothing_left;
};

struct world
{
    ISCard *card, *other;
    ISCardCmd *cmd;
    ISCardDatabase *database;
    ISCardLocate *locate;
    BSTR reader;
};

/* ---- the calls, one at least for each function of winscard ---- */

static HRESULT call_create(struct world *world)
{
    ISCard *card = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card);

    ok((hr == S_OK) == (card != NULL), "%#lx with %p.\n", hr, card);
    if (card) ISCard_Release(card);
    return hr;
}

static HRESULT call_attach(struct world *world)
{
    return ISCard_AttachByReader(world->card, world->reader, SHARED, T1);
}

/* To a reader where it was not attached before. */
static HRESULT call_attach_new(struct world *world)
{
    ISCard_Detach(world->card, LEAVE);
    return call_attach(world);
}

static HRESULT call_reattach(struct world *world)
{
    return ISCard_ReAttach(world->card, SHARED, LEAVE);
}

static HRESULT call_detach(struct world *world)
{
    HRESULT hr = ISCard_Detach(world->card, LEAVE);
    HSCARD handle = 1;

    ISCard_get_CardHandle(world->card, &handle);
    ok(!handle, "Still attached, %#lx.\n", hr);
    return hr;
}

static HRESULT call_lock(struct world *world)
{
    HRESULT hr = ISCard_LockSCard(world->card);

    if (hr == S_OK) ISCard_UnlockSCard(world->card, LEAVE);
    return hr;
}

static HRESULT call_unlock(struct world *world)
{
    ISCard_LockSCard(world->card);
    return ISCard_UnlockSCard(world->card, LEAVE);
}

static HRESULT call_status(struct world *world)
{
    SCARD_STATES state = 99;
    HRESULT hr = ISCard_get_Status(world->card, &state);

    ok(state == (hr != S_OK ? 0 : fake.errors[FAKE_STATUS] ? ABSENT : SPECIFICMODE), "%#lx with state %d.\n", hr,
       state);
    return hr;
}

static HRESULT call_atr(struct world *world)
{
    IByteBuffer *atr = (IByteBuffer *)0xdeadbeef;
    HRESULT hr = ISCard_get_Atr(world->card, &atr);

    ok((hr == S_OK) == (atr != NULL), "%#lx with %p.\n", hr, atr);
    if (atr) IByteBuffer_Release(atr);
    return hr;
}

/* What was the reply before a failure is gone: a program that ignores the HRESULT must not take it for the new one. */
static HRESULT call_transaction(struct world *world)
{
    HRESULT hr = ISCard_Transaction(world->card, &world->cmd);
    WORD status = 1;

    ISCardCmd_get_ReplyStatus(world->cmd, &status);
    ok(status == (hr == S_OK ? 0x9000 : 0), "%#lx with status %04x.\n", hr, status);
    check_cmd_reply(world->cmd, success, hr == S_OK ? sizeof(success) : 0, "the reply");
    return hr;
}

static HRESULT call_list_readers(struct world *world)
{
    SAFEARRAY *names = NULL;
    HRESULT hr = ISCardDatabase_ListReaders(world->database, 0, &names);

    ok((hr == S_OK) == (names != NULL), "%#lx with %p.\n", hr, names);
    if (names) SafeArrayDestroy(names);
    return hr;
}

static HRESULT call_list_groups(struct world *world)
{
    SAFEARRAY *names = NULL;
    HRESULT hr = ISCardDatabase_ListReaderGroups(world->database, 0, &names);

    ok((hr == S_OK) == (names != NULL), "%#lx with %p.\n", hr, names);
    if (names) SafeArrayDestroy(names);
    return hr;
}

static HRESULT call_find(struct world *world)
{
    SCARDINFO *info = (SCARDINFO *)0xdeadbeef;
    HRESULT hr = ISCardLocate_FindCard(world->locate, SHARED, T1, SEARCH_ONLY, &info);

    ok((hr == S_OK) == (info != NULL), "%#lx with %p.\n", hr, info);
    if (!info) return hr;
    fake.connections--;
    fake.contexts--;
    CoTaskMemFree(info);
    return hr;
}

/* ---- which codes end in which others ---- */

static HRESULT as_it_is(LONG code)
{
    return code < 0 ? code : HRESULT_FROM_WIN32(code);
}

/* A card that is not there is a state, not a failure. */
static HRESULT status_of(LONG code)
{
    return code == (LONG)SCARD_W_REMOVED_CARD ? S_OK : as_it_is(code);
}

static HRESULT no_readers(LONG code)
{
    return code == (LONG)SCARD_E_NO_READERS_AVAILABLE ? SCARD_E_NO_SMARTCARD : as_it_is(code);
}

/* A reader that cannot be looked at has no card that is looked for. */
static HRESULT no_card(LONG code)
{
    return SCARD_E_NO_SMARTCARD;
}

/* What the connection is good for no more is answered by another one. */
static HRESULT attached_anew(LONG code)
{
    static const LONG lost[] =
    {
        SCARD_E_INVALID_HANDLE, SCARD_E_READER_UNAVAILABLE, SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED,
        SCARD_F_COMM_ERROR, ERROR_INVALID_HANDLE
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(lost); i++) if (code == lost[i]) return S_OK;
    return as_it_is(code);
}

static const struct fault
{
    enum fake_function function;
    const char *function_name, *call_name;
    HRESULT (*call)(struct world *world);
    HRESULT (*expected)(LONG code);
    const char *method;     /* that the error information names; NULL: there is no object to ask */
}
faults[] =
{
    { FAKE_ESTABLISH_CONTEXT, "SCardEstablishContext", "creating CSCard", call_create, as_it_is, NULL },
    { FAKE_ESTABLISH_CONTEXT, "SCardEstablishContext", "ListReaders", call_list_readers, as_it_is, "ListReaders" },
    { FAKE_ESTABLISH_CONTEXT, "SCardEstablishContext", "FindCard", call_find, as_it_is, "FindCard" },
    { FAKE_LIST_READERS, "SCardListReaders", "ListReaders", call_list_readers, as_it_is, "ListReaders" },
    { FAKE_LIST_READERS, "SCardListReaders", "FindCard", call_find, no_readers, "FindCard" },
    { FAKE_LIST_READER_GROUPS, "SCardListReaderGroups", "ListReaderGroups", call_list_groups, as_it_is,
      "ListReaderGroups" },
    { FAKE_GET_STATUS_CHANGE, "SCardGetStatusChange", "FindCard", call_find, no_card, "FindCard" },
    { FAKE_CONNECT, "SCardConnect", "AttachByReader", call_attach_new, as_it_is, "AttachByReader" },
    { FAKE_CONNECT, "SCardConnect", "FindCard", call_find, as_it_is, "FindCard" },
    { FAKE_RECONNECT, "SCardReconnect", "ReAttach", call_reattach, as_it_is, "ReAttach" },
    { FAKE_RECONNECT, "SCardReconnect", "AttachByReader, the same reader", call_attach, attached_anew,
      "AttachByReader" },
    { FAKE_DISCONNECT, "SCardDisconnect", "Detach", call_detach, as_it_is, "Detach" },
    { FAKE_BEGIN_TRANSACTION, "SCardBeginTransaction", "LockSCard", call_lock, as_it_is, "LockSCard" },
    { FAKE_END_TRANSACTION, "SCardEndTransaction", "UnlockSCard", call_unlock, as_it_is, "UnlockSCard" },
    { FAKE_STATUS, "SCardStatus", "Status", call_status, status_of, "Status" },
    { FAKE_STATUS, "SCardStatus", "Atr", call_atr, as_it_is, "Atr" },
    { FAKE_TRANSMIT, "SCardTransmit", "Transaction", call_transaction, as_it_is, "Transaction" },
};

/* Codes beside the SCARD ones: those of Windows that Wine's winscard and other ones return. */
static const LONG plain_codes[] =
{
    ERROR_INVALID_FUNCTION, ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_READY,
    ERROR_BAD_COMMAND, ERROR_NOT_SUPPORTED, ERROR_BROKEN_PIPE, ERROR_OPERATION_ABORTED, ERROR_IO_DEVICE,
    1722 /* RPC_S_SERVER_UNAVAILABLE */
};

#define FIRST_CODE ((LONG)0x80100001)
#define LAST_CODE ((LONG)0x80100034)
#define FIRST_WARNING ((LONG)0x80100065)
#define LAST_WARNING ((LONG)0x80100072)
#define CODES (LAST_CODE - FIRST_CODE + 1 + LAST_WARNING - FIRST_WARNING + 1 + (LONG)ARRAY_SIZE(plain_codes))

static LONG code_at(LONG index)
{
    if (index <= LAST_CODE - FIRST_CODE) return FIRST_CODE + index;
    index -= LAST_CODE - FIRST_CODE + 1;
    if (index <= LAST_WARNING - FIRST_WARNING) return FIRST_WARNING + index;
    return plain_codes[index - (LAST_WARNING - FIRST_WARNING + 1)];
}

/* ---- running them ---- */

static struct world open_world(void)
{
    SAFEARRAY *guids = SafeArrayCreateVector(VT_BSTR, 0, 0);
    struct world world;
    LONG le = 2;

    fake.reply = success;
    fake.reply_size = sizeof(success);
    world.card = create_card();
    world.other = create_card();
    world.cmd = create_cmd();
    world.database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    world.locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    world.reader = SysAllocString(FAKE_READER);
    ok(ISCardCmd_BuildCmd(world.cmd, 0x00, 0xca, 0x01, 0x02, NULL, &le) == S_OK, "No command.\n");
    ok(ISCard_AttachByReader(world.card, world.reader, SHARED, T1) == S_OK, "Not attached.\n");
    ok(ISCard_AttachByReader(world.other, world.reader, SHARED, T1) == S_OK, "Not attached.\n");
    ok(ISCardLocate_ConfigureCardGuidSearch(world.locate, guids, NULL, NULL, SEARCH_ONLY) == S_OK, "Not configured.\n");
    SafeArrayDestroy(guids);
    return world;
}

static void close_world(struct world *world, struct outcome *outcome)
{
    BOOL nothing_left;

    ISCard_Release(world->card);
    ISCard_Release(world->other);
    ISCardCmd_Release(world->cmd);
    ISCardDatabase_Release(world->database);
    ISCardLocate_Release(world->locate);
    SysFreeString(world->reader);
    nothing_left = !fake.contexts && !fake.connections && !fake.transactions;
    outcome->nothing_left &= nothing_left;
    ok(nothing_left, "Left open: %ld contexts, %ld connections, %ld transactions.\n", fake.contexts, fake.connections,
       fake.transactions);
    fake.contexts = fake.connections = fake.transactions = 0;
}

/* [ours] The description names the method. */
static void check_error_info(const char *method)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    WCHAR name[64];

    MultiByteToWideChar(CP_ACP, 0, method, -1, name, ARRAY_SIZE(name));
    ok(GetErrorInfo(0, &info) == S_OK && IErrorInfo_GetDescription(info, &text) == S_OK && wcsstr(text, name),
       "No error information of %s: %s.\n", method, wine_dbgstr_w(text));
    SysFreeString(text);
    if (info) IErrorInfo_Release(info);
}

static BOOL exchanges(ISCard *card, ISCardCmd *cmd)
{
    WORD status = 0;

    return ISCard_Transaction(card, &cmd) == S_OK && ISCardCmd_get_ReplyStatus(cmd, &status) == S_OK
        && status == 0x9000;
}

/* The object that had no part in the fault. */
static void check_others(const struct world *world, ISCardCmd *cmd, struct outcome *outcome)
{
    BOOL others_work = exchanges(world->other, cmd);

    outcome->others_work &= others_work;
    ok(others_work, "Another object noticed.\n");
}

static void run_code(const struct fault *fault, LONG code, struct outcome *outcome)
{
    struct world world = open_world();
    ISCardCmd *cmd = create_cmd();
    BOOL works_again;
    LONG le = 2;
    HRESULT hr;

    ok(ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x01, 0x02, NULL, &le) == S_OK, "No command.\n");
    ok(exchanges(world.card, world.cmd), "It does not work before.\n");
    fake.errors[fault->function] = code;
    fake.calls[fault->function] = 0;
    SetErrorInfo(0, NULL);
    hr = fault->call(&world);
    ok(hr == fault->expected(code), "%#lx became %#lx, expected %#lx.\n", code, hr, fault->expected(code));
    ok(fake.calls[fault->function], "The function was not called.\n");
    if (FAILED(hr) && fault->method) check_error_info(fault->method);
    fake.errors[fault->function] = SCARD_S_SUCCESS;

    check_others(&world, cmd, outcome);
    hr = fault->call == call_detach ? call_attach(&world) : fault->call(&world);
    works_again = hr == S_OK && exchanges(world.card, world.cmd);
    outcome->works_again &= works_again;
    ok(works_again, "It does not work again: %#lx.\n", hr);
    ISCardCmd_Release(cmd);
    close_world(&world, outcome);
}

static void print_row(const char *fault, const char *got, const char *again, const struct outcome *outcome)
{
    printf("row|%s|%s|%s|%s|%s\n", fault, got, outcome->works_again ? again : "NOTHING",
           outcome->others_work ? "unaffected" : "AFFECTED", outcome->nothing_left ? "none" : "SOME");
}

static void run_fault(const struct fault *fault)
{
    struct outcome outcome = { TRUE, TRUE, TRUE };
    char text[100], got[200];
    LONG i;

    for (i = 0; i < CODES; i++)
    {
        winetest_push_context("%s in %s: %#lx", fault->function_name, fault->call_name, code_at(i));
        run_code(fault, code_at(i), &outcome);
        winetest_pop_context();
    }
    sprintf(text, "%s: each of %ld codes", fault->function_name, CODES);
    sprintf(got, "%s: %s", fault->call_name, fault->expected == no_card ? "SCARD_E_NO_SMARTCARD"
            : fault->expected == attached_anew ? "the code; attached anew where the connection is lost"
            : fault->expected == status_of ? "the code; ABSENT for SCARD_W_REMOVED_CARD"
            : fault->expected == no_readers ? "the code; SCARD_E_NO_SMARTCARD without readers" : "the code");
    print_row(text, got, fault->call == call_detach ? "AttachByReader" : "the same call", &outcome);
}

/* ---- replies of sizes that no reader passes on ---- */

static const struct
{
    DWORD protocol;
    DWORD size;
    HRESULT hr;
    const char *name; /* of hr */
}
replies[] =
{
    { SCARD_PROTOCOL_T1, 0, SCARD_F_COMM_ERROR, "SCARD_F_COMM_ERROR" },
    { SCARD_PROTOCOL_T1, 1, SCARD_F_COMM_ERROR, "SCARD_F_COMM_ERROR" },
    { SCARD_PROTOCOL_T1, 2, S_OK, "S_OK" },
    { SCARD_PROTOCOL_T1, 65538, S_OK, "S_OK" },
    { SCARD_PROTOCOL_T1, 65539, SCARD_E_INSUFFICIENT_BUFFER, "SCARD_E_INSUFFICIENT_BUFFER" },
    { SCARD_PROTOCOL_T0, 0, SCARD_F_COMM_ERROR, "SCARD_F_COMM_ERROR" },
    { SCARD_PROTOCOL_T0, 1, SCARD_F_COMM_ERROR, "SCARD_F_COMM_ERROR" },
    { SCARD_PROTOCOL_T0, 258, S_OK, "S_OK" },
    { SCARD_PROTOCOL_T0, 65539, SCARD_E_INSUFFICIENT_BUFFER, "SCARD_E_INSUFFICIENT_BUFFER" },
};

static void test_replies(void)
{
    static BYTE reply[65539];
    struct world world;
    char text[64];
    unsigned int i;
    HRESULT hr;
    LONG le;

    for (i = 0; i < ARRAY_SIZE(replies); i++)
    {
        struct outcome outcome = { TRUE, TRUE, TRUE };
        DWORD size = replies[i].size;

        winetest_push_context("T=%u, %lu bytes", replies[i].protocol == SCARD_PROTOCOL_T1, size);
        fake.protocol = replies[i].protocol;
        world = open_world();
        ok(exchanges(world.card, world.cmd), "It does not work before.\n");
        le = fake.protocol == SCARD_PROTOCOL_T1 ? 65536 : 256;
        ISCardCmd_BuildCmd(world.cmd, 0x00, 0xb0, 0x00, 0x00, NULL, &le);
        memset(reply, 0x5a, sizeof(reply));
        if (size >= 2)
        {
            reply[size - 2] = 0x90;
            reply[size - 1] = 0x00;
        }
        fake.reply = reply;
        fake.reply_size = size;
        hr = ISCard_Transaction(world.card, &world.cmd);
        ok(hr == replies[i].hr, "Transaction: %#lx, expected %#lx.\n", hr, replies[i].hr);
        check_cmd_reply(world.cmd, reply, hr == S_OK ? size : 0, "the reply");
        fake.reply = success;
        fake.reply_size = sizeof(success);
        outcome.works_again = exchanges(world.card, world.cmd);
        ok(outcome.works_again, "It does not work again.\n");
        check_others(&world, world.cmd, &outcome);
        close_world(&world, &outcome);
        winetest_pop_context();
        sprintf(text, "reply of %lu byte%s, T=%u", size, size == 1 ? "" : "s", replies[i].protocol == SCARD_PROTOCOL_T1);
        print_row(text, replies[i].name, "the next transaction", &outcome);
    }
    fake.protocol = SCARD_PROTOCOL_T1;
}

/* ---- what pcsc-lite says otherwise than Windows ---- */

#define PCSCLITE_LIVE_CARD 0x34 /* present, powered, negotiable */
#define PCSCLITE_UNSUPPORTED_FEATURE ((LONG)0x8010001f) /* to Windows SCARD_E_UNEXPECTED */

/* [ours] Each as the code that Windows has for it. */
static void test_unsupported_feature(void)
{
    static const struct { DWORD state; HRESULT hr; const char *winscard; } dialects[] =
    {
        { PCSCLITE_LIVE_CARD, SCARD_E_UNSUPPORTED_FEATURE, "pcsc-lite" },
        { SCARD_SPECIFIC, SCARD_E_UNEXPECTED, "Windows" },
    };
    static const enum fake_function functions[] = { FAKE_TRANSMIT, FAKE_RECONNECT, FAKE_BEGIN_TRANSACTION };
    static HRESULT (*const calls[])(struct world *world) = { call_transaction, call_reattach, call_lock };
    struct world world;
    char text[64];
    unsigned int i, j;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(dialects); i++)
    {
        struct outcome outcome = { TRUE, TRUE, TRUE };

        fake.state = dialects[i].state;
        world = open_world();
        for (j = 0; j < ARRAY_SIZE(functions); j++)
        {
            fake.errors[functions[j]] = PCSCLITE_UNSUPPORTED_FEATURE;
            hr = calls[j](&world);
            ok(hr == dialects[i].hr, "%s, call %u: %#lx, expected %#lx.\n", dialects[i].winscard, j, hr,
               dialects[i].hr);
            fake.errors[functions[j]] = SCARD_S_SUCCESS;
        }
        outcome.works_again = exchanges(world.card, world.cmd);
        ok(outcome.works_again, "It does not work again.\n");
        check_others(&world, world.cmd, &outcome);
        close_world(&world, &outcome);
        sprintf(text, "8010001F from a winscard of %s", dialects[i].winscard);
        print_row(text, i ? "SCARD_E_UNEXPECTED" : "SCARD_E_UNSUPPORTED_FEATURE", "the same call", &outcome);
    }
    fake.state = SCARD_SPECIFIC;
}

/* [ours] A card that offers T=1 but does not switch to it: T0 alone works. */
static void test_mute_protocol(void)
{
    static const struct { DWORD mute; SCARD_PROTOCOLS protocols; HRESULT hr; ULONG tries; const char *text; } cases[] =
    {
        { SCARD_PROTOCOL_T1, T0 | T1, S_OK, 2, "S_OK, T=0" },
        { SCARD_PROTOCOL_T1, T1, SCARD_W_UNRESPONSIVE_CARD, 1, "SCARD_W_UNRESPONSIVE_CARD" },
        { SCARD_PROTOCOL_Tx, T0 | T1, SCARD_W_UNRESPONSIVE_CARD, 2, "SCARD_W_UNRESPONSIVE_CARD" },
    };
    struct world world;
    char text[100];
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        struct outcome outcome = { TRUE, TRUE, TRUE };
        SCARD_PROTOCOLS protocol = 0;
        ISCard *card = create_card();

        world = open_world();
        fake.mute = cases[i].mute;
        fake.calls[FAKE_CONNECT] = 0;
        hr = ISCard_AttachByReader(card, world.reader, SHARED, cases[i].protocols);
        ok(hr == cases[i].hr, "%u: AttachByReader: %#lx.\n", i, hr);
        ok(fake.calls[FAKE_CONNECT] == cases[i].tries, "%u: %lu tries.\n", i, fake.calls[FAKE_CONNECT]);
        ISCard_get_Protocol(card, &protocol);
        ok(protocol == (hr == S_OK ? T0 : 0), "%u: protocol %d.\n", i, protocol);
        fake.mute = 0;
        outcome.works_again = ISCard_AttachByReader(card, world.reader, SHARED, cases[i].protocols) == S_OK
            && exchanges(card, world.cmd);
        ok(outcome.works_again, "It does not work again.\n");
        check_others(&world, world.cmd, &outcome);
        ISCard_Release(card);
        close_world(&world, &outcome);
        sprintf(text, "no answer over %s, %s wanted", cases[i].mute == SCARD_PROTOCOL_T1 ? "T=1" : "any protocol",
                cases[i].protocols == T1 ? "T=1" : "T=0 or T=1");
        print_row(text, cases[i].text, "AttachByReader", &outcome);
    }
}

START_TEST(codes)
{
    static const BYTE mask[4] = { 0xff, 0xff, 0xff, 0xff };
    struct card_entry entry = { L"fake", BINARY(fake_atr, sizeof(fake_atr)), BINARY(mask, 4), NOTHING, NOTHING };
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (!fake_install())
    {
        ok(0, "scardssp.dll's winscard cannot be replaced.\n");
        return;
    }
    open_place(&user_cards);
    introduce_entry(&user_cards, &entry);
    for (i = 0; i < ARRAY_SIZE(faults); i++) run_fault(&faults[i]);
    test_replies();
    test_unsupported_feature();
    test_mute_protocol();
    close_place(&user_cards);
    CoUninitialize();
}
