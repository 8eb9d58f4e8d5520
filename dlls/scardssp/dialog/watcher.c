/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that follows the readers for the dialog of FindCard. */

#include <stdlib.h>
#include <string.h>

#include "watcher.h"
#include "winuser.h"
#include "winscard.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/*
 * A reader that comes just between two calls is not noticed where winscard does not count them, and tells only what
 * happens during a call: after this time the readers are listed anew in any case.
 */
#define RELIST_AFTER    30000
#define PAUSE           20      /* ms after a change: what comes together is shown together */
/*
 * ms between two calls of a winscard that does not wait. With the 400 ms after which pcsc-lite looks at a card again it
 * is half a second at most from the card to its row.
 */
#define ASK_AGAIN       100
#define RETRY_AFTER     1000    /* ms between two attempts to reach a resource manager that has ended */
#define CANCEL_AGAIN    50      /* ms; a cancellation just before the wait begins has no effect */

struct watcher
{
    HWND window;
    UINT message;
    const struct dialog_search *search;
    HANDLE thread, stop;
    CRITICAL_SECTION lock;      /* of what follows */
    HSCARDCONTEXT context;      /* that can be cancelled; 0: none */
    struct reader_list *newest;
};

static BOOL is_stopped(const struct watcher *watcher, DWORD patience)
{
    return WaitForSingleObject(watcher->stop, patience) == WAIT_OBJECT_0;
}

BOOL state_has_card(DWORD state)
{
    return state & SCARD_STATE_PRESENT
            && !(state & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_MUTE));
}

BOOL is_same_state(DWORD a, DWORD b)
{
    return !((a ^ b) & ~SCARD_STATE_UNPOWERED);
}

void reader_list_release(struct reader_list *list)
{
    if (list && !InterlockedDecrement(&list->ref))
    {
        aliases_free(list->aliases);
        free(list->names);
        free(list->cards);
        free(list);
    }
}

/* Without a reader that is shown. Takes names over; NULL: no reader. */
static struct reader_list *reader_list_create(WCHAR *names, HRESULT hr)
{
    struct reader_list *list;
    const WCHAR *name;
    UINT count = 0;

    for (name = names; name && *name; name += lstrlenW(name) + 1)
        count++;
    if (!(list = calloc(1, sizeof(*list) + count * sizeof(*list->states)))
            || !(list->cards = calloc(count + 1, sizeof(*list->cards))))
    {
        free(list);
        free(names);
        return NULL;
    }
    list->ref = 1;
    list->hr = hr;
    list->names = names;
    return list;
}

static void show_readers(struct reader_list *list, const struct dialog_search *search)
{
    const WCHAR *name;

    for (name = list->names; name && *name; name += lstrlenW(name) + 1)
    {
        if (!search->alias_count
                || aliases_mean(list->aliases, search->aliases, search->alias_count, list->names, name))
            list->states[list->count++].name = name;
    }
}

/* NULL: a list did not have such a reader in this state. */
static const struct seen_card *find_same(const struct reader_list *list, const struct reader_state *state)
{
    UINT i;

    for (i = 0; list && i < list->count; i++)
    {
        if (is_same_state(list->states[i].state, state->state) && !wcscmp(list->states[i].name, state->name))
            return &list->cards[i];
    }
    return NULL;
}

/* Only what is new since the list before is looked up. */
static void identify_cards(struct watcher *watcher, struct reader_list *list, const struct reader_list *before)
{
    const struct dialog_search *search = watcher->search;
    const struct seen_card *same;
    UINT i;

    for (i = 0; i < list->count && !is_stopped(watcher, 0); i++)
    {
        if ((same = find_same(before, &list->states[i])))
            list->cards[i] = *same;
        else if (state_has_card(list->states[i].state))
            list->cards[i].is_wanted = search->identify(search->arg, &list->states[i].atr, list->cards[i].name);
    }
}

/*
 * The readers as they are now. before: the last list, or NULL. SCARD_E_UNKNOWN_READER: one of them has just gone.
 */
static HRESULT list_readers(struct watcher *watcher, HSCARDCONTEXT context, const struct reader_list *before,
        struct reader_list **list)
{
    WCHAR *names = NULL;
    HRESULT hr = winscard_list_readers(context, &names);

    if (FAILED(hr) && hr != SCARD_E_NO_READERS_AVAILABLE)
        return hr;
    if (!(*list = reader_list_create(SUCCEEDED(hr) ? names : NULL, S_OK)))
        return E_OUTOFMEMORY;
    hr = aliases_load(&(*list)->aliases);
    if (SUCCEEDED(hr))
    {
        show_readers(*list, watcher->search);
        hr = winscard_get_reader_states(context, (*list)->states, (*list)->count);
    }
    if (SUCCEEDED(hr))
        identify_cards(watcher, *list, before);
    else
        reader_list_release(*list);
    return hr;
}

static void publish(struct watcher *watcher, struct reader_list *list)
{
    struct reader_list *old;

    if (!list)
        return;
    InterlockedIncrement(&list->ref);
    EnterCriticalSection(&watcher->lock);
    old = watcher->newest;
    watcher->newest = list;
    LeaveCriticalSection(&watcher->lock);
    reader_list_release(old);
    PostMessageW(watcher->window, watcher->message, 0, 0);
}

static void publish_failure(struct watcher *watcher, HRESULT hr)
{
    struct reader_list *list = reader_list_create(NULL, hr);

    WARN("The readers cannot be watched: %#lx.\n", hr);
    publish(watcher, list);
    reader_list_release(list);
}

static void set_context(struct watcher *watcher, HSCARDCONTEXT context)
{
    EnterCriticalSection(&watcher->lock);
    watcher->context = context;
    LeaveCriticalSection(&watcher->lock);
}

/* Until there is something new, or the time has come to list the readers in any case. */
static HRESULT await_change(struct watcher *watcher, HSCARDCONTEXT context, const struct reader_list *list,
        DWORD *events)
{
    DWORD start = GetTickCount(), passed = 0;
    BOOL changed = FALSE;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && !changed && passed < RELIST_AFTER)
    {
        hr = winscard_await_change(context, list->states, list->count, events, RELIST_AFTER - passed, &changed);
        if (SUCCEEDED(hr) && !changed && is_stopped(watcher, ASK_AGAIN))
            break;
        passed = GetTickCount() - start;
    }
    return hr;
}

/* Until the resource manager fails, which is the result, or the watcher is stopped. */
static HRESULT follow_readers(struct watcher *watcher, HSCARDCONTEXT context)
{
    struct reader_list *list, *before = NULL;
    DWORD events = 0, pause;
    HRESULT hr;

    do
    {
        pause = PAUSE;
        hr = list_readers(watcher, context, before, &list);
        if (SUCCEEDED(hr))
        {
            publish(watcher, list);
            reader_list_release(before);
            before = list;
            hr = await_change(watcher, context, list, &events);
        }
        if (hr == SCARD_E_UNKNOWN_READER)
        {
            pause = ASK_AGAIN;
            hr = S_OK;
        }
    }
    while (SUCCEEDED(hr) && !is_stopped(watcher, pause));
    reader_list_release(before);
    return hr;
}

static DWORD WINAPI follow(void *arg)
{
    struct watcher *watcher = arg;
    HSCARDCONTEXT context;
    HRESULT hr;

    do
    {
        if (SUCCEEDED(hr = winscard_establish_context(&context)))
        {
            set_context(watcher, context);
            hr = follow_readers(watcher, context);
            set_context(watcher, 0);
            winscard_release_context(context);
        }
        if (is_stopped(watcher, 0))
            break;
        publish_failure(watcher, hr);
    }
    while (!is_stopped(watcher, RETRY_AFTER));
    return 0;
}

static void free_watcher(struct watcher *watcher)
{
    if (watcher->thread)
        CloseHandle(watcher->thread);
    if (watcher->stop)
        CloseHandle(watcher->stop);
    reader_list_release(watcher->newest);
    DeleteCriticalSection(&watcher->lock);
    free(watcher);
}

HRESULT watcher_start(HWND window, UINT message, const struct dialog_search *search, struct watcher **watcher)
{
    struct watcher *created;

    if (!(created = calloc(1, sizeof(*created))))
        return E_OUTOFMEMORY;
    created->window = window;
    created->message = message;
    created->search = search;
    InitializeCriticalSection(&created->lock);
    if (!(created->stop = CreateEventW(NULL, TRUE, FALSE, NULL))
            || !(created->thread = CreateThread(NULL, 0, follow, created, 0, NULL)))
    {
        free_watcher(created);
        return E_OUTOFMEMORY;
    }
    *watcher = created;
    return S_OK;
}

struct reader_list *watcher_take(struct watcher *watcher)
{
    struct reader_list *list;

    EnterCriticalSection(&watcher->lock);
    list = watcher->newest;
    watcher->newest = NULL;
    LeaveCriticalSection(&watcher->lock);
    return list;
}

void watcher_stop(struct watcher *watcher)
{
    if (!watcher)
        return;
    SetEvent(watcher->stop);
    do
    {
        EnterCriticalSection(&watcher->lock);
        if (watcher->context)
            winscard_cancel(watcher->context);
        LeaveCriticalSection(&watcher->lock);
    }
    while (WaitForSingleObject(watcher->thread, CANCEL_AGAIN) == WAIT_TIMEOUT);
    free_watcher(watcher);
}
