/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faults of the card and of what it answers, by a card that plays scripts in the second virtual reader. */

#define COBJMACROS
#include "faults.h"

#define MUTE_FOR 3000 /* ms in which a card that does not answer is given up by nobody */

/* ---- answers ---- */

struct answers
{
    const char *atr;
    SCARD_PROTOCOLS protocol;
    const char *command, *script, *got;
};

static void run_answers(const struct row *row, struct result *result)
{
    const struct answers *answers = row->detail;
    struct script_card script;
    ISCard *card;
    BSTR reader;

    reader = insert_card(&script, answers->atr);
    card = attach_card(reader, answers->protocol);
    script_load(&script, answers->script);
    try_transaction(card, answers->command, result);
    ok(!strcmp(result->got, answers->got), "%s, expected %s.\n", result->got, answers->got);
    script_load(&script, "*>[8]9000");
    go_on(card, reader, answers->protocol, result);
    ISCard_Release(card);
    script_remove(&script);
}

#define OVER_T0(command, script, got) &(const struct answers){ SCRIPT_ATR_T0, T0, command, script, got }
#define OVER_T1(command, script, got) &(const struct answers){ SCRIPT_ATR_T1, T1, command, script, got }

/* ---- a card that goes ---- */

enum moment
{
    BEFORE_EXCHANGE,
    DURING_EXCHANGE,
    AFTER_EXCHANGE
};

static void run_pulled(const struct row *row, struct result *result)
{
    const enum moment *moment = row->detail;
    SCARD_STATES state = 99;
    struct script_card script;
    char before[64] = "";
    ISCard *card;
    BSTR reader;
    HRESULT hr;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    card = attach_card(reader, T1);
    script_load(&script, *moment == DURING_EXCHANGE ? "0084000008>" : "*>[8]9000");
    if (*moment == AFTER_EXCHANGE) ok(transacts(card), "The exchange before failed.\n");
    if (*moment != DURING_EXCHANGE) script_remove(&script);
    hr = try_transaction(card, "0084000008", result);
    ok(hr == (HRESULT)(*moment == DURING_EXCHANGE ? SCARD_F_COMM_ERROR : SCARD_W_REMOVED_CARD), "%s.\n", result->got);
    if (*moment == DURING_EXCHANGE) script_remove(&script);
    if (*moment == AFTER_EXCHANGE)
    {
        hr = ISCard_get_Status(card, &state);
        ok(hr == S_OK && state == ABSENT, "Status: %s, %d.\n", code_name(hr), state);
        strcpy(before, "; Status is ABSENT");
    }
    strcat(result->got, before);

    insert_ready_card(&script);
    end_with_card(card, &script, result);
}

/* A virtual reader counts in 16 bits; it drops the card that is to have more. */
static void run_longest_command(const struct row *row, struct result *result)
{
    struct script_card script;
    ISCard *card;
    BSTR reader;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    card = attach_card(reader, T1);
    try_transaction(card, "00d6000000ffff[65535]0000", result);
    ok(!strcmp(result->got, row->detail), "%s, expected %s.\n", result->got, (const char *)row->detail);
    ok(!script.seen_count, "Something came to the card.\n");
    script_remove(&script);
    insert_ready_card(&script);
    end_with_card(card, &script, result);
}

/* ---- a card that does not answer ---- */

/* There is no time-out: a virtual reader waits for its card as long as it takes, and pcscd for the reader. */
static void run_mute(const struct row *row, struct result *result)
{
    struct waiting waiting;
    struct connection other;
    struct script_card script;
    BSTR reader;
    LONG rc;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    script_load(&script, row->detail);
    waiting_start(&waiting, attach_card(reader, T1));
    ok(WaitForSingleObject(waiting.thread, MUTE_FOR) == WAIT_TIMEOUT, "It was given up: %s.\n", waiting.result.got);
    rc = connection_open(&other, demo_reader, SCARD_SHARE_SHARED);
    result->others = !rc && transmits(&other) ? "unaffected" : "AFFECTED";
    connection_close(&other, SCARD_LEAVE_CARD);
    script_remove(&script);
    waiting_end(&waiting);
    sprintf(result->got, "waits until the card is pulled, then %s", code_name(waiting.hr));

    insert_ready_card(&script);
    end_with_card(waiting.card, &script, result);
}

static const enum moment before_exchange = BEFORE_EXCHANGE, during_exchange = DURING_EXCHANGE,
    after_exchange = AFTER_EXCHANGE;

static const struct row rows[] =
{
    { "card pulled before an exchange", "ReAttach", run_pulled, &before_exchange },
    { "card pulled during an exchange", "ReAttach", run_pulled, &during_exchange },
    { "card pulled after an exchange", "ReAttach", run_pulled, &after_exchange },
    { "command of more bytes than the reader passes on", "ReAttach", run_longest_command, "SCARD_E_NOT_TRANSACTED" },
    { "card that does not answer", "ReAttach", run_mute, "*>~" },
    { "reply of no bytes, T=1", "ReAttach", run_mute, "*>_" },
    { "reply of 1 byte, T=1", "the next transaction", run_answers,
      OVER_T1("0084000008", "*>90", "SCARD_F_COMM_ERROR") },
    { "reply of 2 bytes, T=1", "the next transaction", run_answers, OVER_T1("0084000008", "*>6a88", "0 bytes, 6a88") },
    { "reply of 65533 bytes, T=1", "the next transaction", run_answers,
      OVER_T1("00b00000000000", "*>[65531]9000", "65531 bytes, 9000") },
    { "reply of 65535 bytes, T=1", "the next transaction", run_answers,
      OVER_T1("00b00000000000", "*>[65533]9000", "65533 bytes, 9000") },
    { "reply longer than Le, T=1", "the next transaction", run_answers,
      OVER_T1("00b0000008", "*>[256]9000", "256 bytes, 9000") },
    { "reply longer than any in short form, T=1", "the next transaction", run_answers,
      OVER_T1("00b0000008", "*>[300]9000", "SCARD_E_INSUFFICIENT_BUFFER") },
    { "T=1 card that answers 61xx as over T=0", "the next transaction", run_answers,
      OVER_T1("00b0000008", "*>6108", "0 bytes, 6108") },
    { "T=1 card that answers 6Cxx as over T=0", "the next transaction", run_answers,
      OVER_T1("00b0000008", "*>6c08", "0 bytes, 6c08") },
    { "reply of 1 byte, T=0", "the next transaction", run_answers,
      OVER_T0("00b0000008", "*>90", "SCARD_F_COMM_ERROR") },
    { "T=0 card that answers as over T=1, all at once", "the next transaction", run_answers,
      OVER_T0("00a40400023f0000", "*>[16]9000", "16 bytes, 9000") },
    { "T=0 card with more data than Le", "the next transaction", run_answers,
      OVER_T0("00b0000008", "*>[64]9000", "8 bytes, 9000") },
    { "endless 61xx with data", "the next transaction", run_answers,
      OVER_T0("00b0000010", "*>[4]6104", "16 bytes, 6104") },
    { "chain of 61 00 over 1024 bytes", "the next transaction", run_answers,
      OVER_T0("00b00000000400", "00b0000000>6100 00c0000000>[256]6100 00c0000000>[256]6100 00c0000000>[256]6100 "
              "00c0000000>[256]9000", "1024 bytes, 9000") },
    { "61xx without data for ever", "the next transaction", run_answers,
      OVER_T0("00b0000010", "*>6110", "SCARD_F_COMM_ERROR") },
    { "6Cxx for ever", "the next transaction", run_answers, OVER_T0("00b0000010", "*>6c20", "0 bytes, 6c20") },
    { "6Cxx with a larger length than Le", "the next transaction", run_answers,
      OVER_T0("00b0000008", "00b0000008>6cff 00b00000ff>[255]9000", "8 bytes, 9000") },
    { "GET RESPONSE refused for its class", "the next transaction", run_answers,
      OVER_T0("80ca000000", "80ca000000>611c 80c000001c>6d00 00c000001c>[28]9000", "28 bytes, 9000") },
    { "GET RESPONSE refused for ever", "the next transaction", run_answers,
      OVER_T0("80ca000004", "80ca000004>610a *>6700", "0 bytes, 6700") },
    { "GET RESPONSE refused for a part", "the next transaction", run_answers,
      OVER_T0("00ca000004", "00ca000004>610a 00c0000004>6c00 00c000000a>[10]9000", "4 bytes, 9000") },
};

START_TEST(card)
{
    run_rows(rows, ARRAY_SIZE(rows));
}
