/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libscardssp-pcsc32.so, for LD_PRELOAD: pcsc-lite's names for the functions with integers of 64 bits, for 32-bit
 * programs under Wine that use winscard without scardssp.dll. A 32-bit program of Linux must never get it.
 */

.macro stand_in name
    .globl \name
    .type \name, @function
\name:
    jmp wide_\name
    .size \name, . - \name
.endm

    .text
    stand_in SCardEstablishContext
    stand_in SCardReleaseContext
    stand_in SCardIsValidContext
    stand_in SCardConnect
    stand_in SCardReconnect
    stand_in SCardDisconnect
    stand_in SCardBeginTransaction
    stand_in SCardEndTransaction
    stand_in SCardStatus
    stand_in SCardGetStatusChange
    stand_in SCardControl
    stand_in SCardTransmit
    stand_in SCardListReaderGroups
    stand_in SCardListReaders
    stand_in SCardCancel
    stand_in SCardGetAttrib
    stand_in SCardSetAttrib

    .section .note.GNU-stack, "", @progbits
