/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The dialog of ISCardLocate::FindCard: the window, its modal loop, and what happens in it.
 */

#include <stdlib.h>
#include <string.h>

#include "dialog.h"
#include "list.h"
#include "text.h"
#include "winuser.h"
#include "commctrl.h"
#include "winscard.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define WM_READERS_CHANGED (WM_APP + 1)

#define SHOWN_NAMES     3       /* of the cards that are looked for, in the prompt */
#define SHOWN_LENGTH    48      /* of each of them */
#define PROMPT_SIZE     (DIALOG_TEXT_SIZE + SHOWN_NAMES * (SHOWN_LENGTH + 3) + 3)

/* What a control does when the dialog grows. */
static const struct
{
    int id;
    BOOL moves_x, moves_y, grows_x, grows_y;
}
layout[] =
{
    { IDC_PROMPT, FALSE, FALSE, TRUE, FALSE },
    { IDC_READERS_LABEL, FALSE, FALSE, TRUE, FALSE },
    { IDC_READERS, FALSE, FALSE, TRUE, TRUE },
    { IDC_STATUS, FALSE, TRUE, TRUE, FALSE },
    { IDOK, TRUE, TRUE, FALSE, FALSE },
    { IDCANCEL, TRUE, TRUE, FALSE, FALSE },
};

struct dialog
{
    const struct dialog_search *search;
    HWND window;                /* NULL: it was destroyed */
    struct controls controls;
    struct reader_rows rows;
    struct watcher *watcher;
    HRESULT service;            /* a failure: the readers cannot be watched */
    SIZE smallest, client;      /* of the window, and of its client area, as it was created */
    RECT places[ARRAY_SIZE(layout)];
    BOOL done;
    HRESULT result;             /* when done */
};

/* The failures of connecting that the user can do something about; all others end the dialog. */
static const struct
{
    HRESULT hr;
    UINT text;
}
failures[] =
{
    { SCARD_E_SHARING_VIOLATION, IDS_FAILED_IN_USE },
    { SCARD_W_REMOVED_CARD, IDS_FAILED_REMOVED },
    { SCARD_E_NO_SMARTCARD, IDS_FAILED_REMOVED },
    { SCARD_W_RESET_CARD, IDS_FAILED_REMOVED },
    { SCARD_W_UNRESPONSIVE_CARD, IDS_FAILED_MUTE },
    { SCARD_W_UNPOWERED_CARD, IDS_FAILED_MUTE },
    { SCARD_E_NOT_READY, IDS_FAILED_MUTE },
    { SCARD_F_COMM_ERROR, IDS_FAILED_MUTE },
    { SCARD_E_READER_UNAVAILABLE, IDS_FAILED_READER },
    { SCARD_E_UNKNOWN_READER, IDS_FAILED_READER },
    { SCARD_E_NO_READERS_AVAILABLE, IDS_FAILED_READER },
    { SCARD_E_NO_SERVICE, IDS_STATUS_NO_SERVICE },
    { SCARD_E_SERVICE_STOPPED, IDS_STATUS_NO_SERVICE },
};

/* 0: the user can do nothing about it. */
static UINT failure_text(HRESULT hr)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(failures); i++)
    {
        if (failures[i].hr == hr)
            return failures[i].text;
    }
    return 0;
}

BOOL dialog_can_help(HRESULT hr)
{
    return failure_text(hr) != 0;
}

/* Ends the modal loop, which may be waiting for a message meanwhile. The first result counts. */
static void finish(struct dialog *dialog, HRESULT result)
{
    if (dialog->done)
        return;
    TRACE("%p, result %#lx.\n", dialog->window, result);
    dialog->done = TRUE;
    dialog->result = result;
    PostMessageW(NULL, WM_NULL, 0, 0);
}

/* ---- what is shown ---- */

static void append_name(WCHAR *prompt, const WCHAR *name)
{
    int length = lstrlenW(name);
    WCHAR shown[SHOWN_LENGTH + 1];

    lstrcpynW(shown, name, ARRAY_SIZE(shown));
    if (length > SHOWN_LENGTH)
        shown[SHOWN_LENGTH - 1] = 0x2026;
    lstrcatW(prompt, shown);
}

static void set_prompt(const struct dialog *dialog)
{
    const struct dialog_search *search = dialog->search;
    WCHAR prompt[PROMPT_SIZE];
    ULONG i;

    dialog_text(!search->name_count ? IDS_PROMPT_ANY : search->name_count == 1 ? IDS_PROMPT_NAME : IDS_PROMPT_NAMES,
            prompt);
    for (i = 0; i < search->name_count && i < SHOWN_NAMES; i++)
    {
        if (i)
            lstrcatW(prompt, L", ");
        append_name(prompt, search->names[i] ? search->names[i] : L"");
    }
    if (i < search->name_count)
        lstrcatW(prompt, L", \x2026");
    SetDlgItemTextW(dialog->window, IDC_PROMPT, prompt);
}

static UINT status_text(const struct dialog *dialog)
{
    const struct reader_row *row = rows_selected(&dialog->rows);
    BOOL card = FALSE;
    UINT i;

    if (FAILED(dialog->service))
        return dialog->service == E_OUTOFMEMORY ? IDS_STATUS_NO_MEMORY : IDS_STATUS_NO_SERVICE;
    if (!dialog->rows.list)
        return IDS_STATUS_STARTING;
    if (row && FAILED(row->failure))
        return failure_text(row->failure);
    if (row && row_is_match(row))
        return IDS_STATUS_FOUND;
    for (i = 0; i < dialog->rows.list->count; i++)
        card |= row_has_card(&dialog->rows.rows[i]);
    if (!i)
        return dialog->rows.list->names ? IDS_STATUS_NOT_THERE : IDS_STATUS_NO_READER;
    return (row ? row_has_card(row) : card) ? IDS_STATUS_OTHER_CARD : IDS_STATUS_WAITING;
}

/* The status line, and whether a card can be chosen. */
static void update_controls(const struct dialog *dialog)
{
    const struct reader_row *row = rows_selected(&dialog->rows);
    HWND ok = GetDlgItem(dialog->window, IDOK);
    WCHAR text[DIALOG_TEXT_SIZE], shown[DIALOG_TEXT_SIZE];
    BOOL enabled = row && row_is_match(row);

    GetDlgItemTextW(dialog->window, IDC_STATUS, shown, ARRAY_SIZE(shown));
    if (wcscmp(dialog_text(status_text(dialog), text), shown))
        SetDlgItemTextW(dialog->window, IDC_STATUS, text);
    if (enabled == IsWindowEnabled(ok))
        return;
    if (!enabled && GetFocus() == ok)
        SendMessageW(dialog->window, WM_NEXTDLGCTL, (WPARAM)dialog->rows.window, TRUE);
    EnableWindow(ok, enabled);
}

/* ---- choosing a card ---- */

static void choose(struct dialog *dialog, struct reader_row *row)
{
    HCURSOR cursor = SetCursor(LoadCursorW(NULL, (const WCHAR *)IDC_WAIT));

    row->failure = dialog->search->connect(dialog->search->arg, row->state->name);
    SetCursor(cursor);
    if (SUCCEEDED(row->failure) || !failure_text(row->failure))
        finish(dialog, row->failure);
    else
        WARN("%s: %#lx.\n", debugstr_w(row->state->name), row->failure);
}

static void choose_selected(struct dialog *dialog)
{
    struct reader_row *row = rows_selected(&dialog->rows);

    if (dialog->done || !row || !row_is_match(row))
        return;
    choose(dialog, row);
    update_controls(dialog);
}

/* Each card is tried once, and again when something changes: another program has ended its connection, perhaps. */
static void choose_first_match(struct dialog *dialog)
{
    UINT i;

    for (i = 0; !dialog->done && i < dialog->rows.list->count; i++)
    {
        if (row_is_match(&dialog->rows.rows[i]) && SUCCEEDED(dialog->rows.rows[i].failure))
            choose(dialog, &dialog->rows.rows[i]);
    }
}

static void readers_changed(struct dialog *dialog)
{
    struct reader_list *list = watcher_take(dialog->watcher);

    if (!list || dialog->done)
    {
        reader_list_release(list);
        return;
    }
    dialog->service = list->hr;
    if (!rows_set(&dialog->rows, list))
        dialog->service = E_OUTOFMEMORY;
    else if (dialog->search->closes_on_match)
        choose_first_match(dialog);
    update_controls(dialog);
}

/* ---- the window ---- */

static void get_place(HWND window, HWND control, RECT *place)
{
    GetWindowRect(control, place);
    MapWindowPoints(NULL, window, (POINT *)place, 2);
}

static void init_layout(struct dialog *dialog)
{
    RECT rect;
    unsigned int i;

    GetWindowRect(dialog->window, &rect);
    dialog->smallest.cx = rect.right - rect.left;
    dialog->smallest.cy = rect.bottom - rect.top;
    GetClientRect(dialog->window, &rect);
    dialog->client.cx = rect.right;
    dialog->client.cy = rect.bottom;
    for (i = 0; i < ARRAY_SIZE(layout); i++)
        get_place(dialog->window, GetDlgItem(dialog->window, layout[i].id), &dialog->places[i]);
}

static void resize(const struct dialog *dialog, int width, int height)
{
    int dx = width - dialog->client.cx, dy = height - dialog->client.cy;
    const RECT *place;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(layout); i++)
    {
        place = &dialog->places[i];
        SetWindowPos(GetDlgItem(dialog->window, layout[i].id), NULL,
                place->left + (layout[i].moves_x ? dx : 0), place->top + (layout[i].moves_y ? dy : 0),
                place->right - place->left + (layout[i].grows_x ? dx : 0),
                place->bottom - place->top + (layout[i].grows_y ? dy : 0), SWP_NOZORDER | SWP_NOACTIVATE);
    }
    rows_fit_columns(&dialog->rows);
    InvalidateRect(dialog->window, NULL, TRUE);
}

static void init(struct dialog *dialog, HWND window)
{
    const WCHAR *title = dialog->search->title;
    WCHAR text[DIALOG_TEXT_SIZE];

    dialog->window = window;
    SetWindowTextW(window, title && *title ? title : dialog_text(IDS_TITLE, text));
    SetDlgItemTextW(window, IDC_READERS_LABEL, dialog_text(IDS_READERS, text));
    SetDlgItemTextW(window, IDCANCEL, dialog_text(IDS_CANCEL, text));
    set_prompt(dialog);
    rows_init(&dialog->rows, GetDlgItem(window, IDC_READERS), &dialog->controls);
    init_layout(dialog);
    update_controls(dialog);
    if (FAILED(dialog->result = watcher_start(window, WM_READERS_CHANGED, dialog->search, &dialog->watcher)))
        finish(dialog, dialog->result);
}

static BOOL notify(struct dialog *dialog, const NMHDR *header)
{
    if (header->idFrom != IDC_READERS)
        return FALSE;
    if (header->code == LVN_ITEMCHANGED)
        update_controls(dialog);
    else if (header->code == NM_DBLCLK && ((const NMITEMACTIVATE *)header)->iItem >= 0)
        choose_selected(dialog);
    return TRUE;
}

static INT_PTR CALLBACK dialog_proc(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    struct dialog *dialog = (struct dialog *)GetWindowLongPtrW(window, DWLP_USER);

    if (message == WM_INITDIALOG)
    {
        SetWindowLongPtrW(window, DWLP_USER, lparam);
        init((struct dialog *)lparam, window);
        return TRUE;
    }
    if (!dialog)
        return FALSE;
    switch (message)
    {
        case WM_READERS_CHANGED:
            readers_changed(dialog);
            return TRUE;
        case WM_COMMAND:
            if (LOWORD(wparam) == IDOK)
                choose_selected(dialog);
            else if (LOWORD(wparam) == IDCANCEL)
                finish(dialog, SCARD_W_CANCELLED_BY_USER);
            return TRUE;
        case WM_NOTIFY:
            return notify(dialog, (const NMHDR *)lparam);
        case WM_SIZE:
            if (wparam != SIZE_MINIMIZED)
                resize(dialog, LOWORD(lparam), HIWORD(lparam));
            return TRUE;
        case WM_GETMINMAXINFO:
            ((MINMAXINFO *)lparam)->ptMinTrackSize.x = dialog->smallest.cx;
            ((MINMAXINFO *)lparam)->ptMinTrackSize.y = dialog->smallest.cy;
            return TRUE;
        case WM_DESTROY:
            dialog->window = NULL;
            rows_close(&dialog->rows);
            finish(dialog, SCARD_W_CANCELLED_BY_USER);
            return TRUE;
    }
    return FALSE;
}

static void run_loop(struct dialog *dialog)
{
    MSG message;
    BOOL got;

    while (!dialog->done)
    {
        if ((got = GetMessageW(&message, NULL, 0, 0)) <= 0)
        {
            /* The loops around this one are to end as well. */
            if (!got)
                PostQuitMessage(message.wParam);
            finish(dialog, SCARD_W_CANCELLED_BY_USER);
        }
        else if (!dialog->window || !IsDialogMessageW(dialog->window, &message))
        {
            TranslateMessage(&message);
            DispatchMessageW(&message);
        }
    }
}

/* Wine's setting for running without a display; without a setting, creating the window fails there. */
static BOOL is_display_off(void)
{
    WCHAR driver[16];
    DWORD size = sizeof(driver), type;
    BOOL off = FALSE;
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, L"Software\\Wine\\Drivers", 0, KEY_READ, &key))
        return FALSE;
    if (!RegQueryValueExW(key, L"Graphics", NULL, &type, (BYTE *)driver, &size) && type == REG_SZ
            && size >= sizeof(L"null"))
        off = !memcmp(driver, L"null", sizeof(L"null"));
    RegCloseKey(key);
    return off;
}

/* Services have no display either: nobody would see the window. */
static BOOL has_display(void)
{
    USEROBJECTFLAGS flags;

    if (GetUserObjectInformationW(GetProcessWindowStation(), UOI_FLAGS, &flags, sizeof(flags), NULL)
            && !(flags.dwFlags & WSF_VISIBLE))
        return FALSE;
    return !is_display_off();
}

/* S_FALSE: the window cannot be made. */
static HRESULT run(struct dialog *dialog)
{
    HWND owner = GetActiveWindow(), window;
    BOOL owner_was_disabled;

    window = CreateDialogParamW(scardssp_instance, (const WCHAR *)IDD_FIND_CARD, owner, dialog_proc, (LPARAM)dialog);
    if (!window && !dialog->done)
        return S_FALSE;

    TRACE("%p, owner %p.\n", window, owner);
    owner_was_disabled = owner && EnableWindow(owner, FALSE);
    if (dialog->window)
    {
        ShowWindow(dialog->window, SW_SHOW);
        SetForegroundWindow(dialog->window);
    }
    run_loop(dialog);

    /* The owner first, or another program's window would become the active one. */
    if (owner && !owner_was_disabled)
        EnableWindow(owner, TRUE);
    if (dialog->window)
        ShowWindow(dialog->window, SW_HIDE);
    /* It may be reading all cards. */
    watcher_stop(dialog->watcher);
    if (dialog->window)
        DestroyWindow(dialog->window);
    return dialog->result;
}

HRESULT dialog_run(const struct dialog_search *search)
{
    const INITCOMMONCONTROLSEX classes = { sizeof(classes), ICC_LISTVIEW_CLASSES };
    struct dialog dialog = { .search = search };
    HRESULT hr;

    if (!has_display() || !controls_load(&dialog.controls))
        return S_FALSE;
    hr = dialog.controls.InitCommonControlsEx(&classes) ? run(&dialog) : S_FALSE;
    controls_unload(&dialog.controls);
    return hr;
}
