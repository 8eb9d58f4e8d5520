/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCardStatus tells one of six states, SCARD_ABSENT (1) to SCARD_SPECIFIC (6), and nothing else in the same number. */

#include "winscard_test.h"

static DWORD status_of(SCARDCONTEXT context, const WCHAR *reader, DWORD share_mode, DWORD protocols)
{
    DWORD state = 0, protocol = 0, active = 0;
    SCARDHANDLE card;
    LONG error;

    error = SCardConnectW(context, reader, share_mode, protocols, &card, &active);
    ok(!error, "SCardConnectW: %#lx.\n", error);
    if (error) return 0;
    error = SCardStatusW(card, NULL, NULL, &state, &protocol, NULL, NULL);
    ok(!error, "SCardStatusW: %#lx.\n", error);
    if (protocols) ok(protocol == active, "Protocol %#lx, connected with %#lx.\n", protocol, active);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    return state;
}

START_REPORT(states, "3", "states")
{
    SCARDCONTEXT context = establish();
    const WCHAR *reader;
    DWORD state;

    if (context && (reader = find_reader(context, SCARD_STATE_PRESENT)))
    {
        state = status_of(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx);
        todo_wine
        {
            ok(state >= SCARD_ABSENT && state <= SCARD_SPECIFIC, "%#lx is no state.\n", state);
            ok(state == SCARD_SPECIFIC, "A card with a protocol is in state %#lx, not SCARD_SPECIFIC (6).\n", state);
        }
    }
    if (context && (reader = find_reader(context, SCARD_STATE_EMPTY)))
    {
        state = status_of(context, reader, SCARD_SHARE_DIRECT, 0);
        todo_wine ok(state == SCARD_ABSENT, "An empty reader is in state %#lx, not SCARD_ABSENT (1).\n", state);
    }
    if (context) SCardReleaseContext(context);
}
