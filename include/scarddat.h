/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kept for the source compatibility of programs that include it, for IByteBuffer, ISCardCmd and ISCardTypeConv. */

#include "scardssp.h"
