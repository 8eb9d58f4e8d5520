/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One APDU over T=0, as a state machine that does no input or output of its own.
 * ISO/IEC 7816-4:1995 Annex A, ISO/IEC 7816-3:2006 12.2.
 *
 * Use: t0_start(); then, until the status is not T0_SEND: send tpdu, receive at t0_room(), t0_received().
 * At last t0_wipe().
 */

#ifndef SCARDSSP_CORE_T0_H
#define SCARDSSP_CORE_T0_H

#include "apdu.h"

enum
{
    T0_MAX_TPDU = 5 + 255,
    T0_MAX_ANSWER = 256 + 2,                        /* to one TPDU */
    T0_REPLY_SIZE = APDU_MAX_NE + T0_MAX_ANSWER     /* what has been kept, and one answer behind it */
};

enum t0_status
{
    T0_SEND,            /* the next TPDU is to be sent */
    T0_DONE,            /* the reply is complete */
    T0_PROTOCOL_ERROR   /* the card does not keep to the protocol; there is no reply */
};

struct t0
{
    uint8_t tpdu[T0_MAX_TPDU];
    size_t tpdu_size;           /* what to send next; 0 when there is nothing more to send */
    uint8_t *reply;             /* the bytes of answers that are not kept are overwritten */
    size_t reply_size;          /* the data so far; after T0_DONE the whole reply, SW1 SW2 at its end */

    /* Private to the machine. */
    uint32_t ne;
    uint8_t get_response_cla;
    bool may_change_cla;        /* a GET RESPONSE that is refused for its class goes out in an interindustry one */
    bool may_correct_p3;        /* a 6Cxx is answered by the same header with P3 = xx */
    bool may_lift_p3;           /* a GET RESPONSE for less than was announced may go out for all of it */
    bool in_get_response;       /* tpdu is a GET RESPONSE of ours */
    bool starved;               /* the last GET RESPONSE brought 61xx without data */
    uint32_t announced;         /* by the last 61xx, in bytes */
    uint16_t refusal;           /* SW1 SW2 that the present GET RESPONSE was refused with at first; 0: it was not */
};

/*
 * Begins: the first TPDU is in t0->tpdu.
 *
 * apdu: not used any more after the call.
 * alternate_cla: the class of the GET RESPONSE commands. NULL: that of the command, and where the card refuses it,
 * which is a proprietary one or one with secure messaging or chaining, the plain interindustry class of its channel.
 * reply: T0_REPLY_SIZE bytes of the caller's.
 *
 * False: T=0 cannot carry more than 255 bytes of data, or ne is above APDU_MAX_NE; nothing is to be sent.
 */
bool t0_start(struct t0 *t0, const struct apdu *apdu, const uint8_t *alternate_cla, uint8_t *reply);

/* Where the card's answer to tpdu is to be received. *size: the room to ask for, T0_MAX_ANSWER. */
uint8_t *t0_room(const struct t0 *t0, size_t *size);

/*
 * The card answered with size bytes, which stand at t0_room().
 *
 * With an Le, the data of the reply is never longer than Ne. T0_SEND comes at most 2 + 6 * Ne times, whatever
 * the card answers. Once it was not T0_SEND it is T0_PROTOCOL_ERROR for ever, and nothing changes.
 */
enum t0_status t0_received(struct t0 *t0, size_t size);

/* Overwrites the command bytes that the machine held; the reply stays. It can be called at any time. */
void t0_wipe(struct t0 *t0);

#endif
