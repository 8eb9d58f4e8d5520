/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module, on which all rooms stand: where it was loaded, and how long it stays. Windows' headers come with it. */

#ifndef SCARDSSP_MODULE_H
#define SCARDSSP_MODULE_H

#include <stdarg.h>

#ifndef COBJMACROS
#define COBJMACROS
#endif
#include "windef.h"
#include "winbase.h"
#include "ole2.h"

/* The module lives as long as there is an object or a server lock. */
void module_add_ref(void);
void module_release(void);
BOOL module_is_idle(void);
extern HINSTANCE scardssp_instance;

#endif
