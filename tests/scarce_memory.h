/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets scardssp.dll run out of memory. */

#ifndef SCARDSSP_TESTS_SCARCE_MEMORY_H
#define SCARDSSP_TESTS_SCARCE_MEMORY_H

#include <stdlib.h>
#include "import_table.h"

/* The allocations that scardssp.dll still gets; below 0 it gets all. */
static int allocations_left = -1;

static BOOL is_scarce(void)
{
    if (allocations_left <= 0) return !allocations_left;
    allocations_left--;
    return FALSE;
}

static void *scarce_malloc(size_t size)
{
    return is_scarce() ? NULL : malloc(size);
}

static void *scarce_calloc(size_t number, size_t size)
{
    return is_scarce() ? NULL : calloc(number, size);
}

static void *scarce_realloc(void *memory, size_t size)
{
    return is_scarce() ? NULL : realloc(memory, size);
}

/* FALSE: scardssp.dll allocates otherwise. */
static inline BOOL make_memory_scarce(void)
{
    static const struct replacement scarce[] =
    {
        { "malloc", scarce_malloc },
        { "calloc", scarce_calloc },
        { "realloc", scarce_realloc },
    };

    return replace_imports("scardssp.dll", scarce, ARRAY_SIZE(scarce)) == ARRAY_SIZE(scarce);
}

#endif
