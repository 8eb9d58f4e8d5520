/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Objects of all classes that are made in one apartment and used in another, in each direction, through
 * CoMarshalInterThreadInterfaceInStream and through the global interface table, while the apartment that made them
 * dispatches no messages or is gone; and that COM unloads the DLL when nothing of it is alive.
 */

#define COBJMACROS
#include "card_common.h"
#include "object_rules.h"

#define SC_DLG_NEVER 2 /* without a dialog; headers call it by different names */

/* A call of each class that cannot succeed by chance, and one that fails. They return whether all was right. */

static BOOL use_byte_buffer(IUnknown *object)
{
    IByteBuffer *buffer = (IByteBuffer *)object;
    BYTE bytes[4] = { 0 };
    LONG count = 0;

    return IByteBuffer_Initialize(buffer, 4, (BYTE *)"abcd") == S_OK
           && IByteBuffer_Read(buffer, bytes, 4, &count) == S_OK && count == 4 && !memcmp(bytes, "abcd", 4)
           && IByteBuffer_SetSize(buffer, -1) == E_INVALIDARG;
}

static BOOL use_type_conv(IUnknown *object)
{
    ISCardTypeConv *conv = (ISCardTypeConv *)object;
    IByteBuffer *buffer = NULL;
    BOOL right;

    if (ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"abcd", 4, &buffer) != S_OK || !buffer) return FALSE;
    right = buffer_size(buffer) == 4;
    IByteBuffer_Release(buffer);
    return right && ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, NULL, 4, &buffer) == E_POINTER;
}

static BOOL use_cmd(IUnknown *object)
{
    ISCardCmd *cmd = (ISCardCmd *)object;
    LONG le = 256, length = 0;
    IByteBuffer *apdu = NULL;

    if (ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0x00, 0x00, NULL, &le) != S_OK
        || ISCardCmd_get_ApduLength(cmd, &length) != S_OK || length != 5
        || ISCardCmd_get_Apdu(cmd, &apdu) != S_OK || !apdu)
        return FALSE;
    length = buffer_size(apdu);
    IByteBuffer_Release(apdu);
    return length == 5 && ISCardCmd_put_ApduReplyLength(cmd, -1) == E_INVALIDARG;
}

static BOOL use_iso7816(IUnknown *object)
{
    ISCardISO7816 *iso = (ISCardISO7816 *)object;
    ISCardCmd *cmd = NULL;
    BYTE ins = 0;

    if (ISCardISO7816_GetChallenge(iso, 8, &cmd) != S_OK || !cmd) return FALSE;
    ISCardCmd_get_InstructionId(cmd, &ins);
    ISCardCmd_Release(cmd);
    cmd = NULL;
    return ins == 0x84 && ISCardISO7816_GetChallenge(iso, -1, &cmd) == E_INVALIDARG && !cmd;
}

static BOOL use_card(IUnknown *object)
{
    static BSTR reader;
    ISCard *card = (ISCard *)object;
    WORD status = 0;
    BOOL right;

    if (!reader && card_expected()) reader = find_card_reader(10000);
    if (ISCard_Detach(card, -1) != E_INVALIDARG) return FALSE;
    if (!reader) return TRUE;
    right = ISCard_AttachByReader(card, reader, SHARED, T0 | T1) == S_OK && exchange(card, &status) == S_OK && status;
    return ISCard_Detach(card, LEAVE) == S_OK && right;
}

static BOOL use_database(IUnknown *object)
{
    ISCardDatabase *database = (ISCardDatabase *)object;
    BSTR name = SysAllocString(L"no card has this name");
    SAFEARRAY *cards = NULL, *interfaces = NULL;
    BOOL right;

    right = ISCardDatabase_ListCards(database, NULL, NULL, 0, &cards) == S_OK && cards
            && ISCardDatabase_ListCardInterfaces(database, name, &interfaces) == (HRESULT)SCARD_E_UNKNOWN_CARD;
    if (cards) SafeArrayDestroy(cards);
    SysFreeString(name);
    return right;
}

static BOOL use_locate(IUnknown *object)
{
    ISCardLocate *locate = (ISCardLocate *)object;
    SCARDINFO *info = NULL;

    return ISCardLocate_FindCard(locate, SHARED, T0 | T1, SC_DLG_NEVER, &info) == E_UNEXPECTED && !info
           && ISCardLocate_ConfigureCardNameSearch(locate, NULL, NULL, NULL, SC_DLG_NEVER) == E_POINTER;
}

static const struct user
{
    const char *name;
    const CLSID *clsid;
    const IID *iid;
    BOOL (*use)(IUnknown *object);
}
users[] =
{
    { "ByteBuffer", &CLSID_CByteBuffer, &IID_IByteBuffer, use_byte_buffer },
    { "SCardTypeConv", &CLSID_CSCardTypeConv, &IID_ISCardTypeConv, use_type_conv },
    { "SCardCmd", &CLSID_CSCardCmd, &IID_ISCardCmd, use_cmd },
    { "SCardISO7816", &CLSID_CSCardISO7816, &IID_ISCardISO7816, use_iso7816 },
    { "SCard", &CLSID_CSCard, &IID_ISCard, use_card },
    { "SCardDatabase", &CLSID_CSCardDatabase, &IID_ISCardDatabase, use_database },
    { "SCardLocate", &CLSID_CSCardLocate, &IID_ISCardLocate, use_locate },
};

/* How an object comes from the apartment of its maker to that of its user. */
struct journey
{
    char name[64];
    const struct user *user;
    DWORD makers_model;
    DWORD users_model;
    BOOL maker_leaves; /* before the object is used */
    IGlobalInterfaceTable *table;
    HANDLE made, used;
    IUnknown *object;
    IStream *stream;
    DWORD cookie;
};

static DWORD WINAPI maker_thread(void *arg)
{
    struct journey *journey = arg;
    HRESULT hr;

    winetest_push_context("%s", journey->name);
    CoInitializeEx(NULL, journey->makers_model);
    journey->object = create_object(journey->user->clsid, journey->user->iid);
    hr = CoMarshalInterThreadInterfaceInStream(journey->user->iid, journey->object, &journey->stream);
    ok(hr == S_OK, "CoMarshalInterThreadInterfaceInStream: %s.\n", dbgstr_hr(hr));
    hr = IGlobalInterfaceTable_RegisterInterfaceInGlobal(journey->table, journey->object, journey->user->iid,
                                                         &journey->cookie);
    ok(hr == S_OK, "RegisterInterfaceInGlobal: %s.\n", dbgstr_hr(hr));
    SetEvent(journey->made);
    if (!journey->maker_leaves) WaitForSingleObject(journey->used, 60000); /* no messages are dispatched */
    CoUninitialize();
    return 0;
}

static DWORD WINAPI user_thread(void *arg)
{
    struct journey *journey = arg;
    IUnknown *object = NULL;
    HRESULT hr;

    winetest_push_context("%s", journey->name);
    CoInitializeEx(NULL, journey->users_model);
    hr = CoGetInterfaceAndReleaseStream(journey->stream, journey->user->iid, (void **)&object);
    ok(hr == S_OK && object == journey->object, "From the stream: %s, %p, made was %p.\n", dbgstr_hr(hr),
       (void *)object, (void *)journey->object);
    if (object)
    {
        ok(journey->user->use(object), "The object from the stream does not work.\n");
        IUnknown_Release(object);
    }
    object = NULL;
    hr = IGlobalInterfaceTable_GetInterfaceFromGlobal(journey->table, journey->cookie, journey->user->iid,
                                                      (void **)&object);
    ok(hr == S_OK && object == journey->object, "From the table: %s, %p, made was %p.\n", dbgstr_hr(hr),
       (void *)object, (void *)journey->object);
    if (object)
    {
        ok(journey->user->use(object), "The object from the table does not work.\n");
        IUnknown_Release(object);
    }
    hr = IGlobalInterfaceTable_RevokeInterfaceFromGlobal(journey->table, journey->cookie);
    ok(hr == S_OK, "RevokeInterfaceFromGlobal: %s.\n", dbgstr_hr(hr));
    CoUninitialize();
    return 0;
}

/* [ours] Threading model Both with the free-threaded marshaler: what arrives is the object itself. */
static void test_journey(struct journey *journey)
{
    HANDLE maker, user;
    DWORD result;
    ULONG ref;

    journey->made = CreateEventW(NULL, FALSE, FALSE, NULL);
    journey->used = CreateEventW(NULL, FALSE, FALSE, NULL);
    maker = CreateThread(NULL, 0, maker_thread, journey, 0, NULL);
    WaitForSingleObject(journey->maker_leaves ? maker : journey->made, 60000);
    user = CreateThread(NULL, 0, user_thread, journey, 0, NULL);
    result = WaitForSingleObject(user, 60000);
    ok(result == WAIT_OBJECT_0, "The call does not come back.\n");
    if (result != WAIT_OBJECT_0) exit(1); /* it still uses what is here */
    SetEvent(journey->used);
    WaitForSingleObject(maker, 60000);
    ref = IUnknown_Release(journey->object);
    ok(!ref, "%lu references left.\n", ref);
    CloseHandle(maker);
    CloseHandle(user);
    CloseHandle(journey->made);
    CloseHandle(journey->used);
}

static void test_journeys(void)
{
    static const DWORD models[] = { COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED };
    static const char *const model_names[] = { "STA", "MTA" };
    struct journey journey;
    unsigned int i, from, to, leaves;
    IGlobalInterfaceTable *table;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER, &IID_IGlobalInterfaceTable,
                          (void **)&table);
    ok(hr == S_OK, "The global interface table: %s.\n", dbgstr_hr(hr));
    if (hr != S_OK) return;
    for (i = 0; i < ARRAY_SIZE(users); i++)
    {
        for (from = 0; from < ARRAY_SIZE(models); from++)
        {
            for (to = 0; to < ARRAY_SIZE(models); to++)
            {
                for (leaves = 0; leaves < 2; leaves++)
                {
                    memset(&journey, 0, sizeof(journey));
                    sprintf(journey.name, "%s, from %s to %s%s", users[i].name, model_names[from], model_names[to],
                            leaves ? ", its maker gone" : "");
                    journey.user = &users[i];
                    journey.makers_model = models[from];
                    journey.users_model = models[to];
                    journey.maker_leaves = leaves;
                    journey.table = table;
                    test_journey(&journey);
                }
            }
        }
    }
    IGlobalInterfaceTable_Release(table);
}

static BOOL is_loaded(void)
{
    return GetModuleHandleW(L"scardssp.dll") != NULL;
}

/* [doc] CoFreeUnusedLibraries: what can go goes, and it can be loaded again. In two calls: the first one marks. */
static void test_unloading(void)
{
    OLECHAR *name = (OLECHAR *)L"ApduLength";
    IDispatch *object;
    unsigned int i;
    DISPID id;
    HRESULT hr;

    for (i = 0; i < 3; i++)
    {
        object = create_object(&CLSID_CSCardCmd, &IID_IDispatch);
        hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id); /* loads the type library */
        ok(hr == S_OK, "GetIDsOfNames: %s.\n", dbgstr_hr(hr));
        CoFreeUnusedLibrariesEx(0, 0);
        CoFreeUnusedLibrariesEx(0, 0);
        ok(is_loaded(), "Unloaded while an object is alive.\n");
        ok(use_cmd((IUnknown *)object), "The object does not work.\n");
        IDispatch_Release(object);
        ok(is_loaded(), "Unloaded before anybody asked for it.\n");
        CoFreeUnusedLibrariesEx(0, 0);
        CoFreeUnusedLibrariesEx(0, 0);
        ok(!is_loaded(), "Still loaded, with nothing alive.\n");
    }
}

START_TEST(apartments)
{
    SCARDCONTEXT context;
    IUnknown *card;
    HRESULT hr;
    LONG rc;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    ok(!is_loaded(), "The DLL is loaded before anything was created.\n");
    test_unloading();
    hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&card);
    /* It needs a resource manager, and says what winscard says of that. */
    rc = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (!rc) SCardReleaseContext(context);
    ok(!rc || !card_expected(), "A card is expected, and there is no resource manager: %#lx.\n", rc);
    ok(hr == rc, "ISCard: %s, winscard: %#lx.\n", dbgstr_hr(hr), rc);
    if (hr == S_OK)
    {
        IUnknown_Release(card);
        test_journeys();
    }
    else skip("There is no smart card resource manager.\n");
    test_unloading();
    CoUninitialize();
}
