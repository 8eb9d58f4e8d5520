/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Follows the readers in a thread of its own, which tells a window of every change. It waits in the resource manager;
 * where winscard does not wait, as Wine's, it asks ten times a second.
 */

#ifndef SCARDSSP_WATCHER_H
#define SCARDSSP_WATCHER_H

#include "system/system.h"

/* All readers at one moment. Nobody writes to it any more. */
struct reader_list
{
    LONG ref;
    HRESULT hr;             /* a failure: there are no readers to be seen, and this is why */
    UINT count;
    WCHAR *names;           /* a multi-string, to which the states point */
    struct reader_state states[];
};

void reader_list_release(struct reader_list *list);

struct watcher;

/*
 * Starts to watch. Whenever there is a new list of readers, the first one included, message is posted to window
 * (wparam and lparam 0). The resource manager may end and come back meanwhile.
 */
HRESULT watcher_start(HWND window, UINT message, struct watcher **watcher);
/* The newest list, which the caller releases; NULL: none since the last call. */
struct reader_list *watcher_take(struct watcher *watcher);
/* Ends the thread and waits for its end; NULL is ignored. */
void watcher_stop(struct watcher *watcher);

#endif
