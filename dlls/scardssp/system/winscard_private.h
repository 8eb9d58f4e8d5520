/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the files of this room that call winscard share. LONGs are winscard's errors; states, protocols and errors are
 * as the winscard beneath codes them, unless an enumeration of the type library says otherwise.
 */

#ifndef SCARDSSP_WINSCARD_PRIVATE_H
#define SCARDSSP_WINSCARD_PRIVATE_H

#include "system.h"
#include "winscard.h"
#include "wine/exception.h"

#define MAX_NAME_BYTES        512       /* of a reader's name; pcsc-lite's have at most 128 */

/* ---- guard.c ---- */

/*
 * A handle is a pointer to winscard, which dereferences it: a wild one faults there. No return may stand in call.
 */
#define GUARDED(error, call) \
    __TRY \
    { \
        error = call; \
    } \
    __EXCEPT_PAGE_FAULT \
    { \
        error = ERROR_INVALID_HANDLE; \
    } \
    __ENDTRY

/* Whether touching the handle would do harm that GUARDED does not catch. */
BOOL is_wild_handle(HSCARD handle);

/* ---- dialect.c ---- */

/* Learns from the state of a card which winscard is beneath. */
void dialect_learn(DWORD state);
/* FALSE also while no live card has shown it. */
BOOL is_pcsclite(void);
/* Windows' code for an error of winscard's own. */
LONG dialect_error(LONG error);
SCARD_STATES dialect_card_state(DWORD state, DWORD protocol);

static inline HRESULT hresult_from_scard(LONG error)
{
    return error < 0 ? dialect_error(error) : HRESULT_FROM_WIN32(error);
}

static inline BOOL is_invalid_handle(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE) || hr == SCARD_E_INVALID_HANDLE;
}

/* ---- names.c ---- */

/* Takes out of a multi-string what is no name of its own. */
void drop_repeated_ends(WCHAR *names);

/* ---- establish.c ---- */

LONG establish_system_context(HSCARDCONTEXT *context);

/* ---- call.c ---- */

/* name: NULL, or room for MAX_NAME_BYTES. */
LONG get_status(HSCARD handle, WCHAR *name, DWORD *state, DWORD *protocol, BYTE *atr, DWORD *atr_size);
/* Learns from a live card what can be learnt: the protocol, and which reader it is in. */
LONG refresh_connection(struct connection *connection);

/* SCARD_STATE_xxx; 0: it cannot be told. This waits for nobody. */
DWORD get_reader_state(HSCARDCONTEXT context, const WCHAR *reader);
BOOL is_in_use(HSCARDCONTEXT context, const WCHAR *reader);
/* Of a connection, not of somebody else's: beside that there is none. */
BOOL is_exclusive(HSCARDCONTEXT context, const struct connection *connection);

struct attempt
{
    HSCARD handle;          /* of the connection; 0: there is none, and one is to be made */
    HSCARDCONTEXT context;  /* for a new one */
    const WCHAR *reader;    /* likewise */
    SCARD_SHARE_MODES share_mode;
    SCARD_DISPOSITIONS initialization; /* for one that is there */
    DWORD protocol;         /* that is active now */
};

LONG attempt_once(struct attempt *attempt, DWORD protocols);
LONG begin_transaction(HSCARD handle);
LONG end_transaction(HSCARD handle, SCARD_DISPOSITIONS disposition);
LONG end_connection(struct connection *connection, SCARD_DISPOSITIONS disposition);

/* ---- raw.c ---- */

#define PCSCLITE_PROTOCOL_RAW 4         /* Windows' is SCARD_PROTOCOL_RAW */

LONG attempt_raw(struct attempt *attempt);
/* Resets the card where RAW was left behind and nobody is connected. Returns whether it did. */
BOOL reset_left_raw(HSCARDCONTEXT context, const WCHAR *reader);
/* Whether the reader is set to RAW, by whomsoever, which only a reset ends. */
BOOL is_set_to_raw(const struct connection *connection, HSCARDCONTEXT context);
/* Ends a connection, and the RAW that it would leave behind where nobody else is connected. */
LONG end_connection_without_raw(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS disposition);

/* ---- two_protocols.c: attempt_once() with the protocols of the type library ---- */

LONG attempt_protocols(struct attempt *attempt, SCARD_PROTOCOLS protocols);

/* ---- power.c ---- */

/* attempt_protocols(), again where the card gets power by waiting. */
LONG attempt_with_power(struct attempt *attempt, SCARD_PROTOCOLS protocols);

/* ---- connect.c ---- */

/* protocols 0: the active one, or whichever the card offers. */
LONG reconnect(struct connection *connection, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization);

/* ---- share_mode.c: of a connection that is exclusive, or may be ---- */

/* It stays exclusive. */
LONG reconnect_exclusive(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization);
LONG make_shared(struct connection *connection, HSCARDCONTEXT context, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization);
/* Of a connection whose reader is not known. */
LONG make_unknown_shared(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS initialization);

/* ---- exclusive.c: of a connection that is shared ---- */

/* A caller's handle becomes exclusive. */
LONG await_exclusive(struct connection *connection, SCARD_DISPOSITIONS initialization);
/* A connection of our own becomes exclusive, or stays shared. */
HRESULT reconnect_own(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization);

#endif
