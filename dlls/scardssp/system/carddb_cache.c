/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smart card database in memory, one for the process. Every call that needs all cards makes sure that they are
 * there; one that needs few, by their names, reads those alone where they are not. Every call asks whether the
 * registry has changed, by one event for each key that is watched; there is no thread that waits for them. All keys
 * on the way to the cards are watched, in every place, so that keys which appear, go away or are made anew are
 * noticed as well.
 *
 * No two keys share an event: setting a watch resets its event, and with it what another key has already told.
 */

#include "carddb_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_CACHED_SIZE (64 << 20)      /* bytes; a larger database is read for each call */
#define MAX_NAMED 64                    /* cards that are looked up one by one; for more all are read */

#define WATCHES (CARD_PLACES * CARDS_PATH_LEVELS)
C_ASSERT(WATCHES <= MAXIMUM_WAIT_OBJECTS);

static struct
{
    CRITICAL_SECTION lock;
    HANDLE changed[WATCHES];            /* manual reset; as many as there are keys, in no order */
    HKEY watched[WATCHES];
    unsigned int count;                 /* of the keys that are watched */
    struct card_list *list;             /* NULL: there is none that is watched */
}
cache;

void known_cards_release(const struct card_list *list)
{
    struct card_list *held = (struct card_list *)list;

    if (held && !InterlockedDecrement(&held->ref))
        carddb_free(held);
}

/* A notification lasts as long as the handle of its key. */
static void forget(void)
{
    while (cache.count)
        RegCloseKey(cache.watched[--cache.count]);
    known_cards_release(cache.list);
    cache.list = NULL;
}

static LONG watch_key(const struct card_place *place, unsigned int level)
{
    BOOL cards = level == CARDS_PATH_LEVELS - 1;
    HANDLE *changed = &cache.changed[cache.count];
    LONG error;
    HKEY key;

    if (!*changed && !(*changed = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return GetLastError();
    if ((error = RegOpenKeyExW(place->root, cards_path_levels[level], 0, KEY_READ | place->view, &key)))
        return error;
    /* The end of an earlier watch has set it. */
    ResetEvent(*changed);
    error = RegNotifyChangeKeyValue(key, cards,
            cards ? REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET : REG_NOTIFY_CHANGE_NAME, *changed, TRUE);
    if (error)
        RegCloseKey(key);
    else
        cache.watched[cache.count++] = key;
    return error;
}

/* Below a key that is missing there is nothing to watch: it is the key above that tells when it comes. */
static BOOL watch_place(const struct card_place *place)
{
    unsigned int level;
    LONG error;

    for (level = 0; level < CARDS_PATH_LEVELS; level++)
    {
        error = watch_key(place, level);
        if (error == ERROR_FILE_NOT_FOUND && level)
            return TRUE;
        if (error)
        {
            WARN("%s cannot be watched: error %ld.\n", debugstr_w(cards_path_levels[level]), error);
            return FALSE;
        }
    }
    return TRUE;
}

/* Before the cards are read, so that no change falls between. */
static BOOL watch(void)
{
    unsigned int place;

    for (place = 0; place < CARD_PLACES; place++)
    {
        if (!watch_place(&card_places[place]))
            return FALSE;
    }
    return TRUE;
}

static BOOL is_unchanged(void)
{
    return WaitForMultipleObjects(cache.count, cache.changed, FALSE, 0) == WAIT_TIMEOUT;
}

static HRESULT load(struct card_list **list)
{
    BOOL watched;
    HRESULT hr;

    forget();
    watched = watch();
    if (FAILED(hr = carddb_load(list)))
        return hr;
    (*list)->ref = 1;
    TRACE("%u cards, %Iu bytes.\n", (*list)->count, (*list)->size);
    if (watched && (*list)->size <= MAX_CACHED_SIZE)
    {
        (*list)->ref++;
        cache.list = *list;
    }
    return S_OK;
}

/* The lock is held. NULL: the cards are to be read. */
static struct card_list *get_unchanged(void)
{
    if (!cache.list || !is_unchanged())
        return NULL;
    InterlockedIncrement(&cache.list->ref);
    return cache.list;
}

HRESULT known_cards_acquire(const struct card_list **list)
{
    struct card_list *found;
    HRESULT hr = S_OK;

    EnterCriticalSection(&cache.lock);
    if (!(found = get_unchanged()))
        hr = load(&found);
    LeaveCriticalSection(&cache.lock);
    *list = found;
    return hr;
}

/* While another thread reads all cards, these are read as if nobody did. */
HRESULT known_cards_acquire_named(const BSTR *names, ULONG count, const struct card_list **list)
{
    struct card_list *found = NULL;
    HRESULT hr = S_OK;

    if (count > MAX_NAMED)
        return known_cards_acquire(list);
    if (TryEnterCriticalSection(&cache.lock))
    {
        found = get_unchanged();
        LeaveCriticalSection(&cache.lock);
    }
    if (!found && SUCCEEDED(hr = carddb_load_named(names, count, &found)))
        found->ref = 1;
    *list = found;
    return hr;
}

void known_cards_init(void)
{
    InitializeCriticalSection(&cache.lock);
}

void known_cards_cleanup(void)
{
    unsigned int i;

    forget();
    for (i = 0; i < WATCHES && cache.changed[i]; i++)
        CloseHandle(cache.changed[i]);
    DeleteCriticalSection(&cache.lock);
}
