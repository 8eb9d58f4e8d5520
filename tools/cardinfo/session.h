/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the steps share: the objects, the exchange that was made last, and how one is made. */

#ifndef SESSION_H
#define SESSION_H

#define COBJMACROS

#include "cardinfo.h"
#include "scardmgr.h"

#define MAX_REPLY (65536 + 2)

extern struct session
{
    const struct settings *settings;
    BSTR reader;                /* where the card is; NULL: none was attached to */
    ISCard *card;
    ISCardISO7816 *iso;
    ISCardCmd *cmd;
    BYTE reply[MAX_REPLY];      /* SW1 SW2 at its end */
    LONG reply_size;            /* without SW1 SW2 */
    WORD status;
    BOOL is_opaque;             /* what is sent next may be no command APDU: its bytes may all be secrets */
} session;

/* Sends a command APDU through the objects. *call: on failure, what failed. */
HRESULT transact(const BYTE *bytes, LONG size, const char **call);

/* The ATR of the card: *count bytes of it, at most size. */
HRESULT get_atr(BYTE *bytes, LONG size, LONG *count);

/* Whether commands have a header that may be shown, and replies SW1 SW2: with T=0 and T=1, unless session.is_opaque. */
BOOL has_header(void);

/*
 * What --trace-data shows of a connection that was made, or made anew. handle: as for trace_command().
 * On failure nothing was shown.
 */
HRESULT trace_attach(HSCARD handle);
void trace_reset(void);

/*
 * What --trace and --trace-data show before a command is sent, and behind it: size bytes of reply.
 * handle: of a command that goes to the reader as it is; 0: of one for ISCard::Transaction.
 * error: of winscard or of ISCard::Transaction, as it came; 0: there is a reply.
 */
void trace_command(HSCARD handle, const BYTE *bytes, LONG size);
void trace_reply(LONG error, LONG size);

#endif
