/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The dialog of ISCardLocate::FindCard where readers have aliases, all of it [ours]: it shows them, and where aliases
 * are the groups of the search, these readers alone. tests/dialog.sh gives it a display.
 */

#define COBJMACROS
#include "dialog_driver.h"
#include "object_rules.h"
#include "reader_aliases.h"

#define ALIAS L"Gemplus USB Smart Card Reader 0"

static BSTR reader;

/* The alias is what is shown, and the card behind it what is connected. */
static void test_shown(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    HWND dialog;
    int rows;

    set_alias(ALIAS, reader);
    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(find_row(dialog, ALIAS) >= 0, FOLLOW), "The alias is not shown.\n");
    rows = row_count(dialog);
    ok(find_row(dialog, reader) < 0, "The reader is shown by its own name.\n");
    ok(!wcscmp(cell(dialog, find_row(dialog, ALIAS), COLUMN_CARD), this_card), "Card %s.\n",
       wine_dbgstr_w(cell(dialog, find_row(dialog, ALIAS), COLUMN_CARD)));

    /* Another alias is shown with the next change, in the same row. */
    end_alias(ALIAS);
    set_alias(ALIAS L"0", reader);
    pull(reader);
    ok(await(find_row(dialog, ALIAS L"0") >= 0, FOLLOW), "The new alias is not shown.\n");
    ok(row_count(dialog) == rows && find_row(dialog, ALIAS) < 0, "%d rows.\n", row_count(dialog));
    insert(reader);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    click(dialog, IDOK);
    check_find(&call, S_OK, "by an alias");
    end_aliases();
}

static void test_group(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card), .groups = create_name(ALIAS) };
    HWND dialog;

    set_alias(ALIAS, reader);
    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(find_row(dialog, ALIAS) >= 0, FOLLOW), "The alias is not shown.\n");
    ok(row_count(dialog) == 1, "%d readers are shown.\n", row_count(dialog));
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    click(dialog, IDOK);
    check_find(&call, S_OK, "an alias as the group");
    end_aliases();
}

#define check_status(dialog, text, patience) \
    ok(await(has_text(dialog, IDC_STATUS, text), patience), "Status %s.\n", \
       wine_dbgstr_w(control_text(dialog, IDC_STATUS)))

/* Another reader than that of the card, and nothing else is shown. */
static void test_other_group(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card), .groups = create_name(ALIAS) };
    HWND dialog;

    set_alias(ALIAS, L"* 01");
    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(find_row(dialog, ALIAS) >= 0, FOLLOW), "The alias is not shown.\n");
    check_status(dialog, L"Waiting", FOLLOW);
    ok(row_count(dialog) == 1, "%d readers are shown.\n", row_count(dialog));
    ok(!is_ok_enabled(dialog), "OK is enabled.\n");
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "the reader beside the card's");
    end_aliases();
}

/* The reader of the alias comes while the dialog is open. */
static void test_later_reader(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card), .groups = create_name(ALIAS) };
    BOOL done;
    HWND dialog;

    set_alias(ALIAS, L"Later*");
    start_find(&call);
    dialog = await_dialog(&call);
    check_status(dialog, L"reader that is needed is not there", FOLLOW); /* [ours] others are */
    ok(!row_count(dialog), "%d readers are shown.\n", row_count(dialog));
    done = host_command(L"stop-daemon") && host_command(L"start-daemon \"Later\"");
    ok(done, "The resource manager cannot be started again.\n");
    check_find(&call, S_OK, "a reader that comes");
    done = host_command(L"stop-daemon") && host_command(L"start-daemon");
    ok(done && await_card(reader, TRUE), "The reader does not come back.\n");
    end_aliases();
}

START_TEST(locate_aliases)
{
    HMODULE module;
    BYTE atr[36];

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardLocate);
    reader = find_card_reader(card_expected() ? PATIENCE : 0);
    ok(reader || !card_expected(), "The card was not found.\n");
    if (!reader || !getenv("SCARDSSP_TEST_HOST")) skip("No card, or no display: tests/dialog.sh has both.\n");
    else if (are_there_aliases()) skip("There are aliases of the user.\n");
    else
    {
        introduce_cards(reader, atr);
        test_shown();
        test_group();
        test_other_group();
        test_later_reader();
        close_place(&user_cards);
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
