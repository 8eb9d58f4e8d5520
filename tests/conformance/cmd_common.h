/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the programs about ISCardCmd share: the encoding of ISO/IEC 7816-4, and a picture of a whole command
 * to tell whether it has changed.
 */

#ifndef SCARDSSP_TESTS_CMD_COMMON_H
#define SCARDSSP_TESTS_CMD_COMMON_H

#include "common.h"

#define MAX_APDU (4 + 3 + 65535 + 2)

/* A command APDU, ISO/IEC 7816-4 5.1: le 0 is none, 256 and 65536 are zeros. `apdu` has room for MAX_APDU. */
static inline LONG encode_apdu(BYTE *apdu, const BYTE header[4], const BYTE *data, LONG lc, LONG le,
                               BOOL extended)
{
    LONG size = 4;

    memcpy(apdu, header, 4);
    if (extended && (lc || le)) apdu[size++] = 0;
    if (lc)
    {
        if (extended) apdu[size++] = (BYTE)(lc >> 8);
        apdu[size++] = (BYTE)lc;
        memcpy(apdu + size, data, lc);
        size += lc;
    }
    if (le)
    {
        if (extended) apdu[size++] = (BYTE)(le >> 8);
        apdu[size++] = (BYTE)le;
    }
    return size;
}

/* All that the members of a command tell. Of long APDUs and replies, the beginning. */
struct cmd_picture
{
    BYTE apdu[600], reply[600], data[600];
    LONG apdu_count, apdu_length, reply_count, reply_length, data_count, le;
    BYTE cla, ins, p1, p2, p3, sw1, sw2, nad, reply_nad, alternate;
    WORD status;
    ISO_APDU_TYPE type;
    HRESULT reply_nad_result, alternate_result;
};

static inline LONG read_beginning(IByteBuffer *buffer, BYTE bytes[600])
{
    LONG count = 0;

    if (!buffer) return -1;
    IByteBuffer_Read(buffer, bytes, 600, &count);
    IByteBuffer_Release(buffer);
    return count;
}

static inline void take_picture(ISCardCmd *cmd, struct cmd_picture *picture)
{
    IByteBuffer *apdu = NULL, *reply = NULL, *data = NULL;

    memset(picture, 0, sizeof(*picture));
    ISCardCmd_get_Apdu(cmd, &apdu);
    ISCardCmd_get_ApduReply(cmd, &reply);
    ISCardCmd_get_Data(cmd, &data);
    picture->apdu_count = read_beginning(apdu, picture->apdu);
    picture->reply_count = read_beginning(reply, picture->reply);
    picture->data_count = read_beginning(data, picture->data);
    ISCardCmd_get_ApduLength(cmd, &picture->apdu_length);
    ISCardCmd_get_ApduReplyLength(cmd, &picture->reply_length);
    ISCardCmd_get_LeField(cmd, &picture->le);
    ISCardCmd_get_ClassId(cmd, &picture->cla);
    ISCardCmd_get_InstructionId(cmd, &picture->ins);
    ISCardCmd_get_P1(cmd, &picture->p1);
    ISCardCmd_get_P2(cmd, &picture->p2);
    ISCardCmd_get_P3(cmd, &picture->p3);
    ISCardCmd_get_ReplyStatus(cmd, &picture->status);
    ISCardCmd_get_ReplyStatusSW1(cmd, &picture->sw1);
    ISCardCmd_get_ReplyStatusSW2(cmd, &picture->sw2);
    ISCardCmd_get_Type(cmd, &picture->type);
    ISCardCmd_get_Nad(cmd, &picture->nad);
    picture->reply_nad_result = ISCardCmd_get_ReplyNad(cmd, &picture->reply_nad);
    picture->alternate_result = ISCardCmd_get_AlternateClassId(cmd, &picture->alternate);
}

/* What failed has changed nothing. [ours] */
static inline void check_unchanged_at(int line, const char *file, ISCardCmd *cmd,
                                      const struct cmd_picture *before, const char *what)
{
    struct cmd_picture now;

    take_picture(cmd, &now);
    ok_(file, line)(!memcmp(&now, before, sizeof(now)), "%s: the command has changed: APDU %s, reply %s.\n",
                    what, dbgstr_hex(now.apdu, max(now.apdu_count, 0)),
                    dbgstr_hex(now.reply, max(now.reply_count, 0)));
}
#define check_unchanged(cmd, before, what) check_unchanged_at(__LINE__, __FILE__, cmd, before, what)

static inline HRESULT put_hex_apdu(ISCardCmd *cmd, const char *digits)
{
    IByteBuffer *buffer = create_hex_buffer(digits);
    HRESULT hr;

    hr = ISCardCmd_put_Apdu(cmd, buffer);
    IByteBuffer_Release(buffer);
    return hr;
}

static inline HRESULT put_hex_data(ISCardCmd *cmd, const char *digits)
{
    IByteBuffer *buffer = create_hex_buffer(digits);
    HRESULT hr;

    hr = ISCardCmd_put_Data(cmd, buffer);
    IByteBuffer_Release(buffer);
    return hr;
}

static inline HRESULT put_hex_reply(ISCardCmd *cmd, const char *digits)
{
    IByteBuffer *buffer = create_hex_buffer(digits);
    HRESULT hr;

    hr = ISCardCmd_put_ApduReply(cmd, buffer);
    IByteBuffer_Release(buffer);
    return hr;
}

static inline void check_hex_apdu_at(int line, const char *file, ISCardCmd *cmd, const char *digits,
                                     const char *what)
{
    BYTE bytes[512] = { 0 };
    LONG size = from_hex(bytes, digits);

    check_apdu_at(line, file, cmd, bytes, size, "%s", what);
}
#define check_hex_apdu(cmd, digits, what) check_hex_apdu_at(__LINE__, __FILE__, cmd, digits, what)

static inline void check_hex_reply_at(int line, const char *file, ISCardCmd *cmd, const char *digits,
                                      const char *what)
{
    BYTE bytes[512] = { 0 };
    LONG size = from_hex(bytes, digits);

    check_cmd_reply_at(line, file, cmd, bytes, size, "%s", what);
}
#define check_hex_reply(cmd, digits, what) check_hex_reply_at(__LINE__, __FILE__, cmd, digits, what)

#endif
