/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A winscard for scardssp.dll alone, put into its import table: one reader with one card, which answers at once with
 * what it is told. It is for what no card can cause and for times without a card. It counts what is open, so that a
 * test sees what was forgotten, and any of its functions can be made to fail.
 */

#ifndef SCARDSSP_TESTS_FAKE_WINSCARD_H
#define SCARDSSP_TESTS_FAKE_WINSCARD_H

#include "common.h"
#include "import_table.h"
#include <winscard.h>

#define FAKE_READER L"Fake Reader 0" /* there is no other, so that all open transactions are its own */

enum fake_function
{
    FAKE_BEGIN_TRANSACTION,
    FAKE_CANCEL,
    FAKE_CONNECT,
    FAKE_DISCONNECT,
    FAKE_END_TRANSACTION,
    FAKE_ESTABLISH_CONTEXT,
    FAKE_GET_ATTRIB,
    FAKE_GET_STATUS_CHANGE,
    FAKE_LIST_READER_GROUPS,
    FAKE_LIST_READERS,
    FAKE_RECONNECT,
    FAKE_RELEASE_CONTEXT,
    FAKE_STATUS,
    FAKE_TRANSMIT,
    FAKE_FUNCTIONS
};

static struct fake_winscard
{
    LONG errors[FAKE_FUNCTIONS];    /* what each function returns instead of doing its work; 0: it does it */
    ULONG calls[FAKE_FUNCTIONS];
    LONG contexts, connections, transactions; /* that are open */
    DWORD protocol;
    DWORD state;                    /* of the card, as SCardStatus gives it */
    DWORD mute;                     /* protocols of which the card, when it is one of them, does not answer any more */
    const BYTE *reply;
    DWORD reply_size;
    DWORD room;                     /* that the last SCardTransmit gave for a reply */
    BOOL narrow;                    /* 16 bits of it are kept, as some drivers do */
}
fake = { .protocol = SCARD_PROTOCOL_T1, .state = SCARD_SPECIFIC };

static BYTE fake_context, fake_connection; /* what the handles point to */
static const BYTE fake_atr[] = { 0x3b, 0x80, 0x01, 0x81 };

/* Whether the function is to go on; *error is what it returns else. */
static inline BOOL fake_call(enum fake_function function, LONG *error)
{
    fake.calls[function]++;
    *error = fake.errors[function];
    return !*error;
}

static LONG WINAPI fake_establish_context(DWORD scope, const void *reserved1, const void *reserved2, ULONG_PTR *context)
{
    LONG error;

    if (!fake_call(FAKE_ESTABLISH_CONTEXT, &error)) return error;
    fake.contexts++;
    *context = (ULONG_PTR)&fake_context;
    return SCARD_S_SUCCESS;
}

/* It ends the handle also where it reports an error, as winscard does. */
static LONG WINAPI fake_release_context(ULONG_PTR context)
{
    LONG error;

    fake_call(FAKE_RELEASE_CONTEXT, &error);
    fake.contexts--;
    return error;
}

static LONG WINAPI fake_cancel(ULONG_PTR context)
{
    LONG error;

    fake_call(FAKE_CANCEL, &error);
    return error;
}

/* As pcsc-lite does it, which prefers T=1. */
static LONG fake_negotiate(DWORD protocols, DWORD *protocol)
{
    DWORD chosen = protocols & SCARD_PROTOCOL_T1 ? SCARD_PROTOCOL_T1 : protocols & SCARD_PROTOCOL_T0;

    *protocol = fake.mute ? chosen : fake.protocol;
    return chosen & fake.mute ? SCARD_W_UNRESPONSIVE_CARD : SCARD_S_SUCCESS;
}

static LONG WINAPI fake_connect(ULONG_PTR context, const WCHAR *reader, DWORD share, DWORD protocols, ULONG_PTR *handle,
                                DWORD *protocol)
{
    LONG error;

    if (!fake_call(FAKE_CONNECT, &error)) return error;
    if (wcscmp(reader, FAKE_READER)) return SCARD_E_UNKNOWN_READER;
    if ((error = fake_negotiate(protocols, protocol))) return error;
    fake.connections++;
    *handle = (ULONG_PTR)&fake_connection;
    return SCARD_S_SUCCESS;
}

static LONG WINAPI fake_reconnect(ULONG_PTR handle, DWORD share, DWORD protocols, DWORD initialization, DWORD *protocol)
{
    LONG error;

    if (!fake_call(FAKE_RECONNECT, &error)) return error;
    return fake_negotiate(protocols, protocol);
}

static LONG WINAPI fake_disconnect(ULONG_PTR handle, DWORD disposition)
{
    LONG error;

    fake_call(FAKE_DISCONNECT, &error);
    fake.connections--;
    fake.transactions = 0;
    return error;
}

static LONG WINAPI fake_begin_transaction(ULONG_PTR handle)
{
    LONG error;

    if (!fake_call(FAKE_BEGIN_TRANSACTION, &error)) return error;
    fake.transactions++;
    return SCARD_S_SUCCESS;
}

static LONG WINAPI fake_end_transaction(ULONG_PTR handle, DWORD disposition)
{
    LONG error;

    if (!fake_call(FAKE_END_TRANSACTION, &error)) return error;
    fake.transactions--;
    return SCARD_S_SUCCESS;
}

static LONG WINAPI fake_status(ULONG_PTR handle, WCHAR *names, DWORD *names_size, DWORD *state, DWORD *protocol,
                               BYTE *atr, DWORD *atr_size)
{
    LONG error;

    if (!fake_call(FAKE_STATUS, &error)) return error;
    *names_size = ARRAY_SIZE(FAKE_READER) + 1;
    if (names) lstrcpyW(names, FAKE_READER);
    *state = fake.state;
    *protocol = fake.mute ? SCARD_PROTOCOL_T0 : fake.protocol;
    *atr_size = sizeof(fake_atr);
    memcpy(atr, fake_atr, sizeof(fake_atr));
    return SCARD_S_SUCCESS;
}

static LONG WINAPI fake_get_attrib(ULONG_PTR handle, DWORD id, BYTE *attrib, DWORD *size)
{
    LONG error;

    if (!fake_call(FAKE_GET_ATTRIB, &error)) return error;
    *size = 0;
    return SCARD_S_SUCCESS;
}

/* As winscard's, a reply that does not fit is an error. */
static LONG WINAPI fake_transmit(ULONG_PTR handle, const void *send_pci, const BYTE *send, DWORD send_size,
                                 void *receive_pci, BYTE *reply, DWORD *reply_size)
{
    LONG error;

    if (!fake_call(FAKE_TRANSMIT, &error)) return error;
    fake.room = *reply_size;
    if (fake.reply_size > (fake.narrow ? (WORD)fake.room : fake.room)) return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(reply, fake.reply, fake.reply_size);
    *reply_size = fake.reply_size;
    return SCARD_S_SUCCESS;
}

static LONG WINAPI fake_get_status_change(ULONG_PTR context, DWORD timeout, SCARD_READERSTATEW *states, DWORD count)
{
    LONG error;
    DWORD i;

    if (!fake_call(FAKE_GET_STATUS_CHANGE, &error)) return error;
    for (i = 0; i < count; i++)
    {
        states[i].dwEventState = SCARD_STATE_PRESENT;
        states[i].cbAtr = sizeof(fake_atr);
        memcpy(states[i].rgbAtr, fake_atr, sizeof(fake_atr));
    }
    return SCARD_S_SUCCESS;
}

static LONG fake_list(enum fake_function function, const WCHAR *list, DWORD list_size, WCHAR *names, DWORD *size)
{
    LONG error;

    if (!fake_call(function, &error)) return error;
    if (names && *size < list_size) error = SCARD_E_INSUFFICIENT_BUFFER;
    else if (names) memcpy(names, list, list_size * sizeof(*names));
    *size = list_size;
    return error;
}

static LONG WINAPI fake_list_readers(ULONG_PTR context, const WCHAR *groups, WCHAR *names, DWORD *size)
{
    return fake_list(FAKE_LIST_READERS, FAKE_READER L"\0", ARRAY_SIZE(FAKE_READER) + 1, names, size);
}

static LONG WINAPI fake_list_reader_groups(ULONG_PTR context, WCHAR *names, DWORD *size)
{
    return fake_list(FAKE_LIST_READER_GROUPS, L"SCard$AllReaders\0", 18, names, size);
}

static const struct replacement fake_functions[FAKE_FUNCTIONS] =
{
    [FAKE_BEGIN_TRANSACTION] = { "SCardBeginTransaction", fake_begin_transaction },
    [FAKE_CANCEL] = { "SCardCancel", fake_cancel },
    [FAKE_CONNECT] = { "SCardConnectW", fake_connect },
    [FAKE_DISCONNECT] = { "SCardDisconnect", fake_disconnect },
    [FAKE_END_TRANSACTION] = { "SCardEndTransaction", fake_end_transaction },
    [FAKE_ESTABLISH_CONTEXT] = { "SCardEstablishContext", fake_establish_context },
    [FAKE_GET_ATTRIB] = { "SCardGetAttrib", fake_get_attrib },
    [FAKE_GET_STATUS_CHANGE] = { "SCardGetStatusChangeW", fake_get_status_change },
    [FAKE_LIST_READER_GROUPS] = { "SCardListReaderGroupsW", fake_list_reader_groups },
    [FAKE_LIST_READERS] = { "SCardListReadersW", fake_list_readers },
    [FAKE_RECONNECT] = { "SCardReconnect", fake_reconnect },
    [FAKE_RELEASE_CONTEXT] = { "SCardReleaseContext", fake_release_context },
    [FAKE_STATUS] = { "SCardStatusW", fake_status },
    [FAKE_TRANSMIT] = { "SCardTransmit", fake_transmit },
};

/* Puts it in the place of the real one. FALSE: scardssp.dll is not loaded or calls winscard otherwise. */
static inline BOOL fake_install(void)
{
    IUnknown *object = create_object(&CLSID_CByteBuffer, &IID_IUnknown);

    IUnknown_Release(object);
    return GetModuleHandleA("scardssp.dll")
        && replace_imports("scardssp.dll", fake_functions, FAKE_FUNCTIONS) == FAKE_FUNCTIONS;
}

#endif
