/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A winscard.dll for the benchmark, with one card of T=1 that takes no time: it answers each command with 9000, and with
 * sixteen bytes of data when READ BINARY asks for them.
 */

#define WIN32_LEAN_AND_MEAN
#include <string.h>
#include <windows.h>

#define EXPORT(type) __declspec(dllexport) type WINAPI

struct pci
{
    DWORD protocol;
    DWORD size;
};

__declspec(dllexport) const struct pci g_rgSCardT0Pci = { 1, sizeof(struct pci) };
__declspec(dllexport) const struct pci g_rgSCardT1Pci = { 2, sizeof(struct pci) };
__declspec(dllexport) const struct pci g_rgSCardRawPci = { 0x10000, sizeof(struct pci) };

static ULONG_PTR room[2];   /* what handles point at */

EXPORT(LONG) SCardEstablishContext(DWORD scope, const void *reserved1, const void *reserved2, ULONG_PTR *context);
EXPORT(LONG) SCardReleaseContext(ULONG_PTR context);
EXPORT(LONG) SCardCancel(ULONG_PTR context);
EXPORT(LONG) SCardConnectW(ULONG_PTR context, const WCHAR *reader, DWORD share, DWORD protocols, ULONG_PTR *card,
                           DWORD *protocol);
EXPORT(LONG) SCardReconnect(ULONG_PTR card, DWORD share, DWORD protocols, DWORD initialization, DWORD *protocol);
EXPORT(LONG) SCardDisconnect(ULONG_PTR card, DWORD disposition);
EXPORT(LONG) SCardBeginTransaction(ULONG_PTR card);
EXPORT(LONG) SCardEndTransaction(ULONG_PTR card, DWORD disposition);
EXPORT(LONG) SCardStatusW(ULONG_PTR card, WCHAR *readers, DWORD *size, DWORD *state, DWORD *protocol, BYTE *atr,
                          DWORD *atr_size);
EXPORT(LONG) SCardTransmit(ULONG_PTR card, const struct pci *send_pci, const BYTE *send, DWORD send_size,
                           struct pci *receive_pci, BYTE *reply, DWORD *reply_size);
EXPORT(LONG) SCardGetStatusChangeW(ULONG_PTR context, DWORD timeout, void *states, DWORD count);
EXPORT(LONG) SCardListReadersW(ULONG_PTR context, const WCHAR *groups, WCHAR *readers, DWORD *size);
EXPORT(LONG) SCardListReaderGroupsW(ULONG_PTR context, WCHAR *groups, DWORD *size);

LONG WINAPI SCardEstablishContext(DWORD scope, const void *reserved1, const void *reserved2, ULONG_PTR *context)
{
    *context = (ULONG_PTR)room;
    return 0;
}

LONG WINAPI SCardReleaseContext(ULONG_PTR context)
{
    return 0;
}

LONG WINAPI SCardCancel(ULONG_PTR context)
{
    return 0;
}

LONG WINAPI SCardConnectW(ULONG_PTR context, const WCHAR *reader, DWORD share, DWORD protocols, ULONG_PTR *card,
                          DWORD *protocol)
{
    *card = (ULONG_PTR)room;
    *protocol = 2;
    return 0;
}

LONG WINAPI SCardReconnect(ULONG_PTR card, DWORD share, DWORD protocols, DWORD initialization, DWORD *protocol)
{
    *protocol = 2;
    return 0;
}

LONG WINAPI SCardDisconnect(ULONG_PTR card, DWORD disposition)
{
    return 0;
}

LONG WINAPI SCardBeginTransaction(ULONG_PTR card)
{
    return 0;
}

LONG WINAPI SCardEndTransaction(ULONG_PTR card, DWORD disposition)
{
    return 0;
}

LONG WINAPI SCardStatusW(ULONG_PTR card, WCHAR *readers, DWORD *size, DWORD *state, DWORD *protocol, BYTE *atr,
                         DWORD *atr_size)
{
    if (readers && size && *size) *readers = 0;
    if (size) *size = 1;
    if (state) *state = 6;
    if (protocol) *protocol = 2;
    if (atr && atr_size && *atr_size >= 2) memcpy(atr, "\x3b", 2);
    if (atr_size) *atr_size = 2;
    return 0;
}

LONG WINAPI SCardTransmit(ULONG_PTR card, const struct pci *send_pci, const BYTE *send, DWORD send_size,
                          struct pci *receive_pci, BYTE *reply, DWORD *reply_size)
{
    DWORD size = send_size == 5 && send[1] == 0xb0 ? 16 : 0;

    memset(reply, 'x', size);
    reply[size] = 0x90;
    reply[size + 1] = 0x00;
    *reply_size = size + 2;
    return 0;
}

LONG WINAPI SCardGetStatusChangeW(ULONG_PTR context, DWORD timeout, void *states, DWORD count)
{
    return 0;
}

LONG WINAPI SCardListReadersW(ULONG_PTR context, const WCHAR *groups, WCHAR *readers, DWORD *size)
{
    *size = 0;
    return 0x8010002e;  /* SCARD_E_NO_READERS_AVAILABLE */
}

LONG WINAPI SCardListReaderGroupsW(ULONG_PTR context, WCHAR *groups, DWORD *size)
{
    *size = 0;
    return 0;
}
