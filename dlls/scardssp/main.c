/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The entry points of the DLL that make objects, and its class factories. */

#include "scardssp_private.h"
#include "system/carddb.h"
#include "system/system.h"
#include "olectl.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

/* The classes. A new one is its file, with a class description of this name, and a line here. */
#define ALL_CLASSES(X) \
    X(byte_buffer_class) \
    X(type_conv_class) \
    X(cmd_class) \
    X(iso7816_class) \
    X(card_class) \
    X(database_class) \
    X(locate_class)

#define DECLARATION(class) extern const struct class_desc class;
#define ENTRY(class) &class,

ALL_CLASSES(DECLARATION)
const struct class_desc *const all_classes[] = { ALL_CLASSES(ENTRY) NULL };

/* A factory is a part of the module, not an object with a count of its own: only locks and objects keep us loaded. */
struct factory
{
    IClassFactory IClassFactory_iface;
    const struct class_desc *class;
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
    return object_create(impl_from_IClassFactory(iface)->class, outer, riid, out);
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

#define FACTORY(class) {{ &factory_vtbl }, &class },

static struct factory factories[] = { ALL_CLASSES(FACTORY) };

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    switch (reason)
    {
        case DLL_PROCESS_ATTACH:
            scardssp_instance = instance;
            DisableThreadLibraryCalls(instance);
            known_cards_init();
            found_cards_init();
            stores_init();
            stream_memory_init();
            break;
        case DLL_PROCESS_DETACH:
            if (reserved)
                break;
            classes_cleanup(all_classes);
            known_cards_cleanup();
            found_cards_cleanup();
            stores_cleanup();
            stream_memory_cleanup();
            break;
    }
    return TRUE;
}

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID riid, void **out)
{
    unsigned int i;

    TRACE("%s, %s, %p.\n", debugstr_guid(clsid), debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    *out = NULL;
    for (i = 0; i < ARRAY_SIZE(factories); i++)
    {
        if (IsEqualCLSID(clsid, factories[i].class->clsid))
            return IClassFactory_QueryInterface(&factories[i].IClassFactory_iface, riid, out);
    }
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return module_is_idle() ? S_OK : S_FALSE;
}
