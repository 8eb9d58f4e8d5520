/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What only the machine can do, asked for by a test: tests/host.sh does it. */

#ifndef SCARDSSP_TESTS_HOST_COMMAND_H
#define SCARDSSP_TESTS_HOST_COMMAND_H

#include "common.h"

#define PATIENCE        10000   /* ms for what takes a daemon to start */

/* Waits for a condition, up to so many milliseconds; its last value is that of the expression. */
#define await(condition, patience) \
    ({ \
        DWORD start_ = GetTickCount(); \
        BOOL met_; \
        while (!(met_ = !!(condition)) && GetTickCount() - start_ < (patience)) Sleep(10); \
        met_; \
    })

/*
 * Ends or starts the resource manager, or takes a picture, as tests/host.sh says. FALSE where that is not possible, or
 * the script failed.
 */
static inline BOOL host_command(const WCHAR *arguments)
{
    WCHAR script[300], done[300], command[1024];
    PROCESS_INFORMATION process;
    STARTUPINFOW startup = { 0 };
    char answer[8] = "";
    FILE *file;

    if (!GetEnvironmentVariableW(L"SCARDSSP_TEST_HOST", script, ARRAY_SIZE(script))
        || !GetEnvironmentVariableW(L"SCARDSSP_TEST_HOST_DONE", done + 2, ARRAY_SIZE(done) - 2)) return FALSE;
    memcpy(done, L"Z:", 2 * sizeof(WCHAR));
    DeleteFileW(done);
    _snwprintf(command, ARRAY_SIZE(command) - 1, L"bash \"%s\" \"%s\" %s", script, done + 2, arguments);
    command[ARRAY_SIZE(command) - 1] = 0;
    startup.cb = sizeof(startup);
    if (!CreateProcessW(L"Z:\\bin\\bash", command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) return FALSE;
    /* Of a process that is not a Windows one Wine has no handle to wait for. */
    if (!await((file = _wfopen(done, L"r")), 3 * PATIENCE)) return FALSE;
    if (!fgets(answer, sizeof(answer), file)) *answer = 0;
    fclose(file);
    return !strncmp(answer, "ok", 2);
}

#endif
