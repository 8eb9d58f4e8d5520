/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CSCard: a connection to a card in a reader, and the exchanges with it. */

#include <stdlib.h>
#include <string.h>

#include "winscard_private.h"
#include "core/apdu.h"
#include "core/t0.h"
#include "core/wipe.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

struct card
{
    struct object object;
    HSCARDCONTEXT context;
    struct connection connection;   /* handle 0: not attached */
    WCHAR *reader;                  /* of a connection of our own; NULL: the handle is the caller's */
    LONG locks;                     /* LockSCard calls that no UnlockSCard has ended */
    BYTE *scratch;                  /* T0_REPLY_SIZE bytes for replies, once there was a transaction */
};

static inline struct card *impl_from_ISCard(ISCard *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct card, object.IDispatch_iface);
}

static BOOL is_disposition(SCARD_DISPOSITIONS disposition)
{
    return disposition == LEAVE || disposition == RESET || disposition == UNPOWER || disposition == EJECT;
}

static const char bad_disposition[] = "the disposition is not LEAVE (0), RESET (1), UNPOWER (2) or EJECT (3)";

/* After these the connection, or the context, is of no use any more, as when the daemon was restarted. */
static BOOL is_connection_lost(HRESULT hr)
{
    return hr == SCARD_E_INVALID_HANDLE || hr == HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE)
            || hr == SCARD_E_READER_UNAVAILABLE || hr == SCARD_E_NO_SERVICE || hr == SCARD_E_SERVICE_STOPPED
            || hr == SCARD_F_COMM_ERROR;
}

static void end_locks(struct card *card)
{
    for (; card->locks; card->locks--)
        winscard_end_transaction(&card->connection, LEAVE);
}

static void restore_locks(struct card *card, LONG locks)
{
    while (card->locks < locks && SUCCEEDED(winscard_begin_transaction(&card->connection)))
        card->locks++;
}

/* Lets go of the present attachment, if any. A caller's handle stays connected. */
static void release_attachment(struct card *card)
{
    end_locks(card);
    if (card->reader)
    {
        winscard_disconnect(&card->connection, LEAVE);
        free(card->reader);
        card->reader = NULL;
    }
    memset(&card->connection, 0, sizeof(card->connection));
}

/* ---- ISCard ---- */

static HRESULT WINAPI card_get_Atr(ISCard *iface, LPBYTEBUFFER *atr)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;
    struct card_status status;

    TRACE("%p, %p.\n", iface, atr);

    if (!atr)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *atr = NULL;
    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = winscard_status(&card->connection, &status);
    LeaveCriticalSection(&card->object.lock);
    if (SUCCEEDED(hr))
        hr = status.atr.size ? byte_buffer_create(status.atr.bytes, status.atr.size, atr) : SCARD_W_REMOVED_CARD;
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_get_CardHandle(ISCard *iface, HSCARD *handle)
{
    struct card *card = impl_from_ISCard(iface);

    TRACE("%p, %p.\n", iface, handle);

    if (!handle)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    EnterCriticalSection(&card->object.lock);
    *handle = card->connection.handle;
    LeaveCriticalSection(&card->object.lock);
    return S_OK;
}

static HRESULT WINAPI card_get_Context(ISCard *iface, HSCARDCONTEXT *context)
{
    struct card *card = impl_from_ISCard(iface);

    TRACE("%p, %p.\n", iface, context);

    if (!context)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    EnterCriticalSection(&card->object.lock);
    *context = card->context;
    LeaveCriticalSection(&card->object.lock);
    return S_OK;
}

static HRESULT WINAPI card_get_Protocol(ISCard *iface, SCARD_PROTOCOLS *protocol)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;
    struct card_status status;

    TRACE("%p, %p.\n", iface, protocol);

    if (!protocol)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *protocol = 0;
    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
    {
        /* A handle that was attached after its card was reset has no protocol until winscard can tell. */
        hr = winscard_protocol(&card->connection) ? S_OK : winscard_status(&card->connection, &status);
        if (SUCCEEDED(hr))
            *protocol = winscard_protocol(&card->connection);
    }
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_get_Status(ISCard *iface, SCARD_STATES *state)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;
    struct card_status status;

    TRACE("%p, %p.\n", iface, state);

    if (!state)
        return object_error(&card->object, __func__, E_POINTER, NULL);
    *state = 0;
    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle)
        hr = winscard_status(&card->connection, &status);
    LeaveCriticalSection(&card->object.lock);
    if (FAILED(hr))
        return object_error(&card->object, __func__, hr, NULL);
    *state = status.state;
    return S_OK;
}

static HRESULT WINAPI card_AttachByHandle(ISCard *iface, HSCARD handle)
{
    struct card *card = impl_from_ISCard(iface);
    struct connection connection;
    HRESULT hr = S_OK;
    LONG locks;

    TRACE("%p, %#Ix.\n", iface, handle);

    EnterCriticalSection(&card->object.lock);
    /* A connection of our own stays our own. */
    if (!card->reader || handle != card->connection.handle)
    {
        /* While we lock the card, pcsc-lite lets nobody look at it through another handle. */
        locks = card->locks;
        end_locks(card);
        if (SUCCEEDED(hr = winscard_adopt(handle, &connection)))
        {
            release_attachment(card);
            card->connection = connection;
        }
        else
            restore_locks(card, locks);
    }
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
    if (!is_connection_lost(hr) || FAILED(winscard_establish_context(context)))
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
    struct connection connection;
    HSCARDCONTEXT context;
    WCHAR *name;
    HRESULT hr;

    if (!(name = _wcsdup(reader)))
        return E_OUTOFMEMORY;
    if (FAILED(hr = connect_reader(card, reader, share_mode, protocols, &connection, &context)))
    {
        free(name);
        return hr;
    }
    release_attachment(card);
    if (context)
    {
        winscard_release_context(card->context);
        card->context = context;
    }
    card->connection = connection;
    card->reader = name;
    return S_OK;
}

/*
 * Reconnects. The locks stay, but where that makes the connection exclusive they end for a moment, and where it is
 * lost so is the attachment.
 */
static HRESULT reconnect(struct card *card, SCARD_SHARE_MODES share_mode, SCARD_PROTOCOLS protocols,
        SCARD_DISPOSITIONS initialization)
{
    LONG locks = card->locks;
    HRESULT hr;

    if (share_mode == EXCLUSIVE && !card->connection.exclusive && card->reader)
        end_locks(card);
    hr = winscard_reconnect(&card->connection, card->context, card->reader, share_mode, protocols, initialization);
    if (card->connection.handle)
        restore_locks(card, locks);
    else
    {
        free(card->reader);
        card->reader = NULL;
    }
    return hr;
}

static HRESULT WINAPI card_AttachByReader(ISCard *iface, BSTR reader, SCARD_SHARE_MODES share_mode,
        SCARD_PROTOCOLS protocols)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p, %s, %d, %#x.\n", iface, debugstr_w(reader), share_mode, protocols);

    if (!reader || !*reader)
        return object_error(&card->object, __func__, E_INVALIDARG, "the reader's name is empty");
    if (!is_share_mode(share_mode))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_share_mode);
    if (!is_protocol(protocols))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_protocol);

    EnterCriticalSection(&card->object.lock);
    /*
     * A second connection to the same reader would collide with an exclusive one of our own. A reader is the same only
     * by every character: a comparison of words takes names for equal that winscard does not.
     */
    if (card->reader && !wcscmp(reader, card->reader))
    {
        if (SUCCEEDED(hr = reconnect(card, share_mode, protocols, LEAVE)))
            end_locks(card);
    }
    if (is_connection_lost(hr))
        hr = attach_new(card, reader, share_mode, protocols);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

/* Does to the card what a disposition says while the connection stays. */
static HRESULT apply_disposition(const struct connection *connection, SCARD_DISPOSITIONS disposition)
{
    HRESULT hr;

    if (disposition == LEAVE)
        return S_OK;
    if (FAILED(hr = winscard_begin_transaction(connection)))
        return hr;
    return winscard_end_transaction(connection, disposition);
}

static HRESULT WINAPI card_Detach(ISCard *iface, SCARD_DISPOSITIONS disposition)
{
    struct card *card = impl_from_ISCard(iface);
    LONG locks;
    HRESULT hr;

    TRACE("%p, %d.\n", iface, disposition);

    if (!is_disposition(disposition))
        return object_error(&card->object, __func__, E_INVALIDARG, bad_disposition);

    EnterCriticalSection(&card->object.lock);
    /* First, because pcsc-lite ends no transaction of a handle whose card was reset. */
    locks = card->locks;
    end_locks(card);
    if (!card->connection.handle)
        hr = SCARD_E_INVALID_HANDLE;
    else if (card->reader)
    {
        hr = winscard_disconnect(&card->connection, disposition);
        free(card->reader);
        card->reader = NULL;
    }
    else if (SUCCEEDED(hr = apply_disposition(&card->connection, disposition)))
        release_attachment(card);
    else
        restore_locks(card, locks);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI card_LockSCard(ISCard *iface)
{
    struct card *card = impl_from_ISCard(iface);
    HRESULT hr = SCARD_E_INVALID_HANDLE;

    TRACE("%p.\n", iface);

    EnterCriticalSection(&card->object.lock);
    if (card->connection.handle && SUCCEEDED(hr = winscard_begin_transaction(&card->connection)))
        card->locks++;
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
        hr = reconnect(card, share_mode, 0, initialization);
    LeaveCriticalSection(&card->object.lock);
    return FAILED(hr) ? object_error(&card->object, __func__, hr, NULL) : S_OK;
}

/* One exchange, asking for a reply of at most room bytes, which is at card->scratch afterwards. */
static HRESULT exchange_apdu(struct card *card, const struct bytes *apdu, DWORD room, SIZE_T *reply_size)
{
    DWORD size = room;
    HRESULT hr = winscard_transmit(&card->connection, apdu->data, apdu->size, card->scratch, &size);

    if (SUCCEEDED(hr) && size < 2)
        hr = SCARD_F_COMM_ERROR;
    *reply_size = size;
    return hr;
}

/* As many exchanges as T=0 needs; the reply is at card->scratch. */
static HRESULT exchange_t0(struct card *card, struct t0 *t0, SIZE_T *reply_size)
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

    *reply_size = t0->reply_size;
    return hr;
}

/* All that can fail before the first byte is sent. The lock is held. */
static HRESULT prepare_exchange(struct card *card, const struct cmd_request *request, struct apdu *apdu,
        struct t0 *t0)
{
    const BYTE *alternate_cla = request->has_alternate_cla ? &request->alternate_cla : NULL;

    if (!card->connection.handle)
        return SCARD_E_INVALID_HANDLE;
    /* Only what is used of it becomes memory. */
    if (!card->scratch && !(card->scratch = VirtualAlloc(NULL, T0_REPLY_SIZE, MEM_COMMIT, PAGE_READWRITE)))
        return E_OUTOFMEMORY;
    if (!apdu_parse(apdu, request->apdu.data, request->apdu.size))
        return E_INVALIDARG;
    if (winscard_protocol(&card->connection) == T0 && !t0_start(t0, apdu, alternate_cla, card->scratch))
        return E_INVALIDARG;
    return S_OK;
}

/*
 * Sends the command and stores the reply in cmd. The old reply goes just before the first byte is sent: programs that
 * ignore an HRESULT would believe its 9000.
 */
static HRESULT exchange(struct card *card, ISCardCmd *iface, const struct cmd_request *request)
{
    struct cmd *cmd = unsafe_impl_from_ISCardCmd(iface);
    IByteBuffer *reply = NULL;
    SIZE_T reply_size = 0;
    struct apdu apdu;
    struct t0 t0;
    HRESULT hr;

    EnterCriticalSection(&card->object.lock);
    hr = prepare_exchange(card, request, &apdu, &t0);
    if (SUCCEEDED(hr) && cmd)
        cmd_drop_reply(cmd);
    else if (SUCCEEDED(hr))
    {
        /* A foreign object is not called with the lock held; by the time it returns anything may have happened. */
        LeaveCriticalSection(&card->object.lock);
        ISCardCmd_put_ApduReplyLength(iface, 0);
        EnterCriticalSection(&card->object.lock);
        hr = prepare_exchange(card, request, &apdu, &t0);
    }
    if (SUCCEEDED(hr))
    {
        if (winscard_protocol(&card->connection) == T0)
        {
            hr = exchange_t0(card, &t0, &reply_size);
            t0_wipe(&t0);
        }
        else
            hr = exchange_apdu(card, &request->apdu, apdu_reply_room(&apdu), &reply_size);
        if (SUCCEEDED(hr))
            hr = cmd ? cmd_set_reply(cmd, card->scratch, reply_size)
                    : byte_buffer_create(card->scratch, reply_size, &reply);
        core_wipe(card->scratch, reply_size);
    }
    LeaveCriticalSection(&card->object.lock);

    if (reply)
    {
        hr = ISCardCmd_put_ApduReply(iface, reply);
        IByteBuffer_Release(reply);
    }
    return hr;
}

static HRESULT WINAPI card_Transaction(ISCard *iface, LPSCARDCMD *cmd)
{
    struct card *card = impl_from_ISCard(iface);
    struct cmd_request request = {0};
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
    else if (!card->locks)
        hr = SCARD_E_NOT_TRANSACTED;
    else
    {
        hr = winscard_end_transaction(&card->connection, disposition);
        if (SUCCEEDED(hr) || hr == SCARD_E_NOT_TRANSACTED)
            card->locks--;
    }
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

    release_attachment(card);
    winscard_release_context(card->context);
    if (card->scratch)
        VirtualFree(card->scratch, 0, MEM_RELEASE);
}

const struct class_desc card_class =
{
    .index = CLASS_CARD,
    .clsid = &CLSID_CSCard,
    .iid = &IID_ISCard,
    .name = L"SCard",
    .vtbl = &card_vtbl,
    .size = sizeof(struct card),
    .init = card_init,
    .destroy = card_destroy,
};
