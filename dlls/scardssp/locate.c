/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CSCardLocate: finds a card by its name in the smart card database, or by the interfaces that it supports; the dialog
 * that asks the user for it is in dialog/.
 */

#include <stdlib.h>
#include <string.h>

#include "scardssp_private.h"
#include "dialog/dialog.h"
#include "system/carddb.h"
#include "system/system.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* winscard's SC_DLG_xxx, of which exactly one is given. */
enum dialog_flags
{
    DIALOG_AS_CONFIGURED = 0,       /* FindCard only */
    DIALOG_MINIMAL = 1,
    DIALOG_NEVER = 2,
    DIALOG_ALWAYS = 4
};

/* Either names or GUIDs are set. */
struct search
{
    SAFEARRAY *names;               /* of cards that are looked for */
    GUID *guids;                    /* of interfaces, all of which a card must support */
    ULONG guid_count;
    SAFEARRAY *groups;              /* of readers that are looked at; NULL: all */
    BSTR title;                     /* of the dialog; NULL: its own */
    LONG flags;
};

/* One call of FindCard. */
struct request
{
    struct search search;
    const BSTR *aliases;            /* of the only readers that are looked at */
    ULONG alias_count;              /* 0: all are */
    SCARD_SHARE_MODES share_mode;
    SCARD_PROTOCOLS protocols;
    SCARDINFO *info;                /* is filled when a card was connected */
};

struct locate
{
    struct object object;
    struct search search;           /* flags 0: nothing is configured */
};

static const char bad_flags[] = "the flags are not one of SC_DLG_MINIMAL_UI (1), SC_DLG_NO_UI (2), SC_DLG_FORCE_UI (4)";

static inline struct locate *impl_from_ISCardLocate(ISCardLocate *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct locate, object.IDispatch_iface);
}

static void search_free(struct search *search)
{
    if (search->names)
        SafeArrayDestroy(search->names);
    if (search->groups)
        SafeArrayDestroy(search->groups);
    SysFreeString(search->title);
    free(search->guids);
    memset(search, 0, sizeof(*search));
}

static HRESULT copy_array(SAFEARRAY *array, SAFEARRAY **copy)
{
    return array ? SafeArrayCopy(array, copy) : S_OK;
}

static HRESULT copy_string(BSTR string, BSTR *copy)
{
    *copy = string ? SysAllocStringLen(string, SysStringLen(string)) : NULL;
    return string && !*copy ? E_OUTOFMEMORY : S_OK;
}

static HRESULT search_copy(struct search *search, const struct search *from)
{
    HRESULT hr;

    memset(search, 0, sizeof(*search));
    search->flags = from->flags;
    hr = copy_array(from->names, &search->names);
    if (SUCCEEDED(hr))
        hr = copy_array(from->groups, &search->groups);
    if (SUCCEEDED(hr))
        hr = copy_string(from->title, &search->title);
    if (SUCCEEDED(hr) && from->guids)
    {
        if (!(search->guids = malloc((from->guid_count + 1) * sizeof(*search->guids))))
            hr = E_OUTOFMEMORY;
        else
            memcpy(search->guids, from->guids, from->guid_count * sizeof(*search->guids));
        search->guid_count = from->guid_count;
    }
    if (FAILED(hr))
        search_free(search);
    return hr;
}

static BOOL are_dialog_flags(LONG flags)
{
    return flags == DIALOG_MINIMAL || flags == DIALOG_NEVER || flags == DIALOG_ALWAYS;
}

/* wanted: names, or GUIDs as strings when by_guid is set. */
static HRESULT configure(ISCardLocate *iface, const char *method, BOOL by_guid, SAFEARRAY *wanted, SAFEARRAY *groups,
        BSTR title, LONG flags)
{
    struct locate *locate = impl_from_ISCardLocate(iface);
    struct search search = { .flags = flags }, old;
    const char *cause = "this is not an array of strings";
    BSTR *strings;
    ULONG count;
    HRESULT hr;

    TRACE("%p, %s, %p, %p, %s, %#lx.\n", iface, method, wanted, groups, debugstr_w(title), flags);

    if (!wanted)
        return object_error(&locate->object, method, E_POINTER, NULL);
    if (!are_dialog_flags(flags))
        return object_error(&locate->object, method, E_INVALIDARG, bad_flags);

    hr = groups ? safearray_get_strings(groups, &strings, &count) : S_OK;
    if (SUCCEEDED(hr))
        hr = safearray_get_strings(wanted, &strings, &count);
    if (SUCCEEDED(hr))
        hr = copy_array(groups, &search.groups);
    if (SUCCEEDED(hr))
        hr = copy_string(title, &search.title);
    if (SUCCEEDED(hr) && !by_guid)
        hr = copy_array(wanted, &search.names);
    else if (SUCCEEDED(hr) && FAILED(hr = safearray_get_guids(wanted, &search.guids, &search.guid_count)))
        cause = "one of the strings is no GUID";
    if (FAILED(hr))
    {
        search_free(&search);
        return object_error(&locate->object, method, hr, hr == E_INVALIDARG ? cause : NULL);
    }

    EnterCriticalSection(&locate->object.lock);
    old = locate->search;
    locate->search = search;
    LeaveCriticalSection(&locate->object.lock);
    search_free(&old);
    return S_OK;
}

static HRESULT WINAPI locate_ConfigureCardGuidSearch(ISCardLocate *iface, SAFEARRAY *guids, SAFEARRAY *groups,
        BSTR title, LONG flags)
{
    return configure(iface, __func__, TRUE, guids, groups, title, flags);
}

static HRESULT WINAPI locate_ConfigureCardNameSearch(ISCardLocate *iface, SAFEARRAY *names, SAFEARRAY *groups,
        BSTR title, LONG flags)
{
    return configure(iface, __func__, FALSE, names, groups, title, flags);
}

/* The cards that may be looked for. */
static HRESULT acquire_cards(const struct search *search, const struct card_list **cards)
{
    BSTR *names;
    ULONG count;
    HRESULT hr;

    *cards = NULL;
    if (!search->names)
        return known_cards_acquire(cards);
    if (FAILED(hr = safearray_get_strings(search->names, &names, &count)))
        return hr;
    return known_cards_acquire_named(names, count, cards);
}

/* The name that a card is looked for by, in the program's spelling; NULL: by none. */
static const WCHAR *wanted_name(const struct search *search, const struct known_card *card)
{
    BSTR *names;
    ULONG count, i;

    if (!search->names || FAILED(safearray_get_strings(search->names, &names, &count)))
        return NULL;
    for (i = 0; i < count; i++)
    {
        if (names[i] && known_card_has_name(card, names[i]))
            return names[i];
    }
    return NULL;
}

static BOOL is_wanted_card(const struct search *search, const struct known_card *card)
{
    ULONG i;

    if (search->names)
        return wanted_name(search, card) != NULL;
    for (i = 0; i < search->guid_count; i++)
    {
        if (!known_card_has_interface(card, &search->guids[i]))
            return FALSE;
    }
    return TRUE;
}

/*
 * S_FALSE: the card of this ATR is not looked for. known: its entry, of several the first that is looked for; NULL: it
 * is not in the database.
 */
static HRESULT identify_atr(const struct search *search, const struct card_list *list, const struct atr *atr,
        const struct known_card **known)
{
    const struct known_card **cards;
    HRESULT hr = S_FALSE;
    UINT count, i;

    *known = NULL;
    if (FAILED(card_list_match(list, atr, &cards, &count)))
        return E_OUTOFMEMORY;
    for (i = 0; hr == S_FALSE && i < count; i++)
    {
        if (is_wanted_card(search, cards[i]))
            hr = S_OK;
        if (hr == S_OK || !*known)
            *known = cards[i];
    }
    free(cards);
    return hr;
}

static BOOL is_wanted_atr(const struct search *search, const struct card_list *cards, const struct atr *atr)
{
    const struct known_card *known;

    return identify_atr(search, cards, atr, &known) == S_OK;
}

/* As the registry, where Windows has the groups, compares names: without case, and by no locale. */
static BOOL is_same_group(const WCHAR *a, const WCHAR *b)
{
    while (*a && CharUpperW((WCHAR *)(ULONG_PTR)*a) == CharUpperW((WCHAR *)(ULONG_PTR)*b))
    {
        a++;
        b++;
    }
    return !*a && !*b;
}

/* winscard lists none of these, or not everywhere; each of them has all readers in it. */
static BOOL has_all_readers(const WCHAR *group)
{
    static const WCHAR *const all[] = { L"SCard$AllReaders", L"SCard$LocalReaders", L"SCard$SystemReaders" };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(all); i++)
    {
        if (is_same_group(group, all[i]))
            return TRUE;
    }
    return FALSE;
}

static BOOL is_known_group(const WCHAR *groups, const WCHAR *group)
{
    if (has_all_readers(group))
        return TRUE;
    for (; *groups; groups += lstrlenW(groups) + 1)
    {
        if (is_same_group(groups, group))
            return TRUE;
    }
    return FALSE;
}

/*
 * Whether all readers are looked at: pcsc-lite lists all of them, whichever groups it is asked for. No groups, or none
 * but empty names, are all readers.
 */
static HRESULT has_known_group(HSCARDCONTEXT context, const BSTR *groups, ULONG count, BOOL *known)
{
    BOOL any = FALSE, found = FALSE;
    WCHAR *available;
    HRESULT hr;
    ULONG i;

    if (FAILED(hr = winscard_list_reader_groups(context, &available)))
        return hr;
    for (i = 0; i < count; i++)
    {
        if (!groups[i] || !*groups[i])
            continue;
        any = TRUE;
        found = found || is_known_group(available, groups[i]);
    }
    free(available);
    *known = !any || found;
    return S_OK;
}

/* Whether there are aliases among the groups, which are then those of these readers alone. */
static HRESULT has_alias(const BSTR *groups, ULONG count, BOOL *found)
{
    struct alias *aliases;
    HRESULT hr;
    ULONG i;

    *found = FALSE;
    if (FAILED(hr = aliases_load(&aliases)))
        return hr;
    for (i = 0; i < count && !*found; i++)
        *found = groups[i] && aliases_have(aliases, groups[i]);
    aliases_free(aliases);
    return S_OK;
}

static HRESULT use_groups(struct request *request, HSCARDCONTEXT context)
{
    BOOL all = TRUE, some;
    BSTR *groups;
    ULONG count;
    HRESULT hr;

    if (!request->search.groups)
        return S_OK;
    hr = safearray_get_strings(request->search.groups, &groups, &count);
    if (SUCCEEDED(hr))
        hr = has_known_group(context, groups, count, &all);
    if (FAILED(hr) || all)
        return hr;
    if (FAILED(hr = has_alias(groups, count, &some)))
        return hr;
    request->aliases = groups;
    request->alias_count = count;
    return some ? S_OK : SCARD_E_NO_SMARTCARD;
}

/*
 * Finds out which readers are looked at. SCARD_E_NO_SMARTCARD: none can be, because there is none of the groups.
 */
static HRESULT find_groups(struct request *request)
{
    HSCARDCONTEXT context;
    HRESULT hr;

    if (FAILED(hr = winscard_establish_context(&context)))
        return hr;
    hr = use_groups(request, context);
    winscard_release_context(context);
    return hr;
}

/* SCARD_W_REMOVED_CARD: another card than the one that was seen has been connected, and let go again. */
static HRESULT connect_wanted(struct request *request, HSCARDCONTEXT context, const struct card_list *cards,
        const WCHAR *reader)
{
    struct connection connection = {0};
    struct card_status status;
    HRESULT hr;

    if (FAILED(hr = winscard_connect(context, reader, request->share_mode, request->protocols, &connection)))
        return hr;
    if (SUCCEEDED(winscard_status(&connection, &status)) && !is_wanted_atr(&request->search, cards, &status.atr))
    {
        winscard_disconnect(&connection, context, LEAVE);
        return SCARD_W_REMOVED_CARD;
    }
    memset(request->info, 0, sizeof(*request->info));
    request->info->hCard = connection.handle;
    request->info->hContext = context;
    request->info->ActiveProtocol = winscard_protocol(&connection);
    request->info->ShareMode = request->share_mode;
    winscard_forget(&connection);
    return S_OK;
}

/*
 * Connects to the first card in the readers that is looked for. SCARD_E_NO_SMARTCARD: there is none. When there is one
 * that cannot be connected, the reason.
 */
static HRESULT connect_first_card(struct request *request, HSCARDCONTEXT context, const struct card_list *cards)
{
    HRESULT result = SCARD_E_NO_SMARTCARD, hr;
    struct alias *aliases = NULL;
    WCHAR *readers, *reader;
    struct atr atr;

    hr = winscard_list_readers(context, &readers);
    if (FAILED(hr))
        return hr == SCARD_E_NO_READERS_AVAILABLE ? SCARD_E_NO_SMARTCARD : hr;
    if (request->alias_count && FAILED(hr = aliases_load(&aliases)))
    {
        free(readers);
        return hr;
    }
    for (reader = readers; *reader; reader += lstrlenW(reader) + 1)
    {
        if (request->alias_count && !aliases_mean(aliases, request->aliases, request->alias_count, readers, reader))
            continue;
        if (winscard_get_reader_atr(context, reader, &atr) != S_OK || !is_wanted_atr(&request->search, cards, &atr))
            continue;
        result = connect_wanted(request, context, cards, reader);
        if (SUCCEEDED(result))
            break;
    }
    aliases_free(aliases);
    free(readers);
    return result;
}

/* reader: the only one that is looked at; NULL: all. The context goes on in request->info. */
static HRESULT find_at_once(struct request *request, const WCHAR *reader)
{
    const struct card_list *cards;
    HSCARDCONTEXT context;
    HRESULT hr;

    if (FAILED(hr = winscard_establish_context(&context)))
        return hr;
    hr = acquire_cards(&request->search, &cards);
    if (SUCCEEDED(hr) && reader)
        hr = connect_wanted(request, context, cards, reader);
    else if (SUCCEEDED(hr))
        hr = connect_first_card(request, context, cards);
    known_cards_release(cards);
    if (FAILED(hr))
        winscard_release_context(context);
    return hr;
}

static HRESULT dialog_connect(void *arg, const WCHAR *reader)
{
    return find_at_once(arg, reader);
}

/* Whether the card is looked for; its name, if it is in the list: the program's for it, or else the database's. */
static BOOL name_card(const struct search *search, const struct card_list *cards, const struct atr *atr,
        WCHAR name[CARD_NAME_SIZE])
{
    const struct known_card *known;
    BOOL wanted = identify_atr(search, cards, atr, &known) == S_OK;
    const WCHAR *shown = known ? wanted_name(search, known) : NULL;

    if (known)
        lstrcpynW(name, shown ? shown : known->name, CARD_NAME_SIZE);
    known_cards_release(cards);
    return wanted;
}

/* One that is looked for by its name is found at once; it takes all cards to name another. */
static BOOL dialog_identify(void *arg, const struct atr *atr, WCHAR name[CARD_NAME_SIZE])
{
    const struct search *search = &((const struct request *)arg)->search;
    const struct card_list *cards;

    *name = 0;
    if (search->names && SUCCEEDED(acquire_cards(search, &cards)) && name_card(search, cards, atr, name))
        return TRUE;
    return SUCCEEDED(known_cards_acquire(&cards)) && name_card(search, cards, atr, name);
}

/* S_FALSE: there is no display. */
static HRESULT ask_user(struct request *request, BOOL closes_on_match)
{
    struct dialog_search dialog =
    {
        .title = request->search.title,
        .aliases = request->aliases,
        .alias_count = request->alias_count,
        .closes_on_match = closes_on_match,
        .arg = request,
        .identify = dialog_identify,
        .connect = dialog_connect
    };
    BSTR *names = NULL;
    HRESULT hr;

    if (request->search.names && FAILED(hr = safearray_get_strings(request->search.names, &names, &dialog.name_count)))
        return hr;
    dialog.names = names;
    return dialog_run(&dialog);
}

static HRESULT find_card(struct request *request, enum dialog_flags flags)
{
    HRESULT hr, answer;

    if (FAILED(hr = find_groups(request)))
        return hr;
    if (flags == DIALOG_ALWAYS && (answer = ask_user(request, FALSE)) != S_FALSE)
        return answer;
    hr = find_at_once(request, NULL);
    if (flags == DIALOG_MINIMAL && dialog_can_help(hr) && (answer = ask_user(request, TRUE)) != S_FALSE)
        return answer;
    return hr;
}

static HRESULT WINAPI locate_FindCard(ISCardLocate *iface, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols,
        LONG flags, LPSCARDINFO *info)
{
    struct locate *locate = impl_from_ISCardLocate(iface);
    struct request request = { .share_mode = share_mode, .protocols = protocols };
    const char *cause = NULL;
    HRESULT hr = S_OK;
    BOOL configured;

    TRACE("%p, %d, %#x, %#lx, %p.\n", iface, share_mode, protocols, flags, info);

    if (!info)
        return object_error(&locate->object, __func__, E_POINTER, NULL);
    *info = NULL;
    if (!is_share_mode(share_mode))
        return object_error(&locate->object, __func__, E_INVALIDARG, bad_share_mode);
    if (!is_protocol(protocols))
        return object_error(&locate->object, __func__, E_INVALIDARG, bad_protocol);
    if (flags != DIALOG_AS_CONFIGURED && !are_dialog_flags(flags))
        return object_error(&locate->object, __func__, E_INVALIDARG, bad_flags);

    EnterCriticalSection(&locate->object.lock);
    if ((configured = locate->search.flags != 0))
        hr = search_copy(&request.search, &locate->search);
    LeaveCriticalSection(&locate->object.lock);
    if (!configured)
        return object_error(&locate->object, __func__, E_UNEXPECTED, "no search is configured");

    /* While the dialog runs, the program may release its last reference. */
    ISCardLocate_AddRef(iface);
    if (SUCCEEDED(hr) && !(request.info = CoTaskMemAlloc(sizeof(*request.info))))
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = find_card(&request, flags == DIALOG_AS_CONFIGURED ? request.search.flags : flags);
    if (SUCCEEDED(hr))
        *info = request.info;
    else
        CoTaskMemFree(request.info);
    search_free(&request.search);
    if (hr == SCARD_E_NO_SMARTCARD)
        cause = "none of the cards that are looked for is in a reader";
    if (FAILED(hr))
        object_error(&locate->object, __func__, hr, cause);
    ISCardLocate_Release(iface);
    return hr;
}

static const ISCardLocateVtbl locate_vtbl =
{
    OBJECT_METHODS(ISCardLocate),
    locate_ConfigureCardGuidSearch,
    locate_ConfigureCardNameSearch,
    locate_FindCard
};

static void locate_destroy(struct object *object)
{
    struct locate *locate = CONTAINING_RECORD(object, struct locate, object);

    search_free(&locate->search);
    found_cards_end(object);
}

/* Scripts get the handle alone, which ISCard::AttachByHandle takes. */
static HRESULT put_card_info(struct object *object, void *value, VARIANT *variant)
{
    const SCARDINFO *info = value;

    variant_put_unsigned(variant, info->hCard);
    return found_card_keep(object, info);
}

static const struct special_param locate_params[] =
{
    { .method = METHOD(ISCardLocate, FindCard, SCARD_SHARE_MODES, SCARD_PROTOCOLS, LONG, LPSCARDINFO *), .param = 3,
            .kind = RESULT_OF_CLASS, .put_result = put_card_info },
    { 0 }
};

static struct class_cache locate_cache;

const struct class_desc locate_class =
{
    .clsid = &CLSID_CSCardLocate,
    .iid = &IID_ISCardLocate,
    .name = L"SCardLocate",
    .vtbl = &locate_vtbl,
    .size = sizeof(struct locate),
    .destroy = locate_destroy,
    .special_params = locate_params,
    .cache = &locate_cache,
};
