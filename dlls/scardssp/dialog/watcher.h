/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Follows the readers in a thread of its own, which tells a window of every change. It waits in the resource manager;
 * where winscard does not wait, as Wine's, it asks ten times a second.
 */

#ifndef SCARDSSP_WATCHER_H
#define SCARDSSP_WATCHER_H

#include "dialog.h"
#include "system/system.h"

/* What is known of the card in a reader. */
struct seen_card
{
    BOOL is_wanted;
    WCHAR name[CARD_NAME_SIZE];     /* empty: it is not known, or there is no card */
};

/* The readers at one moment. Nobody writes to it any more. */
struct reader_list
{
    LONG ref;
    HRESULT hr;             /* a failure: there are no readers to be seen, and this is why */
    WCHAR *names;           /* of all, a multi-string, to which the states point; NULL: there is none */
    struct alias *aliases;  /* as they were at that moment */
    struct seen_card *cards;    /* one for each state */
    UINT count;             /* of the readers that are shown */
    struct reader_state states[];
};

/* Whether there is a card in a reader of this state, and it answers. */
BOOL state_has_card(DWORD state);
/* Whether nothing is new to the user: idle cards lose their power, and get it back for an attempt to connect. */
BOOL is_same_state(DWORD a, DWORD b);

void reader_list_release(struct reader_list *list);

struct watcher;

/*
 * Starts to watch the readers of a search, which stays as it is meanwhile. Whenever there is a new list of readers, the
 * first one included, message is posted to window (wparam and lparam 0). The resource manager may end and come back
 * meanwhile.
 */
HRESULT watcher_start(HWND window, UINT message, const struct dialog_search *search, struct watcher **watcher);
/* The newest list, which the caller releases; NULL: none since the last call. */
struct reader_list *watcher_take(struct watcher *watcher);
/* Ends the thread and waits for its end; NULL is ignored. */
void watcher_stop(struct watcher *watcher);

#endif
