/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_STACK_GUARD_H
#define SCARDSSP_STACK_GUARD_H

#include <stdint.h>
#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

/* The status of a process whose stack was overrun, as ntstatus.h has it. */
#ifndef STATUS_STACK_BUFFER_OVERRUN
#define STATUS_STACK_BUFFER_OVERRUN ((NTSTATUS)0xc0000409)
#endif

extern uintptr_t __stack_chk_guard;

/* Draws the value that is put beside buffers; to be called from a function that has none of its own. */
void stack_guard_init(void);

__attribute__((noreturn)) void __stack_chk_fail(void);

#endif
