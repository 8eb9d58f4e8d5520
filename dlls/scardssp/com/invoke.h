/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_INVOKE_H
#define SCARDSSP_INVOKE_H

#include "signature.h"

/*
 * Calls a member for a late-bound caller, with IDispatch::Invoke's arguments.
 * DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, DISP_E_PARAMNOTOPTIONAL (with *arg_error), DISP_E_BADPARAMCOUNT and
 * DISP_E_PARAMNOTFOUND: the method was not called; only DISP_E_OVERFLOW can also mean that a number which came back
 * does not fit the caller's variable, all others being stored. DISP_E_EXCEPTION: it failed, and *excepinfo says why.
 */
HRESULT invoke_member(struct object *object, const struct member *member, LCID lcid, DISPPARAMS *params,
        VARIANT *result, EXCEPINFO *excepinfo, UINT *arg_error);

#endif
