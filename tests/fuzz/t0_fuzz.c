/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The T=0 machine against a hostile card: the input is a command and what the card answers, one after the other. */

#include "core/t0.h"
#include "fuzz.h"

static uint8_t reply[T0_REPLY_SIZE];

/* One answer: its length, with a status that often means something to the machine. */
static size_t answer(struct input *input, uint8_t *room, size_t room_size)
{
    static const uint8_t statuses[][2] = 
    {
        { 0x90, 0x00 }, { 0x61, 0x00 }, { 0x61, 0x10 }, { 0x6c, 0x08 }, { 0x6c, 0x00 }, { 0x67, 0x00 }, { 0x6d, 0x00 },
    };
    size_t size = take_word(input), given;
    uint8_t kind = take_byte(input), *bytes;

    if (size > room_size) size = room_size;
    memset(room, kind, size);
    given = size;
    bytes = take_bytes(input, &given);
    memcpy(room, bytes, given);
    free(bytes);
    if (size >= 2 && kind % 8 < sizeof(statuses) / sizeof(statuses[0])) memcpy(room + size - 2, statuses[kind % 8], 2);
    return size;
}

/* The first TPDU is the command; a later one is it again, or GET RESPONSE, in the alternate class if one was put. */
static void check_tpdu(const struct t0 *t0, const struct apdu *apdu, bool first, const uint8_t *alternate_cla)
{
    MUST(t0->tpdu_size >= 5 && t0->tpdu_size <= T0_MAX_TPDU);
    if (first)
    {
        MUST(!memcmp(t0->tpdu, &apdu->cla, 4));
        MUST(t0->tpdu[4] == (apdu->nc ? apdu->nc : apdu->ne > 255 ? 0 : apdu->ne));
        MUST(t0->tpdu_size == 5 + apdu->nc && (!apdu->nc || !memcmp(t0->tpdu + 5, apdu->data, apdu->nc)));
    }
    else if (memcmp(t0->tpdu, &apdu->cla, 4))
    {
        MUST(t0->tpdu[1] == 0xc0 && !t0->tpdu[2] && !t0->tpdu[3]);
        if (alternate_cla) MUST(t0->tpdu[0] == *alternate_cla);
        else MUST(t0->tpdu[0] == apdu->cla || t0->tpdu[0] < 4 || t0->tpdu[0] >> 4 == 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t lengths[] = { 0, 1, 2, 16, 255, 256, 257, 65535, 65536, 65537 };
    struct input input = { data, size };
    enum t0_status status;
    struct apdu apdu;
    struct t0 t0;
    size_t sends = 0, nc, room_size, starved = 0;
    uint8_t alternate_cla, *room, *bytes;
    bool is_put;

    apdu.cla = take_byte(&input);
    apdu.ins = take_byte(&input);
    apdu.p1 = take_byte(&input);
    apdu.p2 = take_byte(&input);
    alternate_cla = take_byte(&input);
    apdu.ne = lengths[take_byte(&input) % (sizeof(lengths) / sizeof(lengths[0]))];
    is_put = alternate_cla & 1; /* else the class is that of the command */
    nc = take_byte(&input);
    if (nc == 255) nc = 256;
    bytes = take_bytes(&input, &nc);
    apdu.data = bytes;
    apdu.nc = (uint32_t)nc;

    if (!t0_start(&t0, &apdu, is_put ? &alternate_cla : NULL, reply))
    {
        MUST(apdu.nc > 255 || apdu.ne > APDU_MAX_NE);
        free(bytes);
        return 0;
    }
    MUST(apdu.nc <= 255 && apdu.ne <= APDU_MAX_NE);
    do
    {
        MUST(++sends <= 3 + 6 * (size_t)apdu.ne); /* the first one, and as often as T0_SEND came */
        check_tpdu(&t0, &apdu, sends == 1, is_put ? &alternate_cla : NULL);
        room = t0_room(&t0, &room_size);
        MUST(room_size == T0_MAX_ANSWER && room >= reply && room + room_size <= reply + sizeof(reply));
        room_size = answer(&input, room, room_size);
        starved = room_size == 2 && room[0] == 0x61 ? starved + 1 : 0;
        status = t0_received(&t0, room_size);
        if (room_size < 2) MUST(status == T0_PROTOCOL_ERROR);
        if (starved > 4) MUST(status != T0_SEND); /* what the card owes does not come */
    }
    while (status == T0_SEND);

    if (status == T0_DONE)
    {
        MUST(t0.reply_size >= 2 && t0.reply_size <= APDU_MAX_REPLY);
        if (apdu.ne) MUST(t0.reply_size - 2 <= apdu.ne);
    }
    MUST(t0_received(&t0, 2) == T0_PROTOCOL_ERROR);
    t0_wipe(&t0);
    free(bytes);
    return 0;
}
