/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of readers in the dialog. */

#ifndef SCARDSSP_DIALOG_LIST_H
#define SCARDSSP_DIALOG_LIST_H

#include "controls.h"
#include "dialog.h"
#include "watcher.h"

struct reader_row
{
    const struct reader_state *state;   /* the reader_list's */
    const struct seen_card *card;       /* likewise */
    HRESULT failure;                /* of the last attempt to connect while the reader was in this state; S_OK: none */
};

struct reader_rows
{
    HWND window;                    /* the list view */
    const struct controls *controls;
    struct reader_list *list;       /* NULL: not known yet */
    struct reader_row *rows;        /* as many as list->count */
};

/* Prepares the list view. */
void rows_init(struct reader_rows *rows, HWND window, const struct controls *controls);
/* Frees everything, while the list view still exists. */
void rows_close(struct reader_rows *rows);
/*
 * Shows a new list, which it takes over. The selected reader stays so; where that cannot be used, a reader with a card
 * that is looked for is selected. FALSE: there is no memory, the list is empty.
 */
BOOL rows_set(struct reader_rows *rows, struct reader_list *list);
/* NULL: none is selected. */
struct reader_row *rows_selected(const struct reader_rows *rows);
/* Gives the columns the room that the list view has. */
void rows_fit_columns(const struct reader_rows *rows);

/* Whether there is a card in the reader. */
BOOL row_has_card(const struct reader_row *row);
/* Whether it can be chosen: a card that is looked for, and that answers. */
BOOL row_is_match(const struct reader_row *row);

#endif
