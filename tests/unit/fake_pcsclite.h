/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the fake pcsc-lite of pcsc32_test.c was called with last, and what it answers. */

#ifndef SCARDSSP_TESTS_FAKE_PCSCLITE_H
#define SCARDSSP_TESTS_FAKE_PCSCLITE_H

#include <winscard.h>

/* Handles whose highest bit is set, as pcsc-lite's may have it. */
#define FAKE_CONTEXT ((SCARDCONTEXT)0x9abcdef0)
#define FAKE_HANDLE  ((SCARDHANDLE)0x87654321)
#define FAKE_BLOCK   0x7777

struct fake_call
{
    const char *name;
    DWORD numbers[4];
    char text[64];
    SCARD_READERSTATE reader_states[4];
    unsigned int count;
    int cancelled;
    LONG answer;
};

extern struct fake_call fake_call;

#endif
