/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The dialect of ISO 7816-4: its commands, each with its handler.
 */

#include "card_private.h"

static const struct instruction iso_instructions[] =
{
    { 0x0E, DATA_IN,  erase_binary },
    { 0x20, DATA_IN,  verify },
    { 0x70, DATA_OUT, manage_channel },
    { 0x82, DATA_IN,  external_authenticate },
    { 0x84, DATA_OUT, get_challenge },
    { 0x88, DATA_IN,  internal_authenticate },
    { 0xA4, DATA_IN,  select_command },
    { 0xB0, DATA_OUT, read_binary },
    { 0xB1, DATA_IN,  read_binary_odd },
    { 0xB2, DATA_OUT, read_record },
    { 0xC0, DATA_OUT, get_response },
    { 0xCA, DATA_OUT, get_data },
    { 0xD0, DATA_IN,  write_binary },
    { 0xD2, DATA_IN,  write_record },
    { 0xD6, DATA_IN,  write_binary },
    { 0xDA, DATA_IN,  put_data },
    { 0xDC, DATA_IN,  write_record },
    { 0xE2, DATA_IN,  append_record },
};

static uint16_t same_status(uint16_t status)
{
    return status;
}

const struct dialect iso_dialect =
{
    iso_instructions, sizeof(iso_instructions) / sizeof(iso_instructions[0]), true, same_status,
};
