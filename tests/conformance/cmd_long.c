/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardCmd: long commands and replies, and the buffers that they come from and go to. Whatever is changed, nobody else
 * sees it: an implementation that passes long runs of bytes on without copying them must not be noticed. [ours]
 */

#define COBJMACROS
#include "common.h"
#include "cmd_common.h"
#include "object_rules.h"

#define MAX_REPLY 65538

/* Of commands: one of 261 bytes is the longest in short form. With the last one a reply is as long as it can be. */
static const struct
{
    LONG lc, le;
    BOOL extended;
}
lengths[] =
{
    { 8, 0, FALSE },
    { 255, 0, FALSE },
    { 255, 256, FALSE },
    { 255, 0, TRUE },
    { 256, 0, TRUE },
    { 600, 0, TRUE },
    { 4096, 256, TRUE },
    { 65531, 0, TRUE },
};

/* A command of one of these lengths; it serves as a reply too. */
static LONG make_content(BYTE *content, unsigned int length)
{
    LONG lc = lengths[length].lc;
    static const BYTE header[4] = { 0x00, 0xd6, 0x01, 0x02 };
    BYTE *data = malloc(lc);
    LONG size, i;

    for (i = 0; i < lc; i++) data[i] = (BYTE)(i * 7 + i / 256);
    size = encode_apdu(content, header, data, lc, lengths[length].le, lengths[length].extended);
    free(data);
    return size;
}

/* ---- ways to change a buffer ---- */

static void write_first(IByteBuffer *buffer)
{
    BYTE byte = 0xee;

    buffer_seek(buffer, 0);
    IByteBuffer_Write(buffer, &byte, 1, NULL);
}

static void write_behind(IByteBuffer *buffer)
{
    BYTE bytes[300] = { 0xee };

    IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, NULL);
    IByteBuffer_Write(buffer, bytes, sizeof(bytes), NULL);
}

static void shorten(IByteBuffer *buffer)
{
    IByteBuffer_SetSize(buffer, 5);
}

static void empty(IByteBuffer *buffer)
{
    IByteBuffer_SetSize(buffer, 0);
}

static void lengthen(IByteBuffer *buffer)
{
    IByteBuffer_SetSize(buffer, 70000);
}

static void initialize_short(IByteBuffer *buffer)
{
    IByteBuffer_Initialize(buffer, 3, (BYTE *)"\x01\x02\x03");
}

static void initialize_long(IByteBuffer *buffer)
{
    IByteBuffer_Initialize(buffer, 1000, NULL);
}

static void write_to_stream(IByteBuffer *buffer)
{
    LARGE_INTEGER start = { .QuadPart = 0 };
    IStream *stream = NULL;

    IByteBuffer_get_Stream(buffer, &stream);
    if (!stream) return;
    IStream_Seek(stream, start, STREAM_SEEK_SET, NULL);
    IStream_Write(stream, "\xee", 1, NULL);
    IStream_Release(stream);
}

static void write_to_clone(IByteBuffer *buffer)
{
    IByteBuffer *clone = NULL;

    IByteBuffer_Clone(buffer, &clone);
    if (!clone) return;
    write_first(clone);
    IByteBuffer_Release(clone);
}

static void copy_into(IByteBuffer *buffer)
{
    IByteBuffer *source = create_buffer("\x01\x02\x03\x04", 4);

    buffer_seek(buffer, 1);
    IByteBuffer_CopyTo(source, &buffer, 4, NULL, NULL);
    IByteBuffer_Release(source);
}

static const struct
{
    const char *name;
    void (*change)(IByteBuffer *buffer);
}
buffer_changes[] =
{
    { "write at 0", write_first },
    { "write at the end", write_behind },
    { "shorten", shorten },
    { "empty", empty },
    { "lengthen", lengthen },
    { "initialize, short", initialize_short },
    { "initialize, long", initialize_long },
    { "write to its stream", write_to_stream },
    { "write to a clone", write_to_clone },
    { "copy into it", copy_into },
};

/* ---- ways to change a command ---- */

static void put_cla(ISCardCmd *cmd)
{
    ISCardCmd_put_ClassId(cmd, 0xee);
}

static void put_p2(ISCardCmd *cmd)
{
    ISCardCmd_put_P2(cmd, 0xee);
}

static void put_data(ISCardCmd *cmd)
{
    put_hex_data(cmd, "010203");
}

static void build(ISCardCmd *cmd)
{
    LONG le = 65536;

    ISCardCmd_BuildCmd(cmd, 1, 2, 3, 4, NULL, &le);
}

static void encapsulate(ISCardCmd *cmd)
{
    IByteBuffer *buffer = create_hex_buffer("00a40000 02 3f00");

    ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_4);
    IByteBuffer_Release(buffer);
}

static void clear(ISCardCmd *cmd)
{
    ISCardCmd_Clear(cmd);
}

static void put_status(ISCardCmd *cmd)
{
    ISCardCmd_put_ReplyStatus(cmd, 0x6a82);
}

static void shorten_reply(ISCardCmd *cmd)
{
    ISCardCmd_put_ApduReplyLength(cmd, 5);
}

static void lengthen_reply(ISCardCmd *cmd)
{
    ISCardCmd_put_ApduReplyLength(cmd, MAX_REPLY);
}

static void drop_reply(ISCardCmd *cmd)
{
    ISCardCmd_put_ApduReplyLength(cmd, 0);
}

static void put_reply(ISCardCmd *cmd)
{
    put_hex_reply(cmd, "0102 9000");
}

static void put_apdu(ISCardCmd *cmd)
{
    put_hex_apdu(cmd, "00a40000 02 3f00");
}

static const struct
{
    const char *name;
    void (*change)(ISCardCmd *cmd);
}
cmd_changes[] =
{
    { "put_ClassId", put_cla },
    { "put_P2", put_p2 },
    { "put_Data", put_data },
    { "BuildCmd", build },
    { "Encapsulate", encapsulate },
    { "Clear", clear },
    { "put_ReplyStatus", put_status },
    { "put_ApduReplyLength, shorter", shorten_reply },
    { "put_ApduReplyLength, longer", lengthen_reply },
    { "put_ApduReplyLength, 0", drop_reply },
    { "put_ApduReply", put_reply },
    { "put_Apdu", put_apdu },
};

/* ---- everybody who has the same bytes ---- */

struct holders
{
    ISCardCmd *cmd, *other;             /* the same as command and as reply */
    IByteBuffer *given;                 /* what cmd took */
    IByteBuffer *apdu, *reply;          /* what cmd handed out; other took these */
};

static void make_holders(struct holders *holders, const BYTE *content, LONG size)
{
    HRESULT hr;

    memset(holders, 0, sizeof(*holders));
    holders->cmd = create_cmd();
    holders->other = create_cmd();
    holders->given = create_buffer(content, size);
    hr = ISCardCmd_put_Apdu(holders->cmd, holders->given);
    ok(hr == S_OK, "put_Apdu: %s.\n", dbgstr_hr(hr));
    hr = ISCardCmd_put_ApduReply(holders->cmd, holders->given);
    ok(hr == S_OK, "put_ApduReply: %s.\n", dbgstr_hr(hr));
    ISCardCmd_get_Apdu(holders->cmd, &holders->apdu);
    ISCardCmd_get_ApduReply(holders->cmd, &holders->reply);
    ISCardCmd_put_Apdu(holders->other, holders->apdu);
    ISCardCmd_put_ApduReply(holders->other, holders->reply);
}

/* The same of a command alone, whose memory nobody shares. */
static ISCardCmd *create_alone(const BYTE *content, LONG size)
{
    IByteBuffer *apdu = create_buffer(content, size), *reply = create_buffer(content, size);
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_put_Apdu(cmd, apdu);
    ISCardCmd_put_ApduReply(cmd, reply);
    IByteBuffer_Release(apdu);
    IByteBuffer_Release(reply);
    return cmd;
}

static void release_holders(struct holders *holders)
{
    ISCardCmd_Release(holders->cmd);
    ISCardCmd_Release(holders->other);
    IByteBuffer_Release(holders->given);
    IByteBuffer_Release(holders->apdu);
    IByteBuffer_Release(holders->reply);
}

/* All but the one that was changed have what they had. */
static void check_holders(const struct holders *holders, const void *changed, const BYTE *content, LONG size)
{
    if (changed != holders->given) check_content(holders->given, content, size);
    if (changed != holders->apdu) check_content(holders->apdu, content, size);
    if (changed != holders->reply) check_content(holders->reply, content, size);
    if (changed != holders->cmd)
    {
        check_apdu(holders->cmd, content, size, "the command");
        check_cmd_reply(holders->cmd, content, size, "its reply");
    }
    check_apdu(holders->other, content, size, "the other command");
    check_cmd_reply(holders->other, content, size, "the reply of the other");
}

/* Two buffers hold the same. */
static void check_same_buffers(IByteBuffer *buffer, IByteBuffer *like)
{
    LONG size = buffer_size(like), count = 0;
    BYTE *bytes = malloc(size + 1);

    buffer_seek(like, 0);
    IByteBuffer_Read(like, bytes, size, &count);
    ok(count == size, "%ld of %ld bytes.\n", count, size);
    check_content(buffer, bytes, size);
    free(bytes);
}

static void test_changed_buffers(BYTE *content)
{
    unsigned int i, change, which;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        LONG size = make_content(content, i);

        for (change = 0; change < ARRAY_SIZE(buffer_changes); change++)
        {
            for (which = 0; which < 3; which++)
            {
                IByteBuffer *alone = create_buffer(content, size), *changed;
                struct holders holders;

                winetest_push_context("%ld bytes, %s, buffer %u", size, buffer_changes[change].name, which);
                make_holders(&holders, content, size);
                changed = which == 0 ? holders.given : which == 1 ? holders.apdu : holders.reply;
                buffer_changes[change].change(changed);
                buffer_changes[change].change(alone);
                check_same_buffers(changed, alone);
                check_holders(&holders, changed, content, size);
                release_holders(&holders);
                IByteBuffer_Release(alone);
                winetest_pop_context();
            }
        }
    }
}

/* Two commands hold the same. */
static void check_same_cmds(ISCardCmd *cmd, ISCardCmd *like)
{
    IByteBuffer *apdu = NULL, *reply = NULL, *apdu_like = NULL, *reply_like = NULL;
    struct cmd_picture picture;

    take_picture(like, &picture);
    check_unchanged(cmd, &picture, "beside one that was alone");
    ISCardCmd_get_Apdu(cmd, &apdu);
    ISCardCmd_get_ApduReply(cmd, &reply);
    ISCardCmd_get_Apdu(like, &apdu_like);
    ISCardCmd_get_ApduReply(like, &reply_like);
    check_same_buffers(apdu, apdu_like);
    ok(!reply == !reply_like, "One has a reply, and one has not.\n");
    if (reply && reply_like) check_same_buffers(reply, reply_like);
    IByteBuffer_Release(apdu);
    IByteBuffer_Release(apdu_like);
    if (reply) IByteBuffer_Release(reply);
    if (reply_like) IByteBuffer_Release(reply_like);
}

static void test_changed_commands(BYTE *content)
{
    unsigned int i, change;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        LONG size = make_content(content, i);

        for (change = 0; change < ARRAY_SIZE(cmd_changes); change++)
        {
            ISCardCmd *alone = create_alone(content, size);
            struct holders holders;

            winetest_push_context("%ld bytes, %s", size, cmd_changes[change].name);
            make_holders(&holders, content, size);
            cmd_changes[change].change(holders.cmd);
            cmd_changes[change].change(alone);
            check_same_cmds(holders.cmd, alone);
            check_holders(&holders, holders.cmd, content, size);
            release_holders(&holders);
            ISCardCmd_Release(alone);
            winetest_pop_context();
        }
    }
}

static HRESULT take_apdu(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_put_Apdu(cmd, buffer);
}

static HRESULT take_data(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_put_Data(cmd, buffer);
}

static HRESULT take_encapsulated(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_4);
}

/* A command takes what it has handed out, and what has the same memory. */
static void test_own_buffers(BYTE *content)
{
    static HRESULT (*const takers[])(ISCardCmd *cmd, IByteBuffer *buffer) =
        { take_apdu, take_data, take_encapsulated };
    unsigned int i, taker;
    HRESULT hr, hr_alone;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        LONG size = make_content(content, i);

        for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
        {
            ISCardCmd *alone = create_alone(content, size);
            IByteBuffer *apart = create_buffer(content, size);
            struct holders holders;

            winetest_push_context("%ld bytes, taker %u", size, taker);
            make_holders(&holders, content, size);
            hr = takers[taker](holders.cmd, holders.apdu);
            hr_alone = takers[taker](alone, apart);
            ok(hr == hr_alone, "%s, beside one that was alone %s.\n", dbgstr_hr(hr), dbgstr_hr(hr_alone));
            check_same_cmds(holders.cmd, alone);
            check_holders(&holders, holders.cmd, content, size);
            release_holders(&holders);
            IByteBuffer_Release(apart);
            ISCardCmd_Release(alone);
            winetest_pop_context();
        }
    }
}

/* Whoever goes first, the others keep what they have. */
static void test_release_order(BYTE *content)
{
    LONG size = make_content(content, ARRAY_SIZE(lengths) - 2);
    unsigned int first;

    for (first = 0; first < 4; first++)
    {
        struct holders holders;

        winetest_push_context("%u goes first", first);
        make_holders(&holders, content, size);
        switch (first)
        {
        case 0: ISCardCmd_Clear(holders.cmd); break;
        case 1: ISCardCmd_Clear(holders.other); break;
        case 2: empty(holders.given); break;
        case 3: empty(holders.reply); break;
        }
        if (first != 2) check_content(holders.given, content, size);
        if (first != 3) check_content(holders.reply, content, size);
        check_content(holders.apdu, content, size);
        if (first != 0) check_apdu(holders.cmd, content, size, "the command");
        if (first != 1) check_cmd_reply(holders.other, content, size, "the reply of the other");
        release_holders(&holders);
        winetest_pop_context();
    }
}

#define THREADS 4
#define ROUNDS 300

struct changer
{
    ISCardCmd *cmd;
    IByteBuffer *given;
    const BYTE *content;
    LONG size, bad;
    BYTE number;
};

/* Changes the reply, and takes it anew. */
static DWORD WINAPI change_command_thread(void *arg)
{
    struct changer *changer = arg;
    unsigned int i;

    for (i = 0; i < rounds_here(ROUNDS); i++)
    {
        if (ISCardCmd_put_ReplyStatus(changer->cmd, (WORD)i) != S_OK) changer->bad++;
        if (i % 3 == 0 && ISCardCmd_put_ApduReply(changer->cmd, changer->given) != S_OK) changer->bad++;
    }
    return 0;
}

/* Takes the reply, looks at it but for its status, writes all over it, and looks at it again. */
static DWORD WINAPI change_buffer_thread(void *arg)
{
    struct changer *changer = arg;
    BYTE *bytes = malloc(changer->size), *own = malloc(changer->size);
    unsigned int i;

    memset(own, changer->number, changer->size);
    for (i = 0; i < rounds_here(ROUNDS); i++)
    {
        IByteBuffer *reply = NULL;

        ISCardCmd_get_ApduReply(changer->cmd, &reply);
        if (!reply)
        {
            changer->bad++;
            continue;
        }
        IByteBuffer_Read(reply, bytes, changer->size, NULL);
        if (memcmp(bytes, changer->content, changer->size - 2)) changer->bad++;
        buffer_seek(reply, 0);
        IByteBuffer_Write(reply, own, changer->size, NULL);
        buffer_seek(reply, 0);
        IByteBuffer_Read(reply, bytes, changer->size, NULL);
        if (memcmp(bytes, own, changer->size)) changer->bad++;
        IByteBuffer_Release(reply);
    }
    free(bytes);
    free(own);
    return 0;
}

/* One command, a thread that changes its reply, and others that each change what they got of it. */
static void test_threads(BYTE *content)
{
    LONG size = make_content(content, ARRAY_SIZE(lengths) - 2);
    struct changer changers[THREADS];
    struct holders holders;
    HANDLE threads[THREADS];
    unsigned int i;
    DWORD result;

    make_holders(&holders, content, size);
    for (i = 0; i < THREADS; i++)
    {
        changers[i] = (struct changer){ holders.cmd, holders.given, content, size, 0, (BYTE)(i + 1) };
        threads[i] = CreateThread(NULL, 0, i ? change_buffer_thread : change_command_thread, &changers[i], 0, NULL);
    }
    result = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(result == WAIT_OBJECT_0, "The threads hang: %#lx.\n", result);
    for (i = 0; i < THREADS; i++)
    {
        ok(!changers[i].bad, "Thread %u: %ld of %d rounds went wrong.\n", i, changers[i].bad, ROUNDS);
        CloseHandle(threads[i]);
    }
    check_apdu(holders.cmd, content, size, "the command");
    check_holders(&holders, holders.cmd, content, size);
    release_holders(&holders);
}

START_TEST(cmd_long)
{
    BYTE *content = malloc(MAX_APDU);
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_changed_buffers(content);
    test_changed_commands(content);
    test_own_buffers(content);
    test_release_order(content);
    test_threads(content);
    free(content);
    check_nothing_left(module);
    CoUninitialize();
}
