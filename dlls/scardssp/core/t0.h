/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One APDU over T=0, as a state machine that does no input or output of its own.
 * ISO/IEC 7816-4:1995 Annex A, 12.2 of ISO/IEC 7816-3:2006.
 *
 * Use: t0_start(); then, until the status is not T0_SEND: send tpdu, receive at t0_room(), t0_received().
 */

#ifndef SCARDSSP_CORE_T0_H
#define SCARDSSP_CORE_T0_H

#include "apdu.h"

enum
{
    T0_MAX_TPDU = 5 + 255,
    T0_REPLY_SIZE = 2 * APDU_MAX_REPLY      /* what has been kept, and one answer of any size behind it */
};

enum t0_status
{
    T0_SEND,            /* the next TPDU is to be sent */
    T0_DONE,            /* the reply is complete */
    T0_PROTOCOL_ERROR   /* the card does not keep to the protocol */
};

struct t0
{
    uint8_t tpdu[T0_MAX_TPDU];
    size_t tpdu_size;           /* after T0_SEND: what to send */
    uint8_t *reply;
    size_t reply_size;          /* the data so far; after T0_DONE the whole reply, SW1 SW2 at its end */

    /* Private to the machine. */
    uint32_t ne;
    uint8_t get_response_cla;
    bool may_correct_p3;        /* a 6Cxx is answered by the same header with P3 = xx */
    bool in_get_response;
    unsigned int empty_answers; /* GET RESPONSE answers of 61xx in a row that brought no data */
};

/*
 * Begins: the first TPDU is in t0->tpdu.
 * get_response_cla: the class of the GET RESPONSE commands.
 * reply: T0_REPLY_SIZE bytes of the caller's.
 * False: T=0 cannot carry more than 255 bytes of data, nothing is to be sent.
 */
bool t0_start(struct t0 *t0, const struct apdu *apdu, uint8_t get_response_cla, uint8_t *reply);

/* Where the card's answer to the TPDU is to be received; *size, the room there, is at least APDU_MAX_REPLY. */
uint8_t *t0_room(const struct t0 *t0, size_t *size);

/* The card answered with size bytes, which stand at t0_room(). */
enum t0_status t0_received(struct t0 *t0, size_t size);

/* Overwrites the command bytes that the machine held. */
void t0_wipe(struct t0 *t0);

#endif
