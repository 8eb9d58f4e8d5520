/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pcsc-lite waits where a connection is to become exclusive while others are there; Windows refuses at once. */

#include <stdlib.h>

#include "winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/*
 * pcsc-lite's SCardReconnect waits while somebody else is connected, for ever if need be, and does its work on the card
 * again and again meanwhile. A caller's handle has no other way; but the card is left alone until the wait is over.
 */
LONG await_exclusive(struct connection *connection, SCARD_DISPOSITIONS initialization)
{
    LONG error = reconnect(connection, EXCLUSIVE, 0, LEAVE);

    /* A card that does not answer, or whose protocol is another now, is what the initialization is for. */
    if (initialization == LEAVE || (error && error != SCARD_W_UNRESPONSIVE_CARD && error != SCARD_E_PROTO_MISMATCH))
        return error;
    return reconnect(connection, EXCLUSIVE, 0, initialization);
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
HRESULT reconnect_own(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
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
