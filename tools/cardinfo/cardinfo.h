/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * cardinfo, a console program that shows what is in a smart card through the objects of scardssp.dll, written
 * as a program for Windows XP would be: main.c reads the command line, session.c talks to the objects, replay.c sends
 * what a log says, text.c explains what came back, print.c and console.c print and ask for PINs.
 */

#ifndef CARDINFO_H
#define CARDINFO_H

#include <windows.h>
#include <ole2.h>
#include "exchange_log.h"
#include "print.h"

enum exit_code
{
    EXIT_OK = 0,
    EXIT_REFUSED = 1,           /* the card answered with an error status */
    EXIT_USAGE = 2,             /* the command line is wrong, or no PIN came */
    EXIT_NO_CARD = 3,           /* no service, no such reader, no card, or it is in use */
    EXIT_NO_LIBRARY = 4,        /* scardssp.dll is not installed, or lacks a class */
    EXIT_FAILED = 5,            /* the card or the reader failed, or went away in the middle */
    EXIT_DIFFERENT = 6          /* the card is another than that of the log, or answered otherwise */
};

#define MAX_PIN 64

/* ---- console.c ---- */

/* Bytes as a dump with offsets and characters, 16 to a line; offset is that of the first byte. */
void print_dump(const BYTE *bytes, size_t size, size_t offset);

/*
 * Reads a PIN of at most MAX_PIN characters: from a console after a prompt and without echo, else a line of
 * standard input. Returns its length, or 0 after a message when there is none, it is too long or not ASCII.
 */
int read_pin(BYTE *pin);
/* The same from a string, and without a message. */
int pin_from_wide(const WCHAR *wide, BYTE *pin);

/* ---- text.c ---- */

/* Prints which call failed, what its code means and what to do; returns the exit code that fits. */
enum exit_code report_failure(const char *call, HRESULT hr);
/* What a code means, as a sentence. */
const char *meaning_of(HRESULT hr);

/* Whether SW1 SW2 is a success, perhaps with a warning: 90xx, 61xx, 62xx, 91xx and 9Fxx. */
BOOL status_is_success(WORD status);
/* Prints "9000 success" and the like, and ends the line. */
void print_status(WORD status);
/* Prints what the answer to a SELECT with this CLA says, if it is as in ISO/IEC 7816-4 or (A0) GSM 11.11. */
void print_file_info(BYTE class_id, const BYTE *bytes, size_t size);

const char *state_name(int state);
const char *protocol_name(int protocol);

/* ---- session.c ---- */

struct step;

struct settings
{
    const WCHAR *reader;        /* NULL: the first one with a card */
    BOOL list;                  /* list the readers */
    BOOL connect;               /* connect to a card and show it */
    BOOL reader_matters;        /* there are steps: only empty readers are passed over where none is named */
    BOOL trace;                 /* header, lengths and status of every exchange */
    BOOL trace_data;            /* every exchange whole, secrets included */
    int share_mode;             /* SCARD_SHARE_MODES */
    int protocols;              /* SCARD_PROTOCOLS */
    BYTE class_id;              /* CLA of the commands */
    int pin_length;             /* 0: ask */
    BYTE pin[MAX_PIN];
    LONG padded_length;         /* PINs are filled up with FF to this length */
    LONG log_card;              /* which card of a log, from 1; 0: the one that is like the card in the reader */
};

typedef enum exit_code (*step_function)(const struct step *step);

/* One thing to do with the card; they are done in the order of the command line. */
struct step
{
    step_function run;
    LONG number;                /* the number that was given, or -1 */
    BYTE *bytes;                /* the bytes that were given */
    DWORD size;
    struct exchange_log *log;   /* the log that was given */
};

/* Creates the objects, finds and shows the card, does the steps, and lets everything go. */
enum exit_code run_session(struct settings *settings, const struct step *steps, unsigned int count);

enum exit_code step_select(const struct step *step);
enum exit_code step_aid(const struct step *step);
enum exit_code step_read(const struct step *step);
enum exit_code step_record(const struct step *step);
enum exit_code step_verify(const struct step *step);
enum exit_code step_apdu(const struct step *step);

/* ---- replay.c ---- */

/* Sends what the log says of one card, and compares. */
enum exit_code step_replay(const struct step *step);

#endif
