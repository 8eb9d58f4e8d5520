/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the programs of this directory share. Each shows one fault of Wine's winscard (docs/developers/upstream.md) and uses
 * nothing of ours: what fails on Wine as it is stands in todo_wine. On a real Windows all would succeed.
 */

#ifndef SCARDSSP_TESTS_WINSCARD_TEST_H
#define SCARDSSP_TESTS_WINSCARD_TEST_H

#include <windows.h>
#include <winscard.h>
#include "wine/test.h"

#ifndef EXCEPTION_WINE_STUB
#define EXCEPTION_WINE_STUB 0x80000100
#endif

/* The program of a report. Where a check in todo_wine succeeds, its message says what in scardssp.dll can go. */
#define START_REPORT(name, number, idea) \
    static void test_report_##name(void); \
    START_TEST(name) \
    { \
        winetest_when_mended("Wine has mended what docs/developers/upstream.md reports as " number ", \"" idea "\" can go"); \
        test_report_##name(); \
    } \
    static void test_report_##name(void)

/* A context, or 0 and a skip that says why. */
static inline SCARDCONTEXT establish(void)
{
    SCARDCONTEXT context = 0;
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

    if (!error) return context;
    skip("Nothing can be seen without a context, %#lx%s.\n", error,
         error == SCARD_E_INVALID_PARAMETER ? ": report 1, which integers.c shows" : "");
    return 0;
}

/* Names of readers, one behind the other; empty: there are none. */
static inline const WCHAR *list_readers(SCARDCONTEXT context, const WCHAR *groups)
{
    static WCHAR names[2048];
    DWORD size = ARRAY_SIZE(names);

    if (SCardListReadersW(context, groups, names, &size)) names[0] = names[1] = 0;
    return names;
}

static inline DWORD reader_state(SCARDCONTEXT context, const WCHAR *reader)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };

    return SCardGetStatusChangeW(context, 0, &state, 1) ? SCARD_STATE_UNKNOWN : state.dwEventState;
}

/* The first reader in that state, SCARD_STATE_PRESENT or _EMPTY; NULL: there is none. */
static inline const WCHAR *find_reader(SCARDCONTEXT context, DWORD state)
{
    const WCHAR *name;

    for (name = list_readers(context, NULL); *name; name += lstrlenW(name) + 1)
        if (reader_state(context, name) & state) return name;
    skip("There is no reader %s a card in it.\n", state == SCARD_STATE_PRESENT ? "with" : "without");
    return NULL;
}

/* ---- calls that may raise an exception ---- */

static DWORD guarded_thread;

struct guarded_call
{
    LONG (*call)(void *arg);
    void *arg;
};

static LONG CALLBACK end_guarded_thread(EXCEPTION_POINTERS *info)
{
    DWORD code = info->ExceptionRecord->ExceptionCode;

    if (GetCurrentThreadId() == guarded_thread && (code == EXCEPTION_ACCESS_VIOLATION || code == EXCEPTION_WINE_STUB))
        ExitThread(code);
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI run_guarded(void *arg)
{
    const struct guarded_call *guarded = arg;

    guarded_thread = GetCurrentThreadId();
    return guarded->call(guarded->arg);
}

/* What the call returns, or the exception that it raised: a thread of its own ends there. */
static inline LONG call_guarded(LONG (*call)(void *arg), void *arg)
{
    struct guarded_call guarded = { call, arg };
    void *handler = AddVectoredExceptionHandler(TRUE, end_guarded_thread);
    HANDLE thread = CreateThread(NULL, 0, run_guarded, &guarded, 0, NULL);
    DWORD result = ERROR_TIMEOUT;

    if (!WaitForSingleObject(thread, 10000)) GetExitCodeThread(thread, &result);
    CloseHandle(thread);
    RemoveVectoredExceptionHandler(handler);
    return result;
}

/* The result of a call for a message. */
static inline const char *result_text(LONG result)
{
    if (result == (LONG)EXCEPTION_ACCESS_VIOLATION) return "an access violation";
    if (result == (LONG)EXCEPTION_WINE_STUB) return "Wine has no code for it";
    return wine_dbg_sprintf("%#lx", result);
}

#endif
