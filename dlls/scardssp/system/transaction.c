/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Transactions, and how many of them a connection has begun. */

#include "winscard_private.h"

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
            || (is_pcsclite() && hr == SCARD_E_UNSUPPORTED_FEATURE)))
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
