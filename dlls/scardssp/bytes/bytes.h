/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs of bytes: of our own, in a byte buffer, and in SAFEARRAYs. */

#ifndef SCARDSSP_BYTES_H
#define SCARDSSP_BYTES_H

#include <limits.h>

#include "module/module.h"

/* ---- bytes.c: a growable run of bytes that is wiped before its memory goes ---- */

#define BYTES_INLINE (4 + 1 + 255 + 1)      /* a short APDU, or a short reply, costs no allocation */

/*
 * Long runs are passed on without being copied: those that share memory have the same bytes and the same size, until
 * one is changed, which then gets memory of its own. So whoever writes to data has called one of these functions
 * before, and has not shared the run since. The last one to let go of the memory wipes it.
 * A run is guarded by whoever has it. Those that share memory need no common lock: only one that has it can give it to
 * others, so memory that is not shared stays so while its run is guarded.
 */
struct bytes
{
    BYTE *data;                             /* NULL or inline_data or allocated, and then shared perhaps */
    SIZE_T size, capacity;
    BYTE inline_data[BYTES_INLINE];
};

/* Makes an empty run. All zeros are one too; here its inline memory is not touched. */
static inline void bytes_init(struct bytes *bytes)
{
    bytes->data = NULL;
    bytes->size = bytes->capacity = 0;
}

/*
 * Makes room for size bytes, in memory that is this run's alone; the content stays.
 * FALSE when there is no memory: nothing has changed.
 */
BOOL bytes_reserve(struct bytes *bytes, SIZE_T size);
/*
 * Makes the run size bytes long; bytes that it had stay, new ones are zero.
 * FALSE when there is no memory: nothing has changed.
 */
BOOL bytes_resize(struct bytes *bytes, SIZE_T size);
/*
 * Replaces the content; data may be NULL for zeros. FALSE when there is no memory, which BYTES_INLINE bytes need not:
 * nothing has changed.
 */
BOOL bytes_set(struct bytes *bytes, const void *data, SIZE_T size);
/* Replaces the content by that of another run, whose memory is shared unless it is short. */
void bytes_share(struct bytes *bytes, const struct bytes *from);
/* Replaces the content by that of another run, which is empty then. Of what is long the memory changes hands. */
void bytes_take(struct bytes *bytes, struct bytes *from);
/* Appends; FALSE when there is no memory: nothing has changed. */
BOOL bytes_append(struct bytes *bytes, const void *data, SIZE_T size);
/* Wipes and empties. */
void bytes_clear(struct bytes *bytes);

/* ---- bytestore.c ---- */

/*
 * Where the bytes of a byte buffer are.
 *
 * Nearly every buffer is written, passed on and read without anyone asking for its stream, so the bytes are kept in
 * plain memory until somebody wants a stream on an HGLOBAL of them. Clones share the bytes, each with its own seek
 * pointer. A stream on an HGLOBAL that a caller put is used as one of our own. Any other that a caller put is kept in
 * the Global Interface Table, so that any apartment may use it.
 *
 * It was tried without the memory, every buffer being a stream on an HGLOBAL from its beginning. That was not shorter
 * (370 lines to 356 in bytestore.c): such a stream leaves its bytes behind where it moves them, and to wipe those all
 * of them have to be taken out and put back whenever it grows. Beside each other on one machine, 64 bits:
 *                                                      memory      HGLOBAL
 *     a reply of 16 bytes: ApduReply, Read, Release    0.29 us     0.74 us
 *     a whole cycle without the card                   0.46 us     0.94 us     of 1.5 us that are the goal
 *     64 KB written in pieces of 255 bytes             0.13 ms     3.7 ms
 *     64 KB written byte by byte                       5 ms        1580 ms
 * No goal of the benchmark would be lost by it; what grows with the square of its length is the reason against it.
 *
 * One lock serves all buffers: Seek and Write of 16 bytes take 70 ns, where they took 90 with a lock for the buffer,
 * one for what its clones share and one for the HGLOBAL; two threads with a buffer each are no slower than they were.
 * Read and Write take it twice, and touch the caller's memory between: those 14 ns buy that a bad pointer locks nobody.
 */

#define STORE_MAX_SIZE LONG_MAX     /* the interface counts in LONGs */

/* The lock of all stores: when the module is loaded and unloaded. */
void stores_init(void);
void stores_cleanup(void);

struct git_stream;

/* Bytes, of one buffer or of those that are clones of each other. */
struct content
{
    LONG ref;
    struct bytes bytes;
    IStream *stream;                /* on an HGLOBAL, once made or put: holds the bytes in place of those */
};

struct byte_store
{
    struct content own;             /* what most stores need, without an allocation: nobody shares it */
    struct content *content;        /* own, or one that clones share; NULL: foreign is the stream */
    ULONG position;                 /* the seek pointer while the bytes are in memory */
    IStream *stream;                /* on content, with this store's own seek pointer, once there is one */
    struct git_stream *foreign;     /* any other stream of a caller */
};

/* Makes a zeroed store an empty one, in memory. */
void store_init(struct byte_store *store);
/* Gives an empty store that nobody else has seen yet the bytes of a run. */
void store_share_bytes(struct byte_store *store, const struct bytes *bytes);
/* Nobody may use it any more. */
void store_cleanup(struct byte_store *store);

/* Each replaces the bytes, the seek pointer being at 0 or where the stream has it; on failure nothing changes. */
HRESULT store_set_bytes(struct byte_store *store, const void *data, ULONG size);
HRESULT store_set_stream(struct byte_store *store, IStream *stream);
/*
 * From and to a caller's memory at the seek pointer. Where that is not there the exception comes while no lock is held:
 * a program that goes on after it must not have locked all buffers.
 */
HRESULT store_read(struct byte_store *store, void *data, ULONG size, ULONG *read);
HRESULT store_write(struct byte_store *store, const void *data, ULONG size, ULONG *written);
/* clone, an initialised store, gets the bytes of store, shared, and its seek pointer. */
HRESULT store_clone(struct byte_store *store, struct byte_store *clone);

/*
 * Sets a run to all bytes where that needs no stream; *read says whether it did.
 * E_INVALIDARG when there are more than max.
 */
HRESULT store_read_memory(struct byte_store *store, ULONG max, struct bytes *bytes, BOOL *read);

/*
 * How one call reaches the bytes. With content the lock is held, and either there is a stream or the memory of the
 * content is used; without content the stream is a caller's, and no lock is held.
 */
struct access
{
    struct byte_store *store;
    struct content *content;
    IStream *stream;
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
/* Into memory of our own. */
HRESULT access_read(struct access *access, void *data, ULONG size, ULONG *read);
/* A caller's stream may be larger than STORE_MAX_SIZE, and its seek pointer beyond that. */
HRESULT access_get_size(struct access *access, ULONGLONG *size);
HRESULT access_set_size(struct access *access, ULONG size);
HRESULT access_get_position(struct access *access, ULONGLONG *position);
HRESULT access_set_position(struct access *access, ULONG position);

/* ---- safearray.c: SAFEARRAYs of bytes and of strings, as the interfaces take and return them ---- */

/* The elements of a one-dimensional array of bytes, with any lower bound; they are the array's own. E_INVALIDARG. */
HRESULT safearray_get_bytes(SAFEARRAY *array, const BYTE **bytes, ULONG *count);
/* The elements of a one-dimensional array of BSTR. E_INVALIDARG. */
HRESULT safearray_get_strings(SAFEARRAY *array, BSTR **strings, ULONG *count);

/* New arrays, with a lower bound of 0. data, strings: NULL for zeros. E_OUTOFMEMORY. */
HRESULT safearray_from_bytes(const BYTE *data, ULONG count, SAFEARRAY **array);
HRESULT safearray_from_strings(const WCHAR *const *strings, ULONG count, SAFEARRAY **array);
/* The same from a multi-string: strings that end in NUL one after the other, after the last another NUL. */
HRESULT safearray_from_multistring(const WCHAR *strings, SAFEARRAY **array);

/* The GUIDs of an array of strings in registry form, with or without braces. The caller frees *guids. */
HRESULT safearray_get_guids(SAFEARRAY *array, GUID **guids, ULONG *count);

#endif
