/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * RAW: pcsc-lite has another number for it, and it is a state of the reader there. Until the card is reset, nobody can
 * connect with another protocol.
 */

#include "winscard_private.h"

/*
 * For RAW Windows' value first; pcsc-lite refuses it before it touches the card, and gets its own, which a winscard
 * that is not pcsc-lite's does not know.
 */
LONG attempt_raw(struct attempt *attempt)
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

BOOL reset_left_raw(HSCARDCONTEXT context, const WCHAR *reader)
{
    return !is_in_use(context, reader) && look_at_protocol(context, reader, RESET) == PCSCLITE_PROTOCOL_RAW;
}

BOOL is_set_to_raw(const struct connection *connection, HSCARDCONTEXT context)
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

LONG end_connection_without_raw(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS disposition)
{
    BOOL leaves_raw = connection->protocol == PCSCLITE_PROTOCOL_RAW && (disposition == LEAVE || disposition == EJECT);
    LONG error;

    if (leaves_raw && disposition == LEAVE && is_exclusive(context, connection))
        disposition = RESET;
    error = end_connection(connection, disposition);
    if (leaves_raw && disposition != RESET)
        reset_left_raw(context, connection->reader);
    return error;
}
