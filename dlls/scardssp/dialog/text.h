/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_DIALOG_TEXT_H
#define SCARDSSP_DIALOG_TEXT_H

#include "module/module.h"
#include "dialog_resource.h"

/* A string in the language of the calling thread's locale, or in English. */
#define DIALOG_TEXT_SIZE 160
const WCHAR *dialog_text(UINT id, WCHAR text[DIALOG_TEXT_SIZE]);

#endif
