/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What gcc's -fstack-protector-strong calls. The C runtime of Windows XP has nothing of it, and libssp would be one more
 * DLL beside ours. A function whose buffer was overrun does not return: the process ends with the status that
 * Microsoft's /GS uses.
 */

#include "stack_guard.h"

/* From advapi32; the headers know this name of it only. */
BOOLEAN NTAPI SystemFunction036(void *buffer, ULONG size);

/* Until it is drawn: a zero byte stops string functions, and the others are no likely text. */
uintptr_t __stack_chk_guard = (uintptr_t)0x00e3a9d10b5cf700ull;

__attribute__((no_stack_protector)) void stack_guard_init(void)
{
    uintptr_t guard;

    if (SystemFunction036(&guard, sizeof(guard)))
        __stack_chk_guard = guard << 8;
}

__attribute__((noreturn)) void __stack_chk_fail(void)
{
    for (;;)
        TerminateProcess(GetCurrentProcess(), STATUS_STACK_BUFFER_OVERRUN);
}
