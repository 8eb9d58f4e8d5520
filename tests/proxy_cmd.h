/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An ISCardCmd of another implementation, for what must use a command through its interface alone.
 */

#ifndef SCARDSSP_TESTS_PROXY_CMD_H
#define SCARDSSP_TESTS_PROXY_CMD_H

#include <windows.h>
#include "common.h"

/* Every member is passed on to an inner command, which is not aggregated. */
struct proxy_cmd
{
    ISCardCmd ISCardCmd_iface;
    LONG ref;
    ISCardCmd *inner;
};

static inline ISCardCmd *proxy_inner(ISCardCmd *iface)
{
    return CONTAINING_RECORD(iface, struct proxy_cmd, ISCardCmd_iface)->inner;
}

static HRESULT WINAPI proxy_QueryInterface(ISCardCmd *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch)
        && !IsEqualIID(iid, &IID_ISCardCmd))
        return E_NOINTERFACE;
    *out = iface;
    ISCardCmd_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI proxy_AddRef(ISCardCmd *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct proxy_cmd, ISCardCmd_iface)->ref);
}

static ULONG WINAPI proxy_Release(ISCardCmd *iface)
{
    return InterlockedDecrement(&CONTAINING_RECORD(iface, struct proxy_cmd, ISCardCmd_iface)->ref);
}

static HRESULT WINAPI proxy_GetTypeInfoCount(ISCardCmd *iface, UINT *count)
{
    return ISCardCmd_GetTypeInfoCount(proxy_inner(iface), count);
}

static HRESULT WINAPI proxy_GetTypeInfo(ISCardCmd *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    return ISCardCmd_GetTypeInfo(proxy_inner(iface), index, lcid, info);
}

static HRESULT WINAPI proxy_GetIDsOfNames(ISCardCmd *iface, REFIID iid, LPOLESTR *names, UINT count,
                                          LCID lcid, DISPID *ids)
{
    return ISCardCmd_GetIDsOfNames(proxy_inner(iface), iid, names, count, lcid, ids);
}

static HRESULT WINAPI proxy_Invoke(ISCardCmd *iface, DISPID id, REFIID iid, LCID lcid, WORD flags,
                                   DISPPARAMS *params, VARIANT *result, EXCEPINFO *info, UINT *arg)
{
    return ISCardCmd_Invoke(proxy_inner(iface), id, iid, lcid, flags, params, result, info, arg);
}

#define PROXY_MEMBER(name, type) \
    static HRESULT WINAPI proxy_##name(ISCardCmd *iface, type arg) \
    { \
        return ISCardCmd_##name(proxy_inner(iface), arg); \
    }

PROXY_MEMBER(get_Apdu, IByteBuffer **)
PROXY_MEMBER(put_Apdu, IByteBuffer *)
PROXY_MEMBER(get_ApduLength, LONG *)
PROXY_MEMBER(get_ApduReply, IByteBuffer **)
PROXY_MEMBER(put_ApduReply, IByteBuffer *)
PROXY_MEMBER(get_ApduReplyLength, LONG *)
PROXY_MEMBER(put_ApduReplyLength, LONG)
PROXY_MEMBER(get_ClassId, BYTE *)
PROXY_MEMBER(put_ClassId, BYTE)
PROXY_MEMBER(get_Data, IByteBuffer **)
PROXY_MEMBER(put_Data, IByteBuffer *)
PROXY_MEMBER(get_InstructionId, BYTE *)
PROXY_MEMBER(put_InstructionId, BYTE)
PROXY_MEMBER(get_LeField, LONG *)
PROXY_MEMBER(get_P1, BYTE *)
PROXY_MEMBER(put_P1, BYTE)
PROXY_MEMBER(get_P2, BYTE *)
PROXY_MEMBER(put_P2, BYTE)
PROXY_MEMBER(get_P3, BYTE *)
PROXY_MEMBER(get_ReplyStatus, WORD *)
PROXY_MEMBER(put_ReplyStatus, WORD)
PROXY_MEMBER(get_ReplyStatusSW1, BYTE *)
PROXY_MEMBER(get_ReplyStatusSW2, BYTE *)
PROXY_MEMBER(get_Type, ISO_APDU_TYPE *)
PROXY_MEMBER(get_Nad, BYTE *)
PROXY_MEMBER(put_Nad, BYTE)
PROXY_MEMBER(get_ReplyNad, BYTE *)
PROXY_MEMBER(put_ReplyNad, BYTE)
PROXY_MEMBER(get_AlternateClassId, BYTE *)
PROXY_MEMBER(put_AlternateClassId, BYTE)

static HRESULT WINAPI proxy_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1, BYTE p2,
                                     IByteBuffer *data, LONG *le)
{
    return ISCardCmd_BuildCmd(proxy_inner(iface), cla, ins, p1, p2, data, le);
}

static HRESULT WINAPI proxy_Clear(ISCardCmd *iface)
{
    return ISCardCmd_Clear(proxy_inner(iface));
}

static HRESULT WINAPI proxy_Encapsulate(ISCardCmd *iface, IByteBuffer *apdu, ISO_APDU_TYPE type)
{
    return ISCardCmd_Encapsulate(proxy_inner(iface), apdu, type);
}

static const ISCardCmdVtbl proxy_vtbl =
{
    proxy_QueryInterface,
    proxy_AddRef,
    proxy_Release,
    proxy_GetTypeInfoCount,
    proxy_GetTypeInfo,
    proxy_GetIDsOfNames,
    proxy_Invoke,
    proxy_get_Apdu,
    proxy_put_Apdu,
    proxy_get_ApduLength,
    proxy_get_ApduReply,
    proxy_put_ApduReply,
    proxy_get_ApduReplyLength,
    proxy_put_ApduReplyLength,
    proxy_get_ClassId,
    proxy_put_ClassId,
    proxy_get_Data,
    proxy_put_Data,
    proxy_get_InstructionId,
    proxy_put_InstructionId,
    proxy_get_LeField,
    proxy_get_P1,
    proxy_put_P1,
    proxy_get_P2,
    proxy_put_P2,
    proxy_get_P3,
    proxy_get_ReplyStatus,
    proxy_put_ReplyStatus,
    proxy_get_ReplyStatusSW1,
    proxy_get_ReplyStatusSW2,
    proxy_get_Type,
    proxy_get_Nad,
    proxy_put_Nad,
    proxy_get_ReplyNad,
    proxy_put_ReplyNad,
    proxy_BuildCmd,
    proxy_Clear,
    proxy_Encapsulate,
    proxy_get_AlternateClassId,
    proxy_put_AlternateClassId,
};

/* The inner command stays the caller's. */
static inline ISCardCmd *proxy_cmd_init(struct proxy_cmd *proxy, ISCardCmd *inner)
{
    proxy->ISCardCmd_iface.lpVtbl = (ISCardCmdVtbl *)&proxy_vtbl;
    proxy->ref = 1;
    proxy->inner = inner;
    return &proxy->ISCardCmd_iface;
}

#endif
