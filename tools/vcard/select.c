/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SELECT (7.1.1) and the file control information it answers with (5.3.3).
 */

#include <string.h>

#include "card_private.h"

/* 5.3.3.2: file descriptor byte. */
static const uint8_t descriptors[] =
{
    [FILE_DF] = 0x38,
    [FILE_TRANSPARENT] = 0x01,
    [FILE_LINEAR_FIXED] = 0x02,
    [FILE_LINEAR_VARIABLE] = 0x04,
    [FILE_CYCLIC] = 0x06,
};

/* Data coding byte (8.1.1.2.7): WRITE is a logical OR, a data unit is one byte. */
#define DATA_CODING 0x41

static void append_control_information(struct reply *reply, const struct file *file, uint8_t template)
{
    uint8_t buffer[128], descriptor[6], number[2];
    struct reply content = { buffer, 0 };
    size_t descriptor_length = 2;

    descriptor[0] = descriptors[file->type];
    descriptor[1] = DATA_CODING;
    if (file->record_size)
    {
        descriptor[2] = 0;
        descriptor[3] = file->record_size;
        descriptor[4] = file->record_capacity;
        descriptor_length = 5;
    }
    if (file->type != FILE_DF)
    {
        /* A size of 64 KB, which two bytes cannot tell, takes three. */
        uint8_t size[3] = { file->capacity >> 16, file->capacity >> 8, file->capacity };

        append_tlv(&content, 0x80, size[0] ? size : size + 1, size[0] ? 3 : 2);
    }
    append_tlv(&content, 0x82, descriptor, descriptor_length);
    number[0] = file->id >> 8;
    number[1] = file->id & 0xFF;
    append_tlv(&content, 0x83, number, 2);
    if (file->aid_length)
        append_tlv(&content, 0x84, file->aid, file->aid_length);
    if (file->sfi)
    {
        number[0] = file->sfi << 3;
        append_tlv(&content, 0x88, number, 1);
    }
    number[0] = file->deactivated ? 0x04 : 0x05;
    append_tlv(&content, 0x8A, number, 1);
    if (template == 0x6F && file->label[0])
        append_tlv(&content, 0x50, file->label, strlen(file->label));
    append_tlv(reply, template, buffer, content.length);
}

static struct file *child_of_type(const struct file *df, const struct command *command, bool want_df)
{
    struct file *file = find_child(df, command->data[0] << 8 | command->data[1]);

    return file && (file->type == FILE_DF) == want_df ? file : NULL;
}

static uint16_t find_selected(struct card *card, const struct command *command, struct file **file)
{
    struct file *df = command->channel->df;
    const uint8_t *data = command->data;
    size_t nc = command->nc;

    switch (command->p1)
    {
    case 0x00:
        if (nc != 0 && nc != 2)
            return SW_WRONG_LENGTH;
        *file = !nc || (data[0] << 8 | data[1]) == MF_ID ? card->mf : find_near(df, data[0] << 8 | data[1]);
        break;
    case 0x01:
    case 0x02:
        if (nc != 2)
            return SW_WRONG_LENGTH;
        *file = child_of_type(df, command, command->p1 == 0x01);
        break;
    case 0x03:
        if (nc)
            return SW_WRONG_LENGTH;
        *file = df->parent;
        break;
    case 0x04:
        if (!nc || nc > MAX_AID)
            return SW_WRONG_LENGTH;
        *file = find_aid(card, df, data, nc, command->p2 & 0x03);
        break;
    case 0x08:
    case 0x09:
        if (!nc || nc % 2)
            return SW_WRONG_LENGTH;
        *file = find_path(command->p1 == 0x08 ? card->mf : df, data, nc);
        break;
    default:
        return SW_WRONG_P1_P2;
    }
    return *file ? SW_OK : SW_FILE_NOT_FOUND;
}

uint16_t select_command(struct card *card, const struct command *command, struct reply *reply)
{
    static const uint8_t templates[] = { 0x6F, 0x62, 0x00, 0x00 };
    uint8_t template = templates[command->p2 >> 2 & 0x03];
    struct file *file;
    uint16_t status;

    if (command->p2 & 0xF0 || ((command->p2 & 0x03) && command->p1 != 0x04))
        return SW_WRONG_P1_P2;
    if ((command->p2 & 0x0C) == 0x08) /* FMD template */
        return SW_FUNCTION_NOT_SUPPORTED;

    status = find_selected(card, command, &file);
    if (status != SW_OK)
        return status;
    select_file(command->channel, file);
    if (template)
        append_control_information(reply, file, template);
    return file->deactivated ? SW_FILE_DEACTIVATED : SW_OK;
}
