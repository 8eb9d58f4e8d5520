/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The numbers of what is in dialog.rc, for the resource compiler and for C. */

#ifndef SCARDSSP_DIALOG_RESOURCE_H
#define SCARDSSP_DIALOG_RESOURCE_H

#define IDD_FIND_CARD           100

#define IDC_PROMPT              101
#define IDC_READERS_LABEL       102
#define IDC_READERS             103
#define IDC_STATUS              104

#define IDS_TITLE               200
#define IDS_READERS             201
#define IDS_CANCEL              202

#define IDS_PROMPT_NAME         210
#define IDS_PROMPT_NAMES        211
#define IDS_PROMPT_ANY          212

#define IDS_COLUMN_READER       220
#define IDS_COLUMN_STATE        221
#define IDS_COLUMN_CARD         222

#define IDS_READER_EMPTY        230
#define IDS_READER_CARD         231
#define IDS_READER_IN_USE       232
#define IDS_READER_MUTE         233
#define IDS_READER_UNAVAILABLE  234
#define IDS_UNKNOWN_CARD        235

#define IDS_STATUS_STARTING     240
#define IDS_STATUS_WAITING      241
#define IDS_STATUS_OTHER_CARD   242
#define IDS_STATUS_FOUND        243
#define IDS_STATUS_NO_READER    244
#define IDS_STATUS_NO_SERVICE   245
#define IDS_STATUS_NO_MEMORY    246
#define IDS_STATUS_NOT_THERE    247

#define IDS_FAILED_IN_USE       250
#define IDS_FAILED_REMOVED      251
#define IDS_FAILED_MUTE         252
#define IDS_FAILED_READER       253

#endif
