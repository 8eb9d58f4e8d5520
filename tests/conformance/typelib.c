/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The type library that is embedded in scardssp.dll: every function must be readable, and every member is
 * compared with a line of typelib_table.h, which holds slot, dispid, kind, name, parameters, their directions
 * and default values. The table is what importers of the original library show [tlb], but for the safe
 * arrays, which are ours.
 */

#define COBJMACROS
#include <stdio.h>
#include <string.h>
#include "common.h"
#include "typelib_table.h"

/* A short text that is put together piece by piece and cut where it is full. */
struct text
{
    char buf[512];
};

static void add(struct text *text, const char *piece)
{
    size_t used = strlen(text->buf);

    lstrcpynA(text->buf + used, piece, (int)(sizeof(text->buf) - used));
}

static void add_wide(struct text *text, const WCHAR *piece)
{
    char buf[128] = "";

    WideCharToMultiByte(CP_ACP, 0, piece, -1, buf, sizeof(buf), NULL, NULL);
    buf[sizeof(buf) - 1] = 0;
    add(text, buf);
}

static const char *basic_type_name(VARTYPE vt)
{
    static const struct
    {
        VARTYPE vt;
        const char *name;
    }
    names[] =
    {
        { VT_UI1, "BYTE" }, { VT_UI2, "WORD" }, { VT_I4, "LONG" }, { VT_INT, "LONG" }, { VT_UI4, "DWORD" },
        { VT_UINT, "UINT" }, { VT_I8, "INT64" }, { VT_UI8, "UINT64" }, { VT_BSTR, "BSTR" },
        { VT_HRESULT, "HRESULT" }, { VT_VOID, "void" }, { VT_VARIANT, "VARIANT" },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        if (names[i].vt == vt) return names[i].name;
    }
    return "?";
}

static void show_type(struct text *text, ITypeInfo *info, const TYPEDESC *desc);

/* An alias stands for its type, unless that is a structure: then the alias is the known name (GUID). */
static void show_user_type(struct text *text, ITypeInfo *info, HREFTYPE reftype)
{
    ITypeInfo *ref = NULL;
    TYPEATTR *attr;
    BSTR name = NULL;

    if (FAILED(ITypeInfo_GetRefTypeInfo(info, reftype, &ref)))
    {
        add(text, "?");
        return;
    }
    if (SUCCEEDED(ITypeInfo_GetTypeAttr(ref, &attr)))
    {
        if (attr->typekind == TKIND_ALIAS && attr->tdescAlias.vt != VT_USERDEFINED)
            show_type(text, ref, &attr->tdescAlias);
        else if (SUCCEEDED(ITypeInfo_GetDocumentation(ref, MEMBERID_NIL, &name, NULL, NULL, NULL)))
            add_wide(text, name);
        ITypeInfo_ReleaseTypeAttr(ref, attr);
    }
    SysFreeString(name);
    ITypeInfo_Release(ref);
}

static void show_type(struct text *text, ITypeInfo *info, const TYPEDESC *desc)
{
    if (desc->vt == VT_PTR)
    {
        show_type(text, info, desc->lptdesc);
        add(text, "*");
    }
    else if (desc->vt == VT_SAFEARRAY)
    {
        add(text, "SAFEARRAY(");
        show_type(text, info, desc->lptdesc);
        add(text, ")");
    }
    else if (desc->vt == VT_USERDEFINED) show_user_type(text, info, desc->hreftype);
    else add(text, basic_type_name(desc->vt));
}

static void show_default(struct text *text, const VARIANT *value)
{
    char buf[32];
    VARIANT number;

    if (V_VT(value) == VT_BSTR)
    {
        add(text, "=\"");
        add_wide(text, V_BSTR(value) ? V_BSTR(value) : L"");
        add(text, "\"");
        return;
    }
    VariantInit(&number);
    if (FAILED(VariantChangeType(&number, (VARIANT *)value, 0, VT_I4)))
    {
        add(text, "=?");
        return;
    }
    sprintf(buf, "=%ld", (long)V_I4(&number));
    add(text, buf);
}

static const char *direction_name(USHORT flags)
{
    static const char *const names[] = { "none", "in", "out", "io" };

    return names[flags & (PARAMFLAG_FIN | PARAMFLAG_FOUT)];
}

/* Renders the parameters of one function in the notation of typelib_table.h. */
static void show_func(struct text *text, ITypeInfo *info, const FUNCDESC *func, BSTR *names, UINT name_count)
{
    int i;

    text->buf[0] = 0;
    for (i = 0; i < func->cParams; i++)
    {
        const ELEMDESC *param = &func->lprgelemdescParam[i];
        USHORT flags = param->paramdesc.wParamFlags;

        if (i) add(text, ", ");
        add(text, direction_name(flags));
        if (flags & PARAMFLAG_FLCID) add(text, ",lcid");
        if (flags & PARAMFLAG_FRETVAL) add(text, ",retval");
        add(text, " ");
        show_type(text, info, &param->tdesc);
        if (func->invkind != INVOKE_PROPERTYPUT)
        {
            add(text, " ");
            if (i + 1 < (int)name_count) add_wide(text, names[i + 1]);
        }
        if (flags & PARAMFLAG_FHASDEFAULT)
            show_default(text, &param->paramdesc.pparamdescex->varDefaultValue);
    }
}

/* A reference table is written with ULONG_PTR, which a type library has as DWORD or UINT64. */
static void expand_ulong_ptr(struct text *text, const char *params)
{
    const char *pos;

    text->buf[0] = 0;
    while ((pos = strstr(params, "ULONG_PTR")))
    {
        size_t used = strlen(text->buf);

        memcpy(text->buf + used, params, pos - params);
        text->buf[used + (pos - params)] = 0;
        add(text, sizeof(void *) == 8 ? "UINT64" : "DWORD");
        params = pos + strlen("ULONG_PTR");
    }
    add(text, params);
}

static void free_names(BSTR *names, UINT count)
{
    while (count) SysFreeString(names[--count]);
}

static void test_member(ITypeInfo *info, UINT index, const char *interface_name, const struct member *member)
{
    struct text shown = {{ 0 }}, params, name = {{ 0 }};
    BSTR names[16] = { NULL };
    FUNCDESC *func = NULL;
    UINT count = 0;
    HRESULT hr;

    hr = ITypeInfo_GetFuncDesc(info, index, &func);
    ok(hr == S_OK, "%s: GetFuncDesc of function %u (%s) failed: %#lx.\n", interface_name, index, member->name,
       hr); /* [tlb] */
    if (hr != S_OK) return;

    hr = ITypeInfo_GetNames(info, func->memid, names, ARRAY_SIZE(names), &count);
    ok(hr == S_OK && count >= 1, "%s.%s: GetNames: %#lx, %u names.\n", interface_name, member->name,
       hr, count); /* [tlb] */
    if (count) add_wide(&name, names[0]);

    /* A type library keeps each name once, whatever its case: Type is "type" because STATSTRUCT has that
     * field. */
    ok(!lstrcmpiA(name.buf, member->name), "%s: function %u is %s, not %s.\n", interface_name, index,
       name.buf, member->name); /* [tlb] */
    ok(func->memid == member->dispid && func->invkind == member->kind
           && func->oVft == member->slot * (int)sizeof(void *),
       "%s.%s: dispid %ld, kind %d, vtable offset %d; expected %ld, %d, slot %d.\n", interface_name,
       member->name, (long)func->memid, func->invkind, func->oVft, (long)member->dispid, member->kind,
       member->slot); /* [tlb] */
    ok(func->funckind == FUNC_PUREVIRTUAL && func->callconv == CC_STDCALL
           && func->elemdescFunc.tdesc.vt == VT_HRESULT && !func->wFuncFlags,
       "%s.%s: function kind %d, calling convention %d, returns VT %d, flags %#x.\n", interface_name,
       member->name, func->funckind, func->callconv, func->elemdescFunc.tdesc.vt,
       func->wFuncFlags); /* [tlb] */

    expand_ulong_ptr(&params, member->params);
    show_func(&shown, info, func, names, count);
    /* [tlb], the safe arrays [ours]: the original has wire types in their place. */
    ok(!lstrcmpiA(shown.buf, params.buf) || broken(strstr(params.buf, "SAFEARRAY") != NULL),
       "%s.%s: parameters are\n    %s, expected\n    %s\n", interface_name, member->name, shown.buf,
       params.buf);

    free_names(names, count);
    ITypeInfo_ReleaseFuncDesc(info, func);
}

static void test_interface(ITypeLib *lib, unsigned int c)
{
    HREFTYPE base_ref;
    ITypeInfo *info, *base;
    TYPEATTR *attr;
    unsigned int i;
    HRESULT hr;

    hr = ITypeLib_GetTypeInfoOfGuid(lib, classes[c].iid, &info);
    ok(hr == S_OK, "%s is not in the library: %#lx.\n", classes[c].name, hr); /* [tlb] */
    if (hr != S_OK) return;

    hr = ITypeInfo_GetTypeAttr(info, &attr);
    ok(hr == S_OK, "GetTypeAttr: %#lx.\n", hr);
    ok(attr->typekind == TKIND_INTERFACE, "%s: kind %d.\n", classes[c].name, attr->typekind); /* [tlb] */
    ok(attr->wTypeFlags == TYPEFLAG_FDISPATCHABLE, "%s: flags %#x, expected dispatchable alone.\n",
       classes[c].name, attr->wTypeFlags); /* [tlb] */
    ok(attr->cFuncs == classes[c].count, "%s: %u functions, expected %u.\n", classes[c].name, attr->cFuncs,
       classes[c].count); /* [tlb] */
    ok(attr->cbSizeVft == (7 + classes[c].count) * sizeof(void *), "%s: vtable of %u bytes.\n",
       classes[c].name, attr->cbSizeVft); /* [tlb] */
    ITypeInfo_ReleaseTypeAttr(info, attr);

    hr = ITypeInfo_GetRefTypeOfImplType(info, 0, &base_ref);
    if (SUCCEEDED(hr)) hr = ITypeInfo_GetRefTypeInfo(info, base_ref, &base);
    ok(hr == S_OK, "%s: no base interface: %#lx.\n", classes[c].name, hr);
    if (SUCCEEDED(hr))
    {
        hr = ITypeInfo_GetTypeAttr(base, &attr);
        ok(hr == S_OK && IsEqualIID(&attr->guid, &IID_IDispatch), "%s does not derive from IDispatch.\n",
           classes[c].name); /* [tlb] */
        if (SUCCEEDED(hr)) ITypeInfo_ReleaseTypeAttr(base, attr);
        ITypeInfo_Release(base);
    }
    for (i = 0; i < classes[c].count; i++) test_member(info, i, classes[c].name, &classes[c].members[i]);
    ITypeInfo_Release(info);
}

static void test_coclass(ITypeLib *lib, unsigned int c)
{
    ITypeInfo *info, *implemented;
    HREFTYPE ref;
    TYPEATTR *attr;
    struct text name = {{ 0 }};
    BSTR str = NULL;
    INT flags = 0;
    HRESULT hr;

    hr = ITypeLib_GetTypeInfoOfGuid(lib, classes[c].clsid, &info);
    ok(hr == S_OK, "%s is not in the library: %#lx.\n", classes[c].coclass, hr); /* [tlb] */
    if (hr != S_OK) return;

    ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &str, NULL, NULL, NULL);
    if (str) add_wide(&name, str);
    SysFreeString(str);
    ok(!strcmp(name.buf, classes[c].coclass), "Coclass is called %s, not %s.\n", name.buf,
       classes[c].coclass);

    hr = ITypeInfo_GetTypeAttr(info, &attr);
    ok(hr == S_OK, "GetTypeAttr: %#lx.\n", hr);
    ok(attr->typekind == TKIND_COCLASS && attr->wTypeFlags == TYPEFLAG_FCANCREATE && attr->cImplTypes == 1,
       "%s: kind %d, flags %#x, %u interfaces.\n", classes[c].coclass, attr->typekind, attr->wTypeFlags,
       attr->cImplTypes); /* [tlb] */
    ITypeInfo_ReleaseTypeAttr(info, attr);

    hr = ITypeInfo_GetImplTypeFlags(info, 0, &flags);
    ok(hr == S_OK && flags == IMPLTYPEFLAG_FDEFAULT, "%s: interface flags %#x.\n", classes[c].coclass,
       flags); /* [tlb] */
    hr = ITypeInfo_GetRefTypeOfImplType(info, 0, &ref);
    if (SUCCEEDED(hr)) hr = ITypeInfo_GetRefTypeInfo(info, ref, &implemented);
    ok(hr == S_OK, "%s: its interface cannot be read: %#lx.\n", classes[c].coclass, hr);
    if (SUCCEEDED(hr))
    {
        hr = ITypeInfo_GetTypeAttr(implemented, &attr);
        ok(hr == S_OK && IsEqualIID(&attr->guid, classes[c].iid), "%s does not implement %s.\n",
           classes[c].coclass, classes[c].name); /* [tlb] */
        if (SUCCEEDED(hr)) ITypeInfo_ReleaseTypeAttr(implemented, attr);
        ITypeInfo_Release(implemented);
    }
    ITypeInfo_Release(info);
}

static ITypeInfo *find_type(ITypeLib *lib, const char *wanted)
{
    UINT i;

    for (i = 0; i < ITypeLib_GetTypeInfoCount(lib); i++)
    {
        struct text name = {{ 0 }};
        ITypeInfo *info;
        BSTR str = NULL;

        if (FAILED(ITypeLib_GetDocumentation(lib, i, &str, NULL, NULL, NULL))) continue;
        add_wide(&name, str);
        SysFreeString(str);
        if (!strcmp(name.buf, wanted) && SUCCEEDED(ITypeLib_GetTypeInfo(lib, i, &info))) return info;
    }
    return NULL;
}

static void test_field(ITypeInfo *info, UINT index, const char *type, const struct field *field)
{
    struct text name = {{ 0 }};
    BSTR str = NULL;
    VARDESC *var;
    LONG value;
    HRESULT hr;

    hr = ITypeInfo_GetVarDesc(info, index, &var);
    ok(hr == S_OK, "%s: GetVarDesc of %s failed: %#lx.\n", type, field->name, hr);
    if (hr != S_OK) return;
    ITypeInfo_GetDocumentation(info, var->memid, &str, NULL, NULL, NULL);
    if (str) add_wide(&name, str);
    SysFreeString(str);
    value = var->varkind == VAR_CONST ? V_I4(var->lpvarValue) : (LONG)var->oInst;
    ok(!lstrcmpiA(name.buf, field->name) && value == field->value,
       "%s: %s at or with %ld, expected %s, %ld.\n", type, name.buf, (long)value, field->name,
       (long)field->value); /* [tlb] */
    ITypeInfo_ReleaseVarDesc(info, var);
}

static void test_types(ITypeLib *lib)
{
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(types); i++)
    {
        ITypeInfo *info = find_type(lib, types[i].name);
        TYPEATTR *attr;
        HRESULT hr;

        ok(info != NULL, "%s is not in the library.\n", types[i].name); /* [tlb] */
        if (!info) continue;
        hr = ITypeInfo_GetTypeAttr(info, &attr);
        ok(hr == S_OK, "GetTypeAttr: %#lx.\n", hr);
        ok(attr->typekind == types[i].kind && attr->cbSizeInstance == types[i].size
           && attr->cVars == types[i].count, "%s: kind %d, %lu bytes, %u members; expected %d, %lu, %u.\n",
           types[i].name, attr->typekind, (unsigned long)attr->cbSizeInstance, attr->cVars, types[i].kind,
           (unsigned long)types[i].size, types[i].count); /* [tlb] */
        for (j = 0; j < types[i].count && j < attr->cVars; j++)
            test_field(info, j, types[i].name, &types[i].fields[j]);
        ITypeInfo_ReleaseTypeAttr(info, attr);
        ITypeInfo_Release(info);
    }
}

/* Every function of every type, ours or pulled in by ours, can be read. */
static void test_readable(ITypeLib *lib)
{
    unsigned int functions = 0, unreadable = 0, coclasses = 0, interfaces = 0;
    UINT i, j;

    for (i = 0; i < ITypeLib_GetTypeInfoCount(lib); i++)
    {
        ITypeInfo *info = NULL;
        TYPEATTR *attr = NULL;
        FUNCDESC *func;
        HRESULT hr;

        hr = ITypeLib_GetTypeInfo(lib, i, &info);
        if (SUCCEEDED(hr)) hr = ITypeInfo_GetTypeAttr(info, &attr);
        ok(hr == S_OK, "Type %u cannot be read: %#lx.\n", i, hr); /* [tlb] */
        if (FAILED(hr)) continue;
        coclasses += attr->typekind == TKIND_COCLASS;
        interfaces += attr->typekind == TKIND_INTERFACE && (attr->wTypeFlags & TYPEFLAG_FDISPATCHABLE);
        for (j = 0; j < attr->cFuncs; j++, functions++)
        {
            if (SUCCEEDED(ITypeInfo_GetFuncDesc(info, j, &func))) ITypeInfo_ReleaseFuncDesc(info, func);
            else unreadable++;
        }
        ITypeInfo_ReleaseTypeAttr(info, attr);
        ITypeInfo_Release(info);
    }
    ok(functions && !unreadable, "%u of %u functions cannot be read.\n", unreadable, functions); /* [tlb] */
    ok(coclasses == ARRAY_SIZE(classes), "%u coclasses.\n", coclasses); /* [tlb] */
    ok(interfaces == ARRAY_SIZE(classes), "%u dispatchable interfaces.\n", interfaces); /* [tlb] */
}

static void test_library(ITypeLib *lib)
{
    static const GUID libid =
        { 0x82c38704, 0x19f1, 0x11d3, { 0xa1, 0x1f, 0x00, 0xc0, 0x4f, 0x79, 0xf8, 0x00 } };
    BSTR name = NULL, help = NULL;
    TLIBATTR *attr;
    HRESULT hr;

    hr = ITypeLib_GetLibAttr(lib, &attr);
    ok(hr == S_OK, "GetLibAttr: %#lx.\n", hr);
    ok(IsEqualGUID(&attr->guid, &libid), "The library has another LIBID.\n"); /* [tlb] */
    ok(attr->wMajorVerNum == 1 && attr->wMinorVerNum == 0, "Version %u.%u.\n", attr->wMajorVerNum,
       attr->wMinorVerNum); /* [tlb] */
    ok(attr->lcid == 0, "LCID %#lx.\n", (unsigned long)attr->lcid); /* [tlb] */
    ok(attr->syskind == (sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32), "System kind %d.\n", attr->syskind);
    ITypeLib_ReleaseTLibAttr(lib, attr);

    hr = ITypeLib_GetDocumentation(lib, MEMBERID_NIL, &name, &help, NULL, NULL);
    ok(hr == S_OK, "GetDocumentation: %#lx.\n", hr);
    ok(name && !lstrcmpW(name, L"SCARDSSPLib"), "Another library name.\n"); /* [tlb] */
    ok(help && !lstrcmpW(help, L"scardssp 1.0 Type Library"), "Another help string.\n"); /* [tlb] */
    SysFreeString(name);
    SysFreeString(help);
}

/* The library of the very module that implements a freshly created object, found by its vtable. */
static ITypeLib *load_library_of_class(void)
{
    MEMORY_BASIC_INFORMATION memory;
    WCHAR path[MAX_PATH];
    IByteBuffer *buffer;
    ITypeLib *lib = NULL;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer, (void **)&buffer);
    ok(hr == S_OK, "CoCreateInstance: %#lx.\n", hr); /* [doc] */
    if (hr != S_OK) return NULL;
    if (VirtualQuery(buffer->lpVtbl, &memory, sizeof(memory))
        && GetModuleFileNameW(memory.AllocationBase, path, MAX_PATH))
    {
        hr = LoadTypeLibEx(path, REGKIND_NONE, &lib);
        ok(hr == S_OK, "LoadTypeLibEx of %ls: %#lx.\n", path, hr); /* [tlb] */
    }
    else ok(0, "The module of the class was not found.\n");
    IByteBuffer_Release(buffer);
    return lib;
}

START_TEST(typelib)
{
    ITypeLib *lib;
    unsigned int i;

    CoInitialize(NULL);
    if ((lib = load_library_of_class()))
    {
        test_library(lib);
        test_readable(lib);
        for (i = 0; i < ARRAY_SIZE(classes); i++)
        {
            test_coclass(lib, i);
            test_interface(lib, i);
        }
        test_types(lib);
        ITypeLib_Release(lib);
    }
    CoUninitialize();
}
