/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What winscard says of readers. */

#include <stdlib.h>
#include <string.h>

#include "winscard_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* Asks for the size of a multi-string and then for it; what comes between the two calls may make it longer. */
static HRESULT list_names(LONG (WINAPI *list)(SCARDCONTEXT context, WCHAR *names, DWORD *size), HSCARDCONTEXT context,
        WCHAR **names)
{
    LONG error = SCARD_E_INSUFFICIENT_BUFFER;
    DWORD size, attempt;
    WCHAR *buffer;

    for (attempt = 0; attempt < 5 && error == SCARD_E_INSUFFICIENT_BUFFER; attempt++)
    {
        size = 0;
        if ((error = list(context, NULL, &size)))
            break;
        if (!(buffer = calloc(size + 2, sizeof(*buffer))))
            return E_OUTOFMEMORY;
        if (!(error = list(context, buffer, &size)))
        {
            drop_repeated_ends(buffer);
            *names = buffer;
            return S_OK;
        }
        free(buffer);
    }
    return hresult_from_scard(error);
}

static LONG WINAPI list_all_readers(SCARDCONTEXT context, WCHAR *names, DWORD *size)
{
    return SCardListReadersW(context, NULL, names, size);
}

HRESULT winscard_list_readers(HSCARDCONTEXT context, WCHAR **names)
{
    HRESULT hr = list_names(list_all_readers, context, names);

    if (SUCCEEDED(hr) && !**names)
    {
        free(*names);
        hr = SCARD_E_NO_READERS_AVAILABLE;
    }
    return hr;
}

HRESULT winscard_list_reader_groups(HSCARDCONTEXT context, WCHAR **names)
{
    return list_names(SCardListReaderGroupsW, context, names);
}

HRESULT winscard_list_apart(HRESULT (*list)(HSCARDCONTEXT context, WCHAR **names), WCHAR **names)
{
    HSCARDCONTEXT context;
    HRESULT hr;

    if (FAILED(hr = winscard_establish_context(&context)))
        return hr;
    hr = list(context, names);
    winscard_release_context(context);
    return hr;
}

HRESULT winscard_get_reader_atr(HSCARDCONTEXT context, const WCHAR *reader, struct atr *atr)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };
    LONG error = SCardGetStatusChangeW(context, 0, &state, 1);

    TRACE("%s: state %#lx, error %#lx.\n", debugstr_w(reader), state.dwEventState, error);
    if (error)
        return hresult_from_scard(error);
    if (!(state.dwEventState & SCARD_STATE_PRESENT) || state.dwEventState & SCARD_STATE_MUTE)
        return S_FALSE;
    atr->size = min(state.cbAtr, ATR_MAX_SIZE);
    memcpy(atr->bytes, state.rgbAtr, atr->size);
    return atr->size ? S_OK : S_FALSE;
}

/* The array for SCardGetStatusChange, with room for one more. */
static SCARD_READERSTATEW *create_reader_states(const struct reader_state *readers, UINT count)
{
    SCARD_READERSTATEW *states;
    UINT i;

    if (!(states = calloc(count + 1, sizeof(*states))))
        return NULL;
    for (i = 0; i < count; i++)
    {
        states[i].szReader = readers[i].name;
        states[i].dwCurrentState = readers[i].state;
    }
    return states;
}

HRESULT winscard_get_reader_states(HSCARDCONTEXT context, struct reader_state *readers, UINT count)
{
    SCARD_READERSTATEW *states;
    LONG error;
    UINT i;

    if (!count)
        return S_OK;
    if (!(states = create_reader_states(readers, count)))
        return E_OUTOFMEMORY;
    error = SCardGetStatusChangeW(context, 0, states, count);
    for (i = 0; !error && i < count; i++)
    {
        readers[i].state = states[i].dwEventState & ~SCARD_STATE_CHANGED;
        readers[i].atr.size = min(states[i].cbAtr, ATR_MAX_SIZE);
        memcpy(readers[i].atr.bytes, states[i].rgbAtr, readers[i].atr.size);
        TRACE("%s: state %#lx.\n", debugstr_w(readers[i].name), readers[i].state);
    }
    free(states);
    return hresult_from_scard(error);
}

static BOOL is_other_state(DWORD state, DWORD known)
{
    return ((state ^ known) & ~SCARD_STATE_CHANGED) != 0;
}

/*
 * The last name stands for the coming and going of readers, which pcsc-lite counts in the upper half of its state from
 * release 2.3 on. Wine's winscard does not keep dwCurrentState, so that states are compared with those that were given.
 */
HRESULT winscard_await_change(HSCARDCONTEXT context, const struct reader_state *readers, UINT count, DWORD *events,
        DWORD timeout, BOOL *changed)
{
    SCARD_READERSTATEW *states;
    UINT watched = count + 1, i;
    LONG error;

    *changed = FALSE;
    if (!(states = create_reader_states(readers, count)))
        return E_OUTOFMEMORY;
    states[count].szReader = L"\\\\?PnP?\\Notification";
    states[count].dwCurrentState = *events;
    error = SCardGetStatusChangeW(context, timeout, states, watched);
    /* pcsc-lite takes as many names as there can be readers: with all of these there is no room for the last. */
    if (error == SCARD_E_INVALID_PARAMETER && count)
        error = SCardGetStatusChangeW(context, timeout, states, --watched);
    for (i = 0; !error && i < watched; i++)
        *changed |= is_other_state(states[i].dwEventState, i < count ? readers[i].state : *events);
    if (!error && watched > count)
        *events = states[count].dwEventState & ~SCARD_STATE_CHANGED;
    TRACE("%u readers, error %#lx, changed %d, events %#lx.\n", count, error, *changed, *events);
    free(states);
    return error == SCARD_E_TIMEOUT ? S_OK : hresult_from_scard(error);
}

void winscard_cancel(HSCARDCONTEXT context)
{
    SCardCancel(context);
}
