/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The aliases of readers, read as the DLL reads them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alias.h"
#include "probe.h"

struct alias
{
    WCHAR name[ALIAS_MAX_LENGTH + 1], reader[ALIAS_MAX_LENGTH + 1];
    const char *place;
};

static struct alias aliases[2 * ALIAS_MAX_ENTRIES];
static int alias_count;

static void print_malformed(const char *place, const WCHAR *text, int length)
{
    printf("alias malformed %s ", place);
    print_hex(text, length);
    printf(" - -\n");
}

static void add(const char *place, const struct alias_entry *entry)
{
    struct alias *alias = &aliases[alias_count++];

    memcpy(alias->name, entry->name.text, entry->name.length * sizeof(WCHAR));
    memcpy(alias->reader, entry->reader.text, entry->reader.length * sizeof(WCHAR));
    alias->place = place;
}

static void read_variable(void)
{
    DWORD size = GetEnvironmentVariableW(L"SCARDSSP_READERS", NULL, 0);
    WCHAR *value = calloc(size + 1, sizeof(*value));
    struct alias_text rest = { value, 0 };
    struct alias_entry entry;
    enum alias_status status;
    int i;

    if (value) rest.length = GetEnvironmentVariableW(L"SCARDSSP_READERS", value, size + 1);
    for (i = 0; i < ALIAS_MAX_ENTRIES && (status = alias_next(&rest, &entry)) != ALIAS_END; i++)
    {
        if (status == ALIAS_SOUND) add("variable", &entry);
        else print_malformed("variable", entry.name.text, entry.name.length);
    }
    free(value);
}

static void read_registry(void)
{
    WCHAR name[16384], reader[ALIAS_MAX_LENGTH + 1];
    DWORD name_length, size, type, i;
    struct alias_entry entry;
    LONG error;
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, L"Software\\Wine\\Scardssp\\Readers", 0, KEY_READ, &key)) return;
    for (i = 0; i < ALIAS_MAX_ENTRIES; i++)
    {
        name_length = ARRAYSIZE(name);
        size = sizeof(reader);
        *name = 0;
        error = RegEnumValueW(key, i, name, &name_length, NULL, &type, (BYTE *)reader, &size);
        if (!error && type == REG_SZ && alias_from_value(name, name_length, reader, size, &entry))
            add("registry", &entry);
        else if (!error || error == ERROR_MORE_DATA)
            print_malformed("registry", name, lstrlenW(name));
        else
            break;
    }
    RegCloseKey(key);
}

static int find_name(const WCHAR *name, WCHAR **readers, int count)
{
    int i;

    for (i = 0; i < count && wcscmp(readers[i], name); i++) ;
    return i;
}

/* The index of the reader that an alias means: the first of those listed, or another by its whole name. count: none. */
static int find_meant(const struct alias *alias, WCHAR **readers, int listed, int count)
{
    int i;

    for (i = 0; i < listed; i++)
    {
        if (alias_matches(alias->reader, readers[i])) return i;
    }
    return wcschr(alias->reader, '*') ? count : find_name(alias->reader, readers, count);
}

static BOOL is_again(int alias)
{
    int i;

    for (i = 0; i < alias && wcscmp(aliases[i].name, aliases[alias].name); i++) ;
    return i < alias;
}

/* Whether it is the first of the aliases that mean this reader, of those listed. */
static BOOL is_told(int alias, int meant, WCHAR **readers, int listed)
{
    int i;

    for (i = 0; i < alias; i++)
    {
        if (find_meant(&aliases[i], readers, listed, listed) == meant && !is_again(i)
                && find_name(aliases[i].name, readers, listed) == listed)
            return FALSE;
    }
    return TRUE;
}

void print_aliases(WCHAR **readers, int listed, int count)
{
    int i, meant;

    read_variable();
    read_registry();
    for (i = 0; i < alias_count; i++)
    {
        meant = find_meant(&aliases[i], readers, listed, count);
        printf("alias %s %s ", is_again(i) ? "again" : find_name(aliases[i].name, readers, count) < count ? "reader"
               : meant == count ? "absent" : meant >= listed ? "unlisted"
               : is_told(i, meant, readers, listed) ? "told" : "known", aliases[i].place);
        print_hex(aliases[i].name, lstrlenW(aliases[i].name));
        printf(" ");
        print_hex(aliases[i].reader, lstrlenW(aliases[i].reader));
        printf(" ");
        print_hex(meant < count ? readers[meant] : NULL, meant < count ? lstrlenW(readers[meant]) : 0);
        printf("\n");
    }
}
