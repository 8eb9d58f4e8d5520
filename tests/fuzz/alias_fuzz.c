/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Aliases, whatever is written of them: the entries of a text are all of it, and lie in it; a value is what its name
 * and its data are; a pattern matches what a plain, slow definition of it says.
 */

#include "core/alias.h"
#include "fuzz.h"

#define MAX_MATCHED 12      /* characters; the definition takes time */

/* Strings that end with a 0 are made of it: there is none in it. */
static int is_name(const struct alias_text *text)
{
    size_t i;

    for (i = 0; i < text->length && text->text[i]; i++) ;
    return text->length >= 1 && text->length <= ALIAS_MAX_LENGTH && i == text->length;
}

static int is_in(const struct alias_text *part, const struct alias_text *whole)
{
    return part->text >= whole->text && part->text + part->length <= whole->text + whole->length;
}

static void check_text(const uint16_t *text, size_t length)
{
    const struct alias_text whole = { text, length };
    struct alias_text rest = whole;
    struct alias_entry entry;
    enum alias_status status;
    size_t i, before;

    do
    {
        before = rest.length;
        status = alias_next(&rest, &entry);
        MUST(is_in(&rest, &whole) && rest.text + rest.length == text + length);
        if (status == ALIAS_END) break;
        MUST(rest.length < before && is_in(&entry.name, &whole));
        for (i = 0; i < entry.name.length; i++) MUST(entry.name.text[i] != ';');
        MUST(entry.name.length && entry.name.text[0] != ' ' && entry.name.text[entry.name.length - 1] != ' ');
        if (status == ALIAS_MALFORMED) continue;
        MUST(is_in(&entry.reader, &whole) && is_name(&entry.name) && is_name(&entry.reader));
        for (i = 0; i < entry.name.length; i++) MUST(entry.name.text[i] != '=');
        for (i = 0; i < entry.reader.length; i++) MUST(entry.reader.text[i] != ';');
    }
    while (status != ALIAS_END);
    MUST(!rest.length);
}

static void check_value(const uint16_t *name, size_t name_length, const uint16_t *data, size_t size)
{
    const struct alias_text whole_name = { name, name_length };
    struct alias_entry entry;
    size_t end = 0, length = size / 2;
    int sound;

    while (end < length && data[end]) end++;
    sound = size % 2 == 0 && end >= 1 && end <= ALIAS_MAX_LENGTH && is_name(&whole_name);
    MUST(alias_from_value(name, name_length, data, size, &entry) == !!sound);
    if (!sound) return;
    MUST(entry.name.text == name && entry.name.length == name_length);
    MUST(entry.reader.text == data && entry.reader.length == end);
}

static int matches(const uint16_t *pattern, const uint16_t *reader)
{
    if (!*pattern) return !*reader;
    if (*pattern == '*') return matches(pattern + 1, reader) || (*reader && matches(pattern, reader + 1));
    return *reader == *pattern && matches(pattern + 1, reader + 1);
}

/* Of few different characters, which match often. */
static void check_pattern(struct input *input)
{
    uint16_t pattern[MAX_MATCHED + 1] = { 0 }, reader[MAX_MATCHED + 1] = { 0 };
    size_t pattern_length = take_byte(input) % MAX_MATCHED, reader_length = take_byte(input) % MAX_MATCHED, i;

    for (i = 0; i < pattern_length; i++) pattern[i] = "*abA"[take_byte(input) % 4];
    for (i = 0; i < reader_length; i++) reader[i] = "*abA"[take_byte(input) % 4];
    MUST(alias_matches(pattern, reader) == !!matches(pattern, reader));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    size_t name_size, text_size;
    uint8_t *name, *text;

    check_pattern(&input);
    name_size = take_word(&input) % 1024;
    name = take_bytes(&input, &name_size);
    text_size = input.size;
    text = take_bytes(&input, &text_size);
    check_text((uint16_t *)text, text_size / 2);
    check_value((uint16_t *)name, name_size / 2, (uint16_t *)text, text_size);
    free(name);
    free(text);
    return 0;
}
