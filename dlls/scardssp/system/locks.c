/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pcsc-lite ends no transaction of a handle whose card was reset before that is acknowledged, and shows nobody a card
 * that another handle has locked.
 */

#include "winscard_private.h"

#define ATTR_DEVICE_FRIENDLY_NAME_A 0x7fff0003 /* SCARD_ATTR_DEVICE_FRIENDLY_NAME_A of winsmcrd.h */

BOOL winscard_is_locked_out(HSCARD handle)
{
    volatile LONG error;
    BYTE name[MAX_NAME_BYTES];
    DWORD size = sizeof(name);

    if (is_wild_handle(handle))
        return FALSE;
    /* On Windows this would wait as well. */
    if (!is_pcsclite())
        return TRUE;
    GUARDED(error, SCardGetAttrib(handle, ATTR_DEVICE_FRIENDLY_NAME_A, name, &size));
    return error && !is_invalid_handle(hresult_from_scard(error)) && error != SCARD_W_RESET_CARD
            && error != SCARD_W_REMOVED_CARD;
}

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
