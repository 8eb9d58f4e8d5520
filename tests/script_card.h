/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A card that plays a script, for tests of what goes over the wire byte by byte: it connects to the virtual
 * reader (vpcd) of the TCP port VPCD_PORT, as a card that is put in, expects the commands of the script and
 * answers as the script says. Wire format, both ways: a 16-bit big-endian length, then that many bytes. One
 * byte from the reader is a control message: 0 power off, 1 power on, 2 reset, 4 send the ATR; only the last
 * one is answered.
 */

#ifndef SCARDSSP_TESTS_SCRIPT_CARD_H
#define SCARDSSP_TESTS_SCRIPT_CARD_H

#include "vcard_control.h"
#include "card_common.h"

#define SCRIPT_ATR_T0 "3b06534352495054"
#define SCRIPT_ATR_T1 "3b86800153435249505408" /* T=0 and T=1 are offered */

#define SCRIPT_MAX_EXCHANGES 16
#define SCRIPT_MAX_MESSAGE 65535
#define SCRIPT_MAX_BYTES 65544 /* the longest APDU */

struct script_bytes
{
    BYTE *data;
    LONG size;
};

struct script_card
{
    SOCKET socket;
    HANDLE thread;
    BSTR reader; /* that it is in */
    struct script_bytes atr;
    LONG power_ups; /* how often the reader gave it power, or reset it */
    CRITICAL_SECTION lock; /* of what follows */
    struct script_bytes commands[SCRIPT_MAX_EXCHANGES]; /* expected */
    struct script_bytes answers[SCRIPT_MAX_EXCHANGES];
    char specials[SCRIPT_MAX_EXCHANGES]; /* '~' or '_' in place of an answer */
    BOOL repeats;                        /* the last answer goes for all commands from there on */
    struct script_bytes seen[SCRIPT_MAX_EXCHANGES];
    unsigned int count;
    unsigned int seen_count;
};

static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* Bytes from a text of lower case hexadecimal digits, in which [n] stands for the n bytes 00 01 02 ..., up to
 * a character that is neither. The caller frees. */
static inline struct script_bytes script_bytes(const char *text, const char **end)
{
    struct script_bytes bytes = { malloc(SCRIPT_MAX_BYTES + 256), 0 };
    LONG i, run;

    for (;;)
    {
        if (*text == '[')
        {
            run = strtol(text + 1, (char **)&text, 10);
            for (i = 0; i < run && bytes.size < SCRIPT_MAX_BYTES; i++) bytes.data[bytes.size++] = (BYTE)i;
            text++;
        }
        else if (hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0)
        {
            bytes.data[bytes.size++] = (BYTE)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
            text += 2;
        }
        else break;
    }
    if (end) *end = text;
    return bytes;
}

static inline void script_clear(struct script_card *card)
{
    unsigned int i;

    for (i = 0; i < SCRIPT_MAX_EXCHANGES; i++)
    {
        free(card->commands[i].data);
        free(card->answers[i].data);
        free(card->seen[i].data);
    }
    memset(card->commands, 0, sizeof(card->commands));
    memset(card->answers, 0, sizeof(card->answers));
    memset(card->specials, 0, sizeof(card->specials));
    card->repeats = FALSE;
    memset(card->seen, 0, sizeof(card->seen));
    card->count = card->seen_count = 0;
}

/* Gives the card its next script: "COMMAND>ANSWER COMMAND>ANSWER ...", "" for one that expects nothing. Instead of an
 * answer of no bytes the card is pulled; ~ is no answer at all, _ a message of no bytes. The last exchange may be
 * "*>ANSWER", for every command from there on. */
static inline void script_load(struct script_card *card, const char *script)
{
    EnterCriticalSection(&card->lock);
    script_clear(card);
    while (*script && card->count < SCRIPT_MAX_EXCHANGES)
    {
        if (*script == '*') card->repeats = *script++ != 0;
        card->commands[card->count] = script_bytes(script, &script);
        if (*script == '>') script++;
        if (*script == '~' || *script == '_') card->specials[card->count] = *script++;
        card->answers[card->count++] = script_bytes(script, &script);
        if (*script == ' ') script++;
    }
    LeaveCriticalSection(&card->lock);
}

static inline const char *script_show(const struct script_bytes *bytes, char buf[128])
{
    LONG i, shown = min(bytes->size, 24);

    buf[0] = 0;
    for (i = 0; i < shown; i++) sprintf(buf + 2 * i, "%02x", bytes->data[i]);
    sprintf(buf + 2 * shown, "%s (%ld bytes)", shown < bytes->size ? "..." : "", bytes->size);
    return buf;
}

/* Checks that the card saw exactly the commands of its script. */
static inline void script_check(struct script_card *card, const char *what)
{
    char expected[128], got[128];
    unsigned int i;

    EnterCriticalSection(&card->lock);
    ok(card->seen_count == card->count, "%s: the card got %u commands, expected %u.\n", what,
       card->seen_count, card->count);
    for (i = 0; i < card->seen_count && i < card->count; i++)
    {
        ok(card->seen[i].size == card->commands[i].size
           && !memcmp(card->seen[i].data, card->commands[i].data, card->seen[i].size),
           "%s: command %u is %s, expected %s.\n", what, i, script_show(&card->seen[i], got),
           script_show(&card->commands[i], expected));
    }
    LeaveCriticalSection(&card->lock);
}

static inline BOOL receive_all(SOCKET s, BYTE *data, int size)
{
    int done, count;

    for (done = 0; done < size; done += count)
    {
        if ((count = recv(s, (char *)data + done, size - done, 0)) <= 0) return FALSE;
    }
    return TRUE;
}

static inline BOOL send_message(SOCKET s, const BYTE *data, LONG size)
{
    BYTE *message = malloc(size + 2);
    BOOL sent;

    message[0] = (BYTE)(size >> 8);
    message[1] = (BYTE)size;
    memcpy(message + 2, data, size);
    sent = send(s, (const char *)message, size + 2, 0) == size + 2;
    free(message);
    return sent;
}

/* Does what the script says of a command; FALSE: the card is gone. */
static inline BOOL send_answer(struct script_card *card, unsigned int index)
{
    static const BYTE beyond[] = { 0x6f, 0x00 };
    const struct script_bytes *answer = &card->answers[index];

    if (index >= card->count) return send_message(card->socket, beyond, sizeof(beyond));
    if (card->specials[index] == '~') return TRUE;
    if (answer->size || card->specials[index]) return send_message(card->socket, answer->data, answer->size);
    shutdown(card->socket, SD_BOTH);
    return FALSE;
}

/* What the card answers to a command beyond its script is 6F00. */
static inline BOOL answer_command(struct script_card *card, const BYTE *command, LONG size)
{
    unsigned int index;
    BOOL sent;

    EnterCriticalSection(&card->lock);
    index = card->seen_count;
    if (card->seen_count < SCRIPT_MAX_EXCHANGES)
    {
        struct script_bytes *seen = &card->seen[card->seen_count++];

        seen->data = malloc(size);
        seen->size = size;
        memcpy(seen->data, command, size);
    }
    sent = send_answer(card, card->repeats && index >= card->count ? card->count - 1 : index);
    LeaveCriticalSection(&card->lock);
    return sent;
}

static DWORD WINAPI script_thread(void *arg)
{
    struct script_card *card = arg;
    BYTE *message = malloc(SCRIPT_MAX_MESSAGE), header[2];
    BOOL going = TRUE;
    LONG size;

    while (going && receive_all(card->socket, header, 2))
    {
        size = header[0] << 8 | header[1];
        if (!receive_all(card->socket, message, size)) break;
        if (size != 1) going = answer_command(card, message, size);
        else if (message[0] == 1 || message[0] == 2) InterlockedIncrement(&card->power_ups);
        else if (message[0] == 4) going = send_message(card->socket, card->atr.data, card->atr.size);
    }
    free(message);
    return 0;
}

/* The reader that shows this ATR, waiting for it up to ten seconds. */
static inline BSTR script_find_reader(const struct script_bytes *atr)
{
    SCARDCONTEXT context;
    SCARD_READERSTATEW state;
    BSTR found = NULL;
    WCHAR names[1024], *name;
    DWORD size, start = GetTickCount();

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return NULL;
    while (!found && GetTickCount() - start < 60000)
    {
        size = ARRAY_SIZE(names);
        if (SCardListReadersW(context, NULL, names, &size)) break;
        for (name = names; *name && !found; name += lstrlenW(name) + 1)
        {
            memset(&state, 0, sizeof(state));
            state.szReader = name;
            if (!SCardGetStatusChangeW(context, 0, &state, 1) && state.cbAtr == (DWORD)atr->size
                && !memcmp(state.rgbAtr, atr->data, atr->size))
                found = SysAllocString(name);
        }
        if (!found) Sleep(50);
    }
    SCardReleaseContext(context);
    return found;
}

static inline void script_remove(struct script_card *card)
{
    if (card->socket != INVALID_SOCKET)
    {
        shutdown(card->socket, SD_BOTH);
        closesocket(card->socket);
        card->socket = INVALID_SOCKET;
    }
    if (card->thread)
    {
        WaitForSingleObject(card->thread, INFINITE);
        CloseHandle(card->thread);
        card->thread = NULL;
    }
    if (card->reader)
        ok(await_card(card->reader, FALSE), "The reader does not notice that the card is gone.\n");
    SysFreeString(card->reader);
    script_clear(card);
    DeleteCriticalSection(&card->lock);
    free(card->atr.data);
    WSACleanup();
}

/* Puts a card with this ATR, or with what is none, into the free virtual reader, whichever that is. FALSE: there is no
 * such reader, and nothing to remove. */
static inline BOOL script_connect(struct script_card *card, const char *atr)
{
    const char *port = getenv("VPCD_PORT");
    struct sockaddr_in address;
    WSADATA wsa;
    BOOL on = TRUE;

    memset(card, 0, sizeof(*card));
    card->socket = INVALID_SOCKET;
    if (!port || WSAStartup(MAKEWORD(2, 2), &wsa)) return FALSE;

    InitializeCriticalSection(&card->lock);
    card->atr = script_bytes(atr, NULL);
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons((u_short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    card->socket = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (card->socket == INVALID_SOCKET
        || connect(card->socket, (struct sockaddr *)&address, sizeof(address)))
    {
        script_remove(card);
        return FALSE;
    }
    setsockopt(card->socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
    card->thread = CreateThread(NULL, 0, script_thread, card, 0, NULL);
    return TRUE;
}

/* The same, and returns the reader's name, which stays the card's; NULL when there is none. */
static inline BSTR script_insert(struct script_card *card, const char *atr)
{
    if (!script_connect(card, atr)) return NULL;
    card->reader = script_find_reader(&card->atr);
    if (card->reader) return card->reader;
    script_remove(card);
    return NULL;
}

#endif
