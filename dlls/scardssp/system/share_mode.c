/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pcsc-lite counts an exclusive connection as a lock, which it leaves behind where the connection becomes shared and
 * there is no other lock.
 */

#include <stdlib.h>
#include <string.h>

#include "winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* The connection is exclusive and stays so; hence a reset concerns nobody else. */
LONG reconnect_exclusive(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
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
LONG make_shared(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization)
{
    LONG error = reconnect_exclusive(connection, context, protocols, initialization);

    if (error)
        return error;
    if (!is_pcsclite())
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
LONG make_unknown_shared(struct connection *connection, HSCARDCONTEXT context,
        SCARD_DISPOSITIONS initialization)
{
    WCHAR *exclusive = list_exclusive_readers(context), *name;
    LONG error = reconnect(connection, SHARED, 0, initialization);

    for (name = exclusive; !error && name && *name; name += lstrlenW(name) + 1)
    {
        if (connection->reader && !wcscmp(name, connection->reader) && is_pcsclite()
                && !connection->locks)
            end_transaction(connection->handle, LEAVE);
    }
    free(exclusive);
    return error;
}
