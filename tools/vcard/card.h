/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual card: what a reader sees of it. A card is built from a description (docs/developers/vcard.md), answers
 * commands, and knows nothing of sockets or readers.
 */

#ifndef VCARD_CARD_H
#define VCARD_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest command and the longest reply (SW1 SW2 included) in bytes: what a vpcd message can carry. */
#define CARD_MAX_MESSAGE 65535
/* ISO 7816-3 8.1: TS and at most 32 bytes more. */
#define CARD_MAX_ATR 33

struct card;

/*
 * Builds a card from the description in the file `path`; `include NAME` in it is looked up beside that file.
 * Returns NULL after writing a sentence for the user, with file and line, to `error`.
 */
struct card *card_load(const char *path, char *error, size_t error_size);

/* The same from `length` bytes of text. `name` is for messages; `directory`, for `include`, may be NULL. */
struct card *card_parse(const char *name, const char *text, size_t length, const char *directory,
                        char *error, size_t error_size);

/*
 * A card that plays a card of the log of exchanges in the file `path`: the number-th of it from 1, or 0 for the first
 * that has exchanges. It has the ATR of the log, and answers a command as the log does (docs/developers/vcard.md). Returns NULL
 * after writing a sentence for the user to `error`.
 */
struct card *card_load_script(const char *path, unsigned int number, char *error, size_t error_size);

/* Wipes and frees the card. NULL is allowed. */
void card_free(struct card *card);

/*
 * Power off, power on and reset: the MF is the current DF, only the basic channel is open, no PIN is
 * verified, no key authenticated, no challenge and no response waits. File contents and retry counters stay.
 * A card that plays a log goes on where it is in the log.
 */
void card_reset(struct card *card);

/* The answer to reset; *length is its length in bytes. */
const uint8_t *card_atr(const struct card *card, size_t *length);

/*
 * One exchange: a command APDU (or, on a T=0 card, a command TPDU) of `length` bytes, any bytes at all, is
 * answered in `reply`, which holds CARD_MAX_MESSAGE bytes. Returns the length of the answer, never below 2. A card that
 * plays a log says on standard error which command it does not know, by header and length.
 */
size_t card_command(struct card *card, const uint8_t *command, size_t length, uint8_t *reply);

#endif
