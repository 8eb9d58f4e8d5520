/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard against the model of card_model.h: every call in every state, all pairs and triples of calls, and random
 * sequences. After every call the object is asked for its properties, and another program's connection looks at the
 * card: it connects, ends a transaction that it does not have (which tells at once whose lock there is), transmits,
 * and, at the end of some sequences, begins a transaction that has to wait.
 *
 *     card_model                        every call in every state where nothing waits, some that wait, some sequences
 *     card_model full [SEED]            all of it (what follows a removal: three minutes), pairs, triples, and a hundred
 *                                       thousand random calls
 *     card_model random SEED [CALLS]    these random calls again
 *     card_model run MOVE...            this one sequence
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "card_model.h"

#define MOVES ARRAY_SIZE(moves)
#define MAX_STATES 1024
#define MAX_SEQUENCE 48
#define WAIT_SEEN 40      /* ms after which a call counts as waiting; pcsc-lite looks every 100 ms */
#define HANG 5000         /* ms after which it hangs */
#define MAX_FAILURES 30
#define SHRINK_TIME 20000 /* ms */

static BSTR reader;

/* ---- the world: the object, and two connections beside it ---- */

static ISCard *card;
static struct connection connections[PARTIES]; /* of CALLER and OTHER */

static const char *code_text(HRESULT hr)
{
    static const struct { HRESULT code; const char *name; } names[] =
    {
#define NAME(code) { (HRESULT)(code), #code }
        NAME(SCARD_E_INVALID_HANDLE), NAME(SCARD_E_NOT_TRANSACTED), NAME(SCARD_E_SHARING_VIOLATION),
        NAME(SCARD_E_NO_SMARTCARD), NAME(SCARD_E_PROTO_MISMATCH), NAME(SCARD_W_REMOVED_CARD), NAME(SCARD_W_RESET_CARD),
        NAME(SCARD_W_UNPOWERED_CARD), NAME(SCARD_E_UNSUPPORTED_FEATURE), NAME(SCARD_E_UNEXPECTED),
#undef NAME
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) if (hr == names[i].code) return names[i].name;
    return dbgstr_hr(hr);
}

/* pcsc-lite may refuse for a moment a card that was just unpowered. */
static LONG connect_powered(SCARDCONTEXT context, DWORD share, DWORD protocols, SCARDHANDLE *handle, DWORD *protocol)
{
    DWORD start = GetTickCount();
    LONG rc;

    while ((rc = SCardConnectW(context, reader, share, protocols, handle, protocol)) == (LONG)SCARD_W_UNPOWERED_CARD
           && GetTickCount() - start < 2000)
        Sleep(20);
    return rc;
}

static LONG party_connect(enum party party, int how)
{
    struct connection *c = &connections[party];
    DWORD share = how & ~CONNECT_RAW;
    LONG rc;

    if (!(how & CONNECT_RAW)) return connect_powered(c->context, share, SCARD_PROTOCOL_Tx, &c->handle, &c->protocol);
    rc = connect_powered(c->context, share, SCARD_PROTOCOL_RAW, &c->handle, &c->protocol);
    if (!rc || !winetest_platform_is_wine) return rc;
    return connect_powered(c->context, share, 4, &c->handle, &c->protocol); /* pcsc-lite's SCARD_PROTOCOL_RAW */
}

static LONG party_disconnect(enum party party)
{
    SCARDHANDLE handle = connections[party].handle;

    connections[party].handle = 0;
    return handle ? SCardDisconnect(handle, SCARD_LEAVE_CARD) : SCARD_S_SUCCESS;
}

static LONG party_reconnect(enum party party, DWORD initialization)
{
    struct connection *c = &connections[party];

    return SCardReconnect(c->handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, initialization, &c->protocol);
}

static LONG party_transmit(enum party party)
{
    static const BYTE get_data[] = { 0x00, 0xca, 0x5f, 0x2d, 0x04 };
    SCARD_IO_REQUEST pci = { connections[party].protocol, sizeof(pci) };
    BYTE reply[258];
    DWORD size = sizeof(reply);

    return SCardTransmit(connections[party].handle, &pci, get_data, sizeof(get_data), NULL, reply, &size);
}

static LONG move_card(BOOL in)
{
    return vcard_control(in ? "insert" : "pull") && await_card(reader, in) ? SCARD_S_SUCCESS : (LONG)ERROR_NOT_READY;
}

static HRESULT call_object(const struct move *move)
{
    SCARD_PROTOCOLS protocol = move->second ? RAW : T0 | T1;
    WORD status;

    switch (move->kind)
    {
    case ATTACH_HANDLE:
        return ISCard_AttachByHandle(card, move->first == WRONG_HANDLE ? 4 : connections[CALLER].handle);
    case ATTACH_READER:
        return ISCard_AttachByReader(card, reader, move->first, protocol);
    case DETACH:
        return ISCard_Detach(card, move->first);
    case LOCK:
        return ISCard_LockSCard(card);
    case REATTACH:
        return ISCard_ReAttach(card, move->first, move->second);
    case TRANSACTION:
        return exchange(card, &status);
    default:
        return ISCard_UnlockSCard(card, move->first);
    }
}

static LONG make_move(const struct move *move)
{
    enum party party = move->first;

    switch (move->kind)
    {
    case NEW_OBJECT:
        ISCard_Release(card);
        card = create_card();
        return SCARD_S_SUCCESS;
    case CONNECT:
        return party_connect(party, move->second);
    case DISCONNECT:
        return party_disconnect(party);
    case BEGIN:
        return SCardBeginTransaction(connections[party].handle);
    case END:
        return SCardEndTransaction(connections[party].handle, SCARD_LEAVE_CARD);
    case RESET_CARD:
        return party_reconnect(party, SCARD_RESET_CARD);
    case RECOVER:
        return party_reconnect(party, SCARD_LEAVE_CARD);
    case PULL:
    case INSERT:
        return move_card(move->kind == INSERT);
    default:
        return call_object(move);
    }
}

/* ---- looking at what came of it ---- */

static char failure[512]; /* the first thing that is wrong; empty: none */

static BOOL expect(const char *what, HRESULT seen, HRESULT right)
{
    if (seen == right) return TRUE;
    if (!*failure) _snprintf(failure, sizeof(failure) - 1, "%s: %s, expected %s", what, code_text(seen),
                             code_text(right));
    return FALSE;
}

static void expect_number(const char *what, int seen, int right)
{
    if (seen != right && !*failure)
        _snprintf(failure, sizeof(failure) - 1, "%s: %d, expected %d", what, seen, right);
}

static void look_at_object(const struct model *m)
{
    enum party party = model_attached(m);
    SCARD_PROTOCOLS protocol = 0;
    HSCARDCONTEXT context = 0;
    SCARD_STATES state = 0;
    HSCARD handle = 1;
    HRESULT hr, right;

    expect("CardHandle", ISCard_get_CardHandle(card, &handle), S_OK);
    expect_number("CardHandle", party == CALLER ? handle == connections[CALLER].handle : handle != 0,
                  party != PARTIES);
    expect("Context", ISCard_get_Context(card, &context), S_OK);
    if (party != PARTIES && model_locked_against(m, party)) return; /* pcsc-lite's SCardStatus waits */
    right = party == PARTIES ? (HRESULT)SCARD_E_INVALID_HANDLE
          : m->event[party] == EVENT_RESET ? (HRESULT)SCARD_W_RESET_CARD : S_OK;
    if (!expect("Status", hr = ISCard_get_Status(card, &state), right)) return;
    if (hr == S_OK) expect_number("Status", state, m->event[party] ? ABSENT : SPECIFICMODE);
    if (party == PARTIES || m->event[party]) return;
    expect("Protocol", ISCard_get_Protocol(card, &protocol), S_OK);
    expect_number("Protocol is RAW", protocol == RAW, m->raw);
}

/* The other program, connected: whose lock is it, and does the card answer? */
static void look_connected(const struct model *m)
{
    BOOL locked = model_locked_against(m, OTHER);
    LONG right = event_code(m->event[OTHER]);

    if (m->other_locks) return;
    if (!right) right = locked ? (LONG)SCARD_E_SHARING_VIOLATION : (LONG)SCARD_E_NOT_TRANSACTED;
    expect("Another connection's SCardEndTransaction", SCardEndTransaction(connections[OTHER].handle, SCARD_LEAVE_CARD),
           right);
    if (*failure || locked) return;
    expect("Another connection's SCardTransmit", party_transmit(OTHER), model_transmit_code(m, OTHER, FALSE));
}

static void look_connect(const struct model *m, BOOL alone)
{
    LONG right = model_connect_code(m, alone, FALSE);

    expect(alone ? "Another program's SCardConnect(EXCLUSIVE)" : "Another program's SCardConnect(SHARED)",
           party_connect(OTHER, alone ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED), right);
    party_disconnect(OTHER);
}

static void look_from_outside(const struct model *m)
{
    if (m->open[OTHER]) look_connected(m);
    else if (model_anybody_alone(m) || model_owner(m) == PARTIES)
    {
        look_connect(m, TRUE);
        if (!*failure && model_anybody_but(m, PARTIES)) look_connect(m, FALSE);
    }
}

/* ---- a step, in a thread that may wait ---- */

static struct
{
    HANDLE start, done;
    void (*task)(void);
    const struct move *move;
    BOOL powered_again; /* a party has to do so after the move */
    struct model after;
    HRESULT hr;
}
worker;

static DWORD WINAPI worker_thread(void *arg)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (;;)
    {
        WaitForSingleObject(worker.start, INFINITE);
        worker.task();
        SetEvent(worker.done);
    }
    return 0;
}

static BOOL worker_ended(DWORD patience)
{
    return !WaitForSingleObject(worker.done, patience);
}

static BOOL worker_does(void (*task)(void), DWORD patience)
{
    worker.task = task;
    SetEvent(worker.start);
    return worker_ended(patience);
}

static void task_move(void)
{
    worker.hr = make_move(worker.move);
}

static void task_look(void)
{
    if (worker.powered_again)
        expect("SCardReconnect(RESET) after UNPOWER",
               party_reconnect(model_powers_again(&worker.after), SCARD_RESET_CARD), SCARD_S_SUCCESS);
    look_at_object(&worker.after);
    if (!*failure) look_from_outside(&worker.after);
    if (!*failure && model_can_recover(&worker.after, OTHER))
        expect("Another connection's SCardReconnect", party_reconnect(OTHER, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

static void task_begin(void)
{
    worker.hr = SCardBeginTransaction(connections[OTHER].handle);
    if (!worker.hr) SCardEndTransaction(connections[OTHER].handle, SCARD_LEAVE_CARD);
}

static void task_connect(void)
{
    worker.hr = party_connect(OTHER, SCARD_SHARE_SHARED);
}

static char trail[8192]; /* the moves so far, to be shown if nothing helps */

static void give_up(const char *text)
{
    ok(0, "%s: %s\n", trail, text);
    exit(1);
}

/* The others go, and the object's transactions end behind its back: then everything has to come back. */
static void free_worker(void)
{
    HSCARD handle = 0;
    DWORD protocol;
    unsigned int i;

    if (worker.task == task_move) party_disconnect(OTHER); /* else the worker uses it */
    if (connections[CALLER].handle) SCardEndTransaction(connections[CALLER].handle, SCARD_LEAVE_CARD);
    for (i = 0; i < 50 && !worker_ended(100); i++)
    {
        ISCard_get_CardHandle(card, &handle);
        if (!handle) continue;
        SCardReconnect(handle, SCARD_SHARE_SHARED, 7, SCARD_LEAVE_CARD, &protocol);
        SCardEndTransaction(handle, SCARD_LEAVE_CARD);
    }
    if (i == 50) give_up(worker.task == task_move ? "the call hangs, and nothing helps"
                                                  : "what another program does hangs, and nothing helps");
}

static BOOL worker_hangs(const char *what)
{
    _snprintf(failure, sizeof(failure) - 1, "%s hangs", what);
    free_worker();
    return FALSE;
}

/* The other programs do as model_give_way has it. */
static void give_way(const struct model *m)
{
    party_disconnect(OTHER);
    if (m->open[CALLER] && m->attachment != ADOPTED) party_disconnect(CALLER);
    else if (m->caller_locks) SCardEndTransaction(connections[CALLER].handle, SCARD_LEAVE_CARD);
}

/* The model after the move and after what look_from_outside did. FALSE: the move is none in this state. */
static BOOL model_next(struct model *m, const struct move *move, struct model *seen, struct expectation *expected)
{
    if (!model_step(m, move, expected)) return FALSE;
    *seen = *m;
    if (model_can_recover(m, OTHER)) m->event[OTHER] = NO_EVENT;
    return TRUE;
}

/* Makes a move that is one in this state. FALSE: something is wrong, and failure says what. */
static BOOL step(struct model *m, const struct move *move)
{
    struct model before = *m;
    struct expectation expected;
    BOOL ended;

    *failure = 0;
    model_next(m, move, &worker.after, &expected);
    worker.move = move;
    worker.powered_again = move->kind == DETACH && move->first == UNPOWER && before.attachment == OWN
                           && model_powers_again(&worker.after) != PARTIES;
    ended = worker_does(task_move, expected.waits ? WAIT_SEEN : HANG);
    if (expected.waits && ended)
    {
        _snprintf(failure, sizeof(failure) - 1, "it does not wait: %s", code_text(worker.hr));
        return FALSE;
    }
    if (expected.waits)
    {
        give_way(&before);
        ended = worker_ended(HANG);
    }
    if (!ended) return worker_hangs("the call");
    if (!expect("it gives", worker.hr, expected.code)) return FALSE;
    if (!worker_does(task_look, HANG)) return worker_hangs("what another program does");
    return !*failure;
}

/* ---- sequences ---- */

static void world_close(void)
{
    if (card) ISCard_Release(card);
    card = NULL;
    party_disconnect(CALLER);
    party_disconnect(OTHER);
}

static void world_open(void)
{
    card = create_card();
}

/* After a failure nobody knows what there is: everybody goes, the card is put in and is reset. */
static void world_mend(void)
{
    SCARD_READERSTATEW state = { .szReader = reader };
    DWORD start = GetTickCount();
    LONG rc;

    world_close();
    if (SCardGetStatusChangeW(connections[OTHER].context, 0, &state, 1)
        || !(state.dwEventState & SCARD_STATE_PRESENT))
        move_card(TRUE);
    do rc = party_connect(OTHER, SCARD_SHARE_EXCLUSIVE | (winetest_platform_is_wine ? CONNECT_RAW : 0));
    while (rc && GetTickCount() - start < 5000);
    if (rc) give_up("the card is still in use after the end of all connections");
    SCardDisconnect(connections[OTHER].handle, SCARD_RESET_CARD);
    connections[OTHER].handle = 0;
}

static const struct model initial; /* nobody is connected, the card is in and no protocol is chosen */

/* From any state back to that. */
static void world_restart(const struct model *m)
{
    if (m->gone) move_card(TRUE);
    if (m->reader_raw || m->raw) world_mend();
    else world_close();
}

struct sequence
{
    unsigned int count;
    BYTE moves[MAX_SEQUENCE];
};

static const char *sequence_text(const struct sequence *s)
{
    unsigned int i, size = 0;

    *trail = 0;
    for (i = 0; i < s->count; i++)
        size += sprintf(trail + size, "%s%s", i ? " " : "", moves[s->moves[i]].name);
    return trail;
}

/* Runs the moves that are moves. Returns how many it took to go wrong; 0: nothing is wrong. */
static unsigned int run_sequence(const struct sequence *s)
{
    struct model m = initial, after, seen;
    struct expectation expected;
    unsigned int i;

    world_open();
    sequence_text(s);
    for (i = 0; i < s->count; i++)
    {
        after = m;
        if (!model_next(&after, &moves[s->moves[i]], &seen, &expected)) continue;
        if (step(&m, &moves[s->moves[i]])) continue;
        world_mend();
        return i + 1;
    }
    world_restart(&m);
    return 0;
}

/* Leaves out what is not needed to go wrong in this way. */
static void shrink(struct sequence *s)
{
    DWORD start = GetTickCount();
    char same[sizeof(failure)];
    unsigned int i = 0, wrong;
    struct sequence shorter;

    strcpy(same, failure);
    while (i + 1 < s->count && GetTickCount() - start < SHRINK_TIME)
    {
        shorter = *s;
        shorter.count--;
        memmove(&shorter.moves[i], &shorter.moves[i + 1], shorter.count - i);
        if ((wrong = run_sequence(&shorter)) && !strcmp(failure, same))
        {
            *s = shorter;
            s->count = wrong;
            i = i ? i - 1 : 0;
        }
        else i++;
    }
    strcpy(failure, same);
}

static unsigned int failures;

/* Whether the same move went wrong in the same way before, in another state. */
static BOOL is_known(const struct move *move)
{
    static char known[MAX_FAILURES][sizeof(failure) + 64];
    unsigned int i;

    _snprintf(known[failures], sizeof(known[0]) - 1, "%s: %s", move->name, failure);
    for (i = 0; i < failures; i++) if (!strcmp(known[i], known[failures])) return TRUE;
    failures++;
    return FALSE;
}

/* A sequence that went wrong at its end: made anew and made short. */
static void report(const struct sequence *s)
{
    char first[sizeof(failure)];
    struct sequence again = *s;
    unsigned int wrong;

    if (is_known(&moves[s->moves[s->count - 1]])) return;
    strcpy(first, failure);
    if ((wrong = run_sequence(&again)))
    {
        again.count = wrong;
        shrink(&again);
    }
    else strcpy(failure, first);
    ok(0, "%s: %s%s.\n", sequence_text(wrong ? &again : s), failure, wrong ? "" : " (not again)");
    if (failures < MAX_FAILURES) return;
    trace("That is enough.\n");
    exit(1);
}

/* ---- the states, and the ways between them ---- */

struct edge
{
    SHORT to; /* -1: no move of that state */
    BYTE waits;
    BYTE bad; /* went wrong before: not taken again */
};

static struct model states[MAX_STATES];
static struct edge edges[MAX_STATES][MOVES];
static BOOL distant[MAX_STATES]; /* reached only by pulling the card, which takes half a second */
static unsigned int state_count;

static int state_number(const struct model *m)
{
    unsigned int i;

    for (i = 0; i < state_count; i++) if (!memcmp(&states[i], m, sizeof(*m))) return i;
    if (state_count == MAX_STATES) abort();
    states[state_count] = *m;
    return state_count++;
}

static void find_states(void)
{
    struct expectation expected;
    struct model after, seen;
    unsigned int i, j;

    state_number(&initial);
    for (i = 0; i < state_count; i++)
    {
        for (j = 0; j < MOVES; j++)
        {
            after = states[i];
            edges[i][j].to = -1;
            if (!model_next(&after, &moves[j], &seen, &expected)) continue;
            edges[i][j].to = (SHORT)state_number(&after);
            edges[i][j].waits = (BYTE)expected.waits;
        }
    }
}

static void find_distant_states(void)
{
    unsigned int i, j, found;

    for (i = 1; i < state_count; i++) distant[i] = TRUE;
    do
    {
        for (i = found = 0; i < state_count; i++)
        {
            if (distant[i]) continue;
            for (j = 0; j < MOVES; j++)
            {
                if (edges[i][j].to < 0 || !distant[edges[i][j].to] || moves[j].kind == PULL) continue;
                distant[edges[i][j].to] = FALSE;
                found++;
            }
        }
    }
    while (found);
}

/* About how long a move takes, in tenths of a millisecond. */
static unsigned int move_cost(const struct edge *edge, unsigned int move)
{
    if (moves[move].kind == PULL || moves[move].kind == INSERT) return 5000;
    return edge->waits ? 2000 : 10;
}

static BYTE from_moves[MAX_STATES]; /* the last move of the best way to a state */
static SHORT from_states[MAX_STATES];

/* The nearest state that is wanted, and the ways to all that are as near. -1: there is none. */
static int nearest(int start, const BOOL *wanted)
{
    static unsigned int cost[MAX_STATES];
    static BOOL done[MAX_STATES];
    unsigned int i, j, best;

    memset(done, 0, sizeof(done));
    for (i = 0; i < state_count; i++) cost[i] = ~0u;
    cost[start] = 0;
    for (;;)
    {
        for (i = 0, best = state_count; i < state_count; i++)
            if (!done[i] && cost[i] != ~0u && (best == state_count || cost[i] < cost[best])) best = i;
        if (best == state_count) return -1;
        if (wanted[best]) return best;
        done[best] = TRUE;
        for (j = 0; j < MOVES; j++)
        {
            const struct edge *edge = &edges[best][j];

            if (edge->to < 0 || edge->bad || cost[best] + move_cost(edge, j) >= cost[edge->to]) continue;
            cost[edge->to] = cost[best] + move_cost(edge, j);
            from_moves[edge->to] = (BYTE)j;
            from_states[edge->to] = (SHORT)best;
        }
    }
}

/* ---- walking ---- */

static struct sequence walked; /* since everything was closed */
static int here;               /* the state */
static unsigned int steps;

static void walk_restart(void)
{
    world_restart(&states[here]);
    world_open();
    walked.count = 0;
    here = 0;
}

/* FALSE: it went wrong, which is reported, and the walk is at its start again. */
static BOOL walk(unsigned int move)
{
    struct model m = states[here];
    struct edge *edge = &edges[here][move];

    walked.moves[walked.count++] = (BYTE)move;
    sequence_text(&walked);
    steps++;
    if (step(&m, &moves[move]))
    {
        here = edge->to;
        return TRUE;
    }
    edge->bad = TRUE;
    world_mend();
    report(&walked);
    here = 0;
    walk_restart();
    return FALSE;
}

/* Goes to the nearest wanted state. FALSE: there is none to be reached. */
static BOOL walk_to(const BOOL *wanted)
{
    BYTE way[MAX_SEQUENCE];
    unsigned int length;
    int to, at;

    for (;;)
    {
        if (walked.count > MAX_SEQUENCE / 2) walk_restart();
        if ((to = nearest(here, wanted)) < 0)
        {
            if (!walked.count) return FALSE;
            walk_restart();
            continue;
        }
        for (length = 0, at = to; at != here; at = from_states[at]) way[length++] = from_moves[at];
        while (length && walk(way[length - 1])) length--;
        if (!length) return TRUE;
    }
}

/* ---- every call, every pair, every triple ---- */

struct coverage
{
    unsigned int length;                         /* calls in a row */
    BOOL (*takes)(int state, unsigned int move); /* the calls that count */
    BYTE *seen;                                  /* by state and calls */
};

static unsigned int coverage_index(int state, const BYTE *calls, unsigned int length)
{
    unsigned int index = state, i;

    for (i = 0; i < length; i++) index = index * ISCARD_MOVES + calls[i];
    return index;
}

/* The next sequence from a state that was not seen, the first calls being given. A call that went wrong ends what
 * begins with it. FALSE: there is none. */
static BOOL coverage_next(struct coverage *c, int start, BYTE *calls, unsigned int given)
{
    unsigned int i, j;
    int at = start;

    for (i = 0; i < given; i++) at = edges[at][calls[i]].to;
    if (given == c->length) return !c->seen[coverage_index(start, calls, given)];
    for (j = 0; j < ISCARD_MOVES; j++)
    {
        if (edges[at][j].to < 0 || edges[at][j].bad || !c->takes(at, j)) continue;
        calls[given] = (BYTE)j;
        if (coverage_next(c, start, calls, given + 1)) return TRUE;
    }
    return FALSE;
}

/* All calls, pairs or triples of calls that count, from every state, as long as there is time (ms; 0: always). */
static void cover(const char *what, unsigned int length, BOOL (*takes)(int, unsigned int), DWORD limit)
{
    struct coverage coverage = { length, takes, NULL }, *c = &coverage;
    unsigned int i, window, done = 0, first_step = steps, size = state_count;
    DWORD start = GetTickCount(), shown = start, time;
    static BOOL wanted[MAX_STATES];
    BYTE calls[3], recent[3];
    int origin[3]; /* the states before the recent calls */

    for (i = 0; i < c->length; i++) size *= ISCARD_MOVES;
    if (!(c->seen = calloc(size, 1))) abort();
    for (i = 0; i < state_count; i++) wanted[i] = coverage_next(c, i, calls, 0);
    walk_restart();
    for (;;)
    {
        /* Where the walk is the beginning of one that was not seen, go on; else begin one here, or elsewhere. */
        if (!wanted[here] && !walk_to(wanted)) break;
        if (!coverage_next(c, here, calls, 0))
        {
            wanted[here] = FALSE;
            continue;
        }
        window = 0;
        for (;;)
        {
            BYTE call;

            if (walked.count == MAX_SEQUENCE) break;
            for (i = window >= c->length ? window - c->length + 1 : 0; i < window; i++)
            {
                memcpy(calls, recent + i, window - i);
                if (window - i < c->length && coverage_next(c, origin[i], calls, window - i)) break;
            }
            if (i == window && !coverage_next(c, here, calls, 0)) break;
            call = calls[window - i];
            if (window == c->length)
            {
                memmove(recent, recent + 1, window - 1);
                memmove(origin, origin + 1, (window - 1) * sizeof(origin[0]));
                window--;
            }
            origin[window] = here;
            recent[window++] = call;
            if (!walk(call)) break;
            if (window == c->length && !c->seen[i = coverage_index(origin[0], recent, window)])
            {
                c->seen[i] = TRUE;
                done++;
            }
            time = GetTickCount();
            if (limit && time - start > limit) goto out;
            if (time - shown < 10000) continue;
            shown = time;
            trace("%s: %u, %lu s.\n", what, done, (time - start) / 1000);
        }
        if (walked.count == MAX_SEQUENCE) walk_restart();
    }
out:
    ok(done > 0, "%s: nothing was covered.\n", what);
    trace("%s: %u, in %u moves, %lu ms.\n", what, done, steps - first_step, GetTickCount() - start);
    free(c->seen);
}

static BOOL takes_at_once(int state, unsigned int move)
{
    return !distant[state] && !edges[state][move].waits;
}

static BOOL takes_waiting(int state, unsigned int move)
{
    return !distant[state] && edges[state][move].waits;
}

static BOOL takes_distant(int state, unsigned int move)
{
    return distant[state];
}

static BOOL takes_kinds(int state, unsigned int move)
{
    return takes_at_once(state, move) && moves[move].in_triples;
}

/* ---- whoever waits for the object, and gets the card when it is released ---- */

static BOOL is_waited_for(const struct model *m)
{
    if (m->gone || m->event[OTHER] || model_anybody_alone(m) || !model_locked_against(m, OTHER)) return FALSE;
    return m->open[OTHER] || !(m->reader_raw || m->raw);
}

static void wait_for_object(void)
{
    void (*task)(void) = states[here].open[OTHER] ? task_begin : task_connect;
    const char *what = task == task_begin ? "SCardBeginTransaction" : "SCardConnect";
    BOOL ended = worker_does(task, WAIT_SEEN);

    ok(!ended, "%s: another program's %s does not wait: %s.\n", trail, what, code_text(worker.hr));
    ISCard_Release(card);
    card = NULL;
    party_disconnect(CALLER);
    if (!ended && !worker_ended(HANG)) give_up("another program waits, though the object is released");
    ok(!worker.hr, "%s: after Release another program's %s: %s.\n", trail, what, code_text(worker.hr));
    walk_restart();
}

static void wait_in_states(unsigned int count)
{
    static BOOL wanted[MAX_STATES];
    DWORD start = GetTickCount();
    unsigned int i, done;

    for (i = 0; i < state_count; i++) wanted[i] = !distant[i] && is_waited_for(&states[i]);
    walk_restart();
    for (done = 0; done < count && walk_to(wanted); done++)
    {
        wanted[here] = FALSE;
        wait_for_object();
    }
    ok(done > 0, "Nobody waited.\n");
    trace("States in which another program waits: %u, %lu ms.\n", done, GetTickCount() - start);
}

/* ---- random sequences ---- */

static unsigned int random_state;

static unsigned int random_number(unsigned int below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (unsigned int)((ULONGLONG)(random_state >> 8) * below >> 24);
}

/* Some move of the state that did not go wrong before; rarely one that takes long. */
static unsigned int random_move(void)
{
    unsigned int move;

    for (;;)
    {
        move = random_number(10) < 7 ? random_number(ISCARD_MOVES)
                                     : ISCARD_MOVES + random_number(MOVES - ISCARD_MOVES);
        if (edges[here][move].to < 0 || edges[here][move].bad) continue;
        if (moves[move].kind == NEW_OBJECT && random_number(10)) continue;
        if (move_cost(&edges[here][move], move) > 1000 && random_number(moves[move].kind == PULL ? 100 : 10)) continue;
        return move;
    }
}

static void walk_randomly(unsigned int seed, unsigned int calls)
{
    DWORD start = GetTickCount(), shown = start;
    unsigned int done = 0, move;

    trace("Random calls: card_model random %u %u\n", seed, calls);
    random_state = seed;
    walk_restart();
    while (done < calls)
    {
        if (walked.count == MAX_SEQUENCE) walk_restart();
        move = random_move();
        if (moves[move].kind < ISCARD_CALLS) done++;
        walk(move);
        if (GetTickCount() - shown < 10000) continue;
        shown = GetTickCount();
        trace("Random calls: %u of %u, %lu s.\n", done, calls, (shown - start) / 1000);
    }
    ok(done == calls, "%u calls.\n", done);
    trace("Random calls: %u, %lu ms.\n", done, GetTickCount() - start);
}

/* ---- the program ---- */

static unsigned int move_named(const char *name)
{
    unsigned int i;

    for (i = 0; i < MOVES; i++) if (!strcmp(moves[i].name, name)) return i;
    printf("There is no move \"%s\".\n", name);
    exit(2);
}

static void run_given(int count, char **names)
{
    struct sequence s = { 0 };
    unsigned int wrong;

    for (; count > 0 && s.count < MAX_SEQUENCE; count--) s.moves[s.count++] = (BYTE)move_named(*names++);
    wrong = run_sequence(&s);
    if (wrong) s.count = wrong;
    ok(!wrong, "%s: %s.\n", sequence_text(&s), failure);
}

/* The first takes some seconds, two minutes in an emulated machine, and much longer with a USB reader in it. */
static void run_short(void)
{
    cover("Calls in states", 1, takes_at_once, 180000);
    cover("Calls that wait", 1, takes_waiting, 2000);
    cover("Calls after a removal", 1, takes_distant, 4000);
    wait_in_states(10);
    walk_randomly(GetTickCount(), rounds_here(1000));
}

static void run_full(unsigned int seed)
{
    cover("Calls in states", 1, takes_at_once, 0);
    cover("Calls that wait", 1, takes_waiting, 0);
    cover("Calls after a removal", 1, takes_distant, 180000);
    wait_in_states(~0u);
    cover("Pairs of calls", 2, takes_at_once, 0);
    cover("Triples of calls", 3, takes_kinds, 0);
    walk_randomly(seed, 100000);
}

/* The n-th argument behind the mode. */
static unsigned int argument(int n, unsigned int otherwise)
{
    char **argv;

    return n + 2 < winetest_get_mainargs(&argv) ? (unsigned int)strtoul(argv[n + 2], NULL, 10) : otherwise;
}

static void run_mode(void)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (has_argument("full")) run_full(argument(1, GetTickCount()));
    else if (has_argument("random")) walk_randomly(argument(1, 0), argument(2, 1000));
    else if (has_argument("run")) run_given(argc - 3, argv + 3);
    else run_short();
}

START_TEST(card_model)
{
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    reader = find_card_reader(card_expected() ? 10000 : 0);
    if (!reader || !vcard_control("status"))
    {
        if (card_expected()) ok(0, "There is no card, or no control over it (VCARD_CONTROL).\n");
        else skip("There is no card, or no control over it (VCARD_CONTROL).\n");
        return;
    }
    for (i = CALLER; i < PARTIES; i++)
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &connections[i].context)) abort();
    worker.start = CreateEventW(NULL, FALSE, FALSE, NULL);
    worker.done = CreateEventW(NULL, FALSE, FALSE, NULL);
    CloseHandle(CreateThread(NULL, 0, worker_thread, NULL, 0, NULL));
    model_raw_code = raw_exchange_code(reader);
    find_states();
    find_distant_states();
    trace("%u states, %u moves.\n", state_count, (unsigned int)MOVES);
    run_mode();
    world_mend(); /* the last sequence may have left the card outside, or the reader on RAW */
    for (i = CALLER; i < PARTIES; i++) SCardReleaseContext(connections[i].context);
    SysFreeString(reader);
    CoUninitialize();
}
