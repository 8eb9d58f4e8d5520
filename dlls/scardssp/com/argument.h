/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_ARGUMENT_H
#define SCARDSSP_ARGUMENT_H

#include "signature.h"

/* One parameter of the call: what the caller gave and what the method gets. */
struct argument
{
    const struct param *param;
    VARIANT *given;         /* NULL: omitted, or not the caller's to give */
    BOOL is_variable;       /* what comes back can be stored there: not a constant, and no NULL pointer */
    BOOL is_null;           /* of a parameter that is a pointer to the value: the method gets NULL */
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
    IUnknown *original;     /* of an [in, out] interface: the reference that the caller's object was queried for */
    BYTE *copy;             /* of PARAM_BYTES: memory of ours; NULL: the value is an address that the caller gave */
    SIZE_T byte_count;      /* of copy */
    SAFEARRAY *array;       /* of PARAM_BYTES: the caller's, locked; NULL: the bytes are not in an array */
    VARTYPE element;        /* of that array */
    VARIANT old;            /* what was in the caller's variable before the new value */
    VARIANT *old_elements;  /* what was in the caller's array of VARIANTs; room for byte_count, NULL: not one */
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
    if (!variant)
        return TRUE;
    if (V_VT(variant) == (VT_BYREF | VT_ERROR))
        return V_ERRORREF(variant) && *V_ERRORREF(variant) == DISP_E_PARAMNOTFOUND;
    return V_VT(variant) == VT_ERROR && V_ERROR(variant) == DISP_E_PARAMNOTFOUND;
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

/*
 * Stores what came back of an argument in the variable or array that the caller passed, where it passed one; what was
 * there stays until argument_release_old(). arguments: those of the whole call, of which PARAM_BYTES needs another.
 * DISP_E_OVERFLOW: the number does not fit the variable, which is as it was.
 */
HRESULT argument_give_back(struct argument *arguments, UINT index, LCID lcid);

/* Makes the result of the call, in a form that scripts know, of what came back; the argument gives it away. */
HRESULT argument_put_result(struct object *object, struct argument *argument, VARIANT *variant);

/* Frees what the conversion of an argument made, and lets go of the caller's array. */
void argument_free(struct argument *argument);

/*
 * Lets go of what new values took the place of. A last Release runs code of the program, which may look at any of its
 * variables: all of them must have their new values, and no array be locked.
 */
void argument_release_old(struct argument *argument);

#endif
