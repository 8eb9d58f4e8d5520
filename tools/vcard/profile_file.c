/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptions: the statements about DFs, EFs and data objects.
 */

#include <string.h>

#include "profile_private.h"

static bool parse_file_id(struct parser *parser, unsigned int *id)
{
    if (!scan_hex(&parser->scanner, "the file identifier", 4, 0xFFFF, id))
        return false;
    if (*id == MF_ID || *id == 0x3FFF || *id == 0xFFFF || !*id)
        return scan_error(&parser->scanner, "file identifier %04X is reserved (ISO 7816-4 5.3.1)", *id);
    if (find_child(parser->file, *id) || parser->file->id == *id)
        return scan_error(&parser->scanner, "file identifier %04X is there twice in this DF", *id);
    return true;
}

static bool parse_aid(struct parser *parser)
{
    return scan_bytes(&parser->scanner, "aid", parser->file->aid, 5, MAX_AID, &parser->file->aid_length);
}

static bool parse_label(struct parser *parser)
{
    struct scanner *scanner = &parser->scanner;

    if (scan(scanner) != TOKEN_STRING || scanner->string_length > MAX_LABEL)
        return scan_error(scanner, "the label must be at most %d characters in double quotes", MAX_LABEL);
    memcpy(parser->file->label, scanner->string, scanner->string_length);
    return true;
}

static bool parse_sfi(struct parser *parser)
{
    unsigned int sfi;

    if (!scan_hex(&parser->scanner, "the short EF identifier", 2, 0x1E, &sfi))
        return false;
    if (!sfi || find_sfi(parser->file->parent, sfi))
        return scan_error(&parser->scanner, "sfi %02X: one of its own in this DF, from 01 to 1E, is needed",
                          sfi);
    parser->file->sfi = sfi;
    return true;
}

static bool parse_read(struct parser *parser)
{
    return parse_access(parser, &parser->file->read);
}

static bool parse_update(struct parser *parser)
{
    return parse_access(parser, &parser->file->update);
}

static bool parse_deactivated(struct parser *parser)
{
    parser->file->deactivated = true;
    return true;
}

static bool parse_content(struct parser *parser)
{
    struct file *file = parser->file;
    size_t length;

    if (!scan_bytes(&parser->scanner, "content", file->data + parser->content_length, 1,
                    file->capacity - parser->content_length, &length))
        return false;
    parser->content_length += length;
    if (file->type == FILE_OBJECT)
        file->length = parser->content_length;
    return true;
}

/* A content that shows where it was read: byte n is (n + n / 256) modulo 256. */
static bool parse_pattern(struct parser *parser)
{
    struct file *file = parser->file;
    size_t i;

    for (i = 0; i < file->capacity; i++)
        file->data[i] = i + i / 256;
    if (file->type == FILE_OBJECT)
        file->length = file->capacity;
    return true;
}

static bool parse_record(struct parser *parser)
{
    struct file *file = parser->file;
    uint8_t record[MAX_RECORD_SIZE] = { 0 };
    size_t length;

    if (!scan_bytes(&parser->scanner, "record", record, 1, file->record_size, &length))
        return false;
    if (file->record_count == file->record_capacity)
        return scan_error(&parser->scanner, "more records than the %zu there is room for",
                          file->record_capacity);
    /* A fixed record that is written shorter ends in zeros. */
    add_record(file, record, file->type == FILE_LINEAR_VARIABLE ? length : file->record_size);
    return true;
}

static const struct statement transparent_statements[] =
{
    { "content", parse_content },
    { "deactivated", parse_deactivated },
    { "pattern", parse_pattern },
    { "read", parse_read },
    { "sfi", parse_sfi },
    { "update", parse_update },
    { NULL, NULL },
};

static const struct statement record_statements[] =
{
    { "deactivated", parse_deactivated },
    { "read", parse_read },
    { "record", parse_record },
    { "sfi", parse_sfi },
    { "update", parse_update },
    { NULL, NULL },
};

static const struct statement object_statements[] =
{
    { "content", parse_content },
    { "pattern", parse_pattern },
    { "read", parse_read },
    { "update", parse_update },
    { NULL, NULL },
};

static bool parse_ef(struct parser *parser)
{
    static const struct { const char *word; enum file_type type; const struct statement *statements; } types[] =
    {
        { "transparent", FILE_TRANSPARENT, transparent_statements },
        { "linear-fixed", FILE_LINEAR_FIXED, record_statements },
        { "linear-variable", FILE_LINEAR_VARIABLE, record_statements },
        { "cyclic", FILE_CYCLIC, record_statements },
    };
    struct scanner *scanner = &parser->scanner;
    size_t i, size = 0, count;
    struct file *ef;
    unsigned int id;

    if (!parse_file_id(parser, &id)
        || !scan_word(scanner, "transparent, linear-fixed, linear-variable or cyclic"))
        return false;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(scanner->word, types[i].word))
            break;
    if (i == sizeof(types) / sizeof(types[0]))
        return scan_error(scanner, "an ef is transparent, linear-fixed, linear-variable or cyclic, not '%s'",
                          scanner->word);
    if (types[i].type == FILE_TRANSPARENT)
    {
        if (!scan_decimal(scanner, "the size", 1, MAX_FILE_SIZE, &count))
            return false;
    }
    else if (!scan_decimal(scanner, "the record size", 1, MAX_RECORD_SIZE, &size)
             || !scan_decimal(scanner, "the number of records", 1, MAX_RECORDS, &count))
        return false;

    ef = new_file(parser->file, types[i].type, id);
    if (!ef || !set_capacity(ef, size, count))
        return out_of_memory(parser);
    if (ef->type == FILE_TRANSPARENT)
        ef->length = count;
    return scan_open_brace(scanner) && parse_file_block(parser, ef, types[i].statements);
}

/* A DF in a DF may have the same. */
static bool parse_df(struct parser *parser)
{
    struct file *df;
    unsigned int id;

    if (!parse_file_id(parser, &id))
        return false;
    df = new_file(parser->file, FILE_DF, id);
    if (!df)
        return out_of_memory(parser);
    return scan_open_brace(&parser->scanner) && parse_file_block(parser, df, parser->statements);
}

static const struct statement df_statements[] =
{
    { "aid", parse_aid },
    { "df", parse_df },
    { "ef", parse_ef },
    { "include", parse_include },
    { "label", parse_label },
    { NULL, NULL },
};

bool parse_mf(struct parser *parser)
{
    if (parser->card->mf)
        return scan_error(&parser->scanner, "a card has one mf only");
    parser->card->mf = new_file(NULL, FILE_DF, MF_ID);
    if (!parser->card->mf)
        return out_of_memory(parser);
    return scan_open_brace(&parser->scanner) && parse_file_block(parser, parser->card->mf, df_statements);
}

bool parse_object(struct parser *parser)
{
    struct file *object, **end;
    unsigned int tag;
    size_t size;

    if (!scan_hex(&parser->scanner, "the tag", 4, 0xFFFF, &tag))
        return false;
    if (find_object(parser->card, tag))
        return scan_error(&parser->scanner, "object %04X is there twice", tag);
    if (!scan_decimal(&parser->scanner, "the room for its value", 1, MAX_REPLY_DATA, &size))
        return false;

    object = new_file(NULL, FILE_OBJECT, tag);
    if (!object)
        return out_of_memory(parser);
    for (end = &parser->card->objects; *end; end = &(*end)->next)
        ;
    *end = object;
    if (!set_capacity(object, 0, size))
        return out_of_memory(parser);
    return scan_open_brace(&parser->scanner) && parse_file_block(parser, object, object_statements);
}
