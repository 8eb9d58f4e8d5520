/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Logs of exchanges with cards, as WINEDEBUG=+scardsspdata and cardinfo --trace-data write them and redact-log leaves
 * them; their form is in docs/exchange-log.md. cardinfo sends their commands again, the virtual card plays their cards.
 * What is in a log is a secret: it is wiped where it was.
 */

#ifndef EXCHANGE_LOG_H
#define EXCHANGE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes: an extended command with Lc and Le of three and two bytes; a reply of 65536 bytes and SW1 SW2. */
#define EXCHANGE_LOG_MAX_FIELD (4 + 3 + 65535 + 2)
#define EXCHANGE_LOG_MAX_ATR 33
#define EXCHANGE_LOG_MAX_READER 512
/* What a log has beyond these is counted as damaged. */
#define EXCHANGE_LOG_MAX_CARDS 64
#define EXCHANGE_LOG_MAX_HANDLES 256
#define EXCHANGE_LOG_MAX_HIDDEN (64u << 20) /* bytes that redact-log replaced, in all: a few digits say many */

enum log_protocol
{
    LOG_PROTOCOL_UNKNOWN,
    LOG_PROTOCOL_T0,
    LOG_PROTOCOL_T1,
    LOG_PROTOCOL_RAW,
};

/* A command or a reply. */
struct log_field
{
    uint8_t *bytes;
    size_t size;
    size_t hidden_at, hidden_size; /* the bytes that redact-log replaced by their number; they are zeros here */
};

enum log_kind
{
    LOG_CONNECT,        /* a program connected, or connected anew: protocol */
    LOG_RESET,          /* the card was reset, or out of the reader */
    LOG_EXCHANGE,       /* command, reply */
    LOG_FAILURE,        /* command, error */
};

struct log_entry
{
    enum log_kind kind;
    size_t line;        /* in the log, from 1 */
    /* Of an exchange: ISCard::Transaction was given this; else it is what went to the reader, on T=0 every TPDU. */
    bool is_transaction;
    enum log_protocol protocol; /* the connection's */
    uint32_t error;     /* of winscard */
    struct log_field command, reply;
};

/* What a log says of one card in one reader, through however many connections. */
struct log_card
{
    /* UTF-8 without control characters, each of which is "?", as what is no UTF-8; empty: the log does not say. */
    char reader[EXCHANGE_LOG_MAX_READER];
    uint8_t atr[EXCHANGE_LOG_MAX_ATR];
    size_t atr_size;    /* 0: the log does not say */
    struct log_entry *entries; /* in the order of the log */
    size_t count, room;
    size_t exchanges;   /* of them: exchanges and failures */
};

struct exchange_log
{
    struct log_card *cards; /* in the order in which they came */
    size_t count;
    size_t exchanges;   /* of all cards */
    size_t damaged;     /* lines that should say something, but cannot be understood, or are cut off */
};

/*
 * Reads a log to its end. The stream must not have been read from, and should be a binary one.
 * NULL: it cannot be read, with errno as fread() left it (0 where that says nothing), or there is no memory (ENOMEM).
 */
struct exchange_log *exchange_log_read(FILE *file);

/* Wipes and frees the log. NULL is allowed. */
void exchange_log_free(struct exchange_log *log);

/* Whether the bytes are those of the field, as far as it is not redacted: then only their number counts. */
bool log_field_matches(const struct log_field *field, const uint8_t *bytes, size_t size);

#endif
