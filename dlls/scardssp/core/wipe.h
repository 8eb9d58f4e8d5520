/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secure overwriting of memory that held a secret. */

#ifndef SCARDSSP_CORE_WIPE_H
#define SCARDSSP_CORE_WIPE_H

#include <stddef.h>

/*
 * Overwrites size bytes with zeros; the optimiser does not remove it although nobody reads them afterwards.
 * data may be NULL when size is 0.
 */
void core_wipe(void *data, size_t size);

#endif
