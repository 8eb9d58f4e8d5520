/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual card on T=1: its files and its commands. The profile directory is the argument
 * (VCARD_PROFILE_DIR without).
 */

#include "vcard_talk.h"

#include <openssl/evp.h>

#define SELECT_MEMBERSHIP "00A4040C06 F057494E4501"
#define SELECT_ARCHIVE    "00A4040C06 F057494E4502"
#define VERIFY_1234       "0020000104 '1234'"
#define VERIFY_WRONG      "0020000104 '9999'"
#define FCP_MEMBERSHIP    "6213 8202 3841 8302 A100 8406 F057494E4501 8A01 05"
#define FCI_MEMBERSHIP    "6F1F 8202 3841 8302 A100 8406 F057494E4501 8A01 05 500A 'Membership'"
#define FCI_HOLDER        "6F12 8002 0020 8202 0141 8302 0001 8801 08 8A01 05"
#define FCI_PHONE_BOOK    "6F15 8002 00C0 8205 0241 0018 08 8302 0003 8801 18 8A01 05"

static void test_coding(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"", 0), 0x6700);
    talk("00", "6700");
    talk("00A4", "6700");
    talk("00A400", "6700");
    talk("00A4000C 02 3F", "6700");                /* Lc too large */
    talk("00A4000C 02 3F00 00 00", "6700");        /* bytes behind Le */
    talk("00A4000C 00 0002 3F", "6700");           /* extended Lc too large */
    talk("00A4000C 00 0002 3F00 00", "6700");      /* half an extended Le */
    talk("00A4000C 00 0000 3F00", "6700");         /* extended Lc 0 */
    talk("00A4000C 00 00", "6700");
    talk("00A4000C", "9000");                      /* case 1 */
    talk("00A4000C 02 3F00", "9000");              /* case 3 */
    talk("00A4000C 00 0002 3F00", "9000");         /* case 3 extended */
    talk("00A40400 06 F057494E4501 00", FCI_MEMBERSHIP "9000");
    talk("00A40400 00 0006 F057494E4501 0000", FCI_MEMBERSHIP "9000");
    talk("00A40400 06 F057494E4501 04", "6F1F8202 9000"); /* at most Ne bytes */
    talk("00A40400 06 F057494E4501", "9000");
    talk("00B08100 01 00 00", "6700");             /* READ BINARY takes no data */
}

static void test_class_and_ins(void **state)
{
    (void)state;
    talk("00FF0000", "6D00");
    talk("80A4000C", "9000");
    talk("A0A4000C", "6E00");
    talk("40A4000C", "6E00");
    talk("FFA4000C", "6E00");
    talk("10A4000C", "6884");
    talk("04A4000C", "6882");
    talk("0CA4000C", "6882");
    talk("01A4000C", "6881");
    talk("81A4000C", "6881");
    talk("00C0000000", "6985");                    /* nothing ever waits on T=1 */
}

static void test_select(void **state)
{
    (void)state;
    talk("00A40400 06 F057494E4501 00", FCI_MEMBERSHIP "9000");
    talk("00A40404 06 F057494E4501 00", FCP_MEMBERSHIP "9000");
    talk("00A40408 06 F057494E4501 00", "6A81");
    talk("00A40000 02 0001 00", FCI_HOLDER "9000");
    talk("00A40000 02 0003 00", FCI_PHONE_BOOK "9000");
    talk("00A4020C 02 0002", "9000");
    talk("00A4010C 02 A110", "9000");              /* the DF of the current EF is the current one */
    talk("00A4020C 02 A110", "6A82");
    talk("00A4030C", "9000");                      /* parent: A100 */
    talk("00A4020C 02 A110", "6A82");              /* not an EF */
    talk("00A4010C 02 0001", "6A82");              /* not a DF */
    talk("00A4010C 02 A110", "9000");
    talk("00A4000C 02 A100", "9000");              /* 00 finds the parent too */
    talk("00A4000C 02 A200", "9000");              /* and a DF beside it */
    talk("00A4000C 02 2F00", "6A82");              /* but no EF there */
    talk("00A4000C 02 3F00", "9000");
    talk("00A4030C", "6A82");                      /* the MF has no parent */
    talk("00A4080C 06 A100A1100001", "9000");
    talk("00B0000000", "'10 % off hats' 000000 9000");
    talk("00A4080C 06 A100000100FF", "6A82");      /* through an EF */
    talk("00A4080C 03 A10000", "6700");
    talk("00A4080C", "6700");
    talk("00A4090C 02 0001", "9000");              /* from the current DF, A110 */
    talk("00A4030C", "9000");
    talk("00A4090C 04 A1100001", "9000");
    talk("00A4050C 02 0001", "6A86");
    talk("00A4001C 02 0001", "6A86");
    talk("00A4000E 02 0001", "6A86");              /* occurrences are for names */
    talk("00A4000C 01 00", "6700");
    talk("00A4000C 02 BEEF", "6A82");
    talk("00B0000001", "'1' 9000");                /* a SELECT that fails changes nothing */
    talk("00A4000C 02 A100", "9000");
    talk("00A40004 02 0009 00", "620F 8002 0008 8202 0141 8302 0009 8A01 04 6283");
}

static void test_select_by_name(void **state)
{
    (void)state;
    talk("00A4040C 05 F057494E45", "9000");        /* first of both */
    talk("00B0810005", "'Erika' 9000");
    talk("00A4040E 05 F057494E45", "9000");        /* next */
    talk("00B0810002", "0001 9000");
    talk("00A4040E 05 F057494E45", "6A82");
    talk("00A4040F 05 F057494E45", "9000");        /* previous */
    talk("00B0810005", "'Erika' 9000");
    talk("00A4040F 05 F057494E45", "6A82");
    talk("00A4040D 05 F057494E45", "9000");        /* last */
    talk("00B0810002", "0001 9000");
    talk("00A4040C 07 F057494E450100", "6A82");
    talk("00A4040C", "6700");
    talk("00A4040C 11 F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0", "6700");
}

static void test_read_binary(void **state)
{
    (void)state;
    talk("00B0000000", "6986");
    talk("00B0810000", "6A82");
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00B0810010", "'Erika Mustermann' 9000");
    talk("00B0000606", "'Muster' 9000");           /* the short identifier selected it */
    talk("00B0800606", "'Muster' 9000");           /* short identifier 0: the current EF */
    talk("00B0001E00", "0000 9000");               /* Le 00: whatever is there */
    talk("00B0001E04", "0000 6282");               /* four were wanted */
    talk("00B0002000", "6B00");
    talk("00B07FFF00", "6B00");
    talk("00B00000", "6700");                      /* no Le */
    talk("00B0E10000", "6A86");
    talk("00B09F0000", "6A86");
    talk("00B0830000", "6981");                    /* a record file */
    talk("00B0880000", "6A82");                    /* no such short identifier */
    talk("00A4000C02 0008", "9000");
    talk("00B0000000", "6982");                    /* never */
    talk("00A4000C02 0009", "6283");
    talk("00B0000000", "6985");                    /* deactivated */
    talk(SELECT_ARCHIVE, "9000");
    assert_int_equal(send_text("00B0810000"), 0x9000);
    assert_int_equal(reply_length, 256 + 2);
    assert_int_equal(send_text("00B08100000000"), 0x9000);
    assert_int_equal(reply_length, 1024 + 2);
    assert_int_equal(send_text("00B08100000401"), 0x6282);
    assert_int_equal(reply_length, 1024 + 2);
}

static void test_read_binary_odd(void **state)
{
    (void)state;
    talk(SELECT_ARCHIVE, "9000");
    talk("00B1000104 540203FE 00", "5302 0102 9000");
    talk("00B1000003 540104 04", "5302 0405 9000");
    talk("00B1000104 54020400 00", "6B00");
    talk("00B1000104 54030000 00", "6A80");
    talk("00B1000104 55020000 00", "6A80");
    talk("00B1000102 5400 00", "6700");
    talk("00B1000104 54020000 02", "6700");        /* no room for a byte of the file */
    talk("00B1010104 54020000 00", "6A86");
    assert_int_equal(send_text("00B10001 00 0004 54020000 0000"), 0x9000);
    assert_int_equal(reply_length, 4 + 1024 + 2);
    assert_int_equal(send_text("00B10001 04 54020000 00"), 0x9000);
    assert_true(reply_length >= 2 && reply_length <= 256 + 2);
}

static void test_write_binary(void **state)
{
    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00D68600 03 0F0F0F", "9000");
    talk("00D00001 03 F0F0F0", "9000");            /* WRITE is an OR */
    talk("00B0000005", "0FFFFFF000 9000");
    talk("00D60001 01 AA", "9000");
    talk("00B0000003", "0FAAFF 9000");
    talk("000E0001 02 0002", "9000");              /* ERASE up to offset 2 */
    talk("00B0000004", "0F00FFF0 9000");
    talk("000E0001 02 0001", "6A80");
    talk("000E0001 02 0101", "6A80");
    talk("000E0001 01 00", "6700");
    talk("000E0100", "6B00");
    talk("000E0001", "9000");                      /* to the end */
    talk("00B0000004", "0F000000 9000");
    talk("00D600FF 02 0000", "6A84");
    talk("00D60100 01 00", "6B00");
    talk("00D60000", "6700");
    talk("00D68100 01 00", "6982");                /* wants PIN 01 */
    talk("000E8100", "6982");
    talk("00D68800 01 00", "6A82");
    talk("00D68300 01 00", "6981");
}

static void test_read_record(void **state)
{
    (void)state;
    talk("00B2010400", "6986");
    talk("00B201F400", "6114 4F06 F057494E4501 500A 'Membership' 9000");
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00B2012400", "'2004-08-25 Riga' 00 9000"); /* the newest */
    talk("00B2032400", "'2001-10-25 Rome' 00 9000");
    talk("00B2042400", "6A83");
    talk("00B2022C00", "'bread, milk, cheese' 9000");
    talk("00B2022C05", "'bread' 9000");
    talk("00B2012C05", "'a' 6282");
    talk("00B2012C", "6700");
    talk("00B2022D00", "'bread, milk, cheesecall Max' 9000"); /* all from 2 */
    talk("00B2022E00", "'call Maxbread, milk, cheese' 9000"); /* all from the last to 2 */
    talk("00B2042D00", "6A83");
    talk("00B2002D00", "6A83");
    talk("00B2002F00", "6A86");
    talk("00B201FC00", "6A86");
    talk("00B2010C00", "6981");
    talk("00B2014C00", "6A82");

    talk("00A4000C02 0005", "9000");
    talk("00B2000400", "6A83");                    /* no current record yet */
    talk("00B2000200", "'a' 9000");                /* next: the first */
    talk("00B2000400", "'a' 9000");                /* the current one */
    talk("00B2000200", "'bread, milk, cheese' 9000");
    talk("00B2030400", "'call Max' 9000");         /* by number: the pointer stays */
    talk("00B2000300", "'a' 9000");
    talk("00B2000300", "6A83");
    talk("00B2000100", "'call Max' 9000");
    talk("00B2000200", "6A83");
    talk("00B2000000", "'a' 9000");
    talk("00B2410200", "6A81");                    /* record identifiers */
    talk("00A4000C02 0005", "9000");
    talk("00B2000300", "'call Max' 9000");         /* previous: the last */
}

static void test_write_record(void **state)
{
    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00DC012C 02 0101", "9000");
    talk("00D2012C 03 F0F0F0", "9000");            /* WRITE is an OR */
    talk("00B2012C00", "F1F1F0 9000");
    talk("00DC012C", "6700");
    talk("00DC042C 01 00", "6A83");
    talk("00DC012D 01 00", "6A86");
    talk("00E20028 03 'new'", "9000");
    talk("00B2042C00", "'new' 9000");
    talk("00E20028 03 'new'", "9000");
    talk("00E20028 03 'new'", "9000");
    talk("00E20028 03 'new'", "6A84");             /* six is full */
    talk("00E20128 03 'new'", "6A86");
    talk("00E2002C 03 'new'", "6A86");
    talk("00E20028", "6700");
    talk("00E20020 0F '2005-01-01 Lima'", "6700"); /* shorter than the record */
    talk("00E20020 10 '2005-01-01 Lima' 00", "9000");
    talk("00B2012400", "'2005-01-01 Lima' 00 9000");
    talk("00B2022400", "'2004-08-25 Riga' 00 9000");
    talk("00DC0023 10 '2006-01-01 Bonn' 00", "9000"); /* previous on a cyclic EF */
    talk("00B2012400", "'2006-01-01 Bonn' 00 9000");
    talk("00B2052400", "'2001-10-25 Rome' 00 9000");
    talk("00E20020 10 '2007-01-01 Kyiv' 00", "9000");
    talk("00B2052400", "'2002-09-09 Oslo' 00 9000"); /* the oldest gave way */
    talk("00DC011C 18 000000000000000000000000000000000000000000000000", "6982");
    talk("00E20018 18 000000000000000000000000000000000000000000000000", "6982");
    talk("00E20008 01 00", "6981");
}

static void test_data_objects(void **state)
{
    (void)state;
    talk("00CA010100", "'virtual card' 9000");
    talk("00CA010107", "'virtual' 9000");
    talk("00CA010110", "'virtual card' 6282");
    talk("00CA5F2D00", "'ende' 9000");
    talk("00CA0101", "6700");
    talk("00CA019900", "6A88");
    talk("00CA010200", "6982");
    talk("00DA0102 01 00", "6982");
    talk("00DA5F2D 01 00", "6982");
    talk("00DA0199 01 00", "6A88");
    talk("00DA0101", "6700");
    talk("00DA0101 02 'hi'", "9000");
    talk("00CA010100", "'hi' 9000");
    talk(VERIFY_1234, "9000");
    talk("00CA010200", "'the cake is a lie' 9000");
    talk("00DA0102 21 '123456789012345678901234567890123'", "6A84");
    talk("00DA0102 20 '12345678901234567890123456789012'", "9000");
}

static void test_verify(void **state)
{
    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00B0820000", "6982");
    talk("00200001", "63C3");
    talk(VERIFY_WRONG, "63C2");
    talk("00200001", "63C2");
    talk("0020000103 '123'", "6700");              /* a length no PIN has: no try lost */
    talk("0020000109 '123456789'", "6700");
    talk("00200001", "63C2");
    talk(VERIFY_1234, "9000");
    talk("00200001", "9000");
    talk("00B0820008", "'The safe' 9000");
    talk(VERIFY_WRONG, "63C2");                    /* takes the right away again */
    talk("00B0000001", "6982");
    talk("0020008104 '1234'", "9000");
    talk("0020000008 '1234' FFFFFFFF", "9000");    /* 00: the first PIN; padded with FF */
    talk("00200002", "63C3");
    talk("0020000208 '87654321'", "9000");
    talk("0020000304 '0000'", "6984");
    talk("0020000904 '0000'", "6A88");
    talk("0020010104 '1234'", "6A86");
    card_reset(card);
    talk("00200001", "63C3");
    talk(VERIFY_WRONG, "63C2");
    talk(VERIFY_WRONG, "63C1");
    talk(VERIFY_WRONG, "63C0");
    talk(VERIFY_1234, "6983");
    talk("00200001", "63C0");
    card_reset(card);
    talk(VERIFY_1234, "6983");
}

static void test_channels(void **state)
{
    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk(VERIFY_1234, "9000");
    talk("0070000001", "01 9000");
    talk("01B0810000", "6A82");                    /* a channel from the basic one begins at the MF */
    talk("01A4040C06 F057494E4501", "9000");
    talk("01B0820000", "6982");                    /* with a security status of its own */
    talk("01B0810005", "'Erika' 9000");
    talk("00B0820008", "'The safe' 9000");
    talk("01B0000005", "'Erika' 9000");
    talk("0170000001", "02 9000");
    talk("02B0810005", "'Erika' 9000");            /* one from another begins where that is */
    talk("00700003", "9000");
    talk("00700003", "6985");
    talk("0070000001", "6A81");                    /* none left */
    talk("00700004", "6A86");
    talk("00708002", "9000");
    talk("02A4000C", "6881");
    talk("00708002", "6881");
    talk("03708000", "9000");                      /* closes itself */
    talk("03A4000C", "6881");
    talk("00708000", "6A86");
    talk("00704000", "6A86");
    talk("00700000", "6700");                      /* no Le for the number */
    card_reset(card);
    talk("01A4000C", "6881");
    talk("00B0000000", "6986");
}

/* The reader's half of the authentication, done apart from the card's. */
static void encipher(const EVP_CIPHER *cipher, const char *key, const uint8_t *block, size_t length,
                     uint8_t *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t bytes[16];
    int written;

    assert_int_equal(to_bytes(key, bytes), sizeof(bytes));
    assert_int_equal(EVP_EncryptInit_ex(context, cipher, NULL, bytes, NULL), 1);
    EVP_CIPHER_CTX_set_padding(context, 0);
    assert_int_equal(EVP_EncryptUpdate(context, out, &written, block, length), 1);
    EVP_CIPHER_CTX_free(context);
}

static void test_internal_authenticate(void **state)
{
    (void)state;
    /* FIPS 197 C.1 */
    talk("0088000210 00112233445566778899AABBCCDDEEFF 00", "69C4E0D86A7B0430D8CDB78070B4C55A 9000");
    talk("0088000208 0011223344556677 00", "6700");
    talk("0088000110 00112233445566778899AABBCCDDEEFF 00", "6985"); /* an external key */
    talk("0088000910 00112233445566778899AABBCCDDEEFF 00", "6A88");
    talk("0088010210 00112233445566778899AABBCCDDEEFF 00", "6A86");
    talk("0088000408 0011223344556677 00", "6982");
    talk(VERIFY_1234, "9000");
    talk("0088000408 0011223344556677 00", "F54D39727982888D 9000");
}

static void test_external_authenticate(void **state)
{
    uint8_t challenge[16], command[5 + 16] = { 0x00, 0x82, 0x00, 0x01, 0x10 };

    (void)state;
    talk(SELECT_MEMBERSHIP, "9000");
    talk("00D6870001 FF", "6982");
    assert_int_equal(send_text("0084000010"), 0x9000);
    assert_int_equal(reply_length, 16 + 2);
    memcpy(challenge, reply, 16);
    encipher(EVP_aes_128_ecb(), "101112131415161718191A1B1C1D1E1F", challenge, 16, command + 5);
    assert_int_equal(send_bytes(command, sizeof(command)), 0x9000);
    talk("00D6870001 FF", "9000");
    assert_int_equal(send_bytes(command, sizeof(command)), 0x6985); /* the challenge is used up */
    assert_int_equal(send_text("0084000010"), 0x9000);
    assert_memory_not_equal(challenge, reply, 16);
    assert_int_equal(send_bytes(command, sizeof(command)), 0x63C4);
    talk("00D6870001 FF", "6982");
    assert_int_equal(send_text("0084000008"), 0x9000);
    assert_int_equal(send_bytes(command, sizeof(command)), 0x6985); /* a challenge for the other cipher */

    assert_int_equal(send_text("0084000000"), 0x9000);
    assert_int_equal(reply_length, 8 + 2);
    command[3] = 0x03;
    command[4] = 0x08;
    encipher(EVP_des_ede_ecb(), "0123456789ABCDEFFEDCBA9876543210", reply, 8, command + 5);
    assert_int_equal(send_bytes(command, 5 + 8), 0x9000);

    talk("0084000005", "6700");
    talk("0084000020", "6700");
    talk("0084010008", "6A86");
    talk("0082000210 00112233445566778899AABBCCDDEEFF", "6985"); /* an internal key */
}

static void test_external_authenticate_blocks(void **state)
{
    unsigned int tries;

    (void)state;
    for (tries = 5; tries--;)
    {
        assert_int_equal(send_text("0084000010"), 0x9000);
        assert_int_equal(send_text("0082000110 00000000000000000000000000000000"), 0x63C0 + tries);
    }
    assert_int_equal(send_text("0084000010"), 0x9000);
    assert_int_equal(send_text("0082000110 00000000000000000000000000000000"), 0x6983);
}

/* Any bytes at all: an answer of two bytes or more, and no finding of the sanitisers. */
static void test_random_commands(void **state)
{
    static const uint8_t ins[] =
    {
        0x0E, 0x20, 0x70, 0x82, 0x84, 0x88, 0xA4, 0xB0, 0xB1, 0xB2, 0xC0, 0xCA, 0xD0, 0xD2, 0xD6, 0xDA, 0xDC,
        0xE2, 0xF2, 0xFF,
    };
    uint8_t bytes[300];
    size_t i, length;
    unsigned int round;

    (void)state;
    srand(1);
    for (round = 0; round < 200000; round++)
    {
        length = rand() % (rand() % 8 ? 12 : sizeof(bytes));
        for (i = 0; i < length; i++)
            bytes[i] = rand() % 3 ? rand() % 8 : rand();
        if (length > 1 && rand() % 10)
            bytes[1] = ins[rand() % sizeof(ins)];
        if (length > 5 && rand() % 2)
            bytes[4] = length - 5;
        if (length > 1 && rand() % 2)
            bytes[0] = reply[0] == 0x6E ? 0xA0 : 0;
        send_bytes(bytes, length);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] =
    {
        card_test(test_coding, "t1"),
        card_test(test_class_and_ins, "t1"),
        card_test(test_select, "t1"),
        card_test(test_select_by_name, "t1"),
        card_test(test_read_binary, "t1"),
        card_test(test_read_binary_odd, "t1"),
        card_test(test_write_binary, "t1"),
        card_test(test_read_record, "t1"),
        card_test(test_write_record, "t1"),
        card_test(test_data_objects, "t1"),
        card_test(test_verify, "t1"),
        card_test(test_channels, "t1"),
        card_test(test_internal_authenticate, "t1"),
        card_test(test_external_authenticate, "t1"),
        card_test(test_external_authenticate_blocks, "t1"),
        card_test(test_random_commands, "t1"),
        card_test(test_random_commands, "t0"),
        card_test(test_random_commands, "gsm"),
        card_test(test_random_commands, "ext"),
    };

    if (argc > 1)
        profile_dir = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
