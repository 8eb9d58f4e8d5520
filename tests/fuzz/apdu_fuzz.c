/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes as a command APDU: what is one comes back the same, and what is none changes nothing. */

#include "core/apdu.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct apdu apdu, again, before;
    uint8_t *encoded;
    size_t encoded_size;
    unsigned int number;

    memset(&before, 0x5a, sizeof(before));
    apdu = before;
    if (!apdu_parse(&apdu, data, size))
    {
        MUST(!memcmp(&apdu, &before, sizeof(apdu)));
        return 0;
    }
    MUST(apdu.nc <= APDU_MAX_NC && apdu.ne <= APDU_MAX_NE);
    MUST(!apdu.nc || (apdu.data >= data && apdu.data + apdu.nc <= data + size));
    number = apdu_case(&apdu);
    MUST(number == 1u + (apdu.nc ? 2 : 0) + (apdu.ne ? 1 : 0));
    MUST(apdu_p3(&apdu) == (apdu.nc ? (apdu.nc > 255 ? 0 : apdu.nc) : apdu.ne > 255 ? 0 : apdu.ne));

    encoded_size = apdu_size(&apdu);
    MUST(encoded_size && encoded_size <= size && encoded_size <= APDU_MAX_SIZE); /* never longer than it was given */
    if (!(encoded = malloc(encoded_size))) abort();
    apdu_encode(&apdu, encoded);
    MUST(apdu_parse(&again, encoded, encoded_size));
    MUST(again.cla == apdu.cla && again.ins == apdu.ins && again.p1 == apdu.p1 && again.p2 == apdu.p2);
    MUST(again.nc == apdu.nc && again.ne == apdu.ne);
    MUST(!apdu.nc || !memcmp(again.data, apdu.data, apdu.nc));
    if (encoded_size == size) MUST(!memcmp(encoded, data, size));
    MUST(apdu_reply_room(&apdu) >= 258 && apdu_reply_room(&apdu) <= APDU_MAX_REPLY);
    free(encoded);
    return 0;
}
