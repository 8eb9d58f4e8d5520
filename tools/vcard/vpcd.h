/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The front for the virtual reader of pcscd (vpcd of the vsmartcard project): messages with a 16-bit big-endian
 * length in front, both ways, over TCP. Being connected is being in the reader.
 */

#ifndef VCARD_VPCD_H
#define VCARD_VPCD_H

#include "front.h"

/* `address` is where vpcd listens. */
void vpcd_init(struct front *front, const struct sockaddr_in *address, const struct front_events *events,
               void *context);

#endif
