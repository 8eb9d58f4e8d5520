/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardDatabase with so many cards that Wine's server is asked to save them, in one call: cards that are not in what
 * is saved, and whatever can go wrong on the way. The cards that are listed are the same. All expectations: [ours]
 */

#define COBJMACROS
#include "common.h"
#include "import_table.h"
#include "known_cards.h"
#include "late_call.h"
#include "object_rules.h"
#include "scarce_memory.h"
#include <winternl.h>

/* The headers of MinGW have these for drivers alone. */
NTSTATUS NTAPI NtDeleteKey(HANDLE key);
NTSTATUS NTAPI NtQueryKey(HANDLE key, int information_class, void *information, ULONG size, ULONG *needed);
NTSTATUS NTAPI NtSaveKey(HANDLE key, HANDLE file);

static const GUID guid = { 0x0a0b0c0d, 0xa0b0, 0xc0d0, { 0xab, 1, 2, 3, 4, 5, 6, 0xef } };
static const BYTE atr[] = { 0x3b, 0x80, 0x80, 0x01, 0x01 }, ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff };
static const struct card_entry plain =
    { L"plain", BINARY(atr, 5), BINARY(ones, 5), BINARY(&guid, 16), BINARY(&guid, 16) };
static const struct card_entry other = { L"other", BINARY(atr, 5), NOTHING, NOTHING, NOTHING };

static ISCardDatabase *database;

/* ---- what goes wrong ---- */

static enum fault
{
    NO_FAULT,
    NO_DIRECTORY,               /* for temporary files */
    LONG_DIRECTORY,             /* which leaves no room for a name */
    NO_FILE_NAME,
    NO_FILE,
    NO_TOKEN,
    NO_PRIVILEGE,               /* no failure, but the privilege is not among those that were set */
    NO_SAVING,                  /* from here on NtSaveKey is called */
    OTHER_FORM,
    CUT,
    CUT_AT_KEY,
    NOT_READ,
    READ_IN_PART,
    CARD_COMES,                 /* once, as does the next */
    CARD_GOES,
    CARD_COMES_AND_GOES,        /* whenever the cards are saved */
    FAULTS,
    GOES_IN_WALK,               /* once: a card in front of the one that is read */
    COMES_IN_WALK,
    COMES_IN_EACH_WALK
}
fault;

#define FEW 20 /* filling cards; they stand in front of the others */
static unsigned int came;

/* Of the key of the user's cards: how often it was saved, and how many keys were read one by one. */
static unsigned int savings, walked;
static unsigned int privileged; /* threads that may save keys, in a process that may not, when a key was saved */

static BOOL is_users(HKEY key)
{
    static const WCHAR users[] = L"\\REGISTRY\\User\\";
    BYTE memory[1024]; /* a KEY_NAME_INFORMATION: the size and the name */
    ULONG size;

    return !NtQueryKey(key, 3, memory, sizeof(memory), &size)
        && !_wcsnicmp((const WCHAR *)(memory + sizeof(ULONG)), users, lstrlenW(users));
}

/* Whether keys may be saved; a privilege that a token does not have is one that may not be used. */
static BOOL may_save(HANDLE token)
{
    BYTE memory[1024];
    TOKEN_PRIVILEGES *privileges = (TOKEN_PRIVILEGES *)memory;
    BOOL enabled = FALSE;
    LUID backup;
    DWORD i, size;

    LookupPrivilegeValueW(NULL, L"SeBackupPrivilege", &backup);
    if (!GetTokenInformation(token, TokenPrivileges, privileges, sizeof(memory), &size)) privileges->PrivilegeCount = 0;
    ok(privileges->PrivilegeCount, "The token has no privileges.\n");
    for (i = 0; i < privileges->PrivilegeCount; i++)
        if (!memcmp(&privileges->Privileges[i].Luid, &backup, sizeof(backup)))
            enabled = (privileges->Privileges[i].Attributes & SE_PRIVILEGE_ENABLED) != 0;
    CloseHandle(token);
    return enabled;
}

static BOOL process_may_save(void)
{
    HANDLE token;

    return OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) && may_save(token);
}

static BOOL thread_may_save(void)
{
    HANDLE token;

    return OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) && may_save(token);
}

static DWORD WINAPI get_temp_path(DWORD size, WCHAR *path)
{
    unsigned int i;

    if (fault == NO_DIRECTORY) return 0;
    if (fault != LONG_DIRECTORY) return GetTempPathW(size, path);
    lstrcpyW(path, L"C:\\");
    for (i = 3; i < MAX_PATH - 2; i++) path[i] = 'd';
    lstrcpyW(path + i, L"\\");
    return lstrlenW(path);
}

static UINT WINAPI get_temp_file_name(const WCHAR *path, const WCHAR *prefix, UINT unique, WCHAR *name)
{
    ok(lstrlenW(path) <= MAX_PATH - 14, "No room for a name.\n"); /* Wine's writes beyond the buffer */
    return fault == NO_FILE_NAME || fault == LONG_DIRECTORY ? 0 : GetTempFileNameW(path, prefix, unique, name);
}

static HANDLE WINAPI create_file(const WCHAR *name, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
                                 DWORD creation, DWORD flags, HANDLE template)
{
    return fault == NO_FILE ? INVALID_HANDLE_VALUE
                            : CreateFileW(name, access, sharing, security, creation, flags, template);
}

static BOOL WINAPI impersonate_self(SECURITY_IMPERSONATION_LEVEL level)
{
    return fault == NO_TOKEN ? FALSE : ImpersonateSelf(level);
}

static BOOL WINAPI adjust_privileges(HANDLE token, BOOL disable, TOKEN_PRIVILEGES *privileges, DWORD size,
                                     TOKEN_PRIVILEGES *previous, DWORD *previous_size)
{
    if (fault != NO_PRIVILEGE) return AdjustTokenPrivileges(token, disable, privileges, size, previous, previous_size);
    SetLastError(ERROR_NOT_ALL_ASSIGNED);
    return TRUE;
}

static NTSTATUS WINAPI save_key(HANDLE key, HANDLE file)
{
    NTSTATUS status;

    if (!is_users(key)) return NtSaveKey(key, file);
    savings++;
    if (fault == NO_SAVING) return (NTSTATUS)0xc0000061; /* STATUS_PRIVILEGE_NOT_HELD */
    if (thread_may_save() && !process_may_save()) privileged++;
    if (fault == CARD_COMES || fault == CARD_COMES_AND_GOES) introduce_entry(&user_cards, &other);
    status = NtSaveKey(key, file);
    if (fault == CARD_GOES || fault == CARD_COMES_AND_GOES) forget_entry(&user_cards, other.name);
    return status;
}

static BOOL WINAPI read_file(HANDLE file, void *buffer, DWORD size, DWORD *read, OVERLAPPED *overlapped)
{
    BOOL done = ReadFile(file, buffer, fault == READ_IN_PART ? size / 2 : size, read, overlapped);
    char *text = buffer;
    DWORD end = *read;

    if (fault == NOT_READ) return FALSE;
    if (fault == OTHER_FORM) text[0] = 'w';
    /* Behind the end there is nothing but blank lines then. */
    if (fault == CUT) memset(text + end / 2, '\n', end - end / 2);
    if (fault == CUT_AT_KEY)
    {
        for (end /= 2; end < *read && text[end] != '['; end++) ;
        memset(text + end, '\n', *read - end);
    }
    return done;
}

static LSTATUS WINAPI enumerate(HKEY key, DWORD index, WCHAR *name, DWORD *length, DWORD *reserved, WCHAR *class,
                                DWORD *class_length, FILETIME *written)
{
    LSTATUS error = RegEnumKeyExW(key, index, name, length, reserved, class, class_length, written);

    if (error || !is_users(key)) return error;
    walked++;
    if (index != FEW + 1) return error;
    if (fault == GOES_IN_WALK) empty_card(&user_cards, 3);
    if (fault == COMES_IN_WALK) fill_card(&user_cards, 3);
    if (fault == COMES_IN_EACH_WALK) fill_card(&user_cards, FEW + came++);
    return error;
}

static const struct replacement replaced[] =
{
    { "GetTempPathW", get_temp_path },
    { "GetTempFileNameW", get_temp_file_name },
    { "CreateFileW", create_file },
    { "ImpersonateSelf", impersonate_self },
    { "AdjustTokenPrivileges", adjust_privileges },
    { "NtSaveKey", save_key },
    { "ReadFile", read_file },
    { "RegEnumKeyExW", enumerate },
};

/* ---- what is listed ---- */

/* Any change will do, but to set a value to what it is already is none. */
static void make_stale(void)
{
    static DWORD changes;
    HKEY cards = open_cards(&user_cards), key;

    if (RegOpenKeyExW(cards, FILLING L"0", 0, KEY_WRITE, &key)) ok(0, "There is no card.\n");
    else
    {
        changes++;
        RegSetValueExW(key, L"Changes", 0, REG_DWORD, (const BYTE *)&changes, sizeof(changes));
        RegCloseKey(key);
    }
    RegCloseKey(cards);
}

static BOOL provider_is_known(const WCHAR *entry_name)
{
    WCHAR text[300] = CARD_PREFIX;
    GUID *provider = NULL;
    BOOL known;
    BSTR name;

    lstrcatW(text, entry_name);
    name = SysAllocString(text);
    known = ISCardDatabase_GetProviderCardId(database, name, &provider) == S_OK && IsEqualGUID(provider, &guid);
    CoTaskMemFree(provider);
    SysFreeString(name);
    return known;
}

static unsigned int count_filling(SAFEARRAY *names)
{
    unsigned int count = 0;
    LONG i;

    for (i = 0; i < array_count(names, VT_BSTR); i++)
        if (!wcsncmp(((BSTR *)names->pvData)[i], FILLING, lstrlenW(FILLING))) count++;
    return count;
}

static WCHAR temporary_files[MAX_PATH + 8];
static unsigned int files; /* that were there before */

/* Files that are left behind. */
static unsigned int count_files(void)
{
    WIN32_FIND_DATAW data;
    unsigned int count = 0;
    HANDLE search;

    if ((search = FindFirstFileW(temporary_files, &data)) == INVALID_HANDLE_VALUE) return 0;
    do count++;
    while (FindNextFileW(search, &data));
    FindClose(search);
    return count;
}

static BOOL thread_has_token(void)
{
    HANDLE token;

    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) return GetLastError() != ERROR_NO_TOKEN;
    CloseHandle(token);
    return TRUE;
}

/* Ways to read the cards: how often they are saved, and whether they are walked. */
#define SAVED 1
#define SAVED_AGAIN 2
#define WALKED 0x10
#define BOTH (SAVED | WALKED) /* it was tried to save them, in vain */
#define ALL_TRIES (4 | WALKED)

/* ListCards: so many cards among so many filling ones, read in this way. A token of the thread is still there. */
static void check_cards(int line, unsigned int filling, unsigned int cards, unsigned int way)
{
    BOOL token = thread_has_token();
    SAFEARRAY *names = NULL;
    HRESULT hr;

    savings = walked = privileged = 0;
    hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
    ok_(__FILE__, line)(hr == S_OK, "ListCards: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    ok_(__FILE__, line)(count_filling(names) == filling && count_cards(names) == cards,
                        "%u and %u cards, expected %u and %u.\n", count_filling(names), count_cards(names), filling,
                        cards);
    ok_(__FILE__, line)(savings == (way & ~WALKED) && !walked == !(way & WALKED),
                        "Saved %u times, %u keys walked; expected way %#x.\n", savings, walked, way);
    ok_(__FILE__, line)(privileged == (fault == NO_SAVING ? 0 : savings), "%u times with the privilege, of %u.\n",
                        privileged, savings);
    ok_(__FILE__, line)(!process_may_save(), "The process may save keys.\n");
    ok_(__FILE__, line)(thread_has_token() == token, "The thread has %s.\n", token ? "no token any more" : "a token");
    ok_(__FILE__, line)(count_files() <= files, "%u files are left.\n", count_files() - files);
    SafeArrayDestroy(names);
}

/* All of the filling cards, and they are read anew. */
#define check_list(cards, way) check_list(__LINE__, cards, way)
static void (check_list)(int line, unsigned int cards, unsigned int way)
{
    make_stale();
    check_cards(line, FILLING_CARDS, cards, way);
}

/* What a run that was interrupted has left, and what is not to be had by its name alone. Returns what else is there. */
static DWORD clean_up(void)
{
    HKEY cards = open_cards(&user_cards), link;
    DWORD left = 0;

    if (!RegOpenKeyExW(cards, CARD_PREFIX L"link", REG_OPTION_OPEN_LINK, KEY_ALL_ACCESS, &link))
    {
        NtDeleteKey(link);
        RegCloseKey(link);
    }
    RegDeleteKeyW(cards, CARD_PREFIX L"nothing but\\a key");
    clean_place(&user_cards);
    RegQueryInfoKeyW(cards, NULL, NULL, NULL, &left, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    RegCloseKey(cards);
    return left;
}

/* ---- the tests ---- */

/* Few cards are read one by one: fewer than 32. */
static void test_number(void)
{
    unsigned int left;

    for (left = FILLING_CARDS - 1; left >= 30; left--)
    {
        winetest_push_context("%u cards", left);
        empty_card(&user_cards, left);
        check_cards(__LINE__, left, 0, left < 32 ? WALKED : SAVED);
        winetest_pop_context();
    }
    fill_place(&user_cards);
    check_list(0, SAVED);
}

static unsigned int way_with(enum fault with)
{
    if (with == NO_FAULT) return SAVED;
    if (with < NO_SAVING) return WALKED;
    if (with < CARD_COMES) return BOTH;
    return with == CARD_COMES_AND_GOES ? ALL_TRIES : SAVED_AGAIN;
}

/* Whatever goes wrong: the cards are listed. */
static void test_faults(void)
{
    ULONG before = 0, after;
    unsigned int round;

    introduce_entry(&user_cards, &plain);
    check_list(1, SAVED);
    for (round = 0; round < 10; round++)
    {
        if (round == 1) before = handle_level();
        for (fault = NO_FAULT; fault < FAULTS; fault++)
        {
            winetest_push_context("Fault %d", fault);
            if (fault == CARD_GOES) introduce_entry(&user_cards, &other);
            check_list(fault == CARD_COMES ? 2 : 1, way_with(fault));
            ok(provider_is_known(plain.name), "The provider is not known.\n");
            if (fault == CARD_COMES) forget_entry(&user_cards, other.name);
            winetest_pop_context();
        }
    }
    after = handle_level();
    ok(after < before + 9, "%lu handles after 9 rounds, %lu before.\n", after, before);
    fault = NO_FAULT;
    check_list(1, SAVED);
    forget_cards(&user_cards);
}

/* A directory for temporary files that is none. */
static void test_no_directory(void)
{
    static const WCHAR *const variables[] = { L"TMP", L"TEMP" };
    WCHAR before[2][MAX_PATH];
    unsigned int i;

    for (i = 0; i < 2; i++)
    {
        if (!GetEnvironmentVariableW(variables[i], before[i], MAX_PATH)) before[i][0] = 0;
        SetEnvironmentVariableW(variables[i], L"C:\\scardssp\\is\\not\\there");
    }
    check_list(0, WALKED);
    for (i = 0; i < 2; i++) SetEnvironmentVariableW(variables[i], before[i][0] ? before[i] : NULL);
    check_list(0, SAVED);
}

/* What is done in the name of somebody is done in that name. */
static void test_impersonation(void)
{
    introduce_entry(&user_cards, &plain);
    ok(ImpersonateSelf(SecurityImpersonation), "Error %lu.\n", GetLastError());
    check_list(1, WALKED);
    RevertToSelf();
    forget_cards(&user_cards);
    check_list(0, SAVED);
}

/* A key with the name of a card; it may be volatile. */
static HKEY make_key(const WCHAR *name, DWORD options)
{
    HKEY cards = open_cards(&user_cards), key = NULL;
    LONG error = RegCreateKeyExW(cards, name, 0, NULL, options, KEY_ALL_ACCESS, NULL, &key, NULL);

    ok(!error, "%s: %ld.\n", wine_dbgstr_w(name), error);
    RegCloseKey(cards);
    return key;
}

static void set_bytes(HKEY key, const WCHAR *name, const void *bytes, DWORD size)
{
    LONG error = RegSetValueExW(key, name, 0, REG_BINARY, bytes, size);

    ok(!error, "%s: %ld.\n", wine_dbgstr_w(name), error);
}

/* What lasts no longer than Wine is not saved; also where as many cards stand in the text as there are. */
static void test_volatile(void)
{
    HKEY key = make_key(CARD_PREFIX L"volatile", REG_OPTION_VOLATILE);

    set_bytes(key, L"ATR", atr, 5);
    set_bytes(key, L"Primary Provider", &guid, 16);
    RegCloseKey(key);
    check_list(1, BOTH);
    ok(provider_is_known(L"volatile"), "The provider is not known.\n");
    introduce_entry(&user_cards, &plain);
    check_list(2, BOTH);
    fault = CARD_COMES_AND_GOES;
    check_list(2, ALL_TRIES);
    fault = NO_FAULT;
    ok(provider_is_known(L"volatile"), "The provider is not known.\n");
    forget_cards(&user_cards);
    check_list(0, SAVED);
}

/* Cards that come and go while they are read one by one hide no other, and show none twice. */
static void test_walk(void)
{
    static const WCHAR *const names[] = { L"a", L"b", L"c", L"d" };
    struct card_entry entry = other;
    unsigned int i;

    for (i = FEW; i < FILLING_CARDS; i++) empty_card(&user_cards, i);
    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        entry.name = names[i];
        introduce_entry(&user_cards, &entry);
    }
    check_cards(__LINE__, FEW, 4, WALKED);
    make_stale();
    fault = GOES_IN_WALK;
    check_cards(__LINE__, FEW - 1, 4, WALKED);
    make_stale();
    fault = COMES_IN_WALK;
    check_cards(__LINE__, FEW, 4, WALKED);
    make_stale();
    fault = COMES_IN_EACH_WALK;
    check_cards(__LINE__, FEW + 3, 4, WALKED); /* the last try does not show what comes in it */
    ok(came == 4, "Walked %u times.\n", came);
    fault = NO_FAULT;
    check_cards(__LINE__, FEW + 4, 4, WALKED);
    forget_cards(&user_cards);
    fill_place(&user_cards);
    check_list(0, SAVED);
}

/* So many cards are not walked again when they change: that would take too long. */
static void test_long_walk(void)
{
    static const unsigned int many = 300;
    SAFEARRAY *names = NULL;
    unsigned int i;
    HRESULT hr;

    for (i = FILLING_CARDS; i < many; i++) fill_card(&user_cards, i);
    came = many - FEW;
    make_stale();
    ok(ImpersonateSelf(SecurityImpersonation), "Error %lu.\n", GetLastError()); /* they are not saved then */
    fault = COMES_IN_EACH_WALK;
    hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
    fault = NO_FAULT;
    RevertToSelf();
    ok(hr == S_OK, "ListCards: %s.\n", dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(names);
    ok(came == many - FEW + 1, "Walked %u times.\n", came - many + FEW);
    check_cards(__LINE__, many + 1, 0, SAVED);
    for (i = FILLING_CARDS; i <= many; i++) empty_card(&user_cards, i);
    check_list(0, SAVED);
}

/* A key that leads to another. */
static void test_link(void)
{
    static const WCHAR target[] = L"\\Software\\Microsoft\\Cryptography\\Calais\\scardssp test: elsewhere";
    BYTE memory[1024]; /* a KEY_NAME_INFORMATION */
    WCHAR path[512] = L"";
    HKEY key, elsewhere;
    NTSTATUS status;
    ULONG size;

    RegOpenCurrentUser(KEY_READ, &key);
    status = NtQueryKey(key, 3, memory, sizeof(memory), &size);
    ok(!status, "NtQueryKey: %#lx.\n", (unsigned long)status);
    RegCloseKey(key);
    memcpy(path, memory + sizeof(ULONG), *(const ULONG *)memory);
    lstrcatW(path, target);
    RegCreateKeyExW(HKEY_CURRENT_USER, target + 1, 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &elsewhere,
                    NULL);
    set_bytes(elsewhere, L"ATR", atr, 5);
    set_bytes(elsewhere, L"Primary Provider", &guid, 16);
    key = make_key(CARD_PREFIX L"link", REG_OPTION_CREATE_LINK);
    RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)path, lstrlenW(path) * sizeof(WCHAR));

    check_list(1, BOTH);
    ok(provider_is_known(L"link"), "The provider is not known.\n");
    NtDeleteKey(key);
    RegCloseKey(key);
    RegCloseKey(elsewhere);
    RegDeleteKeyW(HKEY_CURRENT_USER, target + 1);
    check_list(0, SAVED);
}

/* Names of values are the registry's to compare: without case, also where a letter looks like one of ASCII. */
static void test_value_names(void)
{
    static const struct { const WCHAR *mask; unsigned int way; } names[] =
    {
        { L"atrmask", SAVED },
        { L"ATRMas\x212a", BOTH },
        { L"ATRMas\x0138", BOTH },
        { L"ATRMask ", SAVED },
    };
    unsigned int i;
    LONG error;
    HKEY key;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(names[i].mask));
        key = make_key(CARD_PREFIX L"other names", 0);
        set_bytes(key, L"atr", atr, 5);
        check_list(1, SAVED);
        set_bytes(key, names[i].mask, ones, 4); /* which damages the card, where it is the mask */
        error = RegQueryValueExW(key, L"ATRMask", NULL, NULL, NULL, NULL);
        check_list(error != 0, names[i].way);
        ok(i || !error, "It is not the mask.\n");
        RegCloseKey(key);
        forget_cards(&user_cards);
        winetest_pop_context();
    }
}

/* No card, and none that stands behind it is hidden: many cards or few. */
static void test_long_name(void)
{
    static const struct card_entry behind = { L"z behind", BINARY(atr, 5), NOTHING, NOTHING, NOTHING };
    WCHAR name[257] = CARD_PREFIX;
    HKEY cards = open_cards(&user_cards), key;
    unsigned int i;

    for (i = lstrlenW(name); i < 256; i++) name[i] = 'n';
    name[i] = 0;
    if (RegCreateKeyExW(cards, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL))
        skip("A key cannot have 256 characters.\n"); /* Windows */
    else
    {
        set_bytes(key, L"ATR", atr, 5);
        introduce_entry(&user_cards, &behind);
        check_list(1, SAVED);
        empty_place(&user_cards);
        check_cards(__LINE__, 0, 1, WALKED);
        NtDeleteKey(key);
        RegCloseKey(key);
        fill_place(&user_cards);
    }
    RegCloseKey(cards);
    forget_cards(&user_cards);
}

/* A key of nothing but keys is not saved itself, and its keys are no cards. */
static void test_keys_below(void)
{
    HKEY key, below;

    key = make_key(CARD_PREFIX L"nothing but", 0);
    RegCreateKeyExW(key, L"a key", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &below, NULL);
    set_bytes(below, L"ATR", atr, 5);
    check_list(0, SAVED);
    set_bytes(key, L"ATR", atr, 5);
    check_list(1, SAVED);
    RegDeleteValueW(key, L"ATR");
    check_list(0, SAVED);
    RegCloseKey(below);
    RegDeleteKeyW(key, L"a key");
    RegCreateKeyExW(key, L"a volatile key", 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &below, NULL);
    check_list(0, BOTH);
    RegCloseKey(below);
    RegDeleteKeyW(key, L"a volatile key");
    RegCloseKey(key);
    forget_cards(&user_cards);
}

/* A damaged entry is passed over, also the last of all. */
static void test_damaged(void)
{
    static const struct card_entry damaged[] =
    {
        { L"damaged", BINARY(atr, 5), BINARY(ones, 4), NOTHING, NOTHING },
        { L"z damaged", NOTHING, NOTHING, NOTHING, NOTHING },
    };

    introduce_entry(&user_cards, &plain);
    introduce_entry(&user_cards, &damaged[0]);
    check_list(1, SAVED);
    introduce_entry(&user_cards, &damaged[1]);
    check_list(1, SAVED);
    forget_cards(&user_cards);
}

/* With n allocations and no more: the cards, or E_OUTOFMEMORY and the cards with the next call. */
static void test_memory(void)
{
    SAFEARRAY *names = NULL;
    HRESULT hr = E_OUTOFMEMORY;
    unsigned int failures = 0;
    int n;

    introduce_entry(&user_cards, &plain);
    ok(make_memory_scarce(), "scardssp.dll allocates otherwise.\n");
    for (n = 0; n < 400; n++)
    {
        make_stale();
        names = NULL;
        allocations_left = n;
        hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
        if (allocations_left) break;
        allocations_left = -1;
        if (hr != S_OK)
        {
            failures++;
            ok(hr == E_OUTOFMEMORY && !names, "After %d allocations: %s, %p.\n", n, dbgstr_hr(hr), (void *)names);
        }
        else
        {
            ok(count_filling(names) == FILLING_CARDS && count_cards(names) == 1,
               "After %d allocations: %u and %u cards.\n", n, count_filling(names), count_cards(names));
            SafeArrayDestroy(names);
        }
    }
    allocations_left = -1;
    ok(hr == S_OK && failures > 40, "%d allocations, %u failures, %s.\n", n, failures, dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(names);
    check_list(1, SAVED);
    forget_cards(&user_cards);
}

START_TEST(cards_saved)
{
    SAFEARRAY *names = NULL;
    unsigned int count;
    BOOL other_cards;
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardDatabase);
    database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    GetTempPathW(MAX_PATH, temporary_files);
    lstrcatW(temporary_files, L"scd*.tmp");
    files = count_files();
    open_place(&user_cards);
    ok(user_cards.writable, "The user's part of the registry cannot be written.\n");
    if (!GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version"))
        skip("Windows saves keys in another form.\n");
    else if (user_cards.writable && clean_up())
        skip("The user has cards.\n");
    else if (user_cards.writable)
    {
        count = replace_imports("scardssp.dll", replaced, ARRAY_SIZE(replaced));
        ok(count == ARRAY_SIZE(replaced), "%u functions replaced.\n", count);
        fill_place(&user_cards);
        ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
        other_cards = array_count(names, VT_BSTR) > FILLING_CARDS;
        SafeArrayDestroy(names);
        check_list(0, SAVED);
        test_number();
        test_faults();
        test_no_directory();
        test_impersonation();
        test_volatile();
        test_walk();
        test_long_walk();
        test_link();
        test_value_names();
        test_long_name();
        test_keys_below();
        test_damaged();
        if (other_cards) skip("There are other cards: with each allocation that fails all of them are read.\n");
        else test_memory();
        clean_up();
    }
    close_place(&user_cards);
    ISCardDatabase_Release(database);
    check_nothing_left(module);
    CoUninitialize();
}
