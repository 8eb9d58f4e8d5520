/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The dialog of ISCardLocate::FindCard: dialog.c is the window and its modal loop, dialog_list.c its list of readers,
 * dialog_icons.c the pictures in that.
 */

#ifndef SCARDSSP_DIALOG_H
#define SCARDSSP_DIALOG_H

#include "watcher.h"
#include "dialog_resource.h"
#include "winuser.h"
#include "commctrl.h"

#define CARD_NAME_SIZE 256      /* of a card's name with its end; a registry key has no longer one */

/* What the dialog is about. arg is that of both functions. */
struct dialog_search
{
    const WCHAR *title;         /* NULL or empty: the dialog's own */
    const BSTR *names;          /* of the cards that are looked for */
    ULONG name_count;           /* 0: they have no names */
    BOOL closes_on_match;       /* else the user chooses */
    void *arg;
    /* Whether this card is looked for. name: of the card, empty when it is not known. */
    BOOL (*identify)(void *arg, const struct atr *atr, WCHAR name[CARD_NAME_SIZE]);
    /*
     * Connects to a card that was identified as one that is looked for. What the user can do something about (the card
     * was removed, another program uses it, ...) leaves the dialog open, everything else ends it.
     */
    HRESULT (*connect)(void *arg, const WCHAR *reader);
};

/*
 * Shows the dialog above the active window of this thread, and returns when it is closed.
 * S_OK: connect has succeeded. SCARD_W_CANCELLED_BY_USER: also when the owner was destroyed, or the thread is to quit.
 * S_FALSE: there is no display. Any other: connect's, or E_OUTOFMEMORY.
 */
HRESULT dialog_run(const struct dialog_search *search);

/* Whether the user can do something about this failure of finding or connecting a card. */
BOOL dialog_can_help(HRESULT hr);

/* A string in the language of the calling thread's locale, or in English. */
#define DIALOG_TEXT_SIZE 160
const WCHAR *dialog_text(UINT id, WCHAR text[DIALOG_TEXT_SIZE]);

/* ---- dialog_icons.c ---- */

enum reader_icon
{
    ICON_EMPTY,
    ICON_CARD,
    ICON_MATCH,
    ICON_PROBLEM,
    ICON_COUNT
};

/* In the order of enum reader_icon, of the size of small icons; NULL: there are none. */
HIMAGELIST create_reader_icons(void);

/* ---- dialog_list.c ---- */

struct reader_row
{
    struct reader_state state;      /* its name belongs to the reader_list */
    WCHAR card[CARD_NAME_SIZE];     /* as it is shown */
    BOOL is_wanted;
    HRESULT failure;                /* of the last attempt to connect while the reader was in this state; S_OK: none */
};

struct reader_rows
{
    HWND window;                    /* the list view */
    struct reader_list *list;       /* NULL: not known yet */
    struct reader_row *rows;        /* as many as list->count */
};

/* Prepares the list view. */
void rows_init(struct reader_rows *rows, HWND window);
/* Frees everything, while the list view still exists. */
void rows_close(struct reader_rows *rows);
/*
 * Shows a new list, which it takes over. The selected reader stays so; where that cannot be used, a reader with a card
 * that is looked for is selected. FALSE: there is no memory, the list is empty.
 */
BOOL rows_set(struct reader_rows *rows, struct reader_list *list, const struct dialog_search *search);
/* NULL: none is selected. */
struct reader_row *rows_selected(const struct reader_rows *rows);
/* Gives the columns the room that the list view has. */
void rows_fit_columns(const struct reader_rows *rows);

/* Whether there is a card in the reader. */
BOOL row_has_card(const struct reader_row *row);
/* Whether it can be chosen: a card that is looked for, and that answers. */
BOOL row_is_match(const struct reader_row *row);

#endif
