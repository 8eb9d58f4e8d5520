/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ProgIDs of the scheme that the stand-alone DLL registers besides that of objects.c. */

#define COBJMACROS
#include "common.h"
#include "object_rules.h"

START_TEST(progids)
{
    CoInitialize(NULL);
    check_progids(NULL); /* [ours] each name has its class on both sides of the dot */
    CoUninitialize();
}
