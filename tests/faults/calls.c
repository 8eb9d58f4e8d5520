/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls at the wrong time or for what is not there, as pcsc-lite's own tests of its clients make them. */

#define COBJMACROS
#include "faults.h"

/* Each call does what is wrong to a card that is attached to the demonstration card, and returns its code. */
struct call
{
    HRESULT (*make)(ISCard *card);
    HRESULT expected;
};

static HRESULT attach_to(ISCard *card, const WCHAR *reader, SCARD_PROTOCOLS protocols)
{
    BSTR name = SysAllocString(reader);
    HRESULT hr;

    hr = ISCard_AttachByReader(card, name, SHARED, protocols);
    SysFreeString(name);
    return hr;
}

static HRESULT attach_unknown_reader(ISCard *card)
{
    return attach_to(card, L"There is no such reader", T0 | T1);
}

static HRESULT attach_empty_reader(ISCard *card)
{
    WCHAR second[256];

    lstrcpynW(second, demo_reader, ARRAY_SIZE(second));
    second[lstrlenW(second) - 1] = '1'; /* "Virtual PCD 00 01" */
    return attach_to(card, second, T0 | T1);
}

/* The demonstration card speaks one protocol. */
static HRESULT attach_other_protocol(ISCard *card)
{
    SCARD_PROTOCOLS protocol = T0;

    ISCard_get_Protocol(card, &protocol);
    ISCard_Detach(card, LEAVE);
    return attach_to(card, demo_reader, protocol == T1 ? T0 : T1);
}

static HRESULT attach_closed_handle(ISCard *card)
{
    struct connection connection;
    SCARDHANDLE handle;

    connection_open(&connection, demo_reader, SCARD_SHARE_SHARED);
    handle = connection.handle;
    connection_close(&connection, SCARD_LEAVE_CARD);
    return ISCard_AttachByHandle(card, handle);
}

static HRESULT attach_wild_handle(ISCard *card)
{
    return ISCard_AttachByHandle(card, 0x1234);
}

static HRESULT unlock_unlocked(ISCard *card)
{
    return ISCard_UnlockSCard(card, LEAVE);
}

static HRESULT unlock_too_often(ISCard *card)
{
    ISCard_LockSCard(card);
    ISCard_LockSCard(card);
    ISCard_UnlockSCard(card, LEAVE);
    ISCard_UnlockSCard(card, LEAVE);
    return ISCard_UnlockSCard(card, LEAVE);
}

static HRESULT transact_detached(ISCard *card)
{
    ISCardCmd *cmd = create_command("0084000008");
    HRESULT hr;

    ISCard_Detach(card, LEAVE);
    hr = ISCard_Transaction(card, &cmd);
    ISCardCmd_Release(cmd);
    return hr;
}

static HRESULT detach_twice(ISCard *card)
{
    ISCard_Detach(card, LEAVE);
    return ISCard_Detach(card, LEAVE);
}

static HRESULT reattach_detached(ISCard *card)
{
    ISCard_Detach(card, LEAVE);
    return ISCard_ReAttach(card, SHARED, LEAVE);
}

static HRESULT transact_nothing(ISCard *card)
{
    ISCardCmd *cmd = create_cmd();
    HRESULT hr;

    hr = ISCard_Transaction(card, &cmd);
    ISCardCmd_Release(cmd);
    return hr;
}

static void run_call(const struct row *row, struct result *result)
{
    const struct call *call = row->detail;
    ISCard *card = attach_card(demo_reader, T0 | T1);
    HRESULT hr;

    hr = call->make(card);
    ok(hr == call->expected, "%s, expected %s.\n", code_name(hr), code_name(call->expected));
    strcpy(result->got, code_name(hr));
    go_on(card, demo_reader, T0 | T1, result);
    ISCard_Release(card);
}

/* An object that is released while it has the card locked, or alone, leaves the card to the others. */
static void run_released(const struct row *row, struct result *result)
{
    ISCard *card = attach_card(demo_reader, T0 | T1);
    struct connection other;
    LONG rc;

    if (ISCard_LockSCard(card) != S_OK) ok(0, "LockSCard failed.\n");
    ISCard_Release(card);
    rc = connection_open(&other, demo_reader, SCARD_SHARE_EXCLUSIVE);
    ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "Beside the bystander: %s.\n", code_name(rc));
    connection_close(&other, SCARD_LEAVE_CARD);
    strcpy(result->got, "the lock ends with the object");
    card = attach_card(demo_reader, T0 | T1);
    strcpy(result->again, transacts(card) ? "a new object" : "NOTHING");
    ISCard_Release(card);
}

#define CALL(name, make, expected, again) { name, again, run_call, &(const struct call){ make, (HRESULT)(expected) } }

static const struct row rows[] =
{
    CALL("AttachByReader: unknown reader", attach_unknown_reader, SCARD_E_UNKNOWN_READER, "the next transaction"),
    CALL("AttachByReader: reader without a card", attach_empty_reader, SCARD_E_NO_SMARTCARD, "the next transaction"),
    CALL("AttachByReader: a protocol that the card does not speak", attach_other_protocol, SCARD_E_PROTO_MISMATCH,
         "AttachByReader"),
    CALL("AttachByHandle: a handle that was closed", attach_closed_handle, E_INVALIDARG, "the next transaction"),
    CALL("AttachByHandle: no handle at all", attach_wild_handle, E_INVALIDARG, "the next transaction"),
    CALL("UnlockSCard without a lock", unlock_unlocked, SCARD_E_NOT_TRANSACTED, "the next transaction"),
    CALL("UnlockSCard once too often", unlock_too_often, SCARD_E_NOT_TRANSACTED, "the next transaction"),
    CALL("Transaction after Detach", transact_detached, SCARD_E_INVALID_HANDLE, "AttachByReader"),
    CALL("Detach twice", detach_twice, SCARD_E_INVALID_HANDLE, "AttachByReader"),
    CALL("ReAttach after Detach", reattach_detached, SCARD_E_INVALID_HANDLE, "AttachByReader"),
    CALL("Transaction with an empty command", transact_nothing, E_INVALIDARG, "the next transaction"),
    { "released while it has the lock", "a new object", run_released, NULL },
};

START_TEST(calls)
{
    run_rows(rows, ARRAY_SIZE(rows));
}
