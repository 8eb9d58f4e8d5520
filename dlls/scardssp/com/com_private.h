/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of this room share. */

#ifndef SCARDSSP_COM_PRIVATE_H
#define SCARDSSP_COM_PRIVATE_H

#include "com.h"

/* error.c: object_error() where there is no object, because it could not be created. */
HRESULT class_error(const struct class_desc *class, const char *method, HRESULT hr, const char *cause);

#endif
