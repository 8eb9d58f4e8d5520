/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Aliases of readers, from a variable of the environment and from the registry. They are read where they are needed,
 * which is in no transaction, and not kept: the next call sees what was changed.
 */

#include <stdlib.h>
#include <string.h>

#include "winscard_private.h"
#include "core/alias.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define VARIABLE L"SCARDSSP_READERS"
#define KEY L"Software\\Wine\\Scardssp\\Readers"

#define MAX_READER_SIZE 128 /* bytes that pcsc-lite has for the name of a reader, with its end */

struct alias
{
    struct alias *next;
    WCHAR *reader;          /* its name, or a pattern of it; behind the alias, in the same allocation */
    WCHAR name[];
};

static const struct alias *find_alias(const struct alias *aliases, const WCHAR *name)
{
    while (aliases && wcscmp(aliases->name, name))
        aliases = aliases->next;
    return aliases;
}

/* Appends an alias to a list. One whose name is there already is not: the first counts. */
static HRESULT add_alias(struct alias **aliases, const struct alias_entry *entry)
{
    SIZE_T name_length = entry->name.length, reader_length = entry->reader.length;
    struct alias *alias;

    if (!(alias = calloc(1, sizeof(*alias) + (name_length + 1 + reader_length + 1) * sizeof(WCHAR))))
        return E_OUTOFMEMORY;
    memcpy(alias->name, entry->name.text, name_length * sizeof(WCHAR));
    alias->reader = alias->name + name_length + 1;
    memcpy(alias->reader, entry->reader.text, reader_length * sizeof(WCHAR));
    TRACE("%s is %s.\n", debugstr_w(alias->name), debugstr_w(alias->reader));
    if (find_alias(*aliases, alias->name))
    {
        free(alias);
        return S_OK;
    }
    while (*aliases)
        aliases = &(*aliases)->next;
    *aliases = alias;
    return S_OK;
}

/* The variable's value, which the caller frees. NULL: there is none. */
static HRESULT get_variable(WCHAR **value)
{
    DWORD size = 0, length;

    *value = NULL;
    while ((length = GetEnvironmentVariableW(VARIABLE, *value, size)) >= size && length)
    {
        /* Without room enough it is the room that is needed, of which Wine, whose sizes have 16 bits, bears no more. */
        size = length;
        free(*value);
        if (!(*value = calloc(size, sizeof(**value))))
            return E_OUTOFMEMORY;
    }
    if (!length)
    {
        free(*value);
        *value = NULL;
    }
    return S_OK;
}

static HRESULT load_from_variable(struct alias **aliases)
{
    struct alias_entry entry;
    struct alias_text rest;
    enum alias_status status;
    unsigned int i;
    WCHAR *value;
    HRESULT hr;

    if (FAILED(hr = get_variable(&value)) || !value)
        return hr;
    rest.text = value;
    rest.length = lstrlenW(value);
    for (i = 0; SUCCEEDED(hr) && i < ALIAS_MAX_ENTRIES && (status = alias_next(&rest, &entry)) != ALIAS_END; i++)
    {
        if (status == ALIAS_SOUND)
            hr = add_alias(aliases, &entry);
        else
            WARN("%s in SCARDSSP_READERS is not NAME=READER.\n", debugstr_wn(entry.name.text, entry.name.length));
    }
    free(value);
    return hr;
}

static HRESULT load_from_registry(struct alias **aliases)
{
    WCHAR name[ALIAS_MAX_LENGTH + 1], reader[ALIAS_MAX_LENGTH + 1];
    DWORD name_length, size, type, i;
    struct alias_entry entry;
    HRESULT hr = S_OK;
    LONG error;
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, KEY, 0, KEY_READ, &key))
        return S_OK;
    for (i = 0; SUCCEEDED(hr) && i < ALIAS_MAX_ENTRIES; i++)
    {
        name_length = ARRAY_SIZE(name);
        size = sizeof(reader);
        error = RegEnumValueW(key, i, name, &name_length, NULL, &type, (BYTE *)reader, &size);
        if (!error && type == REG_SZ && alias_from_value(name, name_length, reader, size, &entry))
            hr = add_alias(aliases, &entry);
        else if (!error || error == ERROR_MORE_DATA)
            WARN("Value %lu of %s is no name of a reader.\n", i, debugstr_w(KEY));
        else
            break;
    }
    RegCloseKey(key);
    return hr;
}

HRESULT aliases_load(struct alias **aliases)
{
    HRESULT hr;

    *aliases = NULL;
    hr = load_from_variable(aliases);
    if (SUCCEEDED(hr))
        hr = load_from_registry(aliases);
    if (FAILED(hr))
    {
        aliases_free(*aliases);
        *aliases = NULL;
    }
    return hr;
}

void aliases_free(struct alias *aliases)
{
    struct alias *next;

    for (; aliases; aliases = next)
    {
        next = aliases->next;
        free(aliases);
    }
}

BOOL aliases_have(const struct alias *aliases, const WCHAR *name)
{
    return find_alias(aliases, name) != NULL;
}

/* A name in a multi-string, or the first that a pattern matches. NULL: there is none. */
static const WCHAR *find_reader(const WCHAR *readers, const WCHAR *pattern)
{
    for (; *readers; readers += lstrlenW(readers) + 1)
    {
        if (alias_matches(pattern, readers))
            return readers;
    }
    return NULL;
}

static BOOL is_reader(const WCHAR *readers, const WCHAR *name)
{
    for (; *readers; readers += lstrlenW(readers) + 1)
    {
        if (!wcscmp(readers, name))
            return TRUE;
    }
    return FALSE;
}

/* Whether an alias means a reader of a multi-string. */
static BOOL is_meant(const struct alias *alias, const WCHAR *readers, const WCHAR *reader)
{
    const WCHAR *meant = find_reader(readers, alias->reader);

    return meant && !wcscmp(meant, reader) && !is_reader(readers, alias->name);
}

const WCHAR *aliases_told(const struct alias *aliases, const WCHAR *readers, const WCHAR *reader)
{
    while (aliases && !is_meant(aliases, readers, reader))
        aliases = aliases->next;
    return aliases ? aliases->name : reader;
}

BOOL aliases_mean(const struct alias *aliases, const BSTR *names, ULONG count, const WCHAR *readers,
        const WCHAR *reader)
{
    const struct alias *alias;
    ULONG i;

    for (i = 0; i < count; i++)
    {
        if (names[i] && (alias = find_alias(aliases, names[i]))
                && (is_meant(alias, readers, reader) || !wcscmp(names[i], reader)))
            return TRUE;
    }
    return FALSE;
}

static BOOL may_be_name(const WCHAR *reader)
{
    return !wcschr(reader, '*')
            && WideCharToMultiByte(CP_UTF8, 0, reader, -1, NULL, 0, NULL, NULL) <= MAX_READER_SIZE;
}

static HRESULT find_meant(const struct alias *alias, WCHAR **reader)
{
    const WCHAR *found = NULL;
    WCHAR *readers;
    HRESULT hr;

    /* The context of the caller may be that of a resource manager that has ended. */
    if (FAILED(hr = winscard_list_apart(winscard_list_readers, &readers)))
        return hr == SCARD_E_NO_READERS_AVAILABLE ? SCARD_E_UNKNOWN_READER : hr;
    /* Wine's lists may end before a reader (names.c), which can be connected by its name all the same. */
    if (!is_reader(readers, alias->name) && !(found = find_reader(readers, alias->reader))
            && may_be_name(alias->reader))
        found = alias->reader;
    if (!found)
        hr = SCARD_E_UNKNOWN_READER;
    else if (!(*reader = _wcsdup(found)))
        hr = E_OUTOFMEMORY;
    free(readers);
    return hr;
}

HRESULT winscard_find_by_alias(const WCHAR *name, WCHAR **reader)
{
    const struct alias *alias;
    struct alias *aliases;
    HRESULT hr;

    if (FAILED(hr = aliases_load(&aliases)))
        return hr;
    alias = find_alias(aliases, name);
    hr = alias ? find_meant(alias, reader) : S_FALSE;
    aliases_free(aliases);
    return hr;
}

/* The names of a multi-string as programs are told them. */
static WCHAR *tell_all(const struct alias *aliases, const WCHAR *readers)
{
    const WCHAR *reader;
    SIZE_T size = 1;
    WCHAR *names, *end;

    for (reader = readers; *reader; reader += lstrlenW(reader) + 1)
        size += lstrlenW(aliases_told(aliases, readers, reader)) + 1;
    if (!(names = end = malloc(size * sizeof(*names))))
        return NULL;
    for (reader = readers; *reader; reader += lstrlenW(reader) + 1)
        end += lstrlenW(lstrcpyW(end, aliases_told(aliases, readers, reader))) + 1;
    *end = 0;
    return names;
}

HRESULT winscard_list_told_readers(HSCARDCONTEXT context, WCHAR **names)
{
    struct alias *aliases;
    WCHAR *readers;
    HRESULT hr;

    if (FAILED(hr = winscard_list_readers(context, &readers)))
        return hr;
    hr = aliases_load(&aliases);
    if (SUCCEEDED(hr) && !(*names = tell_all(aliases, readers)))
        hr = E_OUTOFMEMORY;
    aliases_free(aliases);
    free(readers);
    return hr;
}
