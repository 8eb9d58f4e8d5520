/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Aliases of readers, written to the registry directly: some of them damaged. */

#ifndef SCARDSSP_TESTS_READER_ALIASES_H
#define SCARDSSP_TESTS_READER_ALIASES_H

#include "common.h"

#define OWN_KEY L"Software\\Wine\\Scardssp"
#define ALIASES_KEY OWN_KEY L"\\Readers"
#define ALIASES_VARIABLE L"SCARDSSP_READERS"

/* Only where there are none, of the user who runs this, does a test touch them. */
static inline BOOL are_there_aliases(void)
{
    HKEY key;

    if (GetEnvironmentVariableW(ALIASES_VARIABLE, NULL, 0)) return TRUE;
    if (RegOpenKeyExW(HKEY_CURRENT_USER, ALIASES_KEY, 0, KEY_READ, &key)) return FALSE;
    RegCloseKey(key);
    return TRUE;
}

static inline void set_alias_value(const WCHAR *name, DWORD type, const void *data, DWORD size)
{
    HKEY key;
    LONG rc;

    rc = RegCreateKeyExW(HKEY_CURRENT_USER, ALIASES_KEY, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
    if (!rc)
    {
        rc = RegSetValueExW(key, name, 0, type, data, size);
        RegCloseKey(key);
    }
    if (rc) ok(0, "The alias %s: %ld.\n", wine_dbgstr_w(name), rc);
}

static inline void set_alias(const WCHAR *name, const WCHAR *reader)
{
    set_alias_value(name, REG_SZ, reader, (lstrlenW(reader) + 1) * sizeof(WCHAR));
}

static inline void end_alias(const WCHAR *name)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, ALIASES_KEY, 0, KEY_WRITE, &key)) return;
    RegDeleteValueW(key, name);
    RegCloseKey(key);
}

/* Leaves no alias, and no key. */
static inline void end_aliases(void)
{
    SetEnvironmentVariableW(ALIASES_VARIABLE, NULL);
    RegDeleteKeyW(HKEY_CURRENT_USER, ALIASES_KEY);
    RegDeleteKeyW(HKEY_CURRENT_USER, OWN_KEY);
}

#endif
