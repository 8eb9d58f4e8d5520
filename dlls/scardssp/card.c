/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CSCard: a connection to a card in a reader, and the exchanges with it. */

#include <stdlib.h>
#include <string.h>

#include "scardssp_private.h"
#include "system/system.h"
#include "core/apdu.h"
#include "core/t0.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

struct card
{
    struct object object;
    HSCARDCONTEXT context;
    struct connection connection;   /* handle 0: not attached */
    HSCARDCONTEXT found_context;    /* in which FindCard made the connection that was taken over; else 0 */
    struct bytes reply;             /* empty but during an exchange; its memory is kept for the next */
};

static inline struct card *impl_from_ISCard(ISCard *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct card, object.IDispatch_iface);
}

const char bad_share_mode[] = "the share mode is neither EXCLUSIVE (1) nor SHARED (2)";
const char bad_protocol[] = "the protocol is not T0 (1), T1 (2), both (3) or RAW (255)";

BOOL is_share_mode(SCARD_SHARE_MODES mode)
{
    return mode == EXCLUSIVE || mode == SHARED;
}

BOOL is_protocol(SCARD_PROTOCOLS protocols)
{
    return protocols == T0 || protocols == T1 || protocols == (T0 | T1) || protocols == RAW;
}

static BOOL is_disposition(SCARD_DISPOSITIONS disposition)
{
    return disposition == LEAVE || disposition == RESET || disposition == UNPOWER || disposition == EJECT;
}

static const char bad_disposition[] = "the disposition is not LEAVE (0), RESET (1), UNPOWER (2) or EJECT (3)";

static const char no_protocol[] = "no protocol has been agreed on with the card, which is connected directly";

/* After these the connection, or the context, is of no use any more, as when the daemon was restarted. */
static BOOL is_connection_lost(HRESULT hr)
{
    return hr == SCARD_E_INVALID_HANDLE || hr == HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE)
            || hr == SCARD_E_READER_UNAVAILABLE || hr == SCARD_E_NO_SERVICE || hr == SCARD_E_SERVICE_STOPPED
            || hr == SCARD_F_COMM_ERROR;
}

/* Does to the card what a disposition says while the connection stays. */
static HRESULT apply_disposition(struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    HRESULT hr;

    if (disposition == LEAVE)
        return S_OK;
    if (FAILED(hr = winscard_begin_transaction(connection)))
        return hr;
    return winscard_end_transaction(connection, disposition);
}

/* Lets go of the present attachment, if any, also when winscard reports an error. A caller's handle stays connected. */
static HRESULT end_attachment(struct card *card, SCARD_DISPOSITIONS disposition)
{
    HRESULT hr;

    if (card->connection.is_own)
        hr = winscard_disconnect(&card->connection, card->context, disposition);
    else
    {
        /* First, because pcsc-lite ends no transaction of a handle whose card was reset. */
        winscard_end_locks(&card->connection, card->context);
        hr = apply_disposition(&card->connection, disposition);
        winscard_forget(&card->connection);
    }
    winscard_release_context(card->found_context);
    card->found_context = 0;
    return hr;
}

/* Field by field: the handle is read without the lock. */
static void set_connection(struct card *card, const struct connection *connection)
{
    card->connection.protocol = connection->protocol;
    card->connection.locks = connection->locks;
    card->connection.reader = connection->reader;
    card->connection.is_own = connection->is_own;
    card->connection.handle = connection->handle;
}

static HRESULT get_card_status(struct card *card, struct card_status *status)
{
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = winscard_status(&card->connection, status);
    LeaveCriticalSection(&card->object.lock);
    return hr;
}

/* ---- ISCard ---- */

static HRESULT WINAPI card_get_Atr(ISCard *iface, LPBYTEBUFFER *atr)
{
    struct card *card = impl_from_ISCard(iface);
    struct card_status status;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, atr);

    if (!atr)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *atr = NULL;
    if (SUCCEEDED(hr = get_card_status(card, &status)))
        hr = status.atr.size ? byte_buffer_create(status.atr.bytes, status.atr.size, atr) : SCARD_W_REMOVED_CARD;
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

/*
 * This and get_Context are what another thread needs to end a call that waits for a card: they wait for none, and so
 * not for the lock.
 */
static HRESULT WINAPI card_get_CardHandle(ISCard *iface, HSCARD *handle)
{
    struct card *card = impl_from_ISCard(iface);

    TRACE("%p, %p.\n", iface, handle);

    if (!handle)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *handle = *(volatile HSCARD *)&card->connection.handle;
    return S_OK;
}

static HRESULT WINAPI card_get_Context(ISCard *iface, HSCARDCONTEXT *context)
{
    struct card *card = impl_from_ISCard(iface);

    TRACE("%p, %p.\n", iface, context);

    if (!context)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *context = *(volatile HSCARDCONTEXT *)&card->context;
    return S_OK;
}

static HRESULT WINAPI card_get_Protocol(ISCard *iface, SCARD_PROTOCOLS *protocol)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p, %p.\n", iface, protocol);

    if (!protocol)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *protocol = 0;
    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle && SUCCEEDED(hr = winscard_learn_protocol(&card->connection)))
        *protocol = winscard_protocol(&card->connection);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, hr == SCARD_E_PROTO_MISMATCH ? no_protocol : NULL)
            : S_OK;
}

static HRESULT WINAPI card_get_Status(ISCard *iface, SCARD_STATES *state)
{
    struct card *card = impl_from_ISCard(iface);
    struct card_status status;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, state);

    if (!state)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *state = 0;
    if (FAILED(hr = get_card_status(card, &status)))
        return object_error(&card->object, __func__, hr, NULL);
    *state = status.state;
    return S_OK;
}

static HRESULT attach_handle(struct card *card, HSCARD handle)
{
    struct connection connection;
    LONG locks = card->connection.locks;
    HSCARDCONTEXT context;
    HRESULT hr;

    /*
     * Nobody can look at a card that another handle has locked: where that is ours, it ends first. So do the locks of
     * the same handle, because that may acknowledge a reset, after which there is more to be seen.
     */
    if (locks && (handle == card->connection.handle || winscard_is_locked_out(handle)))
        winscard_end_locks(&card->connection, card->context);
    if (FAILED(hr = winscard_adopt(handle, &connection)))
    {
        winscard_restore_locks(&card->connection, locks);
        return hr;
    }
    end_attachment(card, LEAVE);
    context = found_card_take(&connection);
    set_connection(card, &connection);
    card->found_context = context;
    return S_OK;
}

static HRESULT WINAPI card_AttachByHandle(ISCard *iface, HSCARD handle)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = S_OK;

    TRACE("%p, %#Ix.\n", iface, handle);

    EnterCriticalSection(&card->object.lock);
    /* A connection of our own stays our own. */
    if (!card->connection.is_own || handle != card->connection.handle)
        hr = attach_handle(card, handle);
    LeaveCriticalSection(&card->object.lock);
    if (hr == E_INVALIDARG)
        return object_error(&card->object, __func__, hr, "this is not a handle of a connected card");
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

/*
 * Makes a new connection, in a new context where the daemon behind the present one is gone.
 * context: 0 unless a new one was needed.
 */
static HRESULT connect_reader(struct card *card, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols, struct connection *connection, HSCARDCONTEXT *context)
{
    HRESULT hr = winscard_connect(card->context, reader, share_mode, protocols, connection);

    *context = 0;
    if (!is_connection_lost(hr))
        return hr;
    if (FAILED(hr = winscard_establish_context(context)))
        return hr;
    hr = winscard_connect(*context, reader, share_mode, protocols, connection);
    if (FAILED(hr))
    {
        winscard_release_context(*context);
        *context = 0;
    }
    return hr;
}

/* Attaches to another reader, or anew to the same; the old attachment stays when that fails. */
static HRESULT attach_new(struct card *card, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    HSCARDCONTEXT context, old_context = card->context;
    struct connection connection;
    HRESULT hr;

    if (FAILED(hr = connect_reader(card, reader, share_mode, protocols, &connection, &context)))
        return hr;
    end_attachment(card, LEAVE);
    if (context)
    {
        card->context = context;
        winscard_release_context(old_context);
    }
    set_connection(card, &connection);
    return S_OK;
}

/*
 * Attaches anew to the reader of a caller's handle that is locked: nobody, hence not we ourselves, can connect
 * meanwhile. The locks end first, unless it is known that it will fail, and begin anew with the connection that there
 * is then.
 */
static HRESULT attach_new_unlocked(struct card *card, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    SCARD_PROTOCOLS active = winscard_protocol(&card->connection);
    LONG locks = card->connection.locks;
    HRESULT hr, restored;
    struct atr atr;

    /* No lock of a card that is gone can be ended, and pcsc-lite waits for its end before it sees that. */
    if (winscard_get_reader_atr(card->context, reader, &atr) == S_FALSE)
        return SCARD_E_NO_SMARTCARD;
    if (share_mode == EXCLUSIVE || winscard_is_exclusive(card->context, &card->connection))
        return SCARD_E_SHARING_VIOLATION;
    if (protocols != RAW && active && !(protocols & active))
        return SCARD_E_PROTO_MISMATCH;
    winscard_end_locks(&card->connection, card->context);
    hr = attach_new(card, reader, share_mode, protocols);
    restored = winscard_restore_locks(&card->connection, locks);
    return FAILED(hr) ? hr : restored;
}

/* reader: its own name. The lock is held. */
static HRESULT attach_reader(struct card *card, const WCHAR *reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    BOOL is_same;
    HRESULT hr;

    /*
     * A second connection to the same reader would collide with an exclusive one of our own. A reader is the same only
     * by every character: a comparison of words takes names for equal that winscard does not.
     */
    is_same = card->connection.reader && !wcscmp(reader, card->connection.reader);
    if (is_same && card->connection.is_own)
        hr = winscard_reconnect(&card->connection, card->context, share_mode, protocols, LEAVE);
    else if (is_same && card->connection.locks)
        hr = attach_new_unlocked(card, reader, share_mode, protocols);
    else
        hr = attach_new(card, reader, share_mode, protocols);
    if (is_same && is_connection_lost(hr))
        hr = attach_new(card, reader, share_mode, protocols);
    return hr;
}

/* Aliases are looked up only for a name that no reader has. The lock is held. */
static HRESULT attach_named(struct card *card, const WCHAR *name, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    HRESULT hr = attach_reader(card, name, share_mode, protocols), found;
    WCHAR *reader;

    /* The latter is what pcsc-lite says of a name that is longer than those of its readers can be. */
    if (hr != SCARD_E_UNKNOWN_READER && hr != SCARD_E_INVALID_VALUE)
        return hr;
    if ((found = winscard_find_by_alias(name, &reader)) != S_OK)
        return FAILED(found) ? found : hr;
    hr = attach_reader(card, reader, share_mode, protocols);
    free(reader);
    return hr;
}

static HRESULT WINAPI card_AttachByReader(ISCard *iface, BSTR reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr;

    TRACE("%p, %s, %d, %#x.\n", iface, debugstr_w(reader), share_mode, protocols);

    if (!reader || !*reader)
        return object_error(&card->object, __func__, E_INVALIDARG, "the reader's name is empty");
    if (!is_share_mode(share_mode))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_share_mode);
    if (!is_protocol(protocols))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_protocol);

    EnterCriticalSection(&card->object.lock);
    hr = attach_named(card, reader, share_mode, protocols);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_Detach(ISCard *iface, SCARD_DISPOSITIONS disposition)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p, %d.\n", iface, disposition);

    if (!is_disposition(disposition))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_disposition);

    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = end_attachment(card, disposition);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_LockSCard(ISCard *iface)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p.\n", iface);

    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = winscard_begin_transaction(&card->connection);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_ReAttach(ISCard *iface, SCARD_SHARE_MODES share_mode, SCARD_DISPOSITIONS initialization)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p, %d, %d.\n", iface, share_mode, initialization);

    if (!is_share_mode(share_mode))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_share_mode);
    if (!is_disposition(initialization))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_disposition);

    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = winscard_reconnect(&card->connection, card->context, share_mode, 0, initialization);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

/* One exchange, asking for a reply of at most room bytes. */
static HRESULT exchange_apdu(struct card *card, const struct bytes *apdu, DWORD room)
{
    DWORD size = room;
    HRESULT hr = winscard_transmit(&card->connection, apdu->data, apdu->size, card->reply.data, &size);

    if (SUCCEEDED(hr) && size < 2)
        hr = SCARD_F_COMM_ERROR;
    card->reply.size = size;
    return hr;
}

/* As many exchanges as T=0 needs. */
static HRESULT exchange_t0(struct card *card, struct t0 *t0)
{
    enum t0_status status = T0_PROTOCOL_ERROR;
    size_t room;
    BYTE *reply;
    DWORD size;
    HRESULT hr;

    do
    {
        reply = t0_room(t0, &room);
        size = room;
        hr = winscard_transmit(&card->connection, t0->tpdu, t0->tpdu_size, reply, &size);
        if (SUCCEEDED(hr) && (status = t0_received(t0, size)) == T0_PROTOCOL_ERROR)
            hr = SCARD_F_COMM_ERROR;
    } while (SUCCEEDED(hr) && status == T0_SEND);

    card->reply.size = t0->reply_size;
    return hr;
}

/* All that can fail before the first byte is sent. The lock is held. */
static HRESULT prepare_exchange(struct card *card, const struct cmd_request *request, struct apdu *apdu,
        struct t0 *t0)
{
    const BYTE *alternate_cla = request->has_alternate_cla ? &request->alternate_cla : NULL;
    BOOL is_t0;
    HRESULT hr;

    if (!card->connection.handle)
        return SCARD_E_INVALID_HANDLE;
    if (FAILED(hr = winscard_learn_protocol(&card->connection)))
        return hr;
    if (!apdu_parse(apdu, request->apdu.data, request->apdu.size))
        return E_INVALIDARG;
    is_t0 = winscard_protocol(&card->connection) == T0;
    /* Only what is used of it becomes memory. */
    if (!bytes_reserve(&card->reply, is_t0 ? T0_REPLY_SIZE : apdu_reply_room(apdu)))
        return E_OUTOFMEMORY;
    return is_t0 && !t0_start(t0, apdu, alternate_cla, card->reply.data) ? E_INVALIDARG : S_OK;
}

/*
 * Sends the command and stores the reply in cmd. The old reply goes just before the first byte is sent: programs that
 * ignore an HRESULT would believe its 9000.
 */
static HRESULT exchange(struct card *card, ISCardCmd *iface, const struct cmd_request *request)
{
    struct cmd *cmd = unsafe_impl_from_ISCardCmd(iface);
    IByteBuffer *reply = NULL;
    struct apdu apdu;
    struct t0 t0;
    HRESULT hr;

    t0.reply = NULL; /* until it holds the command */
    EnterCriticalSection(&card->object.lock);
    hr = prepare_exchange(card, request, &apdu, &t0);
    if (SUCCEEDED(hr) && cmd)
        cmd_drop_reply(cmd);
    else if (SUCCEEDED(hr))
    {
        /* A foreign object is not called with the lock held; by the time it returns anything may have happened. */
        LeaveCriticalSection(&card->object.lock);
        if (SUCCEEDED(hr = byte_buffer_create(NULL, 0, &reply)))
            ISCardCmd_put_ApduReplyLength(iface, 0);
        EnterCriticalSection(&card->object.lock);
        if (SUCCEEDED(hr))
            hr = prepare_exchange(card, request, &apdu, &t0);
    }
    if (SUCCEEDED(hr))
    {
        if (winscard_protocol(&card->connection) == T0)
            hr = exchange_t0(card, &t0);
        else
            hr = exchange_apdu(card, &request->apdu, apdu_reply_room(&apdu));
        if (SUCCEEDED(hr) && cmd)
            cmd_take_reply(cmd, &card->reply);
        else if (SUCCEEDED(hr))
            byte_buffer_share(reply, &card->reply);
        bytes_resize(&card->reply, 0);
    }
    LeaveCriticalSection(&card->object.lock);
    if (t0.reply)
        t0_wipe(&t0);

    if (SUCCEEDED(hr) && !cmd)
        hr = ISCardCmd_put_ApduReply(iface, reply);
    if (reply)
        IByteBuffer_Release(reply);
    return hr;
}

static HRESULT WINAPI card_Transaction(ISCard *iface, LPSCARDCMD *cmd)
{
    struct card *card = impl_from_ISCard(iface);
    struct cmd_request request;
    char text[APDU_DESCRIPTION_SIZE];
    static LONG nad_warned;
    const char *cause = NULL;
    ISCardCmd *target;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, cmd);

    if (!cmd || !(target = *cmd))
        return object_error(&card->object, __func__, E_POINTER, NULL);

    ISCardCmd_AddRef(target);
    if (SUCCEEDED(hr = cmd_get_request(target, &request)))
    {
        TRACE("%s.\n", describe_apdu(request.apdu.data, request.apdu.size, text));
        if (request.nad && !InterlockedExchange(&nad_warned, TRUE))
            WARN("pcsc-lite has no channel for a node address; NAD %#x is not sent.\n", request.nad);
        hr = exchange(card, target, &request);
        if (hr == E_INVALIDARG)
            cause = "T=0 carries at most 255 bytes of data";
    }
    else if (hr == E_INVALIDARG)
        cause = "the command holds no APDU";
    bytes_clear(&request.apdu);
    ISCardCmd_Release(target);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, cause) : S_OK;
}

static HRESULT WINAPI card_UnlockSCard(ISCard *iface, SCARD_DISPOSITIONS disposition)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr;

    TRACE("%p, %d.\n", iface, disposition);

    if (!is_disposition(disposition))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_disposition);

    EnterCriticalSection(&card->object.lock);
    if (!card->connection.handle)
        hr = SCARD_E_INVALID_HANDLE;
    else if (!card->connection.locks)
        hr = SCARD_E_NOT_TRANSACTED;
    else
        hr = winscard_end_transaction(&card->connection, disposition);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static const ISCardVtbl card_vtbl =
{
    OBJECT_METHODS(ISCard),
    card_get_Atr,
    card_get_CardHandle,
    card_get_Context,
    card_get_Protocol,
    card_get_Status,
    card_AttachByHandle,
    card_AttachByReader,
    card_Detach,
    card_LockSCard,
    card_ReAttach,
    card_Transaction,
    card_UnlockSCard
};

static HRESULT card_init(struct object *object)
{
    struct card *card = CONTAINING_RECORD(object, struct card, object);

    return winscard_establish_context(&card->context);
}

static void card_destroy(struct object *object)
{
    struct card *card = CONTAINING_RECORD(object, struct card, object);

    end_attachment(card, LEAVE);
    winscard_release_context(card->context);
    bytes_clear(&card->reply);
}

static struct class_cache card_cache;

const struct class_desc card_class =
{
    .clsid = &CLSID_CSCard,
    .iid = &IID_ISCard,
    .name = L"SCard",
    .vtbl = &card_vtbl,
    .size = sizeof(struct card),
    .init = card_init,
    .destroy = card_destroy,
    .cache = &card_cache,
};
