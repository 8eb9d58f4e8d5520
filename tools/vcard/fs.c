/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file tree: making it, finding files in it (7.1.1), selecting them on a channel, and who may use them.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "card_private.h"

struct file *new_file(struct file *parent, enum file_type type, uint16_t id)
{
    struct file *file = calloc(1, sizeof(*file)), **end;

    if (!file)
        return NULL;
    file->type = type;
    file->id = id;
    file->parent = parent;
    file->update.rule = RULE_NEVER;
    if (!parent)
        return file;
    for (end = &parent->children; *end; end = &(*end)->next)
        ;
    *end = file;
    return file;
}

void free_file(struct file *file)
{
    struct file *child, *next;

    for (child = file->children; child; child = next)
    {
        next = child->next;
        free_file(child);
    }
    if (file->data)
        OPENSSL_clear_free(file->data, file->capacity);
    free(file->record_lengths);
    free(file);
}

/* record_size 0: record_capacity is a number of bytes. */
bool set_capacity(struct file *file, size_t record_size, size_t record_capacity)
{
    file->capacity = record_size ? record_size * record_capacity : record_capacity;
    file->data = OPENSSL_zalloc(file->capacity);
    if (!record_size)
        return file->data;
    file->record_size = record_size;
    file->record_capacity = record_capacity;
    file->record_lengths = calloc(record_capacity, 1);
    return file->data && file->record_lengths;
}

bool access_granted(const struct card *card, const struct channel *channel, const struct access *access)
{
    size_t i;

    switch (access->rule)
    {
    case RULE_ALWAYS:
        return true;
    case RULE_PIN:
        for (i = 0; i < card->pin_count; i++)
            if (card->pins[i].reference == access->reference)
                return channel->verified >> i & 1;
        return false;
    case RULE_KEY:
        for (i = 0; i < card->key_count; i++)
            if (card->keys[i].reference == access->reference)
                return channel->authenticated >> i & 1;
        return false;
    default:
        return false;
    }
}

struct file *find_child(const struct file *df, uint16_t id)
{
    struct file *child;

    for (child = df->children; child; child = child->next)
        if (child->id == id)
            return child;
    return NULL;
}

/* 7.1.1, P1 00: the children of the current DF, the DF itself, its parent, and the DFs beside it. */
struct file *find_near(const struct file *df, uint16_t id)
{
    struct file *file = find_child(df, id);

    if (file)
        return file;
    if (df->id == id)
        return (struct file *)df;
    if (!df->parent)
        return NULL;
    if (df->parent->id == id)
        return df->parent;
    file = find_child(df->parent, id);
    return file && file->type == FILE_DF ? file : NULL;
}

struct file *find_sfi(const struct file *df, uint8_t sfi)
{
    struct file *child;

    for (child = df->children; child; child = child->next)
        if (child->sfi == sfi)
            return child;
    return NULL;
}

struct file *find_path(struct file *df, const uint8_t *path, size_t length)
{
    for (; df && length; path += 2, length -= 2)
    {
        if (df->type != FILE_DF)
            return NULL;
        df = find_child(df, path[0] << 8 | path[1]);
    }
    return df;
}

static struct file *next_in_tree(const struct file *file)
{
    if (file->children)
        return file->children;
    while (file && !file->next)
        file = file->parent;
    return file ? file->next : NULL;
}

/*
 * The DFs whose name starts with `aid`, in the order of the description; occurrence is b2 b1 of P2 (first,
 * last, next, previous), the latter two counted from the current DF.
 */
struct file *find_aid(const struct card *card, const struct file *current, const uint8_t *aid, size_t length,
                      unsigned int occurrence)
{
    struct file *file, *first = NULL, *last = NULL, *before = NULL, *after = NULL;
    bool passed = false, seen = false;

    for (file = card->mf; file; file = next_in_tree(file))
    {
        if (file == current)
            passed = true;
        if (!file->aid_length || length > file->aid_length || memcmp(file->aid, aid, length))
            continue;
        if (!first)
            first = file;
        last = file;
        if (file == current)
            seen = true;
        else if (!passed)
            before = file;
        else if (!after)
            after = file;
    }
    switch (occurrence)
    {
    case 0:
        return first;
    case 1:
        return last;
    case 2:
        return seen ? after : first;
    default:
        return seen ? before : last;
    }
}

struct file *find_object(const struct card *card, uint16_t tag)
{
    struct file *object;

    for (object = card->objects; object; object = object->next)
        if (object->id == tag)
            return object;
    return NULL;
}

void select_file(struct channel *channel, struct file *file)
{
    channel->df = file->type == FILE_DF ? file : file->parent;
    channel->ef = file->type == FILE_DF ? NULL : file;
    channel->record = 0;
}

void reset_channel(struct channel *channel, struct file *df)
{
    OPENSSL_cleanse(channel, sizeof(*channel));
    channel->df = df;
}

/* The EF a command is about: by short EF identifier, which also selects it, or (sfi 0) the current one. */
uint16_t current_ef(const struct command *command, uint8_t sfi, struct file **file)
{
    *file = sfi ? find_sfi(command->channel->df, sfi) : command->channel->ef;
    if (!*file)
        return sfi ? SW_FILE_NOT_FOUND : SW_NO_CURRENT_EF;
    if (sfi)
        select_file(command->channel, *file);
    return (*file)->deactivated ? SW_CONDITIONS : SW_OK;
}

/* number counts from 1. */
uint8_t *record_data(const struct file *file, size_t number)
{
    return file->data + (number - 1) * file->record_size;
}

/* 7.3.6: behind the last record of a linear EF; in a cyclic EF it becomes record 1, the oldest gives way. */
bool add_record(struct file *file, const uint8_t *data, size_t length)
{
    size_t number = file->record_count + 1;

    if (file->type == FILE_CYCLIC)
    {
        if (file->record_count == file->record_capacity)
            file->record_count--;
        memmove(file->data + file->record_size, file->data, file->record_count * file->record_size);
        memmove(file->record_lengths + 1, file->record_lengths, file->record_count);
        number = 1;
    }
    else if (number > file->record_capacity)
        return false;

    memcpy(record_data(file, number), data, length);
    file->record_lengths[number - 1] = length;
    file->record_count++;
    return true;
}
