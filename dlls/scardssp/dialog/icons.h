/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_DIALOG_ICONS_H
#define SCARDSSP_DIALOG_ICONS_H

#include "controls.h"

enum reader_icon
{
    ICON_EMPTY,
    ICON_CARD,
    ICON_MATCH,
    ICON_PROBLEM,
    ICON_COUNT
};

/* In the order of enum reader_icon, of the size of small icons; NULL: there are none. */
HIMAGELIST create_reader_icons(const struct controls *controls);

#endif
