/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The talk with the card: through ISCard, ISCardCmd, ISCardISO7816, IByteBuffer and ISCardDatabase alone. */

#include <stdlib.h>

#include <initguid.h>
#include "session.h"

#define MAX_READ 32768          /* READ BINARY has offsets of 15 bits */

struct session session;

static HRESULT create(REFCLSID clsid, REFIID iid, void **object)
{
    return CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, object);
}

/* A new buffer with these bytes. */
static HRESULT create_buffer(const BYTE *bytes, LONG size, IByteBuffer **buffer)
{
    HRESULT hr;

    if (FAILED(hr = create(&CLSID_CByteBuffer, &IID_IByteBuffer, (void **)buffer))) return hr;
    if (FAILED(hr = IByteBuffer_Initialize(*buffer, size, (BYTE *)bytes)))
    {
        IByteBuffer_Release(*buffer);
        *buffer = NULL;
    }
    return hr;
}

/* Overwrites what a buffer holds, and releases it. */
static void wipe_buffer(IByteBuffer *buffer, LONG size)
{
    BYTE zeros[256] = {0};
    LONG count, written;

    IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL);
    for (; size > 0; size -= count)
    {
        count = min(size, (LONG)sizeof(zeros));
        IByteBuffer_Write(buffer, zeros, count, &written);
    }
    IByteBuffer_Release(buffer);
}

/* ---- one exchange ---- */

/* The command as the object has it. The caller wipes and frees *bytes. */
static HRESULT get_command(BYTE **bytes, LONG *size)
{
    IByteBuffer *apdu;
    LONG count = 0;
    HRESULT hr;

    if (FAILED(hr = ISCardCmd_get_ApduLength(session.cmd, size))) return hr;
    if (FAILED(hr = ISCardCmd_get_Apdu(session.cmd, &apdu))) return hr;
    if (!apdu) return E_UNEXPECTED;
    if (!(*bytes = malloc(*size + 1))) hr = E_OUTOFMEMORY;
    else hr = IByteBuffer_Read(apdu, *bytes, *size, &count);
    wipe_buffer(apdu, *size);
    return SUCCEEDED(hr) && (count != *size || count < 4) ? E_UNEXPECTED : hr;
}

static void print_digits(const BYTE *bytes, LONG size)
{
    LONG i;

    for (i = 0; i < size; i++) print("%02X", bytes[i]);
}

static void print_time(void)
{
    SYSTEMTIME now;

    GetSystemTime(&now);
    print("%04u-%02u-%02uT%02u:%02u:%02u.%03uZ ", now.wYear, now.wMonth, now.wDay, now.wHour, now.wMinute,
          now.wSecond, now.wMilliseconds);
}

/* As the DLL writes a handle. */
static void print_line_start(HSCARD handle)
{
    unsigned long high = (ULONGLONG)handle >> 32, low = (unsigned long)handle;

    print(handle ? "scardsspdata: " : "  ");
    print_time();
    if (high) print("0x%lx%08lx ", high, low);
    else if (handle) print("0x%lx ", low);
}

BOOL has_header(void)
{
    SCARD_PROTOCOLS protocol;

    return !session.is_opaque && SUCCEEDED(ISCard_get_Protocol(session.card, &protocol))
        && (protocol == T0 || protocol == T1);
}

static void print_name(void)
{
    char *name = session.reader ? utf8_from_wide(session.reader) : NULL;

    print("%s\n", name ? name : "?");
    free(name);
}

HRESULT trace_attach(HSCARD handle)
{
    SCARD_PROTOCOLS protocol;
    BYTE atr[64];
    LONG size;
    HRESULT hr;

    if (!session.settings->trace_data) return S_OK;
    if (FAILED(hr = ISCard_get_Protocol(session.card, &protocol))) return hr;
    if (FAILED(hr = get_atr(atr, sizeof(atr), &size))) return hr;
    print_line_start(handle);
    print("attach %s ", has_header() || protocol == RAW ? protocol_name(protocol) : "-");
    print_digits(atr, size);
    print(" ");
    print_name();
    return S_OK;
}

void trace_reset(void)
{
    if (!session.settings->trace_data) return;
    print_line_start(0);
    print("reset\n");
}

void trace_command(HSCARD handle, const BYTE *bytes, LONG size)
{
    if (session.settings->trace)
    {
        print("  > ");
        if (has_header() && size >= 4)
        {
            print_hex(bytes, 4, "");
            print(", ");
        }
        print("%ld bytes\n", size);
    }
    if (session.settings->trace_data)
    {
        print_line_start(handle);
        print_digits(bytes, size);
    }
}

void trace_reply(LONG error, LONG size)
{
    if (session.settings->trace_data && error) print(" ! %08lX\n", error);
    else if (session.settings->trace_data)
    {
        print(" > ");
        print_digits(session.reply, size);
        print("\n");
    }
    if (!session.settings->trace || error) return;
    if (has_header() && size >= 2)
        print("  < %02X%02X, %ld bytes\n", session.reply[size - 2], session.reply[size - 1], size - 2);
    else print("  < %ld bytes\n", size);
}

/* Before session.cmd is sent. */
static HRESULT trace_built_command(void)
{
    BYTE *bytes = NULL;
    LONG size = 0;
    HRESULT hr;

    if (!session.settings->trace && !session.settings->trace_data) return S_OK;
    hr = get_command(&bytes, &size);
    if (SUCCEEDED(hr)) trace_command(0, bytes, size);
    if (bytes) SecureZeroMemory(bytes, size);
    free(bytes);
    return hr;
}

static HRESULT get_reply(void)
{
    IByteBuffer *reply = NULL;
    LONG size, count = 0;
    HRESULT hr;

    if (FAILED(hr = ISCardCmd_get_ReplyStatus(session.cmd, &session.status))) return hr;
    if (FAILED(hr = ISCardCmd_get_ApduReplyLength(session.cmd, &size))) return hr;
    if (FAILED(hr = ISCardCmd_get_ApduReply(session.cmd, &reply))) return hr;
    if (!reply || size < 2 || size > MAX_REPLY) hr = E_UNEXPECTED;
    else hr = IByteBuffer_Read(reply, session.reply, size, &count);
    if (reply) IByteBuffer_Release(reply);
    if (SUCCEEDED(hr) && count != size) hr = E_UNEXPECTED;
    session.reply_size = SUCCEEDED(hr) ? size - 2 : 0;
    return hr;
}

/* Sends session.cmd; the reply is in session.reply and session.status. *call: what failed, where something did. */
static HRESULT try_exchange(const char **call)
{
    HRESULT hr;

    *call = "Reading the command";
    if (FAILED(hr = trace_built_command())) return hr;
    *call = "ISCard::Transaction";
    if (SUCCEEDED(hr = ISCard_Transaction(session.card, &session.cmd)))
    {
        *call = "Reading the reply";
        hr = get_reply();
    }
    trace_reply(FAILED(hr) ? hr : 0, session.reply_size + 2);
    return hr;
}

static enum exit_code exchange(void)
{
    const char *call;
    HRESULT hr = try_exchange(&call);

    return FAILED(hr) ? report_failure(call, hr) : EXIT_OK;
}

HRESULT transact(const BYTE *bytes, LONG size, const char **call)
{
    IByteBuffer *apdu = NULL;
    HRESULT hr;

    *call = "Creating a byte buffer";
    if (FAILED(hr = create_buffer(bytes, size, &apdu))) return hr;
    *call = "ISCardCmd::put_Apdu";
    hr = ISCardCmd_put_Apdu(session.cmd, apdu);
    wipe_buffer(apdu, size);
    if (FAILED(hr)) return hr;
    hr = try_exchange(call);
    ISCardCmd_Clear(session.cmd);
    return hr;
}

/* Sends session.cmd if building it went well, and fetches what the card keeps for GET RESPONSE. */
static enum exit_code send_built(const char *method, HRESULT hr)
{
    enum exit_code code;
    BYTE sw1;

    if (FAILED(hr)) return report_failure(method, hr);
    if ((code = exchange())) return code;
    sw1 = session.status >> 8;
    if (session.reply_size || (sw1 != 0x61 && sw1 != 0x9f)) return EXIT_OK;
    hr = ISCardISO7816_GetResponse(session.iso, 0, 0, session.status & 0xff, &session.cmd);
    return FAILED(hr) ? report_failure("ISCardISO7816::GetResponse", hr) : exchange();
}

/* Whether the card refused and told the right length: 6Cxx, or 67xx of GSM cards. */
static BOOL wants_other_length(LONG *length)
{
    BYTE sw1 = session.status >> 8, sw2 = session.status & 0xff;

    if (sw1 != 0x6c && (sw1 != 0x67 || !sw2)) return FALSE;
    *length = sw2 ? sw2 : 256;
    return TRUE;
}

/* ---- the steps ---- */

static enum exit_code select_file(const struct step *step, const char *what, BYTE p1, const BYTE *bytes,
        LONG size)
{
    IByteBuffer *data = NULL;
    enum exit_code code;
    HRESULT hr;

    print("SELECT %s ", what);
    print_hex(step->bytes, step->size, "  ");
    print("\n");
    if (FAILED(hr = create_buffer(bytes, size, &data))) return report_failure("Creating a byte buffer", hr);
    hr = ISCardISO7816_SelectFile(session.iso, p1, 0, data, 256, &session.cmd);
    IByteBuffer_Release(data);
    if ((code = send_built("ISCardISO7816::SelectFile", hr))) return code;
    print("  status:        ");
    print_status(session.status);
    if (!status_is_success(session.status)) return EXIT_REFUSED;
    if (session.reply_size)
    {
        print("  file info:     ");
        print_hex(session.reply, session.reply_size, "                 ");
        print("\n");
        print_file_info(session.settings->class_id, session.reply, session.reply_size);
    }
    return EXIT_OK;
}

/* A file identifier (P1 00), a path from the MF (08, without its identifier) or from the current DF (09). */
enum exit_code step_select(const struct step *step)
{
    BOOL from_mf = step->bytes[0] == 0x3f && step->bytes[1] == 0x00;

    if (step->size == 2) return select_file(step, "file", 0x00, step->bytes, 2);
    if (from_mf) return select_file(step, "path", 0x08, step->bytes + 2, step->size - 2);
    return select_file(step, "path", 0x09, step->bytes, step->size);
}

enum exit_code step_aid(const struct step *step)
{
    return select_file(step, "application", 0x04, step->bytes, step->size);
}

/* One READ BINARY; *wanted becomes what the card can give where it says so. */
static enum exit_code read_part(LONG offset, LONG *wanted)
{
    enum exit_code code;
    unsigned int tries;
    HRESULT hr;

    for (tries = 0; tries < 2; tries++)
    {
        hr = ISCardISO7816_ReadBinary(session.iso, offset >> 8, offset & 0xff, *wanted, &session.cmd);
        if ((code = send_built("ISCardISO7816::ReadBinary", hr))) return code;
        if (!wants_other_length(wanted)) break;
    }
    return EXIT_OK;
}

/* Whether a part that was refused started where the file ends. */
static BOOL is_past_end(LONG offset)
{
    return offset && (session.status == 0x6b00 || session.status == 0x9402);
}

enum exit_code step_read(const struct step *step)
{
    LONG offset = 0, end = step->number < 0 ? MAX_READ : step->number, wanted, part;
    enum exit_code code;
    WORD status = 0x9000;

    print("READ BINARY\n");
    while (offset < end && status == 0x9000)
    {
        wanted = part = min(end - offset, 256);
        if ((code = read_part(offset, &wanted))) return code;
        if (is_past_end(offset)) break;
        status = session.status;
        if (!status_is_success(status)) break;
        print_dump(session.reply, session.reply_size, offset);
        offset += session.reply_size;
        if (session.reply_size < part) break;
    }
    print("  %ld bytes, status: ", offset);
    print_status(status);
    return status_is_success(status) ? EXIT_OK : EXIT_REFUSED;
}

static enum exit_code read_record(BYTE number)
{
    enum exit_code code;
    unsigned int tries;
    LONG wanted = 0;
    HRESULT hr;

    for (tries = 0; tries < 2; tries++)
    {
        /* P2 04: the record whose number is P1, in the current EF */
        hr = ISCardISO7816_ReadRecord(session.iso, number, 0x04, wanted, &session.cmd);
        if ((code = send_built("ISCardISO7816::ReadRecord", hr))) return code;
        if (!wants_other_length(&wanted)) break;
    }
    return EXIT_OK;
}

/* A record, or all there are. */
enum exit_code step_record(const struct step *step)
{
    LONG number, first = step->number < 0 ? 1 : step->number, last = step->number < 0 ? 254 : step->number;
    enum exit_code code;

    for (number = first; number <= last; number++)
    {
        if ((code = read_record(number))) return code;
        if (number > first && session.status == 0x6a83) break;
        print("READ RECORD %ld\n", number);
        print_dump(session.reply, session.reply_size, 0);
        print("  %ld bytes, status: ", session.reply_size);
        print_status(session.status);
        if (!status_is_success(session.status)) return EXIT_REFUSED;
    }
    return EXIT_OK;
}

/* Builds the command with a PIN of length bytes, which is wiped wherever it was. */
static HRESULT build_verify(BYTE reference, BYTE *pin, LONG length)
{
    IByteBuffer *data = NULL;
    HRESULT hr;

    while (length < session.settings->padded_length) pin[length++] = 0xff;
    hr = create_buffer(pin, length, &data);
    SecureZeroMemory(pin, MAX_PIN);
    if (FAILED(hr)) return hr;
    hr = ISCardISO7816_Verify(session.iso, reference, data, &session.cmd);
    wipe_buffer(data, length);
    return hr;
}

enum exit_code step_verify(const struct step *step)
{
    BYTE reference = step->number < 0 ? 1 : step->number, pin[MAX_PIN];
    int length = session.settings->pin_length;
    enum exit_code code;
    HRESULT hr;

    print("VERIFY PIN %u\n", reference);
    if (length) CopyMemory(pin, session.settings->pin, length);
    else if (!(length = read_pin(pin))) return EXIT_USAGE;
    hr = build_verify(reference, pin, length);
    code = send_built("ISCardISO7816::Verify", hr);
    ISCardCmd_Clear(session.cmd);
    if (code) return code;
    print("  status:        ");
    print_status(session.status);
    return status_is_success(session.status) ? EXIT_OK : EXIT_REFUSED;
}

enum exit_code step_apdu(const struct step *step)
{
    const char *call;
    HRESULT hr;

    print("APDU, %lu bytes\n", step->size);
    if (FAILED(hr = transact(step->bytes, step->size, &call))) return report_failure(call, hr);
    print_dump(session.reply, session.reply_size, 0);
    print("  %ld bytes, status: ", session.reply_size);
    print_status(session.status);
    return status_is_success(session.status) ? EXIT_OK : EXIT_REFUSED;
}

/* ---- readers and the connection ---- */

/* The names of the readers, an array of BSTR. */
static HRESULT get_readers(SAFEARRAY **readers)
{
    ISCardDatabase *database;
    HRESULT hr;

    hr = create(&CLSID_CSCardDatabase, &IID_ISCardDatabase, (void **)&database);
    /* The other classes were there, so scardssp.dll is registered but has no such class. */
    if (hr == REGDB_E_CLASSNOTREG) hr = CLASS_E_CLASSNOTAVAILABLE;
    if (FAILED(hr)) return hr;
    hr = ISCardDatabase_ListReaders(database, 0, readers);
    ISCardDatabase_Release(database);
    return hr;
}

static HRESULT attach(BSTR reader)
{
    const struct settings *settings = session.settings;

    return ISCard_AttachByReader(session.card, reader, settings->share_mode, settings->protocols);
}

HRESULT get_atr(BYTE *bytes, LONG size, LONG *count)
{
    IByteBuffer *atr;
    HRESULT hr;

    *count = 0;
    if (FAILED(hr = ISCard_get_Atr(session.card, &atr))) return hr;
    hr = IByteBuffer_Read(atr, bytes, size, count);
    IByteBuffer_Release(atr);
    return hr;
}

static void print_readers(const BSTR *names, LONG count)
{
    LONG i;

    print("Readers:\n");
    for (i = 0; i < count; i++)
    {
        char *name = utf8_from_wide(names[i]);

        print("  %s\n", name ? name : "?");
        free(name);
    }
}

static enum exit_code report_no_connection(HRESULT hr)
{
    enum exit_code code = report_failure("ISCard::AttachByReader", hr);

    if (hr == SCARD_E_SHARING_VIOLATION && session.settings->share_mode == EXCLUSIVE)
        print_error("  Or share it with the other: leave out --exclusive.\n");
    return code;
}

/* Whether another reader may do: this one has no card, or none that can be talked to now, or has gone. */
static BOOL may_pass_over(HRESULT hr)
{
    switch (hr)
    {
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD:
    case SCARD_E_SHARING_VIOLATION:
    case SCARD_E_PROTO_MISMATCH:
    case SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_W_UNPOWERED_CARD:
    case SCARD_W_UNSUPPORTED_CARD:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_UNKNOWN_READER:
        return TRUE;
    }
    return FALSE;
}

static void print_passed_over(const WCHAR *reader, HRESULT hr)
{
    char *name = utf8_from_wide(reader);

    print("Passed over: %s: %s\n", name ? name : "?", meaning_of(hr));
    free(name);
}

static BOOL is_empty(HRESULT hr)
{
    return hr == SCARD_E_NO_SMARTCARD || hr == SCARD_W_REMOVED_CARD;
}

/*
 * Attaches to the first reader whose card can be talked to. Where there is none, what was wrong with the first card
 * counts, and not that other readers are empty.
 */
static HRESULT attach_first(const BSTR *names, LONG count, BSTR *reader)
{
    HRESULT hr, result = SCARD_E_NO_READERS_AVAILABLE;
    LONG i;

    for (i = 0; i < count; i++)
    {
        hr = attach(names[i]);
        if (SUCCEEDED(hr)) *reader = SysAllocString(names[i]);
        /* What is to be done may be meant for the card that cannot be had: a PIN, for one, goes to no other. */
        if (!may_pass_over(hr) || (!is_empty(hr) && session.settings->reader_matters)) return hr;
        if (!is_empty(hr)) print_passed_over(names[i], hr);
        if (!i || is_empty(result)) result = hr;
    }
    return result;
}

/* Lists the readers if that was asked for and, unless one was named, attaches to the first with a card. */
static enum exit_code use_readers(BSTR *reader)
{
    const struct settings *settings = session.settings;
    LONG lower = 0, upper = -1;
    SAFEARRAY *array = NULL;
    HRESULT hr;
    BSTR *names;

    if (FAILED(hr = get_readers(&array))) return report_failure("Listing the readers (ISCardDatabase)", hr);
    SafeArrayGetLBound(array, 1, &lower);
    SafeArrayGetUBound(array, 1, &upper);
    if (FAILED(hr = SafeArrayAccessData(array, (void **)&names)))
    {
        SafeArrayDestroy(array);
        return report_failure("Listing the readers", hr);
    }
    if (settings->list) print_readers(names, upper - lower + 1);
    if (settings->connect && !settings->reader) hr = attach_first(names, upper - lower + 1, reader);
    SafeArrayUnaccessData(array);
    SafeArrayDestroy(array);
    return FAILED(hr) ? report_no_connection(hr) : EXIT_OK;
}

static enum exit_code attach_named(BSTR *reader)
{
    HRESULT hr;

    *reader = SysAllocString(session.settings->reader);
    hr = *reader ? attach(*reader) : E_OUTOFMEMORY;
    return FAILED(hr) ? report_no_connection(hr) : EXIT_OK;
}

static enum exit_code show_card(void)
{
    char *name = session.reader ? utf8_from_wide(session.reader) : NULL;
    SCARD_PROTOCOLS protocol;
    SCARD_STATES state;
    BYTE bytes[64];
    LONG count;
    HRESULT hr;

    print("Reader:    %s\n", name ? name : "?");
    free(name);
    if (FAILED(hr = ISCard_get_Status(session.card, &state))) return report_failure("ISCard::Status", hr);
    print("State:     %s\n", state_name(state));
    if (FAILED(hr = ISCard_get_Protocol(session.card, &protocol)))
        return report_failure("ISCard::Protocol", hr);
    print("Protocol:  %s\n", protocol_name(protocol));
    if (FAILED(hr = get_atr(bytes, sizeof(bytes), &count))) return report_failure("ISCard::Atr", hr);
    print("ATR:       ");
    print_hex(bytes, count, "           ");
    print("\n");
    hr = trace_attach(0);
    return FAILED(hr) ? report_failure("ISCard::Atr", hr) : EXIT_OK;
}

static enum exit_code create_objects(void)
{
    HRESULT hr;

    if (FAILED(hr = create(&CLSID_CSCard, &IID_ISCard, (void **)&session.card)))
        return report_failure("Creating ISCard", hr);
    if (FAILED(hr = create(&CLSID_CSCardCmd, &IID_ISCardCmd, (void **)&session.cmd)))
        return report_failure("Creating ISCardCmd", hr);
    if (FAILED(hr = create(&CLSID_CSCardISO7816, &IID_ISCardISO7816, (void **)&session.iso)))
        return report_failure("Creating ISCardISO7816", hr);
    hr = ISCardISO7816_SetDefaultClassId(session.iso, session.settings->class_id);
    return FAILED(hr) ? report_failure("ISCardISO7816::SetDefaultClassId", hr) : EXIT_OK;
}

static enum exit_code talk(const struct step *steps, unsigned int count)
{
    const struct settings *settings = session.settings;
    enum exit_code code;
    unsigned int i;

    code = create_objects();
    if (!code && (settings->list || !settings->reader)) code = use_readers(&session.reader);
    if (!code && settings->reader) code = attach_named(&session.reader);
    if (!code && settings->connect) code = show_card();
    for (i = 0; i < count && !code; i++) code = steps[i].run(&steps[i]);
    return code;
}

enum exit_code run_session(struct settings *settings, const struct step *steps, unsigned int count)
{
    enum exit_code code;
    HRESULT hr;

    session.settings = settings;
    if (FAILED(hr = CoInitialize(NULL))) return report_failure("CoInitialize", hr);
    code = talk(steps, count);
    SecureZeroMemory(settings->pin, sizeof(settings->pin));
    SecureZeroMemory(session.reply, sizeof(session.reply));
    if (session.iso) ISCardISO7816_Release(session.iso);
    if (session.cmd) ISCardCmd_Release(session.cmd);
    if (session.card) ISCard_Release(session.card);
    SysFreeString(session.reader);
    CoUninitialize();
    return code;
}
