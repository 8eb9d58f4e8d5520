/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stream of a caller, kept so that every apartment may use it. */

#ifndef SCARDSSP_GIT_STREAM_H
#define SCARDSSP_GIT_STREAM_H

#include "module/module.h"

struct git_stream;

/* Keeps a stream of the calling thread's apartment. On failure *out is left as it was. */
HRESULT git_stream_create(IStream *stream, struct git_stream **out);
/* Returns its argument. */
struct git_stream *git_stream_add_ref(struct git_stream *kept);
void git_stream_release(struct git_stream *kept);
/* The stream itself in its own apartment, elsewhere a proxy. The caller, who holds a reference, releases *stream. */
HRESULT git_stream_get(const struct git_stream *kept, IStream **stream);

#endif
