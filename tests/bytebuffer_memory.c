/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* IByteBuffer where scardssp.dll gets no memory. */

#define COBJMACROS
#include "common.h"
#include "foreign_stream.h"
#include "import_table.h"
#include "object_rules.h"

/* The allocations of scardssp.dll until one fails; below 0 none does. */
static int allocations_left = -1;

static void *scarce_malloc(size_t size)
{
    return allocations_left < 0 || allocations_left-- ? malloc(size) : NULL;
}

/* [ours] Without memory the stream is not put, and the buffer is as it was. */
static void test_put_Stream_without_memory(void)
{
    static const struct replacement scarce[] = { { "malloc", scarce_malloc } };
    IByteBuffer *buffer = create_buffer("abc", 3);
    struct foreign_stream foreign;
    IStream *streams[2];
    unsigned int i;
    HRESULT hr;
    int count;

    if (!replace_imports("scardssp.dll", scarce, ARRAY_SIZE(scarce)))
    {
        skip("scardssp.dll allocates otherwise.\n");
        IByteBuffer_Release(buffer);
        return;
    }
    streams[0] = foreign_stream_init(&foreign, "foreign", 7);
    CreateStreamOnHGlobal(NULL, TRUE, &streams[1]);
    for (i = 0; i < ARRAY_SIZE(streams); i++)
    {
        for (count = 0; count < 10; count++)
        {
            allocations_left = count;
            hr = IByteBuffer_put_Stream(buffer, streams[i]);
            allocations_left = -1;
            if (hr == S_OK) break;
            ok(hr == E_OUTOFMEMORY, "Stream %u, allocation %d fails: %s.\n", i, count, dbgstr_hr(hr));
            check_content(buffer, "abc", 3);
            ok(foreign.ref == 1, "%ld references left.\n", foreign.ref);
        }
        ok(count > 0 && count < 10, "Stream %u was put with %d allocations.\n", i, count);
        ok(buffer_size(buffer) == (i ? 0 : 7), "Stream %u: %ld bytes.\n", i, buffer_size(buffer));
        IByteBuffer_Initialize(buffer, 3, (BYTE *)"abc");
    }
    IStream_Release(streams[1]);
    IByteBuffer_Release(buffer);
}

START_TEST(bytebuffer_memory)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CByteBuffer);
    test_put_Stream_without_memory();
    check_nothing_left(module);
    CoUninitialize();
}
