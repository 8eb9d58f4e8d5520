/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The smart card database: a kind of card comes into it, is asked for in every way, is found in the reader, and goes.
 * What each function gives is looked at in the function that calls it.
 */

#include "winscard_test.h"

#define NOT_WHAT_WAS_STORED ERROR_INVALID_DATA

static const GUID provider = { 0x9d5b1c10, 0x7e0f, 0x4b52, { 0x8c, 0x5e, 0x21, 0x6f, 0x3a, 0x90, 0xd4, 0x01 } };
static const GUID interface_id = { 0x9d5b1c11, 0x7e0f, 0x4b52, { 0x8c, 0x5e, 0x21, 0x6f, 0x3a, 0x90, 0xd4, 0x01 } };
static const WCHAR card_name[] = L"winscard test card\0";
static const WCHAR provider_name[] = L"winscard test provider";

struct card
{
    SCARDCONTEXT context;
    SCARD_READERSTATEW state;   /* of the reader that it is in */
};

static LONG introduce(void *arg)
{
    const struct card *card = arg;
    BYTE mask[36];

    memset(mask, 0xff, sizeof(mask));
    return SCardIntroduceCardTypeW(card->context, card_name, &provider, &interface_id, 1, card->state.rgbAtr, mask,
                                   card->state.cbAtr);
}

static LONG list_cards_w(void *arg)
{
    const struct card *card = arg;
    WCHAR names[1024], *name;
    DWORD size = ARRAY_SIZE(names);
    LONG error = SCardListCardsW(card->context, card->state.rgbAtr, NULL, 0, names, &size);

    if (error) return error;
    for (name = names; *name; name += lstrlenW(name) + 1) if (!wcscmp(name, card_name)) return ERROR_SUCCESS;
    return NOT_WHAT_WAS_STORED;
}

static LONG list_cards_a(void *arg)
{
    const struct card *card = arg;
    DWORD size = 0;

    return SCardListCardsA(card->context, card->state.rgbAtr, NULL, 0, NULL, &size);
}

static LONG list_interfaces(void *arg)
{
    const struct card *card = arg;
    DWORD count = 1;
    GUID guid;
    LONG error = SCardListInterfacesW(card->context, card_name, &guid, &count);

    return error || (count == 1 && IsEqualGUID(&guid, &interface_id)) ? error : NOT_WHAT_WAS_STORED;
}

static LONG get_provider_id(void *arg)
{
    const struct card *card = arg;
    GUID guid;
    LONG error = SCardGetProviderIdW(card->context, card_name, &guid);

    return error || IsEqualGUID(&guid, &provider) ? error : NOT_WHAT_WAS_STORED;
}

static LONG set_provider_name(void *arg)
{
    const struct card *card = arg;

    return SCardSetCardTypeProviderNameW(card->context, card_name, SCARD_PROVIDER_CSP, provider_name);
}

static LONG get_provider_name(void *arg)
{
    const struct card *card = arg;
    WCHAR name[256];
    DWORD size = ARRAY_SIZE(name);
    LONG error = SCardGetCardTypeProviderNameW(card->context, card_name, SCARD_PROVIDER_CSP, name, &size);

    return error || !wcscmp(name, provider_name) ? error : NOT_WHAT_WAS_STORED;
}

static LONG locate_cards(void *arg)
{
    struct card *card = arg;
    SCARD_READERSTATEW state = { .szReader = card->state.szReader };
    LONG error = SCardLocateCardsW(card->context, card_name, &state, 1);

    return error || state.dwEventState & SCARD_STATE_ATRMATCH ? error : NOT_WHAT_WAS_STORED;
}

static LONG locate_cards_by_atr(void *arg)
{
    struct card *card = arg;
    SCARD_READERSTATEW state = { .szReader = card->state.szReader };
    SCARD_ATRMASK atr = { .cbAtr = card->state.cbAtr };
    LONG error;

    memcpy(atr.rgbAtr, card->state.rgbAtr, card->state.cbAtr);
    memset(atr.rgbMask, 0xff, card->state.cbAtr);
    error = SCardLocateCardsByATRW(card->context, &atr, 1, &state, 1);
    return error || state.dwEventState & SCARD_STATE_ATRMATCH ? error : NOT_WHAT_WAS_STORED;
}

static LONG forget(void *arg)
{
    const struct card *card = arg;
    LONG error = SCardForgetCardTypeW(card->context, card_name);

    return error || list_cards_w(arg) == NOT_WHAT_WAS_STORED ? error : NOT_WHAT_WAS_STORED;
}

static const struct
{
    const char *name;
    LONG (*call)(void *arg);
}
functions[] =
{
    { "SCardIntroduceCardTypeW", introduce },
    { "SCardListCardsW", list_cards_w },
    { "SCardListCardsA", list_cards_a },
    { "SCardListInterfacesW", list_interfaces },
    { "SCardGetProviderIdW", get_provider_id },
    { "SCardSetCardTypeProviderNameW", set_provider_name },
    { "SCardGetCardTypeProviderNameW", get_provider_name },
    { "SCardLocateCardsW", locate_cards },
    { "SCardLocateCardsByATRW", locate_cards_by_atr },
    { "SCardForgetCardTypeW", forget },
};

START_REPORT(database, "7", "database")
{
    struct card card = { .context = establish() };
    unsigned int i;
    LONG error;

    if (!card.context || !(card.state.szReader = find_reader(card.context, SCARD_STATE_PRESENT))) return;
    error = SCardGetStatusChangeW(card.context, 0, &card.state, 1);
    ok(!error && card.state.cbAtr, "SCardGetStatusChangeW: %#lx, an ATR of %lu bytes.\n", error, card.state.cbAtr);

    for (i = 0; i < ARRAY_SIZE(functions); i++)
    {
        error = call_guarded(functions[i].call, &card);
        if (!winetest_platform_is_wine && error == ERROR_ACCESS_DENIED)
        {
            skip("The database is written by administrators alone.\n");
            break;
        }
        todo_wine ok(!error, "%s: %s.\n", functions[i].name, result_text(error));
    }
    SCardReleaseContext(card.context);
}
