/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the classes of scardssp.dll share.
 *
 * All seven classes are a struct object with a class description: object.c, dispatch.c and error.c implement COM for
 * them, so that a class file holds only what the class is about.
 */

#ifndef SCARDSSP_PRIVATE_H
#define SCARDSSP_PRIVATE_H

#include <stdarg.h>

#ifndef COBJMACROS
#define COBJMACROS
#endif
#include "windef.h"
#include "winbase.h"
#include "ole2.h"
#include "scardssp.h"

/* ---- object.c: IUnknown, aggregation, marshaling and lifetime ---- */

struct object;

enum class_index
{
    CLASS_BYTE_BUFFER,
    CLASS_TYPE_CONV,
    CLASS_CMD,
    CLASS_ISO7816,
    CLASS_CARD,
    CLASS_DATABASE,
    CLASS_LOCATE,
    CLASS_COUNT
};

struct class_desc
{
    enum class_index index;
    const CLSID *clsid;
    const IID *iid;                         /* of the one interface that the class has */
    const WCHAR *name;                      /* "SCardCmd": the coclass is CSCardCmd, the interface ISCardCmd */
    const void *vtbl;                       /* of that interface; its first seven slots are OBJECT_METHODS */
    SIZE_T size;                            /* of the class's struct, which starts with struct object */
    HRESULT (*init)(struct object *object); /* fills the zeroed rest of the struct; NULL: nothing to do */
    void (*destroy)(struct object *object); /* also after a failed init; NULL: nothing to do */
};

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

/* NULL: there is no such class. */
const struct class_desc *class_from_clsid(const CLSID *clsid);
extern const struct class_desc *const all_classes[CLASS_COUNT];
extern const struct class_desc byte_buffer_class, type_conv_class, cmd_class, iso7816_class, card_class,
        database_class, locate_class;

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

/* The module lives as long as there is an object or a server lock. */
void module_add_ref(void);
void module_release(void);
BOOL module_is_idle(void);
extern HINSTANCE scardssp_instance;

/* ---- dispatch.c: IDispatch from the embedded type library ---- */

HRESULT WINAPI object_GetTypeInfoCount(IDispatch *iface, UINT *count);
HRESULT WINAPI object_GetTypeInfo(IDispatch *iface, UINT index, LCID lcid, ITypeInfo **out);
HRESULT WINAPI object_GetIDsOfNames(IDispatch *iface, REFIID riid, LPOLESTR *names, UINT count, LCID lcid,
        DISPID *dispids);
HRESULT WINAPI object_Invoke(IDispatch *iface, DISPID dispid, REFIID riid, LCID lcid, WORD flags,
        DISPPARAMS *params, VARIANT *result, EXCEPINFO *excepinfo, UINT *arg_error);

/* The type library of this module; its path is that of the module. The caller releases it. */
HRESULT dispatch_load_typelib(ITypeLib **typelib);
void dispatch_cleanup(void);

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

/* ---- error.c: error information ---- */

/*
 * Every failure of a public method returns through here: it leaves an IErrorInfo whose description names the method,
 * the cause and the name of the code, and returns hr.
 * method: __func__ of the method, "card_AttachByReader" for ISCard::AttachByReader.
 * cause: one clause without a full stop, or NULL for the meaning of hr.
 */
HRESULT object_error(const struct object *object, const char *method, HRESULT hr, const char *cause);
/* The same where there is no object, because it could not be created. */
HRESULT class_error(const struct class_desc *class, const char *method, HRESULT hr, const char *cause);

/* ---- register.c ---- */

HRESULT register_server(void);
HRESULT unregister_server(void);

/* ---- bytes.c: a growable run of bytes that is wiped before its memory goes ---- */

struct bytes
{
    BYTE *data;                             /* NULL or inline_data or allocated */
    SIZE_T size, capacity;
    BYTE inline_data[4 + 1 + 255 + 1];      /* a short APDU, or a short reply, costs no allocation */
};

/*
 * Makes the run size bytes long; bytes that it had stay, new ones are zero.
 * FALSE when there is no memory: nothing has changed.
 */
BOOL bytes_resize(struct bytes *bytes, SIZE_T size);
/* Replaces the content; data may be NULL for zeros. FALSE when there is no memory: nothing has changed. */
BOOL bytes_set(struct bytes *bytes, const void *data, SIZE_T size);
/* Appends; FALSE when there is no memory: nothing has changed. */
BOOL bytes_append(struct bytes *bytes, const void *data, SIZE_T size);
/* Wipes and empties. */
void bytes_clear(struct bytes *bytes);

/* ---- bytebuffer.c ---- */

/* Creates a byte buffer with a copy of size bytes of data (NULL: zeros), the seek pointer at 0. */
HRESULT byte_buffer_create(const void *data, ULONG size, IByteBuffer **out);

/*
 * Copies the whole content of any implementation of IByteBuffer, whatever its seek pointer is, which stays.
 * content: an empty run; the caller clears it also after a failure.
 * max: E_INVALIDARG when there are more bytes. Must not be called with a lock held: buffer may be foreign.
 */
HRESULT byte_buffer_read_all(IByteBuffer *buffer, ULONG max, struct bytes *content);

/* ---- typeconv.c: the memory that GetAtIStreamMemory handed out ---- */

void stream_memory_init(void);
void stream_memory_cleanup(void);

/* ---- cmd.c ---- */

/* The struct behind an ISCardCmd that is our own, NULL for a foreign one. */
struct cmd *unsafe_impl_from_ISCardCmd(ISCardCmd *iface);

/* What a transaction needs of a command. */
struct cmd_request
{
    struct bytes apdu;                      /* as encoded; cleared by the caller */
    BYTE nad;
    BOOL has_alternate_cla;
    BYTE alternate_cla;                     /* of the GET RESPONSE commands, where the program has put one */
};

/* Fills request from any implementation of ISCardCmd. E_INVALIDARG: nothing is built. */
HRESULT cmd_get_request(ISCardCmd *iface, struct cmd_request *request);
/* Drops the reply of a command of our own. */
void cmd_drop_reply(struct cmd *cmd);
/* Stores a reply, SW1 SW2 at its end, in a command of our own. */
HRESULT cmd_set_reply(struct cmd *cmd, const BYTE *reply, SIZE_T size);

/* For traces: header and lengths of an APDU. No data field is shown: any instruction of any card may carry a secret. */
#define APDU_DESCRIPTION_SIZE 64
const char *describe_apdu(const BYTE *bytes, SIZE_T size, char text[APDU_DESCRIPTION_SIZE]);

#endif
