/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "module.h"

/* The identifiers of scardssp.h, and only those, are defined here; the others are in libuuid. */
#include "initguid.h"
#include "scardssp.h"

HINSTANCE scardssp_instance;

static LONG module_refs;

void module_add_ref(void)
{
    InterlockedIncrement(&module_refs);
}

void module_release(void)
{
    InterlockedDecrement(&module_refs);
}

BOOL module_is_idle(void)
{
    return !InterlockedCompareExchange(&module_refs, 0, 0);
}
