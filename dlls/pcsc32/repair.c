/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Finds the unix side of winscard in this process and points its imports elsewhere. It imports pcsc-lite's functions by
 * name, one relocation each, which the dynamic linker has filled in when it was loaded; these words are changed, after
 * all of them were found.
 */

#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pcsc32.h"

#define MAX_IMPORTS 32

/* What of a loaded library the relocations need. Addresses in the dynamic section are absolute once it is loaded. */
struct library
{
    ElfW(Addr) base;
    const ElfW(Sym) *symbols;
    const char *strings;
    const ElfW(Rel) *relocations[2]; /* of functions (DT_JMPREL) and of data (DT_REL) */
    size_t counts[2];
};

struct import
{
    void **place;
    void *function;
};

static int is_winscard(const char *path)
{
    const char *name = strrchr(path, '/');

    return name && !strcmp(name, "/winscard.so");
}

static void read_dynamic(const ElfW(Dyn) *dynamic, struct library *library)
{
    size_t sizes[2] = { 0, 0 };
    int i;

    for (; dynamic->d_tag != DT_NULL; dynamic++)
    {
        switch (dynamic->d_tag)
        {
            case DT_SYMTAB: library->symbols = (const void *)dynamic->d_un.d_ptr; break;
            case DT_STRTAB: library->strings = (const void *)dynamic->d_un.d_ptr; break;
            case DT_JMPREL: library->relocations[0] = (const void *)dynamic->d_un.d_ptr; break;
            case DT_PLTRELSZ: sizes[0] = dynamic->d_un.d_val; break;
            case DT_REL: library->relocations[1] = (const void *)dynamic->d_un.d_ptr; break;
            case DT_RELSZ: sizes[1] = dynamic->d_un.d_val; break;
        }
    }
    for (i = 0; i < 2; i++)
        library->counts[i] = library->relocations[i] ? sizes[i] / sizeof(ElfW(Rel)) : 0;
}

static int find_winscard(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct library *library = arg;
    int i;

    if (!info->dlpi_name || !is_winscard(info->dlpi_name))
        return 0;
    for (i = 0; i < info->dlpi_phnum; i++)
    {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
        {
            library->base = info->dlpi_addr;
            read_dynamic((const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), library);
        }
    }
    return 1;
}

static void *wide_function(const char *name)
{
    const struct wide_function *function;

    for (function = wide_functions; function->name; function++)
    {
        if (!strcmp(function->name, name))
            return function->function;
    }
    return NULL;
}

/* The imports that are to be changed; -1 when there is one of pcsc-lite's that nothing here stands in for. */
static int find_imports(const struct library *library, struct import *imports)
{
    const ElfW(Rel) *relocation;
    const char *name;
    int table, count = 0;
    size_t i;

    for (table = 0; table < 2; table++)
    {
        for (i = 0; i < library->counts[table]; i++)
        {
            relocation = &library->relocations[table][i];
            if (ELF32_R_TYPE(relocation->r_info) != R_386_JMP_SLOT
                    && ELF32_R_TYPE(relocation->r_info) != R_386_GLOB_DAT)
                continue;
            name = library->strings + library->symbols[ELF32_R_SYM(relocation->r_info)].st_name;
            if (strncmp(name, "SCard", 5))
                continue;
            if (count == MAX_IMPORTS || !(imports[count].function = wide_function(name)))
                return -1;
            imports[count++].place = (void **)(library->base + relocation->r_offset);
        }
    }
    return count;
}

/* The table may be read-only by now (RELRO); it is left writable, which it was before in Debian's builds. */
static int make_writable(void **place)
{
    size_t page = sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)place & ~(page - 1), end = (uintptr_t)(place + 1);

    return !mprotect((void *)start, end - start, PROT_READ | PROT_WRITE);
}

enum repair_result repair_winscard(void)
{
    struct import imports[MAX_IMPORTS];
    struct library library;
    int count, i;

    memset(&library, 0, sizeof(library));
    if (!dl_iterate_phdr(find_winscard, &library))
        return REPAIR_NO_WINSCARD;
    if (!library.symbols || !library.strings || (count = find_imports(&library, imports)) <= 0)
        return REPAIR_UNKNOWN_WINSCARD;
    for (i = 0; i < count && *imports[i].place == imports[i].function; i++)
        ;
    if (i == count)
        return REPAIR_DONE_BEFORE;
    for (i = 0; i < count; i++)
    {
        if (!make_writable(imports[i].place))
            return REPAIR_NO_MEMORY_ACCESS;
    }
    for (i = 0; i < count; i++)
        __atomic_store_n(imports[i].place, imports[i].function, __ATOMIC_RELEASE);
    return REPAIR_DONE;
}
