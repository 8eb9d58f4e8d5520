/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Puts other functions in the place of some that a module imports, for that module alone: to count its allocations, or
 * to give it a winscard that answers as a test wants.
 */

#ifndef SCARDSSP_TESTS_IMPORT_TABLE_H
#define SCARDSSP_TESTS_IMPORT_TABLE_H

#include <string.h>
#include <windows.h>

struct replacement
{
    const char *name;
    void *function;
};

static inline void replace_import(IMAGE_THUNK_DATA *slot, void *function)
{
    DWORD old;

    VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &old);
    slot->u1.Function = (ULONG_PTR)function;
    VirtualProtect(slot, sizeof(*slot), old, &old);
}

/* Returns how many imports of the loaded module were replaced; what it does not import is left out. */
static inline unsigned int replace_imports(const char *name, const struct replacement *replacements, unsigned int count)
{
    BYTE *module = (BYTE *)GetModuleHandleA(name);
    const IMAGE_NT_HEADERS *headers = (void *)(module + ((IMAGE_DOS_HEADER *)module)->e_lfanew);
    const IMAGE_IMPORT_DESCRIPTOR *import = (void *)(module + headers->OptionalHeader
        .DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
    unsigned int replaced = 0, i;

    for (; import->Name; import++)
    {
        IMAGE_THUNK_DATA *imported = (void *)(module + import->OriginalFirstThunk);
        IMAGE_THUNK_DATA *slot = (void *)(module + import->FirstThunk);

        for (; imported->u1.AddressOfData; imported++, slot++)
        {
            const IMAGE_IMPORT_BY_NAME *by_name = (void *)(module + imported->u1.AddressOfData);

            for (i = 0; i < count && !IMAGE_SNAP_BY_ORDINAL(imported->u1.Ordinal); i++)
            {
                if (strcmp((const char *)by_name->Name, replacements[i].name)) continue;
                replace_import(slot, replacements[i].function);
                replaced++;
            }
        }
    }
    return replaced;
}

#endif
