/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one file that calls winscard. */

#include <stdlib.h>
#include <string.h>

#include "winscard_private.h"
#include "winscard.h"
#include "wine/debug.h"
#include "wine/exception.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* What pcsc-lite uses where Windows has other values; Wine's winscard passes both through untranslated. */
#define PCSCLITE_PROTOCOL_RAW 4
#define PCSCLITE_STATE_MASK   0xffff    /* above it is a counter of card events */
#define WINSCARD_HANDLE_SIZE  16        /* the most that Wine's winscard reads at a handle */
#define MAX_NAME_BYTES        512       /* of a reader's name; pcsc-lite's have at most 128 */
#define PCSCLITE_LIVE_CARD    0x10      /* powered, or more; Windows' values end at 6 */
#define POWER_TRIES           20
#define POWER_WAIT            100       /* ms between two of them */

/*
 * A handle is a pointer to winscard, which dereferences it: a wild one faults there. No return may stand in call.
 */
#define GUARDED(error, call) \
    __TRY \
    { \
        error = call; \
    } \
    __EXCEPT_PAGE_FAULT \
    { \
        error = ERROR_INVALID_HANDLE; \
    } \
    __ENDTRY

static HRESULT hresult_from_scard(LONG error)
{
    return error < 0 ? error : HRESULT_FROM_WIN32(error);
}

static BOOL is_invalid_handle(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE) || hr == SCARD_E_INVALID_HANDLE;
}

const char bad_share_mode[] = "the share mode is neither EXCLUSIVE (1) nor SHARED (2)";
const char bad_protocol[] = "the protocol is not T0 (1), T1 (2), both (3) or RAW (255)";

BOOL is_share_mode(SCARD_SHARE_MODES mode)
{
    return mode == EXCLUSIVE || mode == SHARED;
}

BOOL is_protocol(SCARD_PROTOCOLS protocols)
{
    return protocols == T0 || protocols == T1 || protocols == (T0 | T1) || protocols == RAW;
}

HRESULT winscard_establish_context(HSCARDCONTEXT *context)
{
    LONG error;

    *context = 0;
    error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
    /* Nothing is wrong with these parameters. */
    if (error == SCARD_E_INVALID_PARAMETER && pcsc32_repair())
        error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
    if (error && !SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, context))
        error = SCARD_S_SUCCESS;
    TRACE("context %#Ix, error %#lx.\n", *context, error);
    return hresult_from_scard(error);
}

void winscard_release_context(HSCARDCONTEXT context)
{
    LONG error;

    if (context && (error = SCardReleaseContext(context)))
        WARN("Releasing context %#Ix: error %#lx.\n", context, error);
}

/*
 * Wine's winscard steps through a multi-string of UTF-8 by the lengths of the UTF-16 strings that it makes of it, so
 * that behind a name which is not ASCII the end of that name comes once more, as if it were another name. (Where just
 * one byte is left over, the list ends there: what comes behind cannot be had.)
 */
static void drop_repeated_ends(WCHAR *names)
{
    char name[MAX_NAME_BYTES];
    WCHAR end[MAX_NAME_BYTES];
    const WCHAR *in = names;
    WCHAR *out = names;
    int length, size, offset, end_length;

    while (*in)
    {
        length = lstrlenW(in) + 1;
        memmove(out, in, length * sizeof(*in));
        in += length;
        size = WideCharToMultiByte(CP_UTF8, 0, out, -1, name, sizeof(name), NULL, NULL);
        for (offset = length; offset < size - 1; offset += end_length)
        {
            end_length = MultiByteToWideChar(CP_UTF8, 0, name + offset, -1, end, ARRAY_SIZE(end));
            if (wcscmp(in, end))
                break;
            in += end_length;
        }
        out += length;
    }
    *out = 0;
}

/* Asks for the size of a multi-string and then for it; what comes between the two calls may make it longer. */
static HRESULT list_names(LONG (WINAPI *list)(SCARDCONTEXT context, const WCHAR *groups, WCHAR *names, DWORD *size),
        HSCARDCONTEXT context, const WCHAR *groups, WCHAR **names)
{
    LONG error = SCARD_E_INSUFFICIENT_BUFFER;
    DWORD size, attempt;
    WCHAR *buffer;

    for (attempt = 0; attempt < 5 && error == SCARD_E_INSUFFICIENT_BUFFER; attempt++)
    {
        size = 0;
        if ((error = list(context, groups, NULL, &size)))
            break;
        if (!(buffer = calloc(size + 2, sizeof(*buffer))))
            return E_OUTOFMEMORY;
        if (!(error = list(context, groups, buffer, &size)))
        {
            drop_repeated_ends(buffer);
            *names = buffer;
            return S_OK;
        }
        free(buffer);
    }
    return hresult_from_scard(error);
}

HRESULT winscard_list_readers(HSCARDCONTEXT context, const WCHAR *groups, WCHAR **names)
{
    HRESULT hr = list_names(SCardListReadersW, context, groups, names);

    if (SUCCEEDED(hr) && !**names)
    {
        free(*names);
        hr = SCARD_E_NO_READERS_AVAILABLE;
    }
    return hr;
}

static LONG WINAPI list_reader_groups(SCARDCONTEXT context, const WCHAR *groups, WCHAR *names, DWORD *size)
{
    return SCardListReaderGroupsW(context, names, size);
}

HRESULT winscard_list_reader_groups(HSCARDCONTEXT context, const WCHAR *groups, WCHAR **names)
{
    return list_names(list_reader_groups, context, groups, names);
}

HRESULT winscard_get_reader_atr(HSCARDCONTEXT context, const WCHAR *reader, struct atr *atr)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };
    LONG error = SCardGetStatusChangeW(context, 0, &state, 1);

    TRACE("%s: state %#lx, error %#lx.\n", debugstr_w(reader), state.dwEventState, error);
    if (error)
        return hresult_from_scard(error);
    if (!(state.dwEventState & SCARD_STATE_PRESENT) || state.dwEventState & SCARD_STATE_MUTE)
        return S_FALSE;
    atr->size = min(state.cbAtr, ATR_MAX_SIZE);
    memcpy(atr->bytes, state.rgbAtr, atr->size);
    return atr->size ? S_OK : S_FALSE;
}

/* The array for SCardGetStatusChange: the readers, and last the name that stands for their coming and going. */
static SCARD_READERSTATEW *create_reader_states(const struct reader_state *readers, UINT count)
{
    SCARD_READERSTATEW *states;
    UINT i;

    if (!(states = calloc(count + 1, sizeof(*states))))
        return NULL;
    for (i = 0; i < count; i++)
    {
        states[i].szReader = readers[i].name;
        states[i].dwCurrentState = readers[i].state;
    }
    states[count].szReader = L"\\\\?PnP?\\Notification";
    return states;
}

HRESULT winscard_get_reader_states(HSCARDCONTEXT context, struct reader_state *readers, UINT count)
{
    SCARD_READERSTATEW *states;
    LONG error;
    UINT i;

    if (!count)
        return S_OK;
    if (!(states = create_reader_states(readers, count)))
        return E_OUTOFMEMORY;
    error = SCardGetStatusChangeW(context, 0, states, count);
    for (i = 0; !error && i < count; i++)
    {
        readers[i].state = states[i].dwEventState & ~SCARD_STATE_CHANGED;
        readers[i].atr.size = min(states[i].cbAtr, ATR_MAX_SIZE);
        memcpy(readers[i].atr.bytes, states[i].rgbAtr, readers[i].atr.size);
        TRACE("%s: state %#lx.\n", debugstr_w(readers[i].name), readers[i].state);
    }
    free(states);
    return hresult_from_scard(error);
}

HRESULT winscard_await_change(HSCARDCONTEXT context, const struct reader_state *readers, UINT count, DWORD timeout)
{
    SCARD_READERSTATEW *states;
    LONG error;

    if (!(states = create_reader_states(readers, count)))
        return E_OUTOFMEMORY;
    error = SCardGetStatusChangeW(context, timeout, states, count + 1);
    TRACE("%u readers, error %#lx.\n", count, error);
    free(states);
    return error == SCARD_E_TIMEOUT ? S_OK : hresult_from_scard(error);
}

void winscard_cancel(HSCARDCONTEXT context)
{
    SCardCancel(context);
}

/* Calls SCardStatus. state and protocol are as the winscard beneath codes them. */
static LONG get_status(HSCARD handle, DWORD *state, DWORD *protocol, BYTE *atr, DWORD *atr_size)
{
    volatile LONG error;
    DWORD name_size = 0;

    *state = *protocol = 0;
    GUARDED(error, SCardStatusW(handle, NULL, &name_size, state, protocol, atr, atr_size));
    TRACE("handle %#Ix, state %#lx, protocol %#lx, error %#lx.\n", handle, *state, *protocol, error);
    return error;
}

static enum dialect dialect_from_state(DWORD state)
{
    if ((state & PCSCLITE_STATE_MASK) >= PCSCLITE_LIVE_CARD)
        return DIALECT_PCSCLITE;
    if (state == SCARD_NEGOTIABLE || state == SCARD_SPECIFIC)
        return DIALECT_WINDOWS;
    return DIALECT_UNKNOWN;
}

/* Learns from a live card what can be learnt. */
static LONG refresh_connection(struct connection *connection)
{
    BYTE atr[ATR_MAX_SIZE];
    DWORD state, protocol, atr_size = sizeof(atr);
    LONG error = get_status(connection->handle, &state, &protocol, atr, &atr_size);

    if (!error)
    {
        connection->protocol = protocol;
        if (dialect_from_state(state) != DIALECT_UNKNOWN)
            connection->dialect = dialect_from_state(state);
    }
    return error;
}

/* For RAW Windows' value first; pcsc-lite refuses it before it touches the card, and gets its own. */
static LONG connect_once(HSCARDCONTEXT context, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, HSCARD *handle, DWORD *protocol)
{
    LONG error = SCardConnectW(context, reader, share_mode, protocols == RAW ? SCARD_PROTOCOL_RAW : protocols, handle,
            protocol);

    if (protocols == RAW && (error == SCARD_E_PROTO_MISMATCH || error == SCARD_E_INVALID_VALUE)
            && !SCardConnectW(context, reader, share_mode, PCSCLITE_PROTOCOL_RAW, handle, protocol))
        return SCARD_S_SUCCESS;
    return error;
}

HRESULT winscard_connect(HSCARDCONTEXT context, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, struct connection *connection)
{
    struct connection created = { .exclusive = share_mode == EXCLUSIVE };
    unsigned int tries = POWER_TRIES;
    LONG error;

    /*
     * A card that another program has unpowered gets power by being connected. pcsc-lite may refuse it for up to a
     * second, when that program and all others have left.
     */
    while ((error = connect_once(context, reader, share_mode, protocols, &created.handle, &created.protocol))
            == SCARD_W_UNPOWERED_CARD && --tries)
        Sleep(POWER_WAIT);
    TRACE("%s: handle %#Ix, error %#lx.\n", debugstr_w(reader), created.handle, error);
    if (error)
        return hresult_from_scard(error);

    refresh_connection(&created);
    *connection = created;
    return S_OK;
}

/*
 * Whether a wild handle points to the guard page of some thread's stack. Touching it is no page fault: it would end
 * that thread's stack, or raise a stack overflow here.
 */
static BOOL is_in_guard_page(HSCARD handle)
{
    MEMORY_BASIC_INFORMATION info;

    return VirtualQuery((const void *)handle, &info, sizeof(info)) && info.State == MEM_COMMIT
            && info.Protect & PAGE_GUARD;
}

HRESULT winscard_adopt(HSCARD handle, struct connection *connection)
{
    struct connection adopted = { .handle = handle };
    HRESULT hr;

    if (is_in_guard_page(handle) || is_in_guard_page(handle + WINSCARD_HANDLE_SIZE - 1))
        return E_INVALIDARG;
    hr = hresult_from_scard(refresh_connection(&adopted));
    if (is_invalid_handle(hr))
        return E_INVALIDARG;
    if (FAILED(hr) && hr != SCARD_W_RESET_CARD && hr != SCARD_W_REMOVED_CARD && hr != SCARD_W_UNPOWERED_CARD
            && hr != SCARD_W_UNRESPONSIVE_CARD && hr != SCARD_E_NO_SMARTCARD)
        return hr;
    *connection = adopted;
    return S_OK;
}

HRESULT winscard_begin_transaction(const struct connection *connection)
{
    volatile LONG error;

    GUARDED(error, SCardBeginTransaction(connection->handle));
    return hresult_from_scard(error);
}

HRESULT winscard_end_transaction(const struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardEndTransaction(connection->handle, disposition));
    return hresult_from_scard(error);
}

static LONG reconnect(struct connection *connection, SCARD_SHARE_MODES share_mode, DWORD protocols,
        SCARD_DISPOSITIONS initialization)
{
    volatile LONG error;
    DWORD protocol = 0;

    GUARDED(error, SCardReconnect(connection->handle, share_mode, protocols,
            initialization == EJECT ? UNPOWER : initialization, &protocol));
    TRACE("handle %#Ix, protocols %#lx, protocol %#lx, error %#lx.\n", connection->handle, protocols, protocol, error);
    if (!error)
        connection->protocol = protocol;
    return error;
}

/*
 * pcsc-lite takes an exclusive connection for a lock, which a reconnect in shared mode leaves behind: the next program
 * that connects would hang. Ending a transaction ends that lock.
 */
static void release_exclusive_lock(const struct connection *connection)
{
    HRESULT hr = winscard_end_transaction(connection, LEAVE);

    if (FAILED(hr))
        WARN("handle %#Ix, hr %#lx.\n", connection->handle, hr);
}

static LONG reconnect_with_protocols(struct connection *connection, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization)
{
    LONG error = SCARD_E_PROTO_MISMATCH;

    if (protocols == RAW)
    {
        error = reconnect(connection, share_mode, SCARD_PROTOCOL_RAW, initialization);
        if (error == SCARD_E_PROTO_MISMATCH || error == SCARD_E_INVALID_VALUE)
            error = reconnect(connection, share_mode, PCSCLITE_PROTOCOL_RAW, initialization);
        return error;
    }
    if (protocols)
        return reconnect(connection, share_mode, protocols, initialization);
    if (connection->protocol)
        error = reconnect(connection, share_mode, connection->protocol, initialization);
    if (error == SCARD_E_PROTO_MISMATCH)
        error = reconnect(connection, share_mode, T0 | T1, initialization);
    return error;
}

/*
 * Makes a shared connection to a card that is there exclusive. While somebody else is connected, pcsc-lite's
 * SCardReconnect waits, for ever if need be, where Windows reports a sharing violation at once; so does pcsc-lite's
 * SCardConnect, but it counts our own connection as somebody else's.
 */
static HRESULT make_exclusive(struct connection *connection, HSCARDCONTEXT context, const WCHAR *reader)
{
    SCARD_PROTOCOLS protocol = winscard_protocol(connection);
    HRESULT hr;

    winscard_disconnect(connection, LEAVE);
    hr = winscard_connect(context, reader, EXCLUSIVE, protocol, connection);
    if (FAILED(hr) && FAILED(winscard_connect(context, reader, SHARED, protocol, connection)))
        WARN("The connection to %s is lost.\n", debugstr_w(reader));
    return hr;
}

HRESULT winscard_reconnect(struct connection *connection, HSCARDCONTEXT context, const WCHAR *reader,
        SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization)
{
    LONG error;
    HRESULT hr;

    if (reader && share_mode == EXCLUSIVE && !connection->exclusive && connection->dialect == DIALECT_PCSCLITE)
    {
        if ((error = reconnect_with_protocols(connection, SHARED, protocols, LEAVE)))
            return hresult_from_scard(error);
        hr = make_exclusive(connection, context, reader);
        if (FAILED(hr) || initialization == LEAVE)
            return hr;
    }
    if ((error = reconnect_with_protocols(connection, share_mode, protocols, initialization)))
        return hresult_from_scard(error);

    refresh_connection(connection);
    if (connection->exclusive && share_mode == SHARED && connection->dialect == DIALECT_PCSCLITE)
        release_exclusive_lock(connection);
    connection->exclusive = share_mode == EXCLUSIVE;
    return S_OK;
}

HRESULT winscard_disconnect(struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardDisconnect(connection->handle, disposition));
    TRACE("handle %#Ix, disposition %d, error %#lx.\n", connection->handle, disposition, error);
    connection->handle = 0;
    return hresult_from_scard(error);
}

static SCARD_STATES state_from_pcsclite(DWORD bits)
{
    static const struct { DWORD bit; SCARD_STATES state; } states[] =
    {
        { 0x40, SPECIFICMODE },
        { 0x20, NEGOTIABLEMODE },
        { 0x10, POWERED },
        { 0x08, SWALLOWED },
        { 0x04, PRESENT },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(states); i++)
    {
        if (bits & states[i].bit)
            return states[i].state;
    }
    return ABSENT;
}

static SCARD_PROTOCOLS protocol_from_winscard(DWORD protocol)
{
    return protocol == SCARD_PROTOCOL_RAW || protocol == PCSCLITE_PROTOCOL_RAW ? RAW : protocol;
}

HRESULT winscard_status(struct connection *connection, struct card_status *status)
{
    BYTE atr[ATR_MAX_SIZE];
    DWORD state, protocol, atr_size = sizeof(atr);
    LONG error = get_status(connection->handle, &state, &protocol, atr, &atr_size);

    memset(status, 0, sizeof(*status));
    if (error == SCARD_W_REMOVED_CARD)
    {
        status->state = ABSENT;
        return S_OK;
    }
    if (error)
        return hresult_from_scard(error);

    if (dialect_from_state(state) != DIALECT_UNKNOWN)
        connection->dialect = dialect_from_state(state);
    if (connection->dialect == DIALECT_PCSCLITE)
        status->state = state_from_pcsclite(state);
    else
        status->state = state >= ABSENT && state <= SPECIFICMODE ? state : PRESENT;
    if (!connection->protocol)
        connection->protocol = protocol;
    status->atr.size = min(atr_size, sizeof(atr));
    memcpy(status->atr.bytes, atr, status->atr.size);
    return S_OK;
}

HRESULT winscard_transmit(const struct connection *connection, const BYTE *command, DWORD command_size, BYTE *reply,
        DWORD *size)
{
    SCARD_IO_REQUEST pci = { connection->protocol, sizeof(pci) };
    volatile LONG error;

    GUARDED(error, SCardTransmit(connection->handle, &pci, command, command_size, NULL, reply, size));
    TRACE("handle %#Ix, %lu bytes sent, %lu received, error %#lx.\n", connection->handle, command_size,
            error ? 0 : *size, error);
    if (error)
        *size = 0;
    return hresult_from_scard(error);
}

SCARD_PROTOCOLS winscard_protocol(const struct connection *connection)
{
    return protocol_from_winscard(connection->protocol);
}
