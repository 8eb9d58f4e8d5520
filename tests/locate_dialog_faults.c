/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The dialog of ISCardLocate::FindCard when something goes wrong while it is open: another program has the card, it is
 * pulled between choosing and connecting, the resource manager ends, readers go and others come. tests/dialog.sh gives
 * it a display and a resource manager that may be ended.
 */

#define COBJMACROS
#include "dialog_driver.h"
#include "object_rules.h"

static BSTR reader;

#define check_status(dialog, text, patience) \
    ok(await(has_text(dialog, IDC_STATUS, text), patience), "Status %s.\n", \
       wine_dbgstr_w(control_text(dialog, IDC_STATUS)))

/* Another program has the card alone: the dialog says so, and closes by itself once it has gone. */
static void test_in_use(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card) };
    struct connection other;
    HWND dialog;
    LONG rc;
    int row;

    rc = connection_open(&other, reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %ld.\n", rc);
    start_find(&call);
    dialog = await_dialog(&call); /* [doc] the card is not available for use */
    check_status(dialog, L"Another program uses the card", FOLLOW); /* [ours] */
    ok((row = find_row(dialog, reader)) >= 0, "The reader is not listed.\n");
    ok(!wcscmp(cell(dialog, row, COLUMN_STATE), L"Card in use"), "State %s.\n",
       wine_dbgstr_w(cell(dialog, row, COLUMN_STATE)));
    click(dialog, IDOK);
    ok(!await(!IsWindow(dialog), 300), "The dialog has closed.\n");
    check_status(dialog, L"Another program uses the card", FOLLOW);
    connection_close(&other, SCARD_LEAVE_CARD);
    check_find(&call, S_OK, "no longer in use"); /* [ours] */
}

/* Alone is how FindCard wants the card, and another program shares it. */
static void test_shared(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card), .share = EXCLUSIVE };
    struct connection other;
    HWND dialog;
    LONG rc;

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %ld.\n", rc);
    start_find(&call);
    dialog = await_dialog(&call);
    check_status(dialog, L"Another program uses the card", FOLLOW);
    connection_close(&other, SCARD_LEAVE_CARD);
    check_find(&call, S_OK, "no longer shared"); /* [ours] */
}

/*
 * The card is pulled between choosing and connecting: the dialog stays, and goes on when the card is back. The dialog's
 * thread is suspended meanwhile, so that it learns of the removal after it has got the click.
 */
static void test_pulled(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    HWND dialog;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    Sleep(100);
    SuspendThread(call.thread);
    PostMessageW(dialog, WM_COMMAND, MAKEWPARAM(IDOK, BN_CLICKED), 0);
    pull(reader);
    ResumeThread(call.thread);
    ok(!await(!IsWindow(dialog), 300), "The dialog has closed: %s.\n", dbgstr_hr(call.hr)); /* [ours] */
    ok(await(!is_ok_enabled(dialog), FOLLOW), "OK is enabled without a card.\n");
    check_status(dialog, L"Waiting", FOLLOW);
    insert(reader);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled again.\n");
    click(dialog, IDOK);
    check_find(&call, S_OK, "inserted again"); /* [ours] */
}

/*
 * What is connected is not the card that was chosen: played by a card that the database does not know any more. It is
 * let go, and shown as an unknown one when it is inserted the next time.
 */
static void test_exchanged(const BYTE *atr, DWORD size)
{
    struct card_entry entry = { L"this", BINARY(atr, size), NOTHING, NOTHING, NOTHING };
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    HWND dialog;
    LONG rc;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    forget_entry(&user_cards, L"this");
    SendMessageW(dialog, WM_COMMAND, MAKEWPARAM(IDOK, BN_CLICKED), 0);
    ok(!await(!IsWindow(dialog), 300), "The dialog has closed: %s.\n", dbgstr_hr(call.hr)); /* [ours] */
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The card is still connected: %#lx.\n", rc); /* [ours] */
    pull(reader);
    insert(reader);
    ok(await(!wcscmp(cell(dialog, find_row(dialog, reader), COLUMN_CARD), L"Unknown card"), FOLLOW), "Card %s.\n",
       wine_dbgstr_w(cell(dialog, find_row(dialog, reader), COLUMN_CARD))); /* [ours] */
    ok(!is_ok_enabled(dialog), "OK is enabled for an unknown card.\n");
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "another card than the chosen one");
    introduce_entry(&user_cards, &entry);
}

/* A dialog leaves no thread, no event and no context behind. */
static void test_nothing_left_open(void)
{
    ULONG before = 0, after = 0;
    unsigned int i;
    HWND dialog;

    for (i = 0; i < 15; i++)
    {
        struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };

        start_find(&call);
        dialog = await_dialog(&call);
        if (i % 2) ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
        click(dialog, IDCANCEL);
        check_find(&call, SCARD_W_CANCELLED_BY_USER, "again and again");
        after = handle_level();
        if (i < 5) before = after;
    }
    ok(after < before + 8, "The hundredth free handle is %lu, then %lu.\n", before, after); /* [ours] */
}

static void stop_daemon(void)
{
    BOOL done = host_command(L"stop-daemon");

    if (!done) ok(0, "The resource manager cannot be ended.\n");
}

static void start_daemon(const WCHAR *name)
{
    WCHAR command[300];
    BOOL done;

    wsprintfW(command, L"start-daemon \"%s\"", name);
    done = host_command(command);
    if (!done) ok(0, "The resource manager cannot be started.\n");
}

/* It ends and comes back while the dialog is open, with the readers it had. */
static void test_daemon_restarts(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card) };
    HWND dialog;

    pull(reader);
    start_find(&call);
    dialog = await_dialog(&call);
    check_status(dialog, L"Waiting", FOLLOW);
    stop_daemon();
    check_status(dialog, L"service does not answer", FOLLOW); /* [ours] */
    ok(!row_count(dialog), "%d readers are listed.\n", row_count(dialog));
    ok(!is_ok_enabled(dialog), "OK is enabled.\n");
    start_daemon(L"");
    check_status(dialog, L"Waiting", PATIENCE); /* [ours] */
    ok(await(find_row(dialog, reader) >= 0, PATIENCE), "The reader is not listed again.\n");
    insert(reader);
    check_find(&call, S_OK, "after a restart"); /* [ours] */
}

/* It ends between choosing and connecting, and does not come back. */
static void test_daemon_gone(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    struct find_call later = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    HWND dialog;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    stop_daemon();
    SendMessageW(dialog, WM_COMMAND, MAKEWPARAM(IDOK, BN_CLICKED), (LPARAM)GetDlgItem(dialog, IDOK));
    ok(IsWindow(dialog), "The dialog has closed: %s.\n", dbgstr_hr(call.hr)); /* [ours] */
    check_status(dialog, L"service does not answer", FOLLOW);
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "cancelled without a resource manager"); /* [ours] */

    start_find(&later);
    check_find(&later, SCARD_E_NO_SERVICE, "no resource manager from the start"); /* [ours] */
    start_daemon(L"");
    ok(await_card(reader, TRUE), "The card does not come back.\n");
}

/* Readers with other names come, one of them not ASCII; then none is left. */
static void test_other_readers(void)
{
    static const WCHAR name[] = L"Leseger\xe4t \x65e5\x672c 00 00";
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(other_card) };
    struct find_call last = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card) };
    HWND dialog;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(find_row(dialog, reader) >= 0, FOLLOW), "The reader is not listed.\n");
    stop_daemon();
    start_daemon(L"Leseger\xe4t \x65e5\x672c");
    ok(await(find_row(dialog, name) >= 0, PATIENCE), "The new reader is not listed.\n"); /* [ours] */
    ok(find_row(dialog, reader) < 0, "The old reader is still listed.\n"); /* [ours] */
    ok(await(!wcscmp(cell(dialog, find_row(dialog, name), COLUMN_CARD), this_card), PATIENCE), "Card %s.\n",
       wine_dbgstr_w(cell(dialog, find_row(dialog, name), COLUMN_CARD)));
    stop_daemon();
    start_daemon(L"none");
    check_status(dialog, L"no smart card reader", PATIENCE); /* [ours] */
    ok(!row_count(dialog), "%d readers are listed.\n", row_count(dialog));
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "other readers");

    start_find(&last);
    dialog = await_dialog(&last);
    check_status(dialog, L"no smart card reader", FOLLOW);
    stop_daemon();
    start_daemon(L"");
    check_find(&last, S_OK, "the reader is back"); /* [ours] */
}

/* The reader is a USB reader, which is unplugged and plugged in again: tests/reader_ccid.sh. */
static void test_unplugged(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    HWND dialog;
    BOOL done;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(is_ok_enabled(dialog), PATIENCE), "OK is not enabled.\n");
    done = host_command(L"unplug");
    ok(done, "The reader cannot be unplugged.\n");
    check_status(dialog, L"no smart card reader", PATIENCE); /* [ours] */
    ok(!row_count(dialog), "%d readers are listed.\n", row_count(dialog));
    ok(!is_ok_enabled(dialog), "OK is enabled without a reader.\n");
    done = host_command(L"plug-in");
    ok(done, "The reader cannot be plugged in.\n");
    ok(await(find_row(dialog, reader) >= 0, PATIENCE), "The reader is not listed again.\n"); /* [ours] */
    ok(await(is_ok_enabled(dialog), PATIENCE), "OK is not enabled again.\n");
    click(dialog, IDOK);
    check_find(&call, S_OK, "plugged in again"); /* [ours] */
}

START_TEST(locate_dialog_faults)
{
    HMODULE module;
    BYTE atr[36];
    DWORD size;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardLocate);
    reader = find_card_reader(card_expected() ? PATIENCE : 0);
    ok(reader || !card_expected(), "The card was not found.\n");
    if (!reader || !getenv("SCARDSSP_TEST_HOST")) skip("No card, or no display: tests/dialog.sh has both.\n");
    else
    {
        size = introduce_cards(reader, atr);
        if (has_argument("unplugged")) test_unplugged();
        else
        {
            test_in_use();
            test_shared();
            test_pulled();
            test_exchanged(atr, size);
            test_nothing_left_open();
            test_daemon_restarts();
            test_daemon_gone();
            test_other_readers();
        }
        close_place(&user_cards);
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
