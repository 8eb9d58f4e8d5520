/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smallest program that shows Wine's bug (docs/wine-32bit.md): it uses winscard alone, and nothing of ours. Prints
 * what each call returned; the exit status is 0 when a card has answered.
 */

#include <stdio.h>
#include <windows.h>
#include <winscard.h>

int main(void)
{
    static const BYTE select[] = { 0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00 };
    BYTE reply[258];
    DWORD protocol = 0, size = sizeof(reply);
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

    printf("SCardEstablishContext: %#lx\n", error);
    if (error)
        return 1;
    error = SCardConnectA(context, "Virtual PCD 00 00", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
            &card, &protocol);
    printf("SCardConnect: %#lx, protocol %lu\n", error, protocol);
    if (error)
        return 1;
    error = SCardTransmit(card, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1, select, sizeof(select),
            NULL, reply, &size);
    printf("SCardTransmit: %#lx, %lu bytes\n", error, size);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return error || size < 2;
}
