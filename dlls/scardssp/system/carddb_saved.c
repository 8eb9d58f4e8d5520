/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads the known cards from what Wine's server saves of their key. Every other way costs a call to the server for each
 * key, and several for its values. Whatever goes wrong here, the cards can be read in that way instead: for a program
 * that may not save keys; without room for the file; with an entry of which the text does not tell enough. Of keys that
 * last only until Wine ends the text says nothing: as many cards must stand in it as the key has.
 */

#include <stdlib.h>
#include <string.h>

#include "carddb_private.h"
#include "core/saved_cards.h"
#include "winternl.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

C_ASSERT(MAX_KEY_NAME == SAVED_NAME_MAX + 1);

#define MIN_CARDS 32            /* with fewer the other way is as fast */
#define MAX_CARDS 65536         /* the server does nothing else meanwhile: less than 200 ms */
#define MAX_TEXT (64 << 20)     /* bytes */

struct text
{
    char *data;
    DWORD size;
};

/* Windows saves keys in another form. */
static BOOL is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

/* An empty file, which is gone when it is closed. NULL: there is no room for one. */
static HANDLE create_file(void)
{
    WCHAR directory[MAX_PATH + 1], path[MAX_PATH];
    DWORD length = GetTempPathW(ARRAY_SIZE(directory), directory);
    HANDLE file;

    /* Windows refuses a directory that leaves no room for the name; Wine writes beyond the buffer. */
    if (!length || length > MAX_PATH - 14 || !GetTempFileNameW(directory, L"scd", 0, path))
        return NULL;
    file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, TRUNCATE_EXISTING,
            FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (file != INVALID_HANDLE_VALUE)
        return file;
    DeleteFileW(path);
    return NULL;
}

/* Saving keys takes a privilege, which this thread has for as long as that takes, and no other. */
static BOOL take_privilege(void)
{
    TOKEN_PRIVILEGES privileges = { 1, { { .Attributes = SE_PRIVILEGE_ENABLED } } };
    BOOL taken = FALSE;
    HANDLE token;

    /* A thread that acts for somebody goes on doing so. */
    if (OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
    {
        CloseHandle(token);
        return FALSE;
    }
    if (GetLastError() != ERROR_NO_TOKEN
            || !LookupPrivilegeValueW(NULL, L"SeBackupPrivilege", &privileges.Privileges[0].Luid)
            || !ImpersonateSelf(SecurityImpersonation))
        return FALSE;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES, TRUE, &token))
    {
        taken = AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL) && !GetLastError();
        CloseHandle(token);
    }
    if (!taken)
        RevertToSelf();
    return taken;
}

/* NULL: that cannot be done. The caller closes the file. */
static HANDLE save(HKEY key)
{
    HANDLE file = NULL;
    NTSTATUS status;

    if (!take_privilege())
    {
        TRACE("The privilege is not to be had.\n");
        return NULL;
    }
    if (!(file = create_file()))
        TRACE("There is no room for a file: error %lu.\n", GetLastError());
    else if ((status = NtSaveKey(key, file)))
    {
        TRACE("NtSaveKey: %#lx.\n", status);
        CloseHandle(file);
        file = NULL;
    }
    if (!RevertToSelf())
        WARN("The thread keeps a privilege: error %lu.\n", GetLastError());
    return file;
}

/* The caller frees the text. */
static BOOL read_text(HANDLE file, struct text *text)
{
    LARGE_INTEGER size;
    DWORD read;

    if (!GetFileSizeEx(file, &size) || size.QuadPart > MAX_TEXT || !(text->data = malloc(size.QuadPart + 1)))
        return FALSE;
    text->size = size.QuadPart;
    if (SetFilePointer(file, 0, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER
            && ReadFile(file, text->data, text->size, &read, NULL) && read == text->size)
        return TRUE;
    free(text->data);
    return FALSE;
}

static BOOL get_text(HKEY key, struct text *text)
{
    HANDLE file = save(key);
    BOOL done;

    if (!file)
        return FALSE;
    if (!(done = read_text(file, text)))
        TRACE("The file is too large, or cannot be read: error %lu.\n", GetLastError());
    CloseHandle(file);
    return done;
}

/* S_FALSE: the text is not understood, or does not tell of so many cards. */
static HRESULT read_cards(struct card_list *list, const struct text *text, DWORD count, const struct card_list *known)
{
    enum saved_status status = SAVED_UNREADABLE;
    struct saved_cards saved;
    HRESULT hr = S_OK;

    if (saved_cards_start(&saved, text->data, text->size))
    {
        while (SUCCEEDED(hr) && (status = saved_cards_next(&saved)) == SAVED_CARD)
        {
            if (!card_list_find(known, saved.name))
                hr = card_list_add(list, saved.name, &saved.values);
        }
    }
    if (FAILED(hr))
        return hr;
    if (status == SAVED_END && saved.count == count)
        return S_OK;
    TRACE("Not understood, or not all: %Iu of %lu keys, up to byte %Iu.\n", saved.count, count,
            (SIZE_T)(saved.at - text->data));
    card_list_clear(list);
    return S_FALSE;
}

HRESULT carddb_load_saved(struct card_list *list, HKEY key, DWORD count, const struct card_list *known)
{
    struct text text;
    HRESULT hr;

    if (count < MIN_CARDS || count > MAX_CARDS || !is_wine() || !get_text(key, &text))
        return S_FALSE;
    hr = read_cards(list, &text, count, known);
    free(text.data);
    return hr;
}
