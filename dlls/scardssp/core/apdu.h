/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command APDUs: ISO/IEC 7816-4:2013 5.1, ISO/IEC 7816-3:2006 12.1. */

#ifndef SCARDSSP_CORE_APDU_H
#define SCARDSSP_CORE_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    APDU_HEADER_SIZE = 4,
    APDU_MAX_NC = 65535,
    APDU_MAX_NE = 65536,
    APDU_MAX_SIZE = APDU_HEADER_SIZE + 3 + APDU_MAX_NC + 2,
    APDU_MAX_REPLY = APDU_MAX_NE + 2
};

/* A command APDU, taken apart. */
struct apdu
{
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;    /* Nc bytes, not owned; not used when nc is 0 */
    uint32_t nc;            /* 0: no data field */
    uint32_t ne;            /* the most reply data that is expected; 0: no Le field */
};

/*
 * Takes bytes apart, which must be exactly one APDU of one of the four cases, in short or in extended form. An Lc of 0
 * and an Le, in short form, are taken for the Le alone: ne is that, and the encoding has one byte less.
 * False: they are none, and *apdu is as it was. apdu->data points into bytes; NULL without a data field.
 */
bool apdu_parse(struct apdu *apdu, const uint8_t *bytes, size_t size);

/*
 * The size of the encoding, at most APDU_MAX_SIZE: short form when nc <= 255 and ne <= 256, else extended.
 * 0: nc is above APDU_MAX_NC or ne above APDU_MAX_NE.
 */
size_t apdu_size(const struct apdu *apdu);

/* Writes apdu_size() bytes to out; apdu->data may overlap out. */
void apdu_encode(const struct apdu *apdu, uint8_t *out);

/* The case, 1 to 4: 1 neither data nor Le, 2 Le, 3 data, 4 both. */
unsigned int apdu_case(const struct apdu *apdu);

/*
 * The room, in bytes, to ask for when the card answers such a command in one exchange: the data that can come, and
 * SW1 SW2. Even where no Le tells the card that data is wanted it may send as much as a short form can ask for.
 * At most 65535, of which a driver that has 16 bits for it loses nothing, unless 65536 bytes of data are expected.
 */
size_t apdu_reply_room(const struct apdu *apdu);

/*
 * The byte that stands fifth in a T=0 header: Nc when there is data, else Ne; 0 when the value does not fit a
 * byte, of which 256 = 00 is the useful case.
 */
uint8_t apdu_p3(const struct apdu *apdu);

#endif
