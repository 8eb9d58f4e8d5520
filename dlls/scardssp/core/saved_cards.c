/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is not understood is not guessed at: the caller can read the registry in the other way. So a link is unreadable,
 * as the text does not tell what is where it leads; and so is a value whose name has a character beyond ASCII, as older
 * Wines take a few of these for letters of ASCII where they compare names without case. The one thing that cannot be
 * seen is a 0 at the end of a name, which the text leaves out.
 */

#include <string.h>

#include "saved_cards.h"

static bool starts_with(const char *at, const char *end, const char *start)
{
    size_t length = strlen(start);

    return (size_t)(end - at) >= length && !memcmp(at, start, length);
}

/* Goes on behind what stands here. False: something else does. */
static bool take(struct saved_cards *saved, const char *text)
{
    if (!starts_with(saved->at, saved->end, text))
        return false;
    saved->at += strlen(text);
    return true;
}

/* False: the line has no end. */
static bool skip_line(struct saved_cards *saved)
{
    const char *end = memchr(saved->at, '\n', saved->end - saved->at);

    if (end)
        saved->at = end + 1;
    return end != NULL;
}

/* The rest of a value: bytes go on in the next line behind a backslash. Texts have none at the end of a line. */
static bool skip_data(struct saved_cards *saved)
{
    do
    {
        if (!skip_line(saved))
            return false;
        if (saved->at[-2] != '\\')
            return true;
    }
    while (take(saved, "  "));
    return false;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

/* Of up to count digits. -1: there is none. */
static int take_number(const char **at, const char *end, int base, int count)
{
    int number = -1, digit;

    while (count-- && *at < end && (digit = digit_value(**at)) >= 0 && digit < base)
    {
        number = number < 0 ? digit : number * base + digit;
        ++*at;
    }
    return number;
}

/* What is behind the backslash. -1: not an escape. */
static int take_escape(const char **at, const char *end)
{
    static const char letters[] = "abtnvfre", characters[] = "\a\b\t\n\v\f\r\x1b";
    const char *letter;

    if (*at == end)
        return -1;
    if (**at >= '0' && **at <= '7')
        return take_number(at, end, 8, 3);
    if (**at == 'x')
    {
        ++*at;
        return take_number(at, end, 16, 4);
    }
    if ((letter = memchr(letters, **at, strlen(letters))))
    {
        ++*at;
        return characters[letter - letters];
    }
    return **at == '[' || **at == ']' ? *(*at)++ : -1;
}

/* False: it is not of this form. A name that is too long is cut behind one character more than a name can have. */
static bool decode_name(struct saved_cards *saved, size_t *length)
{
    const char *at = saved->key;
    int character;

    for (*length = 0; at < saved->key_end && *length <= SAVED_NAME_MAX; ++*length)
    {
        character = (unsigned char)*at++;
        if (character == '\\')
            character = take_escape(&at, saved->key_end);
        else if (character < ' ' || character > '\x7f')
            return false;
        if (character <= 0)
            return false;
        saved->name[*length] = (uint16_t)character;
    }
    if (*length <= SAVED_NAME_MAX)
        saved->name[*length] = 0;
    return true;
}

enum key_kind
{
    KEY_CARD,
    KEY_OTHER,                      /* the key that was saved, one below a card's, or one with too long a name */
    KEY_UNREADABLE
};

/*
 * The line "[NAME] TIME" or "[NAME\\NAME] TIME". A key of nothing but keys has no line of its own, but has those: the
 * first of them counts.
 */
static enum key_kind take_key(struct saved_cards *saved)
{
    const char *start = saved->at + 1, *at = start, *end = NULL;
    size_t length;
    bool seen;

    for (; at < saved->end && *at != ']' && *at != '\n'; at++)
    {
        if (*at != '\\')
            continue;
        if (++at == saved->end || *at == '\n')
            return KEY_UNREADABLE;
        if (*at == '\\' && !end)
            end = at - 1;
    }
    if (at >= saved->end || *at != ']')
        return KEY_UNREADABLE;
    saved->at = at;
    if (!skip_line(saved))
        return KEY_UNREADABLE;
    if (at == start)
        return KEY_OTHER;

    length = (end ? end : at) - start;
    seen = saved->count && length == (size_t)(saved->key_end - saved->key) && !memcmp(start, saved->key, length);
    if (!seen)
        saved->count++;
    saved->key = start;
    saved->key_end = start + length;
    if (end)
        return KEY_OTHER;
    if (seen || !decode_name(saved, &length))
        return KEY_UNREADABLE;
    return length <= SAVED_NAME_MAX ? KEY_CARD : KEY_OTHER;
}

/* "hex:" and the bytes. False: it is not of this form. */
static bool take_bytes(struct saved_cards *saved, struct entry_value *value, uint8_t *bytes, size_t size)
{
    int high, low;

    value->kind = ENTRY_BINARY;
    value->bytes = bytes;
    value->size = 0;
    if (take(saved, "\n"))
        return true;
    do
    {
        if (saved->end - saved->at < 2 || (high = digit_value(saved->at[0])) < 0
                || (low = digit_value(saved->at[1])) < 0)
            return false;
        saved->at += 2;
        if (value->size == size)
            value->kind = ENTRY_UNUSABLE;
        else
            bytes[value->size++] = (uint8_t)(high << 4 | low);
    }
    while (take(saved, ",\\\n  ") || take(saved, ","));
    return take(saved, "\n");
}

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
}

/* The name of a value, as it is written. */
static bool is_name(const char *at, const char *end, const char *name)
{
    for (; at < end && *name && lower(*at) == lower(*name); at++)
        name++;
    return at == end && !*name;
}

/* False: it is not of this form. */
static bool take_value(struct saved_cards *saved)
{
    const struct
    {
        const char *name;
        struct entry_value *value;
        uint8_t *bytes;
        size_t size;
    }
    known[] =
    {
        { "ATR", &saved->values.atr, saved->atr, sizeof(saved->atr) },
        { "ATRMask", &saved->values.atr_mask, saved->atr_mask, sizeof(saved->atr_mask) },
        { "Primary Provider", &saved->values.primary_provider, saved->primary_provider,
                sizeof(saved->primary_provider) },
        { "Supported Interfaces", &saved->values.supported_interfaces, saved->supported_interfaces,
                sizeof(saved->supported_interfaces) },
    };
    const char *start, *end;
    size_t i;

    if (take(saved, "@"))
        return skip_data(saved);
    start = end = ++saved->at;
    for (; end < saved->end && *end != '"' && *end != '\n'; end++)
    {
        if (*end == '\\' && (++end == saved->end || *end == '\n' || *end == 'x'))
            return false;
    }
    saved->at = end;
    if (!take(saved, "\"="))
        return false;
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        if (!is_name(start, end, known[i].name))
            continue;
        if (known[i].value->kind != ENTRY_ABSENT)
            return false;
        if (take(saved, "hex:"))
            return take_bytes(saved, known[i].value, known[i].bytes, known[i].size);
        known[i].value->kind = ENTRY_UNUSABLE;
    }
    return skip_data(saved);
}

/* What is neither a key nor a value. False: it is not of this form. */
static bool take_remark(struct saved_cards *saved)
{
    static const char *const remarks[] = { "\n", ";", "#arch=", "#class=", "#time=" };
    size_t i;

    for (i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++)
    {
        if (starts_with(saved->at, saved->end, remarks[i]))
            return skip_line(saved);
    }
    return false;
}

/* Up to the next key, or the end. False: it is not of this form. */
static bool take_values(struct saved_cards *saved)
{
    memset(&saved->values, 0, sizeof(saved->values));
    while (saved->at < saved->end && *saved->at != '[')
    {
        if (*saved->at == '"' || *saved->at == '@' ? !take_value(saved) : !take_remark(saved))
            return false;
    }
    return true;
}

bool saved_cards_start(struct saved_cards *saved, const char *text, size_t size)
{
    saved->at = text;
    saved->end = text + size;
    saved->count = 0;
    return take(saved, "WINE REGISTRY Version 2\n") && take_values(saved);
}

enum saved_status saved_cards_next(struct saved_cards *saved)
{
    enum key_kind kind;

    while (saved->at < saved->end)
    {
        if ((kind = take_key(saved)) == KEY_UNREADABLE || !take_values(saved))
            return SAVED_UNREADABLE;
        if (kind == KEY_CARD)
            return SAVED_CARD;
    }
    return SAVED_END;
}
