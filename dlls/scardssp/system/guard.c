/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handle guard: what a page fault in winscard does not catch. */

#include "winscard_private.h"

#define WINSCARD_HANDLE_SIZE 16         /* the most that Wine's winscard reads at a handle */

/*
 * Whether a wild handle points to the guard page of some thread's stack. Touching it is no page fault: it would end
 * that thread's stack, or raise a stack overflow here.
 */
static BOOL is_in_guard_page(HSCARD handle)
{
    MEMORY_BASIC_INFORMATION info;

    return VirtualQuery((const void *)handle, &info, sizeof(info)) && info.State == MEM_COMMIT
            && info.Protect & PAGE_GUARD;
}

BOOL is_wild_handle(HSCARD handle)
{
    return is_in_guard_page(handle) || is_in_guard_page(handle + WINSCARD_HANDLE_SIZE - 1);
}
