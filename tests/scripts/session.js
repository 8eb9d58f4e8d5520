/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session with the demonstration card from JScript, which knows no by-reference arguments: commands are created
 * first. tests/scripts.sh runs it and counts the lines.
 */

var SHARED = 2, T0_OR_T1 = 3;

function check(holds, what)
{
    WScript.Echo((holds ? "ok " : "not ok ") + what);
}

function catch_error(action)
{
    try
    {
        action();
    }
    catch (e)
    {
        return e;
    }
    return { number: 0, description: "" };
}

/* A buffer of these characters; each goes as one byte. */
function buffer(text)
{
    var made = new ActiveXObject("Scardssp.ByteBuffer"), i;

    made.Initialize(0);
    for (i = 0; i < text.length; i++)
        made.Write(text.charCodeAt(i), 1, 0);
    return made;
}

var iso = new ActiveXObject("Scardssp.SCardISO7816");
var card = new ActiveXObject("Scardssp.SCard");
var cmd = new ActiveXObject("Scardssp.SCardCmd");
var conv = new ActiveXObject("Scardssp.SCardTypeConv");
var error;

function transact()
{
    card.Transaction(cmd);
    return cmd.ReplyStatus;
}

error = catch_error(function() { card.LockSCard(); });
check(error.number != 0, "an error before attaching: " + error.number);
check(/LockSCard/.test(error.description), "it is described: " + error.description);

card.AttachByReader("Virtual PCD 00 00", SHARED, T0_OR_T1);
check(card.Protocol == 1 || card.Protocol == 2, "attached, protocol " + card.Protocol);

iso.SelectFile(4, 0x0c, buffer("\u00f0WINE\u0001"), 0, cmd);
check(cmd.ApduLength == 11, "the command's length: " + cmd.ApduLength);
check(transact() == 0x9000, "selected");
iso.ReadBinary(0x81, 0, 16, cmd);
check(transact() == 0x9000, "read");
check(cmd.ApduReplyLength == 18, "16 bytes and the status: " + cmd.ApduReplyLength);
check(cmd.ReplyStatusSW1 == 0x90, "SW1: " + cmd.ReplyStatusSW1);
iso.Verify(1, buffer("9999"), cmd);
check((transact() & 0xfff0) == 0x63c0, "a wrong PIN");
iso.Verify(1, buffer("1234"), cmd);
check(transact() == 0x9000, "the right PIN");

error = catch_error(function() { card.Transaction(conv); });
/* DISP_E_TYPEMISMATCH as Wine passes it on, or JScript's own number of it */
check(error.number == (0x80020005 | 0) || (error.number & 0xffff) == 13, "an object of another kind: " + error.number);
error = catch_error(function() { cmd.P1 = 256; });
/* DISP_E_OVERFLOW, likewise */
check(error.number == (0x8002000a | 0) || (error.number & 0xffff) == 6, "overflow of a byte: " + error.number);

error = catch_error(function() { iso.ReadBinary(0, 0, 8, null); });
check(error.number != 0, "no room for the command: " + error.number);
cmd.BuildCmd(0, 0xb0, 0, 0, null, null);
check(cmd.ApduLength == 4, "null for no data and no length: " + cmd.ApduLength);

card.Detach();
check(card.CardHandle == 0, "detached");
WScript.Echo("end");
