/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A libpcsclite.so.1 of 32 bits for pcsc32_test.c: it notes what it was called with and answers with fixed values. Built
 * against pcsc-lite's own header, so that the compiler checks the form of each function.
 */

#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "fake_pcsclite.h"

struct fake_call fake_call;

static LONG note(const char *name, DWORD a, DWORD b, DWORD c, DWORD d)
{
    fake_call.name = name;
    fake_call.numbers[0] = a;
    fake_call.numbers[1] = b;
    fake_call.numbers[2] = c;
    fake_call.numbers[3] = d;
    fake_call.count++;
    return fake_call.answer;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID reserved1, LPCVOID reserved2, LPSCARDCONTEXT context)
{
    *context = FAKE_CONTEXT;
    return note("SCardEstablishContext", scope, reserved1 != NULL, reserved2 != NULL, 0);
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    return note("SCardReleaseContext", context, 0, 0, 0);
}

LONG SCardIsValidContext(SCARDCONTEXT context)
{
    return note("SCardIsValidContext", context, 0, 0, 0);
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE handle,
        LPDWORD protocol)
{
    strcpy(fake_call.text, reader);
    *handle = FAKE_HANDLE;
    *protocol = SCARD_PROTOCOL_T1;
    return note("SCardConnect", context, share, protocols, 0);
}

LONG SCardReconnect(SCARDHANDLE handle, DWORD share, DWORD protocols, DWORD initialization, LPDWORD protocol)
{
    *protocol = SCARD_PROTOCOL_T0;
    return note("SCardReconnect", handle, share, protocols, initialization);
}

LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition)
{
    return note("SCardDisconnect", handle, disposition, 0, 0);
}

LONG SCardBeginTransaction(SCARDHANDLE handle)
{
    return note("SCardBeginTransaction", handle, 0, 0, 0);
}

LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition)
{
    return note("SCardEndTransaction", handle, disposition, 0, 0);
}

LONG SCardStatus(SCARDHANDLE handle, LPSTR names, LPDWORD names_size, LPDWORD state, LPDWORD protocol, LPBYTE atr,
        LPDWORD atr_size)
{
    note("SCardStatus", handle, names_size ? *names_size : 0, atr_size ? *atr_size : 0, names != NULL);
    if (names) strcpy(names, "Reader");
    if (names_size) *names_size = 8;
    if (state) *state = 0x80000034;
    if (protocol) *protocol = SCARD_PROTOCOL_T1;
    if (atr) memcpy(atr, "\x3b\x80", 2);
    if (atr_size) *atr_size = 2;
    return fake_call.answer;
}

/* With the time-out FAKE_BLOCK it waits for SCardCancel. */
LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD count)
{
    DWORD i;

    note("SCardGetStatusChange", context, timeout, count, count ? states[0].dwCurrentState : 0);
    if (timeout == FAKE_BLOCK)
    {
        while (!__atomic_load_n(&fake_call.cancelled, __ATOMIC_ACQUIRE)) usleep(1000);
        return SCARD_E_CANCELLED;
    }
    for (i = 0; i < count; i++)
    {
        if (i < sizeof(fake_call.reader_states) / sizeof(fake_call.reader_states[0]))
            fake_call.reader_states[i] = states[i];
        states[i].dwEventState = 0x80010022 + i;
        states[i].cbAtr = i % MAX_ATR_SIZE + 1;
        memset(states[i].rgbAtr, 0x30 + i, sizeof(states[i].rgbAtr));
    }
    return fake_call.answer;
}

LONG SCardControl(SCARDHANDLE handle, DWORD code, LPCVOID in, DWORD in_size, LPVOID out, DWORD out_size,
        LPDWORD returned)
{
    memcpy(out, in, in_size);
    *returned = in_size;
    return note("SCardControl", handle, code, in_size, out_size);
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *send, LPCBYTE command, DWORD command_size,
        SCARD_IO_REQUEST *receive, LPBYTE reply, LPDWORD reply_size)
{
    note("SCardTransmit", handle, send->dwProtocol, command_size, *reply_size);
    if (send->cbPciLength != sizeof(*send)) fake_call.numbers[1] = 0;
    memcpy(reply, command, command_size);
    memcpy(reply + command_size, "\x90", 2);
    *reply_size = command_size + 2;
    if (receive) receive->dwProtocol = SCARD_PROTOCOL_T1;
    return fake_call.answer;
}

LONG SCardListReaderGroups(SCARDCONTEXT context, LPSTR groups, LPDWORD size)
{
    note("SCardListReaderGroups", context, *size, groups != NULL, 0);
    if (groups) memcpy(groups, "G\0", 3);
    *size = 3;
    return fake_call.answer;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD size)
{
    note("SCardListReaders", context, *size, readers != NULL, groups != NULL);
    if (readers) memcpy(readers, "R\0", 3);
    *size = 3;
    return fake_call.answer;
}

LONG SCardCancel(SCARDCONTEXT context)
{
    __atomic_store_n(&fake_call.cancelled, 1, __ATOMIC_RELEASE);
    return note("SCardCancel", context, 0, 0, 0);
}

LONG SCardGetAttrib(SCARDHANDLE handle, DWORD attribute, LPBYTE value, LPDWORD size)
{
    note("SCardGetAttrib", handle, attribute, *size, value != NULL);
    if (value) memcpy(value, "abcd", 4);
    *size = 4;
    return fake_call.answer;
}

LONG SCardSetAttrib(SCARDHANDLE handle, DWORD attribute, LPCBYTE value, DWORD size)
{
    memcpy(fake_call.text, value, size);
    return note("SCardSetAttrib", handle, attribute, size, 0);
}
