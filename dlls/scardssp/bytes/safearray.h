/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SAFEARRAYs of bytes and of strings, as the interfaces take and return them. */

#ifndef SCARDSSP_SAFEARRAY_H
#define SCARDSSP_SAFEARRAY_H

#include "scardssp_private.h"

/* The elements of a one-dimensional array of bytes, with any lower bound; they are the array's own. E_INVALIDARG. */
HRESULT safearray_get_bytes(SAFEARRAY *array, const BYTE **bytes, ULONG *count);
/* The elements of a one-dimensional array of BSTR. E_INVALIDARG. */
HRESULT safearray_get_strings(SAFEARRAY *array, BSTR **strings, ULONG *count);

/* New arrays, with a lower bound of 0. data, strings: NULL for zeros. E_OUTOFMEMORY. */
HRESULT safearray_from_bytes(const BYTE *data, ULONG count, SAFEARRAY **array);
HRESULT safearray_from_strings(const WCHAR *const *strings, ULONG count, SAFEARRAY **array);
/* The same from a multi-string: strings that end in NUL one after the other, after the last another NUL. */
HRESULT safearray_from_multistring(const WCHAR *strings, SAFEARRAY **array);

/* The GUIDs of an array of strings in registry form, with or without braces. The caller frees *guids. */
HRESULT safearray_get_guids(SAFEARRAY *array, GUID **guids, ULONG *count);

#endif
