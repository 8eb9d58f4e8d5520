/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An entry of the smart card database, whatever its values: what is taken from it is what it says. */

#include "core/entry.h"
#include "fuzz.h"

/* Sizes near those that count come often. */
static struct entry_value take_value(struct input *input)
{
    static const uint16_t sizes[] = { 0, 1, 2, 15, 16, 17, 32, ATR_MAX_SIZE, ATR_MAX_SIZE + 1, ENTRY_MAX_VALUE };
    struct entry_value value = { ENTRY_ABSENT, NULL, 0 };
    uint8_t choice = take_byte(input), kind = choice % 8;

    value.kind = kind < 6 ? ENTRY_BINARY : kind == 6 ? ENTRY_ABSENT : ENTRY_UNUSABLE;
    value.size = choice & 0x80 ? take_word(input) % (ENTRY_MAX_VALUE + 33)
                               : sizes[(choice >> 3) % (sizeof(sizes) / sizeof(sizes[0]))];
    value.bytes = take_bytes(input, &value.size);
    return value;
}

static size_t size_of(const struct entry_value *value)
{
    return value->kind == ENTRY_BINARY ? value->size : 0;
}

static int is_sound(const struct entry_values *values)
{
    size_t atr = size_of(&values->atr), mask = size_of(&values->atr_mask);
    size_t provider = size_of(&values->primary_provider), interfaces = size_of(&values->supported_interfaces);

    return values->atr.kind != ENTRY_UNUSABLE && values->atr_mask.kind != ENTRY_UNUSABLE
        && values->primary_provider.kind != ENTRY_UNUSABLE && values->supported_interfaces.kind != ENTRY_UNUSABLE
        && atr >= 1 && atr <= ATR_MAX_SIZE && (!mask || mask == atr) && (!provider || provider == 16)
        && interfaces % 16 == 0 && interfaces <= 256 * 16;
}

static void check_entry(const struct entry_values *values, const struct entry *entry)
{
    const struct atr_pattern *index = &entry->pattern;
    struct atr atr = { .size = values->atr.size };
    size_t i;

    memcpy(atr.bytes, values->atr.bytes, atr.size);
    MUST(atr_index_next(&index, 1, &atr, 0) == 0);
    for (i = 0; i < atr.size; i++)
    {
        /* a bit counts where the mask has it, or where there is no mask */
        uint8_t mask = size_of(&values->atr_mask) ? values->atr_mask.bytes[i] : 0xff;

        atr.bytes[i] ^= 0x01;
        MUST(atr_index_next(&index, 1, &atr, 0) == (mask & 0x01 ? 1 : 0));
        atr.bytes[i] ^= 0x01;
    }
    MUST(entry->has_provider == (size_of(&values->primary_provider) != 0));
    if (entry->has_provider) MUST(!memcmp(entry->provider, values->primary_provider.bytes, 16));
    MUST(entry->interface_count * 16 == size_of(&values->supported_interfaces));
    if (entry->interface_count) MUST(!memcmp(entry->interfaces, values->supported_interfaces.bytes,
                                             entry->interface_count * 16));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    struct entry_values values;
    struct entry entry;

    values.atr = take_value(&input);
    values.atr_mask = take_value(&input);
    values.primary_provider = take_value(&input);
    values.supported_interfaces = take_value(&input);
    memset(&entry, 0xa5, sizeof(entry));
    MUST(entry_decode(&values, &entry) == !!is_sound(&values));
    if (is_sound(&values)) check_entry(&values, &entry);
    free((void *)values.atr.bytes);
    free((void *)values.atr_mask.bytes);
    free((void *)values.primary_provider.bytes);
    free((void *)values.supported_interfaces.bytes);
    return 0;
}
