/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptions as names of cards, which are names of registry keys. Plain C. */

#ifndef CARDS_CARDNAME_H
#define CARDS_CARDNAME_H

#include <stddef.h>
#include <stdint.h>

enum { CARDNAME_SIZE = 256 };   /* UTF-16 units, with the 0 at the end */

/*
 * Makes a name of UTF-8: runs of blanks and control characters become one blank and go at the ends, backslashes become
 * slashes, what is no UTF-8 U+FFFD. It is cut to the length that a key's name has. With a number above 1, " (number)"
 * stands at its end. Returns the length, which is 0 when nothing is left of the text.
 */
size_t cardname_make(const char *text, size_t size, unsigned int number, uint16_t name[CARDNAME_SIZE]);

#endif
