/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual card on T=0, as a GSM SIM, and with extended lengths. The profile directory is the argument
 * (VCARD_PROFILE_DIR without).
 */

#include "vcard_talk.h"

#define SELECT_MEMBERSHIP "00A4040C06 F057494E4501"
#define SELECT_ARCHIVE    "00A4040C06 F057494E4502"
#define FCI_MEMBERSHIP    "6F1F 8202 3841 8302 A100 8406 F057494E4501 8A01 05 500A 'Membership'"

/* --- T=0 --- */

static void test_t0_form(void **state)
{
    (void)state;
    talk("00A400", "6700");
    talk("00A4000C", "9000");                      /* four bytes: P3 is 00 */
    talk("00A4000C00", "9000");
    talk("00A4000C02", "6700");                    /* P3 announces two bytes */
    talk("00A4000C02 3F", "6700");
    talk("00A4000C02 3F00", "9000");
    talk("00A4000C02 3F00 00", "6700");            /* T=0 sends no Le */
    talk("A0A4000C00", "6E00");
    talk("00FF000000", "6D00");
    talk("00B0810001 00", "6700");
}

static void test_t0_get_response(void **state)
{
    (void)state;
    talk("00C0000000", "6985");
    talk("00A4040006 F057494E4501", "6121");
    talk("00C0000000", "6C21");
    talk("00C0000022", "6C21");
    talk("00C0000021", FCI_MEMBERSHIP "9000");
    talk("00C0000021", "6985");

    talk("00A4040006 F057494E4501", "6121");       /* in parts */
    talk("00C0000004", "6F1F8202 611D");
    talk("00C0000011", "3841 8302 A100 8406 F057494E4501 8A01 05 610C");
    talk("00C000000D", "6C0C");
    talk("00C000000C", "500A 'Membership' 9000");

    talk("80A4040006 F057494E4501", "6121");       /* another class of this card serves as well */
    talk("00C0000021", FCI_MEMBERSHIP "9000");

    talk("0070000001", "01 9000");
    talk("01A4040006 F057494E4501", "6121");       /* but not another channel */
    talk("00C0000021", "6985");
    talk("01C0000021", "6985");

    talk(SELECT_MEMBERSHIP, "9000");
    talk("00A4000402 0009", "6111");               /* the warning comes with the last byte */
    talk("00C0000011", "620F 8002 0008 8202 0141 8302 0009 8A01 04 6283");

    talk("0088000210 00112233445566778899AABBCCDDEEFF", "6110");
    talk("00C0000010", "69C4E0D86A7B0430D8CDB78070B4C55A 9000");
}

/* A response that waits does not outlive another command, whatever comes of that. */
static void test_t0_held_is_dropped(void **state)
{
    static const char *const others[] =
    {
        "00A4000C", "00B0000000", "00FF000000", "FFA4000000", "00", "00A4000C05", "",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        talk("00A4040006 F057494E4501", "6121");
        send_text(others[i]);
        talk("00C0000021", "6985");
    }
    talk("00A4040006 F057494E4501", "6121");
    talk("00C0010021", "6A86");
    talk("00A4040006 F057494E4501", "6121");
    card_reset(card);
    talk("00C0000021", "6985");
}

static void test_t0_exact_length(void **state)
{
    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00B0810010", "'Erika Mustermann' 9000"); /* a part is fine */
    talk("00B0810000", "6C20");
    talk("00B0810021", "6C20");
    talk("00B0001E04", "6C02");
    talk("00B0002001", "6B00");
    talk("00B2012C00", "6C01");
    talk("00B2012C01", "'a' 9000");
    talk("00B2012C02", "6C01");
    talk("00B2022C05", "6C13");                    /* a record is given whole */
    talk("00A4000C02 0005", "9000");
    talk("00B2000200", "6C01");                    /* the pointer does not move for a 6Cxx */
    talk("00B2000201", "'a' 9000");
    talk("00B2000205", "6C13");
    talk("00B2000213", "'bread, milk, cheese' 9000");
    talk("00CA010100", "6C0C");
    talk("00CA01010C", "'virtual card' 9000");
    talk("0084000000", "6C08");
    talk("0084000004", "6C08");
    assert_int_equal(send_text("0084000008"), 0x9000);
    talk("0070000000", "6C01");
    talk("0070000001", "01 9000");                 /* the 6C01 opened none */
    talk("0070800100", "9000");
    talk("0020000100", "63C3");
    talk("0020000104 '1234'", "9000");
    talk("0020000100", "9000");
}

/* 61xx beside data, and 6100, which means 256 or more. */
static void test_t0_long_answers(void **state)
{
    unsigned int part;
    size_t i;

    (void)state;
    talk(SELECT_ARCHIVE, "9000");
    talk("00B20115FF", "6C00");                    /* three records of 100 bytes together */
    assert_int_equal(send_text("00B2011500"), 0x612C);
    assert_int_equal(reply_length, 256 + 2);
    assert_memory_equal(reply, "first page", 10);
    assert_memory_equal(reply + 200, "third page", 10);
    assert_int_equal(send_text("00C000002C"), 0x9000);
    assert_int_equal(reply_length, 0x2C + 2);

    talk("00B1000104 54020000", "6100");           /* 1028 bytes */
    talk("00C0000004", "53820400 6100");
    for (part = 0; part < 4; part++)
    {
        assert_int_equal(send_text("00C0000000"), part < 3 ? 0x6100 : 0x9000);
        assert_int_equal(reply_length, 256 + 2);
        for (i = 0; i < 256; i++)
            assert_int_equal(reply[i], (i + part) & 0xFF);
    }
    talk("00C0000000", "6985");
}

/* --- GSM 11.11 --- */

static void test_gsm_select(void **state)
{
    (void)state;
    talk("00A4000002 3F00", "6E00");
    talk("A0A4000002 3F00", "9F16");
    talk("A0C0000016", "0000 0000 3F00 01 0000000000 09 00 02 01 04 00 83 00 83 00 9000");
    talk("A0A4000002 7F20", "9F16");
    talk("A0C0000016", "0000 0000 7F20 02 0000000000 09 00 00 04 04 00 83 00 83 00 9000");
    talk("A0A4000002 6F07", "9F0F");
    talk("A0C000000F", "0000 0009 6F07 04 00 1FFFFF 01 02 00 00 9000");
    talk("A0C000000F", "9810");
    talk("A0A4000002 7F10", "9F16");               /* a DF beside the current one */
    talk("A0A4000002 6F3A", "9F0F");
    talk("A0C0000000", "670F");
    talk("A0C000000F", "0000 0140 6F3A 04 00 11FFFF 01 02 01 20 9000");
    talk("A0A4000002 6F44", "9F0F");
    talk("A0C000000F", "0000 00A0 6F44 04 00 11FFFF 01 02 03 20 9000");
    talk("A0A4000002 6F07", "9404");
    talk("A0A4000002 2FE2", "9404");
    talk("A0A4000001 3F", "6700");
    talk("A0A4040002 3F00", "6B00");
    talk("A0F2000016", "0000 0000 7F10 02 0000000000 09 00 00 02 04 00 83 00 83 00 9000");
    talk("A0F2000006", "0000 0000 7F10 9000");
    talk("A0F2000000", "6716");
}

static void test_gsm_files(void **state)
{
    (void)state;
    talk("A0B0000001", "9400");
    talk("A0A4000002 7F20", "9F16");
    talk("A0A4000002 6F46", "9F0F");
    talk("A0B0000011", "01 'Wine Mobile' FFFFFFFFFF 9000");
    talk("A0B000010B", "'Wine Mobile' 9000");
    talk("A0B0000012", "6711");
    talk("A0B0810001", "6B00");                    /* an offset of 16 bits, no short identifier */
    talk("A0B2010401", "9408");
    talk("A0D6000001 00", "9804");
    talk("A0A4000002 6F7E", "9F0F");
    talk("A0B000000B", "9804");
    talk("A020000108 '1234' FFFFFFFF", "9000");
    talk("A0B000000B", "FFFFFFFF 00F110 0000 0001 9000");
    talk("A0D6000001 00", "9000");
    talk("A0A4000002 7F10", "9F16");
    talk("A0A4000002 6F3A", "9F0F");
    talk("A0B2010420", "'Erika' FFFFFFFFFFFFFFFFFFFFFFFFFF 07 91 94032143 65F7 FFFFFFFFFFFF 9000");
    talk("A0B2010410", "6720");
    talk("A0B2040420", "9402");
    talk("A0B2010C20", "6B00");
    talk("A0D0000001 00", "6D00");
}

static void test_gsm_chv(void **state)
{
    (void)state;
    talk("A020000104 '1234'", "6700");
    talk("A020000008 '1234' FFFFFFFF", "6B00");
    talk("A020000508 '1234' FFFFFFFF", "9802");
    talk("A020000108 '9999' FFFFFFFF", "9804");
    talk("A0F2000016", "0000 0000 3F00 01 0000000000 09 00 02 01 04 00 82 00 83 00 9000");
    talk("A020000108 '9999' FFFFFFFF", "9804");
    talk("A020000108 '9999' FFFFFFFF", "9840");
    talk("A020000108 '1234' FFFFFFFF", "9840");
    talk("A020000208 '5678' FFFFFFFF", "9000");
}

/* --- extended lengths --- */

#define READ_ALL "00B08100000000"

static void test_extended_read(void **state)
{
    size_t i;

    (void)state;
    talk("00A40400 06 F057494E4503 00",
         "6F20 8202 3841 8302 A300 8406 F057494E4503 8A01 05 500B 'Large files' 9000");
    talk("00A40004 02 0001 00", "6213 8003 010000 8202 0141 8302 0001 8801 08 8A01 05 9000");
    assert_int_equal(send_text(READ_ALL), 0x9000);
    assert_int_equal(reply_length, CARD_MAX_MESSAGE);
    for (i = 0; i < reply_length - 2; i++)
        assert_int_equal(reply[i], (i + i / 256) & 0xFF);
    assert_int_equal(send_text("00B0000000FFFF"), 0x9000);
    assert_int_equal(reply_length, CARD_MAX_MESSAGE);
    assert_int_equal(send_text("00B07FFF008001"), 0x9000);
    assert_int_equal(reply_length, 32769 + 2);
    assert_int_equal(send_text("00B07FFF008002"), 0x6282);
    assert_int_equal(reply_length, 32769 + 2);
    assert_int_equal(send_text("00B1000000 0005 5403 00FFFE 0000"), 0x9000);
    assert_int_equal(reply_length, 4 + 2);
    assert_int_equal(send_text("00B10000 05 5403 010000 00"), 0x6B00);
}

static void test_extended_write(void **state)
{
    static uint8_t command[7 + 65535];
    size_t length = CARD_MAX_MESSAGE - 7, i;

    (void)state;
    memcpy(command, "\x00\xD6\x82\x00\x00", 5);
    command[5] = length >> 8;
    command[6] = length & 0xFF;
    for (i = 0; i < length; i++)
        command[7 + i] = i * 7;
    talk("00A4040C06 F057494E4503", "9000");
    assert_int_equal(send_bytes(command, 7 + length), 0x9000);
    assert_int_equal(send_text("00B08200000000"), 0x9000);
    assert_memory_equal(reply, command + 7, length);
    command[5] = command[6] = 0xFF;
    assert_int_equal(send_bytes(command, 7 + length), 0x6700);
    command[3] = 0x10;
    command[5] = length >> 8;
    command[6] = length & 0xFF;
    assert_int_equal(send_bytes(command, 7 + length), 0x6A84);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] =
    {
        card_test(test_t0_form, "t0"),
        card_test(test_t0_get_response, "t0"),
        card_test(test_t0_held_is_dropped, "t0"),
        card_test(test_t0_exact_length, "t0"),
        card_test(test_t0_long_answers, "t0"),
        card_test(test_gsm_select, "gsm"),
        card_test(test_gsm_files, "gsm"),
        card_test(test_gsm_chv, "gsm"),
        card_test(test_extended_read, "ext"),
        card_test(test_extended_write, "ext"),
    };

    if (argc > 1)
        profile_dir = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
