/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secure overwriting of memory that held a secret. */

#include <string.h>

#include "wipe.h"

void core_wipe(void *data, size_t size)
{
    if (!size)
        return;
    memset(data, 0, size);
    /* As far as the compiler knows, the zeros are read here. */
    __asm__ __volatile__("" : : "r"(data) : "memory");
}
