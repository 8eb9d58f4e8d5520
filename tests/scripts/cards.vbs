' SPDX-License-Identifier: LGPL-2.1-or-later
'
' Prints the names of all known cards, as ISCardDatabase gives them. tests/cards.sh runs it.

Option Explicit

Dim name

For Each name In CreateObject("Scardssp.SCardDatabase").ListCards()
    WScript.Echo name
Next
WScript.Echo "end"
