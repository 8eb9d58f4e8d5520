/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CSCardISO7816: builds the interindustry commands of ISO/IEC 7816-4, through ISCardCmd::BuildCmd. */

#include "scardssp_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

struct iso7816
{
    struct object object;
    BYTE cla;               /* of the commands to be built */
};

/* What a length of 0 means to a command that is given one. */
enum zero_length
{
    ZERO_IS_NO_LE,
    ZERO_IS_ALL             /* "Le only zeros": all there is, Ne = 256 */
};

enum data_rule
{
    DATA_OPTIONAL,          /* NULL: no data field */
    DATA_REQUIRED
};

struct builder
{
    BYTE ins;
    enum data_rule data;
    enum zero_length zero;
};

/* ISO/IEC 7816-4:1995 clause 6. */
static const struct builder
    erase_binary          = { 0x0e, DATA_OPTIONAL, ZERO_IS_NO_LE },
    verify                = { 0x20, DATA_OPTIONAL, ZERO_IS_NO_LE },
    manage_channel        = { 0x70, DATA_OPTIONAL, ZERO_IS_NO_LE },
    external_authenticate = { 0x82, DATA_OPTIONAL, ZERO_IS_NO_LE },
    get_challenge         = { 0x84, DATA_OPTIONAL, ZERO_IS_ALL },
    internal_authenticate = { 0x88, DATA_REQUIRED, ZERO_IS_NO_LE },
    select_file           = { 0xa4, DATA_OPTIONAL, ZERO_IS_NO_LE },
    read_binary           = { 0xb0, DATA_OPTIONAL, ZERO_IS_ALL },
    read_record           = { 0xb2, DATA_OPTIONAL, ZERO_IS_ALL },
    get_response          = { 0xc0, DATA_OPTIONAL, ZERO_IS_ALL },
    get_data              = { 0xca, DATA_OPTIONAL, ZERO_IS_ALL },
    write_binary          = { 0xd0, DATA_REQUIRED, ZERO_IS_NO_LE },
    write_record          = { 0xd2, DATA_REQUIRED, ZERO_IS_NO_LE },
    update_binary         = { 0xd6, DATA_REQUIRED, ZERO_IS_NO_LE },
    put_data              = { 0xda, DATA_REQUIRED, ZERO_IS_NO_LE },
    update_record         = { 0xdc, DATA_REQUIRED, ZERO_IS_NO_LE },
    append_record         = { 0xe2, DATA_REQUIRED, ZERO_IS_NO_LE };

static inline struct iso7816 *impl_from_ISCardISO7816(ISCardISO7816 *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct iso7816, object.IDispatch_iface);
}

/*
 * Builds a command in *cmd, which is created when it is NULL and may be anybody's implementation otherwise.
 * length: how many bytes the card is to return.
 */
static HRESULT build(ISCardISO7816 *iface, const char *method, const struct builder *builder, BYTE p1, BYTE p2,
        IByteBuffer *data, LONG length, ISCardCmd **cmd)
{
    struct iso7816 *iso7816 = impl_from_ISCardISO7816(iface);
    ISCardCmd *target;
    HRESULT hr;

    TRACE("%p, %s, %#x, %#x, %p, %ld, %p.\n", iface, method, p1, p2, data, length, cmd);

    if (!cmd || (!data && builder->data == DATA_REQUIRED))
        return object_error(&iso7816->object, method, E_POINTER, NULL);
    if (length < 0)
        return object_error(&iso7816->object, method, E_INVALIDARG, "the number of bytes is negative");
    if (!length && builder->zero == ZERO_IS_ALL)
        length = 256;

    if ((target = *cmd))
        ISCardCmd_AddRef(target);
    else if (FAILED(hr = cmd_create(&target)))
        return object_error(&iso7816->object, method, hr, NULL);

    hr = ISCardCmd_BuildCmd(target, iso7816->cla, builder->ins, p1, p2, data, &length);
    if (SUCCEEDED(hr) && !*cmd)
        *cmd = target;
    else
        ISCardCmd_Release(target);
    return FAILED(hr) ? object_error(&iso7816->object, method, hr, "the command could not be built") : S_OK;
}

static HRESULT WINAPI iso7816_AppendRecord(ISCardISO7816 *iface, BYTE ref_ctrl, LPBYTEBUFFER data, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &append_record, 0, ref_ctrl, data, 0, cmd);
}

static HRESULT WINAPI iso7816_EraseBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2, LPBYTEBUFFER data,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &erase_binary, p1, p2, data, 0, cmd);
}

static HRESULT WINAPI iso7816_ExternalAuthenticate(ISCardISO7816 *iface, BYTE algorithm, BYTE secret,
        LPBYTEBUFFER challenge, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &external_authenticate, algorithm, secret, challenge, 0, cmd);
}

static HRESULT WINAPI iso7816_GetChallenge(ISCardISO7816 *iface, LONG length, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &get_challenge, 0, 0, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_GetData(ISCardISO7816 *iface, BYTE p1, BYTE p2, LONG length, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &get_data, p1, p2, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_GetResponse(ISCardISO7816 *iface, BYTE p1, BYTE p2, LONG length, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &get_response, p1, p2, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_InternalAuthenticate(ISCardISO7816 *iface, BYTE algorithm, BYTE secret,
        LPBYTEBUFFER challenge, LONG length, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &internal_authenticate, algorithm, secret, challenge, length, cmd);
}

static HRESULT WINAPI iso7816_ManageChannel(ISCardISO7816 *iface, BYTE state, BYTE channel, LPSCARDCMD *cmd)
{
    /* Asked to open a channel of its own choice, the card answers with its number (7.1.2 of ISO/IEC 7816-4). */
    LONG length = !state && !channel ? 1 : 0;

    return build(iface, __func__, &manage_channel, state, channel, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_PutData(ISCardISO7816 *iface, BYTE p1, BYTE p2, LPBYTEBUFFER data, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &put_data, p1, p2, data, 0, cmd);
}

static HRESULT WINAPI iso7816_ReadBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2, LONG length, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &read_binary, p1, p2, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_ReadRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl, LONG length,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &read_record, record, ref_ctrl, NULL, length, cmd);
}

static HRESULT WINAPI iso7816_SelectFile(ISCardISO7816 *iface, BYTE p1, BYTE p2, LPBYTEBUFFER data, LONG length,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &select_file, p1, p2, data, length, cmd);
}

static HRESULT WINAPI iso7816_SetDefaultClassId(ISCardISO7816 *iface, BYTE cla)
{
    TRACE("%p, %#x.\n", iface, cla);

    impl_from_ISCardISO7816(iface)->cla = cla;
    return S_OK;
}

static HRESULT WINAPI iso7816_UpdateBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2, LPBYTEBUFFER data,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &update_binary, p1, p2, data, 0, cmd);
}

static HRESULT WINAPI iso7816_UpdateRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl, LPBYTEBUFFER data,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &update_record, record, ref_ctrl, data, 0, cmd);
}

static HRESULT WINAPI iso7816_Verify(ISCardISO7816 *iface, BYTE ref_ctrl, LPBYTEBUFFER data, LPSCARDCMD *cmd)
{
    return build(iface, __func__, &verify, 0, ref_ctrl, data, 0, cmd);
}

static HRESULT WINAPI iso7816_WriteBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2, LPBYTEBUFFER data,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &write_binary, p1, p2, data, 0, cmd);
}

static HRESULT WINAPI iso7816_WriteRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl, LPBYTEBUFFER data,
        LPSCARDCMD *cmd)
{
    return build(iface, __func__, &write_record, record, ref_ctrl, data, 0, cmd);
}

static const ISCardISO7816Vtbl iso7816_vtbl =
{
    OBJECT_METHODS(ISCardISO7816),
    iso7816_AppendRecord,
    iso7816_EraseBinary,
    iso7816_ExternalAuthenticate,
    iso7816_GetChallenge,
    iso7816_GetData,
    iso7816_GetResponse,
    iso7816_InternalAuthenticate,
    iso7816_ManageChannel,
    iso7816_PutData,
    iso7816_ReadBinary,
    iso7816_ReadRecord,
    iso7816_SelectFile,
    iso7816_SetDefaultClassId,
    iso7816_UpdateBinary,
    iso7816_UpdateRecord,
    iso7816_Verify,
    iso7816_WriteBinary,
    iso7816_WriteRecord
};

static struct class_cache iso7816_cache;

const struct class_desc iso7816_class =
{
    .clsid = &CLSID_CSCardISO7816,
    .iid = &IID_ISCardISO7816,
    .name = L"SCardISO7816",
    .vtbl = &iso7816_vtbl,
    .size = sizeof(struct iso7816),
    .cache = &iso7816_cache,
};
