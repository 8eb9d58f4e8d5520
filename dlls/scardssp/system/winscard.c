/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Contexts, connections and exchanges, as HRESULTs. What is peculiar to the winscard beneath is mended in the files
 * beside this one, each named after what it mends.
 */

#include <string.h>

#include "exchange_trace.h"
#include "winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

HRESULT winscard_establish_context(HSCARDCONTEXT *context)
{
    LONG error;

    *context = 0;
    error = establish_system_context(context);
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
    exchange_trace_attach(&adopted);
    *connection = adopted;
    return S_OK;
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
    else if (connection->is_own && is_pcsclite())
        return reconnect_own(connection, context, share_mode, protocols, initialization);
    else if (share_mode == EXCLUSIVE && !connection->is_own)
        error = await_exclusive(connection, initialization);
    else if (!connection->reader)
        error = make_unknown_shared(connection, context, initialization);
    else
        error = reconnect(connection, share_mode, protocols, initialization);
    return hresult_from_scard(error);
}

BOOL winscard_is_exclusive(HSCARDCONTEXT context, const struct connection *connection)
{
    return is_exclusive(context, connection);
}

HRESULT winscard_disconnect(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS disposition)
{
    LONG error = end_connection_without_raw(connection, context, disposition);

    winscard_forget(connection);
    return hresult_from_scard(error);
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

    status->state = dialect_card_state(state, protocol);
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
    DWORD room = *size;
    volatile LONG error;

    GUARDED(error, SCardTransmit(connection->handle, &pci, command, command_size, NULL, reply, size));
    if (!error && *size > room)
        error = SCARD_F_COMM_ERROR;
    if (error)
        *size = 0;
    TRACE("handle %#Ix, %lu bytes sent, %lu received, error %#lx.\n", connection->handle, command_size, *size, error);
    if (*size >= 2 && winscard_protocol(connection) != RAW)
        TRACE("SW1 SW2 %02x%02x.\n", reply[*size - 2], reply[*size - 1]);
    if (exchange_trace_is_on())
        exchange_trace(connection->handle, command, command_size, reply, *size, error);
    return hresult_from_scard(error);
}
