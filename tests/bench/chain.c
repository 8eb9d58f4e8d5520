/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a transaction costs above winscard, with the virtual card: SCardTransmit, ISCard::Transaction with a ready
 * command, the whole cycle of a program by vtable and late bound, and a file of 64 KB. Started by tests/bench/chain.py,
 * which writes lines "STEP CALLS" and gets a line with the nanoseconds per call for each: chain32.exe READER
 */

#define COBJMACROS
#include "steps.h"
#include "file_read.h"

static HSCARD handle;
static ISCardCmd *file_cmd;
static IByteBuffer *offset_object;

static LONG transmit(const BYTE *apdu, DWORD size, BYTE *reply, DWORD room)
{
    static const SCARD_IO_REQUEST t1 = { SCARD_PROTOCOL_T1, sizeof(t1) };
    DWORD reply_size = room;

    return SCardTransmit(handle, &t1, apdu, size, NULL, reply, &reply_size) ? -1 : (LONG)reply_size;
}

static BOOL step_transmit(struct session *session)
{
    static const BYTE read_binary[] = { 0x00, 0xb0, 0x81, 0x00, READ_SIZE };
    BYTE reply[258];

    return transmit(read_binary, sizeof(read_binary), reply, sizeof(reply)) == READ_SIZE + 2;
}

static BOOL transmit_file(enum file_ne ne)
{
    static BYTE reply[MAX_FILE_REPLY];
    unsigned int offset, count;
    BYTE apdu[16];
    LONG size;

    for (offset = 0; offset < FILE_SIZE; offset += count)
    {
        size = transmit(apdu, encode_file_read(apdu, offset, ne), reply, sizeof(reply));
        if (size < 0 || !(count = file_bytes_in(reply, size, offset))) return FALSE;
    }
    return offset == FILE_SIZE;
}

static BOOL step_transmit_file_short(struct session *session)
{
    return transmit_file(FILE_SHORT);
}

static BOOL step_transmit_file_extended(struct session *session)
{
    return transmit_file(FILE_EXTENDED);
}

/* One READ BINARY of the file; how many of its bytes came, 0 when it failed. */
static unsigned int read_part(struct session *session, unsigned int offset, LONG ne)
{
    static BYTE reply[MAX_FILE_REPLY];
    BYTE content[OFFSET_OBJECT_SIZE];
    unsigned int count = 0;
    IByteBuffer *buffer;
    LONG size;

    put_offset_object(content, offset);
    if (IByteBuffer_Seek(offset_object, 0, STREAM_SEEK_SET, NULL) != S_OK
        || IByteBuffer_Write(offset_object, content, sizeof(content), &size) != S_OK
        || ISCardCmd_BuildCmd(file_cmd, 0x00, 0xb1, 0x00, FILE_SFI, offset_object, &ne) != S_OK
        || ISCard_Transaction(session->card, &file_cmd) != S_OK
        || ISCardCmd_get_ApduReply(file_cmd, &buffer) != S_OK || !buffer) return 0;
    if (IByteBuffer_Read(buffer, reply, sizeof(reply), &size) == S_OK) count = file_bytes_in(reply, size, offset);
    IByteBuffer_Release(buffer);
    return count;
}

static BOOL read_file(struct session *session, enum file_ne ne)
{
    unsigned int offset = 0, count;

    while (offset < FILE_SIZE && (count = read_part(session, offset, ne))) offset += count;
    return offset == FILE_SIZE;
}

static BOOL step_file_short(struct session *session)
{
    return read_file(session, FILE_SHORT);
}

static BOOL step_file_extended(struct session *session)
{
    return read_file(session, FILE_EXTENDED);
}

static const struct
{
    const char *name;
    BOOL (*run)(struct session *session);
}
steps[] =
{
    { "transmit", step_transmit },
    { "transaction", step_transaction },
    { "cycle", step_cycle },
    { "late", step_late },
    { "late-names", step_late_names },
    { "transmit-file-short", step_transmit_file_short },
    { "transmit-file-extended", step_transmit_file_extended },
    { "file-short", step_file_short },
    { "file-extended", step_file_extended },
};

static void run_step(struct session *session, const char *name, unsigned int calls)
{
    unsigned int step, i;
    double start;

    for (step = 0; step < ARRAY_SIZE(steps) && strcmp(steps[step].name, name); step++) continue;
    if (step == ARRAY_SIZE(steps) || !steps[step].run(session)) die(name);
    start = seconds();
    for (i = 0; i < calls; i++) if (!steps[step].run(session)) die(name);
    printf("%.0f\n", (seconds() - start) * 1e9 / calls);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct session session;
    IByteBuffer *aid;
    WCHAR reader[256];
    unsigned int calls;
    char name[32];

    if (argc != 2)
    {
        fprintf(stderr, "usage: chain32.exe READER\n");
        return 2;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    MultiByteToWideChar(CP_UTF8, 0, argv[1], -1, reader, ARRAY_SIZE(reader));
    session_open(&session, reader);
    file_cmd = create_cmd();
    offset_object = create_buffer(NULL, OFFSET_OBJECT_SIZE);
    aid = create_buffer(FILE_AID, FILE_AID_SIZE);
    if (ISCardISO7816_SelectFile(session.iso, 0x04, 0x0c, aid, 0, &session.cmd) != S_OK || !step_transaction(&session)
        || !step_cycle(&session) || !step_late_names(&session)) die("the first cycle");
    ISCard_get_CardHandle(session.card, &handle);
    while (scanf("%31s %u", name, &calls) == 2) run_step(&session, name, calls);
    IByteBuffer_Release(aid);
    IByteBuffer_Release(offset_object);
    ISCardCmd_Release(file_cmd);
    session_close(&session);
    CoUninitialize();
    return 0;
}
