/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Of two protocols pcsc-lite tries T=1 alone, and some cards that offer it do not switch to it. */

#include "winscard_private.h"

LONG attempt_protocols(struct attempt *attempt, SCARD_PROTOCOLS protocols)
{
    LONG error;

    if (protocols == RAW)
        return attempt_raw(attempt);
    error = attempt_once(attempt, protocols);
    if (error == SCARD_W_UNRESPONSIVE_CARD && protocols == (T0 | T1) && !attempt_once(attempt, T0))
        return SCARD_S_SUCCESS;
    return error;
}
