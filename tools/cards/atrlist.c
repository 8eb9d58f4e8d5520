/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of cards of pcsc-tools. */

#include <string.h>

#include "atrlist.h"

/* The line at a position, without its end; the position moves behind it. FALSE: there is no more. */
static bool next_line(struct text text, size_t *position, struct text *line)
{
    const char *end;
    size_t left = text.size - *position;

    if (!left) return false;
    line->start = text.start + *position;
    end = memchr(line->start, '\n', left);
    line->size = end ? (size_t)(end - line->start) : left;
    *position += line->size + (end ? 1 : 0);
    if (line->size && line->start[line->size - 1] == '\r') line->size--;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text trim(struct text text)
{
    while (text.size && is_blank(text.start[0]))
    {
        text.start++;
        text.size--;
    }
    while (text.size && is_blank(text.start[text.size - 1])) text.size--;
    return text;
}

static bool starts_with(struct text text, const char *string)
{
    size_t size = strlen(string);

    return text.size >= size && !memcmp(text.start, string, size);
}

bool text_is(struct text text, const char *string)
{
    return text.size == strlen(string) && starts_with(text, string);
}

/* A line of an entry that is not its first: description or comment. */
static bool is_body(struct text line)
{
    return line.size && (is_blank(line.start[0]) || line.start[0] == '#');
}

bool atrlist_next(struct atrlist *list, struct atrlist_entry *entry)
{
    struct text line;
    size_t next;

    if (!list->position && starts_with(list->text, "\xef\xbb\xbf")) list->position = 3;
    do
    {
        if (!next_line(list->text, &list->position, &line)) return false;
        list->line++;
    }
    while (!trim(line).size || is_body(line));

    entry->line = list->line;
    entry->atr = trim(line);
    entry->body.start = list->text.start + list->position;
    next = list->position;
    while (next_line(list->text, &next, &line) && is_body(line))
    {
        list->position = next;
        list->line++;
    }
    entry->body.size = list->text.start + list->position - entry->body.start;
    return true;
}

unsigned int atrlist_count(const struct atrlist *list)
{
    struct atrlist copy = *list;
    struct atrlist_entry entry;
    unsigned int count = 0;

    while (atrlist_next(&copy, &entry)) count++;
    return count;
}

struct text atrlist_name(const struct atrlist_entry *entry)
{
    struct text line = { NULL, 0 }, none = { "", 0 };
    size_t position = 0;

    while (next_line(entry->body, &position, &line))
    {
        if (line.start[0] == '#') continue;
        line = trim(line);
        if (line.size && !starts_with(line, "http://") && !starts_with(line, "https://")) return line;
    }
    return none;
}

bool atrlist_property(const struct atrlist_entry *entry, size_t *position, struct text *key, struct text *value)
{
    struct text line;

    while (next_line(entry->body, position, &line))
    {
        if (!starts_with(line, "#: ")) continue;
        line.start += 3;
        line.size -= 3;
        *key = *value = line = trim(line);
        for (key->size = 0; key->size < line.size && !is_blank(line.start[key->size]); key->size++) continue;
        value->start += key->size;
        value->size -= key->size;
        *value = trim(*value);
        return true;
    }
    return false;
}
