/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A model of ISCard among others, for card_model.c: the object, the program's own connection, whose handle the object
 * may be given, and a connection of another program, all to one reader with one card. For every state and every move
 * it says what a call returns, whether it waits, and which state comes after. No call is made here.
 *
 * It is made from what is written about ISCard, and about winscard as pcsc-lite has it: SCardReconnect,
 * SCardTransmit and SCardStatus wait where Windows says SCARD_E_SHARING_VIOLATION, RAW is a property of the reader, and
 * a connection that saw a reset or a removal has to reconnect before it can do anything, ending its transaction included.
 */

#ifndef SCARDSSP_TESTS_CARD_MODEL_H
#define SCARDSSP_TESTS_CARD_MODEL_H

#define MAX_LOCKS 2 /* a third LockSCard is what the second was */

enum attachment { DETACHED, OWN, ADOPTED };
enum card_event { NO_EVENT, EVENT_RESET, EVENT_REMOVED };
enum party { OBJECT, CALLER, OTHER, PARTIES }; /* who may be connected */

/* The transactions of all connections belong to one of them; of the object's and the caller's, where the object uses
 * the caller's handle, each is counted by itself. Bytes, so that states are compared and hashed as memory. */
struct model
{
    BYTE attachment;
    BYTE raw;                                       /* the attached connection's protocol */
    BYTE reader_unknown;                            /* the handle was given after a reset or removal, which hides it */
    BYTE locks;                                     /* LockSCard without UnlockSCard */
    BYTE caller_locks;                              /* SCardBeginTransaction of the program on its handle */
    BYTE other_locks;                               /* the same of the other program */
    BYTE gone;                                      /* the card is out of the reader */
    BYTE reader_raw;                                /* RAW until the card is reset */
    BYTE open[PARTIES];
    BYTE alone[PARTIES];                            /* connected EXCLUSIVE */
    BYTE event[PARTIES];                            /* that the connection has to be reconnected for */
};

enum move_kind
{
    ATTACH_HANDLE,  /* the caller's; 1: a wrong one */
    ATTACH_READER,  /* share, raw */
    DETACH,         /* disposition */
    LOCK,
    REATTACH,       /* share, disposition */
    TRANSACTION,
    UNLOCK,         /* disposition */
    ISCARD_CALLS,   /* from here on what others do */
    NEW_OBJECT = ISCARD_CALLS,
    CONNECT,        /* party, share | CONNECT_RAW */
    DISCONNECT,     /* party */
    BEGIN,          /* party */
    END,            /* party */
    RESET_CARD,     /* party */
    RECOVER,        /* party: SCardReconnect after an event */
    PULL,
    INSERT,
};

#define ISCARD_MOVES 24 /* of the table, the calls of ISCard */
#define CONNECT_RAW 0x100
#define WRONG_HANDLE 1

struct move
{
    const char *name;
    enum move_kind kind;
    int first;
    int second;
    BOOL in_triples; /* one of each kind of effect */
};

static const struct move moves[] =
{
    { "AttachByHandle(caller)", ATTACH_HANDLE, 0, 0, TRUE },
    { "AttachByHandle(wrong)", ATTACH_HANDLE, WRONG_HANDLE, 0, TRUE },
    { "AttachByReader(SHARED,T0|T1)", ATTACH_READER, SHARED, FALSE, TRUE },
    { "AttachByReader(EXCLUSIVE,T0|T1)", ATTACH_READER, EXCLUSIVE, FALSE, TRUE },
    { "AttachByReader(SHARED,RAW)", ATTACH_READER, SHARED, TRUE, TRUE },
    { "AttachByReader(EXCLUSIVE,RAW)", ATTACH_READER, EXCLUSIVE, TRUE, FALSE },
    { "Detach(LEAVE)", DETACH, LEAVE, 0, TRUE },
    { "Detach(RESET)", DETACH, RESET, 0, TRUE },
    { "Detach(UNPOWER)", DETACH, UNPOWER, 0, FALSE },
    { "Detach(EJECT)", DETACH, EJECT, 0, FALSE },
    { "LockSCard", LOCK, 0, 0, TRUE },
    { "ReAttach(SHARED,LEAVE)", REATTACH, SHARED, LEAVE, TRUE },
    { "ReAttach(SHARED,RESET)", REATTACH, SHARED, RESET, TRUE },
    { "ReAttach(SHARED,UNPOWER)", REATTACH, SHARED, UNPOWER, FALSE },
    { "ReAttach(SHARED,EJECT)", REATTACH, SHARED, EJECT, FALSE },
    { "ReAttach(EXCLUSIVE,LEAVE)", REATTACH, EXCLUSIVE, LEAVE, TRUE },
    { "ReAttach(EXCLUSIVE,RESET)", REATTACH, EXCLUSIVE, RESET, FALSE },
    { "ReAttach(EXCLUSIVE,UNPOWER)", REATTACH, EXCLUSIVE, UNPOWER, FALSE },
    { "ReAttach(EXCLUSIVE,EJECT)", REATTACH, EXCLUSIVE, EJECT, FALSE },
    { "Transaction", TRANSACTION, 0, 0, FALSE },
    { "UnlockSCard(LEAVE)", UNLOCK, LEAVE, 0, TRUE },
    { "UnlockSCard(RESET)", UNLOCK, RESET, 0, TRUE },
    { "UnlockSCard(UNPOWER)", UNLOCK, UNPOWER, 0, FALSE },
    { "UnlockSCard(EJECT)", UNLOCK, EJECT, 0, FALSE },

    { "new-object", NEW_OBJECT, 0, 0, FALSE },
    { "caller-connects(SHARED)", CONNECT, CALLER, SCARD_SHARE_SHARED, FALSE },
    { "caller-connects(EXCLUSIVE)", CONNECT, CALLER, SCARD_SHARE_EXCLUSIVE, FALSE },
    { "caller-connects(RAW)", CONNECT, CALLER, SCARD_SHARE_SHARED | CONNECT_RAW, FALSE },
    { "caller-disconnects", DISCONNECT, CALLER, 0, FALSE },
    { "caller-begins", BEGIN, CALLER, 0, FALSE },
    { "caller-ends", END, CALLER, 0, FALSE },
    { "caller-recovers", RECOVER, CALLER, 0, FALSE },
    { "other-connects(SHARED)", CONNECT, OTHER, SCARD_SHARE_SHARED, FALSE },
    { "other-connects(EXCLUSIVE)", CONNECT, OTHER, SCARD_SHARE_EXCLUSIVE, FALSE },
    { "other-disconnects", DISCONNECT, OTHER, 0, FALSE },
    { "other-begins", BEGIN, OTHER, 0, FALSE },
    { "other-ends", END, OTHER, 0, FALSE },
    { "other-resets", RESET_CARD, OTHER, 0, FALSE },
    { "pull", PULL, 0, 0, FALSE },
    { "insert", INSERT, 0, 0, FALSE },
};

/* ---- questions about a state ---- */

/* The connection that the object uses; PARTIES: none. */
static inline enum party model_attached(const struct model *m)
{
    return m->attachment == OWN ? OBJECT : m->attachment == ADOPTED ? CALLER : PARTIES;
}

/* The connection that has the transactions; PARTIES: none. Where somebody is alone nobody else is there. */
static inline enum party model_owner(const struct model *m)
{
    if (m->other_locks) return OTHER;
    if (m->caller_locks) return CALLER;
    return m->locks ? model_attached(m) : PARTIES;
}

static inline BOOL model_locked_against(const struct model *m, enum party party)
{
    return model_owner(m) != PARTIES && model_owner(m) != party;
}

static inline BOOL model_anybody_but(const struct model *m, enum party party)
{
    enum party i;

    for (i = 0; i < PARTIES; i++) if (i != party && m->open[i]) return TRUE;
    return FALSE;
}

static inline BOOL model_anybody_alone(const struct model *m)
{
    return m->alone[OBJECT] || m->alone[CALLER] || m->alone[OTHER];
}

static inline HRESULT event_code(BYTE event)
{
    return event == EVENT_RESET ? (HRESULT)SCARD_W_RESET_CARD : event ? (HRESULT)SCARD_W_REMOVED_CARD : S_OK;
}

/* What connecting says at once, where no transaction makes it wait. */
static inline HRESULT model_connect_code(const struct model *m, BOOL alone, BOOL raw)
{
    if (model_anybody_alone(m)) return SCARD_E_SHARING_VIOLATION;
    if (m->gone) return SCARD_E_NO_SMARTCARD;
    if (m->reader_raw && !raw) return SCARD_E_PROTO_MISMATCH;
    if (alone && model_anybody_but(m, PARTIES)) return SCARD_E_SHARING_VIOLATION;
    return S_OK;
}

/* What the reader's driver makes of an exchange over RAW. */
static HRESULT model_raw_code;

/* What a transmission says to a connection that no transaction makes wait. */
static inline HRESULT model_transmit_code(const struct model *m, enum party party, BOOL raw)
{
    if (m->event[party]) return event_code(m->event[party]);
    if (raw) return model_raw_code;
    return m->reader_raw ? (HRESULT)SCARD_E_PROTO_MISMATCH : S_OK;
}

/* ---- what happens ---- */

static inline void model_event(struct model *m, BYTE event)
{
    enum party i;

    for (i = 0; i < PARTIES; i++) if (m->open[i]) m->event[i] = event;
    m->reader_raw = FALSE;
}

static inline void model_close(struct model *m, enum party party)
{
    m->open[party] = m->alone[party] = m->event[party] = 0;
}

static inline void model_forget(struct model *m)
{
    m->attachment = DETACHED;
    m->raw = m->reader_unknown = FALSE;
    m->locks = 0;
}

/* The object's own connection ends: with RAW it does not stay, where nobody is there whom a reset would disturb. */
static inline void model_end_own(struct model *m)
{
    model_close(m, OBJECT);
    if (m->raw && !model_anybody_but(m, OBJECT)) m->reader_raw = FALSE;
}

/* The object's locks on the caller's handle end. After a reset this takes a reconnect, with the protocol that it had,
 * which the handle's owner sees. */
static inline void model_end_adopted_locks(struct model *m)
{
    if (!m->locks || !m->event[CALLER]) return;
    m->event[CALLER] = NO_EVENT;
    m->reader_raw = m->raw;
}

/* Those go who stand in the way of a call that waits. */
static inline BOOL model_give_way(struct model *m)
{
    BOOL way = m->open[OTHER];

    model_close(m, OTHER);
    m->other_locks = 0;
    if (m->open[CALLER] && m->attachment != ADOPTED)
    {
        model_close(m, CALLER);
        m->caller_locks = 0;
        way = TRUE;
    }
    else if (m->caller_locks && !m->event[CALLER])
    {
        m->caller_locks = 0;
        way = TRUE;
    }
    return way;
}

struct expectation
{
    HRESULT code;
    BOOL waits; /* until the others have given way */
};

static inline BOOL model_reconnect(struct model *m, enum party party, BOOL alone, BOOL raw, int disposition,
                                   struct expectation *expected)
{
    if (model_locked_against(m, party)) return expected->waits = TRUE;
    if (!m->event[party]) m->reader_unknown = FALSE;
    if (m->gone)
    {
        expected->code = SCARD_E_NO_SMARTCARD;
        /* pcsc-lite says that there was a reset, unless it was asked first to let the connection be alone; so it is
         * where it is alone, but the reader, and hence that, is not known. */
        if (disposition != LEAVE && (!alone || (m->alone[party] && !m->reader_unknown))) model_event(m, EVENT_RESET);
        return TRUE;
    }
    if (m->reader_raw && !raw && disposition == LEAVE)
    {
        /* A reset heals it where nobody else can be there, which of a shared handle of the caller's is not known. */
        if (model_anybody_but(m, party) || (party == CALLER && !m->alone[CALLER]))
        {
            expected->code = SCARD_E_PROTO_MISMATCH;
            return TRUE;
        }
    }
    if (alone && model_anybody_but(m, party))
    {
        if (party != OBJECT) return expected->waits = TRUE;
        /* The own connection is made anew, which does not wait, and sees a reset no more. */
        expected->code = SCARD_E_SHARING_VIOLATION;
        if (!m->event[OBJECT]) return TRUE;
        m->event[OBJECT] = NO_EVENT;
        if (!raw) m->raw = FALSE;
        m->reader_raw = m->raw;
        return TRUE;
    }
    if (disposition != LEAVE) model_event(m, EVENT_RESET);
    m->reader_raw = raw;
    m->alone[party] = alone;
    m->event[party] = NO_EVENT;
    m->reader_unknown = FALSE;
    expected->code = S_OK;
    return TRUE;
}

static inline BOOL model_attach_reader(struct model *m, BOOL alone, BOOL raw, struct expectation *expected)
{
    if (m->attachment == OWN)
    {
        if (model_reconnect(m, OBJECT, alone, raw, LEAVE, expected) && expected->code == S_OK) m->raw = raw;
        return TRUE;
    }
    if (alone && !m->gone && (m->locks || (raw && model_anybody_but(m, PARTIES))))
    {
        /* Told before the caller's handle gives up its transaction, and before pcsc-lite is asked, which would take the
         * protocol away from those who are there. */
        expected->code = SCARD_E_SHARING_VIOLATION;
        return TRUE;
    }
    if (!model_anybody_alone(m) && (m->caller_locks || m->other_locks)) return expected->waits = TRUE;
    expected->code = model_connect_code(m, alone, raw);
    if (m->locks)
    {
        /* The locks end for the moment, unless it is known before that it fails. */
        if (expected->code == (HRESULT)SCARD_E_SHARING_VIOLATION) return TRUE;
        model_end_adopted_locks(m);
        expected->code = model_connect_code(m, alone, raw);
    }
    if (expected->code == (HRESULT)SCARD_E_PROTO_MISMATCH && !model_anybody_but(m, PARTIES))
        expected->code = S_OK; /* healed by a reset */
    if (expected->code != S_OK) return TRUE;
    m->attachment = OWN;
    m->raw = m->reader_raw = raw;
    m->open[OBJECT] = TRUE;
    m->alone[OBJECT] = alone;
    return TRUE;
}

static inline BOOL model_attach_handle(struct model *m, struct expectation *expected)
{
    if (!m->open[CALLER]) return FALSE;
    /* After a reset the reader of a handle, and so its share mode, cannot be asked for. Whether a transaction of the
     * program or that of being alone is left when it becomes shared is then not known: this is left out. */
    if (m->alone[CALLER] && m->event[CALLER] && m->caller_locks) return FALSE;
    if (m->other_locks) return expected->waits = TRUE;
    expected->code = S_OK;
    if (m->attachment == OWN)
    {
        if (m->locks && m->event[OBJECT] == EVENT_RESET) m->reader_raw = m->raw; /* reconnected, to end the locks */
        model_end_own(m);
    }
    else if (m->attachment == ADOPTED) model_end_adopted_locks(m);
    model_forget(m);
    m->attachment = ADOPTED;
    m->reader_unknown = m->event[CALLER] != NO_EVENT;
    m->raw = m->reader_raw && !m->event[CALLER]; /* after a reset SCardStatus does not tell the protocol */
    return TRUE;
}

/* After SCardDisconnect(UNPOWER) pcsc-lite's SCardReconnect(LEAVE) succeeds without giving the card power. Somebody who
 * is still there gives it: SCardReconnect(RESET). */
static inline enum party model_powers_again(const struct model *m)
{
    if (m->gone) return PARTIES;
    return m->open[OTHER] ? OTHER : m->open[CALLER] ? CALLER : PARTIES;
}

#define EJECT_CODE ((HRESULT)SCARD_E_UNSUPPORTED_FEATURE)

static inline BOOL model_detach(struct model *m, int disposition, struct expectation *expected)
{
    BOOL acts = disposition != LEAVE;

    expected->code = S_OK;
    if (m->attachment == OWN)
    {
        if (acts && model_locked_against(m, OBJECT)) return expected->waits = TRUE;
        model_end_own(m);
        if (disposition == RESET || disposition == UNPOWER) model_event(m, EVENT_RESET);
        if (disposition == UNPOWER && model_powers_again(m) != PARTIES) m->event[model_powers_again(m)] = NO_EVENT;
    }
    else
    {
        model_end_adopted_locks(m);
        if (acts && m->event[CALLER]) expected->code = event_code(m->event[CALLER]);
        else if (acts && m->other_locks) return expected->waits = TRUE;
        else if (disposition == EJECT) expected->code = EJECT_CODE;
        else if (acts) model_event(m, EVENT_RESET);
    }
    model_forget(m);
    return TRUE;
}

static inline BOOL model_unlock(struct model *m, int disposition, struct expectation *expected)
{
    enum party party = model_attached(m);

    expected->code = S_OK;
    if (!m->locks) expected->code = SCARD_E_NOT_TRANSACTED;
    else if (m->event[party]) expected->code = event_code(m->event[party]);
    else
    {
        m->locks--;
        if (disposition == EJECT) expected->code = EJECT_CODE;
        else if (disposition != LEAVE) model_event(m, EVENT_RESET);
    }
    return TRUE;
}

static inline BOOL model_call(struct model *m, const struct move *move, struct expectation *expected)
{
    enum party party = model_attached(m);

    if (move->kind == ATTACH_HANDLE && move->first == WRONG_HANDLE)
    {
        expected->code = E_INVALIDARG;
        return TRUE;
    }
    if (move->kind == ATTACH_HANDLE) return model_attach_handle(m, expected);
    if (move->kind == ATTACH_READER)
        return model_attach_reader(m, move->first == EXCLUSIVE, move->second, expected);
    if (party == PARTIES)
    {
        expected->code = SCARD_E_INVALID_HANDLE;
        return TRUE;
    }
    switch (move->kind)
    {
    case DETACH:
        return model_detach(m, move->first, expected);
    case LOCK:
        if (m->locks == MAX_LOCKS) return FALSE;
        if (m->event[party]) expected->code = event_code(m->event[party]);
        else if (model_locked_against(m, party)) expected->waits = TRUE;
        else m->locks++;
        return TRUE;
    case REATTACH:
        return model_reconnect(m, party, move->first == EXCLUSIVE, m->raw, move->second, expected);
    case TRANSACTION:
        if (model_locked_against(m, party)) expected->waits = TRUE;
        else expected->code = model_transmit_code(m, party, m->raw);
        return TRUE;
    default:
        return model_unlock(m, move->first, expected);
    }
}

static inline BOOL model_can_recover(const struct model *m, enum party party)
{
    return m->open[party] && !m->alone[party] && m->event[party] && !m->gone && !m->reader_raw
           && !model_locked_against(m, party);
}

/* What others do, only where it succeeds at once. */
static inline BOOL model_world(struct model *m, const struct move *move)
{
    enum party party = move->first;
    BYTE *locks = party == CALLER ? &m->caller_locks : &m->other_locks;

    switch (move->kind)
    {
    case NEW_OBJECT:
        if (m->attachment == OWN) model_end_own(m);
        else if (m->attachment == ADOPTED) model_end_adopted_locks(m);
        model_forget(m);
        return TRUE;
    case CONNECT:
        if (m->open[party] || model_owner(m) != PARTIES) return FALSE;
        if ((move->second & CONNECT_RAW) && model_anybody_but(m, party)) return FALSE;
        if (model_connect_code(m, move->second == SCARD_SHARE_EXCLUSIVE, move->second & CONNECT_RAW)) return FALSE;
        m->open[party] = TRUE;
        m->alone[party] = move->second == SCARD_SHARE_EXCLUSIVE;
        if (move->second & CONNECT_RAW) m->reader_raw = TRUE;
        return TRUE;
    case DISCONNECT:
        if (!m->open[party] || party == model_attached(m)) return FALSE;
        model_close(m, party);
        *locks = 0;
        return TRUE;
    case BEGIN:
        if (!m->open[party] || *locks || m->event[party] || model_locked_against(m, party)) return FALSE;
        *locks = 1;
        return TRUE;
    case END:
        if (!*locks || m->event[party]) return FALSE;
        --*locks;
        return TRUE;
    case RESET_CARD:
        if (!m->open[party] || m->alone[party] || m->gone || model_locked_against(m, party)) return FALSE;
        model_event(m, EVENT_RESET);
        m->event[party] = NO_EVENT;
        return TRUE;
    case RECOVER:
        if (!model_can_recover(m, party) || party == model_attached(m)) return FALSE;
        m->event[party] = NO_EVENT;
        return TRUE;
    case PULL:
        if (m->gone || m->locks) return FALSE; /* what the count of the object's locks is then is left out */
        m->gone = TRUE;
        m->caller_locks = m->other_locks = 0; /* pcsc-lite ends all transactions */
        model_event(m, EVENT_REMOVED);
        return TRUE;
    default:
        if (!m->gone) return FALSE;
        m->gone = FALSE;
        return TRUE;
    }
}

/* The state after a move, and what is expected of it. FALSE: the move is none in this state. */
static inline BOOL model_step(struct model *m, const struct move *move, struct expectation *expected)
{
    struct model before = *m;

    expected->code = S_OK;
    expected->waits = FALSE;
    if (move->kind >= ISCARD_CALLS) return model_world(m, move);
    if (!model_call(m, move, expected)) return FALSE;
    if (expected->waits)
    {
        *m = before;
        if (!model_give_way(m)) return FALSE; /* for ever */
        expected->waits = FALSE;
        if (!model_call(m, move, expected) || expected->waits) return FALSE;
        expected->waits = TRUE;
    }
    return TRUE;
}

#endif
