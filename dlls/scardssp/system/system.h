/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What winscard does on Windows. The peculiarities of the winscard beneath (Wine's, a real Windows') end here: results
 * are HRESULTs, states and protocols are those of the type library, and no handle can make a caller crash.
 *
 * Errors, for every function: winscard's own 0x8010xxxx code; HRESULT_FROM_WIN32 of any other code.
 *
 * The smart card database has a face of its own, carddb.h: it is the registry's, has nothing to do with winscard, and
 * only the two classes that ask it include it.
 */

#ifndef SCARDSSP_SYSTEM_H
#define SCARDSSP_SYSTEM_H

#include "module/module.h"
#include "scardssp.h"
#include "core/atr.h"

/* Zeros: none. */
struct connection
{
    HSCARD handle;          /* read without a lock as well: it is written whole */
    DWORD protocol;         /* the active one, as the winscard beneath codes it; 0: there is none, or it is not known */
    LONG locks;             /* transactions that were begun and not ended here */
    WCHAR *reader;          /* NULL: it is not known */
    BOOL is_own;            /* made here; else the handle is a caller's */
};

struct card_status
{
    SCARD_STATES state;
    struct atr atr;
};

/* System scope, falling back to user scope. */
HRESULT winscard_establish_context(HSCARDCONTEXT *context);
void winscard_release_context(HSCARDCONTEXT context);

/* The names of all readers; a multi-string that the caller frees. SCARD_E_NO_READERS_AVAILABLE: there are none. */
HRESULT winscard_list_readers(HSCARDCONTEXT context, WCHAR **names);
/* Likewise the names of the reader groups. */
HRESULT winscard_list_reader_groups(HSCARDCONTEXT context, WCHAR **names);
/* One of these lists, in a context of its own. */
HRESULT winscard_list_apart(HRESULT (*list)(HSCARDCONTEXT context, WCHAR **names), WCHAR **names);
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
 * passed: S_OK, and *changed says whether there is anything new. A winscard may return at once all the same, as Wine's
 * does: that is S_OK without a change, and the caller has to pause before it asks again.
 * events: what winscard tells of the coming and going of readers; 0 at first, then what the last call left there, so
 * that nothing is missed between two calls.
 * SCARD_E_CANCELLED: winscard_cancel ended it. SCARD_E_UNKNOWN_READER: a reader is gone.
 */
HRESULT winscard_await_change(HSCARDCONTEXT context, const struct reader_state *readers, UINT count, DWORD *events,
        DWORD timeout, BOOL *changed);
/* Ends such a wait; from any thread. */
void winscard_cancel(HSCARDCONTEXT context);

/*
 * Makes a connection. protocols: T0, T1, T0 | T1 or RAW. On failure *connection is as it was. A card that was left in
 * RAW with nobody connected is reset where that is in the way.
 */
HRESULT winscard_connect(HSCARDCONTEXT context, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, struct connection *connection);
/*
 * Wraps a handle that came from elsewhere. Waits while somebody else has locked the card.
 * E_INVALIDARG: it is no live card handle. A card that was reset, removed or unpowered is no error.
 */
HRESULT winscard_adopt(HSCARD handle, struct connection *connection);
/* Whether adopting the handle would wait for a lock, which may be that of another connection of ours; at once. */
BOOL winscard_is_locked_out(HSCARD handle);
/*
 * Gives the connection another share mode, protocol or initialization. The locks stay, also those that the program
 * began with the handle itself.
 * context: to look at the reader, and for a connection of our own to be made anew.
 * protocols 0: the active protocol, or whichever the card offers. EJECT is carried out as UNPOWER.
 * A shared connection of our own that becomes exclusive, or leaves RAW, may get a new handle; its locks end for that
 * moment. Handle 0: it could be restored no more. A caller's handle waits to become exclusive while others are
 * connected; every handle waits while others have locked the card.
 */
HRESULT winscard_reconnect(struct connection *connection, HSCARDCONTEXT context, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, SCARD_DISPOSITIONS initialization);
/* Ends a connection of our own, its locks too, also when winscard reports an error. *connection is none then. */
HRESULT winscard_disconnect(struct connection *connection, HSCARDCONTEXT context, SCARD_DISPOSITIONS disposition);
/* Whether nobody else can connect to its reader; FALSE where the reader is not known. */
BOOL winscard_is_exclusive(HSCARDCONTEXT context, const struct connection *connection);
/* Makes *connection none; the handle stays connected. */
void winscard_forget(struct connection *connection);

HRESULT winscard_begin_transaction(struct connection *connection);
HRESULT winscard_end_transaction(struct connection *connection, SCARD_DISPOSITIONS disposition);
/* Ends all locks. One of a caller's handle whose card is gone lasts until that is disconnected. */
void winscard_end_locks(struct connection *connection, HSCARDCONTEXT context);
/* Begins transactions until there are so many locks. */
HRESULT winscard_restore_locks(struct connection *connection, LONG locks);
/*
 * A card that was removed is S_OK with state ABSENT and no ATR. Learns the protocol where it is not known yet.
 */
HRESULT winscard_status(struct connection *connection, struct card_status *status);
/* size: in, the room in reply; out, the bytes of the reply. On failure 0. */
HRESULT winscard_transmit(const struct connection *connection, const BYTE *command, DWORD command_size, BYTE *reply,
        DWORD *size);

/* The protocol of the connection; 0: there is none, or it is not known. */
SCARD_PROTOCOLS winscard_protocol(const struct connection *connection);

/*
 * Sees to it that the protocol is known. SCARD_E_PROTO_MISMATCH: none has been agreed on with the card, as by
 * SCARD_SHARE_DIRECT. SCARD_W_REMOVED_CARD: there is no card.
 */
HRESULT winscard_learn_protocol(struct connection *connection);

/* ---- aliases.c ---- */

/*
 * A user may give readers other names, for programs that have the name of a Windows reader in them. An alias is one
 * more name of one reader: the first, in the order of winscard's list, that has the name or fits the pattern which the
 * alias stands for. No alias hides a reader: where one has that name itself, it is the one meant.
 *
 * Names of readers that go to a program are told, those that come from one may be aliases; all others in this header
 * are the readers' own.
 */
struct alias;

/* The names of all readers as a program is told them; else as winscard_list_readers. */
HRESULT winscard_list_told_readers(HSCARDCONTEXT context, WCHAR **names);
/*
 * The reader that an alias means, of a name that winscard does not know; the caller frees it. S_FALSE: it is no alias.
 * SCARD_E_UNKNOWN_READER: there is no reader that it stands for.
 */
HRESULT winscard_find_by_alias(const WCHAR *name, WCHAR **reader);

/* All aliases as they are set up now, a list that aliases_free frees. NULL: there are none. */
HRESULT aliases_load(struct alias **aliases);
void aliases_free(struct alias *aliases);
/* Whether there is an alias of this name, whether or not there is its reader. */
BOOL aliases_have(const struct alias *aliases, const WCHAR *name);
/* What a program is told for a reader of a multi-string: its first alias, or its own name. */
const WCHAR *aliases_told(const struct alias *aliases, const WCHAR *readers, const WCHAR *reader);
/* Whether one of these names is an alias that means the reader of a multi-string, or that the reader has itself. */
BOOL aliases_mean(const struct alias *aliases, const BSTR *names, ULONG count, const WCHAR *readers,
        const WCHAR *reader);

/* ---- found_card.c ---- */

/*
 * What FindCard connected for late-bound callers. They get the card handle alone and have no SCardDisconnect: the
 * connection and its context are kept here, until ISCard::AttachByHandle takes them over or the ISCardLocate goes.
 */

/*
 * Keeps the connection of a SCARDINFO, whose memory stays the caller's, for its finder. On failure the connection and
 * its context are ended.
 */
HRESULT found_card_keep(const void *finder, const SCARDINFO *info);
/*
 * Where the connection is one that is kept here, makes it an own one of the caller and returns its context, which the
 * caller releases after the connection; else 0.
 */
HSCARDCONTEXT found_card_take(struct connection *connection);
/* Ends those of a finder that nobody has taken. */
void found_cards_end(const void *finder);

void found_cards_init(void);
void found_cards_cleanup(void);

#endif
