/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Known cards as Wine's server saves them. Any text: what is read is within its bounds, and the same where the text is
 * cut between two keys. And any cards, written as the server does: they are what is read.
 */

#include "core/saved_cards.h"
#include "fuzz.h"

#define MAX_TEXT 65536
#define MAX_CARDS 8

static const char header[] = "WINE REGISTRY Version 2\n";

static enum saved_status read_any(const char *text, size_t size, size_t *cards)
{
    enum saved_status status = SAVED_UNREADABLE;
    static struct saved_cards saved;
    struct entry entry;
    size_t length;

    memset(&saved, 0xa5, sizeof(saved));
    *cards = 0;
    if (!saved_cards_start(&saved, text, size)) return status;
    while ((status = saved_cards_next(&saved)) == SAVED_CARD)
    {
        for (length = 0; saved.name[length]; length++) MUST(length < SAVED_NAME_MAX);
        MUST(length > 0);
        entry_decode(&saved.values, &entry);
        ++*cards;
        MUST(*cards <= saved.count);
    }
    MUST(saved.at <= saved.end);
    return status;
}

static void try_any(struct input *input)
{
    size_t size = input->size + strlen(header), cards, before;
    char *text = malloc(size), *cut = NULL;

    if (!text) abort();
    memcpy(text, header, strlen(header));
    memcpy(text + strlen(header), input->bytes, input->size);
    if (read_any(text, size, &cards) == SAVED_END)
    {
        for (before = size - 1; before > 1 && (text[before] != '[' || text[before - 1] != '\n'); before--) ;
        if (!(cut = malloc(before + 1))) abort();
        memcpy(cut, text, before);
        MUST(before <= strlen(header) || read_any(cut, before, &size) == SAVED_END);
        MUST(before <= strlen(header) || size == cards || size + 1 == cards);
    }
    free(cut);
    free(text);
}

/* ---- as the server writes ---- */

static char text[MAX_TEXT];
static size_t text_size;

static void put(const char *format, unsigned int number)
{
    text_size += snprintf(text + text_size, sizeof(text) - text_size, format, number);
    MUST(text_size < sizeof(text));
}

static void put_name(const uint16_t *name)
{
    static const char letters[] = "abtnvfr";
    static const char hex[] = "0123456789abcdefABCDEF";

    for (; *name; name++)
    {
        int hex_follows = name[1] && name[1] < 128 && strchr(hex, name[1]);
        int octal_follows = name[1] >= '0' && name[1] <= '7';

        if (*name > 127) put(hex_follows ? "\\x%04x" : "\\x%x", *name);
        else if (*name >= 7 && *name <= 13) { put("\\%c", letters[*name - 7]); }
        else if (*name == 27) put("\\e", 0);
        else if (*name < 32) put(octal_follows ? "\\%03o" : "\\%o", *name);
        else if (*name == '[' || *name == ']') put("\\%c", *name);
        else put("%c", *name);
    }
}

static void put_value(const char *name, const struct entry_value *value)
{
    unsigned int column = strlen(name) + 7;
    size_t i;

    if (value->kind == ENTRY_ABSENT) return;
    for (put("\"", 0); *name; name++) put("%c", *name);
    put(value->kind == ENTRY_BINARY ? "\"=hex:" : "\"=hex(%x):", 7);
    for (i = 0; i < value->size; i++)
    {
        put("%02x", value->bytes[i]);
        column += 2;
        if (i + 1 == value->size) break;
        put(",", 0);
        if (++column <= 76) continue;
        put("\\\n  ", 0);
        column = 2;
    }
    put("\n", 0);
}

struct written
{
    uint16_t name[SAVED_NAME_MAX + 2];
    struct entry_values values;
};

static void take_name(struct input *input, uint16_t *name, unsigned int number)
{
    static const uint16_t characters[] = { '[', ']', '"', 7, 27, 1, '7', 'x', 'a', 0x80, 0xffff, 0xd83d, 127, ' ' };
    unsigned int length = take_byte(input), i;

    /* no two of them are the same */
    name[0] = (uint16_t)('A' + number);
    for (i = 1; i <= length; i++)
    {
        uint8_t choice = take_byte(input);

        name[i] = choice < 200 ? choice : choice < 250 ? characters[choice % 14] : take_word(input);
        if (!name[i] || name[i] == '\\') name[i] = 'x';
    }
    name[i] = 0;
}

static struct entry_value take_value(struct input *input)
{
    static const uint16_t sizes[] = { 0, 1, 16, 24, 25, ATR_MAX_SIZE, ATR_MAX_SIZE + 1, 300 };
    uint8_t choice = take_byte(input);
    struct entry_value value = { ENTRY_BINARY, NULL, sizes[choice % 8] };

    if (choice >= 192) value.kind = choice & 32 ? ENTRY_ABSENT : ENTRY_UNUSABLE;
    value.bytes = take_bytes(input, &value.size);
    return value;
}

static void check_value(const struct entry_value *written, const struct entry_value *read, size_t most)
{
    enum entry_value_kind kind = written->kind == ENTRY_BINARY && written->size > most ? ENTRY_UNUSABLE : written->kind;

    MUST(read->kind == kind);
    if (kind == ENTRY_BINARY) MUST(read->size == written->size && !memcmp(read->bytes, written->bytes, read->size));
}

static void try_cards(struct input *input)
{
    static struct written cards[MAX_CARDS];
    static struct saved_cards saved;
    unsigned int count = take_byte(input) % (MAX_CARDS + 1), i;
    size_t length;

    text_size = 0;
    put(header, 0);
    put(";; All keys relative to x\n\n#arch=win64\n", 0);
    for (i = 0; i < count; i++)
    {
        uint8_t more = take_byte(input);
        struct entry_values *values = &cards[i].values;

        take_name(input, cards[i].name, i);
        values->atr = take_value(input);
        values->atr_mask = take_value(input);
        values->primary_provider = take_value(input);
        values->supported_interfaces = take_value(input);
        put("\n[", 0);
        put_name(cards[i].name);
        put("] %u\n#time=1dd7e3f8cb9d52e\n", 1795763930);
        if (more & 1) put("@=\"\\\\\"\n", 0);
        put_value("ATR", &values->atr);
        if (more & 2) put("\"Crypto Provider\"=\"x\\\\\\n\"\n", 0);
        put_value(more & 4 ? "ATRMASK" : "ATRMask", &values->atr_mask);
        put_value("Primary Provider", &values->primary_provider);
        put_value("Supported Interfaces", &values->supported_interfaces);
        if (!(more & 8)) continue;
        put("\n[", 0);
        put_name(cards[i].name);
        put("\\\\below] 1\n\"ATR\"=hex:3b\n", 0);
    }
    MUST(saved_cards_start(&saved, text, text_size));
    for (i = 0; i < count; i++)
    {
        struct entry_values *values = &cards[i].values;

        for (length = 0; cards[i].name[length]; length++) ;
        if (length <= SAVED_NAME_MAX)
        {
            MUST(saved_cards_next(&saved) == SAVED_CARD);
            MUST(!memcmp(saved.name, cards[i].name, (length + 1) * sizeof(*saved.name)));
            check_value(&values->atr, &saved.values.atr, ATR_MAX_SIZE);
            check_value(&values->atr_mask, &saved.values.atr_mask, ATR_MAX_SIZE);
            check_value(&values->primary_provider, &saved.values.primary_provider, ENTRY_GUID_SIZE);
            check_value(&values->supported_interfaces, &saved.values.supported_interfaces, ENTRY_MAX_VALUE);
        }
        free((void *)values->atr.bytes);
        free((void *)values->atr_mask.bytes);
        free((void *)values->primary_provider.bytes);
        free((void *)values->supported_interfaces.bytes);
    }
    MUST(saved_cards_next(&saved) == SAVED_END);
    MUST(saved.count == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };

    if (take_byte(&input) & 1) try_cards(&input);
    else try_any(&input);
    return 0;
}
