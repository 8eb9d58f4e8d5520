/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Aliases of readers, all of it [ours]: what a program says reaches the reader, and what it is told is the alias, by
 * the registry and by the variable SCARDSSP_READERS. The card is in the first of the virtual card's two readers.
 */

#define COBJMACROS
#include <winternl.h>
#include "card_common.h"
#include "import_table.h"
#include "known_cards.h"
#include "object_rules.h"
#include "reader_aliases.h"

#define ALIAS L"Gemplus USB Smart Card Reader 0"
#define SECOND L"Gemplus GemPC410 0"
#define MAX_ENTRIES 256         /* that count, of each place */
#define MAX_VARIABLE 32766      /* characters of a variable of the environment */

#define NOBODY L"scardssp test: no such reader"

#define UNKNOWN_READER ((HRESULT)SCARD_E_UNKNOWN_READER)
#define NO_SMARTCARD ((HRESULT)SCARD_E_NO_SMARTCARD)

static BSTR reader;             /* with the card */
static WCHAR empty_reader[256]; /* without one */
static WCHAR reader_pattern[256]; /* that both have */

/* All readers by their own names; the first has the card, or the test is skipped. */
static BOOL find_readers(void)
{
    WCHAR names[1024], *second;
    DWORD size = ARRAY_SIZE(names);
    SCARDCONTEXT context;
    int i;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return FALSE;
    if (SCardListReadersW(context, NULL, names, &size)) *names = 0;
    SCardReleaseContext(context);
    if (wcscmp(names, reader) || !*(second = names + lstrlenW(names) + 1)) return FALSE;
    lstrcpynW(empty_reader, second, ARRAY_SIZE(empty_reader));
    for (i = 0; reader[i] && reader[i] == second[i]; i++) reader_pattern[i] = reader[i];
    lstrcpyW(reader_pattern + i, L"*");
    return i > 0;
}

/* ---- what a program says ---- */

static HRESULT attach(ISCard *card, const WCHAR *name, SCARD_SHARE_MODES share)
{
    BSTR string = SysAllocString(name);
    HRESULT hr;

    hr = ISCard_AttachByReader(card, string, share, T0 | T1);
    SysFreeString(string);
    return hr;
}

/* Attaches by a name, and looks which reader it is: by its own name in either case. */
static void check_attach(int line, const WCHAR *name, HRESULT expected)
{
    ISCard *card = create_card();
    WCHAR names[256] = L"";
    DWORD size = ARRAY_SIZE(names), state, protocol, atr_size = 36;
    HSCARD handle = 0;
    BYTE atr[36];
    HRESULT hr;
    LONG rc;

    hr = attach(card, name, SHARED);
    ok_(__FILE__, line)(hr == expected, "%s: %s, expected %s.\n", wine_dbgstr_w(name), dbgstr_hr(hr),
                        dbgstr_hr(expected));
    if (hr == S_OK)
    {
        (check_works)(line, card, "by an alias");
        ISCard_get_CardHandle(card, &handle);
        rc = SCardStatusW(handle, names, &size, &state, &protocol, atr, &atr_size);
        ok_(__FILE__, line)(!rc && !wcscmp(names, reader), "%s: the card in %s.\n", wine_dbgstr_w(name),
                            wine_dbgstr_w(names));
    }
    ISCard_Release(card);
}
#define check_attach(name, expected) check_attach(__LINE__, name, expected)

/* ---- what a program is told ---- */

/* Compares ListReaders with the names of both readers, and no more. */
static void check_list(int line, const WCHAR *first, const WCHAR *second)
{
    ISCardDatabase *database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    SAFEARRAY *array = NULL;
    BSTR *names;
    HRESULT hr;

    hr = ISCardDatabase_ListReaders(database, 0, &array);
    ok_(__FILE__, line)(hr == S_OK && array && array->rgsabound[0].cElements == 2, "ListReaders: %s.\n", dbgstr_hr(hr));
    if (array && array->rgsabound[0].cElements == 2)
    {
        names = array->pvData;
        ok_(__FILE__, line)(!wcscmp(names[0], first), "The first is told as %s.\n", wine_dbgstr_w(names[0]));
        ok_(__FILE__, line)(!wcscmp(names[1], second), "The second is told as %s.\n", wine_dbgstr_w(names[1]));
    }
    if (array) SafeArrayDestroy(array);
    ISCardDatabase_Release(database);
}
#define check_list(first, second) check_list(__LINE__, first, second)

static void check_nothing(int line)
{
    end_aliases();
    (check_attach)(line, ALIAS, UNKNOWN_READER);
    (check_attach)(line, reader, S_OK);
    (check_list)(line, reader, empty_reader);
}
#define check_nothing() check_nothing(__LINE__)

/* ---- the registry ---- */

/* A program that runs sees each change at its next call. */
static void test_registry(void)
{
    set_alias(ALIAS, reader);
    check_attach(ALIAS, S_OK);
    check_attach(reader, S_OK);
    check_list(ALIAS, empty_reader);
    set_alias(ALIAS, empty_reader);
    check_attach(ALIAS, NO_SMARTCARD);
    check_list(reader, ALIAS);
    set_alias(SECOND, reader);
    check_attach(SECOND, S_OK);
    check_list(SECOND, ALIAS);
    end_alias(ALIAS);
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(SECOND, empty_reader);
    check_nothing();
}

static void test_patterns(void)
{
    static const WCHAR *const patterns[] = { L"*", L"**" };
    WCHAR pattern[300];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(patterns); i++)
    {
        set_alias(ALIAS, patterns[i]);
        check_attach(ALIAS, S_OK); /* the first in the order of the list */
        check_list(ALIAS, empty_reader);
    }
    set_alias(ALIAS, reader_pattern);
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, empty_reader);
    wsprintfW(pattern, L"*%s", empty_reader + 4);
    set_alias(ALIAS, pattern);
    check_attach(ALIAS, NO_SMARTCARD);
    check_list(reader, ALIAS);
    set_alias(ALIAS, NOBODY L"*");
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(reader, empty_reader);
    check_nothing();
}

/* Every character counts, as it does of a reader's own name. */
static void test_case(void)
{
    WCHAR upper[256];

    set_alias(ALIAS, reader);
    check_attach(L"GEMPLUS USB SMART CARD READER 0", UNKNOWN_READER);
    check_attach(ALIAS L" ", UNKNOWN_READER);
    CharUpperW(lstrcpyW(upper, reader));
    if (wcscmp(upper, reader))
    {
        set_alias(ALIAS, upper);
        check_attach(ALIAS, UNKNOWN_READER);
        check_list(reader, empty_reader);
    }
    check_nothing();
}

static void test_no_reader(void)
{
    WCHAR longest[256], name[201];
    int i;

    set_alias(ALIAS, NOBODY);
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(reader, empty_reader);
    for (i = 0; i < 200; i++) name[i] = 'x';
    name[i] = 0;
    check_attach(name, (HRESULT)SCARD_E_INVALID_VALUE);
    set_alias(name, NOBODY); /* no reader's name is so long; an alias may be */
    check_attach(name, UNKNOWN_READER);
    set_alias(name, NOBODY L"*");
    check_attach(name, UNKNOWN_READER);
    end_alias(name);
    for (i = 0; i < 255; i++) longest[i] = 'x';
    longest[i] = 0;
    set_alias(ALIAS, longest); /* longer than the name of a reader can be */
    check_attach(ALIAS, UNKNOWN_READER);
    set_alias(ALIAS, SECOND); /* an alias of an alias is none */
    set_alias(SECOND, reader);
    check_attach(ALIAS, UNKNOWN_READER);
    check_attach(SECOND, S_OK);
    check_nothing();
}

/* Two of one reader: one of them is told, both are accepted. */
static void test_two_aliases(void)
{
    set_alias(ALIAS, reader);
    set_alias(SECOND, reader_pattern);
    check_attach(ALIAS, S_OK);
    check_attach(SECOND, S_OK);
    check_list(SECOND, empty_reader); /* the registry of Wine is in the order of names */
    SetEnvironmentVariableW(ALIASES_VARIABLE, L"Third=*");
    check_attach(L"Third", S_OK);
    check_attach(ALIAS, S_OK);
    check_list(L"Third", empty_reader);
    check_nothing();
}

/* No alias hides a reader. */
static void test_name_of_reader(void)
{
    set_alias(reader, empty_reader);
    check_attach(reader, S_OK);
    check_list(reader, empty_reader);
    set_alias(empty_reader, reader);
    check_attach(empty_reader, NO_SMARTCARD);
    check_list(reader, empty_reader);
    set_alias(ALIAS, empty_reader);
    check_list(reader, ALIAS);
    end_alias(reader);
    end_alias(empty_reader);
    set_alias(reader, reader); /* of itself */
    check_attach(reader, S_OK);
    check_list(reader, ALIAS);
    check_nothing();
}

/* Whatever another program has written there, the others count. */
static void test_damaged(void)
{
    static const WCHAR numbers[] = { 1, 0 };
    const DWORD size = lstrlenW(reader) * sizeof(WCHAR);
    WCHAR *huge = calloc(1 << 20, sizeof(WCHAR)), name[300];
    int i;

    for (i = 0; i < (1 << 20) - 1; i++) huge[i] = '*';
    set_alias_value(L"a: number", REG_DWORD, numbers, 4);
    set_alias_value(L"a: bytes", REG_BINARY, reader, size + 2);
    set_alias_value(L"a: list", REG_MULTI_SZ, reader, size + 2);
    set_alias_value(L"a: expanded", REG_EXPAND_SZ, reader, size + 2);
    set_alias_value(L"a: nothing", REG_SZ, NULL, 0);
    set_alias_value(L"a: empty", REG_SZ, L"", 2);
    set_alias_value(L"a: huge", REG_SZ, huge, 2 << 20);
    set_alias_value(NULL, REG_SZ, reader, size + 2);
    for (i = 0; i < 256; i++) name[i] = 'a';
    name[i] = 0;
    set_alias(name, reader);
    check_list(reader, empty_reader);
    check_attach(name, (HRESULT)SCARD_E_INVALID_VALUE); /* as pcsc-lite calls a name of this length */
    check_attach(L"a: number", UNKNOWN_READER);
    check_attach(L"a: bytes", UNKNOWN_READER);
    check_attach(L"a: list", UNKNOWN_READER);
    check_attach(L"a: expanded", UNKNOWN_READER);
    check_attach(L"a: nothing", UNKNOWN_READER);
    check_attach(L"a: empty", UNKNOWN_READER);
    check_attach(L"a: huge", UNKNOWN_READER);
    set_alias(ALIAS, reader);
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, empty_reader);
    set_alias_value(ALIAS, REG_SZ, reader, size); /* no end */
    check_attach(ALIAS, S_OK);
    set_alias_value(ALIAS, REG_SZ, reader, size - 1); /* half a character */
    check_attach(ALIAS, UNKNOWN_READER);
    memcpy(huge, reader, size + 2);
    set_alias_value(ALIAS, REG_SZ, huge, size + 6); /* something behind the end */
    check_attach(ALIAS, S_OK);
    free(huge);
    check_nothing();
}

/* A name with a 0 in it, which only ntdll makes: its first characters are no alias, and hide no reader. */
static void test_zero_in_name(void)
{
    static const struct { const WCHAR *name; DWORD length; } names[] = { { L"\0x", 2 }, { ALIAS L"\0x", 33 } };
    NTSTATUS (WINAPI *set_value)(HANDLE, const UNICODE_STRING *, ULONG, ULONG, const void *, ULONG);
    const DWORD size = (lstrlenW(reader) + 1) * sizeof(WCHAR);
    UNICODE_STRING name;
    NTSTATUS status;
    unsigned int i;
    HKEY key;

    set_value = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtSetValueKey");
    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        RegCreateKeyExW(HKEY_CURRENT_USER, ALIASES_KEY, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
        name.Buffer = (WCHAR *)names[i].name;
        name.Length = name.MaximumLength = names[i].length * sizeof(WCHAR);
        status = set_value(key, &name, 0, REG_SZ, reader, size);
        ok(!status, "NtSetValueKey: %#lx.\n", status);
        RegCloseKey(key);
        check_list(reader, empty_reader);
        check_attach(ALIAS, UNKNOWN_READER);
        set_alias(SECOND, reader);
        check_attach(SECOND, S_OK); /* the others count */
        end_aliases();
    }
    check_nothing();
}

/* Names that no code page has, of several units of UTF-16 and bytes of UTF-8; long ones. */
static void test_characters(void)
{
    static const WCHAR *const names[] =
    {
        L"Leseger\xe4t \x65e5\x672c\xff20",
        L"\xd83d\xde00",
        L"half of one: \xd83d",
        L"=;*\"\\",
    };
    WCHAR longest[256];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        set_alias(names[i], reader);
        check_attach(names[i], S_OK);
        check_list(names[i], empty_reader);
        end_alias(names[i]);
    }
    for (i = 0; i < 255; i++) longest[i] = i % 2 ? 'x' : 0x4e2d;
    longest[i] = 0;
    set_alias(longest, reader);
    check_attach(longest, S_OK);
    check_list(longest, empty_reader);
    check_nothing();
}

/* ---- the variable ---- */

static void set_variable(const WCHAR *format, const WCHAR *name, const WCHAR *other)
{
    WCHAR value[1024];

    wsprintfW(value, format, name, other);
    SetEnvironmentVariableW(ALIASES_VARIABLE, value);
}

static void test_variable(void)
{
    set_variable(ALIAS L"=%s", reader, NULL);
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, empty_reader);
    set_variable(ALIAS L"=%s;" SECOND L"=%s", empty_reader, reader);
    check_attach(ALIAS, NO_SMARTCARD);
    check_attach(SECOND, S_OK);
    check_list(SECOND, ALIAS);

    /* It comes before the registry, where both have the name. */
    set_alias(ALIAS, reader);
    check_attach(ALIAS, NO_SMARTCARD);
    set_variable(ALIAS L"=" NOBODY, NULL, NULL);
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(reader, empty_reader);
    set_variable(SECOND L"=%s", empty_reader, NULL);
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, SECOND);

    /* The first of two with one name counts. */
    set_variable(SECOND L"=%s;" SECOND L"=%s", reader, empty_reader);
    check_attach(SECOND, S_OK);
    check_nothing();
}

/* What is not NAME=READER is left out. */
static void test_malformed_variable(void)
{
    static const WCHAR *const values[] = { L"", L" ", L";", L"=", L"=;=", L"Gemplus", L"Gemplus=", L"=*", L" = " };
    unsigned int i;
    WCHAR *huge;

    for (i = 0; i < ARRAY_SIZE(values); i++)
    {
        SetEnvironmentVariableW(ALIASES_VARIABLE, values[i]);
        check_list(reader, empty_reader);
        check_attach(L"Gemplus", UNKNOWN_READER);
    }
    set_variable(L";;x; =y; z= ;= ; " ALIAS L" = %s ;", reader, NULL);
    check_attach(ALIAS, S_OK);
    check_attach(L"x", UNKNOWN_READER);
    check_attach(L"z", UNKNOWN_READER);
    check_list(ALIAS, empty_reader);

    huge = calloc(MAX_VARIABLE + 1, sizeof(*huge));
    for (i = 0; i < 30000; i++) huge[i] = i % 10000 == 9999 ? ';' : i % 5000 == 4999 ? '=' : '*';
    lstrcatW(huge, ALIAS L"=*;");
    for (i = lstrlenW(huge); i < MAX_VARIABLE; i++)
    {
        huge[i] = 'x';
        if (i < MAX_VARIABLE - 3 || !SetEnvironmentVariableW(ALIASES_VARIABLE, huge)) continue;
        check_attach(ALIAS, S_OK);
        check_list(ALIAS, empty_reader);
    }
    free(huge);
    check_nothing();
}

/* The first of so many entries count, in each place. */
static void test_last_entry(void)
{
    WCHAR value[4 * MAX_ENTRIES + 300], name[8];
    unsigned int i;

    for (i = 0; i < MAX_ENTRIES - 1; i++)
    {
        wsprintfW(name, L"%03u", i);
        set_alias(name, NOBODY);
        lstrcpyW(value + 4 * i, L"x=y;");
    }
    set_alias(ALIAS, reader); /* it comes behind numbers */
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, empty_reader);
    set_alias(L"999", NOBODY);
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(reader, empty_reader);
    end_aliases();

    lstrcpyW(value + 4 * i, ALIAS L"=*");
    SetEnvironmentVariableW(ALIASES_VARIABLE, value);
    check_attach(ALIAS, S_OK);
    check_list(ALIAS, empty_reader);
    lstrcpyW(value + 4 * i, L"x;" ALIAS L"=*");
    SetEnvironmentVariableW(ALIASES_VARIABLE, value);
    check_attach(ALIAS, UNKNOWN_READER);
    check_list(reader, empty_reader);
    check_nothing();
}

/* ---- an object that is attached ---- */

/* By an alias it is the same reader: an exclusive connection of our own does not collide, and its locks stay. */
static void test_attached(void)
{
    ISCard *card = create_card();
    struct waiter waiter;
    HRESULT hr;

    set_alias(ALIAS, reader);
    set_alias(SECOND, reader);
    set_alias(L"empty", empty_reader);
    hr = attach(card, ALIAS, EXCLUSIVE);
    ok(hr == S_OK, "AttachByReader: %s.\n", dbgstr_hr(hr));
    hr = attach(card, ALIAS, EXCLUSIVE);
    ok(hr == S_OK, "By the same alias: %s.\n", dbgstr_hr(hr));
    hr = attach(card, SECOND, EXCLUSIVE);
    ok(hr == S_OK, "By another alias: %s.\n", dbgstr_hr(hr));
    hr = attach(card, reader, SHARED);
    ok(hr == S_OK, "By its own name: %s.\n", dbgstr_hr(hr));
    check_works(card, "four times attached");

    /* The old attachment stays when the new one fails. */
    hr = attach(card, L"empty", SHARED);
    ok(hr == NO_SMARTCARD, "The alias of a reader without a card: %s.\n", dbgstr_hr(hr));
    check_works(card, "after a reader without a card");
    hr = attach(card, NOBODY, SHARED);
    ok(hr == UNKNOWN_READER, "No alias: %s.\n", dbgstr_hr(hr));
    check_works(card, "after an unknown reader");

    waiter_connect(&waiter, reader);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %s.\n", dbgstr_hr(hr));
    hr = attach(card, ALIAS, SHARED);
    ok(hr == S_OK, "Locked: %s.\n", dbgstr_hr(hr));
    waiter_start(&waiter);
    ok(!waiter_has_it(&waiter, 300), "The lock is gone.\n");
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %s.\n", dbgstr_hr(hr));
    waiter_end(&waiter, "unlocked");
    ISCard_Release(card);
    check_nothing();
}

/* ---- groups of a search ---- */

/* FindCard where the search has these groups; the rest are NULL. */
static void check_groups(int line, const WCHAR *group, const WCHAR *other, HRESULT expected)
{
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, 1), *groups = SafeArrayCreateVector(VT_BSTR, 0, 3);
    SCARDINFO *info = NULL;
    HRESULT hr;

    *(BSTR *)names->pvData = SysAllocString(CARD_PREFIX L"this");
    ((BSTR *)groups->pvData)[0] = SysAllocString(group);
    ((BSTR *)groups->pvData)[1] = SysAllocString(other);
    hr = ISCardLocate_ConfigureCardNameSearch(locate, names, groups, NULL, 2);
    ok_(__FILE__, line)(hr == S_OK, "ConfigureCardNameSearch: %s.\n", dbgstr_hr(hr));
    hr = ISCardLocate_FindCard(locate, SHARED, T0 | T1, 2, &info);
    ok_(__FILE__, line)(hr == expected, "%s, %s: %s, expected %s.\n", wine_dbgstr_w(group), wine_dbgstr_w(other),
                        dbgstr_hr(hr), dbgstr_hr(expected));
    if (info)
    {
        SCardDisconnect(info->hCard, SCARD_LEAVE_CARD);
        SCardReleaseContext(info->hContext);
        CoTaskMemFree(info);
    }
    SafeArrayDestroy(groups);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}
#define check_groups(group, other, expected) check_groups(__LINE__, group, other, expected)

static void introduce_card(void)
{
    struct card_entry entry = { L"this", NOTHING, NOTHING, NOTHING, NOTHING };
    SCARD_READERSTATEW state = { 0 };
    SCARDCONTEXT context;

    state.szReader = reader;
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    SCardGetStatusChangeW(context, 0, &state, 1);
    SCardReleaseContext(context);
    entry.atr.type = REG_BINARY;
    entry.atr.data = state.rgbAtr;
    entry.atr.size = state.cbAtr;
    open_place(&user_cards);
    forget_cards(&user_cards);
    introduce_entry(&user_cards, &entry);
}

/* An alias in the place of a group is that reader alone. */
static void test_groups(void)
{
    introduce_card();
    check_groups(NULL, NULL, S_OK);
    check_groups(ALIAS, NULL, NO_SMARTCARD);
    set_alias(ALIAS, reader);
    set_alias(SECOND, empty_reader);
    set_alias(L"nobody", NOBODY);
    check_groups(ALIAS, NULL, S_OK);
    check_groups(SECOND, NULL, NO_SMARTCARD);
    check_groups(L"nobody", NULL, NO_SMARTCARD);
    check_groups(ALIAS, L"scardssp test: no such group", S_OK);
    check_groups(SECOND, L"nobody", NO_SMARTCARD);
    check_groups(SECOND, ALIAS, S_OK);
    check_groups(SECOND, L"SCard$AllReaders", S_OK); /* a group that has all readers */
    check_groups(NULL, ALIAS, S_OK);
    check_groups(reader, NULL, NO_SMARTCARD); /* a reader's own name is none of a group */
    set_alias(reader, empty_reader); /* but of an alias: where a reader has that name, it is the one */
    check_groups(reader, NULL, S_OK);
    set_alias(empty_reader, reader);
    check_groups(empty_reader, NULL, NO_SMARTCARD);
    check_groups(empty_reader, ALIAS, S_OK);
    end_aliases();
    SetEnvironmentVariableW(ALIASES_VARIABLE, ALIAS L"=*");
    check_groups(ALIAS, NULL, S_OK);
    close_place(&user_cards);
    check_nothing();
}

/* ---- what it costs ---- */

static LONG keys_opened, variables_read;

static LONG WINAPI counted_open_key(HKEY key, const WCHAR *name, DWORD options, REGSAM access, HKEY *opened)
{
    InterlockedIncrement(&keys_opened);
    return RegOpenKeyExW(key, name, options, access, opened);
}

static DWORD WINAPI counted_get_variable(const WCHAR *name, WCHAR *value, DWORD size)
{
    InterlockedIncrement(&variables_read);
    return GetEnvironmentVariableW(name, value, size);
}

static void check_cost(int line, const char *what, LONG keys, LONG variables)
{
    ok_(__FILE__, line)(keys_opened == keys && variables_read == variables,
                        "%s: %ld keys opened, the variable read %ld times.\n", what, keys_opened, variables_read);
    keys_opened = variables_read = 0;
}
#define check_cost(what, keys, variables) check_cost(__LINE__, what, keys, variables)

/* A reader's own name, and a transaction in any case, cost nothing; without an alias a list costs one look at each. */
static void test_cost(void)
{
    const struct replacement replacements[] =
    {
        { "RegOpenKeyExW", counted_open_key },
        { "GetEnvironmentVariableW", counted_get_variable },
    };
    const struct replacement originals[] =
    {
        { "RegOpenKeyExW", RegOpenKeyExW },
        { "GetEnvironmentVariableW", GetEnvironmentVariableW },
    };
    ISCard *card = create_card();
    unsigned int replaced, i;
    HRESULT hr;

    replaced = replace_imports("scardssp.dll", replacements, ARRAY_SIZE(replacements));
    ok(replaced == 2, "%u functions replaced.\n", replaced);
    for (i = 0; i < 2; i++)
    {
        keys_opened = variables_read = 0;
        hr = attach(card, reader, SHARED);
        ok(hr == S_OK, "AttachByReader: %s.\n", dbgstr_hr(hr));
        check_cost("AttachByReader", 0, 0);
        check_works(card, "counted");
        check_cost("Transaction", 0, 0);
        if (!i) check_list(reader, empty_reader);
        else check_list(ALIAS, empty_reader);
        check_cost("ListReaders", 1, 1);
        hr = attach(card, i ? ALIAS : NOBODY, SHARED);
        ok(hr == (i ? S_OK : UNKNOWN_READER), "AttachByReader: %s.\n", dbgstr_hr(hr));
        check_cost("AttachByReader of an unknown name", 1, 1);
        check_works(card, "counted");
        check_cost("Transaction", 0, 0);
        check_groups(NOBODY, NULL, NO_SMARTCARD);
        check_cost("FindCard in an unknown group", 1, 1);
        set_alias(ALIAS, reader);
    }
    replace_imports("scardssp.dll", originals, ARRAY_SIZE(originals));
    ISCard_Release(card);
    check_nothing();
}

START_TEST(aliases)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardDatabase);
    reader = find_card_reader(card_expected() ? 10000 : 0);
    ok(reader || !card_expected(), "The card was not found.\n");
    if (!winetest_platform_is_wine) skip("Only Wine has aliases of readers.\n");
    else if (!reader || !find_readers()) skip("No card in the first of two readers.\n");
    else if (are_there_aliases()) skip("There are aliases of the user.\n");
    else
    {
        check_nothing();
        test_registry();
        test_patterns();
        test_case();
        test_no_reader();
        test_two_aliases();
        test_name_of_reader();
        test_damaged();
        test_zero_in_name();
        test_characters();
        test_variable();
        test_malformed_variable();
        test_last_entry();
        test_attached();
        test_groups();
        test_cost();
    }
    SysFreeString(reader);
    check_nothing_left(module);
    CoUninitialize();
}
