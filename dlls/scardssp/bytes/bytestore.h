/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where the bytes of a byte buffer are.
 *
 * Nearly every buffer is written, passed on and read without anyone asking for its stream, so the bytes are kept in
 * plain memory until somebody wants a stream on an HGLOBAL of them. Clones share the bytes, each with its own seek
 * pointer. A stream on an HGLOBAL that a caller put is used as one of our own. Any other that a caller put is kept in
 * the Global Interface Table, so that any apartment may use it.
 */

#ifndef SCARDSSP_BYTESTORE_H
#define SCARDSSP_BYTESTORE_H

#include <limits.h>

#include "scardssp_private.h"

#define STORE_MAX_SIZE LONG_MAX     /* the interface counts in LONGs */

/* The locks of streams on HGLOBALs, for the whole module: when it is loaded and unloaded. */
void stream_locks_init(void);
void stream_locks_cleanup(void);

struct content;
struct foreign;

struct byte_store
{
    CRITICAL_SECTION *lock;         /* of the buffer that it belongs to */
    struct content *content;        /* shared by clones; NULL: foreign is the stream */
    ULONG position;                 /* the seek pointer while the bytes are in memory */
    IStream *stream;                /* on content, with this store's own seek pointer, once there is one */
    struct foreign *foreign;        /* any other stream of a caller */
};

/* An empty store, in memory. */
HRESULT store_init(struct byte_store *store, CRITICAL_SECTION *lock);
void store_cleanup(struct byte_store *store);

/* Each replaces the bytes, the seek pointer being at 0 or where the stream has it; on failure nothing changes. */
HRESULT store_set_bytes(struct byte_store *store, const void *data, ULONG size);
HRESULT store_set_stream(struct byte_store *store, IStream *stream);
/* clone, an initialised store, gets the bytes of store, shared, and its seek pointer. */
HRESULT store_clone(struct byte_store *store, struct byte_store *clone);

/*
 * Appends all bytes to an empty run where that needs no stream; *read says whether it did.
 * E_INVALIDARG when there are more than max.
 */
HRESULT store_read_memory(struct byte_store *store, ULONG max, struct bytes *bytes, BOOL *read);

/*
 * How one call reaches the bytes. With content the locks are held, and either there is a stream or the memory of the
 * content is used; without content the stream is a caller's, and no lock is held.
 */
struct access
{
    struct byte_store *store;
    struct content *content;
    IStream *stream;
    CRITICAL_SECTION *stream_lock;  /* that is held; NULL: none */
};

HRESULT access_begin(struct byte_store *store, struct access *access);
void access_end(struct access *access);

/* The caller's stream that the operation is to be passed on to, or NULL when the bytes are our own. */
static inline IStream *access_foreign_stream(const struct access *access)
{
    return access->content ? NULL : access->stream;
}

/* Moves bytes from memory to a stream on an HGLOBAL if need be; afterwards access->stream is set. */
HRESULT access_make_stream(struct access *access);
HRESULT access_read(struct access *access, void *data, ULONG size, ULONG *read);
HRESULT access_write(struct access *access, const void *data, ULONG size, ULONG *written);
/* A caller's stream may be larger than STORE_MAX_SIZE, and its seek pointer beyond that. */
HRESULT access_get_size(struct access *access, ULONGLONG *size);
HRESULT access_set_size(struct access *access, ULONG size);
HRESULT access_get_position(struct access *access, ULONGLONG *position);
HRESULT access_set_position(struct access *access, ULONG position);

#endif
