/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Endurance: a great many transactions with one card, and a great many objects of each class, and whether anything grows
 * meanwhile. tests/soak.sh runs it, looks at the process from outside, and makes the table.
 *     soak transactions COUNT
 *     soak cycles COUNT
 *     soak neighbour SECONDS      another program, which connects to the card and goes, again and again
 * Ends as every conformance program does; lines "soak: ..." before tell how far it is and what it uses.
 */

#define COBJMACROS
#include "card_common.h"

#define CHECKPOINTS 20
#define WARM_UP 2               /* checkpoints after which nothing may grow */
#define HEAP_SLACK 65536        /* bytes: caches of Wine's own that fill late */
#define HANDLE_SLACK 8          /* likewise */

struct usage
{
    ULONG heap;     /* bytes in use, in all heaps */
    DWORD handles;
};

static struct usage first, last;

static ULONG heap_in_use(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(ARRAY_SIZE(heaps), heaps), i;
    PROCESS_HEAP_ENTRY entry;
    ULONG sum = 0;

    for (i = 0; i < count && i < ARRAY_SIZE(heaps); i++)
    {
        memset(&entry, 0, sizeof(entry));
        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry)) if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) sum += (ULONG)entry.cbData;
        HeapUnlock(heaps[i]);
    }
    return sum;
}

static void checkpoint(unsigned int number, ULONG done)
{
    last.heap = heap_in_use();
    last.handles = handle_level();
    if (number == WARM_UP) first = last;
    printf("soak: %lu done, heap %lu bytes, %lu handles\n", done, last.heap, last.handles);
    fflush(stdout);
}

/* Whether anything is used at the end that was not after the warm-up. */
static void check_usage(void)
{
    ok(last.heap <= first.heap + HEAP_SLACK, "The heap grew from %lu to %lu bytes.\n", first.heap, last.heap);
    ok(last.handles <= first.handles + HANDLE_SLACK, "The handles grew from %lu to %lu.\n", first.handles, last.handles);
}

/* Calls a function count times, with checkpoints; it says whether all was right. */
static void repeat(ULONG count, BOOL (*function)(void *arg), void *arg)
{
    ULONG done = 0, next;
    unsigned int i, bad = 0;

    for (i = 0; i <= CHECKPOINTS; i++)
    {
        next = (ULONG)((double)count * i / CHECKPOINTS);
        while (done < next)
        {
            done++;
            if (!function(arg)) bad++;
        }
        checkpoint(i, done);
    }
    ok(!bad, "%u of %lu went wrong.\n", bad, count);
    check_usage();
}

/* ---- transactions ---- */

struct session
{
    ISCard *card;
    ISCardISO7816 *iso;
    ISCardCmd *cmd;
};

/* The cycle of a program of the time: build, transmit, look at the status, read the reply. */
static BOOL read_holder(void *arg)
{
    struct session *session = arg;
    IByteBuffer *reply = NULL;
    BYTE bytes[18];
    LONG count = 0;
    WORD status;
    BOOL right;

    if (ISCardISO7816_ReadBinary(session->iso, 0x81, 0x00, 16, &session->cmd) != S_OK
        || ISCard_Transaction(session->card, &session->cmd) != S_OK
        || ISCardCmd_get_ReplyStatus(session->cmd, &status) != S_OK || status != 0x9000
        || ISCardCmd_get_ApduReply(session->cmd, &reply) != S_OK || !reply)
        return FALSE;
    right = IByteBuffer_Read(reply, bytes, sizeof(bytes), &count) == S_OK && count == sizeof(bytes)
            && !memcmp(bytes, "Erika Mustermann\x90", sizeof(bytes));
    IByteBuffer_Release(reply);
    return right;
}

static void soak_transactions(BSTR reader, ULONG count)
{
    struct session session = { create_card(), create_iso(), NULL };
    IByteBuffer *aid = create_hex_buffer("f057494e4501");
    HRESULT hr;

    hr = ISCard_AttachByReader(session.card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %s.\n", dbgstr_hr(hr));
    hr = ISCardISO7816_SelectFile(session.iso, 0x04, 0x0c, aid, 0, &session.cmd);
    ok(hr == S_OK, "SelectFile: %s.\n", dbgstr_hr(hr));
    hr = ISCard_Transaction(session.card, &session.cmd);
    ok(hr == S_OK, "Transaction: %s.\n", dbgstr_hr(hr));
    repeat(count, read_holder, &session);
    ISCardCmd_Release(session.cmd);
    ISCardISO7816_Release(session.iso);
    ISCard_Release(session.card);
    IByteBuffer_Release(aid);
}

/* ---- objects ---- */

static BOOL cycle_byte_buffer(void *arg)
{
    IByteBuffer *buffer = create_buffer("abcd", 4), *clone = NULL;
    BOOL right = IByteBuffer_SetSize(buffer, 1000) == S_OK && IByteBuffer_Clone(buffer, &clone) == S_OK
                 && IByteBuffer_SetSize(clone, -1) == E_INVALIDARG;

    if (clone) IByteBuffer_Release(clone);
    return !IByteBuffer_Release(buffer) && right;
}

static BOOL cycle_type_conv(void *arg)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    IByteBuffer *buffer = NULL;
    SAFEARRAY *array = NULL;
    BOOL right = ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"abcd", 4, &buffer) == S_OK
                 && ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array) == S_OK;

    if (array) SafeArrayDestroy(array);
    if (buffer) IByteBuffer_Release(buffer);
    return !ISCardTypeConv_Release(conv) && right;
}

static BOOL cycle_cmd(void *arg)
{
    IByteBuffer *data = create_buffer("abcdefgh", 8), *apdu = NULL;
    ISCardCmd *cmd = create_cmd();
    LONG le = 256;
    BOOL right = ISCardCmd_BuildCmd(cmd, 0x00, 0x88, 0x00, 0x00, data, &le) == S_OK
                 && ISCardCmd_get_Apdu(cmd, &apdu) == S_OK && ISCardCmd_put_ApduReplyLength(cmd, 1) == E_INVALIDARG;

    if (apdu) IByteBuffer_Release(apdu);
    IByteBuffer_Release(data);
    return !ISCardCmd_Release(cmd) && right;
}

static BOOL cycle_iso7816(void *arg)
{
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = NULL;
    BOOL right = ISCardISO7816_GetChallenge(iso, 8, &cmd) == S_OK && ISCardISO7816_Verify(iso, 1, NULL, &cmd) == S_OK;

    if (cmd) ISCardCmd_Release(cmd);
    return !ISCardISO7816_Release(iso) && right;
}

static BOOL cycle_card(void *arg)
{
    ISCard *card = create_card();
    BOOL right = ISCard_AttachByReader(card, arg, SHARED, T0 | T1) == S_OK && ISCard_LockSCard(card) == S_OK;

    return !ISCard_Release(card) && right; /* it unlocks and disconnects */
}

static BOOL cycle_database(void *arg)
{
    ISCardDatabase *database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    SAFEARRAY *cards = NULL, *readers = NULL;
    BOOL right = ISCardDatabase_ListCards(database, NULL, NULL, 0, &cards) == S_OK
                 && ISCardDatabase_ListReaders(database, 0, &readers) == S_OK;

    if (cards) SafeArrayDestroy(cards);
    if (readers) SafeArrayDestroy(readers);
    return !ISCardDatabase_Release(database) && right;
}

static BOOL cycle_locate(void *arg)
{
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, 1);
    SCARDINFO *info;
    BOOL right;

    ((BSTR *)names->pvData)[0] = SysAllocString(L"no card has this name");
    right = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, 2) == S_OK
            && ISCardLocate_FindCard(locate, SHARED, T0 | T1, 2, &info) == (HRESULT)SCARD_E_NO_SMARTCARD;
    SafeArrayDestroy(names);
    return !ISCardLocate_Release(locate) && right;
}

/* A late-bound call, which fails and leaves its error information. */
static BOOL cycle_late(void *arg)
{
    IDispatch *object = create_object(&CLSID_CSCardCmd, &IID_IDispatch);
    OLECHAR *name = (OLECHAR *)L"Encapsulate";
    DISPPARAMS params = { NULL, NULL, 0, 0 };
    EXCEPINFO exception;
    VARIANT argument[2];
    DISPID id;
    HRESULT hr;

    memset(&exception, 0, sizeof(exception));
    V_VT(&argument[0]) = VT_I4;
    V_I4(&argument[0]) = 7;
    V_VT(&argument[1]) = VT_DISPATCH;
    V_DISPATCH(&argument[1]) = (IDispatch *)create_buffer("abcd", 4);
    params.rgvarg = argument;
    params.cArgs = 2;
    hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id);
    if (hr == S_OK) hr = IDispatch_Invoke(object, id, &IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &params, NULL,
                                          &exception, NULL);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    VariantClear(&argument[1]);
    return !IDispatch_Release(object) && hr == DISP_E_EXCEPTION && exception.scode == E_INVALIDARG;
}

static void soak_cycles(BSTR reader, ULONG count)
{
    static const struct { const char *name; BOOL (*cycle)(void *arg); } classes[] =
    {
        { "ByteBuffer", cycle_byte_buffer },
        { "SCardTypeConv", cycle_type_conv },
        { "SCardCmd", cycle_cmd },
        { "SCardISO7816", cycle_iso7816 },
        { "SCard", cycle_card },
        { "SCardDatabase", cycle_database },
        { "SCardLocate", cycle_locate },
        { "late binding", cycle_late },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        winetest_push_context("%s", classes[i].name);
        printf("soak: %s\n", classes[i].name);
        repeat(count, classes[i].cycle, reader);
        winetest_pop_context();
    }
}

/* ---- the neighbour ---- */

static void be_neighbour(BSTR reader, DWORD seconds)
{
    DWORD start = GetTickCount(), cycles = 0;

    while (GetTickCount() - start < seconds * 1000)
    {
        cycle_card(reader);
        cycles++;
        Sleep(20);
    }
    ok(cycles, "It never came to it.\n");
}

START_TEST(soak)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);
    ULONG count = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    BSTR reader;

    if (!count)
    {
        fprintf(stderr, "usage: soak transactions|cycles|neighbour COUNT\n");
        exit(2);
    }
    CoInitialize(NULL);
    reader = find_card_reader(10000);
    ok(reader != NULL, "There is no card.\n");
    if (!reader) return;
    if (!strcmp(argv[2], "transactions")) soak_transactions(reader, count);
    else if (!strcmp(argv[2], "cycles")) soak_cycles(reader, count);
    else be_neighbour(reader, (DWORD)count);
    SysFreeString(reader);
    CoUninitialize();
}
