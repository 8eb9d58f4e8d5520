/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unit test of dlls/pcsc32, a program of 32 bits: every function with a fake pcsc-lite beneath, and the repair of a fake
 * winscard.so. Plain checks, as there is no cmocka of 32 bits beside that of 64. Ends with "N passed, N failed".
 */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_pcsclite.h"
#include "pcsc32.h"

#define TOO_WIDE 0x100000000ull
#define CONTEXT 0x9abcdef0ull
#define HANDLE 0x87654321ull

static unsigned int passed, failed;

static void check_at(int line, int holds, const char *text)
{
    if (holds)
    {
        passed++;
        return;
    }
    failed++;
    printf("pcsc32_test.c:%d: failed: %s (last call %s %#lx %#lx %#lx %#lx)\n", line, text,
            fake_call.name ? fake_call.name : "none", fake_call.numbers[0], fake_call.numbers[1], fake_call.numbers[2],
            fake_call.numbers[3]);
}
#define check(condition) check_at(__LINE__, condition, #condition)

static int called(const char *name, DWORD a, DWORD b, DWORD c, DWORD d)
{
    return fake_call.name && !strcmp(fake_call.name, name) && fake_call.numbers[0] == a && fake_call.numbers[1] == b
        && fake_call.numbers[2] == c && fake_call.numbers[3] == d;
}

static void test_contexts(void)
{
    uint64_t context = 1, rubbish = 0;

    check(!wide_SCardEstablishContext(2, NULL, NULL, &context));
    check(context == CONTEXT && called("SCardEstablishContext", 2, 0, 0, 0));
    /* What a caller with integers of 32 bits would look like. */
    check(wide_SCardEstablishContext(2, NULL, &rubbish, &context) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardEstablishContext(2, &rubbish, NULL, &context) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardEstablishContext(2, NULL, NULL, NULL) == SCARD_E_INVALID_PARAMETER);
    fake_call.answer = SCARD_E_NO_SERVICE;
    check(wide_SCardEstablishContext(2, NULL, NULL, &context) == SCARD_E_NO_SERVICE);
    fake_call.answer = 0;
    check(!wide_SCardIsValidContext(CONTEXT) && called("SCardIsValidContext", CONTEXT, 0, 0, 0));
    check(!wide_SCardCancel(CONTEXT) && called("SCardCancel", CONTEXT, 0, 0, 0));
    check(!wide_SCardReleaseContext(CONTEXT) && called("SCardReleaseContext", CONTEXT, 0, 0, 0));
}

static void test_connections(void)
{
    uint64_t handle = 1, protocol = TOO_WIDE;

    check(!wide_SCardConnect(CONTEXT, "A reader", 2, 3, &handle, &protocol));
    check(handle == HANDLE && protocol == SCARD_PROTOCOL_T1 && called("SCardConnect", CONTEXT, 2, 3, 0));
    check(!strcmp(fake_call.text, "A reader"));
    check(!wide_SCardReconnect(HANDLE, 1, 2, 3, &protocol));
    check(protocol == SCARD_PROTOCOL_T0 && called("SCardReconnect", HANDLE, 1, 2, 3));
    check(wide_SCardReconnect(HANDLE, TOO_WIDE, 2, 3, &protocol) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardReconnect(HANDLE, 1, TOO_WIDE, 3, &protocol) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardReconnect(HANDLE, 1, 2, TOO_WIDE, &protocol) == SCARD_E_INVALID_PARAMETER);
    check(!wide_SCardBeginTransaction(HANDLE) && called("SCardBeginTransaction", HANDLE, 0, 0, 0));
    check(!wide_SCardEndTransaction(HANDLE, 2) && called("SCardEndTransaction", HANDLE, 2, 0, 0));
    check(!wide_SCardDisconnect(HANDLE, 3) && called("SCardDisconnect", HANDLE, 3, 0, 0));
    fake_call.answer = SCARD_W_RESET_CARD;
    check(wide_SCardBeginTransaction(HANDLE) == SCARD_W_RESET_CARD);
    fake_call.answer = 0;
}

static void test_status(void)
{
    uint64_t names_size = 20, state = TOO_WIDE, protocol = TOO_WIDE, atr_size = 33;
    unsigned char atr[33];
    char names[20];

    check(!wide_SCardStatus(HANDLE, names, &names_size, &state, &protocol, atr, &atr_size));
    check(called("SCardStatus", HANDLE, 20, 33, 1));
    check(names_size == 8 && state == 0x80000034 && protocol == SCARD_PROTOCOL_T1 && atr_size == 2);
    check(!strcmp(names, "Reader") && !memcmp(atr, "\x3b\x80", 2));
    names_size = ~0ull; /* winscard asks for the size and leaves this undefined */
    check(!wide_SCardStatus(HANDLE, NULL, &names_size, NULL, NULL, NULL, NULL));
    check(called("SCardStatus", HANDLE, 0, 0, 0) && names_size == 8);
    names_size = TOO_WIDE;
    check(wide_SCardStatus(HANDLE, names, &names_size, NULL, NULL, NULL, NULL) == SCARD_E_INVALID_PARAMETER);
}

static void test_lists(void)
{
    uint64_t size = ~0ull;
    char names[10];

    check(!wide_SCardListReaders(CONTEXT, NULL, NULL, &size));
    check(size == 3 && called("SCardListReaders", CONTEXT, 0, 0, 0));
    size = 10;
    check(!wide_SCardListReaders(CONTEXT, "G", names, &size));
    check(size == 3 && called("SCardListReaders", CONTEXT, 10, 1, 1) && !memcmp(names, "R\0", 3));
    size = ~0ull;
    check(!wide_SCardListReaderGroups(CONTEXT, NULL, &size));
    check(size == 3 && called("SCardListReaderGroups", CONTEXT, 0, 0, 0));
    size = TOO_WIDE + 10;
    check(wide_SCardListReaderGroups(CONTEXT, names, &size) == SCARD_E_INVALID_PARAMETER && size == TOO_WIDE + 10);
    check(wide_SCardListReaders(CONTEXT, NULL, names, &size) == SCARD_E_INVALID_PARAMETER);
}

static void test_transmit(void)
{
    struct wide_io_request send = { SCARD_PROTOCOL_T1, 16 }, receive = { ~0ull, ~0ull }; /* what comes in is unset */
    unsigned char command[] = "abcd", reply[16];
    uint64_t size = sizeof(reply);

    check(!wide_SCardTransmit(HANDLE, &send, command, 4, &receive, reply, &size));
    check(called("SCardTransmit", HANDLE, SCARD_PROTOCOL_T1, 4, sizeof(reply)));
    check(size == 6 && !memcmp(reply, "abcd\x90", 6) && receive.protocol == SCARD_PROTOCOL_T1);
    size = sizeof(reply);
    check(!wide_SCardTransmit(HANDLE, &send, command, 4, NULL, reply, &size) && size == 6);
    send.protocol = TOO_WIDE;
    check(wide_SCardTransmit(HANDLE, &send, command, 4, NULL, reply, &size) == SCARD_E_INVALID_PARAMETER);
    send.protocol = SCARD_PROTOCOL_T0;
    check(wide_SCardTransmit(HANDLE, &send, command, TOO_WIDE, NULL, reply, &size) == SCARD_E_INVALID_PARAMETER);
    size = TOO_WIDE;
    check(wide_SCardTransmit(HANDLE, &send, command, 4, NULL, reply, &size) == SCARD_E_INVALID_PARAMETER);
}

static void test_attributes(void)
{
    unsigned char value[8] = "xyz", out[8];
    uint64_t size = 8;

    check(!wide_SCardGetAttrib(HANDLE, 0x90303, value, &size));
    check(size == 4 && called("SCardGetAttrib", HANDLE, 0x90303, 8, 1) && !memcmp(value, "abcd", 4));
    size = TOO_WIDE;
    check(!wide_SCardGetAttrib(HANDLE, 0x90303, NULL, &size) && size == 4 && called("SCardGetAttrib", HANDLE, 0x90303, 0, 0));
    check(!wide_SCardSetAttrib(HANDLE, 0x7fff0001, (const unsigned char *)"hello", 6));
    check(called("SCardSetAttrib", HANDLE, 0x7fff0001, 6, 0) && !strcmp(fake_call.text, "hello"));
    check(wide_SCardSetAttrib(HANDLE, TOO_WIDE, value, 1) == SCARD_E_INVALID_PARAMETER);
    check(!wide_SCardControl(HANDLE, 0x42000d48, "abc", 3, out, 8, &size));
    check(size == 3 && called("SCardControl", HANDLE, 0x42000d48, 3, 8) && !memcmp(out, "abc", 3));
    check(wide_SCardControl(HANDLE, 0x42000d48, "abc", TOO_WIDE + 3, out, 8, &size) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardControl(HANDLE, 0x42000d48, "abc", 3, out, TOO_WIDE, &size) == SCARD_E_INVALID_PARAMETER);
}

/* Handles of another width are never passed on: one function of each kind stands for the rest. */
static void test_wide_handles(void)
{
    unsigned int before = fake_call.count;
    uint64_t value = 0;

    check(wide_SCardReleaseContext(TOO_WIDE) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardIsValidContext(~0ull) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardCancel(TOO_WIDE | CONTEXT) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardConnect(TOO_WIDE, "A", 2, 3, &value, &value) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardConnect(CONTEXT, "A", TOO_WIDE, 3, &value, &value) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardReconnect(HANDLE, 2, TOO_WIDE, 0, &value) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardDisconnect(TOO_WIDE, 0) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardDisconnect(HANDLE, TOO_WIDE) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardBeginTransaction(TOO_WIDE) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardEndTransaction(HANDLE, TOO_WIDE) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardGetStatusChange(TOO_WIDE, 0, NULL, 0) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardGetAttrib(TOO_WIDE, 1, NULL, &value) == SCARD_E_INVALID_PARAMETER);
    check(fake_call.count == before);
}

static void test_reader_states(void)
{
    struct wide_reader_state states[3];
    unsigned int i;

    memset(states, 0xaa, sizeof(states));
    for (i = 0; i < 3; i++)
    {
        states[i].reader = (uint32_t)(uintptr_t)(i ? "second" : "first");
        states[i].reader_high = 0;
        states[i].current_state = 0x10000 + i;
        states[i].event_state = 0;
        states[i].atr_size = 2;
        memcpy(states[i].atr, "\x3b\x01", 2);
    }
    check(!wide_SCardGetStatusChange(CONTEXT, 0xffffffff, states, 2));
    check(called("SCardGetStatusChange", CONTEXT, 0xffffffff, 2, 0x10000));
    check(!strcmp(fake_call.reader_states[0].szReader, "first") && !strcmp(fake_call.reader_states[1].szReader, "second"));
    check(fake_call.reader_states[1].dwCurrentState == 0x10001 && fake_call.reader_states[1].cbAtr == 2
        && !memcmp(fake_call.reader_states[1].rgbAtr, "\x3b\x01", 2));
    check(states[0].event_state == 0x80010022 && states[1].event_state == 0x80010023);
    check(states[1].atr_size == 2 && !memcmp(states[1].atr, "\x31\x31", 2));
    check(states[1].user_data == 0xaaaaaaaa && states[2].event_state == 0); /* neither is pcsc-lite's */
    check(!wide_SCardGetStatusChange(CONTEXT, 0, NULL, 0));
    check(wide_SCardGetStatusChange(CONTEXT, 0, NULL, 1) == SCARD_E_INVALID_PARAMETER);
    check(wide_SCardGetStatusChange(CONTEXT, TOO_WIDE, states, 1) == SCARD_E_INVALID_PARAMETER);
    states[1].atr_size = 34;
    check(wide_SCardGetStatusChange(CONTEXT, 0, states, 2) == SCARD_E_INVALID_PARAMETER);
    states[1].atr_size = 2;
    states[1].reader_high = 1;
    check(wide_SCardGetStatusChange(CONTEXT, 0, states, 2) == SCARD_E_INVALID_PARAMETER);
    states[1].reader_high = 0;
    states[1].current_state = TOO_WIDE;
    check(wide_SCardGetStatusChange(CONTEXT, 0, states, 2) == SCARD_E_INVALID_PARAMETER);
}

/* More readers than any pcsc-lite has: how many are too many is for it to say. */
static void test_many_readers(void)
{
    static struct wide_reader_state states[300];
    unsigned int i;

    for (i = 0; i < 300; i++)
        states[i].reader = (uint32_t)(uintptr_t)"one of many";
    check(!wide_SCardGetStatusChange(CONTEXT, 0, states, 300));
    check(called("SCardGetStatusChange", CONTEXT, 0, 300, 0));
    check(states[0].event_state == 0x80010022 && states[299].event_state == 0x80010022 + 299);
}

static void *waiting_thread(void *result)
{
    *(long *)result = wide_SCardGetStatusChange(CONTEXT, FAKE_BLOCK, NULL, 0);
    return NULL;
}

/* No lock of ours keeps SCardCancel out while SCardGetStatusChange waits. */
static void test_cancel(void)
{
    pthread_t thread;
    long result = 0;

    fake_call.cancelled = 0;
    check(!pthread_create(&thread, NULL, waiting_thread, &result));
    usleep(20000);
    check(!wide_SCardCancel(CONTEXT));
    check(!pthread_join(thread, NULL) && result == SCARD_E_CANCELLED);
}

static void test_table(void)
{
    unsigned int count;

    for (count = 0; wide_functions[count].name; count++)
        check(!strncmp(wide_functions[count].name, "SCard", 5) && wide_functions[count].function);
    check(count == 17);
}

/* Before the repair the second argument is in the place of the first one's upper half; after it all is right. */
static void test_repair(const char *directory, const char *name)
{
    long (*establish_context)(uint64_t *);
    long (*disconnect)(uint64_t, uint64_t);
    uint64_t context = 0;
    char path[4200];
    void *winscard;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    winscard = dlopen(path, RTLD_NOW);
    check(winscard != NULL);
    if (!winscard)
    {
        printf("%s\n", dlerror());
        return;
    }
    *(void **)&establish_context = dlsym(winscard, "unix_establish_context");
    *(void **)&disconnect = dlsym(winscard, "unix_disconnect");
    disconnect(HANDLE, 3);
    check(called("SCardDisconnect", HANDLE, 0, 0, 0)); /* the trap */
    check(repair_winscard() == REPAIR_DONE);
    check(!disconnect(HANDLE, 3) && called("SCardDisconnect", HANDLE, 3, 0, 0));
    check(!establish_context(&context) && context == CONTEXT);
    check(repair_winscard() == REPAIR_DONE_BEFORE);
    check(!disconnect(HANDLE, 2) && called("SCardDisconnect", HANDLE, 2, 0, 0));
    dlclose(winscard);
}

static void test_refusals(const char *directory)
{
    char path[4200];
    void *winscard;

    check(repair_winscard() == REPAIR_NO_WINSCARD);
    snprintf(path, sizeof(path), "%s/unknown/winscard.so", directory);
    winscard = dlopen(path, RTLD_LAZY);
    check(winscard != NULL);
    check(repair_winscard() == REPAIR_UNKNOWN_WINSCARD);
    check(!winscard || !dlclose(winscard));
}

int main(int argc, char **argv)
{
    char directory[4096];
    char *slash;

    snprintf(directory, sizeof(directory), "%s", argv[0]);
    if (!(slash = strrchr(directory, '/'))) return 2;
    strcpy(slash, "/pcsc32");

    test_contexts();
    test_connections();
    test_status();
    test_lists();
    test_transmit();
    test_attributes();
    test_wide_handles();
    test_reader_states();
    test_many_readers();
    test_cancel();
    test_table();
    test_refusals(directory);
    test_repair(directory, "winscard.so");
    test_repair(directory, "relro/winscard.so"); /* its table is read-only, and of data relocations */
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
