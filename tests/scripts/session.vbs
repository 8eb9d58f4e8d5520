' SPDX-License-Identifier: LGPL-2.1-or-later
'
' A session with the demonstration card from VBScript. tests/scripts.sh runs it and counts the lines.

Option Explicit

Const EXCLUSIVE = 1, SHARED = 2, T0_OR_T1 = 3, LEAVE = 0

Dim database, readers, reader, card, iso, conv, cmd, other, position, number, description, i, text

Sub Check(holds, what)
    If holds Then
        WScript.Echo "ok " & what
    Else
        WScript.Echo "not ok " & what
    End If
End Sub

' Wine 10's VBScript crashes at the ReDim of an array that was declared with empty brackets, hence none here.
Function Buffer(text)
    Dim bytes, i
    ReDim bytes(Len(text) - 1)
    For i = 1 To Len(text)
        bytes(i - 1) = Asc(Mid(text, i, 1))
    Next
    Set Buffer = conv.ConvertSafeArrayToByteBuffer(bytes)
End Function

' The bytes of a buffer as text; VBScript indexes the VARIANTs of its own array, which Read fills.
Function Content(source, size)
    Dim bytes, count, i
    ReDim bytes(size - 1)
    source.Read bytes, size, count
    For i = 0 To count - 1
        Content = Content & Chr(bytes(i))
    Next
End Function

Set conv = CreateObject("Scardssp.SCardTypeConv")
Set iso = CreateObject("Scardssp.SCardISO7816")
Set card = CreateObject("Scardssp.SCard")
Set database = CreateObject("Scardssp.SCardDatabase")

readers = database.ListReaders()
Check UBound(readers) >= 0, "readers are listed"
reader = readers(0)
Check Len(reader) > 0, "the first one has a name: " & reader
Check IsArray(database.ListCards()), "cards are listed"

Check card.CardHandle = 0, "not attached"
On Error Resume Next
card.LockSCard
number = Err.Number
description = Err.Description
Err.Clear
Check number <> 0, "an error before attaching: " & Hex(number)
Check InStr(description, "LockSCard") > 0, "it is described: " & description
On Error Goto 0

card.AttachByReader reader, SHARED, T0_OR_T1
Check card.Protocol = 1 Or card.Protocol = 2, "attached, protocol " & card.Protocol
Check card.CardHandle <> 0, "it has a handle"
Set other = CreateObject("SCard.SCard.1")
other.AttachByHandle card.CardHandle
Check other.Protocol = card.Protocol, "attached by handle"
other.Detach

iso.SelectFile 4, &H0C, Buffer(Chr(240) & "WINE" & Chr(1)), 0, cmd
Check IsObject(cmd), "a command is created"
Check cmd.ApduLength = 11, "its length"
card.Transaction cmd
Check cmd.ReplyStatus = &H9000&, "selected: " & Hex(cmd.ReplyStatus)

iso.ReadBinary &H81, 0, 16, cmd
card.Transaction cmd
Check cmd.ReplyStatusSW1 = &H90 And cmd.ReplyStatusSW2 = 0, "read"
Check cmd.ApduReplyLength = 18, "16 bytes and the status"
text = Content(cmd.ApduReply, 16)
Check text = "Erika Mustermann", "the holder: " & text
cmd.ApduReply.Seek 0, 2, position
Check position = 18, "the end of the reply"

iso.ReadBinary &H82, 0, 8, cmd
card.Transaction cmd
Check cmd.ReplyStatus = &H6982&, "the safe is closed"
iso.Verify 1, Buffer("9999"), cmd
card.Transaction cmd
Check &H63C0& = (cmd.ReplyStatus And &HFFF0&), "a wrong PIN: " & Hex(cmd.ReplyStatus)
iso.Verify 1, Buffer("1234"), cmd
card.Transaction cmd
Check cmd.ReplyStatus = &H9000&, "the right PIN"
iso.ReadBinary &H82, 0, 8, cmd
card.Transaction cmd
Check Content(cmd.ApduReply, 8) = "The safe", "the safe is open"

cmd.BuildCmd 0, &HB0, 0, 0
Set cmd.Data = Buffer("ab")
Check cmd.P3 = 2, "Set cmd.Data"
cmd.ReplyStatus = &H9000
Check cmd.ReplyStatus = &H9000&, "a negative number for a word: " & Hex(cmd.ReplyStatus)
On Error Resume Next
cmd.P1 = 256
' DISP_E_OVERFLOW, or VBScript's own number of it
Check Err.Number = 6 Or Err.Number = &H8002000A, "overflow of a byte: " & Err.Number
Err.Clear
card.Transaction conv
' DISP_E_TYPEMISMATCH, likewise
Check Err.Number = 13 Or Err.Number = &H80020005, "an object of another kind: " & Err.Number
Err.Clear
card.Detach 9
Check Err.Number = &H80070057 Or Err.Number = 5, "a value that is none: " & Hex(Err.Number)
Check Len(Err.Description) > 0, "described: " & Err.Description
On Error Goto 0

card.LockSCard
card.UnlockSCard
card.Detach
Check card.CardHandle = 0, "detached"
WScript.Echo "end"
