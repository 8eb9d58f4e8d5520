' SPDX-License-Identifier: LGPL-2.1-or-later
'
' The smart card daemon is restarted under a program that is attached to a card. tests/restart.sh runs this and
' restarts the daemon when the file that is the first argument appears, and makes another, the second, when it is done.
On Error Resume Next

Const SHARED = 2, T0_OR_T1 = 3, LEAVE = 0
Const NO_SERVICE = &H8010001D
Dim card, iso, cmd, files

Sub Check(condition, what)
    If condition Then
        WScript.Echo "ok " & what
    Else
        WScript.Echo "not ok " & what & ": " & Hex(Err.Number) & " " & Err.Description
    End If
    Err.Clear
End Sub

Set files = CreateObject("Scripting.FileSystemObject")
Set card = CreateObject("Scardssp.SCard")
Set iso = CreateObject("Scardssp.SCardISO7816")
iso.GetData &H5F, &H2D, 4, cmd
card.AttachByReader "Virtual PCD 00 00", SHARED, T0_OR_T1
Check Err.Number = 0, "attached"
card.Transaction cmd
Check Err.Number = 0 And cmd.ReplyStatus <> 0, "transaction"

files.CreateTextFile(WScript.Arguments(0)).Close
Do Until files.FileExists(WScript.Arguments(1))
    WScript.Sleep 50
Loop

card.Transaction cmd
Check Err.Number = NO_SERVICE, "a transaction says that the service is gone"
Check cmd.ReplyStatus = 0, "no old reply is left"
card.ReAttach SHARED, LEAVE
Check Err.Number = NO_SERVICE, "ReAttach says that the service is gone"
card.AttachByReader "Virtual PCD 00 00", SHARED, T0_OR_T1
Check Err.Number = 0, "attached again, with the same object"
card.Transaction cmd
Check Err.Number = 0 And cmd.ReplyStatus <> 0, "transaction after the restart"
card.LockSCard
Check Err.Number = 0, "locked"
card.UnlockSCard
Check Err.Number = 0, "unlocked"
