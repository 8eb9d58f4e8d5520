/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connections that late-bound callers of FindCard have a handle of. */

#include <stdlib.h>

#include "system.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

struct found_card
{
    struct found_card *next;
    const void *finder;
    HSCARDCONTEXT context;
    struct connection connection;
};

static struct
{
    CRITICAL_SECTION lock;
    struct found_card *first;
}
cards;

static void end_card(struct found_card *card)
{
    HSCARDCONTEXT context = card->context;

    winscard_disconnect(&card->connection, context, LEAVE);
    winscard_release_context(context);
    free(card);
}

HRESULT found_card_keep(const void *finder, const SCARDINFO *info)
{
    struct connection connection = { .handle = info->hCard, .is_own = TRUE };
    struct found_card *card = calloc(1, sizeof(*card));
    HRESULT hr = E_OUTOFMEMORY;

    if (!card || FAILED(hr = winscard_adopt(info->hCard, &connection)))
    {
        winscard_disconnect(&connection, info->hContext, LEAVE);
        winscard_release_context(info->hContext);
        free(card);
        return hr;
    }
    connection.is_own = TRUE;
    card->finder = finder;
    card->context = info->hContext;
    card->connection = connection;
    EnterCriticalSection(&cards.lock);
    card->next = cards.first;
    cards.first = card;
    LeaveCriticalSection(&cards.lock);
    TRACE("%p: handle %#Ix, context %#Ix.\n", finder, connection.handle, info->hContext);
    return S_OK;
}

/* Takes out of the list the first card of a finder, or of a handle. NULL: there is none. */
static struct found_card *remove_card(const void *finder, HSCARD handle)
{
    struct found_card **link, *card;

    EnterCriticalSection(&cards.lock);
    for (link = &cards.first; (card = *link); link = &card->next)
    {
        if (finder ? card->finder == finder : card->connection.handle == handle)
        {
            *link = card->next;
            break;
        }
    }
    LeaveCriticalSection(&cards.lock);
    return card;
}

HSCARDCONTEXT found_card_take(struct connection *connection)
{
    struct found_card *card = remove_card(NULL, connection->handle);
    HSCARDCONTEXT context;

    if (!card)
        return 0;
    context = card->context;
    if (!connection->reader)
    {
        connection->reader = card->connection.reader;
        card->connection.reader = NULL;
    }
    connection->is_own = TRUE;
    winscard_forget(&card->connection);
    free(card);
    return context;
}

void found_cards_end(const void *finder)
{
    struct found_card *card;

    while ((card = remove_card(finder, 0)))
        end_card(card);
}

void found_cards_init(void)
{
    InitializeCriticalSection(&cards.lock);
}

void found_cards_cleanup(void)
{
    DeleteCriticalSection(&cards.lock);
}
