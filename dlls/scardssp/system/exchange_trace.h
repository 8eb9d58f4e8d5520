/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The channel scardsspdata: every exchange with a card whole, secrets included, for the developer of a card program.
 * One line each on standard error,
 *     scardsspdata: 2026-01-31T12:34:56.789Z 0x7f0012a4 00A4040005F057494E45 > 6F0A8408F057494E45019000
 * with the time (UTC), the card handle, what was sent and what came back; "! 80100069" in place of a reply is the error
 * of SCardTransmit. T=0 is shown as it was sent, GET RESPONSE included. What else is needed to send it again has lines
 * of its own: in place of an exchange they say "attach T=1 3B8A... READER", "reset" or "detach".
 */

#ifndef SCARDSSP_EXCHANGE_TRACE_H
#define SCARDSSP_EXCHANGE_TRACE_H

#include "system.h"

/*
 * Whether WINEDEBUG turns the channel on and has its name: "+all", which turns on every channel that there is, is not
 * meant for secrets.
 */
BOOL exchange_trace_is_on(void);

/* Writes the line. reply is not looked at where there is an error. */
void exchange_trace(HSCARD handle, const BYTE *command, DWORD command_size, const BYTE *reply, DWORD reply_size,
        LONG error);

/* A connection was made, adopted or made otherwise: its protocol, and the ATR and the reader of its card. */
void exchange_trace_attach(const struct connection *connection);
/* It did this with the card: everything but LEAVE takes away its state. */
void exchange_trace_disposition(HSCARD handle, SCARD_DISPOSITIONS disposition);
/* It is ended. */
void exchange_trace_detach(HSCARD handle, SCARD_DISPOSITIONS disposition);

#endif
