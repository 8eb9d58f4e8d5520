/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the benchmarks do over and over: a transaction, and a program's whole cycle by vtable and late bound. */

#ifndef SCARDSSP_BENCH_STEPS_H
#define SCARDSSP_BENCH_STEPS_H

#include "card_common.h"
#include "clock.h"

#define READ_SIZE 16

/* The members of the late-bound cycle, in the order of the calls. */
enum late_member
{
    LATE_READ_BINARY,
    LATE_TRANSACTION,
    LATE_REPLY_STATUS,
    LATE_APDU_REPLY,
    LATE_READ,
    LATE_MEMBERS
};

struct session
{
    ISCard *card;
    ISCardISO7816 *iso;
    ISCardCmd *cmd;             /* READ BINARY of READ_SIZE bytes, once a cycle has run */
    DISPID ids[LATE_MEMBERS];
    SAFEARRAY *bytes;           /* of READ_SIZE + 2, for the late-bound Read */
};

static inline BOOL step_transaction(struct session *session)
{
    return ISCard_Transaction(session->card, &session->cmd) == S_OK;
}

static inline BOOL step_cycle(struct session *session)
{
    IByteBuffer *reply = NULL;
    BYTE bytes[READ_SIZE + 2];
    LONG count = 0;
    WORD status;

    if (ISCardISO7816_ReadBinary(session->iso, 0x81, 0x00, READ_SIZE, &session->cmd) != S_OK
        || !step_transaction(session)
        || ISCardCmd_get_ReplyStatus(session->cmd, &status) != S_OK || status != 0x9000
        || ISCardCmd_get_ApduReply(session->cmd, &reply) != S_OK || !reply) return FALSE;
    IByteBuffer_Read(reply, bytes, sizeof(bytes), &count);
    IByteBuffer_Release(reply);
    return count == sizeof(bytes);
}

/* With names the DISPID is asked for as VBScript does, at every call. */
static inline BOOL late_invoke(struct session *session, void *object, enum late_member member, BOOL names, WORD flags,
                               VARIANT *args, UINT count, VARIANT *result)
{
    static const WCHAR *const all_names[LATE_MEMBERS] =
        { L"ReadBinary", L"Transaction", L"ReplyStatus", L"ApduReply", L"Read" };
    DISPPARAMS params = { args, NULL, count, 0 };
    DISPID id = session->ids[member];
    WCHAR *name = (WCHAR *)all_names[member];
    EXCEPINFO exception;

    if (names && IDispatch_GetIDsOfNames((IDispatch *)object, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id) != S_OK)
        return FALSE;
    session->ids[member] = id;
    return IDispatch_Invoke((IDispatch *)object, id, &IID_NULL, LOCALE_NEUTRAL, flags, &params, result, &exception,
                            NULL) == S_OK;
}

/* The cycle of a script, the arguments in reverse. */
static inline BOOL late_cycle(struct session *session, BOOL names)
{
    VARIANT args[4], cmd, status, reply, count;
    BOOL done;

    V_VT(&cmd) = VT_DISPATCH;
    V_DISPATCH(&cmd) = (IDispatch *)session->cmd;
    V_VT(&args[3]) = V_VT(&args[2]) = V_VT(&args[1]) = VT_I2;
    V_I2(&args[3]) = 0x81;
    V_I2(&args[2]) = 0;
    V_I2(&args[1]) = READ_SIZE;
    V_VT(&args[0]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&args[0]) = &cmd;
    if (!late_invoke(session, session->iso, LATE_READ_BINARY, names, DISPATCH_METHOD, args, 4, NULL)
        || !late_invoke(session, session->card, LATE_TRANSACTION, names, DISPATCH_METHOD, args, 1, NULL)
        || !late_invoke(session, V_DISPATCH(&cmd), LATE_REPLY_STATUS, names, DISPATCH_PROPERTYGET, NULL, 0, &status)
        || V_VT(&status) != VT_I4 || V_I4(&status) != 0x9000
        || !late_invoke(session, V_DISPATCH(&cmd), LATE_APDU_REPLY, names, DISPATCH_PROPERTYGET, NULL, 0, &reply)
        || V_VT(&reply) != VT_DISPATCH) return FALSE;
    V_VT(&args[2]) = VT_ARRAY | VT_UI1;
    V_ARRAY(&args[2]) = session->bytes;
    V_I2(&args[1]) = READ_SIZE + 2;
    V_VARIANTREF(&args[0]) = &count;
    V_VT(&count) = VT_EMPTY;
    done = late_invoke(session, V_DISPATCH(&reply), LATE_READ, names, DISPATCH_METHOD, args, 3, NULL);
    VariantClear(&reply);
    session->cmd = (ISCardCmd *)V_DISPATCH(&cmd);
    return done && V_VT(&count) == VT_I4 && V_I4(&count) == READ_SIZE + 2;
}

static inline BOOL step_late(struct session *session)
{
    return late_cycle(session, FALSE);
}

static inline BOOL step_late_names(struct session *session)
{
    return late_cycle(session, TRUE);
}

/* The session's objects, attached to the card of this reader. */
static inline void session_open(struct session *session, const WCHAR *reader)
{
    BSTR name = SysAllocString(reader);

    memset(session, 0, sizeof(*session));
    session->card = create_card();
    session->iso = create_iso();
    session->bytes = SafeArrayCreateVector(VT_UI1, 0, READ_SIZE + 2);
    if (ISCard_AttachByReader(session->card, name, SHARED, T1) != S_OK) die("attaching");
    SysFreeString(name);
}

static inline void session_close(struct session *session)
{
    SafeArrayDestroy(session->bytes);
    if (session->cmd) ISCardCmd_Release(session->cmd);
    ISCardISO7816_Release(session->iso);
    ISCard_Release(session->card);
}

#endif
