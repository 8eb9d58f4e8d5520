/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a transaction costs above winscard: SCardTransmit, ISCard::Transaction with a ready command, and the whole
 * cycle of a program of the time, in turns. Run by tests/bench/transactions.sh: transactions32.exe READER ROUNDS CALLS
 * Prints bits, the medians over all rounds in ns per call, and the heap allocations of scardssp.dll per call.
 */

#define COBJMACROS
#define INITGUID
#include "card_common.h"

#define MAX_ROUNDS 1000

typedef LONG (WINAPI *transmit_function)(ULONG_PTR card, const void *send_pci, const BYTE *send, DWORD send_size,
                                         void *receive_pci, BYTE *receive, DWORD *receive_size);

struct session
{
    ISCard *card;
    ISCardISO7816 *iso;
    ISCardCmd *cmd;
    HSCARD handle;
    transmit_function transmit;
};

/* ---- allocations of scardssp.dll ---- */

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

static const struct
{
    const char *name;
    void *function;
} counted[] =
{
    { "malloc", counted_malloc },
    { "calloc", counted_calloc },
    { "realloc", counted_realloc },
    { "HeapAlloc", counted_heap_alloc },
    { "CoTaskMemAlloc", counted_task_alloc },
};

/* Puts the counters into the import table of a module; says how many were put. */
static unsigned int count_allocations(BYTE *module)
{
    const IMAGE_NT_HEADERS *headers = (void *)(module + ((IMAGE_DOS_HEADER *)module)->e_lfanew);
    const IMAGE_IMPORT_DESCRIPTOR *import = (void *)(module + headers->OptionalHeader.DataDirectory[1].VirtualAddress);
    IMAGE_THUNK_DATA *name, *slot;
    unsigned int patched = 0, i;
    DWORD old;

    for (; import->Name; import++)
    {
        name = (void *)(module + import->OriginalFirstThunk);
        slot = (void *)(module + import->FirstThunk);
        for (; name->u1.AddressOfData; name++, slot++)
        {
            if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) continue;
            for (i = 0; i < ARRAY_SIZE(counted); i++)
            {
                if (strcmp((char *)((IMAGE_IMPORT_BY_NAME *)(module + name->u1.AddressOfData))->Name, counted[i].name))
                    continue;
                VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &old);
                slot->u1.Function = (ULONG_PTR)counted[i].function;
                VirtualProtect(slot, sizeof(*slot), old, &old);
                patched++;
            }
        }
    }
    return patched;
}

/* ---- what is measured ---- */

static BOOL transmit(struct session *session)
{
    static const BYTE read_binary[] = { 0x00, 0xb0, 0x81, 0x00, 0x10 };
    struct { DWORD protocol, size; } pci = { 2, 8 };
    BYTE reply[258];
    DWORD size = sizeof(reply);

    return !session->transmit(session->handle, &pci, read_binary, sizeof(read_binary), NULL, reply, &size) && size == 18;
}

static BOOL transaction(struct session *session)
{
    return ISCard_Transaction(session->card, &session->cmd) == S_OK;
}

static BOOL cycle(struct session *session)
{
    IByteBuffer *reply = NULL;
    BYTE bytes[18];
    LONG count = 0;
    WORD status;

    if (ISCardISO7816_ReadBinary(session->iso, 0x81, 0x00, 16, &session->cmd) != S_OK || !transaction(session)
        || ISCardCmd_get_ReplyStatus(session->cmd, &status) != S_OK || status != 0x9000
        || ISCardCmd_get_ApduReply(session->cmd, &reply) != S_OK || !reply) return FALSE;
    IByteBuffer_Read(reply, bytes, sizeof(bytes), &count);
    IByteBuffer_Release(reply);
    return count == sizeof(bytes);
}

static BOOL (*const steps[])(struct session *session) = { transmit, transaction, cycle };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void die(const char *what)
{
    fprintf(stderr, "transactions: %s failed\n", what);
    exit(1);
}

static void measure(struct session *session, unsigned int rounds, unsigned int calls)
{
    static double times[ARRAY_SIZE(steps)][MAX_ROUNDS];
    double heap[ARRAY_SIZE(steps)];
    LARGE_INTEGER start, end, frequency;
    unsigned int round, step, i;

    QueryPerformanceFrequency(&frequency);
    for (round = 0; round < rounds; round++)
    {
        for (step = 0; step < ARRAY_SIZE(steps); step++)
        {
            allocations = 0;
            QueryPerformanceCounter(&start);
            for (i = 0; i < calls; i++) if (!steps[step](session)) die("a step");
            QueryPerformanceCounter(&end);
            times[step][round] = (end.QuadPart - start.QuadPart) * 1e9 / frequency.QuadPart / calls;
            heap[step] = (double)allocations / calls;
        }
    }
    printf("%u", (unsigned int)sizeof(void *) * 8);
    for (step = 0; step < ARRAY_SIZE(steps); step++)
    {
        qsort(times[step], rounds, sizeof(double), compare);
        printf(" %.0f", times[step][rounds / 2]);
    }
    printf(" %.1f %.1f\n", heap[1], heap[2]);
}

int main(int argc, char **argv)
{
    unsigned int rounds = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, calls = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    struct session session = { NULL };
    WCHAR reader[256];
    IByteBuffer *aid;
    BSTR name;

    if (!rounds || rounds > MAX_ROUNDS || !calls)
    {
        fprintf(stderr, "usage: transactions32.exe READER ROUNDS CALLS   (ROUNDS: 1 to %u)\n", MAX_ROUNDS);
        return 2;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    session.card = create_card();
    session.iso = create_iso();
    aid = create_hex_buffer("f057494e4501");
    MultiByteToWideChar(CP_UTF8, 0, argv[1], -1, reader, ARRAY_SIZE(reader));
    name = SysAllocString(reader);
    if (ISCard_AttachByReader(session.card, name, SHARED, T1) != S_OK) die("attaching");
    if (ISCardISO7816_SelectFile(session.iso, 0x04, 0x0c, aid, 0, &session.cmd) != S_OK || !transaction(&session))
        die("selecting the file");
    ISCard_get_CardHandle(session.card, &session.handle);
    session.transmit = (transmit_function)(void *)GetProcAddress(GetModuleHandleA("winscard.dll"), "SCardTransmit");
    if (!session.transmit) die("finding SCardTransmit");
    if (!cycle(&session)) die("the first cycle");
    if (!count_allocations((BYTE *)GetModuleHandleA("scardssp.dll"))) die("counting allocations");
    measure(&session, rounds, calls);
    ISCardCmd_Release(session.cmd);
    ISCardISO7816_Release(session.iso);
    ISCard_Release(session.card);
    IByteBuffer_Release(aid);
    SysFreeString(name);
    CoUninitialize();
    return 0;
}
