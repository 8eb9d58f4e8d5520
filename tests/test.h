/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The test framework of the conformance programs, of the shape of Wine's wine/test.h: one program is one .c
 * file with a START_TEST(name), which brings its own main(). The programs also run on a real Windows, XP
 * included.
 *
 *     ok(condition, format, ...)    one check; the text is shown when it fails and ends in a newline
 *     ok_(file, line)(...)          the same, blamed on another place
 *     skip(format, ...)             something was not tested, because the machine lacks what it takes
 *     win_skip(format, ...)         the same where only Windows may lack it: on Wine it is a failure
 *     trace(format, ...)            a remark; WINETEST_DEBUG=0 silences these
 *     todo_wine { ok(...); }        known to fail on Wine; a success there is reported as a failure
 *     todo_wine_if(condition) { }   the same when the condition holds
 *     winetest_when_mended(text)    what a success there means, for its message
 *     broken(condition)             accepted on Windows only: ok(x == 1 || broken(x == 2), ...)
 *     winetest_rounds(n)            n, or on a slow machine the part of it that SCARDSSP_TEST_DIVISOR says: for loops that
 *                                   look for what is rare
 *     winetest_push_context(format, ...), winetest_pop_context()
 *                                   a prefix for the messages in between
 *
 * The last line is "<name>: N tests executed (N marked as todo, 0 as flaky, N failures), N skipped."; the
 * exit status is 1 when there were failures. All of it may be used from any thread.
 */

#ifndef SCARDSSP_TESTS_TEST_H
#define SCARDSSP_TESTS_TEST_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <io.h>
#include <windows.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define WINETEST_MAX_CONTEXTS 8
#define WINETEST_STRINGS 16
#define WINETEST_STRING_SIZE 512

#define WINETEST_PRINTF(text, first) __attribute__((format(__MINGW_PRINTF_FORMAT, text, first)))

struct winetest_thread
{
    const char *file;
    int line;
    unsigned int todo_depth;
    unsigned int todo_active; /* bit n: the n-th enclosing todo block holds */
    BOOL todo_entered;
    unsigned int context_count;
    char contexts[WINETEST_MAX_CONTEXTS][128];
    unsigned int next_string;
    char strings[WINETEST_STRINGS][WINETEST_STRING_SIZE];
};

static struct
{
    const char *name;
    const char *mended;
    BOOL wine;
    BOOL debug;
    DWORD tls;
    CRITICAL_SECTION lock; /* of what follows, and of the output */
    unsigned int successes;
    unsigned int failures;
    unsigned int todos;
    unsigned int skipped;
}
winetest;

/* What a thread knows lives as long as the process: a test has few threads. */
static inline struct winetest_thread *winetest_thread(void)
{
    struct winetest_thread *thread = TlsGetValue(winetest.tls);

    if (thread) return thread;
    if (!(thread = calloc(1, sizeof(*thread)))) abort();
    TlsSetValue(winetest.tls, thread);
    return thread;
}

static inline void winetest_at(const char *file, int line)
{
    struct winetest_thread *thread = winetest_thread();
    const char *p;

    for (p = file; *p; p++) if (*p == '/' || *p == '\\') file = p + 1;
    thread->file = file;
    thread->line = line;
}

static inline void winetest_vprint(const char *kind, const char *format, va_list args)
{
    struct winetest_thread *thread = winetest_thread();
    unsigned int i;

    EnterCriticalSection(&winetest.lock);
    printf("%s:%d: %s", thread->file ? thread->file : winetest.name, thread->line, kind);
    for (i = 0; i < thread->context_count; i++) printf("%s: ", thread->contexts[i]);
    vprintf(format, args);
    fflush(stdout);
    LeaveCriticalSection(&winetest.lock);
}

static inline void winetest_count(unsigned int *counter)
{
    EnterCriticalSection(&winetest.lock);
    ++*counter;
    LeaveCriticalSection(&winetest.lock);
}

#define TODO_SUCCEEDED "Test succeeded inside todo block: "
#define winetest_when_mended(text) (winetest.mended = TODO_SUCCEEDED text ": ")

WINETEST_PRINTF(2, 3) static inline BOOL winetest_ok(BOOL success, const char *format, ...)
{
    BOOL todo = winetest_thread()->todo_active != 0;
    va_list args;

    va_start(args, format);
    if (todo && success) winetest_vprint(winetest.mended ? winetest.mended : TODO_SUCCEEDED, format, args);
    else if (todo) winetest_vprint("Test marked todo: ", format, args);
    else if (!success) winetest_vprint("Test failed: ", format, args);
    va_end(args);

    if (todo && !success) winetest_count(&winetest.todos);
    else winetest_count(todo || !success ? &winetest.failures : &winetest.successes);
    return success;
}

WINETEST_PRINTF(1, 2) static inline void winetest_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vprint("Tests skipped: ", format, args);
    va_end(args);
    winetest_count(&winetest.skipped);
}

WINETEST_PRINTF(1, 2) static inline void winetest_win_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vprint(winetest.wine ? "Test failed: must not be skipped on Wine: " : "Tests skipped: ", format,
                    args);
    va_end(args);
    winetest_count(winetest.wine ? &winetest.failures : &winetest.skipped);
}

WINETEST_PRINTF(1, 2) static inline void winetest_trace(const char *format, ...)
{
    va_list args;

    if (!winetest.debug) return;
    va_start(args, format);
    winetest_vprint("", format, args);
    va_end(args);
}

WINETEST_PRINTF(1, 2) static inline void winetest_push_context(const char *format, ...)
{
    struct winetest_thread *thread = winetest_thread();
    va_list args;

    if (thread->context_count == WINETEST_MAX_CONTEXTS) abort();
    va_start(args, format);
    _vsnprintf(thread->contexts[thread->context_count], sizeof(thread->contexts[0]) - 1, format, args);
    va_end(args);
    thread->context_count++;
}

static inline void winetest_pop_context(void)
{
    struct winetest_thread *thread = winetest_thread();

    if (!thread->context_count) abort();
    thread->context_count--;
}

/* A todo block is the body of a loop that runs once. */
static inline void winetest_todo_begin(BOOL active)
{
    struct winetest_thread *thread = winetest_thread();

    if (thread->todo_depth == 8 * sizeof(thread->todo_active)) abort();
    if (active) thread->todo_active |= 1u << thread->todo_depth;
    thread->todo_depth++;
    thread->todo_entered = FALSE;
}

static inline BOOL winetest_todo_enter(void)
{
    struct winetest_thread *thread = winetest_thread();
    BOOL first = !thread->todo_entered;

    thread->todo_entered = TRUE;
    if (!first)
    {
        thread->todo_depth--;
        thread->todo_active &= ~(1u << thread->todo_depth);
    }
    return first;
}

#define ok_(file, line) (winetest_at(file, line), winetest_ok)
#define skip_(file, line) (winetest_at(file, line), winetest_skip)
#define win_skip_(file, line) (winetest_at(file, line), winetest_win_skip)
#define trace_(file, line) (winetest_at(file, line), winetest_trace)

#define ok ok_(__FILE__, __LINE__)
#define skip skip_(__FILE__, __LINE__)
#define win_skip win_skip_(__FILE__, __LINE__)
#define trace trace_(__FILE__, __LINE__)

#define todo_if(condition) for (winetest_todo_begin(condition); winetest_todo_enter();)
#define todo_wine_if(condition) todo_if(winetest.wine && (condition))
#define todo_wine todo_if(winetest.wine)
#define broken(condition) (!winetest.wine && (condition))

/* Texts for messages. Each stays valid for the next WINETEST_STRINGS - 1 calls of the thread. */
static inline char *winetest_string(void)
{
    struct winetest_thread *thread = winetest_thread();

    return thread->strings[thread->next_string++ % WINETEST_STRINGS];
}

static inline const char *dbgstr_guid(const GUID *guid)
{
    char *text = winetest_string();

    if (!guid) return "(null)";
    sprintf(text, "{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned long)guid->Data1,
            guid->Data2, guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3],
            guid->Data4[4], guid->Data4[5], guid->Data4[6], guid->Data4[7]);
    return text;
}

/* Bytes as hexadecimal digits; of many, the first 48. */
static inline const char *dbgstr_hex(const void *data, LONG size)
{
    char *text = winetest_string();
    LONG i, shown = size < 48 ? size : 48;

    if (!data) return "(null)";
    text[0] = 0;
    for (i = 0; i < shown; i++) sprintf(text + 2 * i, "%02x", ((const BYTE *)data)[i]);
    if (shown < size) sprintf(text + 2 * shown, "... (%ld bytes)", size);
    return text;
}

/* A wide string in quotes, what is not ASCII escaped. */
static inline const char *dbgstr_w(const WCHAR *str)
{
    char *text = winetest_string(), *p = text;

    if (!str) return "(null)";
    *p++ = '"';
    for (; *str && p < text + WINETEST_STRING_SIZE - 16; str++)
    {
        if (*str >= ' ' && *str < 0x7f) *p++ = (char)*str;
        else p += sprintf(p, "\\x%04x", *str);
    }
    strcpy(p, *str ? "\"..." : "\"");
    return text;
}

/* An HRESULT by name where the tests often meet it, else its number. */
static inline const char *dbgstr_hr(HRESULT hr)
{
    static const struct
    {
        HRESULT hr;
        const char *name;
    }
    names[] =
    {
        { S_OK, "S_OK" },
        { S_FALSE, "S_FALSE" },
        { E_POINTER, "E_POINTER" },
        { E_INVALIDARG, "E_INVALIDARG" },
        { E_OUTOFMEMORY, "E_OUTOFMEMORY" },
        { E_NOINTERFACE, "E_NOINTERFACE" },
        { E_NOTIMPL, "E_NOTIMPL" },
        { E_FAIL, "E_FAIL" },
        { E_ACCESSDENIED, "E_ACCESSDENIED" },
        { E_UNEXPECTED, "E_UNEXPECTED" },
        { CLASS_E_NOAGGREGATION, "CLASS_E_NOAGGREGATION" },
        { CLASS_E_CLASSNOTAVAILABLE, "CLASS_E_CLASSNOTAVAILABLE" },
        { REGDB_E_CLASSNOTREG, "REGDB_E_CLASSNOTREG" },
        { DISP_E_TYPEMISMATCH, "DISP_E_TYPEMISMATCH" },
        { DISP_E_UNKNOWNNAME, "DISP_E_UNKNOWNNAME" },
        { DISP_E_MEMBERNOTFOUND, "DISP_E_MEMBERNOTFOUND" },
        { STG_E_INVALIDFUNCTION, "STG_E_INVALIDFUNCTION" },
    };
    char *text = winetest_string();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) if (names[i].hr == hr) return names[i].name;
    sprintf(text, "%#lx", (unsigned long)hr);
    return text;
}

static LONG CALLBACK winetest_crash(EXCEPTION_POINTERS *info)
{
    struct winetest_thread *thread = winetest_thread();
    char *address = info->ExceptionRecord->ExceptionAddress;
    MEMORY_BASIC_INFORMATION memory = { 0 };
    char module[MAX_PATH] = "no module";

    /* A module is one allocation, whose base is its handle. */
    VirtualQuery(address, &memory, sizeof(memory));
    if (memory.Type == MEM_IMAGE) GetModuleFileNameA((HMODULE)memory.AllocationBase, module, sizeof(module));
    printf("%s:%d: this is the last test seen before the exception\n",
           thread->file ? thread->file : winetest.name, thread->line);
    printf("%s: unhandled exception %08lx at %p, %#lx behind the start of %s\n", winetest.name,
           (unsigned long)info->ExceptionRecord->ExceptionCode, (void *)address,
           (unsigned long)(address - (char *)memory.AllocationBase), module);
    fflush(stdout);
    return EXCEPTION_EXECUTE_HANDLER;
}

static inline unsigned int winetest_rounds(unsigned int n)
{
    const char *divisor = getenv("SCARDSSP_TEST_DIVISOR");

    return divisor && atoi(divisor) > 0 ? n / atoi(divisor) : n;
}

/* The last line; returns the exit status. */
static inline int winetest_summary(void)
{
    printf("%s: %u tests executed (%u marked as todo, 0 as flaky, %u %s), %u skipped.\n", winetest.name,
           winetest.successes + winetest.failures + winetest.todos, winetest.todos, winetest.failures,
           winetest.failures == 1 ? "failure" : "failures", winetest.skipped);
    fflush(stdout);
    return winetest.failures != 0;
}

static inline int winetest_run(const char *name, void (*test)(void))
{
    const char *debug = getenv("WINETEST_DEBUG");

    winetest.name = name;
    winetest.wine = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
    winetest.debug = !debug || atoi(debug) > 0;
    winetest.tls = TlsAlloc();
    InitializeCriticalSection(&winetest.lock);
    SetUnhandledExceptionFilter(winetest_crash);
    if (winetest.wine) _setmode(_fileno(stdout), _O_BINARY); /* the reader is a Unix program */

    test();
    return winetest_summary();
}

/* The command line by which a program calls itself with arguments. */
static inline void winetest_self(WCHAR *command, unsigned int size, const WCHAR *arguments)
{
    WCHAR path[MAX_PATH];

    GetModuleFileNameW(NULL, path, ARRAY_SIZE(path));
#ifdef CROSSTEST
    _snwprintf(command, size, L"\"%ls\" %hs %ls", path, winetest.name, arguments);
#else
    _snwprintf(command, size, L"\"%ls\" %ls", path, arguments);
#endif
    command[size - 1] = 0;
}

/* With CROSSTEST all programs are in one executable, whose main() is tests/crosstest/main.c. */
#ifdef CROSSTEST
#define WINETEST_MAIN(name) crosstest_##name
#else
#define WINETEST_MAIN(name) main
#endif

#define START_TEST(name) \
    static void test_program_##name(void); \
    int WINETEST_MAIN(name)(void); \
    int WINETEST_MAIN(name)(void) { return winetest_run(#name, test_program_##name); } \
    static void test_program_##name(void)

#endif
