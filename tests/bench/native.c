/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What SCardTransmit of pcsc-lite costs a program of Linux, the floor for all others. Started by tests/bench/chain.py,
 * which writes lines "STEP CALLS" and gets a line with the nanoseconds per call for each: native READER
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#include "file_read.h"

static SCARDHANDLE card;

static int transmit(const uint8_t *apdu, unsigned int size, uint8_t *reply, unsigned int room)
{
    DWORD reply_size = room;

    return SCardTransmit(card, SCARD_PCI_T1, apdu, size, NULL, reply, &reply_size) ? -1 : (int)reply_size;
}

static int step_transmit(void)
{
    static const uint8_t read_binary[] = { 0x00, 0xb0, 0x81, 0x00, 0x10 };
    uint8_t reply[258];

    return transmit(read_binary, sizeof(read_binary), reply, sizeof(reply)) == 18;
}

static int read_file(enum file_ne ne)
{
    static uint8_t reply[MAX_FILE_REPLY];
    unsigned int offset, count;
    uint8_t apdu[16];
    int size;

    for (offset = 0; offset < FILE_SIZE; offset += count)
    {
        size = transmit(apdu, encode_file_read(apdu, offset, ne), reply, sizeof(reply));
        if (size < 0 || !(count = file_bytes_in(reply, size, offset))) return 0;
    }
    return offset == FILE_SIZE;
}

static int step_file_short(void)
{
    return read_file(FILE_SHORT);
}

static int step_file_extended(void)
{
    return read_file(FILE_EXTENDED);
}

static const struct
{
    const char *name;
    int (*run)(void);
}
steps[] =
{
    { "transmit", step_transmit },
    { "file-short", step_file_short },
    { "file-extended", step_file_extended },
};

static void die(const char *what)
{
    fprintf(stderr, "native: %s failed\n", what);
    exit(1);
}

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv)
{
    static const uint8_t select_files[] = "\x00\xa4\x04\x0c\x06" FILE_AID;
    SCARDCONTEXT context;
    DWORD protocol;
    uint8_t reply[258];
    char name[32];
    unsigned int calls, i, step;
    double start;

    if (argc != 2)
    {
        fprintf(stderr, "usage: native READER\n");
        return 2;
    }
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
        || SCardConnect(context, argv[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol)) die("connecting");
    if (transmit(select_files, sizeof(select_files) - 1, reply, sizeof(reply)) != 2) die("selecting the files");
    while (scanf("%31s %u", name, &calls) == 2)
    {
        for (step = 0; step < sizeof(steps) / sizeof(steps[0]) && strcmp(steps[step].name, name); step++) continue;
        if (step == sizeof(steps) / sizeof(steps[0])) die(name);
        if (!steps[step].run()) die(name);
        start = now_ns();
        for (i = 0; i < calls; i++) if (!steps[step].run()) die(name);
        printf("%.0f\n", (now_ns() - start) / calls);
        fflush(stdout);
    }
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return 0;
}
