/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard::Transaction: what goes over the wire in T=0 and T=1, byte by byte, seen by a card that plays a
 * script; then a session with the virtual card as published clients of the XP era hold it.
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "proxy_cmd.h"
#include "scarce_memory.h"
#include "script_card.h"

/* One Transaction: the APDU that is put, what the card sees and answers, and what the program gets. In
 * answers and replies [n] stands for n bytes. */
struct exchange
{
    const char *what;
    const char *apdu;
    const char *script;
    const char *reply;
};

/* [iso] 7816-4:1995 Annex A, 7816-3:2006 12.2; where they leave a choice [ours] */
static const struct exchange t0_exchanges[] =
{
    /* [iso]; by [sdk98] winscard is given four bytes. What the card sees is the same. */
    { "case 1", "00a40000", "00a4000000>9000", "9000" },
    { "case 1, 61xx", "00a40000", "00a4000000>6110", "6110" },
    { "case 1, 6Cxx", "00a40000", "00a4000000>6c10", "6c10" },
    { "case 1, error", "00ff0000", "00ff000000>6d00", "6d00" },

    { "case 2", "0084000008", "0084000008>[8]9000", "[8]9000" },
    { "case 2, Le 256", "00b0000000", "00b0000000>[256]9000", "[256]9000" },
    { "case 2, fewer bytes than asked", "00b0000010", "00b0000010>[5]6282", "[5]6282" },
    { "case 2, 6Cxx, fewer", "00b0000010", "00b0000010>6c05 00b0000005>[5]9000", "[5]9000" },
    { "case 2, Le 256, 6Cxx", "00b0000000", "00b0000000>6c20 00b0000020>[32]9000", "[32]9000" },
    { "case 2, 6Cxx, more: at most Ne bytes", "00ca010002", "00ca010002>6c05 00ca010005>[5]9000", "[2]9000" },
    { "case 2, 6Cxx twice", "00b0000010", "00b0000010>6c05 00b0000005>6c06", "6c06" },
    { "case 2, 6C00", "00b0000010", "00b0000010>6c00 00b0000000>[256]9000", "[16]9000" },
    { "case 2, 61xx", "00ca010010", "00ca010010>6110 00c0000010>[16]9000", "[16]9000" },
    { "case 2, data with the first 61xx", "00ca010010", "00ca010010>010203046104 00c0000004>050607089000",
      "01020304050607089000" },
    { "case 2, 6Cxx, then 61xx", "00ca010010", "00ca010010>6c04 00ca010004>01026102 00c0000002>03049000",
      "010203049000" },
    { "case 2, 61xx though all is there", "00b0000004", "00b0000004>[4]6104", "[4]6104" },
    { "case 2 extended, Le 300", "00b0000000012c", "00b0000000>[256]61ff 00c000002c>[44]9000",
      "[256][44]9000" },
    { "case 2 extended, Le 255", "00b000000000ff", "00b00000ff>[255]9000", "[255]9000" },
    { "case 2 extended, Le 65536", "00b00000000000", "00b0000000>[256]9000", "[256]9000" },
    { "case 2, no data", "00b0000010", "00b0000010>6986", "6986" },

    { "case 3", "00d6000002aabb", "00d6000002aabb>9000", "9000" },
    { "case 3, 255 bytes", "00d60000ff[255]", "00d60000ff[255]>9000", "9000" },
    { "case 3, 61xx", "00a40000023f00", "00a40000023f00>6110", "6110" },
    { "case 3, 6Cxx", "00d6000002aabb", "00d6000002aabb>6c01", "6c01" },
    { "case 3, data nevertheless", "00d6000002aabb", "00d6000002aabb>11229000", "11229000" },
    { "case 3 in extended form", "00d60000000002aabb", "00d6000002aabb>9000", "9000" },

    { "case 4", "00a40000023f0000", "00a40000023f00>610a 00c000000a>[10]9000", "[10]9000" },
    { "case 4, Le smaller than what is there", "00a40000023f0004", "00a40000023f00>610a 00c0000004>[4]6106",
      "[4]6106" },
    { "case 4, Le larger than what is there", "00a40000023f0020", "00a40000023f00>610a 00c000000a>[10]9000",
      "[10]9000" },
    { "case 4, 6100", "00a40000023f0000", "00a40000023f00>6100 00c0000000>[256]9000", "[256]9000" },
    { "case 4, 6100, Le 16", "00a40000023f0010", "00a40000023f00>6100 00c0000010>[16]9000", "[16]9000" },
    { "case 4, 9000 without data", "00a40000023f0000", "00a40000023f00>9000", "9000" },
    { "case 4, 6Cxx", "00a40000023f0010", "00a40000023f00>6c05", "6c05" },
    { "case 4, 9Fxx of a GSM card", "a0a40000023f0010", "a0a40000023f00>9f16", "9f16" },
    { "case 4, warning", "00a40000023f0010", "00a40000023f00>6283", "6283" },
    { "case 4, error", "00a40000023f0010", "00a40000023f00>6a82", "6a82" },
    { "case 4, GET RESPONSE in two parts", "00a40000023f0000",
      "00a40000023f00>6106 00c0000006>010203046102 00c0000002>05069000", "0102030405069000" },
    { "case 4, GET RESPONSE gives less", "00a40000023f0000", "00a40000023f00>610a 00c000000a>[3]9000",
      "[3]9000" },
    { "case 4, GET RESPONSE gives more: Ne bytes", "00a40000023f0004",
      "00a40000023f00>6104 00c0000004>[6]9000", "[4]9000" },
    { "case 4, GET RESPONSE, 6Cxx", "00a40000023f0000",
      "00a40000023f00>610a 00c000000a>6c05 00c0000005>[5]9000", "[5]9000" },
    { "case 4, GET RESPONSE, warning", "00a40000023f0000", "00a40000023f00>6105 00c0000005>[5]6281",
      "[5]6281" },
    { "case 4, GET RESPONSE, error", "00a40000023f0000", "00a40000023f00>6105 00c0000005>6f00", "6f00" },
    { "case 4, one empty 61xx", "00a40000023f0000", "00a40000023f00>6105 00c0000005>6104 00c0000004>[4]9000",
      "[4]9000" },
    { "case 4, class 80", "80a40000023f0000", "80a40000023f00>6102 80c0000002>[2]9000", "[2]9000" },
    { "case 4, extended form, 528 bytes", "00cb3fff0000025c000000",
      "00cb3fff025c00>6100 00c0000000>[256]6100 00c0000000>[256]6110 00c0000010>[16]9000",
      "[256][256][16]9000" },
    { "case 4, extended form, Le 300", "00cb3fff0000025c00012c",
      "00cb3fff025c00>6100 00c0000000>[256]6100 00c000002c>[44]6120", "[256][44]6120" },

    /* [client] Cards of published reports, which answer GET RESPONSE in the class 00 alone, or give all or nothing. */
    { "GET RESPONSE, 6d00 for its class", "8050000008d31cc4de5e586fbc00",
      "8050000008d31cc4de5e586fbc>611c 80c000001c>6d00 00c000001c>[28]9000", "[28]9000" },
    { "GET RESPONSE, 6e00 for its class, secure messaging", "0ca4000002aabb00",
      "0ca4000002aabb>6104 0cc0000004>6e00 00c0000004>[4]9000", "[4]9000" },
    { "GET RESPONSE, 6881 for its class, channel 2", "82ca010010",
      "82ca010010>6104 82c0000004>6881 02c0000004>[4]9000", "[4]9000" },
    { "GET RESPONSE, both classes refused", "80a4000002aabb00",
      "80a4000002aabb>6104 80c0000004>6e00 00c0000004>6d00", "6e00" },
    { "GET RESPONSE, 6c00 for a part", "00a40000023f0004",
      "00a40000023f00>610a 00c0000004>6c00 00c000000a>[10]9000", "[4]9000" },
    { "GET RESPONSE, 6700 for a part", "00a40000023f0004",
      "00a40000023f00>610a 00c0000004>6700 00c000000a>[10]9000", "[4]9000" },
    { "GET RESPONSE, 6700 for all", "00a40000023f0004",
      "00a40000023f00>610a 00c0000004>6c00 00c000000a>6700", "6c00" },
    { "GET RESPONSE, class and length refused", "80a4000002aabb04",
      "80a4000002aabb>610a 80c0000004>6d00 00c0000004>6700 00c000000a>[10]9000", "[4]9000" },
    { "an Lc of 0", "00b201140000", "00b2011400>6c20 00b2011420>[32]9000", "[32]9000" },
    { "an Lc of 0, Le 16", "00b201140010", "00b2011410>[16]9000", "[16]9000" },
};

/* One exchange; the card's 61xx and 6Cxx are the caller's. [iso] [ours] */
static const struct exchange t1_exchanges[] =
{
    { "case 1", "00a40000", "00a40000>9000", "9000" },
    { "case 2", "0084000008", "0084000008>[8]9000", "[8]9000" },
    { "case 2, Le 256", "00b0000000", "00b0000000>[256]9000", "[256]9000" },
    { "case 2, 6Cxx", "00b0000010", "00b0000010>6c05", "6c05" },
    { "case 2, 61xx", "00ca010010", "00ca010010>[4]6104", "[4]6104" },
    { "case 3", "00d6000002aabb", "00d6000002aabb>9000", "9000" },
    { "case 4", "00a40000023f0000", "00a40000023f0000>[10]9000", "[10]9000" },
    { "case 4, 61xx", "00a40000023f0000", "00a40000023f0000>610a", "610a" },
    { "case 2 extended", "00b0000000012c", "00b0000000012c>[300]9000", "[300]9000" },
    { "case 2 extended, Le 65536", "00b00000000000", "00b00000000000>[60000]9000", "[60000]9000" },
    { "case 3 extended", "00d60000000140[320]", "00d60000000140[320]>9000", "9000" },
    { "case 4 extended", "00d60000000140[320]0000", "00d60000000140[320]0000>[1000]6282", "[1000]6282" },
    { "case 3, short data in extended form", "00d60000000002aabb", "00d60000000002aabb>9000", "9000" },
    { "case 2, short Le in extended form", "00b00000000010", "00b00000000010>[16]9000", "[16]9000" },
    { "class with a channel", "0384000008", "0384000008>[8]9000", "[8]9000" },
    { "an Lc of 0", "00b201140000", "00b201140000>[32]9000", "[32]9000" }, /* [client] as it was put */
    { "case 3, data nevertheless", "00a40400023f00", "00a40400023f00>[256]9000", "[256]9000" },
    { "case 2, more than was asked for", "00b0000004", "00b0000004>[10]9000", "[10]9000" },
    { "6D00 to a command of class 80", "80c0000010", "80c0000010>6d00", "6d00" },
};

/* A command holding an APDU of this notation. */
static ISCardCmd *make_cmd(const char *text)
{
    struct script_bytes apdu = script_bytes(text, NULL);
    IByteBuffer *buffer = create_buffer(apdu.data, apdu.size);
    ISCardCmd *cmd = create_cmd();
    HRESULT hr;

    hr = ISCardCmd_put_Apdu(cmd, buffer);
    ok(hr == S_OK, "put_Apdu of %s: %#lx.\n", text, hr);
    IByteBuffer_Release(buffer);
    free(apdu.data);
    return cmd;
}

static void check_reply(ISCardCmd *cmd, const char *expected, const char *what)
{
    struct script_bytes reply = script_bytes(expected, NULL);
    LONG length = -1;
    WORD status = 0;

    check_cmd_reply(cmd, reply.data, reply.size, "%s", what);
    ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(length == reply.size, "%s: ApduReplyLength is %ld.\n", what, length);
    ISCardCmd_get_ReplyStatus(cmd, &status);
    ok(status == (reply.data[reply.size - 2] << 8 | reply.data[reply.size - 1]), "%s: ReplyStatus is %04x.\n",
       what, status);
    free(reply.data);
}

/* @member ISCard::Transaction [doc][iso][ours] sends the command and stores the reply; T=0 with its 61xx and 6Cxx. */
static void test_exchanges(ISCard *card, struct script_card *script, const struct exchange *exchanges,
                           unsigned int count)
{
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < count; i++)
    {
        ISCardCmd *cmd = make_cmd(exchanges[i].apdu), *given = cmd;

        script_load(script, exchanges[i].script);
        hr = ISCard_Transaction(card, &cmd);
        ok(hr == S_OK && cmd == given, "%s: %#lx.\n", exchanges[i].what, hr);
        script_check(script, exchanges[i].what);
        if (hr == S_OK) check_reply(cmd, exchanges[i].reply, exchanges[i].what);
        ISCardCmd_Release(cmd);
    }
}

/* The class of the GET RESPONSE commands. [doc] */
static void test_alternate_class(ISCard *card, struct script_card *script)
{
    ISCardCmd *cmd = make_cmd("00a40000023f0000");
    HRESULT hr;

    ISCardCmd_put_AlternateClassId(cmd, 0xc0);
    script_load(script, "00a40000023f00>6104 c0c0000004>01026102 c0c0000002>6c01 c0c0000001>039000");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    script_check(script, "AlternateClassId");
    if (hr == S_OK) check_reply(cmd, "0102039000", "AlternateClassId");
    /* It is for GET RESPONSE alone: a command that is sent once more keeps its class. */
    ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0, 0, NULL, &(LONG){ 16 });
    script_load(script, "00b0000010>6c02 00b0000002>[2]9000");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    script_check(script, "AlternateClassId, 6Cxx");
    /* The program has chosen the class: it is not changed when the card refuses it. [ours] */
    ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0, 0, NULL, &(LONG){ 16 });
    script_load(script, "00b0000010>6102 c0c0000002>6e00");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    script_check(script, "AlternateClassId is refused");
    if (hr == S_OK) check_reply(cmd, "6e00", "AlternateClassId is refused");
    ISCardCmd_Release(cmd);
}

/* Replies that are none. The old one is gone: a stale 9000 would be believed. [ours] */
static void test_bad_replies(ISCard *card, struct script_card *script, BOOL t0)
{
    static const struct exchange bad[] =
    {
        { "one byte", "0084000008", "0084000008>90", NULL },
        { "61xx without data for ever", "00a40000023f0000",
          "00a40000023f00>6104 00c0000004>6104 00c0000004>6104", NULL },
        { "one byte from GET RESPONSE", "00a40000023f0000", "00a40000023f00>6104 00c0000004>01", NULL },
    };
    unsigned int i, count = t0 ? ARRAY_SIZE(bad) : 1;
    HRESULT hr;

    for (i = 0; i < count; i++)
    {
        ISCardCmd *cmd = make_cmd(bad[i].apdu);
        LONG length = -1;
        WORD status = 1;

        ISCardCmd_put_ReplyStatus(cmd, 0x9000);
        script_load(script, bad[i].script);
        hr = ISCard_Transaction(card, &cmd);
        ok(hr == (HRESULT)SCARD_F_COMM_ERROR, "%s: %#lx.\n", bad[i].what, hr);
        script_check(script, bad[i].what);
        hr = ISCardCmd_get_ApduReplyLength(cmd, &length);
        ok(hr == S_OK && length == 0, "%s: %#lx, a reply of %ld bytes.\n", bad[i].what, hr, length);
        hr = ISCardCmd_get_ReplyStatus(cmd, &status);
        ok(hr == S_OK && status == 0, "%s: %#lx, status %04x.\n", bad[i].what, hr, status);
        ISCardCmd_Release(cmd);
    }
}

/* What cannot be sent is not, and the old reply stays. */
static void test_nothing_sent(ISCard *card, struct script_card *script, BOOL t0)
{
    ISCardCmd *cmd = create_cmd(), *given = cmd, *none = NULL;
    HRESULT hr;

    script_load(script, "");
    hr = ISCard_Transaction(card, NULL);
    ok(hr == E_POINTER, "ppCmd NULL: %#lx.\n", hr); /* [doc] */
    hr = ISCard_Transaction(card, &none);
    ok(hr == E_POINTER && !none, "*ppCmd NULL: %#lx.\n", hr); /* [doc] */
    ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == E_INVALIDARG && cmd == given, "Nothing built: %#lx.\n", hr); /* [doc] [ours] */
    check_reply(cmd, "9000", "nothing built");
    ISCardCmd_Release(cmd);

    if (t0)
    {
        cmd = make_cmd("00d60000000140[320]");
        ISCardCmd_put_ReplyStatus(cmd, 0x6a80);
        hr = ISCard_Transaction(card, &cmd);
        ok(hr == E_INVALIDARG, "Lc 320 on T=0: %#lx.\n", hr); /* [iso] */
        check_reply(cmd, "6a80", "Lc 320 on T=0"); /* [ours] */
        ISCardCmd_Release(cmd);
    }
    script_check(script, "Nothing to send");
}

/* A command of another implementation is used through its interface alone. [doc] */
static void test_foreign_cmd(ISCard *card, struct script_card *script, BOOL t0)
{
    struct proxy_cmd proxy;
    ISCardCmd *cmd = proxy_cmd_init(&proxy, make_cmd("80a40000023f0000"));
    HRESULT hr;

    ISCardCmd_put_ReplyStatus(proxy.inner, 0x6f00);
    /* It has put no class for GET RESPONSE, so that its own may be changed. */
    script_load(script, t0 ? "80a40000023f00>6104 80c0000004>6d00 00c0000004>010203049000"
                           : "80a40000023f0000>010203049000");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK && cmd == &proxy.ISCardCmd_iface, "Transaction: %#lx.\n", hr);
    script_check(script, "Foreign command");
    check_reply(proxy.inner, "010203049000", "Foreign command");

    ISCardCmd_put_AlternateClassId(proxy.inner, 0x84);
    script_load(script, t0 ? "80a40000023f00>6104 84c0000004>6d00" : "80a40000023f0000>6d00");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    script_check(script, "Foreign command with AlternateClassId");
    check_reply(proxy.inner, "6d00", "Foreign command with AlternateClassId");
    ok(proxy.ref == 1, "%ld references left.\n", proxy.ref);
    ISCardCmd_Release(proxy.inner);
}

/* Its reply is gone only when the command is sent. [ours] */
static void test_foreign_cmd_without_memory(ISCard *card, struct script_card *script)
{
    struct proxy_cmd proxy;
    ISCardCmd *cmd = proxy_cmd_init(&proxy, make_cmd("0084000008"));
    unsigned int count;
    HRESULT hr;

    if (!make_memory_scarce()) skip("scardssp.dll allocates otherwise.\n");
    else
    {
        ISCardCmd_put_ReplyStatus(proxy.inner, 0x6f00);
        script_load(script, "");
        /* The buffer of the command, which its get_Apdu makes, and that of the reply. */
        for (count = 0; count < 2; count++)
        {
            allocations_left = count;
            hr = ISCard_Transaction(card, &cmd);
            allocations_left = -1;
            ok(hr == E_OUTOFMEMORY, "%u allocations: %#lx.\n", count, hr);
            check_reply(proxy.inner, "6f00", "without memory");
        }
        script_check(script, "without memory");
    }
    ISCardCmd_Release(proxy.inner);
}

static LONG WINAPI boasting_transmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *send, const BYTE *command, DWORD size,
                                     SCARD_IO_REQUEST *receive, BYTE *reply, DWORD *reply_size)
{
    *reply_size += 1;
    return SCARD_S_SUCCESS;
}

/* A winscard that says that it has written more than there is room for. [ours] */
static void test_boasting_winscard(ISCard *card)
{
    static const struct replacement boasting[] = { { "SCardTransmit", boasting_transmit } };
    static const struct replacement real[] = { { "SCardTransmit", SCardTransmit } };
    ISCardCmd *cmd = make_cmd("0084000008");
    unsigned int replaced;
    LONG length = -1;
    HRESULT hr;

    replaced = replace_imports("scardssp.dll", boasting, 1);
    ok(replaced == 1, "%u functions were replaced.\n", replaced);
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == (HRESULT)SCARD_F_COMM_ERROR, "Transaction: %#lx.\n", hr);
    replace_imports("scardssp.dll", real, 1);
    hr = ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(hr == S_OK && !length, "%#lx, a reply of %ld bytes.\n", hr, length);
    ISCardCmd_Release(cmd);
}

/* There is no channel for a NAD: sent without, and no ReplyNad afterwards. [ours] */
static void test_nad(ISCard *card, struct script_card *script)
{
    ISCardCmd *cmd = make_cmd("0084000002");
    BYTE nad = 0xcc;
    HRESULT hr;

    ISCardCmd_put_Nad(cmd, 0x21);
    ISCardCmd_put_ReplyNad(cmd, 0x12);
    script_load(script, "0084000002>[2]9000");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    script_check(script, "Nad");
    hr = ISCardCmd_get_ReplyNad(cmd, &nad);
    ok(hr == E_ACCESSDENIED && !nad, "get_ReplyNad: %#lx, %02x.\n", hr, nad);
    hr = ISCardCmd_get_Nad(cmd, &nad);
    ok(hr == S_OK && nad == 0x21, "get_Nad: %#lx, %02x.\n", hr, nad);
    ISCardCmd_Release(cmd);
}

/* The same command again and again: each time the old reply makes room for the new one. */
static void test_again(ISCard *card, struct script_card *script)
{
    ISCardCmd *cmd = make_cmd("0084000008");
    HRESULT hr;

    script_load(script, "0084000008>[8]9000");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    check_reply(cmd, "[8]9000", "first time");
    script_load(script, "0084000008>6985");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    check_reply(cmd, "6985", "second time"); /* [ours] */
    ISCardCmd_Release(cmd);
}

/* The card is pulled between two commands: an error, and no stale reply. */
static void test_card_leaves(ISCard *card, struct script_card *script)
{
    ISCardCmd *cmd = make_cmd("0084000008");
    LONG length = -1;
    HRESULT hr;

    ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    shutdown(script->socket, SD_BOTH);
    ok(await_card(script->reader, FALSE), "The reader does not notice that the card is gone.\n");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD, "Transaction: %#lx.\n", hr); /* [doc] */
    ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(length == 0, "A reply of %ld bytes is left.\n", length); /* [ours] */
    ISCardCmd_Release(cmd);
}

/* The card is pulled while it has a command: an error, no reply, and the same object goes on with another card. */
static void test_pulled_in_exchange(const char *atr, SCARD_PROTOCOLS protocol)
{
    ISCardCmd *cmd = make_cmd("0084000008");
    struct script_card script;
    LONG length = -1;
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    if (!(reader = script_insert(&script, atr)))
    {
        skip("No free virtual reader for the card that plays scripts (VPCD_PORT).\n");
        ISCardCmd_Release(cmd);
        return;
    }
    card = create_card();
    hr = ISCard_AttachByReader(card, reader, SHARED, protocol);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    script_load(&script, "0084000008>");
    hr = ISCard_Transaction(card, &cmd);
    ok(hr == (HRESULT)SCARD_F_COMM_ERROR, "Transaction: %#lx.\n", hr); /* [ours] */
    ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok(length == 0, "A reply of %ld bytes is left.\n", length); /* [ours] */
    script_remove(&script);

    reader = script_insert(&script, atr);
    ok(reader != NULL, "The second card was not found.\n");
    if (reader)
    {
        hr = ISCard_AttachByReader(card, reader, SHARED, protocol); /* [ours] */
        ok(hr == S_OK, "AttachByReader with another card: %#lx.\n", hr);
        script_load(&script, "0084000008>[8]9000");
        hr = ISCard_Transaction(card, &cmd);
        ok(hr == S_OK, "Transaction with another card: %#lx.\n", hr);
        check_reply(cmd, "[8]9000", "another card");
    }
    ISCard_Release(card);
    if (reader) script_remove(&script);
    ISCardCmd_Release(cmd);
}

static void test_script(const char *atr, SCARD_PROTOCOLS protocol)
{
    SCARD_PROTOCOLS connected = 0;
    struct script_card script;
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    if (!(reader = script_insert(&script, atr)))
    {
        skip("No free virtual reader for the card that plays scripts (VPCD_PORT).\n");
        return;
    }
    card = create_card();
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, protocol);
    ok(hr == S_OK, "AttachByReader with protocol %d: %#lx.\n", protocol, hr);
    if (hr == S_OK)
    {
        ISCard_get_Protocol(card, &connected);
        ok(connected == protocol, "Connected with protocol %d instead of %d.\n", connected, protocol);
        if (protocol == T0) test_exchanges(card, &script, t0_exchanges, ARRAY_SIZE(t0_exchanges));
        else test_exchanges(card, &script, t1_exchanges, ARRAY_SIZE(t1_exchanges));
        if (protocol == T0) test_alternate_class(card, &script);
        test_nothing_sent(card, &script, protocol == T0);
        test_foreign_cmd(card, &script, protocol == T0);
        test_foreign_cmd_without_memory(card, &script);
        test_boasting_winscard(card);
        test_nad(card, &script);
        test_again(card, &script);
        test_bad_replies(card, &script, protocol == T0);
        test_card_leaves(card, &script);
    }
    ISCard_Release(card);
    script_remove(&script);
}

/* One step of the session below: what the published clients do after each command they built. */
static WORD transact(ISCard *card, ISCardCmd **cmd, BYTE *reply, LONG *size)
{
    IByteBuffer *buffer = NULL;
    LONG length = 0, count = 0;
    HRESULT hr;

    hr = ISCard_Transaction(card, cmd);
    ok(hr == S_OK, "Transaction: %#lx.\n", hr);
    if (hr != S_OK) return 0;
    hr = ISCardCmd_get_ApduReplyLength(*cmd, &length);
    ok(hr == S_OK && length >= 2 && length <= 258, "get_ApduReplyLength: %#lx, %ld.\n", hr,
       length); /* [client] */
    hr = ISCardCmd_get_ApduReply(*cmd, &buffer);
    ok(hr == S_OK && buffer, "get_ApduReply: %#lx.\n", hr); /* [doc] */
    if (!buffer) return 0;
    hr = IByteBuffer_Read(buffer, reply, length, &count);
    ok(hr == S_OK && count == length, "Read: %#lx, %ld of %ld bytes.\n", hr, count, length); /* [client] */
    IByteBuffer_Release(buffer);
    *size = length - 2;
    return (WORD)(reply[length - 2] << 8 | reply[length - 1]);
}

/* A whole session as a published client holds it: no Initialize, the buffer passed with its pointer at the
 * end, one command object for everything, the status word read from the end of the reply. [client] */
static void test_session(BSTR reader)
{
    static BYTE aid[] = { 0xf0, 'W', 'I', 'N', 'E', 0x01 };
    static BYTE file[] = { 0x00, 0x01 };
    ISCard *card = create_card();
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = create_cmd();
    IByteBuffer *buffer = create_raw_buffer();
    BYTE reply[300];
    LONG written = 0, size = 0;
    WORD status;
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);

    hr = IByteBuffer_SetSize(buffer, sizeof(aid));
    ok(hr == S_OK, "SetSize: %#lx.\n", hr);
    hr = IByteBuffer_Write(buffer, aid, sizeof(aid), &written);
    ok(hr == S_OK && written == sizeof(aid), "Write: %#lx, %ld.\n", hr, written);
    hr = ISCardISO7816_SelectFile(iso, 0x04, 0x0c, buffer, 0, &cmd);
    ok(hr == S_OK, "SelectFile: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000 && size == 0, "SELECT by AID: %04x, %ld bytes.\n", status, size);
    IByteBuffer_Release(buffer);

    buffer = create_raw_buffer();
    IByteBuffer_SetSize(buffer, sizeof(file));
    IByteBuffer_Write(buffer, file, sizeof(file), &written);
    hr = ISCardISO7816_SelectFile(iso, 0x02, 0x0c, buffer, 0, &cmd);
    ok(hr == S_OK, "SelectFile: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000, "SELECT by file identifier: %04x.\n", status);
    IByteBuffer_Release(buffer);

    hr = ISCardISO7816_ReadBinary(iso, 0, 0, 0, &cmd);
    ok(hr == S_OK, "ReadBinary: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000 && size == 32 && !memcmp(reply, "Erika Mustermann", 17),
       "READ BINARY of everything: %04x, %ld bytes.\n", status, size);
    hr = ISCardISO7816_ReadBinary(iso, 0, 6, 6, &cmd);
    ok(hr == S_OK, "ReadBinary: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000 && size == 6 && !memcmp(reply, "Muster", 6),
       "READ BINARY of a part: %04x, %ld bytes.\n", status, size);
    hr = ISCardISO7816_ReadBinary(iso, 0x7f, 0xff, 1, &cmd);
    ok(hr == S_OK, "ReadBinary: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x6b00, "READ BINARY beyond the end: %04x.\n", status);
    hr = ISCardISO7816_GetChallenge(iso, 8, &cmd);
    ok(hr == S_OK, "GetChallenge: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000 && size == 8, "GET CHALLENGE: %04x, %ld bytes.\n", status, size);

    hr = ISCard_Detach(card, LEAVE);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    ISCardCmd_Release(cmd);
    ISCardISO7816_Release(iso);
    ISCard_Release(card);
}

/* Each builder once against the card: what comes back shows that the command meant the right thing. */
static void test_files(BSTR reader)
{
    static const struct
    {
        const char *what;
        const char *apdu;
        WORD status;
        const char *reply; /* NULL: any */
    }
    steps[] =
    {
        { "SELECT MF", "00a4000c", 0x9000, "" },
        { "SELECT application with FCI", "00a4040006f057494e450100", 0x9000, NULL },
        { "READ BINARY by short EF id", "00b0810000", 0x9000, "4572696b61204d75737465726d616e6e"
                                                         "00000000000000000000000000000000" },
        { "READ RECORD 2", "00b2021c00", 0x9000, "2b343933303132333435363738004d617800000000000000" },
        { "READ RECORD beyond the last", "00b2091c00", 0x6a83, "" },
        { "UPDATE BINARY", "00d6860004deadbeef", 0x9000, "" },
        { "READ BINARY", "00b0860004", 0x9000, "deadbeef" },
        { "WRITE BINARY ORs", "00d00000020102", 0x9000, "" },
        { "READ BINARY", "00b0000004", 0x9000, "dfafbeef" },
        { "ERASE BINARY", "000e0001020003", 0x9000, "" },
        { "READ BINARY", "00b0000004", 0x9000, "df0000ef" },
        { "APPEND RECORD", "00e2002803616263", 0x9000, "" },
        { "GET DATA", "00ca5f2d00", 0x9000, "656e6465" },
        { "SELECT", "00a4020c020008", 0x9000, "" },
        { "READ BINARY, forbidden", "00b0000001", 0x6982, "" },
        { "unknown instruction", "00ff0000", 0x6d00, "" },
        { "unknown class", "a0b0000001", 0x6e00, "" },
        { "SELECT, not found", "00a4000c021234", 0x6a82, "" },
    };
    ISCard *card = create_card();
    BYTE reply[300];
    unsigned int i;
    LONG size = -1;
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    for (i = 0; i < ARRAY_SIZE(steps); i++)
    {
        struct script_bytes expected = script_bytes(steps[i].reply ? steps[i].reply : "", NULL);
        ISCardCmd *cmd = make_cmd(steps[i].apdu);
        WORD status = transact(card, &cmd, reply, &size);

        ok(status == steps[i].status, "%s: %04x.\n", steps[i].what, status);
        ok(!steps[i].reply || (size == expected.size && !memcmp(reply, expected.data, size)),
           "%s: %ld bytes of data, expected %ld.\n", steps[i].what, size, expected.size);
        ISCardCmd_Release(cmd);
        free(expected.data);
    }
    ISCard_Detach(card, RESET);
    ISCard_Release(card);
}

/* VERIFY: the retry counter goes down and comes back, and what the PIN guards opens. [iso] 7816-4 7.5.6 */
static void test_pin(BSTR reader)
{
    static const struct
    {
        const char *what;
        const char *apdu;
        WORD status;
    }
    steps[] =
    {
        { "SELECT application", "00a4040c06f057494e4501", 0x9000 },
        { "tries left", "00200001", 0x63c3 },
        { "reading before VERIFY", "00b0820000", 0x6982 },
        { "wrong PIN", "002000010439393939", 0x63c2 },
        { "wrong PIN again", "002000010439393939", 0x63c1 },
        { "right PIN", "002000010431323334", 0x9000 },
        { "VERIFY without data", "00200001", 0x9000 },
        { "reading after VERIFY", "00b0820000", 0x9000 },
    };
    ISCardISO7816 *iso = create_iso();
    ISCard *card = create_card();
    IByteBuffer *pin;
    ISCardCmd *cmd;
    BYTE reply[300];
    unsigned int i;
    WORD status;
    LONG size;
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    for (i = 0; i < ARRAY_SIZE(steps); i++)
    {
        cmd = make_cmd(steps[i].apdu);
        status = transact(card, &cmd, reply, &size);
        ok(status == steps[i].status, "%s: %04x.\n", steps[i].what, status);
        ISCardCmd_Release(cmd);
    }
    ok(size == 64 && !memcmp(reply, "The safe is behind the painting.", 33), "The note has %ld bytes.\n",
       size);

    /* A reset forgets that the PIN was given. */
    hr = ISCard_ReAttach(card, EXCLUSIVE, RESET);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr); /* [doc] */
    cmd = make_cmd("00200001");
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x63c3, "VERIFY without data after a reset: %04x.\n", status);
    pin = create_buffer("1234", 4);
    hr = ISCardISO7816_Verify(iso, 0x01, pin, &cmd);
    ok(hr == S_OK, "Verify: %#lx.\n", hr);
    status = transact(card, &cmd, reply, &size);
    ok(status == 0x9000 && size == 0, "VERIFY: %04x, %ld bytes.\n", status, size);
    IByteBuffer_Release(pin);
    ISCardCmd_Release(cmd);
    ISCard_Detach(card, RESET);
    ISCard_Release(card);
    ISCardISO7816_Release(iso);
}

START_TEST(transaction)
{
    BSTR reader;

    CoInitialize(NULL);
    if (!is_demo_card()) skip("The demonstration card is not in the reader (SCARDSSP_TEST_CARD).\n");
    else if (!(reader = find_card_reader(10000))) ok(0, "No card in any reader.\n");
    else
    {
        vcard_control("reset-data");
        test_session(reader);
        test_files(reader);
        vcard_control("reset-data");
        if (reader_passes_resets()) test_pin(reader);
        else skip("This reader does not tell the card of resets (QEMU_QMP).\n");
        vcard_control("reset-data");
        SysFreeString(reader);
    }
    test_script(SCRIPT_ATR_T0, T0);
    test_script(SCRIPT_ATR_T1, T1);
    test_pulled_in_exchange(SCRIPT_ATR_T0, T0);
    test_pulled_in_exchange(SCRIPT_ATR_T1, T1);
    CoUninitialize();
}
