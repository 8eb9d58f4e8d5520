/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Single calls of winscard with a card, guarded, as the winscard beneath codes their values. */

#include <string.h>

#include "exchange_trace.h"
#include "winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

LONG get_status(HSCARD handle, WCHAR *name, DWORD *state, DWORD *protocol, BYTE *atr, DWORD *atr_size)
{
    DWORD name_size = name ? MAX_NAME_BYTES : 0;
    volatile LONG error;

    *state = *protocol = 0;
    GUARDED(error, SCardStatusW(handle, name, &name_size, state, protocol, atr, atr_size));
    TRACE("handle %#Ix, state %#lx, protocol %#lx, error %#lx.\n", handle, *state, *protocol, error);
    if (error)
        return error;
    dialect_learn(*state);
    return error;
}

LONG refresh_connection(struct connection *connection)
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

DWORD get_reader_state(HSCARDCONTEXT context, const WCHAR *reader)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };

    return reader && !SCardGetStatusChangeW(context, 0, &state, 1) ? state.dwEventState : 0;
}

BOOL is_in_use(HSCARDCONTEXT context, const WCHAR *reader)
{
    return (get_reader_state(context, reader) & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
}

BOOL is_exclusive(HSCARDCONTEXT context, const struct connection *connection)
{
    return (get_reader_state(context, connection->reader) & SCARD_STATE_EXCLUSIVE) != 0;
}

LONG attempt_once(struct attempt *attempt, DWORD protocols)
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
        if (attempt->handle)
            exchange_trace_disposition(handle, attempt->initialization);
        attempt->handle = handle;
        attempt->protocol = protocol;
    }
    return error;
}

LONG begin_transaction(HSCARD handle)
{
    volatile LONG error;

    GUARDED(error, SCardBeginTransaction(handle));
    return error;
}

LONG end_transaction(HSCARD handle, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardEndTransaction(handle, disposition));
    if (!error)
        exchange_trace_disposition(handle, disposition);
    return error;
}

LONG end_connection(struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    volatile LONG error;

    GUARDED(error, SCardDisconnect(connection->handle, disposition));
    TRACE("handle %#Ix, disposition %d, error %#lx.\n", connection->handle, disposition, error);
    exchange_trace_detach(connection->handle, error ? LEAVE : disposition);
    connection->handle = 0;
    return error;
}
