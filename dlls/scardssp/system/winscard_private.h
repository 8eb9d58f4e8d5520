/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of this room that call winscard share. */

#ifndef SCARDSSP_WINSCARD_PRIVATE_H
#define SCARDSSP_WINSCARD_PRIVATE_H

#include "system.h"
#include "winscard.h"

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

#endif
