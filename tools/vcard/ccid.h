/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The front for the USB reader of QEMU (ccid-card-passthru): libcacard's protocol between a machine and the card
 * outside of it. A message is a header of three 32-bit big-endian numbers (type, reader, length of what follows) and
 * what follows. Here is the card's side, which says hello, adds a reader, and says when the card goes in and out.
 */

#ifndef VCARD_CCID_H
#define VCARD_CCID_H

#include "front.h"

/* How far the front has come: each thing it asks of the machine is answered before the next. */
enum ccid_step
{
    CCID_HELLO,     /* said, not answered */
    CCID_ADDING,    /* the reader */
    CCID_EMPTY,     /* the reader is there, the card is not in it */
    CCID_INSERTING, /* the card */
    CCID_PRESENT,
    CCID_REMOVING,  /* the card */
};

struct ccid
{
    struct front front;
    enum ccid_step step;
    uint32_t reader; /* the machine's number for it */
    bool pulled;     /* since the card was put in: it has to go out, even where it is wanted in again */
};

/* `address` is where QEMU's chardev listens. */
void ccid_init(struct ccid *ccid, const struct sockaddr_un *address, const struct front_events *events, void *context);

#endif
