/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardCmd: the buffers that a command takes, ours and those of other implementations, honest and hostile,
 * and the ones that it hands out.
 */

#define COBJMACROS
#include "common.h"
#include "cmd_common.h"
#include "foreign_buffer.h"
#include "foreign_stream.h"
#include "object_rules.h"

#define CONTENT "\x00\xa4\x00\x00\x02\x3f\x00" /* good as an APDU, a reply, and data */
#define CONTENT_SIZE 7

static HRESULT take_apdu(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_put_Apdu(cmd, buffer);
}

static HRESULT take_reply(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_put_ApduReply(cmd, buffer);
}

static HRESULT take_data(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_put_Data(cmd, buffer);
}

static HRESULT take_built(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_BuildCmd(cmd, 0x80, 0x12, 0x34, 0x56, buffer, NULL);
}

static HRESULT take_encapsulated(ISCardCmd *cmd, IByteBuffer *buffer)
{
    return ISCardCmd_Encapsulate(cmd, buffer, ISO_CASE_1);
}

/* Every member that takes the content of a buffer, and what a fresh command holds after it took CONTENT. */
static const struct
{
    const char *name;
    HRESULT (*take)(ISCardCmd *cmd, IByteBuffer *buffer);
    const char *apdu;
    const char *reply;
}
takers[] =
{
    { "put_Apdu", take_apdu, "00a40000 02 3f00", "" },
    { "put_ApduReply", take_reply, "", "00a40000023f00" },
    { "put_Data", take_data, "00000000 07 00a40000023f00", "" },
    { "BuildCmd", take_built, "80123456 07 00a40000023f00", "" },
    { "Encapsulate", take_encapsulated, "00c20000 07 00a40000023f00", "" },
};

static void check_taken(int line, ISCardCmd *cmd, unsigned int taker)
{
    check_hex_apdu_at(line, __FILE__, cmd, takers[taker].apdu, "APDU");
    check_hex_reply_at(line, __FILE__, cmd, takers[taker].reply, "reply");
}
#define check_taken(cmd, taker) check_taken(__LINE__, cmd, taker)

/* [client] The whole content from byte 0, wherever the seek pointer is, and the pointer stays there. */
static void test_seek_pointer(void)
{
    static const LONG positions[] = { 0, 1, 5, CONTENT_SIZE, 50 };
    unsigned int taker, i;
    HRESULT hr;

    for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
    {
        for (i = 0; i < ARRAY_SIZE(positions); i++)
        {
            IByteBuffer *buffer = create_buffer(CONTENT, CONTENT_SIZE), *clone = NULL;
            ISCardCmd *cmd = create_cmd();

            winetest_push_context("%s from %ld", takers[taker].name, positions[i]);
            buffer_seek(buffer, positions[i]);
            hr = takers[taker].take(cmd, buffer);
            ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
            check_taken(cmd, taker);
            ok(buffer_position(buffer) == positions[i], "The pointer is at %ld.\n", buffer_position(buffer));
            check_content(buffer, CONTENT, CONTENT_SIZE);

            /* Taken is copied: what happens to the buffer later is not the command's. [ours] */
            buffer_seek(buffer, 0);
            IByteBuffer_Write(buffer, (BYTE *)"XXXXXXX", 7, NULL);
            check_taken(cmd, taker);
            IByteBuffer_Initialize(buffer, CONTENT_SIZE, (BYTE *)CONTENT);
            IByteBuffer_Clone(buffer, &clone);
            buffer_seek(clone, positions[i]);
            ISCardCmd_Clear(cmd);
            hr = takers[taker].take(cmd, clone);
            ok(hr == S_OK, "A clone: %s.\n", dbgstr_hr(hr));
            check_taken(cmd, taker);
            ok(buffer_position(clone) == positions[i], "The clone's pointer is at %ld.\n",
               buffer_position(clone));
            ok(buffer_position(buffer) == 0, "The original's pointer is at %ld.\n", buffer_position(buffer));
            IByteBuffer_Release(clone);
            IByteBuffer_Release(buffer);
            ISCardCmd_Release(cmd);
            winetest_pop_context();
        }
    }
}

/* [client] A buffer of ours over a stream that cannot be cloned: seek, read, seek back. */
static void test_put_stream(void)
{
    unsigned int taker;
    HRESULT hr;

    for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
    {
        struct foreign_stream foreign;
        IByteBuffer *buffer = create_raw_buffer();
        ISCardCmd *cmd = create_cmd();

        winetest_push_context("%s", takers[taker].name);
        IByteBuffer_put_Stream(buffer, foreign_stream_init(&foreign, CONTENT, CONTENT_SIZE));
        foreign.position = 5;
        hr = takers[taker].take(cmd, buffer);
        ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
        check_taken(cmd, taker);
        ok(foreign.position == 5, "The pointer is at %lu.\n", (ULONG)foreign.position);
        foreign.result = STG_E_READFAULT;
        hr = takers[taker].take(cmd, buffer);
        ok(hr == STG_E_READFAULT, "The stream fails: %s.\n", dbgstr_hr(hr));
        check_taken(cmd, taker);
        IByteBuffer_Release(buffer);
        ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
        ISCardCmd_Release(cmd);
        winetest_pop_context();
    }
}

/* [client] Buffers of other implementations: through Clone, and only where that fails by seeking. */
static void test_foreign(void)
{
    static const struct
    {
        const char *name;
        struct foreign_behaviour behaviour;
    }
    honest[] =
    {
        { "plain", { 0 } },
        { "no clones", { .clone_result = E_NOTIMPL } },
        { "reads byte by byte", { .chunk = 1 } },
        { "no clones, reads in threes", { .clone_result = E_FAIL, .chunk = 3 } },
        { "S_FALSE at the end", { .read_end = S_FALSE } },
    };
    static const LONG positions[] = { 0, 3, CONTENT_SIZE, 100 };
    unsigned int taker, i, p;
    HRESULT hr;

    for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
    {
        for (i = 0; i < ARRAY_SIZE(honest); i++)
        {
            for (p = 0; p < ARRAY_SIZE(positions); p++)
            {
                struct foreign_buffer foreign;
                IByteBuffer *buffer = foreign_buffer_init(&foreign, CONTENT, CONTENT_SIZE);
                ISCardCmd *cmd = create_cmd();

                winetest_push_context("%s, %s, from %ld", takers[taker].name, honest[i].name, positions[p]);
                foreign.behaviour = honest[i].behaviour;
                foreign.position = positions[p];
                hr = takers[taker].take(cmd, buffer);
                ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
                check_taken(cmd, taker);
                ok(foreign.position == positions[p], "The pointer is at %ld.\n", foreign.position);
                ok(foreign.clones == 1, "Clone was called %u times.\n", foreign.clones);
                ok(foreign.ref == 1 && !foreign.writes, "%ld references left, written %u times.\n",
                   foreign.ref, foreign.writes);
                ISCardCmd_Release(cmd);
                winetest_pop_context();
            }
        }
    }
}

/* [ours] Nothing that a buffer says is believed: an error and no change, or the truth; never a crash. */
static void test_hostile(void)
{
    static const struct
    {
        const char *name;
        struct foreign_behaviour behaviour;
        HRESULT hr;
    }
    hostile[] =
    {
        { "Clone gives nothing", { .clone_null = TRUE }, S_OK },
        { "Read fails", { .read_result = STG_E_READFAULT }, STG_E_READFAULT },
        { "Read fails, no clones", { .clone_result = E_NOTIMPL, .read_result = STG_E_READFAULT }, STG_E_READFAULT },
        { "Seek fails", { .seek_result = STG_E_SEEKERROR }, STG_E_SEEKERROR },
        { "Seek fails, no clones", { .clone_result = E_NOTIMPL, .seek_result = STG_E_SEEKERROR }, STG_E_SEEKERROR },
        { "Stat fails", { .stat_result = E_FAIL }, S_OK },
        { "Stat says 1", { .stated_size = 1 }, S_OK },
        { "Stat says -1", { .stated_size = -1 }, S_OK },
        { "Stat says 2^31-1", { .stated_size = 0x7fffffff }, S_OK },
        { "Stat says 70000", { .stated_size = 70000 }, S_OK },
        { "Read says -1", { .stated_count = -1 }, E_UNEXPECTED },
        { "Read says 2^31-1", { .stated_count = 0x7fffffff }, E_UNEXPECTED },
        { "Read says -2^31", { .stated_count = (LONG)0x80000000 }, E_UNEXPECTED },
        { "endless", { .endless = TRUE }, E_INVALIDARG },
        { "endless in ones", { .endless = TRUE, .chunk = 1 }, E_INVALIDARG },
        { "endless, no clones", { .endless = TRUE, .clone_result = E_NOTIMPL }, E_INVALIDARG },
    };
    unsigned int taker, i;
    HRESULT hr;

    for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
    {
        for (i = 0; i < ARRAY_SIZE(hostile); i++)
        {
            struct foreign_buffer foreign;
            IByteBuffer *buffer = foreign_buffer_init(&foreign, CONTENT, CONTENT_SIZE);
            ISCardCmd *cmd = create_cmd();
            struct cmd_picture before;

            winetest_push_context("%s, %s", takers[taker].name, hostile[i].name);
            take_picture(cmd, &before);
            foreign.behaviour = hostile[i].behaviour;
            foreign.position = 3;
            hr = takers[taker].take(cmd, buffer);
            ok(hr == hostile[i].hr, "%s instead of %s.\n", dbgstr_hr(hr), dbgstr_hr(hostile[i].hr));
            if (FAILED(hr)) check_unchanged(cmd, &before, "after an error");
            else check_taken(cmd, taker);
            ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
            ok(foreign.position == 3, "The pointer is at %ld.\n", foreign.position);
            ISCardCmd_Release(cmd);
            winetest_pop_context();
        }
    }
}

static HRESULT give_apdu(ISCardCmd *cmd, IByteBuffer **buffer)
{
    return ISCardCmd_get_Apdu(cmd, buffer);
}

static HRESULT give_reply(ISCardCmd *cmd, IByteBuffer **buffer)
{
    return ISCardCmd_get_ApduReply(cmd, buffer);
}

static HRESULT give_data(ISCardCmd *cmd, IByteBuffer **buffer)
{
    return ISCardCmd_get_Data(cmd, buffer);
}

/* [doc] Read straight away; a fresh copy each time, which belongs to the caller. [ours] */
static void test_handed_out(void)
{
    static const struct
    {
        const char *name;
        HRESULT (*give)(ISCardCmd *cmd, IByteBuffer **buffer);
        const char *content;
    }
    givers[] =
    {
        { "get_Apdu", give_apdu, "00a40000 02 3f00 08" },
        { "get_ApduReply", give_reply, "0102 9000" },
        { "get_Data", give_data, "3f00" },
    };
    ISCardCmd *cmd = create_cmd();
    struct cmd_picture before;
    unsigned int i;
    HRESULT hr;

    put_hex_apdu(cmd, "00a40000 02 3f00 08");
    put_hex_reply(cmd, "0102 9000");
    take_picture(cmd, &before);
    for (i = 0; i < ARRAY_SIZE(givers); i++)
    {
        IByteBuffer *one = NULL, *two = NULL;
        BYTE expected[16];
        LONG size = from_hex(expected, givers[i].content);

        winetest_push_context("%s", givers[i].name);
        hr = givers[i].give(cmd, &one);
        ok(hr == S_OK && one, "%s.\n", dbgstr_hr(hr));
        hr = givers[i].give(cmd, &two);
        ok(hr == S_OK && two && two != one, "%s, %p and %p.\n", dbgstr_hr(hr), (void *)one, (void *)two);
        if (one && two)
        {
            ok(buffer_position(one) == 0, "The pointer is at %ld.\n", buffer_position(one));
            check_buffer(one, expected, size, "the first");
            IByteBuffer_Write(one, (BYTE *)"more", 4, NULL);
            buffer_seek(one, 0);
            IByteBuffer_Write(one, (BYTE *)"XX", 2, NULL);
            check_unchanged(cmd, &before, "written into what was handed out");
            check_buffer(two, expected, size, "the second");
            IByteBuffer_SetSize(two, 0);
            check_unchanged(cmd, &before, "shrunk what was handed out");
        }
        if (one) IByteBuffer_Release(one);
        if (two) IByteBuffer_Release(two);
        winetest_pop_context();
    }
    ISCardCmd_Release(cmd);
}

/* What a command gives, it takes. */
static void test_own_buffers(void)
{
    ISCardCmd *cmd = create_cmd();
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(takers); i++)
    {
        IByteBuffer *own = NULL;

        ISCardCmd_Clear(cmd);
        put_hex_apdu(cmd, "00a40000 02 3f00");
        hr = ISCardCmd_get_Apdu(cmd, &own);
        ok(hr == S_OK && own, "get_Apdu: %s.\n", dbgstr_hr(hr));
        if (!own) continue;
        ISCardCmd_Clear(cmd);
        hr = takers[i].take(cmd, own);
        ok(hr == S_OK, "%s: %s.\n", takers[i].name, dbgstr_hr(hr));
        check_taken(cmd, i);
        IByteBuffer_Release(own);
    }
    ISCardCmd_Release(cmd);
}

static DWORD WINAPI use_cmd_thread(void *arg)
{
    ISCardCmd *cmd = arg;
    LONG length;

    ISCardCmd_get_ApduLength(cmd, &length);
    return 0;
}

static void use_cmd_elsewhere(void *context)
{
    ok(run_in_thread(use_cmd_thread, context), "The command is locked while another object is called.\n");
}

/* [ours] No lock is held while an object of the caller is called. */
static void test_not_locked(void)
{
    unsigned int taker;
    HRESULT hr;

    for (taker = 0; taker < ARRAY_SIZE(takers); taker++)
    {
        struct foreign_buffer foreign;
        IByteBuffer *buffer = foreign_buffer_init(&foreign, CONTENT, CONTENT_SIZE);
        ISCardCmd *cmd = create_cmd();

        winetest_push_context("%s", takers[taker].name);
        foreign.hook = use_cmd_elsewhere;
        foreign.context = cmd;
        hr = takers[taker].take(cmd, buffer);
        ok(hr == S_OK && foreign.reads, "%s, %u reads.\n", dbgstr_hr(hr), foreign.reads);
        ISCardCmd_Release(cmd);
        winetest_pop_context();
    }
}

#define THREADS 4
#define ROUNDS 300

struct hammer
{
    ISCardCmd *cmd;
    IByteBuffer *data;
    BYTE number;
    LONG bad;
};

/* Builds commands whose bytes are all the number of the thread, and checks that what is there is of one. */
static DWORD WINAPI hammer_thread(void *arg)
{
    struct hammer *hammer = arg;
    BYTE bytes[200], number = hammer->number;
    IByteBuffer *apdu;
    LONG i, j, count;

    for (i = 0; i < ROUNDS; i++)
    {
        ISCardCmd_BuildCmd(hammer->cmd, number, number, number, number, hammer->data, NULL);
        apdu = NULL;
        ISCardCmd_get_Apdu(hammer->cmd, &apdu);
        if (!apdu)
        {
            hammer->bad++;
            continue;
        }
        IByteBuffer_Read(apdu, bytes, sizeof(bytes), &count);
        IByteBuffer_Release(apdu);
        if (count != 5 + bytes[4] || bytes[4] != bytes[0] * 30) hammer->bad++;
        for (j = 5; j < count; j++) if (bytes[j] != bytes[0]) break;
        if (j != count) hammer->bad++;
    }
    return 0;
}

/* [ours] Calls on one object are serialised. */
static void test_threads(void)
{
    struct hammer hammers[THREADS];
    ISCardCmd *cmd = create_cmd();
    HANDLE threads[THREADS];
    BYTE bytes[200];
    DWORD result;
    LONG i;

    for (i = 0; i < THREADS; i++)
    {
        hammers[i].cmd = cmd;
        hammers[i].number = (BYTE)(i + 1);
        memset(bytes, hammers[i].number, sizeof(bytes));
        hammers[i].data = create_buffer(bytes, hammers[i].number * 30);
        hammers[i].bad = 0;
        threads[i] = CreateThread(NULL, 0, hammer_thread, &hammers[i], 0, NULL);
    }
    result = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(result == WAIT_OBJECT_0, "The threads hang: %#lx.\n", result);
    for (i = 0; i < THREADS; i++)
    {
        ok(!hammers[i].bad, "Thread %ld: %ld of %d rounds went wrong.\n", i, hammers[i].bad, ROUNDS);
        IByteBuffer_Release(hammers[i].data);
        CloseHandle(threads[i]);
    }
    ISCardCmd_Release(cmd);
}

START_TEST(cmd_content)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_seek_pointer();
    test_put_stream();
    test_foreign();
    test_hostile();
    test_handed_out();
    test_own_buffers();
    test_not_locked();
    test_threads();
    check_nothing_left(module);
    CoUninitialize();
}
