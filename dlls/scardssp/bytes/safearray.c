/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SAFEARRAYs of bytes and of strings. */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* The type of the elements; an array that does not say is recognised by its features and the size of an element. */
static VARTYPE get_vartype(SAFEARRAY *array)
{
    static const USHORT objects = FADF_BSTR | FADF_UNKNOWN | FADF_DISPATCH | FADF_VARIANT | FADF_RECORD;
    VARTYPE vt;

    if (SUCCEEDED(SafeArrayGetVartype(array, &vt)) && vt)
        return vt;
    if (array->fFeatures & FADF_BSTR)
        return VT_BSTR;
    if (array->cbElements == 1 && !(array->fFeatures & objects))
        return VT_UI1;
    return VT_EMPTY;
}

static HRESULT get_elements(SAFEARRAY *array, VARTYPE vt, void **elements, ULONG *count)
{
    if (SafeArrayGetDim(array) != 1 || get_vartype(array) != vt)
        return E_INVALIDARG;
    *count = array->rgsabound[0].cElements;
    *elements = array->pvData;
    return *count && !*elements ? E_INVALIDARG : S_OK;
}

HRESULT safearray_get_bytes(SAFEARRAY *array, const BYTE **bytes, ULONG *count)
{
    return get_elements(array, VT_UI1, (void **)bytes, count);
}

HRESULT safearray_get_strings(SAFEARRAY *array, BSTR **strings, ULONG *count)
{
    return get_elements(array, VT_BSTR, (void **)strings, count);
}

HRESULT safearray_from_bytes(const BYTE *data, ULONG count, SAFEARRAY **array)
{
    if (!(*array = SafeArrayCreateVector(VT_UI1, 0, count)))
        return E_OUTOFMEMORY;
    if (data)
        memcpy((*array)->pvData, data, count);
    else
        memset((*array)->pvData, 0, count);
    return S_OK;
}

HRESULT safearray_from_strings(const WCHAR *const *strings, ULONG count, SAFEARRAY **array)
{
    BSTR *elements;
    ULONG i;

    if (!(*array = SafeArrayCreateVector(VT_BSTR, 0, count)))
        return E_OUTOFMEMORY;
    elements = (*array)->pvData;
    for (i = 0; i < count; i++)
    {
        if (!(elements[i] = SysAllocString(strings[i])))
        {
            SafeArrayDestroy(*array);
            *array = NULL;
            return E_OUTOFMEMORY;
        }
    }
    return S_OK;
}

HRESULT safearray_from_multistring(const WCHAR *multistring, SAFEARRAY **array)
{
    const WCHAR **strings, *string;
    ULONG count = 0;
    HRESULT hr;

    for (string = multistring; *string; string += lstrlenW(string) + 1)
        count++;
    if (!(strings = malloc((count + 1) * sizeof(*strings))))
        return E_OUTOFMEMORY;
    count = 0;
    for (string = multistring; *string; string += lstrlenW(string) + 1)
        strings[count++] = string;
    hr = safearray_from_strings(strings, count, array);
    free(strings);
    return hr;
}

static HRESULT parse_guid(const WCHAR *string, GUID *guid)
{
    WCHAR braced[39];

    if (!string)
        return E_INVALIDARG;
    if (*string == '{')
        return SUCCEEDED(CLSIDFromString((WCHAR *)string, guid)) ? S_OK : E_INVALIDARG;
    if (lstrlenW(string) != 36)
        return E_INVALIDARG;
    braced[0] = '{';
    memcpy(braced + 1, string, 36 * sizeof(WCHAR));
    braced[37] = '}';
    braced[38] = 0;
    return SUCCEEDED(CLSIDFromString(braced, guid)) ? S_OK : E_INVALIDARG;
}

HRESULT safearray_get_guids(SAFEARRAY *array, GUID **guids, ULONG *count)
{
    HRESULT hr;
    BSTR *strings;
    ULONG i;

    *guids = NULL;
    if (FAILED(hr = safearray_get_strings(array, &strings, count)))
        return hr;
    if (!(*guids = malloc((*count + 1) * sizeof(**guids))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < *count; i++)
        hr = parse_guid(strings[i], &(*guids)[i]);
    if (FAILED(hr))
    {
        free(*guids);
        *guids = NULL;
    }
    return hr;
}
