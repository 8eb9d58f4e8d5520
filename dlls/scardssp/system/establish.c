/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first call of winscard that a process makes. */

#include "winscard_private.h"

LONG establish_system_context(HSCARDCONTEXT *context)
{
    return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
}
