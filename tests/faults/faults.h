/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the programs of the fault matrix share. A row makes a fault happen and says what the program got and how it went
 * on; run_row looks whether a bystander, a client of another card, noticed, and whether anything is left over:
 * allocations of scardssp.dll, or files that pcscd has open.
 *
 * Rows are printed as "row|FAULT|WHAT THE PROGRAM GETS|HOW IT GOES ON|OTHER CLIENTS|LEFT OVER".
 */

#ifndef SCARDSSP_FAULTS_H
#define SCARDSSP_FAULTS_H

#include "script_card.h"
#include "card_common.h"
#include "host_command.h"
#include "import_table.h"

#define SETTLE 5000 /* ms for pcscd to notice that a client has gone */

struct result
{
    char got[160];
    char again[100];
    const char *others; /* what the bystander saw; NULL: nothing, run_row asks it */
};

struct row
{
    const char *fault;
    const char *again;  /* how it must go on */
    void (*run)(const struct row *row, struct result *result);
    const void *detail; /* for run */
};

/* ---- names of codes ---- */

static inline const char *code_name(HRESULT hr)
{
    static const struct { HRESULT code; const char *name; } names[] =
    {
#define NAME(code) { (HRESULT)(code), #code }
        NAME(S_OK), NAME(E_INVALIDARG), NAME(SCARD_E_INVALID_HANDLE), NAME(SCARD_E_NOT_TRANSACTED),
        NAME(SCARD_E_NO_SERVICE), NAME(SCARD_E_SERVICE_STOPPED), NAME(SCARD_E_SHARING_VIOLATION),
        NAME(SCARD_E_NO_SMARTCARD), NAME(SCARD_E_READER_UNAVAILABLE), NAME(SCARD_E_UNKNOWN_READER),
        NAME(SCARD_E_INSUFFICIENT_BUFFER), NAME(SCARD_E_NO_READERS_AVAILABLE), NAME(SCARD_F_COMM_ERROR),
        NAME(SCARD_F_INTERNAL_ERROR), NAME(SCARD_W_REMOVED_CARD), NAME(SCARD_W_RESET_CARD), NAME(SCARD_E_TIMEOUT),
        NAME(SCARD_W_UNPOWERED_CARD), NAME(SCARD_W_UNRESPONSIVE_CARD), NAME(SCARD_E_PROTO_MISMATCH)
#undef NAME
    };
    static char other[16];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) if (hr == names[i].code) return names[i].name;
    sprintf(other, "%#lx", hr);
    return other;
}

/* ---- what is left over ---- */

static LONG outstanding; /* allocations of scardssp.dll */

static void *tracked_malloc(size_t size)
{
    void *memory = malloc(size);

    if (memory) InterlockedIncrement(&outstanding);
    return memory;
}

static void *tracked_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory) InterlockedIncrement(&outstanding);
    return memory;
}

static void *tracked_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size);

    if (memory && !old) InterlockedIncrement(&outstanding);
    return memory;
}

static WCHAR *tracked_wcsdup(const WCHAR *string)
{
    WCHAR *memory = _wcsdup(string);

    if (memory) InterlockedIncrement(&outstanding);
    return memory;
}

static void tracked_free(void *memory)
{
    if (memory) InterlockedDecrement(&outstanding);
    free(memory);
}

/* FALSE: scardssp.dll imports none of them. */
static inline BOOL track_allocations(void)
{
    static const struct replacement tracked[] =
    {
        { "malloc", tracked_malloc },
        { "calloc", tracked_calloc },
        { "realloc", tracked_realloc },
        { "_wcsdup", tracked_wcsdup },
        { "free", tracked_free },
    };

    return replace_imports("scardssp.dll", tracked, ARRAY_SIZE(tracked)) == ARRAY_SIZE(tracked);
}

/* The files that a process of this machine has open. -1: that cannot be seen. */
static inline LONG open_files(const char *process)
{
    WIN32_FIND_DATAA found;
    char pattern[64];
    LONG count = -2; /* . and .. */
    HANDLE search;

    sprintf(pattern, "Z:\\proc\\%.16s\\fd\\*", process);
    search = FindFirstFileA(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) return -1;
    do count++; while (FindNextFileA(search, &found));
    FindClose(search);
    return count;
}

static inline LONG pcscd_files(void)
{
    char pid[16] = "none";
    FILE *file;

    if ((file = fopen("Z:\\run\\pcscd\\pcscd.pid", "r")))
    {
        if (fgets(pid, sizeof(pid), file)) pid[strcspn(pid, "\n")] = 0;
        fclose(file);
    }
    return open_files(pid);
}

/* ---- the bystander ---- */

static BSTR demo_reader;

/* Just after a card was unpowered, pcsc-lite may refuse it for up to a second. */
static inline LONG open_powered(struct connection *connection, const WCHAR *reader)
{
    DWORD start = GetTickCount();
    LONG rc;

    while ((rc = connection_open(connection, reader, SCARD_SHARE_SHARED)) == (LONG)SCARD_W_UNPOWERED_CARD
           && GetTickCount() - start < SETTLE)
    {
        connection_close(connection, SCARD_LEAVE_CARD);
        Sleep(100);
    }
    return rc;
}

static inline BOOL transmits(const struct connection *connection)
{
    static const BYTE get_data[] = { 0x00, 0xca, 0x5f, 0x2d, 0x04 };
    SCARD_IO_REQUEST pci = { connection->protocol, sizeof(pci) };
    BYTE reply[258];
    DWORD size = sizeof(reply);

    return !SCardTransmit(connection->handle, &pci, get_data, sizeof(get_data), NULL, reply, &size) && size >= 2;
}

/* ---- the program that meets the fault ---- */

static inline ISCardCmd *create_command(const char *digits)
{
    struct script_bytes apdu = script_bytes(digits, NULL);
    IByteBuffer *buffer = create_buffer(apdu.data, apdu.size);
    ISCardCmd *cmd = create_cmd();
    HRESULT hr;

    hr = ISCardCmd_put_Apdu(cmd, buffer);
    ok(hr == S_OK, "put_Apdu(%s): %s.\n", digits, code_name(hr));
    IByteBuffer_Release(buffer);
    free(apdu.data);
    return cmd;
}

/* What a transaction gets, with a reply left over from before to be replaced. */
static inline HRESULT try_transaction(ISCard *card, const char *command, struct result *result)
{
    ISCardCmd *cmd = create_command(command);
    WORD status = 0;
    LONG length = -1;
    HRESULT hr;

    ISCardCmd_put_ReplyStatus(cmd, 0x9000);
    hr = ISCard_Transaction(card, &cmd);
    ISCardCmd_get_ReplyStatus(cmd, &status);
    ISCardCmd_get_ApduReplyLength(cmd, &length);
    if (hr == S_OK) sprintf(result->got, "%ld bytes, %04x", length - 2, status);
    else strcpy(result->got, code_name(hr));
    ok(hr == S_OK || !length, "A reply of %ld bytes is left after %s.\n", length, code_name(hr));
    ISCardCmd_Release(cmd);
    return hr;
}

/* A transaction that waits, in a thread of its own. */
struct waiting
{
    ISCard *card;
    HANDLE thread;
    HRESULT hr;
    struct result result;
};

static inline DWORD WINAPI waiting_thread(void *arg)
{
    struct waiting *waiting = arg;

    waiting->hr = try_transaction(waiting->card, "0084000008", &waiting->result);
    return 0;
}

static inline void waiting_start(struct waiting *waiting, ISCard *card)
{
    waiting->card = card;
    waiting->thread = CreateThread(NULL, 0, waiting_thread, waiting, 0, NULL);
}

/* What it got in the end, which must be a failure. */
static inline void waiting_end(struct waiting *waiting)
{
    BOOL ended = !WaitForSingleObject(waiting->thread, 3 * PATIENCE);

    ok(ended && FAILED(waiting->hr), "The transaction: %s.\n", ended ? waiting->result.got : "it still waits");
    if (!ended) exit(1); /* the thread still uses what is here */
    CloseHandle(waiting->thread);
}

static inline BOOL transacts(ISCard *card)
{
    ISCardCmd *cmd = create_command("0084000008");
    WORD status = 0;
    BOOL done;

    done = ISCard_Transaction(card, &cmd) == S_OK && ISCardCmd_get_ReplyStatus(cmd, &status) == S_OK && status;
    ISCardCmd_Release(cmd);
    return done;
}

/* The first of the ways that a program has, by which the same object works again. */
static inline void go_on(ISCard *card, BSTR reader, SCARD_PROTOCOLS protocols, struct result *result)
{
    if (transacts(card)) strcpy(result->again, "the next transaction");
    else if (ISCard_ReAttach(card, SHARED, LEAVE) == S_OK && transacts(card)) strcpy(result->again, "ReAttach");
    else if (ISCard_AttachByReader(card, reader, SHARED, protocols) == S_OK && transacts(card))
        strcpy(result->again, "AttachByReader");
    else strcpy(result->again, "NOTHING");
}

/* A card of this ATR in the second reader; without a reader for it there is no going on. */
static inline BSTR insert_card(struct script_card *script, const char *atr)
{
    BSTR reader = script_insert(script, atr);

    if (reader) return reader;
    ok(0, "There is no free virtual reader (VPCD_PORT).\n");
    exit(1);
}

/* The same, of a card that answers every command. */
static inline BSTR insert_ready_card(struct script_card *script)
{
    BSTR reader = insert_card(script, SCRIPT_ATR_T1);

    script_load(script, "*>[8]9000");
    return reader;
}

static inline ISCard *attach_card(BSTR reader, SCARD_PROTOCOLS protocols)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, SHARED, protocols);
    ok(hr == S_OK, "AttachByReader: %s.\n", code_name(hr));
    return card;
}

/* The end of a row whose object had to do with such a card: how it goes on; both go. */
static inline void end_with_card(ISCard *card, struct script_card *script, struct result *result)
{
    go_on(card, script->reader, T1, result);
    ISCard_Release(card);
    script_remove(script);
}

/* ---- running the rows ---- */

static inline BOOL is_clean(LONG allocations, LONG files)
{
    LONG open = pcscd_files();

    return outstanding == allocations && open > 0 && open <= files;
}

static inline void run_row(const struct row *row)
{
    LONG allocations = outstanding, files = pcscd_files();
    struct connection bystander;
    struct result result = { .others = NULL };
    const char *others;
    BOOL left;
    LONG rc;

    winetest_push_context("%s", row->fault);
    rc = open_powered(&bystander, demo_reader);
    ok(!rc && transmits(&bystander), "The bystander: %s.\n", code_name(rc));
    row->run(row, &result);
    others = result.others ? result.others : transmits(&bystander) ? "unaffected" : "AFFECTED";
    ok(strcmp(others, "AFFECTED"), "Another client does not work any more.\n");
    connection_close(&bystander, SCARD_LEAVE_CARD);
    ok(!strcmp(result.again, row->again), "It went on by \"%s\", expected \"%s\".\n", result.again, row->again);
    ok(files > 0, "The files of pcscd are not seen.\n");
    left = !await(is_clean(allocations, files), SETTLE);
    ok(!left, "%ld allocations, before %ld; pcscd has %ld files open, before %ld.\n", outstanding, allocations,
       pcscd_files(), files);
    printf("row|%s|%s|%s|%s|%s\n", row->fault, result.got, result.again, others, left ? "SOME" : "none");
    fflush(stdout);
    winetest_pop_context();
}

/* What scardssp.dll keeps for the life of the process is made before anything is counted. */
static inline BOOL faults_init(void)
{
    IUnknown *object;
    ISCard *card;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    object = create_object(&CLSID_CByteBuffer, &IID_IUnknown);
    IUnknown_Release(object);
    if (!(demo_reader = find_card_reader(PATIENCE)) || !track_allocations())
    {
        ok(0, "There is no card, or scardssp.dll allocates otherwise: run this in tools/sandbox --card t1.\n");
        return FALSE;
    }
    card = create_card();
    ISCard_LockSCard(card); /* the error information is made for the first time */
    ISCard_Release(card);
    return TRUE;
}

static inline void run_rows(const struct row *rows, unsigned int count)
{
    unsigned int i;

    if (!faults_init()) return;
    for (i = 0; i < count; i++) run_row(&rows[i]);
    SysFreeString(demo_reader);
    CoUninitialize();
}

#endif
