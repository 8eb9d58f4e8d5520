/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one file that calls winscard. */

#include <stdlib.h>
#include <string.h>

#include "exchange_trace.h"
#include "winscard_private.h"
#include "wine/debug.h"
#include "wine/exception.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* What pcsc-lite uses where Windows has other values; Wine's winscard passes both through untranslated. */
#define PCSCLITE_PROTOCOL_RAW 4
#define PCSCLITE_E_UNSUPPORTED_FEATURE ((LONG)0x8010001f)
#define PCSCLITE_STATE_MASK   0xffff    /* above it is a counter of card events */
#define WINSCARD_HANDLE_SIZE  16        /* the most that Wine's winscard reads at a handle */
#define MAX_NAME_BYTES        512       /* of a reader's name; pcsc-lite's have at most 128 */
#define PCSCLITE_NEGOTIABLE   0x20
#define PCSCLITE_LIVE_CARD    0x10      /* powered, or more; Windows' values end at 6 */
#define ATTR_DEVICE_FRIENDLY_NAME_A 0x7fff0003 /* SCARD_ATTR_DEVICE_FRIENDLY_NAME_A of winsmcrd.h */
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

/* How the winscard beneath codes states and RAW: Windows' way, or as pcsc-lite's values passed through. */
static enum
{
    DIALECT_UNKNOWN,        /* no live card has shown it yet */
    DIALECT_WINDOWS,
    DIALECT_PCSCLITE
}
dialect;

/* pcsc-lite's SCARD_E_UNSUPPORTED_FEATURE is Windows' SCARD_E_UNEXPECTED, which pcsc-lite never means. */
static HRESULT hresult_from_scard(LONG error)
{
    if (error == PCSCLITE_E_UNSUPPORTED_FEATURE && dialect == DIALECT_PCSCLITE)
        return SCARD_E_UNSUPPORTED_FEATURE;
    return error < 0 ? error : HRESULT_FROM_WIN32(error);
}

static BOOL is_invalid_handle(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE) || hr == SCARD_E_INVALID_HANDLE;
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
static HRESULT list_names(LONG (WINAPI *list)(SCARDCONTEXT context, WCHAR *names, DWORD *size), HSCARDCONTEXT context,
        WCHAR **names)
{
    LONG error = SCARD_E_INSUFFICIENT_BUFFER;
    DWORD size, attempt;
    WCHAR *buffer;

    for (attempt = 0; attempt < 5 && error == SCARD_E_INSUFFICIENT_BUFFER; attempt++)
    {
        size = 0;
        if ((error = list(context, NULL, &size)))
            break;
        if (!(buffer = calloc(size + 2, sizeof(*buffer))))
            return E_OUTOFMEMORY;
        if (!(error = list(context, buffer, &size)))
        {
            drop_repeated_ends(buffer);
            *names = buffer;
            return S_OK;
        }
        free(buffer);
    }
    return hresult_from_scard(error);
}

static LONG WINAPI list_all_readers(SCARDCONTEXT context, WCHAR *names, DWORD *size)
{
    return SCardListReadersW(context, NULL, names, size);
}

HRESULT winscard_list_readers(HSCARDCONTEXT context, WCHAR **names)
{
    HRESULT hr = list_names(list_all_readers, context, names);

    if (SUCCEEDED(hr) && !**names)
    {
        free(*names);
        hr = SCARD_E_NO_READERS_AVAILABLE;
    }
    return hr;
}

HRESULT winscard_list_reader_groups(HSCARDCONTEXT context, WCHAR **names)
{
    return list_names(SCardListReaderGroupsW, context, names);
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

/* The array for SCardGetStatusChange, with room for one more. */
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

static BOOL is_other_state(DWORD state, DWORD known)
{
    return ((state ^ known) & ~SCARD_STATE_CHANGED) != 0;
}

/*
 * The last name stands for the coming and going of readers, which pcsc-lite counts in the upper half of its state from
 * release 2.3 on. Wine's winscard does not keep dwCurrentState, so that states are compared with those that were given.
 */
HRESULT winscard_await_change(HSCARDCONTEXT context, const struct reader_state *readers, UINT count, DWORD *events,
        DWORD timeout, BOOL *changed)
{
    SCARD_READERSTATEW *states;
    UINT watched = count + 1, i;
    LONG error;

    *changed = FALSE;
    if (!(states = create_reader_states(readers, count)))
        return E_OUTOFMEMORY;
    states[count].szReader = L"\\\\?PnP?\\Notification";
    states[count].dwCurrentState = *events;
    error = SCardGetStatusChangeW(context, timeout, states, watched);
    /* pcsc-lite takes as many names as there can be readers: with all of these there is no room for the last. */
    if (error == SCARD_E_INVALID_PARAMETER && count)
        error = SCardGetStatusChangeW(context, timeout, states, --watched);
    for (i = 0; !error && i < watched; i++)
        *changed |= is_other_state(states[i].dwEventState, i < count ? readers[i].state : *events);
    if (!error && watched > count)
        *events = states[count].dwEventState & ~SCARD_STATE_CHANGED;
    TRACE("%u readers, error %#lx, changed %d, events %#lx.\n", count, error, *changed, *events);
    free(states);
    return error == SCARD_E_TIMEOUT ? S_OK : hresult_from_scard(error);
}

void winscard_cancel(HSCARDCONTEXT context)
{
    SCardCancel(context);
}

/* Calls SCardStatus. name: NULL, or room for MAX_NAME_BYTES; state and protocol are as the winscard beneath codes them. */
static LONG get_status(HSCARD handle, WCHAR *name, DWORD *state, DWORD *protocol, BYTE *atr, DWORD *atr_size)
{
    DWORD name_size = name ? MAX_NAME_BYTES : 0;
    volatile LONG error;

    *state = *protocol = 0;
    GUARDED(error, SCardStatusW(handle, name, &name_size, state, protocol, atr, atr_size));
    TRACE("handle %#Ix, state %#lx, protocol %#lx, error %#lx.\n", handle, *state, *protocol, error);
    if (error)
        return error;
    if ((*state & PCSCLITE_STATE_MASK) >= PCSCLITE_LIVE_CARD)
        dialect = DIALECT_PCSCLITE;
    else if (*state == SCARD_NEGOTIABLE || *state == SCARD_SPECIFIC)
        dialect = DIALECT_WINDOWS;
    return error;
}

/* Learns from a live card what can be learnt: the protocol, and which reader it is in. */
static LONG refresh_connection(struct connection *connection)
{
    WCHAR name[MAX_NAME_BYTES] = {0};
    BYTE atr[ATR_MAX_SIZE];
    DWORD state, protocol, atr_size = sizeof(atr);
    LONG error = get_status(connection->handle, name, &state, &protocol, atr, &atr_size);

    if (error)
        return error;
    connection->protocol = protocol;
    if (!connection->reader && *name)
        connection->reader = _wcsdup(name);
    return error;
}

SCARD_PROTOCOLS winscard_protocol(const struct connection *connection)
{
    return connection->protocol == SCARD_PROTOCOL_RAW || connection->protocol == PCSCLITE_PROTOCOL_RAW ? RAW
            : connection->protocol;
}

/* SCARD_STATE_xxx; 0: it cannot be told. This waits for nobody. */
static DWORD get_reader_state(HSCARDCONTEXT context, const WCHAR *reader)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };

    return reader && !SCardGetStatusChangeW(context, 0, &state, 1) ? state.dwEventState : 0;
}

static BOOL is_in_use(HSCARDCONTEXT context, const WCHAR *reader)
{
    return (get_reader_state(context, reader) & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
}

/* Of a connection, not of somebody else's: beside that there is none. */
static BOOL is_exclusive(HSCARDCONTEXT context, const struct connection *connection)
{
    return (get_reader_state(context, connection->reader) & SCARD_STATE_EXCLUSIVE) != 0;
}

/* ---- connecting and reconnecting ---- */

struct attempt
{
    HSCARD handle;          /* of the connection; 0: there is none, and one is to be made */
    HSCARDCONTEXT context;  /* for a new one */
    const WCHAR *reader;    /* likewise */
    SCARD_SHARE_MODES share_mode;
    SCARD_DISPOSITIONS initialization; /* for one that is there */
    DWORD protocol;         /* that is active now */
};

/* protocols: as the winscard beneath codes them. */
static LONG attempt_once(struct attempt *attempt, DWORD protocols)
{
    HSCARD handle = attempt->handle;
    DWORD protocol = 0;
    volatile LONG error;

    if (handle)
    {
        GUARDED(error, SCardReconnect(handle, attempt->share_mode, protocols, attempt->initialization, &protocol));
    }
    else
        error = SCardConnectW(attempt->context, attempt->reader, attempt->share_mode, protocols, &handle, &protocol);
    TRACE("%s: handle %#Ix, share mode %d, protocols %#lx, protocol %#lx, error %#lx.\n",
            debugstr_w(attempt->reader), handle, attempt->share_mode, protocols, protocol, error);
    if (!error)
    {
        attempt->handle = handle;
        attempt->protocol = protocol;
    }
    return error;
}

/*
 * For RAW Windows' value first; pcsc-lite refuses it before it touches the card, and gets its own, which a winscard
 * that is not pcsc-lite's does not know.
 */
static LONG attempt_raw(struct attempt *attempt)
{
    LONG error = attempt_once(attempt, SCARD_PROTOCOL_RAW), second;

    if (error != SCARD_E_PROTO_MISMATCH && error != SCARD_E_INVALID_VALUE)
        return error;
    /* pcsc-lite takes the card's protocol away from those who share it before it sees that there are any. */
    if (!attempt->handle && attempt->share_mode == EXCLUSIVE && is_in_use(attempt->context, attempt->reader))
        return SCARD_E_SHARING_VIOLATION;
    second = attempt_once(attempt, PCSCLITE_PROTOCOL_RAW);
    return second == SCARD_E_INVALID_VALUE ? error : second;
}

static LONG attempt_protocols(struct attempt *attempt, SCARD_PROTOCOLS protocols)
{
    LONG error;

    if (protocols == RAW)
        return attempt_raw(attempt);
    error = attempt_once(attempt, protocols);
    /* Of two protocols pcsc-lite tries T=1 alone, and some cards that offer it do not switch to it. */
    if (error == SCARD_W_UNRESPONSIVE_CARD && protocols == (T0 | T1) && !attempt_once(attempt, T0))
        return SCARD_S_SUCCESS;
    return error;
}

/*
 * Whether a card without power gets it by waiting. pcsc-lite gives it to whoever connects, but for up to a second not
 * after a program unpowered the card while others were connected, who have left now. A card that has shown no ATR, as
 * a memory card in a reader for processor cards, will not be powered by time.
 */
static BOOL gets_power_soon(HSCARDCONTEXT context, const WCHAR *reader)
{
    DWORD state = get_reader_state(context, reader);

    return state & SCARD_STATE_PRESENT && !(state & (SCARD_STATE_MUTE | SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE));
}

static LONG attempt_with_power(struct attempt *attempt, SCARD_PROTOCOLS protocols)
{
    unsigned int tries = POWER_TRIES;
    LONG error;

    while ((error = attempt_protocols(attempt, protocols)) == SCARD_W_UNPOWERED_CARD && --tries
            && gets_power_soon(attempt->context, attempt->reader))
        Sleep(POWER_WAIT);
    return error;
}

/*
 * The protocol that the reader is set to, whoever set it, as the winscard beneath codes it; 0: none, or it cannot be
 * told. disposition: what is done to the card where the protocol is RAW.
 */
static DWORD look_at_protocol(HSCARDCONTEXT context, const WCHAR *reader, SCARD_DISPOSITIONS disposition)
{
    struct attempt attempt = { .context = context, .reader = reader, .share_mode = SCARD_SHARE_DIRECT };
    volatile LONG error;

    if (attempt_once(&attempt, 0))
        return 0;
    GUARDED(error, SCardDisconnect(attempt.handle,
            attempt.protocol == PCSCLITE_PROTOCOL_RAW ? disposition : SCARD_LEAVE_CARD));
    return error ? 0 : attempt.protocol;
}

/*
 * RAW on pcsc-lite is a state of the reader: until the card is reset, nobody can connect with another protocol. Resets
 * the card where that was left behind and nobody is connected. Returns whether it did.
 */
static BOOL reset_left_raw(HSCARDCONTEXT context, const WCHAR *reader)
{
    return !is_in_use(context, reader) && look_at_protocol(context, reader, RESET) == PCSCLITE_PROTOCOL_RAW;
}

HRESULT winscard_connect(HSCARDCONTEXT context, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, struct connection *connection)
{
    struct attempt attempt = { .context = context, .reader = reader, .share_mode = share_mode };
    WCHAR *name;
    LONG error;

    if (!(name = _wcsdup(reader)))
        return E_OUTOFMEMORY;
    error = attempt_with_power(&attempt, protocols);
    if (error == SCARD_E_PROTO_MISMATCH && protocols != RAW && reset_left_raw(context, reader))
        error = attempt_with_power(&attempt, protocols);
    if (error)
    {
        free(name);
        return hresult_from_scard(error);
    }

    connection->is_own = TRUE;
    connection->reader = name;
    connection->locks = 0;
    connection->protocol = attempt.protocol;
    connection->handle = attempt.handle;
    refresh_connection(connection);
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

static BOOL is_wild_handle(HSCARD handle)
{
    return is_in_guard_page(handle) || is_in_guard_page(handle + WINSCARD_HANDLE_SIZE - 1);
}

HRESULT winscard_adopt(HSCARD handle, struct connection *connection)
{
    struct connection adopted = { .handle = handle };
    HRESULT hr;

    if (is_wild_handle(handle))
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

BOOL winscard_is_locked_out(HSCARD handle)
{
    volatile LONG error;
    BYTE name[MAX_NAME_BYTES];
    DWORD size = sizeof(name);

    if (is_wild_handle(handle))
        return FALSE;
    /* On Windows this would wait as well. */
    if (dialect != DIALECT_PCSCLITE)
        return TRUE;
    GUARDED(error, SCardGetAttrib(handle, ATTR_DEVICE_FRIENDLY_NAME_A, name, &size));
    return error && !is_invalid_handle(hresult_from_scard(error)) && error != SCARD_W_RESET_CARD
            && error != SCARD_W_REMOVED_CARD;
}

/* ---- transactions ---- */

static LONG begin_transaction(HSCARD handle)
{
    volatile LONG error;

    GUARDED(error, SCardBeginTransaction(handle));
    return error;
}

static LONG end_transaction(HSCARD handle, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardEndTransaction(handle, disposition));
    return error;
}

HRESULT winscard_begin_transaction(struct connection *connection)
{
    LONG error = begin_transaction(connection->handle);

    if (!error)
        connection->locks++;
    return hresult_from_scard(error);
}

HRESULT winscard_end_transaction(struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    LONG error = end_transaction(connection->handle, disposition);
    HRESULT hr;

    hr = hresult_from_scard(error);
    /* pcsc-lite ends it also where the reader cannot eject the card. */
    if (connection->locks && (SUCCEEDED(hr) || hr == SCARD_E_NOT_TRANSACTED
            || (dialect == DIALECT_PCSCLITE && hr == SCARD_E_UNSUPPORTED_FEATURE)))
        connection->locks--;
    return hr;
}

HRESULT winscard_restore_locks(struct connection *connection, LONG locks)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && connection->locks < locks)
        hr = winscard_begin_transaction(connection);
    return hr;
}

/* ---- the share mode ---- */

/* protocols 0: the active one, or whichever the card offers. */
static LONG reconnect(struct connection *connection, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization)
{
    struct attempt attempt =
    {
        .handle = connection->handle,
        .reader = connection->reader,
        .share_mode = share_mode,
        .initialization = initialization == EJECT ? UNPOWER : initialization
    };
    DWORD active = connection->protocol;
    unsigned int tries = 2;
    LONG error;

    /* pcsc-lite takes the protocol away after a reset, also where the reconnect has overtaken the end of it. */
    do
    {
        error = SCARD_E_PROTO_MISMATCH;
        if (protocols)
            error = attempt_protocols(&attempt, protocols);
        else if (active)
            error = attempt_once(&attempt, active);
        if (!protocols && error == SCARD_E_PROTO_MISMATCH)
            error = attempt_protocols(&attempt, T0 | T1);
        if (error)
            return error;
        connection->protocol = attempt.protocol;
    } while (!refresh_connection(connection) && !connection->protocol && --tries);
    return SCARD_S_SUCCESS;
}

/* Whether the reader is set to RAW, by whomsoever, which only a reset ends. */
static BOOL is_set_to_raw(const struct connection *connection, HSCARDCONTEXT context)
{
    BYTE atr[ATR_MAX_SIZE];
    DWORD state, protocol, atr_size = sizeof(atr);

    if (connection->protocol == PCSCLITE_PROTOCOL_RAW)
        return TRUE;
    if (!get_status(connection->handle, NULL, &state, &protocol, atr, &atr_size))
        return protocol == PCSCLITE_PROTOCOL_RAW;
    /* The card was reset since. While we lock it, nobody but us can have done that. */
    return !connection->locks && look_at_protocol(context, connection->reader, LEAVE) == PCSCLITE_PROTOCOL_RAW;
}

/* The connection is exclusive and stays so; hence a reset concerns nobody else. */
static LONG reconnect_exclusive(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization)
{
    LONG error = reconnect(connection, EXCLUSIVE, protocols, initialization);

    if (error != SCARD_E_PROTO_MISMATCH || protocols == RAW || !is_set_to_raw(connection, context))
        return error;
    error = reconnect(connection, EXCLUSIVE, protocols, RESET);
    if (error && reconnect(connection, EXCLUSIVE, RAW, LEAVE))
        WARN("handle %#Ix is not as it was.\n", connection->handle);
    return error;
}

/*
 * pcsc-lite takes an exclusive connection for a lock, and SCardReconnect in shared mode ends it only where there is
 * another one; the last one would stay, and the next program that connects would hang. So there is one more for that
 * moment, and the program's own stay.
 */
static LONG make_shared(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization)
{
    LONG error = reconnect_exclusive(connection, context, protocols, initialization);

    if (error)
        return error;
    if (dialect != DIALECT_PCSCLITE)
        return reconnect(connection, SHARED, 0, LEAVE);
    if ((error = begin_transaction(connection->handle)))
        return error;
    error = reconnect(connection, SHARED, 0, LEAVE);
    end_transaction(connection->handle, LEAVE);
    return error;
}

/* The readers that somebody has for himself; a multi-string that the caller frees, or NULL. */
static WCHAR *list_exclusive_readers(HSCARDCONTEXT context)
{
    WCHAR *names, *in, *out;
    int length;

    if (FAILED(winscard_list_readers(context, &names)))
        return NULL;
    for (in = out = names; *in; in += length)
    {
        length = lstrlenW(in) + 1;
        if (!(get_reader_state(context, in) & SCARD_STATE_EXCLUSIVE))
            continue;
        memmove(out, in, length * sizeof(*in));
        out += length;
    }
    *out = 0;
    return names;
}

/*
 * Of a caller's handle whose card was reset or removed the reader cannot be told, nor hence the share mode, before it
 * is reconnected: only then is it seen whether it was exclusive.
 */
static LONG make_unknown_shared(struct connection *connection, HSCARDCONTEXT context,
        SCARD_DISPOSITIONS initialization)
{
    WCHAR *exclusive = list_exclusive_readers(context), *name;
    LONG error = reconnect(connection, SHARED, 0, initialization);

    for (name = exclusive; !error && name && *name; name += lstrlenW(name) + 1)
    {
        if (connection->reader && !wcscmp(name, connection->reader) && dialect == DIALECT_PCSCLITE
                && !connection->locks)
            end_transaction(connection->handle, LEAVE);
    }
    free(exclusive);
    return error;
}

/*
 * pcsc-lite's SCardReconnect waits while somebody else is connected, for ever if need be, and does its work on the card
 * again and again meanwhile. A caller's handle has no other way; but the card is left alone until the wait is over.
 */
static LONG await_exclusive(struct connection *connection, SCARD_DISPOSITIONS initialization)
{
    LONG error = reconnect(connection, EXCLUSIVE, 0, LEAVE);

    /* A card that does not answer, or whose protocol is another now, is what the initialization is for. */
    if (initialization == LEAVE || (error && error != SCARD_W_UNRESPONSIVE_CARD && error != SCARD_E_PROTO_MISMATCH))
        return error;
    return reconnect(connection, EXCLUSIVE, 0, initialization);
}

static LONG end_connection(struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardDisconnect(connection->handle, disposition));
    TRACE("handle %#Ix, disposition %d, error %#lx.\n", connection->handle, disposition, error);
    connection->handle = 0;
    return error;
}

/*
 * Ends a shared connection of our own and makes it anew; where that fails, as it was. The locks end for that moment.
 * Handle 0: the connection could not be restored.
 */
static HRESULT replace_connection(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    struct connection old = *connection;
    HRESULT hr, restored;

    end_connection(connection, LEAVE);
    connection->reader = NULL;
    hr = winscard_connect(context, old.reader, share_mode, protocols, connection);
    if (FAILED(hr))
    {
        restored = winscard_connect(context, old.reader, SHARED, winscard_protocol(&old), connection);
        if (restored == SCARD_E_PROTO_MISMATCH
                && SUCCEEDED(restored = winscard_connect(context, old.reader, SHARED, RAW, connection)))
            connection->protocol = old.protocol; /* which it cannot use, as before */
        if (FAILED(restored))
        {
            WARN("The connection to %s is lost, hr %#lx.\n", debugstr_w(old.reader), restored);
            winscard_forget(connection);
        }
    }
    free(old.reader);
    if (connection->handle && FAILED(restored = winscard_restore_locks(connection, old.locks)))
        hr = FAILED(hr) ? hr : restored;
    return hr;
}

/*
 * Reconnects a shared connection of our own on pcsc-lite. To become exclusive it is made anew: SCardConnect reports a
 * sharing violation at once, but counts our own connection as somebody else's. It is made anew also where RAW is to be
 * left.
 */
static HRESULT reconnect_own(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization)
{
    /* Others that share the card keep their protocol until it is known that there are none. */
    SCARD_PROTOCOLS now = share_mode == EXCLUSIVE && protocols == RAW ? 0 : protocols;
    LONG error = reconnect(connection, SHARED, now, share_mode == SHARED ? initialization : LEAVE);
    HRESULT hr;

    if (error == SCARD_W_UNRESPONSIVE_CARD && share_mode == EXCLUSIVE && initialization != LEAVE)
        error = reconnect(connection, SHARED, now, initialization);
    if (error && (error != SCARD_E_PROTO_MISMATCH || protocols == RAW || !is_set_to_raw(connection, context)))
        return hresult_from_scard(error);
    if (!error && share_mode == SHARED)
        return S_OK;

    hr = replace_connection(connection, context, share_mode, protocols ? protocols : winscard_protocol(connection));
    if (SUCCEEDED(hr) && share_mode == EXCLUSIVE && initialization != LEAVE)
        hr = hresult_from_scard(reconnect(connection, EXCLUSIVE, protocols, initialization));
    return hr;
}

HRESULT winscard_reconnect(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization)
{
    LONG error;

    /* The program may have used the handle as well: what is so now counts. */
    if (!connection->reader)
        refresh_connection(connection);
    if (is_exclusive(context, connection))
        error = share_mode == SHARED ? make_shared(connection, context, protocols, initialization)
                : reconnect_exclusive(connection, context, protocols, initialization);
    else if (connection->is_own && dialect == DIALECT_PCSCLITE)
        return reconnect_own(connection, context, share_mode, protocols, initialization);
    else if (share_mode == EXCLUSIVE && !connection->is_own)
        error = await_exclusive(connection, initialization);
    else if (!connection->reader)
        error = make_unknown_shared(connection, context, initialization);
    else
        error = reconnect(connection, share_mode, protocols, initialization);
    return hresult_from_scard(error);
}

/* ---- the end of a connection ---- */

void winscard_end_locks(struct connection *connection, HSCARDCONTEXT context)
{
    HRESULT hr = S_OK;

    while (connection->locks && (SUCCEEDED(hr) || hr == SCARD_E_NOT_TRANSACTED))
        hr = winscard_end_transaction(connection, LEAVE);
    /*
     * pcsc-lite ends no lock of a handle whose card was reset, or taken out and put in, before that is acknowledged.
     * Whoever has the lock did the former himself.
     */
    if ((hr == SCARD_W_RESET_CARD || hr == SCARD_W_REMOVED_CARD)
            && !reconnect(connection, is_exclusive(context, connection) ? EXCLUSIVE : SHARED, 0, LEAVE))
    {
        while (connection->locks && SUCCEEDED(winscard_end_transaction(connection, LEAVE)))
            ;
    }
    connection->locks = 0;
}

BOOL winscard_is_exclusive(HSCARDCONTEXT context, const struct connection *connection)
{
    return is_exclusive(context, connection);
}

void winscard_forget(struct connection *connection)
{
    free(connection->reader);
    memset(connection, 0, sizeof(*connection));
}

HRESULT winscard_disconnect(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS disposition)
{
    BOOL leaves_raw = connection->protocol == PCSCLITE_PROTOCOL_RAW && (disposition == LEAVE || disposition == EJECT);
    LONG error;

    if (leaves_raw && disposition == LEAVE && is_exclusive(context, connection))
        disposition = RESET;
    error = end_connection(connection, disposition);
    if (leaves_raw && disposition != RESET)
        reset_left_raw(context, connection->reader);
    winscard_forget(connection);
    return hresult_from_scard(error);
}

static SCARD_STATES state_from_pcsclite(DWORD bits, DWORD protocol)
{
    static const struct { DWORD bit; SCARD_STATES state; } states[] =
    {
        { 0x40, SPECIFICMODE },
        { PCSCLITE_NEGOTIABLE, NEGOTIABLEMODE },
        { 0x10, POWERED },
        { 0x08, SWALLOWED },
        { 0x04, PRESENT },
    };
    unsigned int i;

    /* pcsc-lite does not set SPECIFICMODE's. */
    if (bits & PCSCLITE_NEGOTIABLE && protocol)
        return SPECIFICMODE;
    for (i = 0; i < ARRAY_SIZE(states); i++)
    {
        if (bits & states[i].bit)
            return states[i].state;
    }
    return ABSENT;
}

HRESULT winscard_status(struct connection *connection, struct card_status *status)
{
    BYTE atr[ATR_MAX_SIZE];
    DWORD state, protocol, atr_size = sizeof(atr);
    LONG error = get_status(connection->handle, NULL, &state, &protocol, atr, &atr_size);

    memset(status, 0, sizeof(*status));
    if (error == SCARD_W_REMOVED_CARD)
    {
        status->state = ABSENT;
        return S_OK;
    }
    if (error)
        return hresult_from_scard(error);

    if (dialect == DIALECT_PCSCLITE)
        status->state = state_from_pcsclite(state, protocol);
    else
        status->state = state >= ABSENT && state <= SPECIFICMODE ? state : PRESENT;
    if (!connection->protocol)
        connection->protocol = protocol;
    status->atr.size = min(atr_size, sizeof(atr));
    memcpy(status->atr.bytes, atr, status->atr.size);
    return S_OK;
}

HRESULT winscard_learn_protocol(struct connection *connection)
{
    struct card_status status;
    HRESULT hr;

    if (connection->protocol)
        return S_OK;
    if (FAILED(hr = winscard_status(connection, &status)))
        return hr;
    if (connection->protocol)
        return S_OK;
    return status.state == ABSENT ? SCARD_W_REMOVED_CARD : SCARD_E_PROTO_MISMATCH;
}

HRESULT winscard_transmit(const struct connection *connection, const BYTE *command, DWORD command_size, BYTE *reply,
        DWORD *size)
{
    SCARD_IO_REQUEST pci = { connection->protocol, sizeof(pci) };
    volatile LONG error;

    GUARDED(error, SCardTransmit(connection->handle, &pci, command, command_size, NULL, reply, size));
    if (error)
        *size = 0;
    TRACE("handle %#Ix, %lu bytes sent, %lu received, error %#lx.\n", connection->handle, command_size, *size, error);
    if (*size >= 2 && winscard_protocol(connection) != RAW)
        TRACE("SW1 SW2 %02x%02x.\n", reply[*size - 2], reply[*size - 1]);
    if (exchange_trace_is_on())
        exchange_trace(connection->handle, command, command_size, reply, *size, error);
    return hresult_from_scard(error);
}
