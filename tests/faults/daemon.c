/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faults of the smart card daemon, which tests/host.sh ends and starts: it is killed, absent, or has lost a reader. */

#define COBJMACROS
#include "faults.h"

static void ask_host(const WCHAR *command)
{
    BOOL done = host_command(command);

    ok(done, "The daemon cannot be ended or started.\n");
}

/* Waits also for the demonstration card to be back. */
static void start_daemon(void)
{
    ask_host(L"start-daemon");
    ok(await_card(demo_reader, TRUE), "The card does not come back.\n");
}

/* All clients lose their connection with the daemon, and have a new one with the next. */
static const char *ask_others(void)
{
    struct connection connection;
    BOOL works = !connection_open(&connection, demo_reader, SCARD_SHARE_SHARED) && transmits(&connection);

    connection_close(&connection, SCARD_LEAVE_CARD);
    return works ? "the same; a new context" : "AFFECTED";
}

static void run_killed_in_exchange(const struct row *row, struct result *result)
{
    struct waiting waiting;
    struct script_card script;
    BSTR reader;

    reader = insert_card(&script, SCRIPT_ATR_T1);
    script_load(&script, "*>~");
    waiting_start(&waiting, attach_card(reader, T1));
    ok(await(script.seen_count, PATIENCE), "The command does not come to the card.\n");
    ask_host(L"kill-daemon");
    waiting_end(&waiting);
    strcpy(result->got, waiting.result.got);
    start_daemon();
    go_on(waiting.card, demo_reader, T0 | T1, result);
    result->others = ask_others();
    ISCard_Release(waiting.card);
    SysFreeString(script.reader);
    script.reader = NULL;
    script_remove(&script);
}

static void run_restarted(const struct row *row, struct result *result)
{
    ISCard *card = attach_card(demo_reader, T0 | T1);

    ask_host(L"stop-daemon");
    try_transaction(card, "0084000008", result);
    start_daemon();
    go_on(card, demo_reader, T0 | T1, result);
    result->others = ask_others();
    ISCard_Release(card);
}

/* There is no object without a context, so that it is the program that goes on. */
static void run_absent(const struct row *row, struct result *result)
{
    ISCard *card = NULL;
    HRESULT hr;

    ask_host(L"stop-daemon");
    hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card);
    ok(hr == (HRESULT)SCARD_E_NO_SERVICE && !card, "CoCreateInstance: %s, %p.\n", code_name(hr), card);
    sprintf(result->got, "CoCreateInstance: %s", code_name(hr));
    start_daemon();
    card = attach_card(demo_reader, T0 | T1);
    strcpy(result->again, transacts(card) ? "CoCreateInstance, when it is there" : "NOTHING");
    result->others = ask_others();
    ISCard_Release(card);
}

/* The daemon comes back without the reader, and then with it. */
static void run_unplugged(const struct row *row, struct result *result)
{
    ISCard *card = attach_card(demo_reader, T0 | T1);
    HRESULT hr;

    ask_host(L"stop-daemon");
    ask_host(L"start-daemon Other");
    try_transaction(card, "0084000008", result);
    hr = ISCard_AttachByReader(card, demo_reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_UNKNOWN_READER, "AttachByReader: %s.\n", code_name(hr));
    sprintf(result->got + strlen(result->got), ", then AttachByReader: %s", code_name(hr));
    ask_host(L"stop-daemon");
    start_daemon();
    go_on(card, demo_reader, T0 | T1, result);
    strcat(result->again, ", when it is back");
    result->others = ask_others();
    ISCard_Release(card);
}

static const struct row rows[] =
{
    { "pcscd killed during an exchange, and started again", "AttachByReader", run_killed_in_exchange, NULL },
    { "pcscd stopped and started while attached", "AttachByReader", run_restarted, NULL },
    { "pcscd absent at the start", "CoCreateInstance, when it is there", run_absent, NULL },
    { "reader unplugged while attached", "AttachByReader, when it is back", run_unplugged, NULL },
};

START_TEST(daemon)
{
    run_rows(rows, ARRAY_SIZE(rows));
}
