/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ISCardTypeConv where another thread frees a stream's memory just when it is handed out. */

#define COBJMACROS
#include "common.h"
#include "import_table.h"
#include "object_rules.h"

static ISCardTypeConv *other_conv;
static IStream *other_stream;
static BYTE *other_data; /* NULL: nobody frees it */

/* As another thread that waited for the lock. */
static void WINAPI leave_and_free(CRITICAL_SECTION *lock)
{
    BYTE *data = other_data;

    LeaveCriticalSection(lock);
    other_data = NULL;
    if (data) ISCardTypeConv_FreeIStreamMemoryPtr(other_conv, other_stream, data);
}

/* What was freed is not what it was. */
static void overwriting_free(void *memory)
{
    volatile BYTE *bytes = memory; /* or the compiler leaves it out */
    size_t i, size = memory ? _msize(memory) : 0;

    for (i = 0; i < size; i++) bytes[i] = 0xfe;
    free(memory);
}

/* [ours] The same memory handed out twice is one for whoever frees it: each gets it all the same. */
static void test_memory_freed_at_once(void)
{
    static const struct replacement replaced[] =
    {
        { "LeaveCriticalSection", leave_and_free },
        { "free", overwriting_free },
    };
    BYTEARRAY *first = NULL, *second = NULL;
    ISCardTypeConv *conv = NULL;
    IStream *stream = NULL;
    unsigned int count;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_CSCardTypeConv, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardTypeConv, (void **)&conv);
    ok(hr == S_OK, "No object: %s.\n", dbgstr_hr(hr));
    CreateStreamOnHGlobal(NULL, TRUE, &stream);
    IStream_Write(stream, "0123456789", 10, NULL);
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &first);
    ok(hr == S_OK, "GetAtIStreamMemory: %s.\n", dbgstr_hr(hr));

    if (!(count = replace_imports("scardssp.dll", replaced, ARRAY_SIZE(replaced))))
        skip("scardssp.dll locks otherwise.\n");
    ok(!count || count == ARRAY_SIZE(replaced), "%u functions replaced.\n", count);
    other_conv = conv;
    other_stream = stream;
    if (count) other_data = first->pbyData;
    hr = ISCardTypeConv_GetAtIStreamMemory(conv, stream, &second);
    ok(hr == S_OK && !other_data, "GetAtIStreamMemory: %s, freed by nobody.\n", dbgstr_hr(hr));
    ok(second->pbyData == first->pbyData && second->hMem == first->hMem && second->dwSize == 10,
       "Another memory: %p, %p, %lu bytes.\n", second->pbyData, second->hMem, second->dwSize);
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData);
    ok(hr == S_OK, "FreeIStreamMemoryPtr: %s.\n", dbgstr_hr(hr));
    if (!count) ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData);
    hr = ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData);
    ok(hr == E_INVALIDARG, "FreeIStreamMemoryPtr, once too often: %s.\n", dbgstr_hr(hr));
    ok(!(GlobalFlags(first->hMem) & GMEM_LOCKCOUNT), "Locked.\n");

    CoTaskMemFree(first);
    CoTaskMemFree(second);
    hr = IStream_Release(stream);
    ok(!hr, "%ld references left.\n", hr);
    ISCardTypeConv_Release(conv);
}

START_TEST(typeconv_memory)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardTypeConv);
    test_memory_freed_at_once();
    check_nothing_left(module);
    CoUninitialize();
}
