/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The test framework of the conformance programs, under the names of Wine's wine/test.h, so that a test of
 * tests/conformance is one of Wine's as it stands: one program is one .c file with a START_TEST(name), which brings its
 * own main(). The programs also run on a real Windows, XP included.
 *
 *     ok(condition, format, ...)    one check; the text is shown when it fails and ends in a newline
 *     ok_(file, line)(...)          the same, blamed on another place
 *     skip(format, ...)             something was not tested, because the machine lacks what it takes
 *     win_skip(format, ...)         the same where only Windows may lack it: on Wine it is a failure
 *     trace(format, ...)            a remark; WINETEST_DEBUG=0 silences these
 *     todo_wine { ok(...); }        known to fail on Wine; a success there is reported as a failure
 *     todo_wine_if(condition) { }   the same when the condition holds
 *     broken(condition)             accepted on Windows only: ok(x == 1 || broken(x == 2), ...)
 *     winetest_push_context(format, ...), winetest_pop_context()
 *                                   a prefix for the messages in between
 *     winetest_get_mainargs(&argv)  the arguments; [0] is the executable, [1] the name of the test, which a program
 *                                   that is but one test may be started without
 *     wine_dbgstr_w, wine_dbgstr_guid, wine_dbg_sprintf
 *                                   texts for messages
 *
 * Wine has not:
 *
 *     winetest_when_mended(text)    what a success in a todo block means, for its message
 *
 * The last line is "<name>: N tests executed (N marked as todo, 0 as flaky, N failures), N skipped.", also where the
 * test ends by exit(); the exit status of one that returns is 1 when there were failures. All of it may be used from
 * any thread.
 */

#ifndef __WINE_WINE_TEST_H
#define __WINE_WINE_TEST_H

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

#define __WINE_PRINTF_ATTR(text, first) __attribute__((format(__MINGW_PRINTF_FORMAT, text, first)))

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

static const char *winetest_name;
static const char *winetest_mended;
static int winetest_platform_is_wine;
static int winetest_debug = 1;
static int winetest_argc;
static char **winetest_argv;
static DWORD winetest_tls;
static CRITICAL_SECTION winetest_lock; /* of what follows, and of the output */
static LONG winetest_successes;
static LONG winetest_failures;
static LONG winetest_todos;
static LONG winetest_skipped;

/* What a thread knows lives as long as the process: a test has few threads. */
static inline struct winetest_thread *winetest_thread(void)
{
    struct winetest_thread *thread = TlsGetValue(winetest_tls);

    if (thread) return thread;
    if (!(thread = calloc(1, sizeof(*thread)))) abort();
    TlsSetValue(winetest_tls, thread);
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

    EnterCriticalSection(&winetest_lock);
    printf("%s:%d: %s", thread->file ? thread->file : winetest_name, thread->line, kind);
    for (i = 0; i < thread->context_count; i++) printf("%s: ", thread->contexts[i]);
    vprintf(format, args);
    fflush(stdout);
    LeaveCriticalSection(&winetest_lock);
}

static inline void winetest_count(LONG *counter)
{
    EnterCriticalSection(&winetest_lock);
    ++*counter;
    LeaveCriticalSection(&winetest_lock);
}

#define TODO_SUCCEEDED "Test succeeded inside todo block: "
#define winetest_when_mended(text) (winetest_mended = TODO_SUCCEEDED text ": ")

__WINE_PRINTF_ATTR(2, 3) static inline void winetest_ok(int success, const char *format, ...)
{
    BOOL todo = winetest_thread()->todo_active != 0;
    va_list args;

    va_start(args, format);
    if (todo && success) winetest_vprint(winetest_mended ? winetest_mended : TODO_SUCCEEDED, format, args);
    else if (todo) winetest_vprint("Test marked todo: ", format, args);
    else if (!success) winetest_vprint("Test failed: ", format, args);
    va_end(args);

    if (todo && !success) winetest_count(&winetest_todos);
    else winetest_count(todo || !success ? &winetest_failures : &winetest_successes);
}

static inline LONG winetest_get_failures(void)
{
    return winetest_failures;
}

__WINE_PRINTF_ATTR(1, 2) static inline void winetest_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vprint("Tests skipped: ", format, args);
    va_end(args);
    winetest_count(&winetest_skipped);
}

__WINE_PRINTF_ATTR(1, 2) static inline void winetest_win_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vprint(winetest_platform_is_wine ? "Test failed: must not be skipped on Wine: " : "Tests skipped: ",
                    format, args);
    va_end(args);
    winetest_count(winetest_platform_is_wine ? &winetest_failures : &winetest_skipped);
}

__WINE_PRINTF_ATTR(1, 2) static inline void winetest_trace(const char *format, ...)
{
    va_list args;

    if (!winetest_debug) return;
    va_start(args, format);
    winetest_vprint("", format, args);
    va_end(args);
}

__WINE_PRINTF_ATTR(1, 2) static inline void winetest_push_context(const char *format, ...)
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
#define todo_wine_if(condition) todo_if(winetest_platform_is_wine && (condition))
#define todo_wine todo_if(winetest_platform_is_wine)
#define broken(condition) (!winetest_platform_is_wine && (condition))

/* Texts for messages. Each stays valid for the next WINETEST_STRINGS - 1 calls of the thread. */
static inline char *winetest_string(void)
{
    struct winetest_thread *thread = winetest_thread();

    return thread->strings[thread->next_string++ % WINETEST_STRINGS];
}

__WINE_PRINTF_ATTR(1, 2) static inline const char *wine_dbg_sprintf(const char *format, ...)
{
    char *text = winetest_string();
    va_list args;

    va_start(args, format);
    _vsnprintf(text, WINETEST_STRING_SIZE - 1, format, args);
    va_end(args);
    text[WINETEST_STRING_SIZE - 1] = 0;
    return text;
}

static inline const char *wine_dbgstr_guid(const GUID *guid)
{
    if (!guid) return "(null)";
    return wine_dbg_sprintf("{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned long)guid->Data1,
                            guid->Data2, guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3],
                            guid->Data4[4], guid->Data4[5], guid->Data4[6], guid->Data4[7]);
}

/* A wide string in quotes, what is not ASCII escaped. */
static inline const char *wine_dbgstr_w(const WCHAR *str)
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
           thread->file ? thread->file : winetest_name, thread->line);
    printf("%s: unhandled exception %08lx at %p, %#lx behind the start of %s\n", winetest_name,
           (unsigned long)info->ExceptionRecord->ExceptionCode, (void *)address,
           (unsigned long)(address - (char *)memory.AllocationBase), module);
    fflush(stdout);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* The last line, wherever the test ends. */
static inline void winetest_summary(void)
{
    printf("%s: %ld tests executed (%ld marked as todo, 0 as flaky, %ld %s), %ld skipped.\n", winetest_name,
           winetest_successes + winetest_failures + winetest_todos, winetest_todos, winetest_failures,
           winetest_failures == 1 ? "failure" : "failures", winetest_skipped);
    fflush(stdout);
}

static inline int winetest_get_mainargs(char ***argv)
{
    *argv = winetest_argv;
    return winetest_argc;
}

static inline void winetest_put_mainargs(int argc, char **argv)
{
    int named = argc > 1 && !strcmp(argv[1], winetest_name), i;

    winetest_argc = named ? argc : argc + 1;
    if (!(winetest_argv = calloc(winetest_argc + 1, sizeof(*winetest_argv)))) abort();
    winetest_argv[0] = argv[0];
    winetest_argv[1] = (char *)winetest_name;
    for (i = 2; i < winetest_argc; i++) winetest_argv[i] = argv[named ? i : i - 1];
}

static inline int winetest_run(const char *name, void (*test)(void), int argc, char **argv)
{
    const char *debug = getenv("WINETEST_DEBUG");

    winetest_name = name;
    winetest_put_mainargs(argc, argv);
    winetest_platform_is_wine = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
    winetest_debug = debug ? atoi(debug) : 1;
    winetest_tls = TlsAlloc();
    InitializeCriticalSection(&winetest_lock);
    SetUnhandledExceptionFilter(winetest_crash);
    if (winetest_platform_is_wine) _setmode(_fileno(stdout), _O_BINARY); /* the reader is a Unix program */
    atexit(winetest_summary);

    test();
    return winetest_failures != 0;
}

/* With CROSSTEST all programs are in one executable, whose main() is tests/crosstest/main.c. */
#ifdef CROSSTEST
#define WINETEST_MAIN(name) crosstest_##name
#else
#define WINETEST_MAIN(name) main
#endif

#define START_TEST(name) \
    static void test_program_##name(void); \
    int WINETEST_MAIN(name)(int argc, char **argv); \
    int WINETEST_MAIN(name)(int argc, char **argv) { return winetest_run(#name, test_program_##name, argc, argv); } \
    static void test_program_##name(void)

#endif
