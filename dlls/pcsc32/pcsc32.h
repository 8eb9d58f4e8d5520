/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Between the 32-bit unix side of Wine's winscard and the 32-bit pcsc-lite. The former declares every integer of
 * pcsc-lite's functions as one of 64 bits, which is right for the 64-bit pcsc-lite only; the latter takes those of 32
 * bits, so that every argument behind the first arrives at the wrong place.
 */

#ifndef SCARDSSP_PCSC32_H
#define SCARDSSP_PCSC32_H

#include <stdint.h>

/* Wine's structures, as a 32-bit process has them (measured with Wine 10.0). */
struct wide_io_request
{
    uint64_t protocol;
    uint64_t length;
};

struct wide_reader_state
{
    uint32_t reader;        /* const char * */
    uint32_t reader_high;   /* 0 */
    uint32_t user_data;
    uint32_t user_data_high;
    uint64_t current_state;
    uint64_t event_state;
    uint64_t atr_size;
    unsigned char atr[33];
    unsigned char padding[7];
};

/*
 * pcsc-lite's functions in the form that winscard's unix side declares. Each checks that what it is given fits 32 bits
 * (else SCARD_E_INVALID_PARAMETER), calls libpcsclite.so.1, which is loaded when first needed (SCARD_E_NO_SERVICE where
 * it is not there), and returns what that returns.
 */
long wide_SCardEstablishContext(uint64_t scope, const void *reserved1, const void *reserved2, uint64_t *context);
long wide_SCardReleaseContext(uint64_t context);
long wide_SCardIsValidContext(uint64_t context);
long wide_SCardConnect(uint64_t context, const char *reader, uint64_t share, uint64_t protocols, uint64_t *handle,
        uint64_t *protocol);
long wide_SCardReconnect(uint64_t handle, uint64_t share, uint64_t protocols, uint64_t initialization,
        uint64_t *protocol);
long wide_SCardDisconnect(uint64_t handle, uint64_t disposition);
long wide_SCardBeginTransaction(uint64_t handle);
long wide_SCardEndTransaction(uint64_t handle, uint64_t disposition);
long wide_SCardStatus(uint64_t handle, char *names, uint64_t *names_size, uint64_t *state, uint64_t *protocol,
        unsigned char *atr, uint64_t *atr_size);
long wide_SCardGetStatusChange(uint64_t context, uint64_t timeout, struct wide_reader_state *wide, uint64_t count);
long wide_SCardControl(uint64_t handle, uint64_t code, const void *in, uint64_t in_size, void *out, uint64_t out_size,
        uint64_t *returned);
long wide_SCardTransmit(uint64_t handle, const struct wide_io_request *send, const unsigned char *command,
        uint64_t command_size, struct wide_io_request *receive, unsigned char *reply, uint64_t *reply_size);
long wide_SCardListReaderGroups(uint64_t context, char *groups, uint64_t *size);
long wide_SCardListReaders(uint64_t context, const char *groups, char *readers, uint64_t *size);
long wide_SCardCancel(uint64_t context);
long wide_SCardGetAttrib(uint64_t handle, uint64_t attribute, unsigned char *value, uint64_t *size);
long wide_SCardSetAttrib(uint64_t handle, uint64_t attribute, const unsigned char *value, uint64_t size);

/* One of them: pcsc-lite's name and what stands in for it. NULL ends the table. */
struct wide_function
{
    const char *name;
    void *function;
};

extern const struct wide_function wide_functions[];

/* What became of the attempt to mend winscard in this process. */
enum repair_result
{
    REPAIR_DONE = 0,        /* every call goes through the functions above now; scardssp.dll knows these two */
    REPAIR_DONE_BEFORE = 1,
    REPAIR_NO_WINSCARD,     /* winscard's unix side is not loaded */
    REPAIR_UNKNOWN_WINSCARD, /* it is not built as expected: nothing is changed */
    REPAIR_NO_MEMORY_ACCESS /* its table of functions cannot be written */
};

/*
 * Points the imports of the unix side of winscard that is loaded in this process (winscard.so) to the functions above.
 * No other module is touched, and no file.
 */
enum repair_result repair_winscard(void);

#endif
