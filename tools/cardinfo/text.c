/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What codes mean: HRESULTs, status words, file control information, states and protocols. */

#define COBJMACROS

#include <stdlib.h>

#include "cardinfo.h"

/* ---- HRESULTs ---- */

#define NOT_LOADED "scardssp.dll is registered, but could not be loaded.", \
    "run scardssp-setup install for this prefix; if there is a DLL override for scardssp (WINEDLLOVERRIDES,\n" \
    "  winecfg), remove it."

static const struct
{
    HRESULT hr;
    enum exit_code exit;
    const char *name, *meaning, *advice;
}
failures[] =
{
    { REGDB_E_CLASSNOTREG, EXIT_NO_LIBRARY, "REGDB_E_CLASSNOTREG",
      "The smart card objects are not registered for programs of this width.",
      "run scardssp-setup install for this prefix; scardssp-doctor says what is missing." },
    { CLASS_E_CLASSNOTAVAILABLE, EXIT_NO_LIBRARY, "CLASS_E_CLASSNOTAVAILABLE",
      "This scardssp.dll does not have the class.",
      "use a newer one; where only the list of readers is missing, name the reader with --reader." },
    { HRESULT_FROM_WIN32(ERROR_MOD_NOT_FOUND), EXIT_NO_LIBRARY, "ERROR_MOD_NOT_FOUND", NOT_LOADED },
    { E_ACCESSDENIED, EXIT_NO_LIBRARY, "E_ACCESSDENIED", NOT_LOADED },      /* on Wine */
    { HRESULT_FROM_WIN32(ERROR_BAD_EXE_FORMAT), EXIT_NO_LIBRARY, "ERROR_BAD_EXE_FORMAT",
      "The registered scardssp.dll is of the other width.",
      "run scardssp-setup install for this prefix: the 32-bit DLL belongs into syswow64, the 64-bit one into system32." },
    { (HRESULT)0xc0000005, EXIT_NO_CARD, "STATUS_ACCESS_VIOLATION",
      "Wine's winscard has no unix side: Wine was built without pcsc-lite, or does not find it.",
      "see docs/troubleshooting.md." },
    { SCARD_E_NO_SERVICE, EXIT_NO_CARD, "SCARD_E_NO_SERVICE",
      "The smart card service is not running.",
      "start it (on Linux: the pcscd daemon) and try again." },
    { SCARD_E_SERVICE_STOPPED, EXIT_NO_CARD, "SCARD_E_SERVICE_STOPPED",
      "The smart card service has stopped, or speaks another version of its protocol.",
      "start it (on Linux: the pcscd daemon) and try again; scardssp-doctor tells what it is." },
    { SCARD_E_INVALID_PARAMETER, EXIT_NO_CARD, "SCARD_E_INVALID_PARAMETER",
      "The smart card service did not understand the request.",
      "if this is a 32-bit program on Wine, it runs in Wine's old WoW64 mode, where smart cards do not\n"
      "  work: see docs/troubleshooting.md." },
    { SCARD_W_SECURITY_VIOLATION, EXIT_NO_CARD, "SCARD_W_SECURITY_VIOLATION",
      "The smart card service refused this user.",
      "log in on the machine itself, or let the administrator allow the user in polkit's rules for pcscd." },
    { SCARD_E_NO_READERS_AVAILABLE, EXIT_NO_CARD, "SCARD_E_NO_READERS_AVAILABLE",
      "No smart card reader is connected.",
      "connect a reader; if there is one, check that the service has a driver for it." },
    { SCARD_E_UNKNOWN_READER, EXIT_NO_CARD, "SCARD_E_UNKNOWN_READER",
      "There is no reader of this name.",
      "run cardinfo --list and give the name exactly as it stands there." },
    { SCARD_E_READER_UNAVAILABLE, EXIT_NO_CARD, "SCARD_E_READER_UNAVAILABLE",
      "The reader is not available.",
      "check that it is connected and that no other program holds it." },
    { SCARD_E_NO_SMARTCARD, EXIT_NO_CARD, "SCARD_E_NO_SMARTCARD",
      "There is no card in the reader.",
      "insert a card and try again." },
    { SCARD_E_SHARING_VIOLATION, EXIT_NO_CARD, "SCARD_E_SHARING_VIOLATION",
      "Another program is using the card and does not share it, or has it while it was wanted alone.",
      "close the other program; scardssp-doctor tells which." },
    { SCARD_E_PROTO_MISMATCH, EXIT_NO_CARD, "SCARD_E_PROTO_MISMATCH",
      "The card does not speak the protocol that was asked for.",
      "try --protocol any." },
    { SCARD_W_REMOVED_CARD, EXIT_FAILED, "SCARD_W_REMOVED_CARD",
      "The card was taken out of the reader.",
      "insert it and try again." },
    { SCARD_W_RESET_CARD, EXIT_FAILED, "SCARD_W_RESET_CARD",
      "Another program has reset the card: selected files and verified PINs are forgotten.",
      "try again; --exclusive keeps other programs away." },
    { SCARD_W_UNPOWERED_CARD, EXIT_FAILED, "SCARD_W_UNPOWERED_CARD",
      "The card has no power.",
      "take it out, insert it and try again." },
    { SCARD_W_UNRESPONSIVE_CARD, EXIT_NO_CARD, "SCARD_W_UNRESPONSIVE_CARD",
      "The card does not answer to reset.",
      "check that it is inserted the right way round and that its contacts are clean." },
    { SCARD_W_UNSUPPORTED_CARD, EXIT_NO_CARD, "SCARD_W_UNSUPPORTED_CARD",
      "The reader cannot talk to this card: its ATR does not fit.",
      "try another reader." },
    { SCARD_E_NOT_READY, EXIT_NO_CARD, "SCARD_E_NOT_READY",
      "The reader is not ready.",
      "wait a moment and try again." },
    { SCARD_F_COMM_ERROR, EXIT_FAILED, "SCARD_F_COMM_ERROR",
      "The talk with the card broke down.",
      "try again; if it stays so, the card or the reader is at fault." },
    { SCARD_E_NOT_TRANSACTED, EXIT_FAILED, "SCARD_E_NOT_TRANSACTED",
      "The card did not carry out the exchange.",
      "take it out, insert it and try again." },
    { SCARD_E_TIMEOUT, EXIT_FAILED, "SCARD_E_TIMEOUT",
      "The card did not answer in time.",
      "take it out, insert it and try again." },
    { SCARD_E_INVALID_HANDLE, EXIT_FAILED, "SCARD_E_INVALID_HANDLE",
      "There is no connection to a card (any more).",
      "try again." },
    { SCARD_E_INSUFFICIENT_BUFFER, EXIT_FAILED, "SCARD_E_INSUFFICIENT_BUFFER",
      "The card answered more than the reader or the service can carry.",
      "ask for less, such as --read 256." },
    { SCARD_E_UNSUPPORTED_FEATURE, EXIT_FAILED, "SCARD_E_UNSUPPORTED_FEATURE",
      "The card or the reader does not support this.", "try another --protocol." },
    /* pcsc-lite's SCARD_E_UNSUPPORTED_FEATURE has this value. */
    { SCARD_E_UNEXPECTED, EXIT_FAILED, "SCARD_E_UNEXPECTED",
      "The card or the reader does not support this (or failed in a way that has no name).",
      "try another --protocol." },
    { E_INVALIDARG, EXIT_FAILED, "E_INVALIDARG",
      "The object refused an argument, for example bytes that are no command APDU.",
      "check what was given to the option; T=0 cannot carry more than 255 bytes of data in one command." },
    { E_OUTOFMEMORY, EXIT_FAILED, "E_OUTOFMEMORY", "There is not enough memory.", "close other programs." },
};

/* The sentence that the object left for us, in UTF-8; the caller frees it. */
static char *get_description(void)
{
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    char *text = NULL;

    if (GetErrorInfo(0, &info) != S_OK) return NULL;
    IErrorInfo_GetDescription(info, &description);
    if (description) text = utf8_from_wide(description);
    SysFreeString(description);
    IErrorInfo_Release(info);
    return text;
}

const char *meaning_of(HRESULT hr)
{
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(failures); i++) if (failures[i].hr == hr) return failures[i].meaning;
    return "It failed.";
}

enum exit_code report_failure(const char *call, HRESULT hr)
{
    char *description = get_description();
    unsigned int i = 0;

    while (i < ARRAYSIZE(failures) && failures[i].hr != hr) i++;
    if (i < ARRAYSIZE(failures))
    {
        print_error("cardinfo: %s failed with %s (0x%08lX).\n", call, failures[i].name, hr);
        print_error("  %s\n  What to do: %s\n", failures[i].meaning, failures[i].advice);
    }
    else
    {
        print_error("cardinfo: %s failed with 0x%08lX.\n", call, hr);
    }
    if (description && HRESULT_FACILITY(hr) != FACILITY_SCARD)
        print_error("  The object says: %s\n", description);
    free(description);
    return i < ARRAYSIZE(failures) ? failures[i].exit : EXIT_FAILED;
}

/* ---- status words: ISO/IEC 7816-4, "Status bytes", and GSM 11.11, 9.4 ---- */

/* The first entry that matches counts. Where the mask leaves bits, their value is printed after the text. */
static const struct
{
    WORD status, mask;
    const char *text;
}
statuses[] =
{
    { 0x9000, 0xffff, "success" },
    { 0x6100, 0xff00, "success, bytes waiting for GET RESPONSE (00: 256 or more): " },
    { 0x6200, 0xffff, "warning, memory unchanged: no information given" },
    { 0x6281, 0xffff, "warning: part of the returned data may be corrupted" },
    { 0x6282, 0xffff, "warning: the end of the file or record came before the expected length" },
    { 0x6283, 0xffff, "warning: the selected file is deactivated" },
    { 0x6284, 0xffff, "warning: the file control information is not formatted as the standard says" },
    { 0x6285, 0xffff, "warning: the selected file is in termination state" },
    { 0x6286, 0xffff, "warning: no input data available from a sensor on the card" },
    { 0x6200, 0xff00, "warning, memory unchanged, code: " },
    { 0x6381, 0xffff, "the file is filled up by this write" },
    { 0x63c0, 0xffff, "wrong PIN or key; it is blocked now, no tries left" },
    { 0x63c0, 0xfff0, "wrong PIN or key, tries left: " },
    { 0x6300, 0xffff, "wrong PIN or key, or memory changed with a warning: no information given" },
    { 0x6300, 0xff00, "warning, memory changed, code: " },
    { 0x6400, 0xff00, "execution error, memory unchanged, code: " },
    { 0x6581, 0xffff, "memory failure" },
    { 0x6500, 0xff00, "execution error, memory changed, code: " },
    { 0x6600, 0xff00, "security-related problem, code: " },
    { 0x6700, 0xffff, "wrong length" },
    { 0x6700, 0xff00, "wrong length; the card expects: " },
    { 0x6881, 0xffff, "logical channel not supported" },
    { 0x6882, 0xffff, "secure messaging not supported" },
    { 0x6883, 0xffff, "the last command of the chain was expected" },
    { 0x6884, 0xffff, "command chaining not supported" },
    { 0x6800, 0xff00, "function in CLA not supported, code: " },
    { 0x6981, 0xffff, "the command does not fit the structure of the file" },
    { 0x6982, 0xffff, "security status not satisfied: a PIN or key must be verified first" },
    { 0x6983, 0xffff, "PIN or key blocked" },
    { 0x6984, 0xffff, "reference data not usable" },
    { 0x6985, 0xffff, "conditions of use not satisfied" },
    { 0x6986, 0xffff, "command not allowed: no current EF; select a file first" },
    { 0x6987, 0xffff, "secure messaging data objects are missing" },
    { 0x6988, 0xffff, "secure messaging data objects are wrong" },
    { 0x6900, 0xff00, "command not allowed, code: " },
    { 0x6a80, 0xffff, "wrong data in the command" },
    { 0x6a81, 0xffff, "function not supported" },
    { 0x6a82, 0xffff, "file or application not found" },
    { 0x6a83, 0xffff, "record not found" },
    { 0x6a84, 0xffff, "not enough memory space in the file" },
    { 0x6a85, 0xffff, "Lc does not fit the TLV structure" },
    { 0x6a86, 0xffff, "wrong P1 or P2" },
    { 0x6a87, 0xffff, "Lc does not fit P1-P2" },
    { 0x6a88, 0xffff, "referenced data (PIN, key, data object) not found" },
    { 0x6a89, 0xffff, "the file exists already" },
    { 0x6a8a, 0xffff, "the DF name exists already" },
    { 0x6a00, 0xff00, "wrong P1 or P2, code: " },
    { 0x6b00, 0xffff, "wrong P1 or P2, for example an offset outside the file" },
    { 0x6c00, 0xff00, "wrong Le; bytes available (0: 256): " },
    { 0x6d00, 0xff00, "instruction (INS) not supported" },
    { 0x6e00, 0xff00, "class (CLA) not supported; GSM cards want --class A0" },
    { 0x6f00, 0xffff, "the card gives no precise reason" },
    { 0x9100, 0xff00, "success, with a message of the SIM application toolkit of length: " },
    { 0x9f00, 0xff00, "success, bytes waiting for GET RESPONSE: " },
    { 0x9240, 0xffff, "memory problem" },
    { 0x9400, 0xffff, "no EF selected" },
    { 0x9402, 0xffff, "out of range (address)" },
    { 0x9404, 0xffff, "file or pattern not found" },
    { 0x9408, 0xffff, "the command does not fit the type of the file" },
    { 0x9802, 0xffff, "no PIN (CHV) initialised" },
    { 0x9804, 0xffff, "wrong PIN, or access condition not fulfilled: a PIN must be verified first" },
    { 0x9808, 0xffff, "in contradiction with the PIN (CHV) status" },
    { 0x9840, 0xffff, "wrong PIN, or PIN (CHV) blocked: no tries left" },
    { 0x0000, 0x0000, NULL },
};

BOOL status_is_success(WORD status)
{
    switch (status >> 8)
    {
        case 0x90: case 0x91: case 0x61: case 0x62: case 0x9f: return TRUE;
        default: return FALSE;
    }
}

void print_status(WORD status)
{
    unsigned int i = 0;

    while ((status & statuses[i].mask) != statuses[i].status) i++;
    if (!statuses[i].text)
        print("%04X status without a standard meaning: see the card's manual\n", status);
    else if (statuses[i].text[strlen(statuses[i].text) - 1] == ' ')
        print("%04X %s%u\n", status, statuses[i].text, status & ~statuses[i].mask);
    else
        print("%04X %s\n", status, statuses[i].text);
}

/* ---- what SELECT returns: ISO/IEC 7816-4, "File control information", and GSM 11.11, 9.2.1 ---- */

static const char *file_type(BYTE descriptor)
{
    static const char *const structures[] =
    {
        "file without a given structure",
        "transparent file: use --read",
        "file of linear fixed records: use --record",
        "file of linear fixed records (TLV): use --record",
        "file of linear variable records: use --record",
        "file of linear variable records (TLV): use --record",
        "file of cyclic records: use --record",
        "file of cyclic records (TLV): use --record",
    };

    if ((descriptor & 0xbf) == 0x38) return "directory (DF)";
    return structures[descriptor & 7];
}

static unsigned int big_endian(const BYTE *bytes, size_t size)
{
    unsigned int value = 0;

    while (size--) value = value << 8 | *bytes++;
    return value;
}

static void print_gsm_file_info(const BYTE *bytes, size_t size)
{
    const char *type = "directory (MF or DF)";

    if (bytes[6] == 4 && size >= 15)
    {
        type = bytes[13] ? "file of records: use --record" : "transparent file: use --read";
        print("  size:          %u bytes\n", big_endian(bytes + 2, 2));
    }
    print("  type:          %s\n  file id:       %04X\n", type, big_endian(bytes + 4, 2));
}

void print_file_info(BYTE class_id, const BYTE *bytes, size_t size)
{
    const BYTE *value, *end;
    BYTE tag, length;

    if (class_id == 0xa0 && size >= 7) print_gsm_file_info(bytes, size);
    /* else an FCI or FCP template with a one-byte length */
    if (size < 2 || (bytes[0] != 0x6f && bytes[0] != 0x62) || bytes[1] >= 0x80 || bytes[1] > size - 2) return;
    end = bytes + 2 + bytes[1];
    for (value = bytes + 2; end - value >= 2; value += length)
    {
        tag = value[0];
        length = value[1];
        value += 2;
        if (length >= 0x80 || length > end - value) return;
        if (tag == 0x82 && length)
            print("  type:          %s\n", file_type(value[0]));
        if (tag == 0x80 && length && length <= 4)
            print("  size:          %u bytes\n", big_endian(value, length));
        if (tag == 0x83 && length == 2)
            print("  file id:       %04X\n", big_endian(value, length));
        if (tag == 0x50 && length)
            print("  label:         %.*s\n", length, (const char *)value);
        if (tag == 0x84)
        {
            print("  DF name (AID): ");
            print_hex(value, length, "                 ");
            print("\n");
        }
    }
}

/* ---- the rest ---- */

const char *state_name(int state)
{
    static const char *const names[] =
    {
        NULL,
        "no card in the reader",
        "card present, not in position for use",
        "card in position, not powered",
        "card powered, not reset",
        "ready (negotiable mode)",
        "ready (specific mode: the protocol is fixed)",
    };

    return state > 0 && state < (int)ARRAYSIZE(names) ? names[state] : "unknown";
}

const char *protocol_name(int protocol)
{
    switch (protocol)
    {
        case 1: return "T=0";
        case 2: return "T=1";
        case 0xff: return "RAW";
        default: return "unknown";
    }
}
