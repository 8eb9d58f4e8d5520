/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardDatabase, when the registry changes: the next call sees it, whoever changed what and in whichever place.
 * "database_change COMMAND N" does one change from another process, or changes a card all the time. All expectations:
 * [ours]
 */

#define COBJMACROS
#include "common.h"
#include "known_cards.h"

#define ROUNDS 50
#define RESTLESS_ROUNDS 15
#define CHANGE_TIME 600000      /* ms */

static struct card_place machine_cards64 = { "64-bit view", HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY, 0, FALSE };
static struct card_place machine_cards32 = { "32-bit view", HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY, 0, FALSE };
static struct card_place *const places[] = { &user_cards, &machine_cards64, &machine_cards32 };

static const BYTE atr_a[] = { 0x3b, 0x80, 0x80, 0x01, 0x01 }, atr_b[] = { 0x3b, 0x81, 0x80, 0x01, 0x01, 0x01 };
static const BYTE some_mask[] = { 0xff, 0xff, 0xff, 0xff, 0x0f };
static const struct card_entry card_a = { L"changed", BINARY(atr_a, 5), NOTHING, NOTHING, NOTHING };
static const struct card_entry card_b = { L"changed", BINARY(atr_b, 6), NOTHING, NOTHING, NOTHING };

static ISCardDatabase *database;

/* How often our card is among those of an ATR, or of any. */
static unsigned int listed(const BYTE *atr, LONG size)
{
    IByteBuffer *buffer = atr ? create_buffer(atr, size) : NULL;
    unsigned int count = 0;
    SAFEARRAY *names;
    HRESULT hr = ISCardDatabase_ListCards(database, buffer, NULL, 0, &names);

    ok(hr == S_OK, "ListCards: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK)
    {
        count = count_card(names, card_a.name);
        SafeArrayDestroy(names);
    }
    if (buffer) IByteBuffer_Release(buffer);
    return count;
}

#define check_listed(a, b) check_listed_at(__LINE__, a, b)
static void check_listed_at(int line, unsigned int a, unsigned int b)
{
    unsigned int of_a = listed(atr_a, 5), of_b = listed(atr_b, 6), of_any = listed(NULL, 0);

    ok_(__FILE__, line)(of_a == a, "By the first ATR: %u, expected %u.\n", of_a, a);
    ok_(__FILE__, line)(of_b == b, "By the second ATR: %u, expected %u.\n", of_b, b);
    ok_(__FILE__, line)(of_any == (a || b), "By none: %u, expected %u.\n", of_any, a || b);
}

static void set_value(const struct card_place *place, const WCHAR *value, const BYTE *data, DWORD size)
{
    HKEY cards = open_cards(place), key;
    LONG rc;

    rc = RegOpenKeyExW(cards, CARD_PREFIX L"changed", 0, KEY_WRITE | place->view, &key);
    if (!rc)
    {
        rc = data ? RegSetValueExW(key, value, 0, REG_BINARY, data, size) : RegDeleteValueW(key, value);
        RegCloseKey(key);
    }
    ok(!rc, "%s: %ld.\n", wine_dbgstr_w(value), rc);
    RegCloseKey(cards);
}

/* Every kind of change, in one place. */
static void test_place(const struct card_place *place)
{
    check_listed(0, 0);
    introduce_entry(place, &card_a);
    check_listed(1, 0);
    check_listed(1, 0);
    set_value(place, L"ATR", atr_b, 6);
    check_listed(0, 1);
    set_value(place, L"ATR", atr_a, 5);
    check_listed(1, 0);
    set_value(place, L"ATRMask", some_mask, 4); /* damaged */
    check_listed(0, 0);
    set_value(place, L"ATRMask", some_mask, 5);
    check_listed(1, 0);
    set_value(place, L"ATR", (const BYTE *)"\x3b\x80\x80\x01\xf1", 5);
    check_listed(1, 0);
    set_value(place, L"ATRMask", NULL, 0);
    ok(!listed(atr_a, 5), "Without the mask the card still has the ATR.\n");
    ok(listed(NULL, 0) == 1, "Without the mask the card is gone.\n");
    set_value(place, L"ATR", atr_a, 5);
    check_listed(1, 0);
    forget_entry(place, card_a.name);
    check_listed(0, 0);
}

/* The user's entry covers the others, which come back when it goes. */
static void test_covering(void)
{
    introduce_entry(&machine_cards64, &card_a);
    introduce_entry(&machine_cards32, &card_a);
    check_listed(1, 0);
    introduce_entry(&user_cards, &card_b);
    check_listed(0, 1);
    forget_entry(&user_cards, card_b.name);
    check_listed(1, 0);
    forget_entry(&machine_cards64, card_a.name);
    check_listed(1, 0);
    forget_entry(&machine_cards32, card_a.name);
    check_listed(0, 0);
}

/* Without its subkeys; of the levels that a test made itself. */
static void delete_level(const struct card_place *place, unsigned int level)
{
    WCHAR parent[200];
    HKEY key;

    lstrcpyW(parent, cards_path[level]);
    *wcsrchr(parent, '\\') = 0;
    if (RegOpenKeyExW(place->root, parent, 0, KEY_READ | KEY_WRITE | place->view, &key)) return;
    RegDeleteKeyW(key, wcsrchr(cards_path[level], '\\') + 1);
    RegCloseKey(key);
}

/* The keys above the cards come, go and come again, whether or not somebody has looked meanwhile. */
static void test_keys(struct card_place *place)
{
    unsigned int look, level;

    if (!place->created)
    {
        skip("%s: the key of the cards was there before.\n", place->name);
        return;
    }
    for (look = 0; look < 4; look++)
    {
        winetest_push_context("%s, look %u", place->name, look);
        introduce_entry(place, &card_a);
        check_listed(1, 0);
        forget_entry(place, card_a.name);
        for (level = 0; level < place->created; level++)
        {
            if (look & 1) check_listed(0, 0);
            delete_level(place, level);
        }
        if (look & 2) check_listed(0, 0);
        open_place(place);
        if (look == 3) check_listed(0, 0);
        introduce_entry(place, &card_b);
        check_listed(0, 1);
        forget_entry(place, card_b.name);
        check_listed(0, 0);
        winetest_pop_context();
    }
}

static const struct card_entry restless = { L"restless", BINARY(atr_a, 5), NOTHING, NOTHING, NOTHING };

/* Sets a value of a card until the card is gone, or for ten minutes. */
static void change_until_gone(const struct card_place *place)
{
    DWORD start = GetTickCount(), i;
    HKEY cards, key;

    introduce_entry(place, &restless);
    cards = open_cards(place);
    if (RegOpenKeyExW(cards, CARD_PREFIX L"restless", 0, KEY_WRITE | place->view, &key)) ok(0, "There is no card.\n");
    else
    {
        for (i = 0; GetTickCount() - start < CHANGE_TIME; i++)
            if (RegSetValueExW(key, L"Changes", 0, REG_DWORD, (const BYTE *)&i, sizeof(i))) break;
        RegCloseKey(key);
    }
    RegCloseKey(cards);
}

/* What this program does for test_other_process and test_restless_process. */
static int change_here(const char *command, unsigned int place)
{
    if (place >= ARRAY_SIZE(places)) return 2;
    if (!strcmp(command, "introduce")) introduce_entry(places[place], &card_a);
    else if (!strcmp(command, "restless")) change_until_gone(places[place]);
    else forget_entry(places[place], card_a.name);
    return winetest_get_failures() != 0;
}

/* Runs this program for one change. */
static void change_elsewhere(const WCHAR *arguments)
{
    HANDLE process = start_again(arguments);
    DWORD status = ~0u;

    if (!process)
    {
        ok(0, "CreateProcess: %lu.\n", GetLastError());
        return;
    }
    WaitForSingleObject(process, 60000);
    GetExitCodeProcess(process, &status);
    ok(!status, "%s: exit status %lu.\n", wine_dbgstr_w(arguments), status);
    CloseHandle(process);
}

static void test_other_process(void)
{
    WCHAR arguments[40];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(places); i++)
    {
        if (!places[i]->writable) continue;
        winetest_push_context("%s", places[i]->name);
        check_listed(0, 0);
        _snwprintf(arguments, ARRAY_SIZE(arguments), L"introduce %u", i);
        change_elsewhere(arguments);
        check_listed(1, 0);
        _snwprintf(arguments, ARRAY_SIZE(arguments), L"forget %u", i);
        change_elsewhere(arguments);
        check_listed(0, 0);
        winetest_pop_context();
    }
}

/* While another process writes all the time, what is changed here is noticed all the same, and nothing is missed. */
static void test_restless_process(void)
{
    HANDLE process = start_again(L"restless 0");
    SAFEARRAY *names;
    DWORD status = ~0u;
    unsigned int i;

    ok(process != NULL, "CreateProcess: %lu.\n", GetLastError());
    for (i = 0; process && i < 2000 && status; i++)
    {
        Sleep(10);
        if (ISCardDatabase_ListCards(database, NULL, NULL, 0, &names) != S_OK) continue;
        status = !count_card(names, restless.name);
        SafeArrayDestroy(names);
    }
    ok(!status, "The other process does nothing.\n");
    for (i = 0; process && i < max(3, rounds_here(RESTLESS_ROUNDS)); i++)
    {
        introduce_entry(&user_cards, i % 2 ? &card_a : &card_b);
        check_listed(i % 2, !(i % 2));
        if (i % 3 == 0) forget_entry(&user_cards, card_a.name);
        if (i % 3 == 0) check_listed(0, 0);
    }
    forget_cards(&user_cards);
    check_listed(0, 0);
    status = ~0u;
    WaitForSingleObject(process, 60000);
    GetExitCodeProcess(process, &status);
    ok(!status, "Exit status %lu.\n", status);
    CloseHandle(process);
}

/* A change that is ready before a call starts is in what it returns, in whichever thread that is. */
static DWORD WINAPI look_in_thread(void *arg)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    *(unsigned int *)arg = listed(atr_a, 5);
    CoUninitialize();
    return 0;
}

static void test_threads(void)
{
    unsigned int i, found;

    for (i = 0; i < ROUNDS; i++)
    {
        found = 2;
        if (i % 2) forget_entry(&user_cards, card_a.name);
        else introduce_entry(&user_cards, &card_a);
        if (!run_in_thread(look_in_thread, &found)) break;
        if (found != (i % 2 ? 0 : 1)) break;
    }
    ok(i == ROUNDS, "Round %u: the card is listed %u times.\n", i, found);
    forget_cards(&user_cards);
}

/* ---- changes during the calls ---- */

#define BURSTS 150              /* in each place; a third of it among many cards */
#define BURST_CARDS 10          /* that a call reads, so that it takes a while */

static LONG stop_looking;

static DWORD WINAPI keep_looking(void *arg)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while (!InterlockedCompareExchange(&stop_looking, 0, 0)) listed(NULL, 0);
    CoUninitialize();
    return 0;
}

/* Sets the ATR of our card in place, again and again, and last to that of round. FALSE: the registry refuses. */
static BOOL change_in_burst(HKEY key, unsigned int round)
{
    unsigned int i;

    for (i = 0; i <= round % 40; i++)
    {
        BOOL second = (round + round % 40 - i) % 2;

        if (RegSetValueExW(key, L"ATR", 0, REG_BINARY, second ? atr_b : atr_a, second ? 6 : 5)) return FALSE;
    }
    return TRUE;
}

/* While another thread lists cards without a pause: what was set before a call starts is in what it returns. */
static void test_during_calls(const struct card_place *place, unsigned int bursts)
{
    WCHAR names[BURST_CARDS][16];
    struct card_entry entry = card_a;
    HKEY cards = open_cards(place), key;
    unsigned int round, found_a = 2, found_b = 2, i;
    HANDLE thread;

    for (i = 0; i < BURST_CARDS; i++)
    {
        wsprintfW(names[i], L"burst %u", i);
        entry.name = names[i];
        introduce_entry(place, &entry);
    }
    introduce_entry(place, &card_a);
    if (RegOpenKeyExW(cards, CARD_PREFIX L"changed", 0, KEY_WRITE | place->view, &key)) key = NULL;
    ok(key != NULL, "The card cannot be opened.\n");
    InterlockedExchange(&stop_looking, 0);
    thread = CreateThread(NULL, 0, keep_looking, NULL, 0, NULL);
    for (round = 0; key && round < bursts; round++)
    {
        if (!change_in_burst(key, round)) break;
        found_a = listed(atr_a, 5);
        found_b = listed(atr_b, 6);
        if (found_a != !(round % 2) || found_b != round % 2) break;
    }
    ok(round == bursts, "Burst %u: the card is listed %u and %u times.\n", round, found_a, found_b); /* [ours] */
    InterlockedExchange(&stop_looking, 1);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    RegCloseKey(key);
    RegCloseKey(cards);
    forget_cards(place);
    check_listed(0, 0);
}

/* Neither changes that are noticed nor a DLL that was unloaded leave handles behind. */
static void test_handles(void)
{
    ULONG before, after;
    unsigned int i;

    check_listed(0, 0);
    before = handle_level();
    for (i = 0; i < ROUNDS; i++)
    {
        introduce_entry(&user_cards, i % 2 ? &card_a : &card_b);
        listed(NULL, 0);
        forget_cards(&user_cards);
    }
    check_listed(0, 0);
    after = handle_level();
    ok(after < before + ROUNDS, "%lu handles after %u changes, %lu before.\n", after, ROUNDS, before);

    for (i = 0; i < ROUNDS; i++)
    {
        ISCardDatabase_Release(database);
        CoFreeUnusedLibrariesEx(0, 0);
        CoFreeUnusedLibrariesEx(0, 0);
        if (GetModuleHandleW(L"scardssp.dll")) break;
        database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
        listed(NULL, 0);
    }
    ok(i == ROUNDS, "The DLL was not unloaded in round %u.\n", i);
    if (i < ROUNDS) database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    after = handle_level();
    ok(after < before + ROUNDS, "%lu handles after %u unloads, %lu before.\n", after, ROUNDS, before);
}

/* In all places. */
static void test_changes(unsigned int bursts)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(places); i++)
    {
        if (!places[i]->writable) continue;
        winetest_push_context("%s", places[i]->name);
        test_place(places[i]);
        test_during_calls(places[i], max(2, rounds_here(bursts)));
        winetest_pop_context();
    }
    if (machine_cards64.writable && machine_cards32.writable) test_covering();
    test_other_process();
    if (user_cards.writable) test_restless_process();
    test_threads();
    test_handles();
}

START_TEST(database_change)
{
    char **argv;
    unsigned int i;

    if (winetest_get_mainargs(&argv) == 4) exit(change_here(argv[2], (unsigned int)atoi(argv[3])));

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    for (i = 0; i < ARRAY_SIZE(places); i++)
    {
        open_place(places[i]);
        if (places[i]->writable) clean_place(places[i]);
    }
    check_listed(0, 0);
    if (machine_cards64.writable && machine_cards32.writable && !are_two_places(&machine_cards64, &machine_cards32))
        machine_cards32.writable = FALSE;
    for (i = 0; i < ARRAY_SIZE(places); i++)
    {
        if (!places[i]->writable)
        {
            skip("%s cannot be written, or is no place of its own.\n", places[i]->name);
            continue;
        }
        test_keys(places[i]);
    }
    test_changes(BURSTS);
    for (i = 0; i < ARRAY_SIZE(places); i++) if (places[i]->writable) fill_place(places[i]);
    winetest_push_context("Among many");
    test_changes(BURSTS / 3);
    winetest_pop_context();
    for (i = 0; i < ARRAY_SIZE(places); i++) if (places[i]->writable) empty_place(places[i]);
    for (i = 0; i < ARRAY_SIZE(places); i++) close_place(places[i]);
    ISCardDatabase_Release(database);
    CoUninitialize();
}
