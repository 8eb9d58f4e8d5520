/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counts the heap allocations of scardssp.dll, in its import table. */

#ifndef SCARDSSP_TESTS_ALLOCATIONS_H
#define SCARDSSP_TESTS_ALLOCATIONS_H

#include <stdlib.h>
#include <objbase.h>
#include "import_table.h"

static ULONG allocations;

static void *counted_malloc(size_t size)
{
    allocations++;
    return malloc(size);
}

static void *counted_calloc(size_t count, size_t size)
{
    allocations++;
    return calloc(count, size);
}

static void *counted_realloc(void *memory, size_t size)
{
    allocations++;
    return realloc(memory, size);
}

static void * WINAPI counted_heap_alloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    allocations++;
    return HeapAlloc(heap, flags, size);
}

static void * WINAPI counted_task_alloc(SIZE_T size)
{
    allocations++;
    return CoTaskMemAlloc(size);
}

static BSTR WINAPI counted_string_alloc(const WCHAR *string)
{
    allocations++;
    return SysAllocString(string);
}

/* FALSE: scardssp.dll is not loaded or imports none of them. */
static inline BOOL count_allocations(void)
{
    static const struct replacement counted[] =
    {
        { "malloc", counted_malloc },
        { "calloc", counted_calloc },
        { "realloc", counted_realloc },
        { "HeapAlloc", counted_heap_alloc },
        { "CoTaskMemAlloc", counted_task_alloc },
        { "SysAllocString", counted_string_alloc },
    };

    return GetModuleHandleA("scardssp.dll") && replace_imports("scardssp.dll", counted, ARRAYSIZE(counted)) >= 2;
}

#endif
