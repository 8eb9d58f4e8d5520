/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Wine's winscard passes pcsc-lite's states of a card, and one of its errors, through untranslated, where Windows has
 * other values. Which of them is there is learnt from a live card.
 */

#include "winscard_private.h"

#define PCSCLITE_E_UNSUPPORTED_FEATURE ((LONG)0x8010001f)
#define PCSCLITE_STATE_MASK   0xffff    /* above it is a counter of card events */
#define PCSCLITE_NEGOTIABLE   0x20
#define PCSCLITE_LIVE_CARD    0x10      /* powered, or more; Windows' values end at 6 */

static enum
{
    DIALECT_UNKNOWN,        /* no live card has shown it yet */
    DIALECT_WINDOWS,
    DIALECT_PCSCLITE
}
dialect;

void dialect_learn(DWORD state)
{
    if ((state & PCSCLITE_STATE_MASK) >= PCSCLITE_LIVE_CARD)
        dialect = DIALECT_PCSCLITE;
    else if (state == SCARD_NEGOTIABLE || state == SCARD_SPECIFIC)
        dialect = DIALECT_WINDOWS;
}

BOOL is_pcsclite(void)
{
    return dialect == DIALECT_PCSCLITE;
}

/* pcsc-lite's SCARD_E_UNSUPPORTED_FEATURE is Windows' SCARD_E_UNEXPECTED, which pcsc-lite never means. */
LONG dialect_error(LONG error)
{
    return error == PCSCLITE_E_UNSUPPORTED_FEATURE && is_pcsclite() ? SCARD_E_UNSUPPORTED_FEATURE : error;
}

static SCARD_STATES state_from_pcsclite(DWORD bits, DWORD protocol)
{
    static const struct { DWORD bit; SCARD_STATES state; } states[] =
    {
        { 0x40, SPECIFICMODE },
        { PCSCLITE_NEGOTIABLE, NEGOTIABLEMODE },
        { 0x10, POWERED },
        { 0x08, SWALLOWED },
        { 0x04, PRESENT },
    };
    unsigned int i;

    /* pcsc-lite does not set SPECIFICMODE's. */
    if (bits & PCSCLITE_NEGOTIABLE && protocol)
        return SPECIFICMODE;
    for (i = 0; i < ARRAY_SIZE(states); i++)
    {
        if (bits & states[i].bit)
            return states[i].state;
    }
    return ABSENT;
}

SCARD_STATES dialect_card_state(DWORD state, DWORD protocol)
{
    if (is_pcsclite())
        return state_from_pcsclite(state, protocol);
    return state >= ABSENT && state <= SPECIFICMODE ? state : PRESENT;
}
