/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The preloaded library's way out of where it is not needed: a Wine whose winscard is right, and programs of Linux. The
 * first call of a process shows what its caller's integers are; with 32 bits, pcsc-lite's own functions get the calls.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <winscard.h>

#include "pcsc32.h"

/* Where pcsc-lite's names lead in this process, SCardEstablishContext first (preload.S). NULL ends the table. */
extern struct wide_function stand_ins[];

long establish_either(uint32_t word0, uint32_t word1, uint32_t word2, uint32_t word3, uint32_t word4);

static int use_pcsclite(void)
{
    void *library = dlopen("libpcsclite.so.1", RTLD_NOW | RTLD_LOCAL), *symbol;
    struct wide_function *entry;

    for (entry = stand_ins; library && entry->name; entry++)
    {
        if (!(symbol = dlsym(library, entry->name)))
            return 0;
        __atomic_store_n(&entry->function, symbol, __ATOMIC_RELEASE);
    }
    return library != NULL;
}

/*
 * SCardEstablishContext, by the words on the stack: scope, 0, 0, 0, pointer from a caller with 64 bits; scope, 0, 0,
 * pointer from one with 32, as the reserved pointers have to be NULL.
 */
long establish_either(uint32_t word0, uint32_t word1, uint32_t word2, uint32_t word3, uint32_t word4)
{
    LONG (*establish_context)(DWORD, const void *, const void *, SCARDCONTEXT *);

    if (!word3)
        return wide_SCardEstablishContext(word0 | (uint64_t)word1 << 32, (const void *)word2, NULL, (uint64_t *)word4);
    if (!use_pcsclite())
        return SCARD_E_NO_SERVICE;
    establish_context = (__typeof__(establish_context))stand_ins[0].function;
    return establish_context(word0, (const void *)word1, (const void *)word2, (SCARDCONTEXT *)word3);
}
