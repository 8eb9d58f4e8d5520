/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Overruns a buffer on the stack on purpose, with the stack protector of the DLL. Ends with 0xc0000409; "overrun none"
 * stays in its buffer and ends with 0, and an unnoticed overrun with something else.
 */

#include <string.h>
#include "stack_guard.h"

static volatile int wanted;

__attribute__((noinline)) static int fill(void)
{
    volatile char buffer[16];
    int i;

    for (i = 0; i < wanted; i++) buffer[i] = 'A';
    return buffer[0] == 'A' ? 0 : 3;
}

int main(int argc, char **argv)
{
    stack_guard_init();
    wanted = argc > 1 && !strcmp(argv[1], "none") ? 16 : 64;
    return fill();
}
