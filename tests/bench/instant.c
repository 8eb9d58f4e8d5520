/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What scardssp.dll itself costs: with a winscard that takes no time, and without any. Run by tests/bench/bench.sh:
 *     instant32.exe [ROUNDS]
 * Prints lines "BITS|WHAT|NANOSECONDS|ALLOCATIONS|BESIDE": the median over all rounds of the time per call, the heap
 * allocations of scardssp.dll per call, and the time of what the row is compared with, or nothing.
 */

#define COBJMACROS
#include "steps.h"
#include <comcat.h>
#include "fake_winscard.h"
#include "allocations.h"

#define MAX_ROUNDS 1001
#define ROUND_SECONDS 0.0005    /* how long a round should take, with at least one call */

static unsigned int rounds = 51;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct figures
{
    double ns, allocations;
};

/* Steps that take turns, so that a disturbance meets all. */
static void measure(BOOL (*const *steps)(void *), void *const *args, struct figures *figures, unsigned int count)
{
    static double times[4][MAX_ROUNDS];
    unsigned int calls[4] = { 1, 1, 1, 1 }, round, step, i;
    double start, took;

    for (step = 0; step < count; step++)
    {
        if (!steps[step](args[step])) die("a step");
        do
        {
            start = seconds();
            for (i = 0; i < calls[step]; i++) steps[step](args[step]);
            took = seconds() - start;
        }
        while (took < ROUND_SECONDS && (calls[step] *= 2));
    }
    for (round = 0; round < rounds; round++)
    {
        for (step = 0; step < count; step++)
        {
            allocations = 0;
            start = seconds();
            for (i = 0; i < calls[step]; i++) if (!steps[step](args[step])) die("a step");
            times[step][round] = (seconds() - start) * 1e9 / calls[step];
            figures[step].allocations = (double)allocations / calls[step];
        }
    }
    for (step = 0; step < count; step++)
    {
        qsort(times[step], rounds, sizeof(double), compare);
        figures[step].ns = times[step][rounds / 2];
    }
}

/* As after a wait for a card, when other processes had the processor's nearer caches. */
static void empty_caches(void)
{
    static volatile BYTE memory[32 << 20];
    SIZE_T i;

    for (i = 0; i < sizeof(memory); i += 64) memory[i]++;
}

/* The same steps, each call with empty caches. */
static void measure_cold(BOOL (*const *steps)(void *), void *const *args, struct figures *figures, unsigned int count)
{
    static double times[MAX_ROUNDS];
    unsigned int round, step;
    double start;

    for (step = 0; step < count; step++)
    {
        for (round = 0; round < rounds; round++)
        {
            empty_caches();
            start = seconds();
            if (!steps[step](args[step])) die("a step");
            times[round] = (seconds() - start) * 1e9;
        }
        qsort(times, rounds, sizeof(double), compare);
        figures[step].ns = times[rounds / 2];
    }
}

/* A row by itself, or with something beside it. */
static void print_row(const char *what, const struct figures *figures, const struct figures *beside)
{
    printf("%u|%s|%.0f|%.1f|", (unsigned int)sizeof(void *) * 8, what, figures->ns, figures->allocations);
    if (beside) printf("%.0f", beside->ns);
    printf("\n");
    fflush(stdout);
}

/* ---- transactions ---- */

#define STEP(name) static BOOL name##_step(void *arg) { return step_##name(arg); }
STEP(transaction)
STEP(cycle)
STEP(late)
STEP(late_names)

static void measure_cycles(void)
{
    static BOOL (*const steps[])(void *) = { transaction_step, cycle_step, late_names_step, late_step };
    static const char *const names[] =
        { "c: Transaction", "d: cycle", "e: late-bound cycle, names looked up", "e: late-bound cycle" };
    static const BYTE reply[READ_SIZE + 2] = { [READ_SIZE] = 0x90 };
    struct figures figures[ARRAY_SIZE(steps)], cold[ARRAY_SIZE(steps)];
    struct session session;
    void *args[ARRAY_SIZE(steps)];
    unsigned int i;

    fake.reply = reply;
    fake.reply_size = sizeof(reply);
    session_open(&session, FAKE_READER);
    if (!step_cycle(&session) || !step_late_names(&session)) die("the first cycle");
    for (i = 0; i < ARRAY_SIZE(steps); i++) args[i] = &session;
    measure(steps, args, figures, ARRAY_SIZE(steps));
    measure_cold(steps, args, cold, ARRAY_SIZE(steps));
    for (i = 0; i < ARRAY_SIZE(steps); i++) print_row(names[i], &figures[i], &cold[i]);
    session_close(&session);
}

/* How the time of a transaction grows with what it carries. */
struct carrier
{
    ISCard *card;
    ISCardCmd *cmd;
    DWORD reply_size;
};

static BOOL carry(void *arg)
{
    struct carrier *carrier = arg;

    fake.reply_size = carrier->reply_size;
    return ISCard_Transaction(carrier->card, &carrier->cmd) == S_OK;
}

/* What a program does to have the reply in its own memory. */
static BOOL take_reply(void *arg)
{
    static BYTE bytes[65538];
    struct carrier *carrier = arg;
    IByteBuffer *reply;
    LONG count;

    if (ISCardCmd_get_ApduReply(carrier->cmd, &reply) != S_OK) return FALSE;
    IByteBuffer_Read(reply, bytes, sizeof(bytes), &count);
    IByteBuffer_Release(reply);
    return count == (LONG)carrier->reply_size;
}

static void measure_sizes(void)
{
    static const LONG sizes[] = { 16, 256, 4096, 65536 };
    static BYTE reply[65538];
    BOOL (*const steps[])(void *) = { carry, carry, take_reply };
    struct carrier carriers[2];
    void *args[] = { &carriers[0], &carriers[1], &carriers[0] };
    struct figures figures[3];
    struct session session;
    IByteBuffer *data;
    char what[64];
    unsigned int i;
    LONG le;

    session_open(&session, FAKE_READER);
    fake.reply = reply;
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        carriers[0].card = carriers[1].card = session.card;
        carriers[0].cmd = create_cmd();
        carriers[1].cmd = create_cmd();
        carriers[0].reply_size = sizes[i] + 2;
        carriers[1].reply_size = 2;
        data = create_buffer(NULL, min(sizes[i], 65535));
        le = sizes[i];
        if (ISCardCmd_BuildCmd(carriers[0].cmd, 0, 0xb0, 0, 0, NULL, &le) != S_OK
            || ISCardCmd_BuildCmd(carriers[1].cmd, 0, 0xd6, 0, 0, data, NULL) != S_OK) die("BuildCmd");
        measure(steps, args, figures, 3);
        sprintf(what, "Transaction, %ld bytes come back", sizes[i]);
        print_row(what, &figures[0], NULL);
        sprintf(what, "Transaction, %ld bytes are sent", min(sizes[i], 65535));
        print_row(what, &figures[1], NULL);
        sprintf(what, "ApduReply, Read and Release, %ld bytes", sizes[i]);
        print_row(what, &figures[2], NULL);
        ISCardCmd_Release(carriers[0].cmd);
        ISCardCmd_Release(carriers[1].cmd);
        IByteBuffer_Release(data);
    }
    session_close(&session);
}

/* ---- objects ---- */

static BOOL create_and_release(void *arg)
{
    IUnknown *object;

    if (CoCreateInstance(arg, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&object) != S_OK) return FALSE;
    IUnknown_Release(object);
    return TRUE;
}

/* What an object costs when COM has nothing to look up. */
static BOOL create_by_factory(void *arg)
{
    IUnknown *object;

    if (IClassFactory_CreateInstance((IClassFactory *)arg, NULL, &IID_IUnknown, (void **)&object) != S_OK) return FALSE;
    IUnknown_Release(object);
    return TRUE;
}

static void measure_creation(void)
{
    static const struct { const char *name; const CLSID *clsid; } classes[] =
    {
        { "CByteBuffer", &CLSID_CByteBuffer },
        { "CSCardTypeConv", &CLSID_CSCardTypeConv },
        { "CSCardCmd", &CLSID_CSCardCmd },
        { "CSCardISO7816", &CLSID_CSCardISO7816 },
        { "CSCard", &CLSID_CSCard },
        { "CSCardDatabase", &CLSID_CSCardDatabase },
        { "CSCardLocate", &CLSID_CSCardLocate },
    };
    BOOL (*const steps[])(void *) = { create_and_release, create_by_factory };
    struct figures figures[2];
    void *args[2];
    char what[64];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        args[0] = (void *)classes[i].clsid;
        if (CoGetClassObject(classes[i].clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, &args[1]) != S_OK)
            die("CoGetClassObject");
        measure(steps, args, figures, 2);
        sprintf(what, "CoCreateInstance and Release, %s", classes[i].name);
        print_row(what, &figures[0], &figures[1]);
        IClassFactory_Release((IClassFactory *)args[1]);
    }
    args[0] = (void *)&CLSID_StdComponentCategoriesMgr;
    measure(steps, args, figures, 1);
    print_row("CoCreateInstance and Release, StdComponentCategoriesMgr of Wine", &figures[0], NULL);
}

/* ---- byte buffers ---- */

static IClassFactory *buffer_factory;

struct transfer
{
    IByteBuffer *buffer;
    IStream *stream;
    BYTE *bytes;
    LONG size;
};

static BOOL rewind_stream(IStream *stream)
{
    LARGE_INTEGER start = { .QuadPart = 0 };

    return IStream_Seek(stream, start, STREAM_SEEK_SET, NULL) == S_OK;
}

static BOOL buffer_write(void *arg)
{
    struct transfer *t = arg;
    LONG count;

    return IByteBuffer_Seek(t->buffer, 0, STREAM_SEEK_SET, NULL) == S_OK
        && IByteBuffer_Write(t->buffer, t->bytes, t->size, &count) == S_OK && count == t->size;
}

static BOOL buffer_read(void *arg)
{
    struct transfer *t = arg;
    LONG count;

    return IByteBuffer_Seek(t->buffer, 0, STREAM_SEEK_SET, NULL) == S_OK
        && IByteBuffer_Read(t->buffer, t->bytes, t->size, &count) == S_OK && count == t->size;
}

static BOOL stream_write(void *arg)
{
    struct transfer *t = arg;
    ULONG count;

    return rewind_stream(t->stream) && IStream_Write(t->stream, t->bytes, t->size, &count) == S_OK
        && count == (ULONG)t->size;
}

static BOOL stream_read(void *arg)
{
    struct transfer *t = arg;
    ULONG count;

    return rewind_stream(t->stream) && IStream_Read(t->stream, t->bytes, t->size, &count) == S_OK
        && count == (ULONG)t->size;
}

/* A new one, written, read and released; without COM's look at the registry, as CreateStreamOnHGlobal has none. */
static BOOL buffer_life(void *arg)
{
    struct transfer *t = arg, new = { .bytes = t->bytes, .size = t->size };
    BOOL done;

    if (IClassFactory_CreateInstance(buffer_factory, NULL, &IID_IByteBuffer, (void **)&new.buffer) != S_OK)
        return FALSE;
    done = IByteBuffer_Initialize(new.buffer, t->size, t->bytes) == S_OK && buffer_read(&new);
    IByteBuffer_Release(new.buffer);
    return done;
}

static BOOL stream_life(void *arg)
{
    struct transfer *t = arg, new = { .bytes = t->bytes, .size = t->size };
    BOOL done;

    if (CreateStreamOnHGlobal(NULL, TRUE, &new.stream) != S_OK) return FALSE;
    done = stream_write(&new) && stream_read(&new);
    IStream_Release(new.stream);
    return done;
}

static void measure_buffers(void)
{
    static BOOL (*const steps[][2])(void *) =
    {
        { buffer_write, stream_write },
        { buffer_read, stream_read },
        { buffer_life, stream_life },
    };
    static const char *const names[] = { "Seek and Write", "Seek and Read", "create, fill, read and Release" };
    static const LONG sizes[] = { 16, 256, 65536 };
    struct figures figures[2];
    unsigned int i, k;
    char what[64];

    if (CoGetClassObject(&CLSID_CByteBuffer, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&buffer_factory)
        != S_OK) die("CoGetClassObject");
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        struct transfer transfer = { create_buffer(NULL, sizes[i]), NULL, calloc(1, sizes[i]), sizes[i] };
        void *args[] = { &transfer, &transfer };

        CreateStreamOnHGlobal(NULL, TRUE, &transfer.stream);
        for (k = 0; k < ARRAY_SIZE(steps); k++)
        {
            measure(steps[k], args, figures, 2);
            sprintf(what, "IByteBuffer: %s, %ld bytes", names[k], sizes[i]);
            print_row(what, &figures[0], &figures[1]);
        }
        IByteBuffer_Release(transfer.buffer);
        IStream_Release(transfer.stream);
        free(transfer.bytes);
    }
    IClassFactory_Release(buffer_factory);
}

int main(int argc, char **argv)
{
    if (argc == 2) rounds = strtoul(argv[1], NULL, 10);
    if (argc > 2 || !rounds || rounds > MAX_ROUNDS)
    {
        fprintf(stderr, "usage: instant32.exe [ROUNDS]   (1 to %u)\n", MAX_ROUNDS);
        return 2;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (!fake_install()) die("replacing winscard");
    if (!count_allocations()) die("counting allocations");
    measure_cycles();
    measure_sizes();
    measure_creation();
    measure_buffers();
    if (fake.contexts || fake.connections || fake.transactions) die("closing everything");
    CoUninitialize();
    return 0;
}
