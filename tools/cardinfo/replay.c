/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --replay: the exchanges of a log are made again as they were made then. What went to the reader goes to it through
 * winscard, so that a T=0 card gets every TPDU that is in the log and none that is not; what cardinfo gave to
 * ISCard::Transaction goes through that. Of commands and replies only --trace-data shows more than headers, lengths and
 * SW1 SW2, and of RAW lengths alone.
 */

#include <stdlib.h>
#include <string.h>

#include "session.h"
#include <winscard.h>

#define MAX_ATR 64

static struct
{
    const struct exchange_log *log;
    const struct log_card *card;
    unsigned long index;            /* of the exchange, from 1 */
    unsigned long sent, different, left_out;
    BOOL needs_reset;               /* before the next exchange */
    enum log_protocol protocol;     /* that could not be had */
    HSCARD traced;                  /* the handle whose connection --trace-data has shown as it is */
} replay;

/* ---- what is said ---- */

/* "exchange 3 (line 12 of the log), 00 B0 00 00, 5 bytes": the header alone, and only where there is one */
static void print_exchange(const struct log_entry *entry)
{
    print("  exchange %lu (line %lu of the log), ", replay.index,
          (unsigned long)entry->line);
    if (has_header() && entry->command.size >= 4
        && (!entry->command.hidden_size || entry->command.hidden_at >= 4))
    {
        print_hex(entry->command.bytes, 4, "");
        print(", ");
    }
    print("%lu bytes", (unsigned long)entry->command.size);
}

static void print_reply(const BYTE *bytes, size_t size, BOOL data_are_known)
{
    if (!has_header()) print("%lu bytes", (unsigned long)size);
    else if (size >= 2) print("%02X%02X, %lu bytes", bytes[size - 2], bytes[size - 1], (unsigned long)size - 2);
    else print("%lu bytes without SW1 SW2", (unsigned long)size);
    if (session.settings->trace_data && data_are_known && size)
    {
        print("\n              ");
        print_hex(bytes, size, "              ");
    }
    print("\n");
}

static void print_expected(const struct log_entry *entry)
{
    print("    expected: ");
    if (entry->kind == LOG_FAILURE) print("error 0x%08lX\n", (unsigned long)entry->error);
    else print_reply(entry->reply.bytes, entry->reply.size, !entry->reply.hidden_size);
}

static void leave_out(const struct log_entry *entry, const char *why)
{
    replay.left_out++;
    print_exchange(entry);
    print(": left out, %s\n", why);
}

static void begin_difference(const struct log_entry *entry)
{
    replay.different++;
    print_exchange(entry);
    print(": different\n");
    print_expected(entry);
    print("    came:     ");
}

/* ---- one exchange ---- */

/*
 * As the winscard beneath codes its protocol, which is all that SCardTransmit wants to know. Returns 0 or the error as
 * it came, of which winscard has also such as are no HRESULTs.
 */
static LONG transmit(const BYTE *command, DWORD command_size, DWORD *size, const char **call)
{
    SCARD_IO_REQUEST pci = { 0, sizeof(pci) };
    DWORD state, name_size = 0, atr_size = MAX_ATR;
    BYTE atr[MAX_ATR];
    HSCARD handle;
    LONG error;

    *call = "ISCard::CardHandle";
    if (FAILED(error = ISCard_get_CardHandle(session.card, &handle))) return error;
    *call = "ISCard::Atr";
    if (handle != replay.traced && FAILED(error = trace_attach(handle))) return error;
    replay.traced = handle;
    *call = "SCardStatus";
    if ((error = SCardStatusW(handle, NULL, &name_size, &state, &pci.dwProtocol, atr, &atr_size))) return error;
    *call = "SCardTransmit";
    *size = sizeof(session.reply);
    trace_command(handle, command, command_size);
    error = SCardTransmit(handle, &pci, command, command_size, NULL, session.reply, size);
    trace_reply(error, *size);
    return error;
}

/* As transmit(). */
static LONG send_command(const struct log_entry *entry, DWORD *size, const char **call)
{
    HRESULT hr;

    if (!entry->is_transaction) return transmit(entry->command.bytes, entry->command.size, size, call);
    if (FAILED(hr = transact(entry->command.bytes, entry->command.size, call))) return hr;
    *size = session.reply_size + 2;
    return 0;
}

/* Where two replies of one length and one SW1 SW2 are not the same. */
static unsigned long first_difference(const struct log_field *expected)
{
    size_t i = 0;

    while (i < expected->size && expected->bytes[i] == session.reply[i]) i++;
    return i;
}

static void compare_reply(const struct log_entry *entry, DWORD size)
{
    const struct log_field *expected = &entry->reply;

    if (entry->kind == LOG_EXCHANGE && log_field_matches(expected, session.reply, size)) return;
    begin_difference(entry);
    print_reply(session.reply, size, TRUE);
    if (entry->kind == LOG_EXCHANGE && size == expected->size && size >= 2 && has_header()
        && !memcmp(expected->bytes + size - 2, session.reply + size - 2, 2))
        print("              other data, from byte %lu on\n", first_difference(expected));
}

static enum exit_code compare_failure(const struct log_entry *entry, const char *call, LONG error)
{
    if (entry->kind == LOG_FAILURE && (LONG)entry->error == error) return EXIT_OK;
    begin_difference(entry);
    print("error 0x%08lX\n", error);
    return report_failure(call, HRESULT_FROM_WIN32(error));
}

/* ---- the connection ---- */

/* What there is to say of a connection that is new, or new again. */
static HRESULT trace_connection(void)
{
    replay.traced = 0;
    return trace_attach(0);
}

static HRESULT reset(void)
{
    HRESULT hr = ISCard_ReAttach(session.card, session.settings->share_mode, RESET);

    replay.needs_reset = FALSE;
    if (FAILED(hr)) return hr;
    trace_reset();
    return trace_connection();
}

static SCARD_PROTOCOLS protocol_of(enum log_protocol protocol)
{
    switch (protocol)
    {
        case LOG_PROTOCOL_T0: return T0;
        case LOG_PROTOCOL_T1: return T1;
        case LOG_PROTOCOL_RAW: return RAW;
        default: return 0;
    }
}

/* The protocol of the log where the card has it; else one that it has, which is a difference. */
static HRESULT use_protocol(const struct log_entry *entry)
{
    SCARD_PROTOCOLS wanted = protocol_of(entry->protocol), active;
    const struct settings *settings = session.settings;
    HRESULT hr;

    if (!wanted || entry->protocol == replay.protocol) return S_OK;
    if (FAILED(hr = ISCard_get_Protocol(session.card, &active)) || active == wanted) return hr;
    if (FAILED(hr = ISCard_Detach(session.card, RESET))) return hr;
    trace_reset();
    hr = ISCard_AttachByReader(session.card, session.reader, settings->share_mode, wanted);
    if (hr == SCARD_E_PROTO_MISMATCH)
    {
        replay.different++;
        replay.protocol = entry->protocol;
        hr = ISCard_AttachByReader(session.card, session.reader, settings->share_mode, settings->protocols);
        if (FAILED(hr) || FAILED(hr = ISCard_get_Protocol(session.card, &active))) return hr;
        print("  the protocol is different\n    expected: %s\n    came:     %s\n", protocol_name(wanted),
              protocol_name(active));
    }
    if (FAILED(hr)) return hr;
    replay.needs_reset = TRUE;
    return trace_connection();
}

/* ---- the log ---- */

/* What is of RAW, or of a protocol that the log does not say, is so in the log of its replay, however it is sent. */
static HRESULT set_opaque(const struct log_entry *entry)
{
    BOOL is_opaque = entry->protocol != LOG_PROTOCOL_T0 && entry->protocol != LOG_PROTOCOL_T1;

    if (is_opaque == session.is_opaque) return S_OK;
    session.is_opaque = is_opaque;
    return trace_connection();
}

/* Whether the error says that the command did not reach a card, which has lost its state instead. */
static BOOL is_lost_card(const struct log_entry *entry)
{
    return entry->kind == LOG_FAILURE
        && ((HRESULT)entry->error == SCARD_W_RESET_CARD || (HRESULT)entry->error == SCARD_W_REMOVED_CARD);
}

static enum exit_code replay_exchange(const struct log_entry *entry)
{
    const char *call = "ISCard::ReAttach";
    DWORD size = 0;
    LONG error;
    HRESULT hr;

    replay.index++;
    if (FAILED(hr = set_opaque(entry))) return report_failure("ISCard::Atr", hr);
    if (is_lost_card(entry))
    {
        replay.needs_reset = TRUE;
        leave_out(entry, "the card was reset or removed before it came");
        return EXIT_OK;
    }
    if (entry->command.hidden_size)
    {
        leave_out(entry, "its data are redacted");
        return EXIT_OK;
    }
    if (replay.needs_reset && FAILED(hr = reset())) return report_failure(call, hr);
    replay.sent++;
    error = send_command(entry, &size, &call);
    if (error) return compare_failure(entry, call, error);
    compare_reply(entry, size);
    return EXIT_OK;
}

static enum exit_code replay_entry(const struct log_entry *entry)
{
    HRESULT hr;

    switch (entry->kind)
    {
        case LOG_CONNECT:
            hr = use_protocol(entry);
            return FAILED(hr) ? report_failure("Connecting with the protocol of the log", hr) : EXIT_OK;
        case LOG_RESET:
            replay.needs_reset = TRUE;
            return EXIT_OK;
        default:
            return replay_exchange(entry);
    }
}

static BOOL has_atr(const struct log_card *card, const BYTE *atr, LONG size)
{
    return (LONG)card->atr_size == size && !memcmp(card->atr, atr, size);
}

/* The card that was asked for; else the first with the ATR of the one in the reader; else the first. NULL: none. */
static const struct log_card *choose_card(const BYTE *atr, LONG size)
{
    const struct exchange_log *log = replay.log;
    const struct log_card *first = NULL;
    size_t number = session.settings->log_card, i;

    if (number) return number <= log->count && log->cards[number - 1].exchanges ? &log->cards[number - 1] : NULL;
    for (i = 0; i < log->count; i++)
    {
        if (!log->cards[i].exchanges) continue;
        if (has_atr(&log->cards[i], atr, size)) return &log->cards[i];
        if (!first) first = &log->cards[i];
    }
    return first;
}

static void print_atr(const char *label, const BYTE *atr, size_t size)
{
    print("    %s ", label);
    print_hex(atr, size, "              ");
    print("\n");
}

static void compare_atr(const BYTE *atr, LONG size)
{
    const struct log_card *card = replay.card;

    if (!card->atr_size || has_atr(card, atr, size)) return;
    replay.different++;
    print("  the ATR is different\n");
    print_atr("expected:", card->atr, card->atr_size);
    print_atr("came:    ", atr, size);
}

static void print_summary(void)
{
    const struct exchange_log *log = replay.log;
    unsigned long others = log->exchanges - replay.card->exchanges;

    print("  %lu of %lu exchanges sent, %lu left out; %lu differences\n", replay.sent,
          (unsigned long)replay.card->exchanges, replay.left_out, replay.different);
    if (others) print("  %lu exchanges are with other cards: see --log-card\n", others);
    if (log->damaged) print("  %lu lines of the log are damaged\n", (unsigned long)log->damaged);
}

static enum exit_code run_log(const BYTE *atr, LONG atr_size)
{
    const struct log_card *card = replay.card;
    enum exit_code code = EXIT_OK;
    size_t i;

    print("REPLAY card %lu of %lu in the log, %lu exchanges\n", (unsigned long)(card - replay.log->cards) + 1,
          (unsigned long)replay.log->count, (unsigned long)card->exchanges);
    if (*card->reader) print("  it was in: %s\n", card->reader);
    replay.needs_reset = TRUE;
    compare_atr(atr, atr_size);
    for (i = 0; i < card->count && !code; i++) code = replay_entry(&card->entries[i]);
    session.is_opaque = FALSE; /* for the steps behind this one */
    print_summary();
    if (code) return code;
    if (replay.sent) return replay.different ? EXIT_DIFFERENT : EXIT_OK;
    print_error("cardinfo: there was nothing in the log that can be sent.\n");
    return EXIT_USAGE;
}

enum exit_code step_replay(const struct step *step)
{
    BYTE atr[MAX_ATR];
    LONG size;
    HRESULT hr;

    memset(&replay, 0, sizeof(replay));
    replay.log = step->log;
    if (FAILED(hr = get_atr(atr, sizeof(atr), &size))) return report_failure("ISCard::Atr", hr);
    if (!(replay.card = choose_card(atr, size)))
    {
        print_error("cardinfo: the log has no card %ld with exchanges; it has %lu cards.\n",
                    session.settings->log_card, (unsigned long)step->log->count);
        return EXIT_USAGE;
    }
    return run_log(atr, size);
}
