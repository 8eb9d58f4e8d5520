/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiles what the type library says of a class into what invoke.c works with. */

#include <stdlib.h>
#include <string.h>

#include "signature.h"

/* A type with its pointers counted and its aliases resolved. */
struct resolved_type
{
    UINT indirections;
    VARTYPE vt;             /* VT_USERDEFINED: an interface, or a record */
    TYPEKIND kind;          /* of a VT_USERDEFINED */
    IID iid;                /* likewise */
    VARTYPE element;        /* of a VT_SAFEARRAY */
};

static HRESULT resolve_type(ITypeInfo *type_info, const TYPEDESC *desc, struct resolved_type *type)
{
    ITypeInfo *ref_info;
    TYPEATTR *attr;
    HRESULT hr;

    while (desc->vt == VT_PTR)
    {
        type->indirections++;
        desc = desc->lptdesc;
    }
    type->vt = desc->vt;
    if (desc->vt == VT_SAFEARRAY)
        type->element = desc->lptdesc->vt;
    if (desc->vt != VT_USERDEFINED)
        return S_OK;

    if (FAILED(hr = ITypeInfo_GetRefTypeInfo(type_info, desc->hreftype, &ref_info)))
        return hr;
    if (SUCCEEDED(hr = ITypeInfo_GetTypeAttr(ref_info, &attr)))
    {
        type->kind = attr->typekind;
        type->iid = attr->guid;
        if (attr->typekind == TKIND_ENUM)
            type->vt = VT_I4;
        else if (attr->typekind == TKIND_ALIAS)
            hr = resolve_type(ref_info, &attr->tdescAlias, type);
        ITypeInfo_ReleaseTypeAttr(ref_info, attr);
    }
    ITypeInfo_Release(ref_info);
    return hr;
}

static BOOL is_interface(const struct resolved_type *type)
{
    return type->vt == VT_USERDEFINED && (type->kind == TKIND_INTERFACE || type->kind == TKIND_DISPATCH);
}

static BOOL is_handle(const struct resolved_type *type)
{
    return type->vt == (sizeof(ULONG_PTR) == 8 ? VT_UI8 : VT_UI4);
}

static BOOL is_32bit_integer(const struct resolved_type *type)
{
    return type->vt == VT_I4 || type->vt == VT_UI4 || type->vt == VT_INT || type->vt == VT_UINT;
}

static enum param_kind get_result_kind(const struct resolved_type *type)
{
    if (is_interface(type))
        return type->indirections == 2 ? RESULT_INTERFACE : PARAM_OPAQUE;
    if (type->indirections != 1)
        return PARAM_OPAQUE;
    if (type->vt == VT_SAFEARRAY)
        return type->element == VT_BSTR ? RESULT_STRING_ARRAY : RESULT_BYTE_ARRAY;
    if (type->vt == VT_UI1)
        return RESULT_UI1;
    if (type->vt == VT_UI2)
        return RESULT_UI2;
    if (is_handle(type))
        return RESULT_HANDLE;
    return is_32bit_integer(type) ? RESULT_I4 : PARAM_OPAQUE;
}

static enum param_kind get_param_kind(const struct resolved_type *type)
{
    if (is_interface(type))
        return type->indirections == 1 ? PARAM_INTERFACE : PARAM_INTERFACE_REF;
    if (type->indirections)
        return type->indirections == 1 && type->vt == VT_I4 ? PARAM_I4_REF : PARAM_OPAQUE;
    switch (type->vt)
    {
        case VT_SAFEARRAY: return type->element == VT_BSTR ? PARAM_STRING_ARRAY : PARAM_BYTE_ARRAY;
        case VT_BSTR: return PARAM_BSTR;
        case VT_UI1: return PARAM_UI1;
        case VT_UI2: return PARAM_UI2;
    }
    if (is_handle(type))
        return PARAM_HANDLE;
    if (type->vt == VT_UI4 || type->vt == VT_UINT)
        return PARAM_UI4;
    return is_32bit_integer(type) ? PARAM_I4 : PARAM_OPAQUE;
}

/* What the class knows of a parameter; NULL: what its type says is all. */
static const struct special_param *find_special(const struct class_desc *class, SHORT method, UINT param)
{
    const struct special_param *special;

    for (special = class->special_params; special && special->kind != PARAM_OPAQUE; special++)
    {
        if (special->method == method && special->param == param)
            return special;
    }
    return NULL;
}

static HRESULT compile_param(const struct class_desc *class, ITypeInfo *type_info, const FUNCDESC *func, UINT index,
        struct param *param)
{
    const struct special_param *special = find_special(class, func->oVft, index);
    const ELEMDESC *elem = &func->lprgelemdescParam[index];
    WORD flags = elem->paramdesc.wParamFlags;
    struct resolved_type type = {0};
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = resolve_type(type_info, &elem->tdesc, &type)))
        return hr;
    param->iid = type.iid;
    param->is_out = (flags & PARAMFLAG_FOUT) != 0;
    param->special = special;
    if (special)
        param->kind = special->kind;
    else if (flags & PARAMFLAG_FLCID)
        param->kind = PARAM_LCID;
    else if (flags & PARAMFLAG_FRETVAL)
        param->kind = get_result_kind(&type);
    else
        param->kind = get_param_kind(&type);

    /* widl cannot write the default of an array, which is NULL. */
    param->is_optional = (flags & PARAMFLAG_FHASDEFAULT) || param->kind == PARAM_STRING_ARRAY;
    if (flags & PARAMFLAG_FHASDEFAULT && param->kind != PARAM_BSTR)
    {
        VariantInit(&value);
        hr = VariantChangeType(&value, &elem->paramdesc.pparamdescex->varDefaultValue, 0, VT_I4);
        param->default_value = SUCCEEDED(hr) ? V_I4(&value) : 0;
    }
    return S_OK;
}

static HRESULT get_name(ITypeInfo *type_info, MEMBERID dispid, WCHAR name[MAX_MEMBER_NAME])
{
    UINT count;
    BSTR text;
    HRESULT hr = ITypeInfo_GetNames(type_info, dispid, &text, 1, &count);

    if (FAILED(hr))
        return hr;
    if (SysStringLen(text) < MAX_MEMBER_NAME)
        lstrcpyW(name, text);
    else
        hr = E_UNEXPECTED;
    SysFreeString(text);
    return hr;
}

static HRESULT compile_member(const struct class_desc *class, ITypeInfo *type_info, UINT index, struct member *member)
{
    FUNCDESC *func;
    HRESULT hr;
    SHORT i;

    if (FAILED(hr = ITypeInfo_GetFuncDesc(type_info, index, &func)))
        return hr;
    member->dispid = func->memid;
    member->kind = func->invkind;
    member->vtable_offset = func->oVft;
    member->param_count = func->cParams;
    if (func->cParams > MAX_PARAMS)
        hr = E_UNEXPECTED;
    if (SUCCEEDED(hr))
        hr = get_name(type_info, func->memid, member->name);
    for (i = 0; SUCCEEDED(hr) && i < func->cParams; i++)
        hr = compile_param(class, type_info, func, i, &member->params[i]);
    ITypeInfo_ReleaseFuncDesc(type_info, func);
    return hr;
}

static WCHAR fold(WCHAR letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
}

/* Of names that differ only in the case of their letters it is the same. */
static ULONG hash_name(const WCHAR *name)
{
    ULONG hash = 0;

    while (*name)
        hash = hash * 31 + fold(*name++);
    return hash;
}

/* "Set cmd.Data = buffer" means what "cmd.Data = buffer" means. */
static BOOL takes_reference(const struct member *member)
{
    return member->kind == INVOKE_PROPERTYPUT && member->params[0].kind == PARAM_INTERFACE;
}

static struct member_key get_key(const struct member *member)
{
    return (struct member_key){
        .dispid = member->dispid,
        .name_hash = hash_name(member->name),
        .flags = member->kind | (takes_reference(member) ? DISPATCH_PROPERTYPUTREF : 0)
    };
}

HRESULT signature_create(const struct class_desc *class, ITypeInfo *type_info, struct signature **signature)
{
    struct signature *created;
    SIZE_T members_size;
    UINT i, count;
    TYPEATTR *attr;
    HRESULT hr;

    if (FAILED(hr = ITypeInfo_GetTypeAttr(type_info, &attr)))
        return hr;
    count = attr->cFuncs;
    ITypeInfo_ReleaseTypeAttr(type_info, attr);

    members_size = offsetof(struct signature, members[count]);
    if (!(created = calloc(1, members_size + count * sizeof(*created->keys))))
        return E_OUTOFMEMORY;
    created->member_count = count;
    created->keys = (struct member_key *)((BYTE *)created + members_size);
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
    {
        hr = compile_member(class, type_info, i, &created->members[i]);
        created->keys[i] = get_key(&created->members[i]);
    }
    if (FAILED(hr))
        free(created);
    else
        *signature = created;
    return hr;
}

const struct member *signature_find(const struct signature *signature, DISPID dispid, WORD flags)
{
    UINT i;

    for (i = 0; i < signature->member_count; i++)
    {
        if (signature->keys[i].dispid == dispid && signature->keys[i].flags & flags)
            return &signature->members[i];
    }
    return NULL;
}

/* Names of members have letters of ASCII alone. What else is the same in some language, the type library knows. */
static BOOL is_same_name(const WCHAR *name, const WCHAR *other)
{
    while (*name && fold(*name) == fold(*other))
        name++, other++;
    return !*name && !*other;
}

const struct member *signature_find_name(const struct signature *signature, const WCHAR *name)
{
    ULONG hash = hash_name(name);
    UINT i;

    for (i = 0; i < signature->member_count; i++)
    {
        if (signature->keys[i].name_hash == hash && is_same_name(signature->members[i].name, name))
            return &signature->members[i];
    }
    return NULL;
}
