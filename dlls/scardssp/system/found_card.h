/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What FindCard connected for late-bound callers. They get the card handle alone and have no SCardDisconnect: the
 * connection and its context are kept here, until ISCard::AttachByHandle takes them over or the ISCardLocate goes.
 */

#ifndef SCARDSSP_FOUND_CARD_H
#define SCARDSSP_FOUND_CARD_H

#include "winscard_private.h"

/*
 * Keeps the connection of a SCARDINFO, whose memory stays the caller's, for its finder. On failure the connection and
 * its context are ended.
 */
HRESULT found_card_keep(struct object *finder, const SCARDINFO *info);
/*
 * Where the connection is one that is kept here, makes it an own one of the caller and returns its context, which the
 * caller releases after the connection; else 0.
 */
HSCARDCONTEXT found_card_take(struct connection *connection);
/* Ends those of a finder that nobody has taken. */
void found_cards_end(struct object *finder);

void found_cards_init(void);
void found_cards_cleanup(void);

#endif
