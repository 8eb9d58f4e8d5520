/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pcsc-lite refuses a card without power for a moment, where Windows gives it power. */

#include "winscard_private.h"

#define POWER_TRIES           20
#define POWER_WAIT            100       /* ms between two of them */

/*
 * Whether a card without power gets it by waiting. pcsc-lite gives it to whoever connects, but for up to a second not
 * after a program unpowered the card while others were connected, who have left now. A card that has shown no ATR, as
 * a memory card in a reader for processor cards, will not be powered by time.
 */
static BOOL gets_power_soon(HSCARDCONTEXT context, const WCHAR *reader)
{
    DWORD state = get_reader_state(context, reader);

    return state & SCARD_STATE_PRESENT && !(state & (SCARD_STATE_MUTE | SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE));
}

LONG attempt_with_power(struct attempt *attempt, SCARD_PROTOCOLS protocols)
{
    unsigned int tries = POWER_TRIES;
    LONG error;

    while ((error = attempt_protocols(attempt, protocols)) == SCARD_W_UNPOWERED_CARD && --tries
            && gets_power_soon(attempt->context, attempt->reader))
        Sleep(POWER_WAIT);
    return error;
}
