/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Random calls on objects of all seven classes, which several threads share, by vtable and late bound, with arguments
 * that COM lets a caller pass: NULL, objects of other classes, objects that others are using, sizes out of range, and
 * anything at all where a handle is expected. Nothing may crash, hang or be left over.
 *     api_fuzz SEED CALLS THREADS
 * Ends as every conformance program does. The sequence of one thread follows from the seed and its number alone.
 */

#define COBJMACROS
#include "card_common.h"
#include "foreign_stream.h"
#include "late_call.h"
#include "object_rules.h"

#define SLOTS 6             /* objects of each class that are shared */
#define MAX_THREADS 16
#define WATCHDOG 120000     /* ms without any call that ends */
#define VPCD_MAX_MESSAGE 65535

enum { BYTE_BUFFER, TYPE_CONV, CMD, ISO7816, CARD, DATABASE, LOCATE, CLASS_COUNT };

static const struct { const CLSID *clsid; const IID *iid; } classes[CLASS_COUNT] =
{
    { &CLSID_CByteBuffer, &IID_IByteBuffer },
    { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv },
    { &CLSID_CSCardCmd, &IID_ISCardCmd },
    { &CLSID_CSCardISO7816, &IID_ISCardISO7816 },
    { &CLSID_CSCard, &IID_ISCard },
    { &CLSID_CSCardDatabase, &IID_ISCardDatabase },
    { &CLSID_CSCardLocate, &IID_ISCardLocate },
};

static IUnknown *slots[CLASS_COUNT][SLOTS];
static CRITICAL_SECTION slots_lock;
static volatile LONG calls_done;
static BSTR reader;

struct thread
{
    unsigned int number, state;
    LONG calls;
    struct foreign_stream stream; /* of a single-threaded apartment: others reach it through COM alone */
};

static BOOL is_single_threaded(const struct thread *thread)
{
    return !(thread->number % 4);
}

/* xorshift: the same everywhere. */
static unsigned int draw(struct thread *thread, unsigned int below)
{
    thread->state ^= thread->state << 13;
    thread->state ^= thread->state >> 17;
    thread->state ^= thread->state << 5;
    return thread->state % below;
}

/* Sizes that tests of ranges turn on, none so large that it takes the machine's memory. */
static LONG draw_size(struct thread *thread)
{
    static const LONG sizes[] =
        { -1, 0, 1, 2, 4, 5, 6, 7, 8, 16, 255, 256, 257, 300, 4096, 65535, 65536, 65537, 70000, (LONG)0x80000000 };

    return sizes[draw(thread, ARRAY_SIZE(sizes))];
}

static BYTE draw_byte(struct thread *thread)
{
    static const BYTE bytes[] = { 0x00, 0x01, 0x02, 0x0c, 0x20, 0x61, 0x6c, 0x80, 0x90, 0xa4, 0xb0, 0xc0, 0xff };

    return bytes[draw(thread, ARRAY_SIZE(bytes))];
}

/* A reference to a shared object, which the caller releases; a new one where the slot is empty. Now and then NULL. */
static void *take(struct thread *thread, unsigned int class)
{
    unsigned int slot = draw(thread, SLOTS);
    IUnknown *object, *created = NULL;

    if (!draw(thread, 40)) return NULL;
    EnterCriticalSection(&slots_lock);
    object = slots[class][slot];
    if (object) IUnknown_AddRef(object);
    LeaveCriticalSection(&slots_lock);
    if (object) return object;
    if (CoCreateInstance(classes[class].clsid, NULL, CLSCTX_INPROC_SERVER, classes[class].iid, (void **)&created) != S_OK)
        return NULL;
    EnterCriticalSection(&slots_lock);
    if (!slots[class][slot])
    {
        slots[class][slot] = created;
        IUnknown_AddRef(created);
    }
    LeaveCriticalSection(&slots_lock);
    return created;
}

static void give(void *object)
{
    if (object) IUnknown_Release((IUnknown *)object);
}

/* The slot's own reference goes: others may be using the object. */
static void drop(struct thread *thread)
{
    unsigned int class = draw(thread, CLASS_COUNT), slot = draw(thread, SLOTS);
    IUnknown *object;

    EnterCriticalSection(&slots_lock);
    object = slots[class][slot];
    slots[class][slot] = NULL;
    LeaveCriticalSection(&slots_lock);
    give(object);
}

/* ---- by vtable ---- */

static void use_byte_buffer(struct thread *thread)
{
    IByteBuffer *buffer = take(thread, BYTE_BUFFER), *other = take(thread, BYTE_BUFFER), *out;
    LONG size = draw_size(thread), count = 0;
    static BYTE bytes[MAX_THREADS][70000];
    BYTE *mine = bytes[thread->number];
    IStream *stream = NULL;
    STATSTRUCT stat;

    if (buffer)
    {
        switch (draw(thread, 14))
        {
            case 0: IByteBuffer_Initialize(buffer, size, draw(thread, 2) ? mine : NULL); break;
            case 1: IByteBuffer_Read(buffer, draw(thread, 9) ? mine : NULL, size, draw(thread, 2) ? &count : NULL); break;
            case 2: IByteBuffer_Write(buffer, draw(thread, 9) ? mine : NULL, size, draw(thread, 2) ? &count : NULL); break;
            case 3: IByteBuffer_Seek(buffer, size, (LONG)draw(thread, 5) - 1, draw(thread, 2) ? &count : NULL); break;
            case 4: IByteBuffer_SetSize(buffer, size); break;
            case 5: IByteBuffer_Stat(buffer, draw(thread, 9) ? &stat : NULL, (LONG)draw(thread, 3)); break;
            case 6: IByteBuffer_Commit(buffer, size); break;
            case 7: IByteBuffer_Revert(buffer); break;
            case 8: IByteBuffer_LockRegion(buffer, size, size, 1); break;
            case 9: IByteBuffer_UnlockRegion(buffer, size, size, 1); break;
            case 10:
                out = NULL;
                if (IByteBuffer_Clone(buffer, &out) == S_OK) IByteBuffer_Release(out);
                break;
            case 11:
                out = other;
                if (out) IByteBuffer_AddRef(out);
                IByteBuffer_CopyTo(buffer, &out, size, NULL, draw(thread, 2) ? &count : NULL);
                give(out);
                break;
            case 12:
                if (is_single_threaded(thread)) IByteBuffer_put_Stream(buffer, &thread->stream.IStream_iface);
                break;
            default:
                if (other && IByteBuffer_get_Stream(other, &stream) == S_OK) IByteBuffer_put_Stream(buffer, stream);
                if (stream) IStream_Release(stream);
                break;
        }
    }
    give(other);
    give(buffer);
}

static void use_type_conv(struct thread *thread)
{
    ISCardTypeConv *conv = take(thread, TYPE_CONV);
    IByteBuffer *buffer = take(thread, BYTE_BUFFER), *made = NULL;
    LONG size = draw_size(thread);
    SAFEARRAY *array = NULL;
    BYTEARRAY *memory = NULL;
    IStream *stream = NULL;
    ULARGE_INTEGER length;
    BYTE *bytes = NULL;

    if (size < 0) size = 3;
    if (conv)
    {
        switch (draw(thread, 6))
        {
            case 0: ISCardTypeConv_CreateByteBuffer(conv, size, &made); break;
            case 1:
                if (ISCardTypeConv_CreateByteArray(conv, size, &bytes) == S_OK)
                {
                    ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, bytes, size, &made);
                    CoTaskMemFree(bytes);
                }
                break;
            case 2:
                if (ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array) == S_OK)
                    ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &made);
                break;
            case 3:
                if (ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &memory) == S_OK)
                {
                    GlobalUnlock(memory->hMem);
                    GlobalFree(memory->hMem);
                    CoTaskMemFree(memory);
                }
                break;
            case 4: ISCardTypeConv_CreateSafeArray(conv, size, &array); break;
            default:
                if (buffer && IByteBuffer_get_Stream(buffer, &stream) == S_OK)
                    ISCardTypeConv_SizeOfIStream(conv, stream, &length);
                if (stream) IStream_Release(stream);
                break;
        }
    }
    if (array) SafeArrayDestroy(array);
    give(made);
    give(buffer);
    give(conv);
}

static void use_cmd(struct thread *thread)
{
    ISCardCmd *cmd = take(thread, CMD);
    IByteBuffer *buffer = take(thread, BYTE_BUFFER), *out = NULL;
    LONG size = draw_size(thread);
    ISO_APDU_TYPE type;
    BYTE byte = draw_byte(thread);
    WORD word;

    if (cmd)
    {
        switch (draw(thread, 24))
        {
            case 0: case 1: case 2:
                ISCardCmd_BuildCmd(cmd, byte, draw_byte(thread), byte, byte, buffer, draw(thread, 2) ? &size : NULL);
                break;
            case 3: ISCardCmd_put_Apdu(cmd, buffer); break;
            case 4: ISCardCmd_get_Apdu(cmd, draw(thread, 9) ? &out : NULL); break;
            case 5: ISCardCmd_put_ApduReply(cmd, buffer); break;
            case 6: ISCardCmd_get_ApduReply(cmd, &out); break;
            case 7: ISCardCmd_put_ApduReplyLength(cmd, size); break;
            case 8: ISCardCmd_get_ApduReplyLength(cmd, &size); break;
            case 9: ISCardCmd_put_Data(cmd, buffer); break;
            case 10: ISCardCmd_get_Data(cmd, &out); break;
            case 11: ISCardCmd_put_ClassId(cmd, byte); break;
            case 12: ISCardCmd_put_InstructionId(cmd, byte); break;
            case 13: ISCardCmd_put_P1(cmd, byte); break;
            case 14: ISCardCmd_get_P3(cmd, &byte); break;
            case 15: ISCardCmd_put_ReplyStatus(cmd, 0x9000); break;
            case 16: ISCardCmd_get_ReplyStatus(cmd, &word); break;
            case 17: ISCardCmd_get_Type(cmd, &type); break;
            case 18: ISCardCmd_put_AlternateClassId(cmd, byte); break;
            case 19: ISCardCmd_put_Nad(cmd, draw(thread, 4) ? 0 : byte); break;
            case 20: ISCardCmd_get_ReplyNad(cmd, &byte); break;
            case 21: ISCardCmd_Clear(cmd); break;
            case 22: ISCardCmd_get_LeField(cmd, &size); break;
            default: ISCardCmd_Encapsulate(cmd, buffer, (ISO_APDU_TYPE)draw(thread, 6)); break;
        }
    }
    give(out);
    give(buffer);
    give(cmd);
}

static void use_iso7816(struct thread *thread)
{
    ISCardISO7816 *iso = take(thread, ISO7816);
    IByteBuffer *buffer = take(thread, BYTE_BUFFER);
    ISCardCmd *cmd = draw(thread, 3) ? take(thread, CMD) : NULL;
    LONG size = draw_size(thread);
    BYTE a = draw_byte(thread), b = draw_byte(thread);

    if (iso)
    {
        switch (draw(thread, 18))
        {
            case 0: ISCardISO7816_AppendRecord(iso, a, buffer, &cmd); break;
            case 1: ISCardISO7816_EraseBinary(iso, a, b, buffer, &cmd); break;
            case 2: ISCardISO7816_ExternalAuthenticate(iso, a, b, buffer, &cmd); break;
            case 3: ISCardISO7816_GetChallenge(iso, size, &cmd); break;
            case 4: ISCardISO7816_GetData(iso, a, b, size, &cmd); break;
            case 5: ISCardISO7816_GetResponse(iso, a, b, size, &cmd); break;
            case 6: ISCardISO7816_InternalAuthenticate(iso, a, b, buffer, size, &cmd); break;
            case 7: ISCardISO7816_ManageChannel(iso, a, b, &cmd); break;
            case 8: ISCardISO7816_PutData(iso, a, b, buffer, &cmd); break;
            case 9: ISCardISO7816_ReadBinary(iso, a, b, size, &cmd); break;
            case 10: ISCardISO7816_ReadRecord(iso, a, b, size, &cmd); break;
            case 11: ISCardISO7816_SelectFile(iso, a, b, buffer, size, &cmd); break;
            case 12: ISCardISO7816_SetDefaultClassId(iso, a); break;
            case 13: ISCardISO7816_UpdateBinary(iso, a, b, buffer, &cmd); break;
            case 14: ISCardISO7816_UpdateRecord(iso, a, b, buffer, &cmd); break;
            case 15: ISCardISO7816_WriteBinary(iso, a, b, buffer, &cmd); break;
            case 16: ISCardISO7816_WriteRecord(iso, a, b, buffer, NULL); break;
            default: ISCardISO7816_ReadBinary(iso, a, b, size, NULL); break;
        }
    }
    give(cmd);
    give(buffer);
    give(iso);
}

/*
 * Locks end in the call that begins them, and nobody asks for the card alone while he shares it: both would wait, as they
 * should, for another thread of this program.
 */
static void use_card(struct thread *thread)
{
    static const ULONG_PTR handles[] = { 0, 1, 4, 0xdeadbeef, (ULONG_PTR)-1, (ULONG_PTR)handles };
    ISCard *card = take(thread, CARD);
    ISCardCmd *cmd = take(thread, CMD);
    IByteBuffer *out = NULL;
    SCARD_PROTOCOLS protocol;
    SCARD_STATES status;
    HSCARD handle;
    LONG length;
    HRESULT hr;

    if (card)
    {
        switch (draw(thread, 12))
        {
            case 0: ISCard_AttachByReader(card, draw(thread, 9) ? reader : NULL, SHARED, (SCARD_PROTOCOLS)draw(thread, 5)); break;
            case 1: ISCard_AttachByReader(card, reader, (SCARD_SHARE_MODES)(draw(thread, 3) * 2), T0 | T1); break;
            case 2: ISCard_Detach(card, (SCARD_DISPOSITIONS)(draw(thread, 20) ? 0 : draw(thread, 5))); break;
            case 3: ISCard_AttachByHandle(card, handles[draw(thread, ARRAY_SIZE(handles))]); break;
            case 4: ISCard_get_Atr(card, draw(thread, 9) ? &out : NULL); break;
            case 5: ISCard_get_Status(card, &status); break;
            case 6: ISCard_get_Protocol(card, &protocol); break;
            case 7: ISCard_get_CardHandle(card, &handle); break;
            case 8: ISCard_ReAttach(card, SHARED, (SCARD_DISPOSITIONS)(draw(thread, 20) ? 0 : draw(thread, 5))); break;
            case 9:
                hr = ISCard_LockSCard(card);
                if (hr == S_OK) ISCard_UnlockSCard(card, LEAVE);
                break;
            default:
                /* With a longer command the virtual reader drops the card, which is a test of its own (faults). */
                if (cmd && ISCardCmd_get_ApduLength(cmd, &length) == S_OK && length > VPCD_MAX_MESSAGE) break;
                ISCard_Transaction(card, draw(thread, 9) ? &cmd : NULL);
                break;
        }
    }
    give(out);
    give(cmd);
    give(card);
}

static void use_database(struct thread *thread)
{
    ISCardDatabase *database = take(thread, DATABASE);
    IByteBuffer *buffer = take(thread, BYTE_BUFFER);
    BSTR name = SysAllocString(L"no card has this name");
    SAFEARRAY *array = NULL;
    GUID *provider = NULL;

    if (database)
    {
        switch (draw(thread, 5))
        {
            case 0: ISCardDatabase_ListCards(database, buffer, NULL, 0, &array); break;
            case 1: ISCardDatabase_ListReaders(database, 0, &array); break;
            case 2: ISCardDatabase_ListReaderGroups(database, 0, &array); break;
            case 3: ISCardDatabase_ListCardInterfaces(database, draw(thread, 3) ? name : NULL, &array); break;
            default: ISCardDatabase_GetProviderCardId(database, draw(thread, 3) ? name : NULL, &provider); break;
        }
    }
    if (array) SafeArrayDestroy(array);
    CoTaskMemFree(provider);
    SysFreeString(name);
    give(buffer);
    give(database);
}

static void use_locate(struct thread *thread)
{
    ISCardLocate *locate = take(thread, LOCATE);
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, draw(thread, 3));
    LONG flags = (LONG)draw(thread, 6);
    SCARDINFO *info = NULL;

    if (locate)
    {
        switch (draw(thread, 3))
        {
            case 0: ISCardLocate_ConfigureCardNameSearch(locate, names, draw(thread, 2) ? names : NULL, NULL, flags); break;
            case 1: ISCardLocate_ConfigureCardGuidSearch(locate, names, NULL, NULL, flags); break;
            default:
                if (ISCardLocate_FindCard(locate, SHARED, T0 | T1, 2, &info) == S_OK)
                {
                    SCardDisconnect(info->hCard, SCARD_LEAVE_CARD);
                    SCardReleaseContext(info->hContext);
                    CoTaskMemFree(info);
                }
                break;
        }
    }
    SafeArrayDestroy(names);
    give(locate);
}

/* ---- late bound ---- */

static void draw_variant(struct thread *thread, VARIANT *variant, VARIANT *target)
{
    VariantInit(variant);
    VariantInit(target);
    switch (draw(thread, 14))
    {
        case 0: break;
        case 1: V_VT(variant) = VT_NULL; break;
        case 2: *variant = variant_omitted(); break;
        case 3: *variant = variant_of_string(SysAllocString(draw(thread, 2) ? L"256" : L"Virtual PCD 00 00")); break;
        case 4: V_VT(variant) = VT_R8; V_R8(variant) = draw_size(thread) + 0.5; break;
        case 5: V_VT(variant) = VT_BOOL; V_BOOL(variant) = VARIANT_TRUE; break;
        case 6: *variant = variant_of_array(VT_UI1, create_byte_array((LONG)draw(thread, 3), "abcdefgh", draw(thread, 9))); break;
        case 7: *variant = variant_of_array(VT_VARIANT, create_variant_byte_array((const BYTE *)"abcd", draw(thread, 5))); break;
        case 8:
            V_VT(variant) = VT_DISPATCH; /* the reference that take() took */
            V_DISPATCH(variant) = take(thread, draw(thread, CLASS_COUNT));
            break;
        case 9:
            *target = variant_of_long(draw_byte(thread));
            V_VT(variant) = VT_BYREF | VT_VARIANT;
            V_VARIANTREF(variant) = target;
            break;
        case 10:
            *target = variant_of_long(draw_size(thread));
            V_VT(variant) = VT_BYREF | VT_I4;
            V_I4REF(variant) = &V_I4(target);
            break;
        case 11: /* an address of nothing; without VT_UI1, which is trusted to be one of as many bytes as are asked for */
            V_VT(variant) = VT_BYREF | (draw(thread, 2) ? VT_DISPATCH : draw(thread, 2) ? VT_VARIANT : VT_I2);
            V_BYREF(variant) = NULL;
            break;
        default: *variant = variant_of_long(draw(thread, 2) ? draw_byte(thread) : draw_size(thread)); break;
    }
}

/* Members whose calls wait for other threads when their arguments are drawn: see use_card. */
static BOOL may_wait(unsigned int class, DISPID id)
{
    return class == CARD && (id == 6 || id == 8 || id == 9 || id == 11);
}

static void use_late(struct thread *thread)
{
    unsigned int class = draw(thread, CLASS_COUNT), count = draw(thread, 7), i;
    static const WORD flags[] = { DISPATCH_METHOD, DISPATCH_PROPERTYGET, DISPATCH_PROPERTYPUT, DISPATCH_PROPERTYPUTREF,
                                  DISPATCH_METHOD | DISPATCH_PROPERTYGET };
    IDispatch *object = take(thread, class);
    DISPID id = (DISPID)draw(thread, 23) - 1, named = DISPID_PROPERTYPUT;
    WORD flag = flags[draw(thread, ARRAY_SIZE(flags))];
    VARIANT args[8], targets[8], result;
    DISPPARAMS params = { args, NULL, count, 0 };
    EXCEPINFO exception;
    UINT error;

    for (i = 0; i < count; i++) draw_variant(thread, &args[i], &targets[i]);
    if (flag & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF))
    {
        params.rgdispidNamedArgs = &named;
        params.cNamedArgs = count ? 1 : 0;
    }
    memset(&exception, 0, sizeof(exception));
    VariantInit(&result);
    if (object && !may_wait(class, id))
    {
        IDispatch_Invoke(object, id, &IID_NULL, LOCALE_NEUTRAL, flag, &params, draw(thread, 3) ? &result : NULL,
                         draw(thread, 3) ? &exception : NULL, draw(thread, 3) ? &error : NULL);
        SysFreeString(exception.bstrDescription);
        SysFreeString(exception.bstrSource);
        SysFreeString(exception.bstrHelpFile);
        VariantClear(&result);
    }
    for (i = 0; i < count; i++)
    {
        if (V_VT(&args[i]) & VT_BYREF) VariantClear(&targets[i]);
        else VariantClear(&args[i]);
    }
    give(object);
}

/* ---- all of it ---- */

static LONG threads_busy;

/* The duty of a single-threaded apartment: streams of its own are put into buffers that others use. */
static void dispatch_messages(void)
{
    MSG message;

    while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) DispatchMessageW(&message);
}

static DWORD WINAPI fuzz_thread(void *arg)
{
    static void (*const uses[])(struct thread *thread) =
    {
        use_byte_buffer, use_type_conv, use_cmd, use_iso7816, use_card, use_database, use_locate, use_late, use_late, use_cmd
    };
    struct thread *thread = arg;

    CoInitializeEx(NULL, is_single_threaded(thread) ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED);
    while (thread->calls--)
    {
        dispatch_messages();
        if (draw(thread, 50)) uses[draw(thread, ARRAY_SIZE(uses))](thread);
        else drop(thread);
        InterlockedIncrement(&calls_done);
    }
    /* An apartment that ended would leave a call into it without an answer. */
    InterlockedDecrement(&threads_busy);
    while (InterlockedCompareExchange(&threads_busy, 0, 0))
    {
        MsgWaitForMultipleObjects(0, NULL, FALSE, 10, QS_ALLINPUT);
        dispatch_messages();
    }
    CoUninitialize();
    return 0;
}

static BOOL wait_for(HANDLE *threads, unsigned int count, LONG total)
{
    LONG last = -1;

    while (WaitForMultipleObjects(count, threads, TRUE, WATCHDOG) == WAIT_TIMEOUT)
    {
        if (calls_done == last) return FALSE;
        last = calls_done;
        printf("api_fuzz: %ld of %ld calls\n", last, total);
        fflush(stdout);
    }
    return TRUE;
}

START_TEST(api_fuzz)
{
    static struct thread threads[MAX_THREADS];
    HANDLE handles[MAX_THREADS];
    unsigned int seed, count, class, slot, i;
    HMODULE module;
    char **argv;
    LONG calls;

    if (winetest_get_mainargs(&argv) != 5 || (calls = atol(argv[3])) < 1 || (count = (unsigned int)atoi(argv[4])) < 1
        || count > MAX_THREADS)
    {
        fprintf(stderr, "usage: api_fuzz SEED CALLS THREADS, 1 to %d of them\n", MAX_THREADS);
        exit(2);
    }
    seed = (unsigned int)strtoul(argv[2], NULL, 0);
    printf("api_fuzz: seed %u, %ld calls, %u threads\n", seed, calls, count);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    InitializeCriticalSection(&slots_lock);
    module = load_module(&CLSID_CSCardCmd);
    reader = find_card_reader(10000);
    ok(reader != NULL, "There is no card.\n");
    threads_busy = (LONG)count;
    for (i = 0; i < count; i++)
    {
        threads[i].number = i;
        threads[i].state = seed * 2654435761u + (i + 1) * 40503u;
        if (!threads[i].state) threads[i].state = 1;
        threads[i].calls = calls / (LONG)count;
        foreign_stream_init(&threads[i].stream, "abcdefgh", 8);
        handles[i] = CreateThread(NULL, 0, fuzz_thread, &threads[i], 0, NULL);
    }
    ok(wait_for(handles, count, calls), "No call ended in %d s, after %ld.\n", WATCHDOG / 1000, calls_done);
    if (winetest_get_failures()) exit(1);
    ok(calls_done == calls / (LONG)count * (LONG)count, "%ld calls.\n", calls_done);
    for (i = 0; i < count; i++) CloseHandle(handles[i]);
    for (class = 0; class < CLASS_COUNT; class++)
        for (slot = 0; slot < SLOTS; slot++) give(slots[class][slot]);
    check_nothing_left(module);
    SysFreeString(reader);
    CoUninitialize();
}
