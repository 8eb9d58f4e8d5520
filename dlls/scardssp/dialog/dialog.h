/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dialog of ISCardLocate::FindCard. */

#ifndef SCARDSSP_DIALOG_H
#define SCARDSSP_DIALOG_H

#include "module/module.h"
#include "core/atr.h"

#define CARD_NAME_SIZE 256      /* of a card's name with its end; a registry key has no longer one */

/* What the dialog is about. arg is that of both functions. */
struct dialog_search
{
    const WCHAR *title;         /* NULL or empty: the dialog's own */
    const BSTR *names;          /* of the cards that are looked for */
    ULONG name_count;           /* 0: they have no names */
    const BSTR *aliases;        /* of the only readers that are shown (system/system.h) */
    ULONG alias_count;          /* 0: all are shown */
    BOOL closes_on_match;       /* else the user chooses */
    void *arg;
    /*
     * Whether this card is looked for. name: of the card, empty when it is not known. Called in a thread of the
     * dialog's own: it may take long, while the window lives.
     */
    BOOL (*identify)(void *arg, const struct atr *atr, WCHAR name[CARD_NAME_SIZE]);
    /*
     * Connects to a card that was identified as one that is looked for. What the user can do something about (the card
     * was removed, another program uses it, ...) leaves the dialog open, everything else ends it.
     * reader: its own name, whatever it is called in the dialog.
     */
    HRESULT (*connect)(void *arg, const WCHAR *reader);
};

/*
 * Shows the dialog above the active window of this thread, and returns when it is closed.
 * S_OK: connect has succeeded. SCARD_W_CANCELLED_BY_USER: also when the owner was destroyed, or the thread is to quit.
 * S_FALSE: there is no display. Any other: connect's, or E_OUTOFMEMORY.
 */
HRESULT dialog_run(const struct dialog_search *search);

/* Whether the user can do something about this failure of finding or connecting a card. */
BOOL dialog_can_help(HRESULT hr);

#endif
