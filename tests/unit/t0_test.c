/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The T=0 procedures, core/t0.c, against cards that follow a script and against hostile ones. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/t0.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_EXCHANGES = 8 };

static const uint8_t get_response_cla = 0xa0;

/* Bytes are hexadecimal digits and blanks; {10-20} stands for the bytes 10 to 19 of the data that a card has. */
struct script
{
    const char *name;
    const char *apdu;
    struct
    {
        const char *tpdu, *answer;
    } exchanges[MAX_EXCHANGES];
    const char *reply;      /* NULL: a protocol error */
};

/* The program has put the class of GET RESPONSE: A0. */
static const struct script scripts[] =
{
    /* How the cases go out. */
    { "case 1", "00A40000", { { "00A4000000", "9000" } }, "9000" },
    { "case 2", "00B0010205", { { "00B0010205", "{0-5} 9000" } }, "{0-5} 9000" },
    { "case 2, Le 255", "00B00000FF", { { "00B00000FF", "{0-255} 9000" } }, "{0-255} 9000" },
    { "case 2, Le 256", "00B0000000", { { "00B0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "case 2, extended, Le 5", "00B00000 000005", { { "00B0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "case 2, extended, Le 300", "00B00000 00012C", { { "00B0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "case 2, extended, Le 65536", "00B00000 000000", { { "00B0000000", "{0-9} 9000" } }, "{0-9} 9000" },
    { "case 3", "00D60102 03 010203", { { "00D60102 03 010203", "9000" } }, "9000" },
    { "case 3, Lc 255", "00D60000 FF {0-255}", { { "00D60000 FF {0-255}", "9000" } }, "9000" },
    { "case 3, extended", "00D60000 000003 010203", { { "00D60000 03 010203", "9000" } }, "9000" },
    { "case 4", "00880000 02 0102 08", { { "00880000 02 0102", "9000" } }, "9000" },
    { "case 4, extended", "00880000 000002 0102 0000", { { "00880000 02 0102", "9000" } }, "9000" },
    { "case 4, extended, Lc 255", "00880000 0000FF {0-255} 0101",
      { { "00880000 FF {0-255}", "9000" } }, "9000" },

    /* Status words that are the reply as it is. */
    { "case 2, error", "00B0000005", { { "00B0000005", "6A82" } }, "6A82" },
    { "case 2, warning with data", "00B0000005", { { "00B0000005", "{0-3} 6282" } }, "{0-3} 6282" },
    { "case 3, 63Cx", "00200001 02 3132", { { "00200001 02 3132", "63C2" } }, "63C2" },
    { "case 4, 9F of GSM", "A0A40000 02 7F20 00", { { "A0A40000 02 7F20", "9F16" } }, "9F16" },
    { "case 4, 62xx", "00A40000 02 3F00 00", { { "00A40000 02 3F00", "6283" } }, "6283" },
    { "case 1, 61xx", "00A40000", { { "00A4000000", "6105" } }, "6105" },
    { "case 3, 61xx", "00A40000 02 3F00", { { "00A40000 02 3F00", "6120" } }, "6120" },
    { "case 1, 6Cxx", "00A40000", { { "00A4000000", "6C05" } }, "6C05" },
    { "case 3, 6Cxx", "00A40000 02 3F00", { { "00A40000 02 3F00", "6C20" } }, "6C20" },
    { "case 4, 6Cxx", "00A40000 02 3F00 00", { { "00A40000 02 3F00", "6C20" } }, "6C20" },
    { "case 1, unexpected data", "00A40000", { { "00A4000000", "{0-9} 9000" } }, "{0-9} 9000" },
    { "case 3, unexpected data and 61xx", "00A40000 02 3F00",
      { { "00A40000 02 3F00", "{0-9} 6105" } }, "{0-9} 6105" },

    /* 6Cxx. */
    { "6C shorter", "00B0000000",
      { { "00B0000000", "6C07" }, { "00B0000007", "{0-7} 9000" } }, "{0-7} 9000" },
    { "6C longer than Ne", "00B0010203",
      { { "00B0010203", "6C07" }, { "00B0010207", "{0-7} 9000" } }, "{0-3} 9000" },
    { "6C 256", "00B0000003", { { "00B0000003", "6C00" }, { "00B0000000", "{0-256} 9000" } }, "{0-3} 9000" },
    { "6C with data, which is dropped", "00B0000009",
      { { "00B0000009", "{50-59} 6C02" }, { "00B0000002", "{0-2} 9000" } }, "{0-2} 9000" },
    { "6C once only", "00B0000009", { { "00B0000009", "6C02" }, { "00B0000002", "6C03" } }, "6C03" },
    { "6C, then an error", "00B0000009", { { "00B0000009", "6C02" }, { "00B0000002", "6982" } }, "6982" },
    { "6C, then 61", "00B0000009",
      { { "00B0000009", "6C02" }, { "00B0000002", "{0-2} 6104" }, { "A0C0000004", "{2-6} 9000" } },
      "{0-6} 9000" },
    { "6C to a GET RESPONSE", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "6C05" }, { "A0C0000005", "{0-5} 9000" } },
      "{0-5} 9000" },
    { "6C to a GET RESPONSE, longer than Ne", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000004", "6C20" }, { "A0C0000020", "{0-32} 9000" } },
      "{0-4} 9000" },
    { "6C twice to a GET RESPONSE", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "6C05" }, { "A0C0000005", "6C06" } }, "6C06" },
    { "6C to each GET RESPONSE", "00B0000009",
      { { "00B0000009", "6C08" }, { "00B0000008", "{0-1} 6104" }, { "A0C0000004", "6C03" },
      { "A0C0000003", "{1-4} 6102" }, { "A0C0000002", "6C01" }, { "A0C0000001", "{4-5} 9000" } },
      "{0-5} 9000" },

    /* 61xx. */
    { "61", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000020", "{0-32} 9000" } }, "{0-32} 9000" },
    { "61 of more than Ne", "00A40000 02 3F00 05",
      { { "00A40000 02 3F00", "6120" }, { "A0C0000005", "{0-5} 611B" } }, "{0-5} 611B" },
    { "61 of 256", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6100" }, { "A0C0000000", "{0-256} 9000" } }, "{0-256} 9000" },
    { "61 of 256, Ne 255", "00A40000 02 3F00 FF",
      { { "00A40000 02 3F00", "6100" }, { "A0C00000FF", "{0-255} 6101" } }, "{0-255} 6101" },
    { "61 of 255, Ne 256", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "61FF" }, { "A0C00000FF", "{0-255} 9000" } }, "{0-255} 9000" },
    { "61 to case 2", "00CA006600",
      { { "00CA006600", "6104" }, { "A0C0000004", "{0-4} 9000" } }, "{0-4} 9000" },
    { "61 with data", "00CA006608",
      { { "00CA006608", "{0-3} 6110" }, { "A0C0000005", "{3-8} 9000" } }, "{0-8} 9000" },
    { "61 with all of the data", "00CA006608", { { "00CA006608", "{0-8} 6110" } }, "{0-8} 6110" },
    { "61 with more than Ne", "00CA006608", { { "00CA006608", "{0-30} 6110" } }, "{0-8} 6110" },
    { "61 in a row", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6105" }, { "A0C0000005", "{0-5} 6106" }, { "A0C0000006", "{5-11} 6107" },
      { "A0C0000007", "{11-18} 9000" } }, "{0-18} 9000" },
    { "61, then an error", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6105" }, { "A0C0000005", "{0-5} 6106" }, { "A0C0000006", "6F00" } },
      "{0-5} 6F00" },
    { "Ne 600 in parts of 256", "00880000 000001 AA 0258",
      { { "00880000 01 AA", "6100" }, { "A0C0000000", "{0-256} 6100" }, { "A0C0000000", "{256-512} 6100" },
      { "A0C0000058", "{512-600} 61A8" } }, "{0-600} 61A8" },
    { "Ne 600 of case 2", "00B00000 000258",
      { { "00B0000000", "{0-256} 6100" }, { "A0C0000000", "{256-512} 6100" },
      { "A0C0000058", "{512-600} 9000" } }, "{0-600} 9000" },
    { "a GET RESPONSE of the program's own", "00C0000005",
      { { "00C0000005", "{0-2} 6103" }, { "A0C0000003", "{2-5} 9000" } }, "{0-5} 9000" },

    /* More than was asked for. */
    { "case 2, too much", "00B0000005", { { "00B0000005", "{0-9} 9000" } }, "{0-5} 9000" },
    { "GET RESPONSE, too much", "00A40000 02 3F00 09",
      { { "00A40000 02 3F00", "6104" }, { "A0C0000004", "{0-6} 6104" }, { "A0C0000003", "{6-60} 9000" } },
      "{0-9} 9000" },
    { "too much of everything", "00B00000 000101",
      { { "00B0000000", "{0-256} 6100" }, { "A0C0000001", "{256-512} 6100" } }, "{0-257} 6100" },
    { "too much at once", "00B0000001", { { "00B0000001", "{0-256} 9000" } }, "{0-1} 9000" },
    { "without Le all there can be", "00A40000", { { "00A4000000", "{0-256} 9000" } }, "{0-256} 9000" },

    /* Cards that do not keep to the protocol. */
    { "no answer", "00A40000", { { "00A4000000", "" } }, NULL },
    { "half an answer", "00A40000", { { "00A4000000", "90" } }, NULL },
    { "half an answer, case 2", "00B0000005", { { "00B0000005", "6C" } }, NULL },
    { "half an answer after 6C", "00B0000005", { { "00B0000005", "6C04" }, { "00B0000004", "61" } }, NULL },
    { "half an answer to a GET RESPONSE", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "61" } }, NULL },
    { "61 without data twice", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6104" }, { "A0C0000004", "6104" } }, NULL },
    { "61 without data twice, after data", "00B0000005",
      { { "00B0000005", "{0-1} 6104" }, { "A0C0000004", "{1-2} 6103" }, { "A0C0000003", "6103" },
      { "A0C0000003", "6103" } }, NULL },
    { "61 without data twice, 6C between", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "6C02" },
      { "A0C0000002", "6103" } }, NULL },
    { "61 without data once", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "{0-3} 9000" } }, "{0-3} 9000" },
    { "61 without data, but not in a row", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6103" }, { "A0C0000003", "{0-1} 6103" },
      { "A0C0000003", "6102" }, { "A0C0000002", "{1-3} 9000" } }, "{0-3} 9000" },
    { "61 without data, then an error", "00B0000005",
      { { "00B0000005", "6104" }, { "A0C0000004", "6104" }, { "A0C0000004", "6985" } }, "6985" },
};

/*
 * The program has put no class. GET RESPONSE goes out in that of the command; cards are known that refuse it there, and
 * ones that refuse to give a part of what they have.
 */
static const struct script own_class_scripts[] =
{
    { "class 00", "00A40000 02 3F00 00",
      { { "00A40000 02 3F00", "6105" }, { "00C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "class 80", "80CA0000 02 3F00 00",
      { { "80CA0000 02 3F00", "6105" }, { "80C0000005", "{0-5} 9000" } }, "{0-5} 9000" },

    /* Refused for its class. */
    { "INITIALIZE UPDATE of a published GlobalPlatform card", "80500000 08 D31CC4DE5E586FBC 00",
      { { "80500000 08 D31CC4DE5E586FBC", "611C" }, { "80C000001C", "6D00" }, { "00C000001C", "{0-28} 9000" } },
      "{0-28} 9000" },
    { "6E00", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6E00" }, { "00C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "6881, the channel stays", "87500000 01 AA 00",
      { { "87500000 01 AA", "6105" }, { "87C0000005", "6881" }, { "03C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "case 2", "80CA006600",
      { { "80CA006600", "6104" }, { "80C0000004", "6D00" }, { "00C0000004", "{0-4} 9000" } }, "{0-4} 9000" },
    { "secure messaging", "0CA40000 01 AA 00",
      { { "0CA40000 01 AA", "6105" }, { "0CC0000005", "6E00" }, { "00C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "chaining", "11A40000 01 AA 00",
      { { "11A40000 01 AA", "6105" }, { "11C0000005", "6E00" }, { "01C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "secure messaging on channel 9", "65A40000 01 AA 00",
      { { "65A40000 01 AA", "6105" }, { "65C0000005", "6E00" }, { "45C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "an interindustry class on channel 3", "03A40000 01 AA 00",
      { { "03A40000 01 AA", "6105" }, { "03C0000005", "6E00" } }, "6E00" },
    { "an interindustry class on channel 9", "45A40000 01 AA 00",
      { { "45A40000 01 AA", "6105" }, { "45C0000005", "6D00" } }, "6D00" },
    { "for another reason", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6985" } }, "6985" },
    { "with data, which stays", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "{0-5} 6D00" } }, "{0-5} 6D00" },
    { "the class that was taken is used from then on", "80500000 01 AA 00",
      { { "80500000 01 AA", "6102" }, { "80C0000002", "6D00" }, { "00C0000002", "{0-2} 6103" },
      { "00C0000003", "{2-5} 9000" } }, "{0-5} 9000" },
    { "only the second one", "80500000 01 AA 00",
      { { "80500000 01 AA", "6102" }, { "80C0000002", "{0-2} 6103" }, { "80C0000003", "6D00" },
      { "00C0000003", "{2-5} 9000" } }, "{0-5} 9000" },
    { "the first one, and the second in the other class", "80500000 01 AA 00",
      { { "80500000 01 AA", "6102" }, { "80C0000002", "6D00" }, { "00C0000002", "{0-2} 6103" },
      { "00C0000003", "6E00" } }, "{0-2} 6E00" },
    { "both classes", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6D00" }, { "00C0000005", "6E00" } }, "6D00" },
    { "the second one has lost the data", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6D00" }, { "00C0000005", "6985" } }, "6D00" },
    { "the second one brings nothing", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6D00" }, { "00C0000005", "9000" } }, "9000" },
    { "the second one warns", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6D00" }, { "00C0000005", "6283" } }, "6283" },
    { "the second one brings data and an error", "80500000 01 AA 00",
      { { "80500000 01 AA", "6105" }, { "80C0000005", "6D00" }, { "00C0000005", "{0-5} 6F00" } }, "{0-5} 6F00" },
    { "after data", "80CA000008",
      { { "80CA000008", "{0-3} 6105" }, { "80C0000005", "6E00" }, { "00C0000005", "6D00" } }, "{0-3} 6E00" },
    { "a GET RESPONSE of the program's own", "80C0000005", { { "80C0000005", "6D00" } }, "6D00" },
    { "the command itself", "80CA006605", { { "80CA006605", "6E00" } }, "6E00" },

    /* Refused for its length, which is less than what the card has. */
    { "6C00", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6C00" }, { "00C000000A", "{0-10} 9000" } }, "{0-4} 9000" },
    { "6700", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6700" }, { "00C000000A", "{0-10} 9000" } }, "{0-4} 9000" },
    { "6700, 256 bytes", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "6100" }, { "00C0000004", "6700" }, { "00C0000000", "{0-256} 9000" } },
      "{0-4} 9000" },
    { "6700, Ne 255 of 256", "00A40000 02 3F00 FF",
      { { "00A40000 02 3F00", "6100" }, { "00C00000FF", "6700" }, { "00C0000000", "{0-256} 9000" } },
      "{0-255} 9000" },
    { "6700, the rest of many", "00B00000 000105",
      { { "00B0000000", "{0-256} 6120" }, { "00C0000005", "6700" }, { "00C0000020", "{256-288} 9000" } },
      "{0-261} 9000" },
    { "6C00, and the exact length after all", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6C00" }, { "00C000000A", "6C08" },
      { "00C0000008", "{0-8} 9000" } }, "{0-4} 9000" },
    { "6C and a wrong length, then all", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6C08" }, { "00C0000008", "6700" },
      { "00C000000A", "{0-10} 9000" } }, "{0-4} 9000" },
    { "both lengths", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6C00" }, { "00C000000A", "6700" } }, "6C00" },
    { "all lengths", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "6700" }, { "00C000000A", "6C08" },
      { "00C0000008", "6700" } }, "6700" },
    { "6700 to all that there is", "00A40000 02 3F00 0A",
      { { "00A40000 02 3F00", "610A" }, { "00C000000A", "6700" } }, "6700" },
    { "6C00 to all that there is", "00A40000 02 3F00 0A",
      { { "00A40000 02 3F00", "610A" }, { "00C000000A", "6C00" }, { "00C0000000", "{0-10} 9000" } },
      "{0-10} 9000" },
    { "6700 with data, which stays", "00A40000 02 3F00 04",
      { { "00A40000 02 3F00", "610A" }, { "00C0000004", "{0-4} 6700" } }, "{0-4} 6700" },
    { "6700 to the command", "00B0000004", { { "00B0000004", "6700" } }, "6700" },

    /* Both. */
    { "class, then length", "80500000 01 AA 04",
      { { "80500000 01 AA", "610A" }, { "80C0000004", "6D00" }, { "00C0000004", "6700" },
      { "00C000000A", "{0-10} 9000" } }, "{0-4} 9000" },
    { "length, then class", "80500000 01 AA 04",
      { { "80500000 01 AA", "610A" }, { "80C0000004", "6C00" }, { "80C000000A", "6E00" },
      { "00C000000A", "{0-10} 9000" } }, "{0-4} 9000" },
    { "class, then 6C", "80500000 01 AA 00",
      { { "80500000 01 AA", "610A" }, { "80C000000A", "6D00" }, { "00C000000A", "6C05" },
      { "00C0000005", "{0-5} 9000" } }, "{0-5} 9000" },
    { "class, then length, and neither", "80500000 01 AA 04",
      { { "80500000 01 AA", "610A" }, { "80C0000004", "6E00" }, { "00C0000004", "6700" },
      { "00C000000A", "6F00" } }, "6E00" },
    { "class, then nothing twice", "80500000 01 AA 00",
      { { "80500000 01 AA", "610A" }, { "80C000000A", "6D00" }, { "00C000000A", "6104" },
      { "00C0000004", "6104" } }, NULL },
};

static uint8_t card_data(size_t i)
{
    return (i * 7 + 1) % 251;
}

/* Exactly as large as it has to be, so that the address sanitizer sees every byte too many. */
static uint8_t *create_reply(void)
{
    uint8_t *reply = calloc(1, T0_REPLY_SIZE);

    assert_non_null(reply);
    return reply;
}

/* The bytes that a script describes. */
static size_t to_bytes(const char *text, uint8_t *bytes, size_t room)
{
    size_t size = 0, from, to;
    unsigned int byte;
    int used;

    while (*text)
    {
        if (*text == ' ')
            text++;
        else if (sscanf(text, "{%zu-%zu}%n", &from, &to, &used) == 2)
        {
            for (text += used; from < to && size < room; from++)
                bytes[size++] = card_data(from);
            assert_int_equal(from, to);
        }
        else
        {
            assert_true(size < room && sscanf(text, "%2x", &byte) == 1);
            bytes[size++] = byte;
            text += 2;
        }
    }
    return size;
}

static void check_bytes(const char *name, const uint8_t *bytes, size_t size, const char *expected)
{
    static uint8_t buffer[APDU_MAX_REPLY];
    size_t expected_size = to_bytes(expected, buffer, sizeof(buffer));

    if (size != expected_size || (size && memcmp(bytes, buffer, size)))
        fail_msg("%s: %zu bytes, not the %zu of %s", name, size, expected_size, expected);
}

/* The card answers: nothing is written or left behind what is kept. */
static enum t0_status answer(struct t0 *t0, const uint8_t *bytes, size_t size)
{
    size_t room, kept = t0->reply_size;
    uint8_t *place = t0_room(t0, &room);
    enum t0_status status;

    assert_ptr_equal(place, t0->reply + kept);
    assert_true(room == 258 && room <= T0_REPLY_SIZE - kept && size <= room);
    if (size)
        memcpy(place, bytes, size);
    status = t0_received(t0, size);
    assert_true(t0->reply_size >= kept && t0->reply_size <= kept + size);
    for (place = t0->reply + t0->reply_size; place < t0->reply + kept + size; place++)
        assert_int_equal(*place, 0);
    assert_int_equal(t0->tpdu_size != 0, status == T0_SEND);
    return status;
}

static void check_over(struct t0 *t0)
{
    static const uint8_t success[2] = { 0x90, 0x00 };
    size_t size = t0->reply_size, room, i;

    memcpy(t0_room(t0, &room), success, sizeof(success));
    assert_int_equal(t0_received(t0, sizeof(success)), T0_PROTOCOL_ERROR);
    assert_int_equal(t0->reply_size, size);
    t0_wipe(t0);
    for (i = 0; i < sizeof(t0->tpdu); i++)
        assert_int_equal(t0->tpdu[i], 0);
}

static void check_script(const struct script *script, const uint8_t *alternate_cla)
{
    static uint8_t bytes[APDU_MAX_REPLY];
    uint8_t *reply = create_reply();
    enum t0_status status = T0_SEND;
    struct apdu apdu;
    struct t0 t0;
    size_t size, i;

    assert_true(apdu_parse(&apdu, bytes, to_bytes(script->apdu, bytes, sizeof(bytes))));
    assert_true(t0_start(&t0, &apdu, alternate_cla, reply));
    for (i = 0; i < MAX_EXCHANGES && script->exchanges[i].tpdu; i++)
    {
        if (status != T0_SEND)
            fail_msg("%s: ended before exchange %zu", script->name, i);
        check_bytes(script->name, t0.tpdu, t0.tpdu_size, script->exchanges[i].tpdu);
        size = to_bytes(script->exchanges[i].answer, bytes, sizeof(bytes));
        status = answer(&t0, bytes, size);
    }
    if (status != (script->reply ? T0_DONE : T0_PROTOCOL_ERROR))
        fail_msg("%s: status %d", script->name, status);
    if (script->reply)
        check_bytes(script->name, t0.reply, t0.reply_size, script->reply);
    check_over(&t0);
    free(reply);
}

static void test_scripts(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(scripts); i++)
        check_script(&scripts[i], &get_response_cla);
    for (i = 0; i < ARRAY_SIZE(own_class_scripts); i++)
        check_script(&own_class_scripts[i], NULL);
}

static void test_refused(void **state)
{
    static uint8_t data[256];
    static const struct apdu apdus[] =
    {
        { 0, 0xd6, 0, 0, data, 256, 0 },
        { 0, 0xd6, 0, 0, data, 256, 1 },
        { 0, 0xd6, 0, 0, data, UINT32_MAX, 0 },
        { 0, 0xb0, 0, 0, NULL, 0, 65537 },
    };
    struct t0 t0;
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(apdus); i++)
        assert_false(t0_start(&t0, &apdus[i], NULL, data));
}

/* The class that a program has put is used as it is, and is not changed when the card refuses it. */
static void test_alternate_class(void **state)
{
    static const uint8_t more[2] = { 0x61, 0x05 }, refused[2] = { 0x6e, 0x00 };
    uint8_t *reply = create_reply();
    unsigned int cla;

    (void)state;
    for (cla = 0; cla < 256; cla++)
    {
        struct apdu apdu = { 0x80, 0xca, 1, 2, NULL, 0, 5 };
        const uint8_t alternate_cla = cla, expected[] = { cla, 0xc0, 0, 0, 5 };
        struct t0 t0;

        assert_true(t0_start(&t0, &apdu, &alternate_cla, reply));
        assert_int_equal(t0.tpdu[0], 0x80);
        assert_int_equal(answer(&t0, more, sizeof(more)), T0_SEND);
        assert_int_equal(t0.tpdu_size, sizeof(expected));
        assert_memory_equal(t0.tpdu, expected, sizeof(expected));
        assert_int_equal(answer(&t0, refused, sizeof(refused)), T0_DONE);
    }
    free(reply);
}

/*
 * Without one it is that of the command, and one that is not a plain interindustry class is changed into the one of its
 * channel when the card refuses it. [iso] 7816-4:2005 5.1.1
 */
static void test_own_class(void **state)
{
    static const uint8_t more[2] = { 0x61, 0x05 }, refused[2] = { 0x6e, 0x00 };
    uint8_t *reply = create_reply();
    unsigned int cla, plain = 0;

    (void)state;
    for (cla = 0; cla < 256; cla++)
    {
        struct apdu apdu = { cla, 0xca, 1, 2, NULL, 0, 5 };
        bool further = cla >= 0x40 && cla < 0x80;
        struct t0 t0;

        assert_true(t0_start(&t0, &apdu, NULL, reply));
        assert_int_equal(answer(&t0, more, sizeof(more)), T0_SEND);
        assert_int_equal(t0.tpdu[0], cla);
        if (cla < 4 || (cla >= 0x40 && cla < 0x50))
        {
            plain++;
            assert_int_equal(answer(&t0, refused, sizeof(refused)), T0_DONE);
            continue;
        }
        assert_int_equal(answer(&t0, refused, sizeof(refused)), T0_SEND);
        assert_int_equal(t0.tpdu[0], further ? 0x40 + cla % 16 : cla % 4);
        assert_int_equal(t0.tpdu[1], 0xc0);
    }
    assert_int_equal(plain, 4 + 16);
    free(reply);
}

/* More than there was room for cannot have been received. */
static void test_impossible_size(void **state)
{
    uint8_t *reply = create_reply();
    struct apdu apdu = { 0, 0xb0, 0, 0, NULL, 0, 5 };
    struct t0 t0;
    size_t room;

    (void)state;
    assert_true(t0_start(&t0, &apdu, NULL, reply));
    t0_room(&t0, &room);
    assert_int_equal(t0_received(&t0, room + 1), T0_PROTOCOL_ERROR);
    assert_int_equal(t0_received(&t0, SIZE_MAX), T0_PROTOCOL_ERROR);
    assert_int_equal(t0.reply_size, 0);
    free(reply);
}

static void test_wiped_in_the_middle(void **state)
{
    uint8_t *reply = create_reply(), pin[8];
    struct apdu apdu = { 0, 0x20, 0, 1, pin, sizeof(pin), 0 };
    struct t0 t0;

    (void)state;
    memset(pin, 0x31, sizeof(pin));
    assert_true(t0_start(&t0, &apdu, NULL, reply));
    t0_wipe(&t0);
    check_over(&t0);
    free(reply);
}

static const uint32_t hostile_ne[] = { 1, 2, 3, 255, 256, 257, 65535, 65536 };

/* Answers with the same bytes again and again; returns the number of exchanges. */
static unsigned int talk_to_parrot(uint32_t ne, const uint8_t *bytes, size_t size, size_t *reply_size)
{
    uint8_t *reply = create_reply();
    struct apdu apdu = { 0, 0xb0, 0, 0, NULL, 0, ne };
    enum t0_status status;
    unsigned int count = 0;
    struct t0 t0;

    assert_true(t0_start(&t0, &apdu, NULL, reply));
    do
    {
        status = answer(&t0, bytes, size);
        assert_true(++count <= 3 + 6 * ne);
    } while (status == T0_SEND);
    *reply_size = status == T0_DONE ? t0.reply_size : 0;
    free(reply);
    return count;
}

static void test_parrots(void **state)
{
    static uint8_t chunk[256 + 2] = { [256] = 0x61 };
    static const uint8_t drop[] = { 0xaa, 0x61, 0x01 }, wrong[] = { 0x6c, 0x01 }, more[] = { 0x61, 0x00 };
    size_t i, size;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(hostile_ne); i++)
    {
        uint32_t ne = hostile_ne[i];

        assert_int_equal(talk_to_parrot(ne, drop, sizeof(drop), &size), ne);
        assert_int_equal(size, ne + 2);
        assert_int_equal(talk_to_parrot(ne, chunk, sizeof(chunk), &size), (ne + 255) / 256);
        assert_int_equal(size, ne + 2);
        assert_int_equal(talk_to_parrot(ne, wrong, sizeof(wrong), &size), 2);
        assert_int_equal(size, 2);
        assert_int_equal(talk_to_parrot(ne, more, sizeof(more), &size), 3);
        assert_int_equal(size, 0);
    }
}

/* The card that keeps a command going for as long as it can be: the bound that t0.h promises, and no more. */
static void test_longest(void **state)
{
    static const uint8_t exact[] = { 0x6c, 0x01 }, wrong[] = { 0x67, 0x00 }, class[] = { 0x6e, 0x00 };
    static const uint8_t nothing[] = { 0x61, 0x00 }, byte[] = { 0xaa, 0x61, 0x00 };
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_SIZE(hostile_ne); i++)
    {
        uint8_t *reply = create_reply();
        struct apdu apdu = { 0x80, 0xb0, 0, 0, NULL, 0, hostile_ne[i] };
        uint32_t left, sends = 3;
        bool brings;
        struct t0 t0;

        assert_true(t0_start(&t0, &apdu, NULL, reply));
        assert_int_equal(answer(&t0, exact, sizeof(exact)), T0_SEND);
        assert_int_equal(answer(&t0, nothing, sizeof(nothing)), T0_SEND);
        assert_int_equal(answer(&t0, class, sizeof(class)), T0_SEND);
        for (left = 2 * hostile_ne[i]; left; left--)
        {
            /* 256 bytes that are wanted cannot be lifted, only made exact first. */
            brings = left % 2;
            assert_int_equal(answer(&t0, exact, sizeof(exact)), T0_SEND);
            assert_int_equal(answer(&t0, wrong, sizeof(wrong)), T0_SEND);
            assert_int_equal(answer(&t0, brings ? byte : nothing, brings ? sizeof(byte) : sizeof(nothing)),
                    left > 1 ? T0_SEND : T0_DONE);
            sends += left > 1 ? 3 : 2;
        }
        assert_int_equal(sends, 2 + 6 * hostile_ne[i]);
        assert_int_equal(t0.reply_size, hostile_ne[i] + 2);
        free(reply);
    }
}

/* xorshift32: the same numbers everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* stamina: of 256 answers so many ask for another exchange. */
static size_t make_random_answer(uint8_t *bytes, uint32_t stamina, uint32_t *seed)
{
    static const uint8_t last[] = { 0x90, 0x62, 0x6c, 0x9f, 0x00, 0x61 };
    static const uint16_t refusals[] = { 0x6700, 0x6881, 0x6c00, 0x6d00, 0x6e00 };
    uint32_t kind = next_random(seed) % 512, size = next_random(seed) % 3, i;
    bool more = next_random(seed) % 256 < stamina;

    if (kind < 2)
        return kind;
    if (kind < 40)
        size = next_random(seed) % 257;
    for (i = 0; i < size; i++)
        bytes[i] = next_random(seed);
    if (more)
        bytes[size] = next_random(seed) % 8 ? 0x61 : 0x6c;
    else
        bytes[size] = last[next_random(seed) % ARRAY_SIZE(last)];
    bytes[size + 1] = next_random(seed);
    if (kind >= 40 && kind < 100)
    {
        uint16_t refusal = refusals[next_random(seed) % ARRAY_SIZE(refusals)];

        bytes[size] = refusal >> 8;
        bytes[size + 1] = refusal & 0xff;
    }
    return size + 2;
}

/* What a card has been told and has answered, as far as it tells what may follow. */
struct history
{
    uint8_t before[5];      /* the header that the last answer was to */
    uint32_t announced;     /* by the last 61xx */
    uint8_t cla;            /* of the present GET RESPONSE */
    bool changed;           /* its class, in this sequence */
    bool asks;              /* a GET RESPONSE has been sent */
};

/* What is sent next is the same header with another P3 or class, or a GET RESPONSE for no more than is missing. */
static void check_next_tpdu(const struct t0 *t0, struct history *history, uint32_t ne, uint8_t sw1, uint8_t sw2)
{
    uint32_t missing = ne - t0->reply_size;
    uint16_t sw = sw1 << 8 | sw2;

    assert_int_equal(t0->tpdu_size, 5);
    if (sw1 == 0x61)
    {
        history->announced = sw2 ? sw2 : 256;
        history->asks = true;
        assert_true(t0->reply_size < ne);
        assert_int_equal(t0->tpdu[0], history->cla);
        assert_int_equal(t0->tpdu[1], 0xc0);
        assert_int_equal(t0->tpdu[2] + t0->tpdu[3], 0);
        assert_int_equal(t0->tpdu[4], (history->announced < missing ? history->announced : missing) % 256);
        return;
    }
    assert_memory_equal(t0->tpdu + 1, history->before + 1, 3);
    if (sw == 0x6d00 || sw == 0x6e00 || sw == 0x6881)
    {
        assert_true(history->asks && !history->changed && history->cla != 0);
        assert_int_equal(t0->tpdu[0], 0);
        assert_int_equal(t0->tpdu[4], history->before[4]);
        history->cla = 0;
        history->changed = true;
        return;
    }
    assert_int_equal(t0->tpdu[0], history->before[0]);
    if (sw == 0x6700)
        assert_true(history->asks);
    else
        assert_int_equal(sw1, 0x6c);
    if (sw == 0x6700 || (sw == 0x6c00 && t0->tpdu[4]))
        assert_int_equal(t0->tpdu[4], history->announced % 256);
    else
        assert_int_equal(t0->tpdu[4], sw2);
}

static void test_random_cards(void **state)
{
    static const uint32_t nes[] = { 0, 1, 5, 255, 256, 257, 1000, 65536 };
    static uint8_t bytes[APDU_MAX_REPLY], data[255];
    uint8_t *reply = create_reply();
    unsigned int run, count, done = 0, errors = 0, changed = 0, longest = 0;
    uint32_t seed = 20030925, stamina;

    (void)state;
    for (run = 0; run < 100000; run++)
    {
        struct apdu apdu = { 0x80, 0x88, 1, 2, data, 0, nes[next_random(&seed) % ARRAY_SIZE(nes)] };
        bool is_put = next_random(&seed) % 2;
        struct history history = { .cla = is_put ? get_response_cla : apdu.cla, .changed = is_put };
        enum t0_status status;
        struct t0 t0;
        size_t size;

        stamina = next_random(&seed) % 257;
        apdu.nc = run % 2 ? next_random(&seed) % 256 : 0;
        assert_true(t0_start(&t0, &apdu, is_put ? &get_response_cla : NULL, reply));
        assert_int_equal(t0.tpdu_size, 5 + apdu.nc);
        for (count = 1;; count++)
        {
            memcpy(history.before, t0.tpdu, sizeof(history.before));
            size = make_random_answer(bytes, stamina, &seed);
            status = answer(&t0, bytes, size);
            if (status != T0_SEND)
                break;
            check_next_tpdu(&t0, &history, apdu.ne, bytes[size - 2], bytes[size - 1]);
            assert_true(count <= 2 + 6 * apdu.ne);
        }
        if (count > longest)
            longest = count;
        changed += history.changed && !is_put;
        if (status == T0_PROTOCOL_ERROR)
        {
            errors++;
            continue;
        }
        done++;
        assert_true(t0.reply_size >= 2 && t0.reply_size <= (apdu.ne ? apdu.ne + 2 : size));
        /* The last status, or the first refusal of a GET RESPONSE that was then refused once more. */
        if (memcmp(reply + t0.reply_size - 2, bytes + size - 2, 2))
            assert_true(t0.refusal && size == 2
                    && reply[t0.reply_size - 2] == t0.refusal >> 8 && reply[t0.reply_size - 1] == (t0.refusal & 0xff));
    }
    /* All kinds have been met. */
    assert_true(done > 1000 && errors > 1000 && changed > 100 && longest > 20);
    free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_alternate_class),
        cmocka_unit_test(test_own_class),
        cmocka_unit_test(test_impossible_size),
        cmocka_unit_test(test_wiped_in_the_middle),
        cmocka_unit_test(test_parrots),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_random_cards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
