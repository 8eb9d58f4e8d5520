/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * COM, once for all classes: identity, aggregation, marshaling, IDispatch and error information.
 *
 * A class is a struct object at the start of its own struct, and a class description: a class file holds only what the
 * class is about.
 */

#ifndef SCARDSSP_COM_H
#define SCARDSSP_COM_H

#include "module/module.h"

/* ---- classes ---- */

struct object;
struct special_param;

/* What a class has once it was needed, for all its objects. */
struct class_cache
{
    ITypeInfo *type_info;
    struct signature *signature;            /* what the type library says of its members, compiled */
};

struct class_desc
{
    const CLSID *clsid;
    const IID *iid;                         /* of the one interface that the class has */
    const WCHAR *name;                      /* "SCardCmd": the coclass is CSCardCmd, the interface ISCardCmd */
    const void *vtbl;                       /* of that interface; its first seven slots are OBJECT_METHODS */
    SIZE_T size;                            /* of the class's struct, which starts with struct object */
    HRESULT (*init)(struct object *object); /* fills the zeroed rest of the struct; NULL: nothing to do */
    void (*destroy)(struct object *object); /* also after a failed init; NULL: nothing to do */
    const struct special_param *special_params; /* a PARAM_OPAQUE ends them; NULL: there are none */
    struct class_cache *cache;              /* zeroed, and this class's alone */
};

/* Ends what the caches of classes hold. classes: NULL ends them. */
void classes_cleanup(const struct class_desc *const *classes);

/* ---- object.c: IUnknown, aggregation, marshaling and lifetime ---- */

struct object
{
    IDispatch IDispatch_iface;              /* the class's interface, seen as the IDispatch that it derives from */
    IUnknown IUnknown_inner;                /* the non-delegating IUnknown that an aggregating outer holds */
    ISupportErrorInfo ISupportErrorInfo_iface;
    IUnknown *outer;                        /* the controlling unknown; IUnknown_inner when not aggregated */
    IUnknown *marshaler;                    /* free-threaded marshaler, made when first asked for */
    const struct class_desc *class;
    LONG ref;
    CRITICAL_SECTION lock;                  /* serialises the calls on this object */
};

/*
 * Creates an object of a class.
 * outer: the controlling unknown, or NULL. With an outer riid must be IID_IUnknown, else CLASS_E_NOAGGREGATION.
 * On failure *out is NULL, and there is error information.
 */
HRESULT object_create(const struct class_desc *class, IUnknown *outer, REFIID riid, void **out);

/* The struct object behind a pointer to a class's interface. */
static inline struct object *object_from_iface(void *iface)
{
    return CONTAINING_RECORD((IDispatch *)iface, struct object, IDispatch_iface);
}

HRESULT WINAPI object_QueryInterface(IDispatch *iface, REFIID riid, void **out);
ULONG WINAPI object_AddRef(IDispatch *iface);
ULONG WINAPI object_Release(IDispatch *iface);

/* ---- dispatch.c: IDispatch from the embedded type library ---- */

HRESULT WINAPI object_GetTypeInfoCount(IDispatch *iface, UINT *count);
HRESULT WINAPI object_GetTypeInfo(IDispatch *iface, UINT index, LCID lcid, ITypeInfo **out);
HRESULT WINAPI object_GetIDsOfNames(IDispatch *iface, REFIID riid, LPOLESTR *names, UINT count, LCID lcid,
        DISPID *dispids);
HRESULT WINAPI object_Invoke(IDispatch *iface, DISPID dispid, REFIID riid, LCID lcid, WORD flags,
        DISPPARAMS *params, VARIANT *result, EXCEPINFO *excepinfo, UINT *arg_error);

/* The first seven slots of the vtable of any class. */
#define OBJECT_METHODS(iface) \
    (HRESULT (WINAPI *)(iface *, REFIID, void **))object_QueryInterface, \
    (ULONG (WINAPI *)(iface *))object_AddRef, \
    (ULONG (WINAPI *)(iface *))object_Release, \
    (HRESULT (WINAPI *)(iface *, UINT *))object_GetTypeInfoCount, \
    (HRESULT (WINAPI *)(iface *, UINT, LCID, ITypeInfo **))object_GetTypeInfo, \
    (HRESULT (WINAPI *)(iface *, REFIID, LPOLESTR *, UINT, LCID, DISPID *))object_GetIDsOfNames, \
    (HRESULT (WINAPI *)(iface *, DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *))\
            object_Invoke

/* ---- signature.c: what the types in the type library do not tell late-bound calls ---- */

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
    RESULT_OF_CLASS         /* memory of CoTaskMemAlloc that only the class can make a value of */
};

struct special_param
{
    SHORT method;           /* METHOD() */
    UINT param;             /* its number, from 0 */
    enum param_kind kind;
    UINT count_param;       /* of PARAM_BYTES: which parameter says how many there are */
    UINT done_param;        /* of PARAM_BYTES that goes back: which PARAM_I4_REF gets how many came */
    /* Of RESULT_OF_CLASS: makes what scripts get. The memory of the value is freed afterwards, also after a failure. */
    HRESULT (*put_result)(struct object *object, void *value, VARIANT *variant);
};

/*
 * The place of a method in the vtable. Its name and the types of its parameters are those of the IDL: where they change
 * there, this does not compile.
 */
#define METHOD(iface, name, ...) \
    _Generic(((iface##Vtbl *)0)->name, HRESULT (WINAPI *)(iface *, __VA_ARGS__): offsetof(iface##Vtbl, name))

/* VBScript knows no unsigned number: a VT_I4 where it fits, else a VT_R8, which holds any address exactly. */
void variant_put_unsigned(VARIANT *variant, ULONGLONG value);

/* ---- error.c: error information ---- */

/*
 * Every failure of a public method returns through here: it leaves an IErrorInfo whose description names the method,
 * the cause and the name of the code, and returns hr.
 * method: __func__ of the method, "card_AttachByReader" for ISCard::AttachByReader.
 * cause: one clause without a full stop, or NULL for the meaning of hr.
 */
HRESULT object_error(const struct object *object, const char *method, HRESULT hr, const char *cause);
/* The cause of an E_INVALIDARG where others say E_POINTER. */
extern const char null_pointer[];

#endif
