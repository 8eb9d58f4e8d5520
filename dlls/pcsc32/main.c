/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * scardssp-pcsc32.dll.so: an ELF library that the 32-bit scardssp.dll loads through Wine's LoadLibrary, from the
 * directory where it lies itself, when winscard shows that it needs this.
 */

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "pcsc32.h"

int WINAPI RepairWinscard(void);

/* Mends winscard in this process. Returns one of enum repair_result. */
int WINAPI RepairWinscard(void)
{
    return repair_winscard();
}
