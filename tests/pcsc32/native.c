/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A 32-bit program of Linux that uses pcsc-lite, which has to go on working where the adapter is preloaded. The exit
 * status is 0 when it finds the reader and its card.
 */

#include <stdio.h>
#include <string.h>
#include <winscard.h>

int main(void)
{
    SCARD_READERSTATE state = { .szReader = "Virtual PCD 00 00" };
    SCARDCONTEXT context = 0;
    char readers[512] = "";
    DWORD size = sizeof(readers);
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

    if (!error)
        error = SCardListReaders(context, NULL, readers, &size);
    if (!error)
        error = SCardGetStatusChange(context, 0, &state, 1);
    printf("%#lx, reader '%s', state %#lx\n", (unsigned long)error, readers, (unsigned long)state.dwEventState);
    SCardReleaseContext(context);
    return error || strcmp(readers, state.szReader) || !(state.dwEventState & SCARD_STATE_PRESENT);
}
