/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where Wine runs 32-bit programs with a 32-bit unix side, winscard hands 64-bit integers to pcsc-lite, whose own have
 * 32: every call fails. Elsewhere all of this succeeds. Behind the first call structures are looked at as well.
 */

#include "winscard_test.h"

#define MEMORY_WINE_UNIX_FUNCS 1000 /* of Wine's winternl.h: the address of a module's unix side */

static BOOL has_32bit_unix_side(void)
{
    LONG (WINAPI *query)(HANDLE process, const void *address, int info, void *buffer, SIZE_T size, SIZE_T *ret_size);
    ULONGLONG address = 0;

    if (sizeof(void *) == 8) return FALSE;
    query = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQueryVirtualMemory");
    return !query(GetCurrentProcess(), GetModuleHandleA("winscard.dll"), MEMORY_WINE_UNIX_FUNCS, &address,
                  sizeof(address), NULL)
            && address && !(address >> 32);
}

/* An array of two, so that the size of a structure counts. */
static void test_reader_states(SCARDCONTEXT context)
{
    SCARD_READERSTATEW states[2] = { { 0 } };
    LONG error;

    states[0].szReader = states[1].szReader = find_reader(context, SCARD_STATE_PRESENT);
    if (!states[0].szReader) return;
    error = SCardGetStatusChangeW(context, 0, states, 2);
    ok(!error, "SCardGetStatusChangeW: %#lx.\n", error);
    ok(states[0].cbAtr && states[0].cbAtr <= 33 && states[0].cbAtr == states[1].cbAtr
       && !memcmp(states[0].rgbAtr, states[1].rgbAtr, states[0].cbAtr),
       "Two states of one reader, ATRs of %lu and %lu bytes.\n", states[0].cbAtr, states[1].cbAtr);
}

static void test_transmit(SCARDCONTEXT context)
{
    static const BYTE select[] = { 0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00 };
    const WCHAR *reader = find_reader(context, SCARD_STATE_PRESENT);
    DWORD protocol = 0, size;
    SCARDHANDLE card;
    BYTE reply[258];
    LONG error;

    if (!reader) return;
    error = SCardConnectW(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, &card, &protocol);
    ok(!error, "SCardConnectW: %#lx.\n", error);
    if (error) return;
    size = sizeof(reply);
    error = SCardTransmit(card, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1, select, sizeof(select),
                          NULL, reply, &size);
    ok(!error && size >= 2, "SCardTransmit: %#lx, %lu bytes.\n", error, size);
    error = SCardDisconnect(card, SCARD_LEAVE_CARD);
    ok(!error, "SCardDisconnect: %#lx.\n", error);
}

START_REPORT(integers, "1", "32-bit adapter")
{
    SCARDCONTEXT context = 0;
    LONG error;

    error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    todo_wine_if(has_32bit_unix_side())
        ok(!error, "SCardEstablishContext in a 32-bit program with a 32-bit unix side: %#lx.\n", error);
    if (error) return;
    test_reader_states(context);
    test_transmit(context);
    SCardReleaseContext(context);
}
