/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading the 64 KB file of the virtual card's profile ext by READ BINARY with odd INS, in short or extended APDUs. */

#ifndef SCARDSSP_BENCH_FILE_READ_H
#define SCARDSSP_BENCH_FILE_READ_H

#include <stdint.h>

#define FILE_SIZE 65536
#define FILE_SFI 0x01
#define FILE_AID "\xf0WINE\x03"
#define FILE_AID_SIZE 6
#define OFFSET_OBJECT_SIZE 4            /* 54 02, and the offset */
#define MAX_FILE_REPLY 65538

/* Ne of one READ BINARY: the most that a short Le asks for, and half of the file with what is around it. */
enum file_ne
{
    FILE_SHORT = 0x100,
    FILE_EXTENDED = 0x8004
};

static inline void put_offset_object(uint8_t object[OFFSET_OBJECT_SIZE], unsigned int offset)
{
    object[0] = 0x54;
    object[1] = 0x02;
    object[2] = offset >> 8;
    object[3] = offset & 0xff;
}

/* Encodes the command for winscard; returns its size, at most 13. */
static inline unsigned int encode_file_read(uint8_t *apdu, unsigned int offset, enum file_ne ne)
{
    unsigned int size = 0;

    apdu[size++] = 0x00;
    apdu[size++] = 0xb1;
    apdu[size++] = 0x00;
    apdu[size++] = FILE_SFI;
    if (ne > 0x100)
    {
        apdu[size++] = 0x00;
        apdu[size++] = 0x00;
    }
    apdu[size++] = OFFSET_OBJECT_SIZE;
    put_offset_object(apdu + size, offset);
    size += OFFSET_OBJECT_SIZE;
    if (ne > 0x100) apdu[size++] = ne >> 8;
    apdu[size++] = ne & 0xff;
    return size;
}

/* How many bytes of the file are in a reply, which carries them in a data object 53; 0 for any other reply. They must
 * be those of the pattern: byte n is (n + n / 256) modulo 256, looked at where the first of them stands. */
static inline unsigned int file_bytes_in(const uint8_t *reply, unsigned int size, unsigned int offset)
{
    unsigned int header, count;

    if (size < 6 || reply[0] != 0x53 || reply[size - 2] != 0x90 || reply[size - 1]) return 0;
    header = reply[1] == 0x82 ? 4 : reply[1] == 0x81 ? 3 : 2;
    count = reply[1] == 0x82 ? reply[2] << 8 | reply[3] : reply[1] == 0x81 ? reply[2] : reply[1];
    if (count + header + 2 != size || reply[header] != ((offset + offset / 256) & 0xff)) return 0;
    return count;
}

#endif
