/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the probe share. */

#ifndef SCARDSSP_DOCTOR_PROBE_H
#define SCARDSSP_DOCTOR_PROBE_H

#include <windows.h>

#define MAX_NAME 255        /* characters of a name, or bytes of UTF-8 of a reader's; pcsc-lite's have at most 127 */

/* The bytes of UTF-8 as digits; "-" for no characters. */
void print_hex(const WCHAR *text, int length);

/*
 * Prints "alias STATE PLACE NAME READER MEANS" for each alias of a reader that there is for programs of this prefix.
 * STATE says what comes of it:
 *     told        programs are told it for MEANS
 *     known       it means MEANS, for which programs are told another one
 *     unlisted    it means MEANS, which Wine's list of readers leaves out
 *     absent      it means none of the readers
 *     reader      a reader has that name itself
 *     again       one before has the same name, and counts
 *     malformed   it is ignored; NAME is what is written
 * PLACE is variable or registry. The others are digits as print_hex has them, "-" for what there is not. The first of
 * the readers are those that Wine lists.
 */
void print_aliases(WCHAR **readers, int listed, int count);

#endif
