/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of readers in the dialog of FindCard. */

#include <stdlib.h>
#include <string.h>

#include "icons.h"
#include "list.h"
#include "text.h"
#include "winscard.h"

enum column
{
    COLUMN_READER,
    COLUMN_STATE,
    COLUMN_CARD,
    COLUMN_COUNT
};

static const UINT column_titles[COLUMN_COUNT] = { IDS_COLUMN_READER, IDS_COLUMN_STATE, IDS_COLUMN_CARD };

/* What is shown of a state: the first line of which a bit is set. */
static const struct
{
    DWORD bits;
    UINT text;
    enum reader_icon icon;
}
states[] =
{
    { SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE, IDS_READER_UNAVAILABLE, ICON_PROBLEM },
    { SCARD_STATE_MUTE, IDS_READER_MUTE, ICON_PROBLEM },
    { SCARD_STATE_EXCLUSIVE, IDS_READER_IN_USE, ICON_CARD },
    { SCARD_STATE_PRESENT, IDS_READER_CARD, ICON_CARD },
    { ~0u, IDS_READER_EMPTY, ICON_EMPTY },
};

BOOL row_has_card(const struct reader_row *row)
{
    return state_has_card(row->state->state);
}

BOOL row_is_match(const struct reader_row *row)
{
    return row->card->is_wanted && row_has_card(row);
}

/* The room that the longest text of a column takes, with margins as wide as an icon. */
static int text_width(const struct reader_rows *rows, enum column column)
{
    int width = 0, longest = 0, count = SendMessageW(rows->window, LVM_GETITEMCOUNT, 0, 0), i;
    WCHAR text[CARD_NAME_SIZE];
    LVITEMW item = { .iSubItem = column, .pszText = text, .cchTextMax = ARRAY_SIZE(text) };

    dialog_text(column_titles[column], text);
    for (i = 0; i <= count; i++)
    {
        width = SendMessageW(rows->window, LVM_GETSTRINGWIDTHW, 0, (LPARAM)text);
        longest = max(longest, width);
        SendMessageW(rows->window, LVM_GETITEMTEXTW, i, (LPARAM)&item);
    }
    return longest + GetSystemMetrics(SM_CXSMICON);
}

void rows_fit_columns(const struct reader_rows *rows)
{
    int widths[COLUMN_COUNT], i;
    BOOL same = TRUE;
    RECT client;

    GetClientRect(rows->window, &client);
    /* A long name of a reader or of a state leaves a third to the card, and the last column takes what is left. */
    widths[COLUMN_READER] = text_width(rows, COLUMN_READER) + GetSystemMetrics(SM_CXSMICON);
    widths[COLUMN_READER] = min(widths[COLUMN_READER], client.right * 2 / 5);
    widths[COLUMN_STATE] = min(text_width(rows, COLUMN_STATE), client.right * 2 / 3 - widths[COLUMN_READER]);
    widths[COLUMN_CARD] = client.right - widths[COLUMN_READER] - widths[COLUMN_STATE];

    for (i = 0; i < COLUMN_COUNT; i++)
        same = same && SendMessageW(rows->window, LVM_GETCOLUMNWIDTH, i, 0) == widths[i];
    if (same)
        return;
    /* Never wider together than the list view, in which a scroll bar would flash up. */
    SendMessageW(rows->window, LVM_SETCOLUMNWIDTH, COLUMN_CARD, 0);
    SendMessageW(rows->window, LVM_SETCOLUMNWIDTH, COLUMN_STATE, 0);
    for (i = 0; i < COLUMN_COUNT; i++)
        SendMessageW(rows->window, LVM_SETCOLUMNWIDTH, i, MAKELPARAM(widths[i], 0));
}

void rows_init(struct reader_rows *rows, HWND window, const struct controls *controls)
{
    WCHAR text[DIALOG_TEXT_SIZE];
    LVCOLUMNW column = { .mask = LVCF_TEXT };
    unsigned int i;

    rows->window = window;
    rows->controls = controls;
    SendMessageW(window, LVM_SETEXTENDEDLISTVIEWSTYLE, 0, LVS_EX_FULLROWSELECT | LVS_EX_LABELTIP);
    /* Icons of the state are not blended with the colour of the selection. */
    SendMessageW(window, LVM_SETIMAGELIST, LVSIL_STATE, (LPARAM)create_reader_icons(controls));
    for (i = 0; i < COLUMN_COUNT; i++)
    {
        column.pszText = (WCHAR *)dialog_text(column_titles[i], text);
        SendMessageW(window, LVM_INSERTCOLUMNW, i, (LPARAM)&column);
    }
    rows_fit_columns(rows);
}

static void free_rows(struct reader_rows *rows)
{
    reader_list_release(rows->list);
    free(rows->rows);
    rows->list = NULL;
    rows->rows = NULL;
}

void rows_close(struct reader_rows *rows)
{
    rows->controls->ImageList_Destroy((HIMAGELIST)SendMessageW(rows->window, LVM_SETIMAGELIST, LVSIL_STATE, 0));
    free_rows(rows);
}

struct reader_row *rows_selected(const struct reader_rows *rows)
{
    int index = SendMessageW(rows->window, LVM_GETNEXTITEM, -1, MAKELPARAM(LVNI_SELECTED, 0));

    return rows->list && index >= 0 && index < (int)rows->list->count ? &rows->rows[index] : NULL;
}

static const struct reader_row *find_row(const struct reader_rows *rows, const WCHAR *name)
{
    UINT i;

    for (i = 0; rows->list && i < rows->list->count; i++)
    {
        if (!wcscmp(rows->rows[i].state->name, name))
            return &rows->rows[i];
    }
    return NULL;
}

/* old: the row of the same reader in the list before, or NULL. */
static void fill_row(struct reader_row *row, const struct reader_list *list, UINT index, const struct reader_row *old)
{
    row->state = &list->states[index];
    row->card = &list->cards[index];
    if (old && is_same_state(old->state->state, row->state->state))
        row->failure = old->failure;
}

static void set_text(HWND window, int index, enum column column, const WCHAR *text)
{
    WCHAR shown[CARD_NAME_SIZE];
    LVITEMW item = { .iSubItem = column, .pszText = shown, .cchTextMax = ARRAY_SIZE(shown) };

    SendMessageW(window, LVM_GETITEMTEXTW, index, (LPARAM)&item);
    if (!wcscmp(shown, text))
        return;
    item.pszText = (WCHAR *)text;
    SendMessageW(window, LVM_SETITEMTEXTW, index, (LPARAM)&item);
}

/* Changes only what is another, so that nothing flickers and a screen reader is quiet about what is as it was. */
static void show_row(const struct reader_rows *rows, int index)
{
    const struct reader_row *row = &rows->rows[index];
    const WCHAR *reader = aliases_told(rows->list->aliases, rows->list->names, row->state->name);
    LVITEMW item = { .stateMask = LVIS_STATEIMAGEMASK };
    WCHAR text[DIALOG_TEXT_SIZE];
    unsigned int i = 0;

    while (!(row->state->state & states[i].bits) && states[i].bits != ~0u)
        i++;
    item.state = INDEXTOSTATEIMAGEMASK((row_is_match(row) ? ICON_MATCH : states[i].icon) + 1);
    SendMessageW(rows->window, LVM_SETITEMSTATE, index, (LPARAM)&item);
    set_text(rows->window, index, COLUMN_READER, reader);
    set_text(rows->window, index, COLUMN_STATE, dialog_text(states[i].text, text));
    set_text(rows->window, index, COLUMN_CARD,
            row_has_card(row) && !*row->card->name ? dialog_text(IDS_UNKNOWN_CARD, text) : row->card->name);
}

static void set_item_count(HWND window, int count)
{
    LVITEMW item = { .mask = LVIF_TEXT, .pszText = (WCHAR *)L"" };
    int shown = SendMessageW(window, LVM_GETITEMCOUNT, 0, 0);

    for (; shown > count; shown--)
        SendMessageW(window, LVM_DELETEITEM, shown - 1, 0);
    for (item.iItem = shown; item.iItem < count; item.iItem++)
        SendMessageW(window, LVM_INSERTITEMW, 0, (LPARAM)&item);
}

static void select_row(const struct reader_rows *rows, int index)
{
    LVITEMW item = { .stateMask = LVIS_SELECTED | LVIS_FOCUSED, .state = LVIS_SELECTED | LVIS_FOCUSED };

    SendMessageW(rows->window, LVM_SETITEMSTATE, index, (LPARAM)&item);
    SendMessageW(rows->window, LVM_ENSUREVISIBLE, index, FALSE);
}

/*
 * The row that is to be selected: what the user has selected stays, until a card that can be chosen comes anew; without
 * a selection it is the first that can be chosen.
 */
static int find_best_row(const struct reader_rows *rows, const struct reader_rows *old, const WCHAR *selected)
{
    int same = -1, match = -1, new_match = -1, i;
    const struct reader_row *before;

    for (i = rows->list->count - 1; i >= 0; i--)
    {
        if (selected && !wcscmp(rows->rows[i].state->name, selected))
            same = i;
        if (!row_is_match(&rows->rows[i]))
            continue;
        match = i;
        before = find_row(old, rows->rows[i].state->name);
        if (!before || !row_is_match(before))
            new_match = i;
    }
    if (same < 0)
        return match;
    return new_match < 0 || row_is_match(&rows->rows[same]) ? same : new_match;
}

BOOL rows_set(struct reader_rows *rows, struct reader_list *list)
{
    const struct reader_row *selected = rows_selected(rows);
    struct reader_rows old = *rows;
    int best;
    UINT i;

    rows->list = list;
    if (!(rows->rows = calloc(list->count + 1, sizeof(*rows->rows))))
    {
        free_rows(rows);
        set_item_count(rows->window, 0);
        free_rows(&old);
        return FALSE;
    }
    for (i = 0; i < list->count; i++)
        fill_row(&rows->rows[i], list, i, find_row(&old, list->states[i].name));

    set_item_count(rows->window, list->count);
    for (i = 0; i < list->count; i++)
        show_row(rows, i);
    if ((best = find_best_row(rows, &old, selected ? selected->state->name : NULL)) >= 0)
        select_row(rows, best);
    rows_fit_columns(rows);
    free_rows(&old);
    return TRUE;
}
