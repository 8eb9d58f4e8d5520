/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pcsc-lite's functions with integers of 64 bits, on top of those with 32. */

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#include "pcsc32.h"

_Static_assert(sizeof(DWORD) == 4 && sizeof(SCARDHANDLE) == 4, "this is about the 32-bit pcsc-lite");
_Static_assert(sizeof(struct wide_reader_state) == 80, "Wine's reader state");

/* The library's own functions, by the types that its header declares. */
static struct
{
    __typeof__(&SCardEstablishContext) establish_context;
    __typeof__(&SCardReleaseContext) release_context;
    __typeof__(&SCardIsValidContext) is_valid_context;
    __typeof__(&SCardConnect) connect;
    __typeof__(&SCardReconnect) reconnect;
    __typeof__(&SCardDisconnect) disconnect;
    __typeof__(&SCardBeginTransaction) begin_transaction;
    __typeof__(&SCardEndTransaction) end_transaction;
    __typeof__(&SCardStatus) status;
    __typeof__(&SCardGetStatusChange) get_status_change;
    __typeof__(&SCardControl) control;
    __typeof__(&SCardTransmit) transmit;
    __typeof__(&SCardListReaderGroups) list_reader_groups;
    __typeof__(&SCardListReaders) list_readers;
    __typeof__(&SCardCancel) cancel;
    __typeof__(&SCardGetAttrib) get_attrib;
    __typeof__(&SCardSetAttrib) set_attrib;
} pcsclite;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded;

static void load(void)
{
    static const struct
    {
        const char *name;
        void *place;
    } symbols[] =
    {
        { "SCardEstablishContext", &pcsclite.establish_context },
        { "SCardReleaseContext", &pcsclite.release_context },
        { "SCardIsValidContext", &pcsclite.is_valid_context },
        { "SCardConnect", &pcsclite.connect },
        { "SCardReconnect", &pcsclite.reconnect },
        { "SCardDisconnect", &pcsclite.disconnect },
        { "SCardBeginTransaction", &pcsclite.begin_transaction },
        { "SCardEndTransaction", &pcsclite.end_transaction },
        { "SCardStatus", &pcsclite.status },
        { "SCardGetStatusChange", &pcsclite.get_status_change },
        { "SCardControl", &pcsclite.control },
        { "SCardTransmit", &pcsclite.transmit },
        { "SCardListReaderGroups", &pcsclite.list_reader_groups },
        { "SCardListReaders", &pcsclite.list_readers },
        { "SCardCancel", &pcsclite.cancel },
        { "SCardGetAttrib", &pcsclite.get_attrib },
        { "SCardSetAttrib", &pcsclite.set_attrib },
    };
    void *library = dlopen("libpcsclite.so.1", RTLD_NOW | RTLD_LOCAL), *symbol;
    unsigned int i;

    if (!library)
        return;
    for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
    {
        if (!(symbol = dlsym(library, symbols[i].name)))
            return;
        memcpy(symbols[i].place, &symbol, sizeof(symbol));
    }
    is_loaded = 1;
}

/* Whether the library is there and the numbers fit 32 bits. */
static LONG check(const uint64_t *numbers, size_t count)
{
    while (count--)
    {
        if (numbers[count] > UINT32_MAX)
            return SCARD_E_INVALID_PARAMETER;
    }
    pthread_once(&once, load);
    return is_loaded ? SCARD_S_SUCCESS : SCARD_E_NO_SERVICE;
}

#define CHECK(...) check((const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* The handles of pcsc-lite are LONGs here; to winscard they are numbers without a sign. */
static uint64_t widen(LONG handle)
{
    return (uint32_t)handle;
}

LONG wide_SCardEstablishContext(uint64_t scope, const void *reserved1, const void *reserved2, uint64_t *context)
{
    SCARDCONTEXT narrow = 0;
    LONG rc;

    /* A caller with integers of 32 bits has its pointer to the context where the second reserved one is. */
    if (reserved1 || reserved2 || !context)
        return SCARD_E_INVALID_PARAMETER;
    if ((rc = CHECK(scope)))
        return rc;
    rc = pcsclite.establish_context(scope, NULL, NULL, &narrow);
    *context = widen(narrow);
    return rc;
}

LONG wide_SCardReleaseContext(uint64_t context)
{
    LONG rc = CHECK(context);

    return rc ? rc : pcsclite.release_context(context);
}

LONG wide_SCardIsValidContext(uint64_t context)
{
    LONG rc = CHECK(context);

    return rc ? rc : pcsclite.is_valid_context(context);
}

LONG wide_SCardConnect(uint64_t context, const char *reader, uint64_t share, uint64_t protocols,
        uint64_t *handle, uint64_t *protocol)
{
    SCARDHANDLE narrow_handle = 0;
    DWORD narrow_protocol = 0;
    LONG rc = CHECK(context, share, protocols);

    if (rc)
        return rc;
    rc = pcsclite.connect(context, reader, share, protocols, handle ? &narrow_handle : NULL,
            protocol ? &narrow_protocol : NULL);
    if (handle)
        *handle = widen(narrow_handle);
    if (protocol)
        *protocol = narrow_protocol;
    return rc;
}

LONG wide_SCardReconnect(uint64_t handle, uint64_t share, uint64_t protocols, uint64_t initialization,
        uint64_t *protocol)
{
    DWORD narrow_protocol = 0;
    LONG rc = CHECK(handle, share, protocols, initialization);

    if (rc)
        return rc;
    rc = pcsclite.reconnect(handle, share, protocols, initialization, protocol ? &narrow_protocol : NULL);
    if (protocol)
        *protocol = narrow_protocol;
    return rc;
}

LONG wide_SCardDisconnect(uint64_t handle, uint64_t disposition)
{
    LONG rc = CHECK(handle, disposition);

    return rc ? rc : pcsclite.disconnect(handle, disposition);
}

LONG wide_SCardBeginTransaction(uint64_t handle)
{
    LONG rc = CHECK(handle);

    return rc ? rc : pcsclite.begin_transaction(handle);
}

LONG wide_SCardEndTransaction(uint64_t handle, uint64_t disposition)
{
    LONG rc = CHECK(handle, disposition);

    return rc ? rc : pcsclite.end_transaction(handle, disposition);
}

/* The size of a buffer; of none, winscard leaves it undefined. */
static uint64_t size_of(const void *buffer, const uint64_t *size)
{
    return buffer && size ? *size : 0;
}

LONG wide_SCardStatus(uint64_t handle, char *names, uint64_t *names_size, uint64_t *state, uint64_t *protocol,
        unsigned char *atr, uint64_t *atr_size)
{
    DWORD narrow_names_size = size_of(names, names_size), narrow_atr_size = size_of(atr, atr_size);
    DWORD narrow_state = 0, narrow_protocol = 0;
    LONG rc = CHECK(handle, size_of(names, names_size), size_of(atr, atr_size));

    if (rc)
        return rc;
    rc = pcsclite.status(handle, names, names_size ? &narrow_names_size : NULL, state ? &narrow_state : NULL,
            protocol ? &narrow_protocol : NULL, atr, atr_size ? &narrow_atr_size : NULL);
    if (names_size)
        *names_size = narrow_names_size;
    if (state)
        *state = narrow_state;
    if (protocol)
        *protocol = narrow_protocol;
    if (atr_size)
        *atr_size = narrow_atr_size;
    return rc;
}

/* FALSE: it does not fit, or is laid out otherwise than it was measured. */
static int narrow_state(const struct wide_reader_state *wide, SCARD_READERSTATE *state)
{
    if (wide->reader_high || wide->current_state > UINT32_MAX || wide->event_state > UINT32_MAX
            || wide->atr_size > sizeof(state->rgbAtr))
        return 0;
    state->szReader = (const char *)(uintptr_t)wide->reader;
    state->dwCurrentState = wide->current_state;
    state->dwEventState = wide->event_state;
    state->cbAtr = wide->atr_size;
    memcpy(state->rgbAtr, wide->atr, state->cbAtr);
    return 1;
}

static void widen_state(const SCARD_READERSTATE *state, struct wide_reader_state *wide)
{
    wide->current_state = state->dwCurrentState;
    wide->event_state = state->dwEventState;
    wide->atr_size = state->cbAtr <= sizeof(wide->atr) ? state->cbAtr : 0;
    memcpy(wide->atr, state->rgbAtr, wide->atr_size);
}

/* As many readers as the caller has: how many pcsc-lite takes is its own affair. */
LONG wide_SCardGetStatusChange(uint64_t context, uint64_t timeout, struct wide_reader_state *wide,
        uint64_t count)
{
    LONG rc = CHECK(context, timeout, count);
    SCARD_READERSTATE *states = NULL;
    uint64_t i;

    if (rc)
        return rc;
    if (count && !wide)
        return SCARD_E_INVALID_PARAMETER;
    if (count && !(states = calloc(count, sizeof(*states))))
        return SCARD_E_NO_MEMORY;
    for (i = 0; i < count && !rc; i++)
    {
        if (!narrow_state(&wide[i], &states[i]))
            rc = SCARD_E_INVALID_PARAMETER;
    }
    if (!rc)
    {
        rc = pcsclite.get_status_change(context, timeout, states, count);
        for (i = 0; i < count; i++)
            widen_state(&states[i], &wide[i]);
    }
    free(states);
    return rc;
}

LONG wide_SCardControl(uint64_t handle, uint64_t code, const void *in, uint64_t in_size, void *out,
        uint64_t out_size, uint64_t *returned)
{
    DWORD narrow_returned = 0;
    LONG rc = CHECK(handle, code, in_size, out_size);

    if (rc)
        return rc;
    rc = pcsclite.control(handle, code, in, in_size, out, out_size, returned ? &narrow_returned : NULL);
    if (returned)
        *returned = narrow_returned;
    return rc;
}

LONG wide_SCardTransmit(uint64_t handle, const struct wide_io_request *send, const unsigned char *command,
        uint64_t command_size, struct wide_io_request *receive, unsigned char *reply, uint64_t *reply_size)
{
    SCARD_IO_REQUEST narrow_send = { 0, sizeof(narrow_send) }, narrow_receive = { 0, sizeof(narrow_receive) };
    DWORD narrow_size = size_of(reply, reply_size);
    LONG rc = CHECK(handle, send ? send->protocol : 0, command_size, size_of(reply, reply_size));

    if (rc)
        return rc;
    if (send)
        narrow_send.dwProtocol = narrow_receive.dwProtocol = send->protocol; /* what winscard receives into is unset */
    rc = pcsclite.transmit(handle, send ? &narrow_send : NULL, command, command_size, receive ? &narrow_receive : NULL,
            reply, reply_size ? &narrow_size : NULL);
    if (receive)
        receive->protocol = narrow_receive.dwProtocol;
    if (reply_size)
        *reply_size = narrow_size;
    return rc;
}

LONG wide_SCardListReaderGroups(uint64_t context, char *groups, uint64_t *size)
{
    DWORD narrow_size = size_of(groups, size);
    LONG rc = CHECK(context, size_of(groups, size));

    if (rc)
        return rc;
    rc = pcsclite.list_reader_groups(context, groups, size ? &narrow_size : NULL);
    if (size)
        *size = narrow_size;
    return rc;
}

LONG wide_SCardListReaders(uint64_t context, const char *groups, char *readers, uint64_t *size)
{
    DWORD narrow_size = size_of(readers, size);
    LONG rc = CHECK(context, size_of(readers, size));

    if (rc)
        return rc;
    rc = pcsclite.list_readers(context, groups, readers, size ? &narrow_size : NULL);
    if (size)
        *size = narrow_size;
    return rc;
}

LONG wide_SCardCancel(uint64_t context)
{
    LONG rc = CHECK(context);

    return rc ? rc : pcsclite.cancel(context);
}

LONG wide_SCardGetAttrib(uint64_t handle, uint64_t attribute, unsigned char *value, uint64_t *size)
{
    DWORD narrow_size = size_of(value, size);
    LONG rc = CHECK(handle, attribute, size_of(value, size));

    if (rc)
        return rc;
    rc = pcsclite.get_attrib(handle, attribute, value, size ? &narrow_size : NULL);
    if (size)
        *size = narrow_size;
    return rc;
}

LONG wide_SCardSetAttrib(uint64_t handle, uint64_t attribute, const unsigned char *value, uint64_t size)
{
    LONG rc = CHECK(handle, attribute, size);

    return rc ? rc : pcsclite.set_attrib(handle, attribute, value, size);
}

const struct wide_function wide_functions[] =
{
    { "SCardEstablishContext", wide_SCardEstablishContext },
    { "SCardReleaseContext", wide_SCardReleaseContext },
    { "SCardIsValidContext", wide_SCardIsValidContext },
    { "SCardConnect", wide_SCardConnect },
    { "SCardReconnect", wide_SCardReconnect },
    { "SCardDisconnect", wide_SCardDisconnect },
    { "SCardBeginTransaction", wide_SCardBeginTransaction },
    { "SCardEndTransaction", wide_SCardEndTransaction },
    { "SCardStatus", wide_SCardStatus },
    { "SCardGetStatusChange", wide_SCardGetStatusChange },
    { "SCardControl", wide_SCardControl },
    { "SCardTransmit", wide_SCardTransmit },
    { "SCardListReaderGroups", wide_SCardListReaderGroups },
    { "SCardListReaders", wide_SCardListReaders },
    { "SCardCancel", wide_SCardCancel },
    { "SCardGetAttrib", wide_SCardGetAttrib },
    { "SCardSetAttrib", wide_SCardSetAttrib },
    { NULL, NULL }
};
