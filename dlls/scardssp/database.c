/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CSCardDatabase: known cards, from the registry, and the readers and reader groups that winscard knows. */

#include <stdlib.h>
#include <string.h>

#include "scardssp_private.h"
#include "system/carddb.h"
#include "system/system.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define MAX_ATR_BUFFER 65536    /* bytes, of which an ATR is the start, as in the array of a SCARD_READERSTATE */

struct database
{
    struct object object;
};

static inline struct database *impl_from_ISCardDatabase(ISCardDatabase *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct database, object.IDispatch_iface);
}

static const char empty_name[] = "the card's name is empty";

/* The card of a name, in a list that the caller releases also after a failure. */
static HRESULT find_by_name(BSTR name, const struct card_list **list, const struct known_card **card)
{
    HRESULT hr = known_cards_acquire_named(&name, 1, list);

    if (FAILED(hr))
        return hr;
    *card = card_list_find(*list, name);
    return *card ? S_OK : SCARD_E_UNKNOWN_CARD;
}

static HRESULT WINAPI database_GetProviderCardId(ISCardDatabase *iface, BSTR name, GUID **provider)
{
    struct database *database = impl_from_ISCardDatabase(iface);
    const struct card_list *list = NULL;
    const struct known_card *card;
    HRESULT hr;

    TRACE("%p, %s, %p.\n", iface, debugstr_w(name), provider);

    if (!provider)
        return object_error(&database->object, __func__, E_POINTER, NULL);
    *provider = NULL;
    if (!name || !*name)
        return object_error(&database->object, __func__, E_INVALIDARG, empty_name);
    hr = find_by_name(name, &list, &card);
    if (SUCCEEDED(hr) && !card->has_provider)
        hr = SCARD_E_ICC_INSTALLATION;
    if (SUCCEEDED(hr) && !(*provider = CoTaskMemAlloc(sizeof(**provider))))
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        **provider = card->provider;
    known_cards_release(list);
    return FAILED(hr) ? object_error(&database->object, __func__, hr, NULL) : S_OK;
}

static HRESULT guids_to_array(const GUID *guids, ULONG count, SAFEARRAY **array)
{
    WCHAR text[39];
    BSTR *strings;
    ULONG i;

    if (!(*array = SafeArrayCreateVector(VT_BSTR, 0, count)))
        return E_OUTOFMEMORY;
    strings = (*array)->pvData;
    for (i = 0; i < count; i++)
    {
        StringFromGUID2(&guids[i], text, ARRAY_SIZE(text));
        if (!(strings[i] = SysAllocString(text)))
        {
            SafeArrayDestroy(*array);
            *array = NULL;
            return E_OUTOFMEMORY;
        }
    }
    return S_OK;
}

static HRESULT WINAPI database_ListCardInterfaces(ISCardDatabase *iface, BSTR name, SAFEARRAY **guids)
{
    struct database *database = impl_from_ISCardDatabase(iface);
    const struct card_list *list = NULL;
    const struct known_card *card;
    HRESULT hr;

    TRACE("%p, %s, %p.\n", iface, debugstr_w(name), guids);

    if (!guids)
        return object_error(&database->object, __func__, E_POINTER, NULL);
    *guids = NULL;
    if (!name || !*name)
        return object_error(&database->object, __func__, E_INVALIDARG, empty_name);
    hr = find_by_name(name, &list, &card);
    if (SUCCEEDED(hr))
        hr = guids_to_array(card->interfaces, card->interface_count, guids);
    known_cards_release(list);
    return FAILED(hr) ? object_error(&database->object, __func__, hr, NULL) : S_OK;
}

/* What ListCards looks for; an empty ATR and no interfaces mean any. */
struct card_filter
{
    struct atr atr;                 /* as long as its own bytes say */
    struct atr whole;               /* the whole buffer, where it may be an ATR longer than that; or empty */
    GUID *interfaces;
    ULONG interface_count;
};

static struct atr atr_from_bytes(const BYTE *bytes, SIZE_T size)
{
    struct atr atr = { .size = size };

    memcpy(atr.bytes, bytes, size);
    return atr;
}

static HRESULT get_filter(IByteBuffer *atr, SAFEARRAY *guids, struct card_filter *filter, const char **cause)
{
    struct bytes content = {0};
    HRESULT hr = S_OK;

    if (atr)
    {
        hr = byte_buffer_read_all(atr, MAX_ATR_BUFFER, &content);
        if (hr == E_INVALIDARG)
            *cause = "the buffer has more than 65536 bytes";
        else if (SUCCEEDED(hr))
        {
            filter->atr = atr_from_bytes(content.data, atr_length(content.data, content.size));
            if (content.size <= ATR_MAX_SIZE && content.size > filter->atr.size)
                filter->whole = atr_from_bytes(content.data, content.size);
        }
        bytes_clear(&content);
    }
    if (SUCCEEDED(hr) && guids)
    {
        hr = safearray_get_guids(guids, &filter->interfaces, &filter->interface_count);
        if (hr == E_INVALIDARG)
            *cause = "this is not an array of strings that are GUIDs";
    }
    return hr;
}

static BOOL card_passes(const struct known_card *card, const struct card_filter *filter)
{
    ULONG i;

    for (i = 0; i < filter->interface_count; i++)
    {
        if (!known_card_has_interface(card, &filter->interfaces[i]))
            return FALSE;
    }
    return TRUE;
}

/*
 * The cards of the ATR of a filter. Programs pass buffers that are longer than the ATR in them; and there are cards
 * whose ATR is longer than it says, which ISCard::Atr hands out, and the registry has, with all its bytes.
 */
static HRESULT match_atr(const struct card_list *list, const struct card_filter *filter,
        const struct known_card ***cards, UINT *count)
{
    HRESULT hr = card_list_match(list, filter->atr.size ? &filter->atr : NULL, cards, count);

    if (FAILED(hr) || *count || !filter->whole.size)
        return hr;
    free(*cards);
    *cards = NULL;
    return card_list_match(list, &filter->whole, cards, count);
}

static HRESULT list_cards(const struct card_filter *filter, SAFEARRAY **names)
{
    const struct known_card **cards = NULL;
    const struct card_list *list = NULL;
    const WCHAR **found = NULL;
    UINT card_count = 0, i;
    ULONG count = 0;
    HRESULT hr;

    hr = known_cards_acquire(&list);
    if (SUCCEEDED(hr))
        hr = match_atr(list, filter, &cards, &card_count);
    if (SUCCEEDED(hr) && !(found = malloc((card_count + 1) * sizeof(*found))))
        hr = E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < card_count; i++)
    {
        if (card_passes(cards[i], filter))
            found[count++] = cards[i]->name;
    }
    if (SUCCEEDED(hr))
        hr = safearray_from_strings(found, count, names);
    free(found);
    free(cards);
    known_cards_release(list);
    return hr;
}

static HRESULT WINAPI database_ListCards(ISCardDatabase *iface, LPBYTEBUFFER atr, SAFEARRAY *guids, LONG locale,
        SAFEARRAY **names)
{
    struct database *database = impl_from_ISCardDatabase(iface);
    struct card_filter filter = {0};
    const char *cause = NULL;
    HRESULT hr;

    TRACE("%p, %p, %p, %#lx, %p.\n", iface, atr, guids, locale, names);

    if (!names)
        return object_error(&database->object, __func__, E_POINTER, NULL);
    *names = NULL;
    hr = get_filter(atr, guids, &filter, &cause);
    if (SUCCEEDED(hr))
        hr = list_cards(&filter, names);
    free(filter.interfaces);
    return FAILED(hr) ? object_error(&database->object, __func__, hr, cause) : S_OK;
}

static HRESULT names_to_array(HRESULT (*list)(HSCARDCONTEXT context, WCHAR **names), SAFEARRAY **array)
{
    WCHAR *names;
    HRESULT hr;

    if (FAILED(hr = winscard_list_apart(list, &names)))
        return hr;
    hr = safearray_from_multistring(names, array);
    free(names);
    return hr;
}

static HRESULT WINAPI database_ListReaderGroups(ISCardDatabase *iface, LONG locale, SAFEARRAY **groups)
{
    struct database *database = impl_from_ISCardDatabase(iface);
    HRESULT hr;

    TRACE("%p, %#lx, %p.\n", iface, locale, groups);

    if (!groups)
        return object_error(&database->object, __func__, E_POINTER, NULL);
    *groups = NULL;
    hr = names_to_array(winscard_list_reader_groups, groups);
    return FAILED(hr) ? object_error(&database->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI database_ListReaders(ISCardDatabase *iface, LONG locale, SAFEARRAY **readers)
{
    struct database *database = impl_from_ISCardDatabase(iface);
    HRESULT hr;

    TRACE("%p, %#lx, %p.\n", iface, locale, readers);

    if (!readers)
        return object_error(&database->object, __func__, E_POINTER, NULL);
    *readers = NULL;
    hr = names_to_array(winscard_list_told_readers, readers);
    return FAILED(hr) ? object_error(&database->object, __func__, hr, NULL) : S_OK;
}

static const ISCardDatabaseVtbl database_vtbl =
{
    OBJECT_METHODS(ISCardDatabase),
    database_GetProviderCardId,
    database_ListCardInterfaces,
    database_ListCards,
    database_ListReaderGroups,
    database_ListReaders
};

static const struct special_param database_params[] =
{
    { .method = METHOD(ISCardDatabase, GetProviderCardId, BSTR, GUID **), .param = 1, .kind = RESULT_GUID },
    { 0 }
};

static struct class_cache database_cache;

const struct class_desc database_class =
{
    .clsid = &CLSID_CSCardDatabase,
    .iid = &IID_ISCardDatabase,
    .name = L"SCardDatabase",
    .vtbl = &database_vtbl,
    .size = sizeof(struct database),
    .special_params = database_params,
    .cache = &database_cache,
};
