/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lists of names: every reader stands in it once, whatever characters its name is made of; SCardStatus gives one name
 * and nothing behind it; a group that does not exist has no readers. How the first two go wrong depends on the name of
 * the first reader, which has two slots as the virtual one has: pcsc-lite calls them "NAME 00 00" and "NAME 00 01".
 */

#include "winscard_test.h"

/* By how many bytes a name is longer in UTF-8 than in characters: so far from its end does Wine look for the next. */
static int surplus(const WCHAR *name)
{
    return WideCharToMultiByte(CP_UTF8, 0, name, -1, NULL, 0, NULL, NULL) - (lstrlenW(name) + 1);
}

static void test_list(SCARDCONTEXT context)
{
    const WCHAR *names = list_readers(context, NULL), *name;
    BOOL second_listed = FALSE;
    WCHAR second[256];

    lstrcpynW(second, names, ARRAY_SIZE(second));
    second[lstrlenW(second) - 1] = '1';
    for (name = names; *name; name += lstrlenW(name) + 1)
    {
        if (!wcscmp(name, second)) second_listed = TRUE;
        if (reader_state(context, name) == SCARD_STATE_UNKNOWN) break;
    }
    todo_wine_if(surplus(names) > 1) ok(!*name, "%s is listed, but there is no such reader.\n", wine_dbgstr_w(name));
    if (*name) return;
    if (reader_state(context, second) == SCARD_STATE_UNKNOWN) skip("The first reader has no second slot.\n");
    else todo_wine_if(surplus(names) == 1) ok(second_listed, "The list ends before %s.\n", wine_dbgstr_w(second));
}

/* What is not zero in the free blocks of the heap shows what is read behind the end of a block. */
static void fill_heap(void)
{
    void *blocks[512];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(blocks); i++)
        if ((blocks[i] = HeapAlloc(GetProcessHeap(), 0, 16 + i / 4))) memset(blocks[i], 'x', 16 + i / 4);
    for (i = 0; i < ARRAY_SIZE(blocks); i++) HeapFree(GetProcessHeap(), 0, blocks[i]);
}

/*
 * Of one name the end is missed as well, unless the way from where it is looked for just meets it. What is behind the
 * block may happen to be zero: it is read some times.
 */
static void test_status(SCARDCONTEXT context)
{
    const WCHAR *reader = list_readers(context, NULL), *end = L"";
    DWORD protocol, size;
    unsigned int tries;
    SCARDHANDLE card;
    WCHAR names[512];
    LONG error;

    error = SCardConnectW(context, reader, SCARD_SHARE_DIRECT, 0, &card, &protocol);
    ok(!error, "SCardConnectW: %#lx.\n", error);
    if (error) return;
    for (tries = 0; tries < 20 && !*end; tries++)
    {
        fill_heap();
        size = ARRAY_SIZE(names);
        error = SCardStatusW(card, names, &size, NULL, NULL, NULL, NULL);
        ok(!error && !wcscmp(names, reader), "SCardStatusW: %#lx, %s.\n", error, wine_dbgstr_w(names));
        end = names + lstrlenW(names) + 1;
    }
    todo_wine_if(surplus(reader) != 1)
        ok(!*end, "SCardStatusW gives a second name, from %s.\n",
           surplus(reader) ? "the end of the first" : "the heap behind it");
    trace("Behind the name: %s.\n", wine_dbgstr_w(end));
    SCardDisconnect(card, SCARD_LEAVE_CARD);
}

static void test_groups(SCARDCONTEXT context)
{
    WCHAR groups[256] = L"no such group\0";
    DWORD used = lstrlenW(groups) + 1, size = ARRAY_SIZE(groups) - used;
    WCHAR names[1024];
    LONG error;

    error = SCardListReaderGroupsW(context, groups + used, &size);
    ok(!error && groups[used], "SCardListReaderGroupsW: %#lx.\n", error);
    size = ARRAY_SIZE(names);
    error = SCardListReadersW(context, groups + used, names, &size);
    ok(!error, "SCardListReadersW of the group %s: %#lx.\n", wine_dbgstr_w(groups + used), error);
    size = ARRAY_SIZE(names);
    error = SCardListReadersW(context, groups, names, &size);
    ok(!error, "SCardListReadersW of a group that does not exist, and this one: %#lx.\n", error);
    size = ARRAY_SIZE(names);
    error = SCardListReadersW(context, L"no such group\0", names, &size);
    todo_wine ok(error == (LONG)SCARD_E_NO_READERS_AVAILABLE,
                 "SCardListReadersW of a group that does not exist: %#lx.\n", error);
}

START_REPORT(names, "5", "names")
{
    SCARDCONTEXT context = establish();

    if (!context) return;
    if (!*list_readers(context, NULL))
    {
        skip("There are no readers.\n");
        return;
    }
    test_list(context);
    test_status(context);
    test_groups(context);
    SCardReleaseContext(context);
}
