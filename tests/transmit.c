/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard::Transaction: what winscard is asked for, by a winscard that is not real. Drivers are known that keep 16 bits
 * of the room for the reply: 65538 bytes are 2 to them, and the reply is lost.
 */

#define COBJMACROS
#include "fake_winscard.h"

#define MAX_REPLY 65538

static LONG expected_room(DWORD protocol, LONG le)
{
    if (protocol == SCARD_PROTOCOL_T0) return 258; /* [iso] 7816-3: P3 is one byte */
    if (le < 256) return 258; /* [ours] data that no Le asked for can come in the short form too */
    return le == 65536 ? MAX_REPLY : min(le + 2, 65535); /* [ours] */
}

static void check_reply_size(ISCardCmd *cmd, LONG size)
{
    LONG length = -1;
    WORD status = 0;
    HRESULT hr;

    hr = ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(hr == S_OK && length == size, "%s, a reply of %ld bytes.\n", dbgstr_hr(hr), length);
    ISCardCmd_get_ReplyStatus(cmd, &status);
    ok(status == 0x9000, "Status %04x.\n", status);
}

static void test_protocol(DWORD protocol, SCARD_PROTOCOLS wanted)
{
    static const LONG les[] = { 0, 1, 16, 255, 256, 257, 300, 4096, 65532, 65533, 65534, 65535, 65536 };
    static BYTE reply[MAX_REPLY];
    BSTR reader = SysAllocString(FAKE_READER);
    ISCard *card = create_card();
    ISCardCmd *cmd = create_cmd();
    unsigned int i;
    LONG room, le;
    HRESULT hr;

    fake.protocol = protocol;
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, wanted);
    ok(hr == S_OK, "AttachByReader: %s.\n", dbgstr_hr(hr));
    for (i = 0; i < ARRAY_SIZE(les); i++)
    {
        winetest_push_context("protocol %lu, Le %ld", protocol, les[i]);
        le = les[i];
        room = expected_room(protocol, le);
        hr = ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0x00, 0x00, NULL, &le);
        ok(hr == S_OK, "BuildCmd: %s.\n", dbgstr_hr(hr));
        fake.narrow = le < 65536;
        fake.room = 0;
        /* All that the command asks for, or that comes without being asked for, and that there is room for. */
        fake.reply_size = le ? min(le + 2, room) : 258;
        fake.reply = reply;
        memset(reply, 0x5a, sizeof(reply));
        reply[fake.reply_size - 2] = 0x90;
        reply[fake.reply_size - 1] = 0x00;
        hr = ISCard_Transaction(card, &cmd);
        ok(hr == S_OK, "Transaction: %s.\n", dbgstr_hr(hr));
        ok(fake.room == (DWORD)room, "Asked for %lu bytes, not %ld.\n", fake.room, room);
        check_reply_size(cmd, fake.reply_size);
        winetest_pop_context();
    }
    fake.narrow = FALSE;
    ISCardCmd_Release(cmd);
    ISCard_Release(card);
    SysFreeString(reader);
}

START_TEST(transmit)
{
    CoInitialize(NULL);
    if (!fake_install()) win_skip("winscard cannot be replaced.\n");
    else
    {
        test_protocol(SCARD_PROTOCOL_T0, T0);
        test_protocol(SCARD_PROTOCOL_T1, T1);
        test_protocol(SCARD_PROTOCOL_RAW, RAW);
        ok(!fake.contexts && !fake.connections && !fake.transactions, "Something is left open.\n");
    }
    CoUninitialize();
}
