/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any text as a list of cards: what import makes of it, entry by entry. */

#include "atrlist.h"
#include "atrtext.h"
#include "cardname.h"
#include "fuzz.h"

static int is_within(struct text part, const uint8_t *data, size_t size)
{
    const char *start = (const char *)data;

    return !part.size || (part.start >= start && part.start + part.size <= start + size);
}

static void look_at_variant(const struct atr_variant *variant)
{
    char text[ATRTEXT_SIZE];
    struct atrtext again;

    MUST(variant->atr.size >= 1 && variant->atr.size <= ATR_MAX_SIZE);
    atr_check(variant->atr.bytes, variant->mask, variant->atr.size);
    if (!atrtext_format(variant->atr.bytes, variant->mask, variant->atr.size, text)) return;
    MUST(strlen(text) < ATRTEXT_SIZE);
    MUST(!atrtext_parse(text, strlen(text), &again) && again.count == 1);
    MUST(again.variants[0].atr.size == variant->atr.size);
    MUST(!memcmp(again.variants[0].atr.bytes, variant->atr.bytes, variant->atr.size));
    MUST(!memcmp(again.variants[0].mask, variant->mask, variant->atr.size));
}

static void look_at_name(struct text text, unsigned int number)
{
    uint16_t name[CARDNAME_SIZE];
    size_t length, i;

    memset(name, 0x5a, sizeof(name));
    length = cardname_make(text.start, text.size, number, name);
    MUST(length < CARDNAME_SIZE && !name[length]);
    for (i = 0; i < length; i++) MUST(name[i] >= ' ' && name[i] != '\\');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct atrlist list;
    struct atrlist_entry entry;
    struct text key, value;
    struct atrtext atrs;
    unsigned int expected, count = 0, line = 0, i;
    size_t position;

    memset(&list, 0, sizeof(list));
    list.text.start = (const char *)data;
    list.text.size = size;
    expected = atrlist_count(&list);
    while (atrlist_next(&list, &entry))
    {
        count++;
        MUST(entry.line > line);
        line = entry.line;
        MUST(is_within(entry.atr, data, size) && is_within(entry.body, data, size));
        if (!atrtext_parse(entry.atr.start, entry.atr.size, &atrs))
        {
            MUST(atrs.count >= 1 && atrs.count <= ATRTEXT_MAX_VARIANTS);
            for (i = 0; i < atrs.count; i++) look_at_variant(&atrs.variants[i]);
        }
        value = atrlist_name(&entry);
        MUST(is_within(value, data, size));
        look_at_name(value, 1);
        look_at_name(value, count);
        position = 0;
        while (atrlist_property(&entry, &position, &key, &value))
            MUST(is_within(key, data, size) && is_within(value, data, size) && position <= size);
    }
    MUST(count == expected);
    return 0;
}
