/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The four entry points of the DLL, and its class factories. */

#include <stdarg.h>

#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "ole2.h"
#include "olectl.h"

/* The identifiers of scardssp.h, and only those, are defined here; the others are in libuuid. */
#include "initguid.h"
#include "bytes/bytestore.h"
#include "system/found_card.h"
#include "system/carddb.h"
#include "standalone/stack_guard.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

HINSTANCE scardssp_instance;

const struct class_desc *const all_classes[CLASS_COUNT] =
{
    [CLASS_BYTE_BUFFER] = &byte_buffer_class,
    [CLASS_TYPE_CONV] = &type_conv_class,
    [CLASS_CMD] = &cmd_class,
    [CLASS_ISO7816] = &iso7816_class,
    [CLASS_CARD] = &card_class,
    [CLASS_DATABASE] = &database_class,
    [CLASS_LOCATE] = &locate_class,
};

const struct class_desc *class_from_clsid(const CLSID *clsid)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(all_classes); i++)
    {
        if (IsEqualCLSID(clsid, all_classes[i]->clsid))
            return all_classes[i];
    }
    return NULL;
}

/* A factory is a part of the module, not an object with a count of its own: only locks and objects keep us loaded. */
struct factory
{
    IClassFactory IClassFactory_iface;
    enum class_index index;
};

static inline struct factory *impl_from_IClassFactory(IClassFactory *iface)
{
    return CONTAINING_RECORD(iface, struct factory, IClassFactory_iface);
}

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p.\n", iface, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    if (IsEqualIID(riid, &IID_IUnknown) || IsEqualIID(riid, &IID_IClassFactory))
    {
        IClassFactory_AddRef(iface);
        *out = iface;
        return S_OK;
    }
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    module_add_ref();
    return 2;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    module_release();
    return 1;
}

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **out)
{
    return object_create(all_classes[impl_from_IClassFactory(iface)->index], outer, riid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    TRACE("%p, %d.\n", iface, lock);

    if (lock)
        module_add_ref();
    else
        module_release();
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateInstance,
    factory_LockServer
};

static struct factory factories[CLASS_COUNT] =
{
    [CLASS_BYTE_BUFFER] = {{ &factory_vtbl }, CLASS_BYTE_BUFFER },
    [CLASS_TYPE_CONV] = {{ &factory_vtbl }, CLASS_TYPE_CONV },
    [CLASS_CMD] = {{ &factory_vtbl }, CLASS_CMD },
    [CLASS_ISO7816] = {{ &factory_vtbl }, CLASS_ISO7816 },
    [CLASS_CARD] = {{ &factory_vtbl }, CLASS_CARD },
    [CLASS_DATABASE] = {{ &factory_vtbl }, CLASS_DATABASE },
    [CLASS_LOCATE] = {{ &factory_vtbl }, CLASS_LOCATE },
};

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    switch (reason)
    {
        case DLL_PROCESS_ATTACH:
            stack_guard_init();
            scardssp_instance = instance;
            DisableThreadLibraryCalls(instance);
            known_cards_init();
            found_cards_init();
            stream_locks_init();
            stream_memory_init();
            break;
        case DLL_PROCESS_DETACH:
            if (reserved)
                break;
            dispatch_cleanup();
            known_cards_cleanup();
            found_cards_cleanup();
            stream_locks_cleanup();
            stream_memory_cleanup();
            break;
    }
    return TRUE;
}

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID riid, void **out)
{
    const struct class_desc *class = class_from_clsid(clsid);

    TRACE("%s, %s, %p.\n", debugstr_guid(clsid), debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!class)
        return CLASS_E_CLASSNOTAVAILABLE;
    return IClassFactory_QueryInterface(&factories[class->index].IClassFactory_iface, riid, out);
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return module_is_idle() ? S_OK : S_FALSE;
}

HRESULT WINAPI DllRegisterServer(void)
{
    return register_server();
}

HRESULT WINAPI DllUnregisterServer(void)
{
    return unregister_server();
}
