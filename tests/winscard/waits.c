/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCardGetStatusChange waits for a state other than dwCurrentState, and leaves that as the caller has set it. */

#include "winscard_test.h"

#define TIMEOUT  300
#define ROUNDING 50 /* ms of the clock */

START_REPORT(waits, "2", "waits")
{
    SCARD_READERSTATEW state = { .dwCurrentState = SCARD_STATE_UNAWARE };
    SCARDCONTEXT context = establish();
    DWORD known, start, waited;
    LONG error;

    if (!context || !(state.szReader = find_reader(context, SCARD_STATE_PRESENT))) return;

    error = SCardGetStatusChangeW(context, TIMEOUT, &state, 1);
    ok(!error, "Asked without a known state: %#lx.\n", error);
    ok(state.dwEventState & SCARD_STATE_CHANGED, "What was not known has changed: %#lx.\n", state.dwEventState);
    ok(state.dwEventState & SCARD_STATE_PRESENT, "A card is in the reader: %#lx.\n", state.dwEventState);

    known = state.dwCurrentState = state.dwEventState & ~SCARD_STATE_CHANGED;
    start = GetTickCount();
    error = SCardGetStatusChangeW(context, TIMEOUT, &state, 1);
    waited = GetTickCount() - start;
    todo_wine
    {
        ok(error == (LONG)SCARD_E_TIMEOUT, "Nothing changed: %#lx, not SCARD_E_TIMEOUT.\n", error);
        ok(waited >= TIMEOUT - ROUNDING, "Nothing changed, but the call did not wait.\n");
        ok(state.dwCurrentState == known, "dwCurrentState was overwritten with %#lx.\n", state.dwCurrentState);
    }
    trace("State %#lx, %lu ms.\n", known, waited);
    SCardReleaseContext(context);
}
