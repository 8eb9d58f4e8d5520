/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sizes are all that can be wrong: the bytes of an ATR, a mask and a GUID may be any. */

#include <string.h>

#include "entry.h"

static bool is_usable(const struct entry_value *value)
{
    return value->kind != ENTRY_UNUSABLE;
}

static size_t size_of(const struct entry_value *value)
{
    return value->kind == ENTRY_BINARY ? value->size : 0;
}

static bool decode_atr(const struct entry_value *atr, const struct entry_value *mask, struct entry *entry)
{
    size_t size = size_of(atr), mask_size = size_of(mask);

    if (!size || size > ATR_MAX_SIZE || (mask_size && mask_size != size))
        return false;
    atr_pattern_init(&entry->pattern, atr->bytes, mask_size ? mask->bytes : NULL, size);
    return true;
}

static bool decode_provider(const struct entry_value *provider, struct entry *entry)
{
    size_t size = size_of(provider);

    entry->has_provider = size == ENTRY_GUID_SIZE;
    if (entry->has_provider)
        memcpy(entry->provider, provider->bytes, ENTRY_GUID_SIZE);
    return !size || entry->has_provider;
}

static bool decode_interfaces(const struct entry_value *interfaces, struct entry *entry)
{
    size_t size = size_of(interfaces);

    if (size % ENTRY_GUID_SIZE || size > ENTRY_MAX_VALUE)
        return false;
    entry->interfaces = size ? interfaces->bytes : NULL;
    entry->interface_count = size / ENTRY_GUID_SIZE;
    return true;
}

bool entry_decode(const struct entry_values *values, struct entry *entry)
{
    return is_usable(&values->atr) && is_usable(&values->atr_mask) && is_usable(&values->primary_provider)
            && is_usable(&values->supported_interfaces) && decode_atr(&values->atr, &values->atr_mask, entry)
            && decode_provider(&values->primary_provider, entry)
            && decode_interfaces(&values->supported_interfaces, entry);
}
