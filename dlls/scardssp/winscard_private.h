/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All that this DLL asks of winscard. The peculiarities of the winscard beneath (Wine's, a real Windows') end here:
 * results are HRESULTs, states and protocols are those of the type library, and no handle can make a caller crash.
 *
 * Errors, for every function: winscard's own 0x8010xxxx code; HRESULT_FROM_WIN32 of any other code.
 */

#ifndef SCARDSSP_WINSCARD_PRIVATE_H
#define SCARDSSP_WINSCARD_PRIVATE_H

#include "scardssp_private.h"
#include "core/atr.h"

/* How the winscard beneath codes states and RAW: Windows' way, or as pcsc-lite's values passed through. */
enum dialect
{
    DIALECT_UNKNOWN,        /* no live card has shown it yet */
    DIALECT_WINDOWS,
    DIALECT_PCSCLITE
};

struct connection
{
    HSCARD handle;          /* 0: none */
    DWORD protocol;         /* the active one, as the winscard beneath codes it */
    enum dialect dialect;
    BOOL exclusive;         /* as far as this DLL has made it so */
};

struct card_status
{
    SCARD_STATES state;
    struct atr atr;
};

/* The domains of arguments, and what object_error says of a value outside. */
BOOL is_share_mode(SCARD_SHARE_MODES mode);
BOOL is_protocol(SCARD_PROTOCOLS protocols);
extern const char bad_share_mode[], bad_protocol[];

/*
 * Mends the 32-bit winscard of Wine in this process, by the adapter beside this DLL, where it refuses valid parameters.
 * Returns whether it is worth another try; FALSE in 64-bit programs.
 */
#ifdef __i386__
BOOL pcsc32_repair(void);
#else
static inline BOOL pcsc32_repair(void)
{
    return FALSE;
}
#endif

/* System scope, falling back to user scope. */
HRESULT winscard_establish_context(HSCARDCONTEXT *context);
void winscard_release_context(HSCARDCONTEXT context);

/*
 * The names of the readers that are in one of groups, a multi-string, or of all (NULL); a multi-string that the caller
 * frees. SCARD_E_NO_READERS_AVAILABLE: there are none.
 */
HRESULT winscard_list_readers(HSCARDCONTEXT context, const WCHAR *groups, WCHAR **names);
/* Likewise the names of the reader groups; groups is not used. */
HRESULT winscard_list_reader_groups(HSCARDCONTEXT context, const WCHAR *groups, WCHAR **names);
/* The ATR of the card in a reader. S_FALSE: there is no card, or none that answers. */
HRESULT winscard_get_reader_atr(HSCARDCONTEXT context, const WCHAR *reader, struct atr *atr);

struct reader_state
{
    const WCHAR *name;
    DWORD state;            /* SCARD_STATE_xxx, above them winscard's count of insertions and removals; 0: not known */
    struct atr atr;         /* size 0: none */
};

/* Fills the states of readers. SCARD_E_UNKNOWN_READER: one of them is gone. */
HRESULT winscard_get_reader_states(HSCARDCONTEXT context, struct reader_state *readers, UINT count);
/*
 * Waits until a reader has another state than the one that is given, or a reader comes or goes, or timeout ms have
 * passed: S_OK. SCARD_E_CANCELLED: winscard_cancel ended it.
 */
HRESULT winscard_await_change(HSCARDCONTEXT context, const struct reader_state *readers, UINT count, DWORD timeout);
/* Ends such a wait; from any thread. */
void winscard_cancel(HSCARDCONTEXT context);

/* protocols: T0, T1, T0 | T1 or RAW. On failure *connection is as it was. */
HRESULT winscard_connect(HSCARDCONTEXT context, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, struct connection *connection);
/*
 * Wraps a handle that came from elsewhere.
 * E_INVALIDARG: it is no live card handle. A card that was reset, removed or unpowered is no error.
 */
HRESULT winscard_adopt(HSCARD handle, struct connection *connection);
/*
 * protocols 0: the active protocol, or whichever the card offers. EJECT is carried out as UNPOWER.
 * context, reader: where a connection of our own came from; reader is NULL for a handle from elsewhere.
 * A connection of our own that becomes exclusive may get a new handle, and its transactions end. Handle 0: the
 * connection could be restored no more.
 */
HRESULT winscard_reconnect(struct connection *connection, HSCARDCONTEXT context, const WCHAR *reader,
        SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization);
/* Ends the connection, also when winscard reports an error. */
HRESULT winscard_disconnect(struct connection *connection, SCARD_DISPOSITIONS disposition);

HRESULT winscard_begin_transaction(const struct connection *connection);
HRESULT winscard_end_transaction(const struct connection *connection, SCARD_DISPOSITIONS disposition);
/*
 * A card that was removed is S_OK with state ABSENT and no ATR. Learns the protocol where it is not known yet.
 */
HRESULT winscard_status(struct connection *connection, struct card_status *status);
/* size: in, the room in reply; out, the bytes of the reply. On failure 0. */
HRESULT winscard_transmit(const struct connection *connection, const BYTE *command, DWORD command_size, BYTE *reply,
        DWORD *size);

/* The protocol of the connection, or 0 when there is none. */
SCARD_PROTOCOLS winscard_protocol(const struct connection *connection);

#endif
