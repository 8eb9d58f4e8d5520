/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The half of scardssp-doctor that asks pcscd without Wine. Prints "context CODE", then for each reader
 * "reader STATE ATR NAME", where STATE is card, mute or empty and ATR "-" where there is none.
 */

#include <stdio.h>
#include <string.h>

#include <winscard.h>

#define MAX_READERS 16

static void print_reader(const SCARD_READERSTATE *state)
{
    DWORD i;

    printf("reader %s ", state->dwEventState & SCARD_STATE_MUTE ? "mute"
            : state->dwEventState & SCARD_STATE_PRESENT ? "card" : "empty");
    for (i = 0; i < state->cbAtr && i < MAX_ATR_SIZE; i++)
        printf("%02X", state->rgbAtr[i]);
    printf("%s %s\n", state->cbAtr ? "" : "-", state->szReader);
}

int main(void)
{
    SCARD_READERSTATE states[MAX_READERS];
    char names[4096] = "";
    DWORD size = sizeof(names), count = 0, i;
    SCARDCONTEXT context;
    const char *name;
    LONG error;

    error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    printf("context %08lx\n", (unsigned long)error & 0xffffffff);
    if (error)
        return 1;

    memset(states, 0, sizeof(states));
    if (!SCardListReaders(context, NULL, names, &size))
        for (name = names; *name && count < MAX_READERS; name += strlen(name) + 1)
            states[count++].szReader = name;
    if (count && !SCardGetStatusChange(context, 0, states, count))
        for (i = 0; i < count; i++)
            print_reader(&states[i]);
    SCardReleaseContext(context);
    return 0;
}
