/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smart card database in memory, one for the process. Every call asks one event whether the registry has changed;
 * there is no thread that waits for it. All keys on the way to the cards are watched, in every place, so that keys
 * which appear, go away or are made anew are noticed as well.
 */

#include "registry.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_CACHED_SIZE (64 << 20)      /* bytes; a larger database is read for each call */

static struct
{
    CRITICAL_SECTION lock;
    HANDLE changed;                     /* manual reset */
    HKEY watched[CARD_PLACES][CARDS_PATH_LEVELS];
    struct card_list *list;             /* NULL: there is none that is watched */
}
cache;

void known_cards_release(const struct card_list *list)
{
    struct card_list *held = (struct card_list *)list;

    if (held && !InterlockedDecrement(&held->ref))
        registry_free_cards(held);
}

/* A notification lasts as long as the handle of its key. */
static void forget(void)
{
    unsigned int place, level;

    for (place = 0; place < CARD_PLACES; place++)
    {
        for (level = 0; level < CARDS_PATH_LEVELS; level++)
        {
            if (cache.watched[place][level])
                RegCloseKey(cache.watched[place][level]);
            cache.watched[place][level] = NULL;
        }
    }
    known_cards_release(cache.list);
    cache.list = NULL;
}

/* Below a key that is missing there is nothing to watch: it is the key above that tells when it comes. */
static BOOL watch_place(const struct card_place *place, HKEY *watched)
{
    unsigned int level;
    BOOL cards;
    LONG error;

    for (level = 0; level < CARDS_PATH_LEVELS; level++)
    {
        cards = level == CARDS_PATH_LEVELS - 1;
        error = RegOpenKeyExW(place->root, cards_path_levels[level], 0, KEY_READ | place->view, &watched[level]);
        if (error == ERROR_FILE_NOT_FOUND && level)
            return TRUE;
        if (!error)
            error = RegNotifyChangeKeyValue(watched[level], cards,
                    cards ? REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET : REG_NOTIFY_CHANGE_NAME,
                    cache.changed, TRUE);
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

    if (!cache.changed && !(cache.changed = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return FALSE;
    ResetEvent(cache.changed);
    for (place = 0; place < CARD_PLACES; place++)
    {
        if (!watch_place(&card_places[place], cache.watched[place]))
            return FALSE;
    }
    return TRUE;
}

static HRESULT load(struct card_list **list)
{
    BOOL watched;
    HRESULT hr;

    forget();
    watched = watch();
    if (FAILED(hr = registry_load_cards(list)))
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

HRESULT known_cards_acquire(const struct card_list **list)
{
    struct card_list *found = NULL;
    HRESULT hr = S_OK;

    EnterCriticalSection(&cache.lock);
    if (cache.list && WaitForSingleObject(cache.changed, 0) == WAIT_TIMEOUT)
    {
        found = cache.list;
        InterlockedIncrement(&found->ref);
    }
    else
        hr = load(&found);
    LeaveCriticalSection(&cache.lock);
    *list = found;
    return hr;
}

void known_cards_init(void)
{
    InitializeCriticalSection(&cache.lock);
}

void known_cards_cleanup(void)
{
    forget();
    if (cache.changed)
        CloseHandle(cache.changed);
    DeleteCriticalSection(&cache.lock);
}
