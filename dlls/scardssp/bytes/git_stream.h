/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stream of a caller, kept so that every apartment may use it. */

#ifndef SCARDSSP_FOREIGN_H
#define SCARDSSP_FOREIGN_H

#include "scardssp_private.h"

struct foreign;

/* Keeps a stream of the calling thread's apartment. On failure *out is left as it was. */
HRESULT foreign_create(IStream *stream, struct foreign **out);
/* Returns its argument. */
struct foreign *foreign_add_ref(struct foreign *foreign);
void foreign_release(struct foreign *foreign);
/* The stream itself in its own apartment, elsewhere a proxy. The caller, who holds a reference, releases *stream. */
HRESULT foreign_get_stream(const struct foreign *foreign, IStream **stream);

#endif
