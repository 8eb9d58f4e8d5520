/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How the cost of things grows with their number, beside winscard alone. Run by tests/bench/growth.sh:
 *     growth32.exe attached READER NUMBER          transactions by turns, with so many attached objects, or handles
 *     growth32.exe lock READER START SECONDS WAY   from the second START of the epoch on: LockSCard, Transaction and
 *                                                  UnlockSCard, or what they are in winscard; WAY: objects, winscard
 *     growth32.exe readers                         the names of the readers; a card that is in none of them
 * Prints microseconds of a call, of the objects first, then of winscard; with lock the number of rounds.
 */

#define COBJMACROS
#include "card_common.h"
#include "clock.h"

#define CALLS 2000
#define ROUNDS 15           /* by turns; the best one counts, which nothing else has disturbed */
#define MAX_NUMBER 256

static const BYTE select_mf[] = { 0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00 };
static const SCARD_IO_REQUEST t1 = { SCARD_PROTOCOL_T1, sizeof(t1) };

/* ---- objects and handles ---- */

static ISCardCmd *create_select(void)
{
    IByteBuffer *data = create_buffer(select_mf + 5, 2);
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = NULL;

    if (ISCardISO7816_SelectFile(iso, 0x00, 0x0c, data, 0, &cmd) != S_OK) die("SelectFile");
    ISCardISO7816_Release(iso);
    IByteBuffer_Release(data);
    return cmd;
}

static ISCard *attach(BSTR reader)
{
    ISCard *card = create_card();

    if (ISCard_AttachByReader(card, reader, SHARED, T1) != S_OK) die("AttachByReader");
    return card;
}

static SCARDHANDLE open_handle(const WCHAR *reader)
{
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD protocol;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) die("SCardEstablishContext");
    if (SCardConnectW(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &handle, &protocol)) die("SCardConnect");
    return handle;
}

static void transmit(SCARDHANDLE handle)
{
    BYTE reply[258];
    DWORD size = sizeof(reply);

    if (SCardTransmit(handle, &t1, select_mf, sizeof(select_mf), NULL, reply, &size)) die("SCardTransmit");
}

/* ---- what is measured ---- */

static void measure_attached(BSTR reader, unsigned int number)
{
    double best = 1e9, best_winscard = 1e9, start;
    SCARDHANDLE handles[MAX_NUMBER];
    ISCard *cards[MAX_NUMBER];
    ISCardCmd *cmds[MAX_NUMBER];
    unsigned int round, i;

    if (number > MAX_NUMBER) die("so many objects");
    for (i = 0; i < number; i++)
    {
        cards[i] = attach(reader);
        cmds[i] = create_select();
        handles[i] = open_handle(reader);
    }
    for (round = 0; round < ROUNDS; round++)
    {
        start = microseconds();
        for (i = 0; i < CALLS; i++)
            if (ISCard_Transaction(cards[i % number], &cmds[i % number]) != S_OK) die("Transaction");
        best = min(best, microseconds() - start);
        start = microseconds();
        for (i = 0; i < CALLS; i++) transmit(handles[i % number]);
        best_winscard = min(best_winscard, microseconds() - start);
    }
    printf("%.1f %.1f\n", best / CALLS, best_winscard / CALLS);
}

static void lock_with_objects(ISCard *card, ISCardCmd *cmd)
{
    if (ISCard_LockSCard(card) != S_OK || ISCard_Transaction(card, &cmd) != S_OK
        || ISCard_UnlockSCard(card, LEAVE) != S_OK) die("a locked transaction");
}

static void lock_with_winscard(SCARDHANDLE handle)
{
    if (SCardBeginTransaction(handle)) die("SCardBeginTransaction");
    transmit(handle);
    if (SCardEndTransaction(handle, SCARD_LEAVE_CARD)) die("SCardEndTransaction");
}

static double epoch_us(void)
{
    FILETIME time;

    GetSystemTimeAsFileTime(&time);
    return ((ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime) / 10.0 - 11644473600e6;
}

static void measure_lock(BSTR reader, double start, double duration, BOOL objects)
{
    ISCard *card = objects ? attach(reader) : NULL;
    ISCardCmd *cmd = objects ? create_select() : NULL;
    SCARDHANDLE handle = objects ? 0 : open_handle(reader);
    unsigned int rounds;

    if (epoch_us() > start) die("being ready in time");
    while (epoch_us() < start) Sleep(1);
    for (rounds = 0; epoch_us() < start + duration; rounds++)
    {
        if (objects) lock_with_objects(card, cmd);
        else lock_with_winscard(handle);
    }
    printf("%u\n", rounds);
}

static void list_with_winscard(SCARDCONTEXT context)
{
    WCHAR names[8192];
    DWORD size = ARRAY_SIZE(names);

    SCardListReadersW(context, NULL, names, &size);
}

/* How one finds out that a card is in no reader: their names, then the state of each. */
static void look_with_winscard(SCARDCONTEXT context)
{
    SCARD_READERSTATEW state;
    WCHAR names[8192], *name;
    DWORD size = ARRAY_SIZE(names);

    if (SCardListReadersW(context, NULL, names, &size)) return;
    for (name = names; *name; name += lstrlenW(name) + 1)
    {
        memset(&state, 0, sizeof(state));
        state.szReader = name;
        SCardGetStatusChangeW(context, 0, &state, 1);
    }
}

static void measure_readers(void)
{
    ISCardDatabase *database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, 1), *readers;
    double best[4] = { 1e9, 1e9, 1e9, 1e9 }, start;
    unsigned int round, way, i;
    SCARDCONTEXT context;
    SCARDINFO *info;

    *(BSTR *)names->pvData = SysAllocString(L"nobody's card");
    if (ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, 2) != S_OK) die("ConfigureCardNameSearch");
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    for (round = 0; round < ROUNDS; round++)
    {
        for (way = 0; way < 4; way++)
        {
            start = microseconds();
            for (i = 0; i < CALLS / 20; i++)
            {
                if (way == 0 && ISCardDatabase_ListReaders(database, 0, &readers) == S_OK) SafeArrayDestroy(readers);
                if (way == 1) list_with_winscard(context);
                if (way == 2) ISCardLocate_FindCard(locate, SHARED, T0 | T1, 0, &info);
                if (way == 3) look_with_winscard(context);
            }
            best[way] = min(best[way], (microseconds() - start) / (CALLS / 20));
        }
    }
    printf("%.0f %.0f %.0f %.0f\n", best[0], best[1], best[2], best[3]);
}

int main(int argc, char **argv)
{
    WCHAR name[256] = L"";
    BSTR reader;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    wake_winscard();
    if (argc > 2) MultiByteToWideChar(CP_UTF8, 0, argv[2], -1, name, ARRAY_SIZE(name));
    reader = SysAllocString(name);
    if (argc == 4 && !strcmp(argv[1], "attached")) measure_attached(reader, atoi(argv[3]));
    else if (argc == 6 && !strcmp(argv[1], "lock"))
        measure_lock(reader, atof(argv[3]) * 1e6, atof(argv[4]) * 1e6, !strcmp(argv[5], "objects"));
    else if (argc == 2 && !strcmp(argv[1], "readers")) measure_readers();
    else
    {
        fprintf(stderr, "usage: growth32.exe attached READER NUMBER\n"
                "       growth32.exe lock READER START SECONDS objects|winscard\n       growth32.exe readers\n");
        return 2;
    }
    return 0;
}
