/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the registry holds of one known card, taken apart: whatever any program has written there. */

#ifndef SCARDSSP_CORE_ENTRY_H
#define SCARDSSP_CORE_ENTRY_H

#include "atrindex.h"

enum
{
    ENTRY_GUID_SIZE = 16,
    ENTRY_MAX_INTERFACES = 256,     /* of one card; an entry with more is damaged */
    ENTRY_MAX_VALUE = ENTRY_MAX_INTERFACES * ENTRY_GUID_SIZE    /* the most bytes that a value may have */
};

enum entry_value_kind
{
    ENTRY_ABSENT,
    ENTRY_BINARY,
    ENTRY_UNUSABLE                  /* of another type, too large or not readable */
};

struct entry_value
{
    enum entry_value_kind kind;
    const uint8_t *bytes;           /* of ENTRY_BINARY */
    size_t size;                    /* likewise */
};

/* One card's values by their names in the registry. */
struct entry_values
{
    struct entry_value atr;
    struct entry_value atr_mask;
    struct entry_value primary_provider;
    struct entry_value supported_interfaces;
};

struct entry
{
    struct atr_pattern pattern;
    bool has_provider;
    uint8_t provider[ENTRY_GUID_SIZE];
    const uint8_t *interfaces;      /* interface_count GUIDs, where the value has them */
    size_t interface_count;
};

/*
 * FALSE: the entry is damaged, that is: the ATR is missing; it has more bytes than an ATR can have; its mask is of
 * another length; the provider is no GUID; the interfaces are no GUIDs; or a value is unusable. A value that is absent
 * and one of no bytes are the same. *entry is undefined then.
 */
bool entry_decode(const struct entry_values *values, struct entry *entry);

#endif
