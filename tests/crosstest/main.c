/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All conformance programs in one executable that needs nothing beside it, for a machine with a real Windows XP:
 *     scardssp_test32                     runs each in a process of its own and writes the results to a file
 *     scardssp_test32 NAME [ARGUMENT]...  runs one, with its output on the console
 *     scardssp_test32 --list              names them
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "programs.h"

#define RESULTS "scardssp-results%d.txt"
#define PATIENCE 600000 /* ms for one program */
#define WIDTH ((int)(8 * sizeof(void *)))

/* What the reader of the results must know of the machine. */
static void describe_machine(FILE *results)
{
    const char *(CDECL *wine_version)(void);
    static const char clsid[] = "CLSID\\{D5778AE7-43DE-11D0-9171-00AA00C18068}\\InprocServer32"; /* CSCardCmd */
    OSVERSIONINFOA version;
    char path[MAX_PATH];
    DWORD size;
    LONG length = sizeof(path);

    memset(&version, 0, sizeof(version));
    version.dwOSVersionInfoSize = sizeof(version);
    GetVersionExA(&version);
    fprintf(results, "scardssp conformance tests, %d bits, of wine-scardssp " SCARDSSP_VERSION "\r\n", WIDTH);
    fprintf(results, "Windows %lu.%lu.%lu %s\r\n", version.dwMajorVersion, version.dwMinorVersion,
            version.dwBuildNumber & 0xffff, version.szCSDVersion);
    wine_version = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version");
    if (wine_version) fprintf(results, "Wine %s\r\n", wine_version());
    fprintf(results, "code page %u, user language %04x\r\n", GetACP(), GetUserDefaultLangID());
    if (RegQueryValueA(HKEY_CLASSES_ROOT, clsid, path, &length)) strcpy(path, "not registered");
    fprintf(results, "scardssp.dll: %s", path);
    if ((size = GetFileVersionInfoSizeA(path, NULL)))
    {
        void *info = malloc(size);
        VS_FIXEDFILEINFO *fixed;
        UINT fixed_size;

        if (GetFileVersionInfoA(path, 0, size, info) && VerQueryValueA(info, "\\", (void **)&fixed, &fixed_size))
            fprintf(results, ", version %u.%u.%u.%u", HIWORD(fixed->dwFileVersionMS), LOWORD(fixed->dwFileVersionMS),
                    HIWORD(fixed->dwFileVersionLS), LOWORD(fixed->dwFileVersionLS));
        free(info);
    }
    fprintf(results, "\r\n");
    fflush(results);
}

/* Runs one in a process of its own, which writes to the file. Returns its exit status. */
static DWORD run_apart(const struct program *program, HANDLE output)
{
    char path[MAX_PATH], command[MAX_PATH + 64];
    PROCESS_INFORMATION process;
    STARTUPINFOA startup;
    DWORD status = 1;

    GetModuleFileNameA(NULL, path, sizeof(path));
    _snprintf(command, sizeof(command), "\"%s\" %s", path, program->name);
    memset(&startup, 0, sizeof(startup));
    startup.cb = sizeof(startup);
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = startup.hStdError = output;
    if (!CreateProcessA(path, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) return GetLastError();
    if (WaitForSingleObject(process.hProcess, PATIENCE)) TerminateProcess(process.hProcess, WAIT_TIMEOUT);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return status;
}

static const char *outcome(DWORD status)
{
    if (!status) return "ok";
    if (status == 1) return "differences";
    return status == WAIT_TIMEOUT ? "did not end" : "crashed";
}

static int run_all(void)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    char name[32], line[128];
    unsigned int i, bad = 0;
    DWORD status, written;
    FILE *results;
    HANDLE output;

    sprintf(name, RESULTS, WIDTH);
    if (!(results = fopen(name, "wb")))
    {
        fprintf(stderr, "%s cannot be written: run this in a directory where it can.\n", name);
        return 2;
    }
    describe_machine(results);
    fclose(results);
    output = CreateFileA(name, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0,
                         NULL);
    if (output == INVALID_HANDLE_VALUE)
    {
        fprintf(stderr, "%s cannot be opened: error %lu.\n", name, GetLastError());
        return 2;
    }
    for (i = 0; i < program_count; i++)
    {
        printf("[%u/%u] %-20s ", i + 1, program_count, programs[i].name);
        fflush(stdout);
        sprintf(line, "== %s\r\n", programs[i].name);
        WriteFile(output, line, strlen(line), &written, NULL);
        status = run_apart(&programs[i], output);
        if (status) bad++;
        printf("%s\n", outcome(status));
        sprintf(line, "== %s: %s (status %#lx)\r\n", programs[i].name, outcome(status), status);
        WriteFile(output, line, strlen(line), &written, NULL);
    }
    CloseHandle(output);
    printf("\n%u of %u programs without a difference. Please send %s back.\n", program_count - bad, program_count,
           name);
    return bad != 0;
}

int main(int argc, char **argv)
{
    unsigned int i;

    if (argc < 2) return run_all();
    if (!strcmp(argv[1], "--version"))
    {
        printf("scardssp_test%d " SCARDSSP_VERSION "\n", WIDTH);
        return 0;
    }
    for (i = 0; i < program_count; i++)
    {
        if (!strcmp(argv[1], "--list")) puts(programs[i].name);
        else if (!strcmp(argv[1], programs[i].name)) return programs[i].run(argc, argv);
    }
    if (!strcmp(argv[1], "--list")) return 0;
    fprintf(stderr, "usage: scardssp_test%d [--list | --version | NAME [ARGUMENT]...]\n", WIDTH);
    return 2;
}
