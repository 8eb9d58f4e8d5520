/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the conformance programs share: creating objects, buffers of given bytes, and comparing what a buffer or a
 * command holds. The program's .c file defines COBJMACROS.
 *
 * The source of each fact that is checked stands in a comment beside it: [doc] Microsoft's reference pages,
 * [sdk98] their edition of 1998, which tells more, and sometimes otherwise, of what was there before XP, [hdr] public
 * SDK headers, [tlb] the original's type library, [client] what published XP programs rely on, [iso] ISO/IEC 7816-3
 * and 7816-4, [ours] decided here where the others are silent. A real Windows XP overrules [ours].
 */

#ifndef SCARDSSP_TESTS_COMMON_H
#define SCARDSSP_TESTS_COMMON_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <cguid.h>
#include "scardssp.h"
#include "wine/test.h"

/* ---- texts for messages ---- */

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
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) if (names[i].hr == hr) return names[i].name;
    return wine_dbg_sprintf("%#lx", hr);
}

/* Bytes as hexadecimal digits; of many, the first 48. */
static inline const char *dbgstr_hex(const void *data, LONG size)
{
    LONG i, shown = size < 48 ? size : 48;
    char text[2 * 48 + 1] = "";

    if (!data) return "(null)";
    for (i = 0; i < shown; i++) sprintf(text + 2 * i, "%02x", ((const BYTE *)data)[i]);
    return shown < size ? wine_dbg_sprintf("%s... (%ld bytes)", text, size) : wine_dbg_sprintf("%s", text);
}

/* ---- the program itself ---- */

/* The number of the hundredth free handle, which grows with those in use. (Wine's GetProcessHandleCount gives 0.) */
static inline ULONG handle_level(void)
{
    HANDLE events[100];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(events); i++) events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (i = 0; i < ARRAY_SIZE(events); i++) CloseHandle(events[i]);
    return (ULONG)(ULONG_PTR)events[ARRAY_SIZE(events) - 1] / 4;
}

/* Whether the test was started with this argument. */
static inline BOOL has_argument(const char *argument)
{
    char **argv;

    return winetest_get_mainargs(&argv) > 2 && !strcmp(argv[2], argument);
}

/* Starts this test again, in a process of its own, with arguments. NULL: it does not start. */
static inline HANDLE start_again(const WCHAR *arguments)
{
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    WCHAR command[MAX_PATH + 600];
    PROCESS_INFORMATION process;
    char **argv;

    winetest_get_mainargs(&argv);
    _snwprintf(command, ARRAY_SIZE(command), L"\"%hs\" %hs %ls", argv[0], argv[1], arguments);
    command[ARRAY_SIZE(command) - 1] = 0;
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) return NULL;
    CloseHandle(process.hThread);
    return process.hProcess;
}

/* For loops that look for what is rare: n, or on a slow machine the part of it that SCARDSSP_TEST_DIVISOR says. */
static inline unsigned int rounds_here(unsigned int n)
{
    const char *divisor = getenv("SCARDSSP_TEST_DIVISOR");

    return divisor && atoi(divisor) > 0 ? n / atoi(divisor) : n;
}

/* ---- objects ---- */

/* The helpers that prepare or look count as a check only when they fail. */

/* Any object of ours. When it cannot be made, it is a failure and the end of the program. */
static inline void *create_object(const CLSID *clsid, const IID *iid)
{
    void *object = NULL;
    HRESULT hr;

    hr = CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, &object);
    if (hr == S_OK && object) return object;
    ok(0, "CoCreateInstance(%s): %s.\n", wine_dbgstr_guid(clsid), dbgstr_hr(hr));
    exit(1);
}

static inline ISCardCmd *create_cmd(void)
{
    return create_object(&CLSID_CSCardCmd, &IID_ISCardCmd);
}

static inline ISCardISO7816 *create_iso(void)
{
    return create_object(&CLSID_CSCardISO7816, &IID_ISCardISO7816);
}

static inline ISCard *create_card(void)
{
    return create_object(&CLSID_CSCard, &IID_ISCard);
}

/* A buffer that was not initialised. */
static inline IByteBuffer *create_raw_buffer(void)
{
    return create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
}

/* A buffer of these bytes, zeros when data is NULL, its seek pointer at 0. */
static inline IByteBuffer *create_buffer(const void *data, LONG size)
{
    IByteBuffer *buffer = create_raw_buffer();
    HRESULT hr;

    hr = IByteBuffer_Initialize(buffer, size, (BYTE *)data);
    if (hr != S_OK) ok(0, "Initialize(%ld): %s.\n", size, dbgstr_hr(hr));
    return buffer;
}

/* Bytes from hexadecimal digits, with blanks at will; NULL gives none. Returns how many there are. */
static inline LONG from_hex(BYTE *bytes, const char *digits)
{
    LONG count = 0;

    while (digits && *digits)
    {
        unsigned int byte;

        if (*digits == ' ')
        {
            digits++;
            continue;
        }
        if (sscanf(digits, "%2x", &byte) != 1) abort();
        bytes[count++] = (BYTE)byte;
        digits += 2;
    }
    return count;
}

static inline IByteBuffer *create_hex_buffer(const char *digits)
{
    BYTE bytes[512];
    LONG size = from_hex(bytes, digits);

    return create_buffer(bytes, size);
}

static inline LONG buffer_position(IByteBuffer *buffer)
{
    LONG position = -1;
    HRESULT hr;

    hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position);
    if (hr != S_OK) ok(0, "Seek(0, STREAM_SEEK_CUR): %s.\n", dbgstr_hr(hr));
    return position;
}

static inline LONG buffer_size(IByteBuffer *buffer)
{
    STATSTRUCT stat = { 0 };
    HRESULT hr;

    hr = IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
    if (hr != S_OK) ok(0, "Stat: %s.\n", dbgstr_hr(hr));
    return hr == S_OK ? stat.cbSize : -1;
}

static inline void buffer_seek(IByteBuffer *buffer, LONG position)
{
    HRESULT hr;

    hr = IByteBuffer_Seek(buffer, position, STREAM_SEEK_SET, NULL);
    if (hr != S_OK) ok(0, "Seek(%ld, STREAM_SEEK_SET): %s.\n", position, dbgstr_hr(hr));
}

/* Compares the bytes of a buffer from its seek pointer on, which ends behind them. The text, without newline,
 * comes first in the message. */
__WINE_PRINTF_ATTR(6, 7)
static inline void check_buffer_at(int line, const char *file, IByteBuffer *buffer, const void *expected,
                                   LONG size, const char *format, ...)
{
    BYTE *bytes = malloc(size + 16);
    char what[128] = "";
    LONG count = -1;
    va_list args;
    HRESULT hr;

    va_start(args, format);
    _vsnprintf(what, sizeof(what) - 1, format, args);
    va_end(args);
    hr = IByteBuffer_Read(buffer, bytes, size + 16, &count);
    ok_(file, line)(hr == S_OK && count == size && !memcmp(bytes, expected, size),
                    "%s: Read: %s, %ld bytes, %s, expected %s.\n", what, dbgstr_hr(hr), count,
                    dbgstr_hex(bytes, count < 0 ? 0 : count), dbgstr_hex(expected, size));
    free(bytes);
}
#define check_buffer(...) check_buffer_at(__LINE__, __FILE__, __VA_ARGS__)

/* Compares the whole content of a buffer and leaves its seek pointer where it was. */
static inline void check_content_at(int line, const char *file, IByteBuffer *buffer, const void *expected,
                                    LONG size)
{
    LONG position = buffer_position(buffer);

    buffer_seek(buffer, 0);
    check_buffer_at(line, file, buffer, expected, size, "content");
    buffer_seek(buffer, position);
}
#define check_content(buffer, expected, size) check_content_at(__LINE__, __FILE__, buffer, expected, size)

/* A buffer that an object has handed out: its bytes are there to be read straight away. It is released. */
static inline void check_result_buffer_at(int line, const char *file, HRESULT hr, IByteBuffer *buffer,
                                          const void *expected, LONG size, const char *what)
{
    ok_(file, line)(hr == S_OK && buffer, "%s: %s, buffer %p.\n", what, dbgstr_hr(hr), (void *)buffer);
    if (!buffer) return;
    check_buffer_at(line, file, buffer, expected, size, "%s", what);
    IByteBuffer_Release(buffer);
}

/* The encoded command, by get_Apdu and get_ApduLength. The text, without newline, begins the messages. */
__WINE_PRINTF_ATTR(6, 7)
static inline void check_apdu_at(int line, const char *file, ISCardCmd *cmd, const void *expected, LONG size,
                                 const char *format, ...)
{
    IByteBuffer *buffer = NULL;
    char what[128] = "";
    LONG length = -1;
    va_list args;
    HRESULT hr;

    va_start(args, format);
    _vsnprintf(what, sizeof(what) - 1, format, args);
    va_end(args);
    hr = ISCardCmd_get_ApduLength(cmd, &length);
    ok_(file, line)(hr == S_OK && length == size, "%s: ApduLength: %s, %ld, expected %ld.\n", what,
                    dbgstr_hr(hr), length, size);
    hr = ISCardCmd_get_Apdu(cmd, &buffer);
    check_result_buffer_at(line, file, hr, buffer, expected, size, what);
}
#define check_apdu(...) check_apdu_at(__LINE__, __FILE__, __VA_ARGS__)

/* The reply with its status word, by get_ApduReply and get_ApduReplyLength; a size of 0 means no reply. */
__WINE_PRINTF_ATTR(6, 7)
static inline void check_cmd_reply_at(int line, const char *file, ISCardCmd *cmd, const void *expected,
                                      LONG size, const char *format, ...)
{
    IByteBuffer *buffer = NULL;
    char what[128] = "";
    LONG length = -1;
    va_list args;
    HRESULT hr;

    va_start(args, format);
    _vsnprintf(what, sizeof(what) - 1, format, args);
    va_end(args);
    hr = ISCardCmd_get_ApduReplyLength(cmd, &length);
    ok_(file, line)(hr == S_OK && length == size, "%s: ApduReplyLength: %s, %ld, expected %ld.\n", what,
                    dbgstr_hr(hr), length, size);
    hr = ISCardCmd_get_ApduReply(cmd, &buffer);
    if (size) check_result_buffer_at(line, file, hr, buffer, expected, size, what);
    else ok_(file, line)(hr == S_OK && !buffer, "%s: ApduReply: %s.\n", what, dbgstr_hr(hr));
}
#define check_cmd_reply(...) check_cmd_reply_at(__LINE__, __FILE__, __VA_ARGS__)

/* Runs a function in a thread of its own and waits for its end, up to ten seconds. The caller's messages are
 * not dispatched meanwhile. FALSE when it does not end: it hangs in something. */
static inline BOOL run_in_thread(LPTHREAD_START_ROUTINE function, void *arg)
{
    HANDLE thread = CreateThread(NULL, 0, function, arg, 0, NULL);
    BOOL ended = thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0;

    if (thread) CloseHandle(thread);
    return ended;
}

#include "foreign_cmd.h"

#endif
