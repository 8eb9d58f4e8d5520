/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A growable run of bytes that is wiped before its memory goes: it may hold a PIN. */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "core/wipe.h"

BOOL bytes_reserve(struct bytes *bytes, SIZE_T size)
{
    SIZE_T capacity;
    BYTE *data;

    if (!bytes->data)
    {
        bytes->data = bytes->inline_data;
        bytes->capacity = sizeof(bytes->inline_data);
    }
    if (size <= bytes->capacity)
        return TRUE;

    capacity = max(size, 2 * bytes->capacity);
    if (!(data = malloc(capacity)) && !(data = malloc(capacity = size)))
        return FALSE;
    memcpy(data, bytes->data, bytes->size);
    core_wipe(bytes->data, bytes->size);
    if (bytes->data != bytes->inline_data)
        free(bytes->data);
    bytes->data = data;
    bytes->capacity = capacity;
    return TRUE;
}

BOOL bytes_resize(struct bytes *bytes, SIZE_T size)
{
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
    core_wipe(bytes->data, bytes->size);
    if (bytes->data != bytes->inline_data)
        free(bytes->data);
    bytes->data = NULL;
    bytes->size = bytes->capacity = 0;
}
