/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_ARGUMENT_H
#define SCARDSSP_ARGUMENT_H

#include "signature.h"


/* One parameter of the call: what the caller gave and what the method gets. */
struct argument
{
    const struct param *param;
    VARIANT *given;         /* NULL: omitted, or not the caller's to give */
    union                   /* what the method gets, or a pointer to it */
    {
        BYTE ui1;
        WORD ui2;
        LONG i4;
        ULONG ui4;
        ULONG_PTR handle;
        ULONGLONG ui8;
        BSTR bstr;
        IUnknown *object;
        SAFEARRAY *array;
        BYTE *bytes;
        void *pointer;
    } value;
    IUnknown *original;     /* of PARAM_INTERFACE_REF: the reference that the caller's object was queried for */
    SIZE_T byte_count;      /* of PARAM_BYTES */
};

/* Follows VT_BYREF | VT_VARIANT to the variable that it stands for. */
static inline VARIANT *dereference(VARIANT *variant)
{
    /* Automation knows one level; a variant that refers to itself must not keep us here. */
    if (variant && V_VT(variant) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(variant))
        return V_VARIANTREF(variant);
    return variant;
}

static inline BOOL is_omitted(const VARIANT *variant)
{
    return !variant || (V_VT(variant) == VT_ERROR && V_ERROR(variant) == DISP_E_PARAMNOTFOUND);
}

static inline BOOL is_nothing(const VARIANT *variant)
{
    return V_VT(variant) == VT_EMPTY || V_VT(variant) == VT_NULL;
}

/*
 * Converts what the caller gave for a parameter into what the method gets. The bytes of a PARAM_BYTES come after the
 * count that belongs to them. Errors: as those of invoke_member().
 */
HRESULT argument_get(struct argument *arguments, UINT index, LCID lcid);

/* The one-dimensional array in a variant; DISP_E_TYPEMISMATCH when there is none of such elements or VARIANTs. */
HRESULT argument_get_array(const VARIANT *given, VARTYPE element, SAFEARRAY **array, VARTYPE *vt, LONG *count);

/* Stores what came back in the variable that the caller passed, where it passed one. */
HRESULT argument_give_back(struct argument *argument, const VARIANT *passed, LCID lcid);

/* Makes the result of the call, in a form that scripts know, of what came back; the argument gives it away. */
HRESULT argument_put_result(struct object *object, struct argument *argument, VARIANT *variant);

/* Frees what the conversion of an argument made. */
void argument_free(struct argument *argument);

#endif
