/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the loader calls, in the place of the function that Wine's library for all its DLLs has. */

#include "stack_guard.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
BOOL WINAPI DllMainCRTStartup(HINSTANCE instance, DWORD reason, void *reserved);

__attribute__((no_stack_protector)) BOOL WINAPI DllMainCRTStartup(HINSTANCE instance, DWORD reason, void *reserved)
{
    if (reason == DLL_PROCESS_ATTACH)
        stack_guard_init();
    return DllMain(instance, reason, reserved);
}
