/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An ISCardCmd that is not ours, which writes down what BuildCmd was called with and counts the calls of all
 * other members, each of which fails.
 */

#ifndef SCARDSSP_TESTS_FOREIGN_CMD_H
#define SCARDSSP_TESTS_FOREIGN_CMD_H

struct foreign_cmd
{
    ISCardCmd ISCardCmd_iface;
    LONG ref;
    HRESULT build_result; /* what BuildCmd returns */
    unsigned int build_count;
    unsigned int other_count;
    BYTE cla, ins, p1, p2; /* of the last BuildCmd */
    BYTE data[256];
    LONG data_size; /* 0 when there was no buffer */
    LONG le; /* 0 when there was no pointer */
};

static inline struct foreign_cmd *impl_from_foreign_cmd(ISCardCmd *iface)
{
    return CONTAINING_RECORD(iface, struct foreign_cmd, ISCardCmd_iface);
}

static inline HRESULT foreign_cmd_other(ISCardCmd *iface)
{
    impl_from_foreign_cmd(iface)->other_count++;
    return E_NOTIMPL;
}

static HRESULT WINAPI foreign_cmd_QueryInterface(ISCardCmd *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch)
        && !IsEqualIID(iid, &IID_ISCardCmd))
        return E_NOINTERFACE;
    *out = iface;
    ISCardCmd_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI foreign_cmd_AddRef(ISCardCmd *iface)
{
    return InterlockedIncrement(&impl_from_foreign_cmd(iface)->ref);
}

static ULONG WINAPI foreign_cmd_Release(ISCardCmd *iface)
{
    return InterlockedDecrement(&impl_from_foreign_cmd(iface)->ref);
}

static HRESULT WINAPI foreign_cmd_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1, BYTE p2,
                                           LPBYTEBUFFER data, LONG *le)
{
    struct foreign_cmd *cmd = impl_from_foreign_cmd(iface);
    IByteBuffer *clone;

    cmd->build_count++;
    cmd->cla = cla;
    cmd->ins = ins;
    cmd->p1 = p1;
    cmd->p2 = p2;
    cmd->data_size = 0;
    cmd->le = le ? *le : 0;
    if (data && SUCCEEDED(IByteBuffer_Clone(data, &clone)))
    {
        IByteBuffer_Seek(clone, 0, STREAM_SEEK_SET, NULL);
        IByteBuffer_Read(clone, cmd->data, sizeof(cmd->data), &cmd->data_size);
        IByteBuffer_Release(clone);
    }
    return cmd->build_result;
}

#define FOREIGN_CMD_GET(name, type) \
    static HRESULT WINAPI foreign_cmd_get_##name(ISCardCmd *iface, type *value) \
    { \
        (void)value; \
        return foreign_cmd_other(iface); \
    }
#define FOREIGN_CMD_PUT(name, type) \
    static HRESULT WINAPI foreign_cmd_put_##name(ISCardCmd *iface, type value) \
    { \
        (void)value; \
        return foreign_cmd_other(iface); \
    }
#define FOREIGN_CMD_PROPERTY(name, type) FOREIGN_CMD_GET(name, type) FOREIGN_CMD_PUT(name, type)

FOREIGN_CMD_PROPERTY(Apdu, LPBYTEBUFFER)
FOREIGN_CMD_GET(ApduLength, LONG)
FOREIGN_CMD_PROPERTY(ApduReply, LPBYTEBUFFER)
FOREIGN_CMD_PROPERTY(ApduReplyLength, LONG)
FOREIGN_CMD_PROPERTY(ClassId, BYTE)
FOREIGN_CMD_PROPERTY(Data, LPBYTEBUFFER)
FOREIGN_CMD_PROPERTY(InstructionId, BYTE)
FOREIGN_CMD_GET(LeField, LONG)
FOREIGN_CMD_PROPERTY(P1, BYTE)
FOREIGN_CMD_PROPERTY(P2, BYTE)
FOREIGN_CMD_GET(P3, BYTE)
FOREIGN_CMD_PROPERTY(ReplyStatus, WORD)
FOREIGN_CMD_GET(ReplyStatusSW1, BYTE)
FOREIGN_CMD_GET(ReplyStatusSW2, BYTE)
FOREIGN_CMD_GET(Type, ISO_APDU_TYPE)
FOREIGN_CMD_PROPERTY(Nad, BYTE)
FOREIGN_CMD_PROPERTY(ReplyNad, BYTE)
FOREIGN_CMD_PROPERTY(AlternateClassId, BYTE)
FOREIGN_CMD_GET(TypeInfoCount, UINT) /* IDispatch::GetTypeInfoCount has the shape of a getter */

#undef FOREIGN_CMD_PROPERTY
#undef FOREIGN_CMD_PUT
#undef FOREIGN_CMD_GET

static HRESULT WINAPI foreign_cmd_GetTypeInfo(ISCardCmd *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    (void)index, (void)lcid, (void)info;
    return foreign_cmd_other(iface);
}

static HRESULT WINAPI foreign_cmd_GetIDsOfNames(ISCardCmd *iface, REFIID iid, LPOLESTR *names, UINT count,
                                                LCID lcid, DISPID *ids)
{
    (void)iid, (void)names, (void)count, (void)lcid, (void)ids;
    return foreign_cmd_other(iface);
}

static HRESULT WINAPI foreign_cmd_Invoke(ISCardCmd *iface, DISPID id, REFIID iid, LCID lcid, WORD flags,
                                         DISPPARAMS *params, VARIANT *result, EXCEPINFO *exception, UINT *arg)
{
    (void)id, (void)iid, (void)lcid, (void)flags, (void)params, (void)result, (void)exception, (void)arg;
    return foreign_cmd_other(iface);
}

static HRESULT WINAPI foreign_cmd_Clear(ISCardCmd *iface)
{
    return foreign_cmd_other(iface);
}

static HRESULT WINAPI foreign_cmd_Encapsulate(ISCardCmd *iface, LPBYTEBUFFER apdu, ISO_APDU_TYPE type)
{
    (void)apdu, (void)type;
    return foreign_cmd_other(iface);
}

static const ISCardCmdVtbl foreign_cmd_vtbl =
{
    foreign_cmd_QueryInterface,
    foreign_cmd_AddRef,
    foreign_cmd_Release,
    foreign_cmd_get_TypeInfoCount,
    foreign_cmd_GetTypeInfo,
    foreign_cmd_GetIDsOfNames,
    foreign_cmd_Invoke,
    foreign_cmd_get_Apdu,
    foreign_cmd_put_Apdu,
    foreign_cmd_get_ApduLength,
    foreign_cmd_get_ApduReply,
    foreign_cmd_put_ApduReply,
    foreign_cmd_get_ApduReplyLength,
    foreign_cmd_put_ApduReplyLength,
    foreign_cmd_get_ClassId,
    foreign_cmd_put_ClassId,
    foreign_cmd_get_Data,
    foreign_cmd_put_Data,
    foreign_cmd_get_InstructionId,
    foreign_cmd_put_InstructionId,
    foreign_cmd_get_LeField,
    foreign_cmd_get_P1,
    foreign_cmd_put_P1,
    foreign_cmd_get_P2,
    foreign_cmd_put_P2,
    foreign_cmd_get_P3,
    foreign_cmd_get_ReplyStatus,
    foreign_cmd_put_ReplyStatus,
    foreign_cmd_get_ReplyStatusSW1,
    foreign_cmd_get_ReplyStatusSW2,
    foreign_cmd_get_Type,
    foreign_cmd_get_Nad,
    foreign_cmd_put_Nad,
    foreign_cmd_get_ReplyNad,
    foreign_cmd_put_ReplyNad,
    foreign_cmd_BuildCmd,
    foreign_cmd_Clear,
    foreign_cmd_Encapsulate,
    foreign_cmd_get_AlternateClassId,
    foreign_cmd_put_AlternateClassId,
};

/* Not counted memory: it lives as long as the caller's variable, `ref` tells of references left. */
static inline ISCardCmd *foreign_cmd_init(struct foreign_cmd *cmd)
{
    memset(cmd, 0, sizeof(*cmd));
    cmd->ISCardCmd_iface.lpVtbl = (ISCardCmdVtbl *)&foreign_cmd_vtbl;
    cmd->ref = 1;
    return &cmd->ISCardCmd_iface;
}

#endif
