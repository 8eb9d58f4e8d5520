/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members of a class as a late-bound caller sees them, compiled once from the type library. */

#ifndef SCARDSSP_SIGNATURE_H
#define SCARDSSP_SIGNATURE_H

#include "scardssp_private.h"

/* The most parameters that a member has (ISCardCmd::BuildCmd). */
#define MAX_PARAMS 6
/* The room for the longest name of a member (ConvertByteArrayToByteBuffer) and its end. */
#define MAX_MEMBER_NAME 32

enum param_kind
{
    PARAM_OPAQUE,           /* means nothing to a script: DISP_E_TYPEMISMATCH */

    PARAM_UI1,
    PARAM_UI2,
    PARAM_I4,               /* a signed 32-bit integer, or an enumeration */
    PARAM_UI4,              /* an unsigned one that is not PARAM_HANDLE */
    PARAM_HANDLE,           /* ULONG_PTR */
    PARAM_BSTR,
    PARAM_INTERFACE,        /* IFoo * */
    PARAM_INTERFACE_REF,    /* [in, out] IFoo **: the method uses the object that is there, or creates one */
    PARAM_INTERFACE_NEW,    /* [in, out] IFoo **: the method always creates one */
    PARAM_I4_REF,           /* LONG * */
    PARAM_BYTES,            /* BYTE *, as long as another parameter says */
    PARAM_STRING_ARRAY,     /* SAFEARRAY(BSTR) */
    PARAM_BYTE_ARRAY,       /* SAFEARRAY(unsigned char) */
    PARAM_LCID,             /* not passed by the caller */

    RESULT_UI1,             /* [out, retval], from here on; not passed by the caller either */
    RESULT_UI2,
    RESULT_I4,
    RESULT_HANDLE,
    RESULT_UI8,
    RESULT_INTERFACE,
    RESULT_STRING_ARRAY,
    RESULT_BYTE_ARRAY,
    RESULT_GUID,
    RESULT_CARD_INFO
};

struct param
{
    enum param_kind kind;
    IID iid;                /* of an interface */
    UINT count_param;       /* of PARAM_BYTES: which parameter says how many there are */
    UINT done_param;        /* of PARAM_BYTES that is_out: which PARAM_I4_REF gets how many came back */
    BOOL is_out;            /* what the method leaves there goes back to the caller */
    BOOL is_optional;       /* default_value stands for it */
    LONG default_value;     /* 0 is NULL for pointers and an empty string for PARAM_BSTR */
};

struct member
{
    MEMBERID dispid;
    WCHAR name[MAX_MEMBER_NAME];
    INVOKEKIND kind;
    SHORT vtable_offset;
    UINT param_count;
    struct param params[MAX_PARAMS];
};

struct signature
{
    UINT member_count;
    struct member members[];
};

/* Compiles the members of a class; the caller frees *signature. */
HRESULT signature_create(enum class_index class, ITypeInfo *type_info, struct signature **signature);
/* flags: DISPATCH_METHOD and so on. NULL: no such member, or not in this way. */
const struct member *signature_find(const struct signature *signature, DISPID dispid, WORD flags);
/* Whatever the case of its letters; NULL: no member of the class itself has this name. */
const struct member *signature_find_name(const struct signature *signature, const WCHAR *name);

static inline BOOL param_is_result(const struct param *param)
{
    return param->kind >= RESULT_UI1;
}

/* Whether a caller passes the parameter. */
static inline BOOL param_is_visible(const struct param *param)
{
    return param->kind != PARAM_LCID && !param_is_result(param);
}

#endif
