/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "alias.h"

static struct alias_text trim(struct alias_text text)
{
    while (text.length && text.text[0] == ' ')
    {
        text.text++;
        text.length--;
    }
    while (text.length && text.text[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* Splits a text at the first such character, which is of neither part. False: there is none, and head is all of it. */
static bool split(struct alias_text text, uint16_t separator, struct alias_text *head, struct alias_text *tail)
{
    size_t i;

    for (i = 0; i < text.length && text.text[i] != separator; i++)
        ;
    *head = (struct alias_text){ text.text, i };
    *tail = (struct alias_text){ text.text + i, 0 };
    if (i == text.length)
        return false;
    *tail = (struct alias_text){ text.text + i + 1, text.length - i - 1 };
    return true;
}

/* Whoever makes a string of it, which ends at a 0, has all of it. */
static bool is_name(const struct alias_text *text)
{
    struct alias_text head, tail;

    return text->length && text->length <= ALIAS_MAX_LENGTH && !split(*text, 0, &head, &tail);
}

enum alias_status alias_next(struct alias_text *rest, struct alias_entry *entry)
{
    struct alias_text whole = { NULL, 0 };

    while (!whole.length)
    {
        if (!rest->length)
            return ALIAS_END;
        split(*rest, ';', &whole, rest);
        whole = trim(whole);
    }
    if (split(whole, '=', &entry->name, &entry->reader))
    {
        entry->name = trim(entry->name);
        entry->reader = trim(entry->reader);
        if (is_name(&entry->name) && is_name(&entry->reader))
            return ALIAS_SOUND;
    }
    entry->name = whole;
    return ALIAS_MALFORMED;
}

bool alias_from_value(const uint16_t *name, size_t name_length, const uint16_t *data, size_t size,
        struct alias_entry *entry)
{
    struct alias_text whole = { data, size / sizeof(*data) }, behind;

    entry->name = (struct alias_text){ name, name_length };
    split(whole, 0, &entry->reader, &behind);
    return size % sizeof(*data) == 0 && is_name(&entry->name) && is_name(&entry->reader);
}

/* Where the rest does not fit behind a '*', that stands for one more character; it is only the last one that counts. */
bool alias_matches(const uint16_t *pattern, const uint16_t *reader)
{
    const uint16_t *behind_star = NULL, *retry = NULL;

    while (*reader)
    {
        if (*pattern == '*')
        {
            behind_star = ++pattern;
            retry = reader;
        }
        else if (*pattern == *reader)
        {
            pattern++;
            reader++;
        }
        else if (behind_star)
        {
            pattern = behind_star;
            reader = ++retry;
        }
        else
            return false;
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
