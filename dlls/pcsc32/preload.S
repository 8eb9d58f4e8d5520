/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libscardssp-pcsc32.so, for LD_PRELOAD: pcsc-lite's names for the functions with integers of 64 bits, for 32-bit
 * programs under Wine that use winscard without scardssp.dll. Each name leads where an entry of a table points, since a
 * caller may turn out to have integers of 32 bits (narrow.c).
 */

/* An entry is a struct wide_function. EAX holds no argument here and need not be kept. */
.macro stand_in name
    .globl \name
    .type \name, @function
\name:
    call 1f
1:  pop %eax
    jmp *(target_\name + 4 - 1b)(%eax)
    .size \name, . - \name

    .section .rodata
2:  .asciz "\name"
    .data
target_\name:
    .long 2b
    .ifc \name, SCardEstablishContext
    .long establish_either
    .else
    .long wide_\name
    .endif
    .text
.endm

    .data
    .balign 4
    .globl stand_ins
    .hidden stand_ins
stand_ins:

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

    .data
    .long 0, 0

    .section .note.GNU-stack, "", @progbits
