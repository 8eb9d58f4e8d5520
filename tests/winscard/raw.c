/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SCARD_PROTOCOL_RAW is 0x10000; pcsc-lite's is 4. The last number is used where the first does not work, so that the
 * other two places where it stands are seen as well: what SCardStatus tells, and SCARD_PCI_RAW.
 */

#include "winscard_test.h"

#define PCSCLITE_PROTOCOL_RAW 4

START_REPORT(raw, "4", "RAW")
{
    static const BYTE select[] = { 0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00 };
    SCARDCONTEXT context = establish();
    DWORD protocol = 0, size;
    const WCHAR *reader;
    SCARDHANDLE card;
    BYTE reply[258];
    LONG error;

    if (!context || !(reader = find_reader(context, SCARD_STATE_PRESENT))) return;

    error = SCardConnectW(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_RAW, &card, &protocol);
    if (error && !winetest_platform_is_wine)
    {
        skip("The reader has no RAW: %#lx.\n", error);
        return;
    }
    todo_wine ok(!error, "SCardConnectW with SCARD_PROTOCOL_RAW: %#lx.\n", error);
    if (error) error = SCardConnectW(context, reader, SCARD_SHARE_EXCLUSIVE, PCSCLITE_PROTOCOL_RAW, &card, &protocol);
    ok(!error, "SCardConnectW over RAW: %#lx.\n", error);
    if (error) return;
    todo_wine ok(protocol == SCARD_PROTOCOL_RAW, "SCardConnectW over RAW tells protocol %#lx.\n", protocol);

    error = SCardStatusW(card, NULL, NULL, NULL, &protocol, NULL, NULL);
    ok(!error, "SCardStatusW: %#lx.\n", error);
    todo_wine ok(protocol == SCARD_PROTOCOL_RAW, "SCardStatusW over RAW tells protocol %#lx.\n", protocol);

    size = sizeof(reply);
    error = SCardTransmit(card, SCARD_PCI_RAW, select, sizeof(select), NULL, reply, &size);
    todo_wine ok(!error && size >= 2, "SCardTransmit with SCARD_PCI_RAW: %#lx.\n", error);

    error = SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_RAW, SCARD_LEAVE_CARD, &protocol);
    todo_wine ok(!error && protocol == SCARD_PROTOCOL_RAW, "SCardReconnect with SCARD_PROTOCOL_RAW: %#lx.\n", error);

    SCardDisconnect(card, SCARD_RESET_CARD); /* pcsc-lite keeps RAW until then */
    SCardReleaseContext(context);
}
