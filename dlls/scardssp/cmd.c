/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CSCardCmd: a command APDU, its reply, and the T=1 addresses.
 *
 * The command is kept encoded, as it goes to the card; core/apdu.c takes it apart when a part is asked for.
 */

#include <stdio.h>
#include <string.h>

#include "scardssp_private.h"
#include "core/apdu.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

#define INS_ENVELOPE 0xc2

static const char data_too_long[] = "the data field would be longer than 65535 bytes";

struct cmd
{
    struct object object;
    struct bytes apdu;              /* empty: nothing built */
    struct bytes reply;             /* empty: no reply; else SW1 SW2 at the end */
    BYTE nad;
    BYTE reply_nad;
    BYTE alternate_cla;
    BOOL has_reply_nad;
    BOOL has_alternate_cla;
};

static const ISCardCmdVtbl cmd_vtbl;

static inline struct cmd *impl_from_ISCardCmd(ISCardCmd *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct cmd, object.IDispatch_iface);
}

struct cmd *unsafe_impl_from_ISCardCmd(ISCardCmd *iface)
{
    return iface->lpVtbl == &cmd_vtbl ? impl_from_ISCardCmd(iface) : NULL;
}

const char *describe_apdu(const BYTE *bytes, SIZE_T size, char text[APDU_DESCRIPTION_SIZE])
{
    struct apdu apdu;

    if (!apdu_parse(&apdu, bytes, size))
        return "no APDU";
    sprintf(text, "%02x %02x %02x %02x, Nc %u, Ne %u", apdu.cla, apdu.ins, apdu.p1, apdu.p2,
            (unsigned int)apdu.nc, (unsigned int)apdu.ne);
    return text;
}

/* The command taken apart; all zero when nothing is built. */
static struct apdu get_apdu(const struct cmd *cmd)
{
    struct apdu apdu = {0};

    if (cmd->apdu.size)
        apdu_parse(&apdu, cmd->apdu.data, cmd->apdu.size);
    return apdu;
}

/* Encodes apdu as the new command; FALSE without memory. apdu->data must not point into the present one. */
static BOOL set_apdu(struct cmd *cmd, const struct apdu *apdu)
{
    SIZE_T size = apdu_size(apdu);

    if (!bytes_resize(&cmd->apdu, size))
        return FALSE;
    apdu_encode(apdu, cmd->apdu.data);
    return TRUE;
}

static void drop_reply(struct cmd *cmd)
{
    bytes_resize(&cmd->reply, 0);
    cmd->has_reply_nad = FALSE;
}

void cmd_drop_reply(struct cmd *cmd)
{
    EnterCriticalSection(&cmd->object.lock);
    drop_reply(cmd);
    LeaveCriticalSection(&cmd->object.lock);
}

void cmd_take_reply(struct cmd *cmd, struct bytes *reply)
{
    EnterCriticalSection(&cmd->object.lock);
    bytes_take(&cmd->reply, reply);
    cmd->has_reply_nad = FALSE;
    LeaveCriticalSection(&cmd->object.lock);
}

static HRESULT get_own_request(struct cmd *cmd, struct cmd_request *request)
{
    EnterCriticalSection(&cmd->object.lock);
    bytes_share(&request->apdu, &cmd->apdu);
    request->nad = cmd->nad;
    request->has_alternate_cla = cmd->has_alternate_cla;
    request->alternate_cla = cmd->alternate_cla;
    LeaveCriticalSection(&cmd->object.lock);
    return S_OK;
}

static HRESULT get_foreign_request(ISCardCmd *iface, struct cmd_request *request)
{
    IByteBuffer *buffer = NULL;
    struct apdu apdu;
    HRESULT hr;

    if (FAILED(hr = ISCardCmd_get_Apdu(iface, &buffer)))
        return hr;
    if (!buffer)
        return E_INVALIDARG;
    hr = byte_buffer_read_all(buffer, APDU_MAX_SIZE, &request->apdu);
    IByteBuffer_Release(buffer);
    if (FAILED(hr))
        return hr;
    if (!apdu_parse(&apdu, request->apdu.data, request->apdu.size))
        return E_INVALIDARG;

    if (FAILED(ISCardCmd_get_Nad(iface, &request->nad)))
        request->nad = 0;
    request->has_alternate_cla = SUCCEEDED(ISCardCmd_get_AlternateClassId(iface, &request->alternate_cla));
    return S_OK;
}

HRESULT cmd_get_request(ISCardCmd *iface, struct cmd_request *request)
{
    struct cmd *cmd = unsafe_impl_from_ISCardCmd(iface);
    HRESULT hr;

    bytes_init(&request->apdu);
    request->nad = request->alternate_cla = 0;
    request->has_alternate_cla = FALSE;
    hr = cmd ? get_own_request(cmd, request) : get_foreign_request(iface, request);
    if (FAILED(hr))
        return hr;
    return request->apdu.size ? S_OK : E_INVALIDARG;
}

/* ---- parts of the command and the reply ---- */

/* Those that are numbers; the bytes of the header by their offset. */
enum part
{
    PART_CLA,
    PART_INS,
    PART_P1,
    PART_P2,
    PART_P3,
    PART_NE,
    PART_CASE,
    PART_SIZE,
    PART_NAD,
    PART_REPLY_SIZE,
    PART_STATUS             /* SW1 SW2; 0 without a reply */
};

static LONG get_part(struct cmd *cmd, enum part part)
{
    struct apdu apdu;
    LONG value = 0;

    EnterCriticalSection(&cmd->object.lock);
    switch (part)
    {
        case PART_CLA:
        case PART_INS:
        case PART_P1:
        case PART_P2:
            if (cmd->apdu.size)
                value = cmd->apdu.data[part];
            break;
        case PART_P3:
            apdu = get_apdu(cmd);
            value = apdu_p3(&apdu);
            break;
        case PART_NE:
            value = get_apdu(cmd).ne;
            break;
        case PART_CASE:
            apdu = get_apdu(cmd);
            value = apdu_case(&apdu);
            break;
        case PART_SIZE:
            value = cmd->apdu.size;
            break;
        case PART_NAD:
            value = cmd->nad;
            break;
        case PART_REPLY_SIZE:
            value = cmd->reply.size;
            break;
        case PART_STATUS:
            if (cmd->reply.size)
                value = cmd->reply.data[cmd->reply.size - 2] << 8 | cmd->reply.data[cmd->reply.size - 1];
            break;
    }
    LeaveCriticalSection(&cmd->object.lock);
    return value;
}

/* One byte of a part, which stands so many bits from its right end. */
static HRESULT get_byte(ISCardCmd *iface, const char *method, enum part part, unsigned int shift, BYTE *value)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %s, %p.\n", iface, method, value);

    if (!value)
        return object_error(&cmd->object, method, E_POINTER, NULL);
    *value = get_part(cmd, part) >> shift;
    return S_OK;
}

/* null: the error where there is nowhere to put it. */
static HRESULT get_size(ISCardCmd *iface, const char *method, enum part part, HRESULT null, LONG *size)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %s, %p.\n", iface, method, size);

    if (!size)
        return object_error(&cmd->object, method, null, null_pointer);
    *size = get_part(cmd, part);
    return S_OK;
}

/* A header byte of a command that is not built yet makes it one of case 1. */
static HRESULT put_header_byte(ISCardCmd *iface, const char *method, enum part part, BYTE value)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    BOOL built;

    TRACE("%p, %s, %#x.\n", iface, method, value);

    EnterCriticalSection(&cmd->object.lock);
    if ((built = bytes_resize(&cmd->apdu, max(cmd->apdu.size, APDU_HEADER_SIZE))))
        cmd->apdu.data[part] = value;
    LeaveCriticalSection(&cmd->object.lock);
    return built ? S_OK : object_error(&cmd->object, method, E_OUTOFMEMORY, NULL);
}

/* Hands out a run of bytes of the command. is_optional: NULL where it is empty. */
static HRESULT get_bytes(ISCardCmd *iface, const char *method, const struct bytes *bytes, BOOL is_optional,
        IByteBuffer **out)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    IByteBuffer *buffer = NULL;
    HRESULT hr = S_OK;

    TRACE("%p, %s, %p.\n", iface, method, out);

    if (!out)
        return object_error(&cmd->object, method, E_POINTER, NULL);
    *out = NULL;
    EnterCriticalSection(&cmd->object.lock);
    if (bytes->size || !is_optional)
        hr = byte_buffer_create(NULL, 0, &buffer);
    if (buffer)
        byte_buffer_share(buffer, bytes);
    LeaveCriticalSection(&cmd->object.lock);
    *out = buffer;
    return FAILED(hr) ? object_error(&cmd->object, method, hr, NULL) : S_OK;
}

/* ---- ISCardCmd ---- */

static HRESULT WINAPI cmd_get_Apdu(ISCardCmd *iface, LPBYTEBUFFER *out)
{
    return get_bytes(iface, __func__, &impl_from_ISCardCmd(iface)->apdu, FALSE, out);
}

static HRESULT WINAPI cmd_put_Apdu(ISCardCmd *iface, LPBYTEBUFFER buffer)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    const char *cause = "the buffer holds no APDU";
    char text[APDU_DESCRIPTION_SIZE];
    struct bytes content = {0};
    struct apdu apdu;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, buffer);

    if (!buffer)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    hr = byte_buffer_read_all(buffer, APDU_MAX_SIZE, &content);
    if (SUCCEEDED(hr) && !apdu_parse(&apdu, content.data, content.size))
        hr = E_INVALIDARG;
    if (SUCCEEDED(hr))
    {
        TRACE("%s.\n", describe_apdu(content.data, content.size, text));
        EnterCriticalSection(&cmd->object.lock);
        bytes_take(&cmd->apdu, &content);
        drop_reply(cmd);
        LeaveCriticalSection(&cmd->object.lock);
    }
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&cmd->object, __func__, hr, hr == E_INVALIDARG ? cause : NULL) : S_OK;
}

static HRESULT WINAPI cmd_get_ApduLength(ISCardCmd *iface, LONG *size)
{
    return get_size(iface, __func__, PART_SIZE, E_POINTER, size);
}

static HRESULT WINAPI cmd_get_ApduReply(ISCardCmd *iface, LPBYTEBUFFER *out)
{
    return get_bytes(iface, __func__, &impl_from_ISCardCmd(iface)->reply, TRUE, out);
}

static HRESULT WINAPI cmd_put_ApduReply(ISCardCmd *iface, LPBYTEBUFFER buffer)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    const char *cause = "a reply has 2 to 65538 bytes";
    struct bytes content = {0};
    HRESULT hr;

    TRACE("%p, %p.\n", iface, buffer);

    if (!buffer)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    hr = byte_buffer_read_all(buffer, APDU_MAX_REPLY, &content);
    if (SUCCEEDED(hr) && content.size < 2)
        hr = E_INVALIDARG;
    if (SUCCEEDED(hr))
        cmd_take_reply(cmd, &content);
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&cmd->object, __func__, hr, hr == E_INVALIDARG ? cause : NULL) : S_OK;
}

static HRESULT WINAPI cmd_get_ApduReplyLength(ISCardCmd *iface, LONG *size)
{
    return get_size(iface, __func__, PART_REPLY_SIZE, E_POINTER, size);
}

/* Cuts or zero-extends the data of a reply; the status word stays at the end. */
static BOOL resize_reply(struct bytes *reply, SIZE_T size)
{
    SIZE_T old_data_size = reply->size ? reply->size - 2 : 0;
    BYTE status[2] = {0};

    if (reply->size)
        memcpy(status, reply->data + old_data_size, sizeof(status));
    if (!bytes_resize(reply, size))
        return FALSE;
    if (size > old_data_size)
        memset(reply->data + old_data_size, 0, size - old_data_size);
    memcpy(reply->data + size - 2, status, sizeof(status));
    return TRUE;
}

static HRESULT WINAPI cmd_put_ApduReplyLength(ISCardCmd *iface, LONG size)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    BOOL resized = TRUE;

    TRACE("%p, %ld.\n", iface, size);

    if (size < 0 || size == 1 || size > APDU_MAX_REPLY)
        return object_error(&cmd->object, __func__, E_INVALIDARG, "the length is neither 0 nor 2 to 65538");
    EnterCriticalSection(&cmd->object.lock);
    if (size)
        resized = resize_reply(&cmd->reply, size);
    else
        drop_reply(cmd);
    LeaveCriticalSection(&cmd->object.lock);
    return resized ? S_OK : object_error(&cmd->object, __func__, E_OUTOFMEMORY, NULL);
}

static HRESULT WINAPI cmd_get_ClassId(ISCardCmd *iface, BYTE *value)
{
    return get_byte(iface, __func__, PART_CLA, 0, value);
}

static HRESULT WINAPI cmd_put_ClassId(ISCardCmd *iface, BYTE value)
{
    return put_header_byte(iface, __func__, PART_CLA, value);
}

static HRESULT WINAPI cmd_get_Data(ISCardCmd *iface, LPBYTEBUFFER *out)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    IByteBuffer *buffer;
    struct apdu apdu;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, out);

    if (!out)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    *out = NULL;
    EnterCriticalSection(&cmd->object.lock);
    apdu = get_apdu(cmd);
    hr = byte_buffer_create(apdu.data, apdu.nc, &buffer);
    LeaveCriticalSection(&cmd->object.lock);
    *out = buffer;
    return FAILED(hr) ? object_error(&cmd->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI cmd_put_Data(ISCardCmd *iface, LPBYTEBUFFER buffer)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    struct bytes content = {0};
    struct apdu apdu;
    HRESULT hr;

    TRACE("%p, %p.\n", iface, buffer);

    if (!buffer)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    hr = byte_buffer_read_all(buffer, APDU_MAX_NC, &content);
    if (SUCCEEDED(hr))
    {
        EnterCriticalSection(&cmd->object.lock);
        apdu = get_apdu(cmd);
        apdu.data = content.data;
        apdu.nc = content.size;
        if (!set_apdu(cmd, &apdu))
            hr = E_OUTOFMEMORY;
        LeaveCriticalSection(&cmd->object.lock);
    }
    bytes_clear(&content);
    if (FAILED(hr))
        return object_error(&cmd->object, __func__, hr, hr == E_INVALIDARG ? data_too_long : NULL);
    return S_OK;
}

static HRESULT WINAPI cmd_get_InstructionId(ISCardCmd *iface, BYTE *value)
{
    return get_byte(iface, __func__, PART_INS, 0, value);
}

static HRESULT WINAPI cmd_put_InstructionId(ISCardCmd *iface, BYTE value)
{
    return put_header_byte(iface, __func__, PART_INS, value);
}

static HRESULT WINAPI cmd_get_LeField(ISCardCmd *iface, LONG *size)
{
    return get_size(iface, __func__, PART_NE, E_INVALIDARG, size);
}

static HRESULT WINAPI cmd_get_P1(ISCardCmd *iface, BYTE *value)
{
    return get_byte(iface, __func__, PART_P1, 0, value);
}

static HRESULT WINAPI cmd_put_P1(ISCardCmd *iface, BYTE value)
{
    return put_header_byte(iface, __func__, PART_P1, value);
}

static HRESULT WINAPI cmd_get_P2(ISCardCmd *iface, BYTE *value)
{
    return get_byte(iface, __func__, PART_P2, 0, value);
}

static HRESULT WINAPI cmd_put_P2(ISCardCmd *iface, BYTE value)
{
    return put_header_byte(iface, __func__, PART_P2, value);
}

static HRESULT WINAPI cmd_get_P3(ISCardCmd *iface, BYTE *value)
{
    return get_byte(iface, __func__, PART_P3, 0, value);
}

static HRESULT WINAPI cmd_get_ReplyStatus(ISCardCmd *iface, WORD *status)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %p.\n", iface, status);

    if (!status)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    *status = get_part(cmd, PART_STATUS);
    return S_OK;
}

static HRESULT WINAPI cmd_put_ReplyStatus(ISCardCmd *iface, WORD status)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    BOOL set;

    TRACE("%p, %#x.\n", iface, status);

    EnterCriticalSection(&cmd->object.lock);
    if ((set = bytes_resize(&cmd->reply, max(cmd->reply.size, 2))))
    {
        cmd->reply.data[cmd->reply.size - 2] = status >> 8;
        cmd->reply.data[cmd->reply.size - 1] = status & 0xff;
    }
    LeaveCriticalSection(&cmd->object.lock);
    return set ? S_OK : object_error(&cmd->object, __func__, E_OUTOFMEMORY, NULL);
}

static HRESULT WINAPI cmd_get_ReplyStatusSW1(ISCardCmd *iface, BYTE *sw1)
{
    return get_byte(iface, __func__, PART_STATUS, 8, sw1);
}

static HRESULT WINAPI cmd_get_ReplyStatusSW2(ISCardCmd *iface, BYTE *sw2)
{
    return get_byte(iface, __func__, PART_STATUS, 0, sw2);
}

static HRESULT WINAPI cmd_get_Type(ISCardCmd *iface, ISO_APDU_TYPE *type)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %p.\n", iface, type);

    if (!type)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    *type = get_part(cmd, PART_CASE);
    return S_OK;
}

static HRESULT WINAPI cmd_get_Nad(ISCardCmd *iface, BYTE *nad)
{
    return get_byte(iface, __func__, PART_NAD, 0, nad);
}

static HRESULT WINAPI cmd_put_Nad(ISCardCmd *iface, BYTE nad)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %#x.\n", iface, nad);

    cmd->nad = nad;
    return S_OK;
}

/* An address or a class that is E_ACCESSDENIED while nobody has put it. */
static HRESULT get_optional_byte(struct cmd *cmd, const char *method, const BYTE *field, const BOOL *is_set,
        BYTE *value)
{
    BOOL set;

    TRACE("%p, %s, %p.\n", cmd, method, value);

    if (!value)
        return object_error(&cmd->object, method, E_INVALIDARG, null_pointer);
    EnterCriticalSection(&cmd->object.lock);
    set = *is_set;
    *value = set ? *field : 0;
    LeaveCriticalSection(&cmd->object.lock);
    return set ? S_OK : object_error(&cmd->object, method, E_ACCESSDENIED, NULL);
}

static HRESULT WINAPI cmd_get_ReplyNad(ISCardCmd *iface, BYTE *nad)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    return get_optional_byte(cmd, __func__, &cmd->reply_nad, &cmd->has_reply_nad, nad);
}

static HRESULT WINAPI cmd_put_ReplyNad(ISCardCmd *iface, BYTE nad)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %#x.\n", iface, nad);

    EnterCriticalSection(&cmd->object.lock);
    cmd->reply_nad = nad;
    cmd->has_reply_nad = TRUE;
    LeaveCriticalSection(&cmd->object.lock);
    return S_OK;
}

static HRESULT WINAPI cmd_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1, BYTE p2, LPBYTEBUFFER data,
        LONG *le)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    struct apdu apdu = { .cla = cla, .ins = ins, .p1 = p1, .p2 = p2 };
    char text[APDU_DESCRIPTION_SIZE];
    struct bytes content;
    HRESULT hr = S_OK;

    TRACE("%p, %#x, %#x, %#x, %#x, %p, %p.\n", iface, cla, ins, p1, p2, data, le);

    bytes_init(&content);

    if (le && (*le < 0 || *le > APDU_MAX_NE))
        return object_error(&cmd->object, __func__, E_INVALIDARG, "the expected length is not 0 to 65536");
    if (data && FAILED(hr = byte_buffer_read_all(data, APDU_MAX_NC, &content)))
    {
        bytes_clear(&content);
        return object_error(&cmd->object, __func__, hr, hr == E_INVALIDARG ? data_too_long : NULL);
    }
    apdu.data = content.data;
    apdu.nc = content.size;
    apdu.ne = le ? *le : 0;

    EnterCriticalSection(&cmd->object.lock);
    if (set_apdu(cmd, &apdu))
    {
        TRACE("%s.\n", describe_apdu(cmd->apdu.data, cmd->apdu.size, text));
        drop_reply(cmd);
    }
    else
        hr = E_OUTOFMEMORY;
    LeaveCriticalSection(&cmd->object.lock);
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&cmd->object, __func__, hr, NULL) : S_OK;
}

static HRESULT WINAPI cmd_Clear(ISCardCmd *iface)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p.\n", iface);

    EnterCriticalSection(&cmd->object.lock);
    bytes_resize(&cmd->apdu, 0);
    drop_reply(cmd);
    LeaveCriticalSection(&cmd->object.lock);
    return S_OK;
}

static HRESULT WINAPI cmd_Encapsulate(ISCardCmd *iface, LPBYTEBUFFER buffer, ISO_APDU_TYPE type)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);
    struct apdu apdu, encapsulated;
    struct bytes content = {0};
    const char *cause = NULL;
    HRESULT hr;

    TRACE("%p, %p, %d.\n", iface, buffer, type);

    if (!buffer)
        return object_error(&cmd->object, __func__, E_POINTER, NULL);
    if (type < ISO_CASE_1 || type > ISO_CASE_4)
        return object_error(&cmd->object, __func__, E_INVALIDARG, "the case is not 1 to 4");
    hr = byte_buffer_read_all(buffer, APDU_MAX_NC, &content);
    if (hr == E_INVALIDARG)
        cause = data_too_long;
    else if (SUCCEEDED(hr) && !apdu_parse(&encapsulated, content.data, content.size))
    {
        hr = E_INVALIDARG;
        cause = "the buffer holds no APDU";
    }
    if (SUCCEEDED(hr))
    {
        EnterCriticalSection(&cmd->object.lock);
        apdu = get_apdu(cmd);
        if (!apdu.ins)
        {
            apdu.cla = encapsulated.cla;
            apdu.ins = INS_ENVELOPE;
            apdu.p1 = apdu.p2 = 0;
        }
        apdu.data = content.data;
        apdu.nc = content.size;
        apdu.ne = type == ISO_CASE_2 || type == ISO_CASE_4 ? 256 : 0;
        if (!set_apdu(cmd, &apdu))
            hr = E_OUTOFMEMORY;
        LeaveCriticalSection(&cmd->object.lock);
    }
    bytes_clear(&content);
    return FAILED(hr) ? object_error(&cmd->object, __func__, hr, cause) : S_OK;
}

static HRESULT WINAPI cmd_get_AlternateClassId(ISCardCmd *iface, BYTE *cla)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    return get_optional_byte(cmd, __func__, &cmd->alternate_cla, &cmd->has_alternate_cla, cla);
}

static HRESULT WINAPI cmd_put_AlternateClassId(ISCardCmd *iface, BYTE cla)
{
    struct cmd *cmd = impl_from_ISCardCmd(iface);

    TRACE("%p, %#x.\n", iface, cla);

    EnterCriticalSection(&cmd->object.lock);
    cmd->alternate_cla = cla;
    cmd->has_alternate_cla = TRUE;
    LeaveCriticalSection(&cmd->object.lock);
    return S_OK;
}

static const ISCardCmdVtbl cmd_vtbl =
{
    OBJECT_METHODS(ISCardCmd),
    cmd_get_Apdu,
    cmd_put_Apdu,
    cmd_get_ApduLength,
    cmd_get_ApduReply,
    cmd_put_ApduReply,
    cmd_get_ApduReplyLength,
    cmd_put_ApduReplyLength,
    cmd_get_ClassId,
    cmd_put_ClassId,
    cmd_get_Data,
    cmd_put_Data,
    cmd_get_InstructionId,
    cmd_put_InstructionId,
    cmd_get_LeField,
    cmd_get_P1,
    cmd_put_P1,
    cmd_get_P2,
    cmd_put_P2,
    cmd_get_P3,
    cmd_get_ReplyStatus,
    cmd_put_ReplyStatus,
    cmd_get_ReplyStatusSW1,
    cmd_get_ReplyStatusSW2,
    cmd_get_Type,
    cmd_get_Nad,
    cmd_put_Nad,
    cmd_get_ReplyNad,
    cmd_put_ReplyNad,
    cmd_BuildCmd,
    cmd_Clear,
    cmd_Encapsulate,
    cmd_get_AlternateClassId,
    cmd_put_AlternateClassId
};

static void cmd_destroy(struct object *object)
{
    struct cmd *cmd = CONTAINING_RECORD(object, struct cmd, object);

    bytes_clear(&cmd->apdu);
    bytes_clear(&cmd->reply);
}

static struct class_cache cmd_cache;

const struct class_desc cmd_class =
{
    .clsid = &CLSID_CSCardCmd,
    .iid = &IID_ISCardCmd,
    .name = L"SCardCmd",
    .vtbl = &cmd_vtbl,
    .size = sizeof(struct cmd),
    .destroy = cmd_destroy,
    .cache = &cmd_cache,
};

HRESULT cmd_create(ISCardCmd **out)
{
    return object_create(&cmd_class, NULL, &IID_ISCardCmd, (void **)out);
}
