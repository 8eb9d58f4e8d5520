/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections: made, and made otherwise. */

#include <stdlib.h>
#include <string.h>

#include "exchange_trace.h"
#include "winscard_private.h"

SCARD_PROTOCOLS winscard_protocol(const struct connection *connection)
{
    return connection->protocol == SCARD_PROTOCOL_RAW || connection->protocol == PCSCLITE_PROTOCOL_RAW ? RAW
            : connection->protocol;
}

void winscard_forget(struct connection *connection)
{
    free(connection->reader);
    memset(connection, 0, sizeof(*connection));
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
    exchange_trace_attach(connection);
    return S_OK;
}

LONG reconnect(struct connection *connection, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols,
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
    exchange_trace_attach(connection);
    return SCARD_S_SUCCESS;
}
