/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cards that play a log of exchanges.
 */

#include <unistd.h>

#include "vcard_talk.h"

#define DLL "scardsspdata: 2026-01-31T12:34:56.789Z 0x1 "
#define CARDINFO "  2026-01-31T12:34:56.789Z "
#define T1 DLL "attach T=1 3B80010A Reader A\n"
#define T0 DLL "attach T=0 3B00 Reader A\n"

static struct card *load(const char *log, unsigned int number, char *error, size_t size)
{
    char path[] = "/tmp/vcard_script_test.XXXXXX";
    int file = mkstemp(path);
    struct card *loaded;

    assert_true(file >= 0);
    assert_int_equal(write(file, log, strlen(log)), strlen(log));
    close(file);
    loaded = card_load_script(path, number, error, size);
    unlink(path);
    return loaded;
}

static void play(const char *log)
{
    char error[512] = "";

    card_free(card);
    card = load(log, 0, error, sizeof(error));
    if (!card)
        fail_msg("%s", error);
}

/* The same command is answered as at its next occurrence; from the end it goes on at the start. */
static void test_order(void **state)
{
    size_t length;

    (void)state;
    play(T1
         DLL "00A4000C020001 > 9000\n"
         DLL "00B0000002 > 11119000\n"
         DLL "00A4000C020002 > 9000\n"
         DLL "00B0000002 > 22229000\n"
         DLL "00B0000009 ! 80100016\n");
    assert_memory_equal(card_atr(card, &length), "\x3B\x80\x01\x0A", 4);
    assert_int_equal(length, 4);
    talk("00A4000C020001", "9000");
    talk("00B0000002", "1111 9000");
    talk("00A4000C020002", "9000");
    card_reset(card);
    talk("00B0000002", "2222 9000");
    talk("00B0000002", "1111 9000");
    talk("00A4000C020002", "9000");
    talk("00A4000C020001", "9000");
    talk("00B0000002", "1111 9000");
    talk("00B0000003", "6F00");
    talk("00B0000009", "6F00");
    talk("00B0", "6F00");
    talk("00B0000002", "2222 9000");
}

/* What went to the reader comes from there again, whatever it was. */
static void test_t0(void **state)
{
    (void)state;
    play(T0
         DLL "00A4040002F001 > 6103\n"
         DLL "00C0000003 > 0102039000\n"
         DLL "00B0000000 > 6C02\n"
         DLL "00B0000002 > ABCD9000\n");
    talk("00A4040002F001", "6103");
    talk("00C0000003", "010203 9000");
    talk("00B0000000", "6C02");
    talk("00B0000002", "ABCD 9000");
    talk("00C0000004", "6F00");
}

/* Of what was given to an object the card has the answer to the TPDUs that the object makes of it. */
static void test_t0_of_apdus(void **state)
{
    (void)state;
    play(CARDINFO "attach T=0 3B00 Reader A\n"
         CARDINFO "00A4040002F00100 > 0102039000\n"
         CARDINFO "00A4040C02F002 > 9000\n"
         CARDINFO "00A4040002F00300 > 6A82\n"
         CARDINFO "00B0000000 > ABCD9000\n"
         CARDINFO "00440000 > 9001\n");
    talk("00A4040002F001", "6103");
    talk("00C0000004", "6C03");
    talk("00C0000001", "01 6102");
    talk("00C0000002", "0203 9000");
    talk("00C0000002", "6F00");
    talk("00A4040002F001", "6103");
    talk("00A4040C02F002", "9000");
    talk("00C0000003", "6F00");
    talk("00A4040002F003", "6A82");
    talk("00B0000000", "ABCD 9000");
    talk("0044000000", "9001");
    talk("0044000001", "6F00");
    talk("00A4040002F001", "6103");
    card_reset(card);
    talk("00C0000003", "6F00");
}

/* On T=1 there is but one form. */
static void test_t1_of_apdus(void **state)
{
    (void)state;
    play(CARDINFO "attach T=1 3B80010A Reader A\n"
         CARDINFO "00A4040002F00100 > 0102039000\n");
    talk("00A4040002F001", "6F00");
    talk("00A4040002F00100", "010203 9000");
}

static void test_redacted(void **state)
{
    (void)state;
    play(T1
         DLL "00A4040002<2 bytes>00 > <3 bytes>9000\n"
         DLL "0020000104<4 bytes> > 63C2\n");
    talk("0020000104'1234'", "63C2");
    talk("0020000105'12345'", "6F00");
    talk("0020000204'1234'", "6F00");
    talk("00A4040002F00100", "000000 9000");
    talk("00A4040002F00101", "6F00");
    /* Where the log has the very command, that is meant. */
    play(T1
         DLL "00B0000000<2 bytes> > 019000\n"
         DLL "00B00000000000 > 029000\n");
    talk("00B00000000000", "02 9000");
    talk("00B00000001000", "01 9000");
    talk("00B00000000000", "02 9000");
    /* Of case 4 Le is hidden too. */
    play(CARDINFO "attach T=0 3B00 Reader A\n"
         CARDINFO "00A4040002<3 bytes> > <3 bytes>9000\n");
    talk("00A4040002F001", "6103");
    talk("00C0000003", "000000 9000");
}

static char *append_hex(char *end, const uint8_t *bytes, size_t length)
{
    while (length--)
        end += sprintf(end, "%02X", *bytes++);
    return end;
}

/* A card of a profile and what plays the log of it are alike. */
static void test_recorded(void **state)
{
    static const char *const commands[] =
    {
        "00A4040006F057494E4501", "00C0000010", "00A4020C020001", "00B0000020", "00B0000000", "0020000104'0000'",
        "0020000104'1234'", "00A4020C020002", "00B0000010", "00EE0000",
    };
    static char log[65536];
    char *end = log + sprintf(log, T1);
    uint8_t bytes[MAX_BYTES];
    size_t i, line;

    (void)state;
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
    {
        send_text(commands[i]);
        end = append_hex(end + sprintf(end, DLL), bytes, to_bytes(commands[i], bytes));
        end = append_hex(end + sprintf(end, " > "), reply, reply_length);
        end += sprintf(end, "\n");
    }
    play(log);
    for (i = 0, end = strchr(log, '\n') + 1; i < sizeof(commands) / sizeof(commands[0]); i++)
    {
        line = strcspn(end, "\n");
        end[line] = 0;
        talk(commands[i], strstr(end, " > ") + 3);
        end += line + 1;
    }
}

static void wrong(const char *log, unsigned int number, const char *message)
{
    char error[512] = "";

    assert_null(load(log, number, error, sizeof(error)));
    if (!strstr(error, message))
        fail_msg("'%s' is not '%s'", error, message);
}

static void test_wrong_logs(void **state)
{
    char error[512] = "";

    (void)state;
    wrong("fixme:ole\n", 0, "has no exchanges");
    wrong(T1, 0, "has no exchanges");
    wrong(T1, 1, "has no exchange with a reply");
    wrong(T1 DLL "00000001 > 9000\n", 2, "has not so many cards");
    wrong(T1 DLL "00000001 ! 80100016\n", 0, "has no exchange with a reply");
    wrong(DLL "00000001 > 9000\n", 0, "\"attach\" is missing");
    wrong(DLL "attach T=1 - Reader\n" DLL "00000001 > 9000\n", 0, "\"attach\" is missing");
    assert_null(card_load_script("/nonexistent/log", 0, error, sizeof(error)));
    assert_non_null(strstr(error, "cannot be read"));
    assert_null(card_load_script("/tmp", 0, error, sizeof(error)));
    assert_non_null(strstr(error, "cannot be read"));
}

/* The card that is asked for, and without that the first that has anything to say. */
static void test_cards(void **state)
{
    static const char log[] = DLL "attach T=1 3B80010A Reader A\n" DLL "attach T=0 3B00 Reader B\n"
        DLL "00000001 > 9001\n" DLL "attach T=0 3B01FF Reader C\n" DLL "00000001 > 9002\n";
    char error[512] = "";

    (void)state;
    play(log);
    talk("00000001", "9001");
    card_free(card);
    card = load(log, 3, error, sizeof(error));
    assert_non_null(card);
    talk("00000001", "9002");
}

/* A log is a stranger's: what is hidden where it cannot be, and commands of any length against it. */
static void test_hostile(void **state)
{
    unsigned int length;

    (void)state;
    play(CARDINFO "attach T=0 3B00 Reader A\n"
         CARDINFO "00A40400<2 bytes> > 9000\n"
         CARDINFO "<6 bytes> > 9001\n"
         CARDINFO "0000000001<2 bytes> > 9002\n"
         CARDINFO "000000000100<1 bytes> > <9 bytes>\n");
    for (length = 0; length < 16; length++)
    {
        static const uint8_t command[] = "\0\xA4\4\0\0\1\2\3\4\5\6\7\x8\x9\xA\xB";

        assert_int_equal(send_bytes(command, length), length == 6 ? 0x9000 : 0x6F00);
        assert_int_equal(reply_length, 2);
    }
    talk("00A404000001", "9001");
    talk("0000000001AA", "9002");
    talk("000000000100", "6107");
    talk("00C0000007", "00000000000000 0000");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test_teardown(test_order, give_back),
        cmocka_unit_test_teardown(test_t0, give_back),
        cmocka_unit_test_teardown(test_t0_of_apdus, give_back),
        cmocka_unit_test_teardown(test_t1_of_apdus, give_back),
        cmocka_unit_test_teardown(test_redacted, give_back),
        card_test(test_recorded, "t1"),
        card_test(test_recorded, "t0"),
        cmocka_unit_test(test_wrong_logs),
        cmocka_unit_test_teardown(test_cards, give_back),
        cmocka_unit_test_teardown(test_hostile, give_back),
    };

    if (argc > 1)
        profile_dir = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
