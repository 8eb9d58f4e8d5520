/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Drives the dialog of ISCardLocate::FindCard: the call runs in a thread of its own, which has a window as a program
 * has it, and the test looks at the dialog and sends it messages as a user's hands would.
 */

#ifndef SCARDSSP_TESTS_DIALOG_DRIVER_H
#define SCARDSSP_TESTS_DIALOG_DRIVER_H

#include "vcard_control.h"
#include "card_common.h"
#include "host_command.h"
#include "known_cards.h"
#include <commctrl.h>

#define SC_DLG_MINIMAL 1
#define SC_DLG_NEVER   2
#define SC_DLG_ALWAYS  4

/* The controls, as dlls/scardssp/dialog_resource.h numbers them. */
#define IDC_PROMPT      101
#define IDC_READERS     103
#define IDC_STATUS      104

#define FOLLOW          5000    /* ms in which the dialog follows the resource manager: half a second [ours], with room for
                                   a machine that is busy; the text of docs/dialog.md has what was measured */

static const WCHAR this_card[] = CARD_PREFIX L"this";
static const WCHAR other_card[] = CARD_PREFIX L"other";

/* Introduces the card in the reader, whose ATR is copied, and another one. Returns the size of the ATR. */
static inline DWORD introduce_cards(const WCHAR *reader, BYTE atr[36])
{
    static const BYTE other_atr[] = { 0x3b, 0x02, 0x14, 0x50 };
    struct card_entry other = { L"other", BINARY(other_atr, sizeof(other_atr)), NOTHING, NOTHING, NOTHING };
    struct card_entry this = { L"this", NOTHING, NOTHING, NOTHING, NOTHING };
    SCARD_READERSTATEW state = { 0 };
    SCARDCONTEXT context;

    state.szReader = reader;
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    SCardGetStatusChangeW(context, 0, &state, 1);
    SCardReleaseContext(context);
    memcpy(atr, state.rgbAtr, state.cbAtr);
    this.atr.type = REG_BINARY;
    this.atr.data = atr;
    this.atr.size = state.cbAtr;
    open_place(&user_cards);
    forget_cards(&user_cards);
    introduce_entry(&user_cards, &this);
    introduce_entry(&user_cards, &other);
    return state.cbAtr;
}

/* One call of FindCard. */
struct find_call
{
    const WCHAR *title;
    LONG flags;
    SCARD_SHARE_MODES share;
    SAFEARRAY *names;           /* of cards; NULL: a search for guids */
    SAFEARRAY *guids;
    SAFEARRAY *groups;          /* NULL: none */
    LANGID language;            /* of the thread; 0: English */
    DWORD apartment;            /* a COINIT_xxx */
    BOOL no_owner;
    BOOL drops_object;          /* the last reference goes while the dialog is open */
    TIMERPROC timer;            /* of the thread, after 100 ms; NULL: none */

    HANDLE thread;
    DWORD thread_id;
    HWND owner;
    ISCardLocate *locate;
    SCARDINFO *info;
    HRESULT hr;
    BOOL quits;                 /* a WM_QUIT was in the queue in the end */
    BOOL owner_enabled;         /* in the end */
};

static inline SAFEARRAY *create_names(unsigned int count, const WCHAR *const *names)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, count);
    unsigned int i;

    for (i = 0; i < count; i++) ((BSTR *)array->pvData)[i] = SysAllocString(names[i]);
    return array;
}

static inline SAFEARRAY *create_name(const WCHAR *name)
{
    return create_names(1, &name);
}

static DWORD WINAPI find_thread(void *arg)
{
    struct find_call *call = arg;
    BSTR title = SysAllocString(call->title);
    MSG msg;

    CoInitializeEx(NULL, call->apartment);
    SetThreadLocale(MAKELCID(call->language ? call->language : MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US),
                             SORT_DEFAULT));
    if (!call->no_owner)
    {
        call->owner = CreateWindowW(L"static", L"owner", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 10, 10, 300, 200, NULL, NULL,
                                    NULL, NULL);
        SetActiveWindow(call->owner);
    }
    if (call->timer) SetTimer(NULL, 0, 100, call->timer);
    call->locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    if (call->names) call->hr = ISCardLocate_ConfigureCardNameSearch(call->locate, call->names, call->groups, title,
                                                                     call->flags);
    else call->hr = ISCardLocate_ConfigureCardGuidSearch(call->locate, call->guids, call->groups, title, call->flags);
    if (call->hr == S_OK)
        call->hr = ISCardLocate_FindCard(call->locate, call->share, T0 | T1, call->flags, &call->info);
    call->quits = PeekMessageW(&msg, NULL, WM_QUIT, WM_QUIT, PM_NOREMOVE);
    call->owner_enabled = IsWindowEnabled(call->owner);
    if (call->owner) DestroyWindow(call->owner);
    if (!call->drops_object) ISCardLocate_Release(call->locate);
    SysFreeString(title);
    CoUninitialize();
    return 0;
}

static inline void start_find(struct find_call *call)
{
    static unsigned int count;
    static WCHAR titles[8][40];
    WCHAR *title = titles[count++ % ARRAY_SIZE(titles)];

    if (!call->title)
    {
        wsprintfW(title, L"Find a card, call %u", count);
        call->title = title;
    }
    if (!call->share) call->share = SHARED;
    if (!call->apartment) call->apartment = COINIT_APARTMENTTHREADED;
    call->hr = E_PENDING;
    call->thread = CreateThread(NULL, 0, find_thread, call, 0, &call->thread_id);
}

/* Waits for the end of the call. The out-value is checked and released; the card is read through the handle. */
static inline void check_find(int line, struct find_call *call, HRESULT expected, const char *what)
{
    BOOL ended = !WaitForSingleObject(call->thread, PATIENCE);
    ISCard *card;

    ok_(__FILE__, line)(ended, "%s: FindCard does not return.\n", what);
    if (!ended) exit(1);
    CloseHandle(call->thread);
    ok_(__FILE__, line)(call->hr == expected, "%s: FindCard: %s, expected %s.\n", what, dbgstr_hr(call->hr),
                        dbgstr_hr(expected));
    ok_(__FILE__, line)(!call->info == FAILED(call->hr), "%s: SCARDINFO %p.\n", what, (void *)call->info);
    if (call->info)
    {
        ok_(__FILE__, line)(call->info->ShareMode == call->share, "%s: share mode %d.\n", what, call->info->ShareMode);
        card = create_card();
        call->hr = ISCard_AttachByHandle(card, call->info->hCard);
        ok_(__FILE__, line)(call->hr == S_OK, "%s: AttachByHandle: %s.\n", what, dbgstr_hr(call->hr));
        (check_works)(line, card, what);
        ISCard_Release(card);
        SCardDisconnect(call->info->hCard, SCARD_LEAVE_CARD);
        SCardReleaseContext(call->info->hContext);
        CoTaskMemFree(call->info);
    }
    if (call->names) SafeArrayDestroy(call->names);
    if (call->guids) SafeArrayDestroy(call->guids);
    if (call->groups) SafeArrayDestroy(call->groups);
}
#define check_find(call, expected, what) check_find(__LINE__, call, expected, what)

/* The dialog of a call. When it does not come, it is a failure and the end of the program. */
static inline HWND await_dialog(const struct find_call *call)
{
    HWND dialog = NULL;

    if (await((dialog = FindWindowW(L"#32770", call->title)) && IsWindowVisible(dialog), PATIENCE)) return dialog;
    ok(0, "There is no dialog %s.\n", wine_dbgstr_w(call->title));
    exit(1);
}

static inline const WCHAR *control_text(HWND dialog, int id)
{
    static WCHAR text[1024];

    *text = 0;
    GetDlgItemTextW(dialog, id, text, ARRAY_SIZE(text));
    return text;
}

static inline BOOL has_text(HWND dialog, int id, const WCHAR *text)
{
    return wcsstr(control_text(dialog, id), text) != NULL;
}

/* A cell of the list of readers. */
static inline const WCHAR *cell(HWND dialog, int row, int column)
{
    static WCHAR text[1024];
    LVITEMW item = { 0 };

    item.iSubItem = column;
    item.pszText = text;
    item.cchTextMax = ARRAY_SIZE(text);
    *text = 0;
    SendDlgItemMessageW(dialog, IDC_READERS, LVM_GETITEMTEXTW, row, (LPARAM)&item);
    return text;
}

#define COLUMN_READER   0
#define COLUMN_STATE    1
#define COLUMN_CARD     2

static inline int row_count(HWND dialog)
{
    return (int)SendDlgItemMessageW(dialog, IDC_READERS, LVM_GETITEMCOUNT, 0, 0);
}

static inline int selected_row(HWND dialog)
{
    return (int)SendDlgItemMessageW(dialog, IDC_READERS, LVM_GETNEXTITEM, -1, MAKELPARAM(LVNI_SELECTED, 0));
}

static inline int find_row(HWND dialog, const WCHAR *reader)
{
    int row;

    for (row = row_count(dialog) - 1; row >= 0 && wcscmp(cell(dialog, row, COLUMN_READER), reader); row--) ;
    return row;
}

static inline void select_row(HWND dialog, int row)
{
    LVITEMW item = { 0 };

    item.stateMask = item.state = LVIS_SELECTED | LVIS_FOCUSED;
    SendDlgItemMessageW(dialog, IDC_READERS, LVM_SETITEMSTATE, row, (LPARAM)&item);
}

static inline BOOL is_ok_enabled(HWND dialog)
{
    return IsWindowEnabled(GetDlgItem(dialog, IDOK));
}

static inline void click(HWND dialog, int id)
{
    PostMessageW(GetDlgItem(dialog, id), BM_CLICK, 0, 0);
}

static inline void press_key(HWND window, WPARAM key)
{
    PostMessageW(window, WM_KEYDOWN, key, 0);
    PostMessageW(window, WM_KEYUP, key, 0xc0000001);
}

static inline void pull(const WCHAR *reader)
{
    BOOL done = vcard_control("pull") && await_card(reader, FALSE);

    if (!done) ok(0, "The card cannot be pulled.\n");
}

static inline void insert(const WCHAR *reader)
{
    BOOL done = vcard_control("insert") && await_card(reader, TRUE);

    if (!done) ok(0, "The card cannot be inserted.\n");
}

#endif
