/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A growable run of bytes that is wiped before its memory goes: it may hold a PIN. */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "core/wipe.h"

/* Allocated memory of runs. */
struct block
{
    volatile LONG ref;
    DECLSPEC_ALIGN(8) BYTE data[];
};

static struct block *block_of(const struct bytes *bytes)
{
    return CONTAINING_RECORD(bytes->data, struct block, data);
}

static BOOL is_allocated(const struct bytes *bytes)
{
    return bytes->data && bytes->data != bytes->inline_data;
}

static BOOL is_shared(const struct bytes *bytes)
{
    return is_allocated(bytes) && block_of(bytes)->ref > 1;
}

static struct block *allocate(SIZE_T capacity)
{
    struct block *block = capacity > ~(SIZE_T)0 - sizeof(*block) ? NULL : malloc(sizeof(*block) + capacity);

    if (block)
        block->ref = 1;
    return block;
}

BOOL bytes_reserve(struct bytes *bytes, SIZE_T size)
{
    SIZE_T old_size = bytes->size, capacity;
    struct block *block;

    if (!bytes->data)
    {
        bytes->data = bytes->inline_data;
        bytes->capacity = sizeof(bytes->inline_data);
    }
    if (size <= bytes->capacity && !is_shared(bytes))
        return TRUE;

    /* What only ceases to be shared does not grow. */
    size = max(size, old_size);
    capacity = size <= bytes->capacity ? size : max(size, 2 * bytes->capacity);
    if (!(block = allocate(capacity)) && !(block = allocate(capacity = size)))
        return FALSE;
    memcpy(block->data, bytes->data, old_size);
    bytes_clear(bytes);
    bytes->data = block->data;
    bytes->size = old_size;
    bytes->capacity = capacity;
    return TRUE;
}

BOOL bytes_resize(struct bytes *bytes, SIZE_T size)
{
    if (!size && is_shared(bytes))
    {
        bytes_clear(bytes);
        return TRUE;
    }
    if (!bytes_reserve(bytes, size))
        return FALSE;
    if (size > bytes->size)
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    else
        core_wipe(bytes->data + size, bytes->size - size);
    bytes->size = size;
    return TRUE;
}

BOOL bytes_set(struct bytes *bytes, const void *data, SIZE_T size)
{
    /* What is short needs no memory. */
    if (size <= BYTES_INLINE && is_shared(bytes))
        bytes_clear(bytes);
    if (!bytes_reserve(bytes, size))
        return FALSE;
    if (size < bytes->size)
        core_wipe(bytes->data + size, bytes->size - size);
    if (data)
        memcpy(bytes->data, data, size);
    else
        memset(bytes->data, 0, size);
    bytes->size = size;
    return TRUE;
}

/* So little in so much memory is copied rather, unless there is no memory for that. */
static BOOL is_nearly_empty(const struct bytes *bytes)
{
    return bytes->size <= BYTES_INLINE || bytes->size < bytes->capacity / 4;
}

void bytes_share(struct bytes *bytes, const struct bytes *from)
{
    if (is_nearly_empty(from) && bytes_set(bytes, from->data, from->size))
        return;
    bytes_clear(bytes);
    InterlockedIncrement(&block_of(from)->ref);
    bytes->data = from->data;
    bytes->size = from->size;
    bytes->capacity = from->capacity;
}

void bytes_take(struct bytes *bytes, struct bytes *from)
{
    BYTE *memory;
    SIZE_T capacity;

    bytes_resize(bytes, 0);
    if (is_nearly_empty(from) && bytes_set(bytes, from->data, from->size))
    {
        bytes_resize(from, 0);
        return;
    }
    memory = is_allocated(bytes) ? bytes->data : NULL;
    capacity = memory ? bytes->capacity : 0;
    bytes->data = from->data;
    bytes->size = from->size;
    bytes->capacity = from->capacity;
    from->data = memory;
    from->size = 0;
    from->capacity = capacity;
}

BOOL bytes_append(struct bytes *bytes, const void *data, SIZE_T size)
{
    if (!bytes_reserve(bytes, bytes->size + size))
        return FALSE;
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return TRUE;
}

void bytes_clear(struct bytes *bytes)
{
    if (!is_allocated(bytes))
        core_wipe(bytes->data, bytes->size);
    else if (!InterlockedDecrement(&block_of(bytes)->ref))
    {
        core_wipe(bytes->data, bytes->size);
        free(block_of(bytes));
    }
    bytes_init(bytes);
}
