/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The dialog of ISCardLocate::FindCard as a user meets it: cards that are inserted and removed, choosing, cancelling,
 * keys, sizes, names and languages. tests/dialog.sh gives it a display; without one only that case is tested.
 */

#define COBJMACROS
#include "dialog_driver.h"
#include "import_table.h"
#include "object_rules.h"

static BSTR reader;

/* ---- cards that come and go ---- */

static void test_insert(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card) };
    DWORD start;
    HWND dialog;
    int row;

    pull(reader);
    start_find(&call);
    dialog = await_dialog(&call);
    ok(await((row = find_row(dialog, reader)) >= 0, FOLLOW), "The reader is not listed.\n"); /* [ours] */
    ok(!wcscmp(cell(dialog, row, COLUMN_STATE), L"Empty"), "State %s.\n",
       wine_dbgstr_w(cell(dialog, row, COLUMN_STATE)));
    ok(!*cell(dialog, row, COLUMN_CARD), "Card %s.\n", wine_dbgstr_w(cell(dialog, row, COLUMN_CARD)));
    ok(has_text(dialog, IDC_PROMPT, this_card), "Prompt %s.\n", wine_dbgstr_w(control_text(dialog, IDC_PROMPT)));
    ok(has_text(dialog, IDC_STATUS, L"Waiting"), "Status %s.\n", wine_dbgstr_w(control_text(dialog, IDC_STATUS)));
    ok(!is_ok_enabled(dialog), "OK is enabled without a card.\n"); /* [ours] */
    ok(GetWindow(dialog, GW_OWNER) == call.owner, "The owner is not the active window.\n"); /* [ours] */
    ok(!IsWindowEnabled(call.owner), "The owner is enabled.\n"); /* [ours] */

    insert(reader);
    start = GetTickCount();
    ok(await(!IsWindow(dialog), FOLLOW), "The dialog is still there.\n"); /* [ours] */
    trace("closed %lu ms after the resource manager has seen the card\n", GetTickCount() - start);
    check_find(&call, S_OK, "inserted");
    ok(call.owner_enabled, "The owner is not enabled again.\n"); /* [ours] */
}

static void test_no_need(void)
{
    static const LONG flags[] = { SC_DLG_NEVER, SC_DLG_MINIMAL };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(flags); i++)
    {
        struct find_call call = { .flags = flags[i], .names = create_name(this_card) };

        start_find(&call);
        while (WaitForSingleObject(call.thread, 5)) if (FindWindowW(L"#32770", call.title)) break;
        ok(!FindWindowW(L"#32770", call.title), "Flags %ld: a dialog.\n", flags[i]); /* [doc] */
        check_find(&call, S_OK, "no need of a dialog");
    }
}

static void test_never(void)
{
    struct find_call call = { .flags = SC_DLG_NEVER, .names = create_name(other_card) };

    start_find(&call);
    check_find(&call, SCARD_E_NO_SMARTCARD, "never a dialog"); /* [doc], code [ours] */
}

/* Another card than the one that is looked for is shown with its name, and followed; it cannot be chosen. */
static void test_other_card(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(other_card) };
    HWND dialog;
    DWORD start;
    int row;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await((row = find_row(dialog, reader)) >= 0, FOLLOW), "The reader is not listed.\n");
    ok(await(!wcscmp(cell(dialog, row, COLUMN_CARD), this_card), FOLLOW), "Card %s.\n", /* [ours] */
       wine_dbgstr_w(cell(dialog, row, COLUMN_CARD)));
    select_row(dialog, row);
    ok(!is_ok_enabled(dialog), "OK is enabled for another card.\n"); /* [ours] */
    ok(has_text(dialog, IDC_STATUS, L"not the card"), "Status %s.\n", wine_dbgstr_w(control_text(dialog, IDC_STATUS)));
    press_key(GetDlgItem(dialog, IDC_READERS), VK_RETURN);

    pull(reader);
    start = GetTickCount();
    ok(await(!wcscmp(cell(dialog, row, COLUMN_STATE), L"Empty"), FOLLOW), "State %s.\n", /* [ours] */
       wine_dbgstr_w(cell(dialog, row, COLUMN_STATE)));
    trace("empty %lu ms after the resource manager has seen it\n", GetTickCount() - start);
    ok(!*cell(dialog, row, COLUMN_CARD), "Card %s.\n", wine_dbgstr_w(cell(dialog, row, COLUMN_CARD)));
    insert(reader);
    ok(await(!wcscmp(cell(dialog, row, COLUMN_CARD), this_card), FOLLOW), "Card %s.\n", /* [ours] */
       wine_dbgstr_w(cell(dialog, row, COLUMN_CARD)));
    ok(IsWindow(dialog), "The dialog has closed.\n");
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "another card"); /* [doc] */
}

/* A card that is introduced while the dialog is open is known when it is inserted the next time. */
static void test_introduced_meanwhile(const BYTE *atr, DWORD size)
{
    struct card_entry entry = { L"late", BINARY(atr, size), NOTHING, NOTHING, NOTHING };
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(CARD_PREFIX L"late") };
    HWND dialog;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(has_text(dialog, IDC_STATUS, L"not the card"), FOLLOW), "Status %s.\n",
       wine_dbgstr_w(control_text(dialog, IDC_STATUS)));
    introduce_entry(&user_cards, &entry);
    pull(reader);
    insert(reader);
    check_find(&call, S_OK, "introduced meanwhile"); /* [ours] */
    forget_entry(&user_cards, L"late");
}

/* ---- choosing ---- */

enum choice
{
    CHOICE_OK,
    CHOICE_ENTER,
    CHOICE_DOUBLE_CLICK,
    CHOICE_COUNT
};

static void make_choice(HWND dialog, int row, enum choice choice)
{
    HWND list = GetDlgItem(dialog, IDC_READERS);
    RECT rect = { .left = LVIR_LABEL };
    LPARAM point;

    SendMessageW(list, LVM_GETITEMRECT, row, (LPARAM)&rect);
    point = MAKELPARAM((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
    if (choice == CHOICE_OK) click(dialog, IDOK);
    else if (choice == CHOICE_ENTER) press_key(list, VK_RETURN);
    else
    {
        PostMessageW(list, WM_LBUTTONDBLCLK, MK_LBUTTON, point);
        PostMessageW(list, WM_LBUTTONUP, 0, point);
    }
}

static void test_choose(void)
{
    int choice, row;
    HWND dialog;

    for (choice = 0; choice < CHOICE_COUNT; choice++)
    {
        struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };

        call.apartment = choice == CHOICE_ENTER ? COINIT_MULTITHREADED : COINIT_APARTMENTTHREADED;
        start_find(&call);
        dialog = await_dialog(&call);
        ok(await((row = find_row(dialog, reader)) >= 0, FOLLOW), "The reader is not listed.\n");
        ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n"); /* [ours] */
        ok(selected_row(dialog) == row, "Row %d is selected.\n", selected_row(dialog)); /* [ours] */
        ok(has_text(dialog, IDC_STATUS, L"found"), "Status %s.\n", wine_dbgstr_w(control_text(dialog, IDC_STATUS)));
        ok(!await(!IsWindow(dialog), 300), "The dialog has closed by itself.\n"); /* [doc] */
        if (row_count(dialog) > 1)
        {
            select_row(dialog, !row);
            ok(await(!is_ok_enabled(dialog), FOLLOW), "OK is enabled for an empty reader.\n"); /* [ours] */
            select_row(dialog, row);
            ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled again.\n");
        }
        make_choice(dialog, row, choice);
        check_find(&call, S_OK, "chosen"); /* [doc] */
    }
}

enum refusal
{
    REFUSE_BUTTON,
    REFUSE_ESCAPE,
    REFUSE_CLOSE,
    REFUSE_OWNER,
    REFUSE_QUIT,
    REFUSE_COUNT
};

static void test_cancel(void)
{
    static const char *const names[] = { "Cancel", "Escape", "WM_CLOSE", "owner destroyed", "WM_QUIT" };
    int refusal;
    HWND dialog;

    for (refusal = 0; refusal < REFUSE_COUNT; refusal++)
    {
        struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };

        start_find(&call);
        dialog = await_dialog(&call);
        if (refusal == REFUSE_BUTTON) click(dialog, IDCANCEL);
        else if (refusal == REFUSE_ESCAPE) press_key(GetDlgItem(dialog, IDC_READERS), VK_ESCAPE);
        else if (refusal == REFUSE_CLOSE) PostMessageW(dialog, WM_CLOSE, 0, 0);
        else if (refusal == REFUSE_OWNER) PostMessageW(call.owner, WM_CLOSE, 0, 0);
        else PostThreadMessageW(call.thread_id, WM_QUIT, 0, 0);
        check_find(&call, SCARD_W_CANCELLED_BY_USER, names[refusal]); /* [doc] */
        ok(call.quits == (refusal == REFUSE_QUIT), "%s: WM_QUIT %d.\n", names[refusal], call.quits); /* [ours] */
        ok(!IsWindow(dialog), "%s: the dialog is still there.\n", names[refusal]);
    }
}

/* The program releases its last reference to the object, and configures it before, while the dialog is open. */
static void test_object_is_free(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card), .drops_object = TRUE };
    SAFEARRAY *names = create_name(other_card);
    HWND dialog;
    HRESULT hr;

    start_find(&call);
    dialog = await_dialog(&call);
    hr = ISCardLocate_ConfigureCardNameSearch(call.locate, names, NULL, NULL, SC_DLG_NEVER);
    ok(hr == S_OK, "ConfigureCardNameSearch beside FindCard: %s.\n", dbgstr_hr(hr)); /* [ours] no lock is held */
    SafeArrayDestroy(names);
    ISCardLocate_Release(call.locate);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    click(dialog, IDOK);
    check_find(&call, S_OK, "the last reference released");
}

static struct find_call inner_call;

/* In the thread of a dialog that is open. */
static void CALLBACK find_again(HWND window, UINT message, UINT_PTR timer, DWORD time)
{
    BSTR title = SysAllocString(inner_call.title);
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);

    KillTimer(NULL, timer);
    ISCardLocate_ConfigureCardNameSearch(locate, inner_call.names, NULL, title, SC_DLG_MINIMAL);
    inner_call.hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_MINIMAL, &inner_call.info);
    ISCardLocate_Release(locate);
    SysFreeString(title);
}

static void test_reentrant(void)
{
    struct find_call call = { .flags = SC_DLG_MINIMAL, .names = create_name(this_card), .timer = find_again };
    HWND outer, inner;

    pull(reader);
    memset(&inner_call, 0, sizeof(inner_call));
    inner_call.title = L"the inner dialog";
    inner_call.names = create_name(this_card);
    inner_call.hr = E_PENDING;
    start_find(&call);
    outer = await_dialog(&call);
    inner = await_dialog(&inner_call);
    ok(GetWindow(inner, GW_OWNER) == outer, "The outer dialog does not own the inner one.\n"); /* [ours] */
    insert(reader);
    check_find(&call, S_OK, "the outer of two dialogs"); /* [ours] */
    ok(inner_call.hr == S_OK && inner_call.info, "The inner dialog: %s.\n", dbgstr_hr(inner_call.hr)); /* [ours] */
    if (inner_call.info)
    {
        SCardDisconnect(inner_call.info->hCard, SCARD_LEAVE_CARD);
        SCardReleaseContext(inner_call.info->hContext);
        CoTaskMemFree(inner_call.info);
    }
    SafeArrayDestroy(inner_call.names);
}

/* ---- how it looks ---- */

static void test_controls(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(other_card) };
    HWND dialog, list, cancel;
    RECT small, large, before, after;

    start_find(&call);
    dialog = await_dialog(&call);
    list = GetDlgItem(dialog, IDC_READERS);
    cancel = GetDlgItem(dialog, IDCANCEL);
    ok(await(row_count(dialog), FOLLOW), "No reader is listed.\n");
    ok(GetNextDlgTabItem(dialog, list, FALSE) == cancel, "Tab does not go from the list to Cancel.\n"); /* [ours] */
    ok(GetNextDlgTabItem(dialog, cancel, FALSE) == list, "Tab does not go from Cancel to the list.\n"); /* [ours] */
    ok(wcschr(control_text(dialog, 102), '&') != NULL, "The list has no label with a key.\n"); /* [ours] */
    ok(GetWindow(list, GW_HWNDPREV) == GetDlgItem(dialog, 102), "The label is not just before the list.\n");

    GetWindowRect(dialog, &small);
    GetWindowRect(list, &before);
    SetWindowPos(dialog, NULL, 0, 0, small.right - small.left + 100, small.bottom - small.top + 60,
                 SWP_NOMOVE | SWP_NOZORDER);
    GetWindowRect(list, &after);
    ok(after.right - after.left == before.right - before.left + 100, "The list does not grow in width.\n"); /* [ours] */
    ok(after.bottom - after.top == before.bottom - before.top + 60, "The list does not grow in height.\n"); /* [ours] */
    SetWindowPos(dialog, NULL, 0, 0, 50, 50, SWP_NOMOVE | SWP_NOZORDER);
    GetWindowRect(dialog, &large);
    ok(large.right - large.left == small.right - small.left && large.bottom - large.top == small.bottom - small.top,
       "The smallest size is %ld x %ld.\n", large.right - large.left, large.bottom - large.top); /* [ours] */
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "controls");
}

static ULONGLONG processor_time(void)
{
    FILETIME created, ended, kernel, user;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    return (((ULONGLONG)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime)
            + ((ULONGLONG)user.dwHighDateTime << 32 | user.dwLowDateTime)) / 10000;
}

/* ---- the winscard beneath, as it is, and as one that waits ---- */

#define IDLE_TIME       3000    /* ms */
#define WAIT_STEP       10      /* ms */

static LONG winscard_calls, cancelled;

static LONG WINAPI counted_list_readers(SCARDCONTEXT context, const WCHAR *groups, WCHAR *names, DWORD *size)
{
    InterlockedIncrement(&winscard_calls);
    return SCardListReadersW(context, groups, names, size);
}

static LONG WINAPI counted_get_status_change(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATEW *states,
                                             DWORD count)
{
    InterlockedIncrement(&winscard_calls);
    return SCardGetStatusChangeW(context, timeout, states, count);
}

/* Returns when a state is another than the caller knows, as Microsoft's page of SCardGetStatusChange says. */
static LONG WINAPI waiting_get_status_change(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATEW *states,
                                             DWORD count)
{
    DWORD start = GetTickCount(), known[16], i;
    LONG rc;

    InterlockedIncrement(&winscard_calls);
    InterlockedExchange(&cancelled, 0);
    for (i = 0; i < count && i < ARRAY_SIZE(known); i++) known[i] = states[i].dwCurrentState;
    do
    {
        if ((rc = SCardGetStatusChangeW(context, 0, states, count))) return rc;
        for (i = 0; i < count && i < ARRAY_SIZE(known); i++)
            if ((states[i].dwEventState ^ known[i]) & ~SCARD_STATE_CHANGED) return SCARD_S_SUCCESS;
        if (InterlockedExchange(&cancelled, 0)) return SCARD_E_CANCELLED;
        Sleep(WAIT_STEP);
    }
    while (GetTickCount() - start < timeout);
    return SCARD_E_TIMEOUT;
}

static LONG WINAPI waiting_cancel(SCARDCONTEXT context)
{
    InterlockedExchange(&cancelled, 1);
    return SCARD_S_SUCCESS;
}

static const struct winscard_kind
{
    const char *name;
    unsigned int max_calls;     /* within IDLE_TIME */
    struct replacement functions[3];
}
winscard_kinds[] =
{
    {
        "the winscard that is here", IDLE_TIME / 100 + 3,
        {
            { "SCardListReadersW", counted_list_readers },
            { "SCardGetStatusChangeW", counted_get_status_change },
            { "SCardCancel", SCardCancel },
        },
    },
    {
        "a winscard that waits", 1,
        {
            { "SCardListReadersW", counted_list_readers },
            { "SCardGetStatusChangeW", waiting_get_status_change },
            { "SCardCancel", waiting_cancel },
        },
    },
};

static const struct replacement real_winscard[] =
{
    { "SCardListReadersW", SCardListReadersW },
    { "SCardGetStatusChangeW", SCardGetStatusChangeW },
    { "SCardCancel", SCardCancel },
};

/*
 * A dialog in which nothing happens asks next to nothing, and nothing in it goes round and round. How little processor
 * time it takes is for tests/bench/dialog.sh to say: on a busy machine it is several times as much.
 */
static void check_idle(const struct winscard_kind *kind)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card) };
    ULONGLONG time;
    HWND dialog;
    DWORD start;
    LONG calls;
    int row;

    start_find(&call);
    dialog = await_dialog(&call);
    ok(await(is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    Sleep(500);
    time = processor_time();
    calls = winscard_calls;
    Sleep(IDLE_TIME);
    calls = winscard_calls - calls;
    time = processor_time() - time;
    trace("%s: %ld calls and %u ms of processor time in %u ms\n", kind->name, calls, (unsigned int)time, IDLE_TIME);
    ok(calls <= (LONG)kind->max_calls, "%s: %ld calls in %u ms.\n", kind->name, calls, IDLE_TIME); /* [ours] */
    ok(time <= IDLE_TIME / 5, "%s: %u ms of processor time in %u ms.\n", kind->name, (unsigned int)time,
       IDLE_TIME); /* [ours] */
    ok(!GetUpdateRect(GetDlgItem(dialog, IDC_READERS), NULL, FALSE), "The list is not drawn yet.\n");

    row = find_row(dialog, reader);
    pull(reader);
    start = GetTickCount();
    ok(await(!wcscmp(cell(dialog, row, COLUMN_STATE), L"Empty"), FOLLOW), "State %s.\n", /* [ours] */
       wine_dbgstr_w(cell(dialog, row, COLUMN_STATE)));
    trace("empty %lu ms after the resource manager has seen it\n", GetTickCount() - start);
    insert(reader);
    ok(await(is_ok_enabled(dialog), FOLLOW), "%s: OK is not enabled again.\n", kind->name); /* [ours] */
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "idle");
}

static void test_idle(void)
{
    unsigned int i, replaced;

    for (i = 0; i < ARRAY_SIZE(winscard_kinds); i++)
    {
        replaced = replace_imports("scardssp.dll", winscard_kinds[i].functions, 3);
        ok(replaced == 3, "%u functions were replaced.\n", replaced);
        check_idle(&winscard_kinds[i]);
        replace_imports("scardssp.dll", real_winscard, 3);
    }
}

/* A name of 250 characters, none of which is ASCII, and five names in the prompt. */
static void test_names(const BYTE *atr, DWORD size)
{
    WCHAR name[251], full[300] = CARD_PREFIX;
    struct card_entry entry = { name, BINARY(atr, size), NOTHING, NOTHING, NOTHING };
    const WCHAR *names[] = { full, L"two", L"three", L"four", L"five" };
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = NULL };
    unsigned int i, length = 250 - wcslen(CARD_PREFIX);
    HWND dialog;
    int row;

    for (i = 0; i < length; i++) name[i] = L"\x5065\x5eb7\x4fdd\x967a\xe9\x416"[i % 6];
    name[length] = 0;
    lstrcatW(full, name);
    forget_entry(&user_cards, L"this");
    introduce_entry(&user_cards, &entry);
    call.names = create_names(ARRAY_SIZE(names), names);
    start_find(&call);
    dialog = await_dialog(&call);
    ok(await((row = find_row(dialog, reader)) >= 0 && is_ok_enabled(dialog), FOLLOW), "OK is not enabled.\n");
    ok(!wcscmp(cell(dialog, row, COLUMN_CARD), full), "Card %s.\n",
       wine_dbgstr_w(cell(dialog, row, COLUMN_CARD))); /* [ours] */
    ok(has_text(dialog, IDC_PROMPT, L"\x2026, two, three, \x2026"), "Prompt %s.\n",
       wine_dbgstr_w(control_text(dialog, IDC_PROMPT))); /* [ours] */
    click(dialog, IDOK);
    check_find(&call, S_OK, "a long name");
    forget_entry(&user_cards, name);
    entry.name = L"this";
    introduce_entry(&user_cards, &entry);
}

static void test_languages(void)
{
    static const struct { LANGID language; const WCHAR *cancel, *prompt; } languages[] =
    {
        { MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_UK), L"Cancel", L"Insert or choose a card" },
        { MAKELANGID(LANG_GERMAN, SUBLANG_GERMAN_SWISS), L"Abbrechen", L"w\xe4hlen Sie sie aus" },
        { MAKELANGID(LANG_GERMAN, SUBLANG_GERMAN), L"Abbrechen", L"w\xe4hlen Sie sie aus" },
        { MAKELANGID(LANG_FRENCH, SUBLANG_FRENCH_CANADIAN), L"Annuler", L"Ins\xe9rez" },
        { MAKELANGID(LANG_SPANISH, SUBLANG_SPANISH_MEXICAN), L"Cancelar", L"Inserte" },
        { MAKELANGID(LANG_JAPANESE, SUBLANG_DEFAULT), L"Cancel", L"Insert or choose a card" },
    };
    static const GUID any = { 0x7a1b0001, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    WCHAR guid[39];
    HWND dialog;
    unsigned int i;

    StringFromGUID2(&any, guid, ARRAY_SIZE(guid));
    for (i = 0; i < ARRAY_SIZE(languages); i++)
    {
        struct find_call call = { .flags = SC_DLG_ALWAYS, .guids = create_name(guid), .language = languages[i].language };

        start_find(&call);
        dialog = await_dialog(&call);
        ok(has_text(dialog, IDCANCEL, languages[i].cancel), "%04x: %s.\n", languages[i].language, /* [ours] */
           wine_dbgstr_w(control_text(dialog, IDCANCEL)));
        ok(has_text(dialog, IDC_PROMPT, languages[i].prompt), "%04x: %s.\n", languages[i].language, /* [ours] */
           wine_dbgstr_w(control_text(dialog, IDC_PROMPT)));
        click(dialog, IDCANCEL);
        check_find(&call, SCARD_W_CANCELLED_BY_USER, "language");
    }
}

/* Without a title the dialog has one of its own. */
static void test_title(void)
{
    struct find_call call = { .flags = SC_DLG_ALWAYS, .names = create_name(this_card), .title = L"" };
    HWND dialog = NULL;

    start_find(&call);
    ok(await((dialog = FindWindowW(L"#32770", L"Select Card:")), PATIENCE), "There is no dialog.\n"); /* [sdk98] */
    click(dialog, IDCANCEL);
    check_find(&call, SCARD_W_CANCELLED_BY_USER, "no title");
}

/* Without a display each mode is as with SC_DLG_NO_UI. [ours] */
static void test_no_display(void)
{
    static const LONG flags[] = { SC_DLG_NEVER, SC_DLG_MINIMAL, SC_DLG_ALWAYS };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(flags); i++)
    {
        struct find_call found = { .flags = flags[i], .names = create_name(this_card), .no_owner = TRUE };
        struct find_call other = { .flags = flags[i], .names = create_name(other_card), .no_owner = TRUE };

        start_find(&found);
        check_find(&found, S_OK, "no display, the card");
        start_find(&other);
        check_find(&other, SCARD_E_NO_SMARTCARD, "no display, another card");
    }
}

static HMODULE WINAPI no_library(const WCHAR *name)
{
    return NULL;
}

static FARPROC WINAPI no_function(HMODULE module, const char *name)
{
    return NULL;
}

/* The same where there is no comctl32, or one that is none. [ours] */
static void test_no_controls(void)
{
    static const struct replacement missing[] = { { "LoadLibraryW", no_library }, { "GetProcAddress", no_function } };
    static const struct replacement real[] = { { "LoadLibraryW", LoadLibraryW }, { "GetProcAddress", GetProcAddress } };
    unsigned int i, replaced;

    for (i = 0; i < ARRAY_SIZE(missing); i++)
    {
        replaced = replace_imports("scardssp.dll", &missing[i], 1);
        ok(replaced == 1, "%u functions were replaced.\n", replaced);
        test_no_display();
        replace_imports("scardssp.dll", &real[i], 1);
    }
}

static void test_with_display(const BYTE *atr, DWORD atr_size)
{
    test_no_controls();
    test_insert();
    test_no_need();
    test_never();
    test_other_card();
    test_introduced_meanwhile(atr, atr_size);
    test_choose();
    test_cancel();
    test_object_is_free();
    test_reentrant();
    test_controls();
    test_idle();
    test_names(atr, atr_size);
    test_languages();
    test_title();
}

START_TEST(locate_dialog)
{
    BYTE atr[36];
    DWORD size;
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardLocate);
    if (!(reader = find_card_reader(card_expected() ? PATIENCE : 0))) skip("No card in any reader.\n");
    else
    {
        size = introduce_cards(reader, atr);
        if (getenv("SCARDSSP_TEST_HOST")) test_with_display(atr, size);
        else if (winetest_platform_is_wine && card_expected()) test_no_display();
        else skip("There may be a display: tests/dialog.sh drives the dialog on one of its own.\n");
        close_place(&user_cards);
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
