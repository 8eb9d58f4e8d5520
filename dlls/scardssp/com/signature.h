/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members of a class as a late-bound caller sees them, compiled once from the type library. */

#ifndef SCARDSSP_SIGNATURE_H
#define SCARDSSP_SIGNATURE_H

#include "com.h"

/* The most parameters that a member has (ISCardCmd::BuildCmd). */
#define MAX_PARAMS 6
/* The room for the longest name of a member (ConvertByteArrayToByteBuffer) and its end. */
#define MAX_MEMBER_NAME 32

struct param
{
    enum param_kind kind;
    IID iid;                /* of an interface */
    const struct special_param *special; /* of PARAM_BYTES and RESULT_OF_CLASS */
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

/* What a member is looked for by, apart from all else: a search goes through two or three lines of the cache. */
struct member_key
{
    DISPID dispid;
    ULONG name_hash;
    WORD flags;             /* DISPATCH_METHOD and so on: the ways in which it can be called */
};

struct signature
{
    UINT member_count;
    struct member_key *keys;    /* one for each of the members */
    struct member members[];
};

/* Compiles the members of a class; the caller frees *signature. */
HRESULT signature_create(const struct class_desc *class, ITypeInfo *type_info, struct signature **signature);
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
