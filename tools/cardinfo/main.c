/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line: options, help, and the steps in the order they were given. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cardinfo.h"

#define MAX_STEPS 64
#define MAX_APDU (4 + 3 + 65535 + 2)

enum value_kind
{
    NO_VALUE,
    NEEDS_VALUE,
    MAY_HAVE_VALUE,
};

struct command_line
{
    struct settings settings;
    struct step steps[MAX_STEPS];
    unsigned int step_count;
    BOOL help, version, verify, replay;
};

struct option
{
    const WCHAR *name;
    enum value_kind kind;
    BOOL (*apply)(struct command_line *line, WCHAR *value);     /* FALSE when the value is no good */
    const char *usage, *help;
    const char *wants;          /* what the value has to be */
};

/* ---- values ---- */

static int hex_digit(WCHAR c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Parses pairs of hexadecimal digits, perhaps separated by spaces or colons. The caller frees *bytes. */
static BOOL parse_hex(const WCHAR *value, DWORD min_size, DWORD max_size, BYTE **bytes, DWORD *size)
{
    const WCHAR *p = value;

    *size = 0;
    if (!(*bytes = malloc(lstrlenW(value) / 2 + 1))) return FALSE;
    for (; *p; p += 2)
    {
        while (*p == ' ' || *p == ':') p++;
        if (!*p) break;
        if (hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0) return FALSE;
        (*bytes)[(*size)++] = hex_digit(p[0]) << 4 | hex_digit(p[1]);
    }
    return *size >= min_size && *size <= max_size;
}

/* Parses a decimal number, or a hexadecimal one that starts with 0x. */
static BOOL parse_number(const WCHAR *value, LONG lowest, LONG highest, LONG *number)
{
    BOOL hex = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
    LONG base = hex ? 16 : 10;
    const WCHAR *p = value + (hex ? 2 : 0);
    int digit;

    *number = 0;
    if (!*p) return FALSE;
    for (; *p; p++)
    {
        digit = hex_digit(*p);
        if (digit < 0 || digit >= base) return FALSE;
        if ((*number = *number * base + digit) > highest) return FALSE;
    }
    return *number >= lowest;
}

static struct step *add_step(struct command_line *line, step_function run)
{
    struct step *step = &line->steps[line->step_count++];

    step->run = run;
    step->number = -1;
    return step;
}

static BOOL add_bytes_step(struct command_line *line, step_function run, const WCHAR *value, DWORD min_size,
        DWORD max_size)
{
    struct step *step = add_step(line, run);

    return parse_hex(value, min_size, max_size, &step->bytes, &step->size);
}

static BOOL add_number_step(struct command_line *line, step_function run, const WCHAR *value, LONG lowest,
        LONG highest)
{
    struct step *step = add_step(line, run);

    return !value || parse_number(value, lowest, highest, &step->number);
}

/* ---- options ---- */

static BOOL apply_help(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->help = TRUE;
    return TRUE;
}

static BOOL apply_version(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->version = TRUE;
    return TRUE;
}

static BOOL apply_list(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->settings.list = TRUE;
    return TRUE;
}

static BOOL apply_reader(struct command_line *line, WCHAR *value)
{
    line->settings.reader = value;
    return value[0] != 0;
}

static BOOL apply_protocol(struct command_line *line, WCHAR *value)
{
    static const struct
    {
        const WCHAR *name;
        int value;              /* SCARD_PROTOCOLS */
    }
    protocols[] = { { L"t0", 1 }, { L"t1", 2 }, { L"any", 3 }, { L"raw", 0xff } };
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(protocols); i++)
    {
        if (_wcsicmp(value, protocols[i].name)) continue;
        line->settings.protocols = protocols[i].value;
        return TRUE;
    }
    return FALSE;
}

static BOOL apply_exclusive(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->settings.share_mode = 1;
    return TRUE;
}

static BOOL apply_class(struct command_line *line, WCHAR *value)
{
    BYTE *bytes = NULL;
    DWORD size;
    BOOL ok;

    if ((ok = parse_hex(value, 1, 1, &bytes, &size))) line->settings.class_id = bytes[0];
    free(bytes);
    return ok;
}

static BOOL apply_trace(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->settings.trace = TRUE;
    return TRUE;
}

static BOOL apply_trace_data(struct command_line *line, WCHAR *value)
{
    (void)value;
    line->settings.trace_data = TRUE;
    return TRUE;
}

/* Takes the PIN, and wipes it in the command line as far as that is ours. */
static BOOL apply_pin(struct command_line *line, WCHAR *value)
{
    char *narrow = GetCommandLineA();
    WCHAR *wide = GetCommandLineW();

    line->settings.pin_length = pin_from_wide(value, line->settings.pin);
    SecureZeroMemory(value, lstrlenW(value) * sizeof(*value));
    SecureZeroMemory(wide, lstrlenW(wide) * sizeof(*wide));
    SecureZeroMemory(narrow, lstrlenA(narrow));
    return line->settings.pin_length > 0;
}

static BOOL apply_pad(struct command_line *line, WCHAR *value)
{
    return parse_number(value, 1, MAX_PIN, &line->settings.padded_length);
}

static BOOL apply_select(struct command_line *line, WCHAR *value)
{
    if (!add_bytes_step(line, step_select, value, 2, 254)) return FALSE;
    return line->steps[line->step_count - 1].size % 2 == 0;
}

static BOOL apply_aid(struct command_line *line, WCHAR *value)
{
    return add_bytes_step(line, step_aid, value, 1, 16);
}

static BOOL apply_read(struct command_line *line, WCHAR *value)
{
    return add_number_step(line, step_read, value, 1, 32768);
}

static BOOL apply_record(struct command_line *line, WCHAR *value)
{
    return add_number_step(line, step_record, value, 1, 254);
}

static BOOL apply_verify(struct command_line *line, WCHAR *value)
{
    line->verify = TRUE;
    return add_number_step(line, step_verify, value, 0, 255);
}

static BOOL apply_apdu(struct command_line *line, WCHAR *value)
{
    return add_bytes_step(line, step_apdu, value, 4, MAX_APDU);
}

/* Reads the log at once: nothing is sent where that fails. */
static BOOL apply_replay(struct command_line *line, WCHAR *value)
{
    struct step *step = add_step(line, step_replay);
    FILE *file = _wfopen(value, L"rb");

    line->replay = TRUE;
    if (file) step->log = exchange_log_read(file);
    if (!step->log) print_error("cardinfo: the log cannot be read: %s.\n", strerror(errno));
    else if (!step->log->exchanges)
        print_error("cardinfo: no exchange is in the log (%lu lines of it are damaged).\n",
                    (unsigned long)step->log->damaged);
    if (file) fclose(file);
    return step->log && step->log->exchanges;
}

static BOOL apply_log_card(struct command_line *line, WCHAR *value)
{
    return parse_number(value, 1, EXCHANGE_LOG_MAX_CARDS, &line->settings.log_card);
}

static const struct option options[] =
{
    { L"--list", NO_VALUE, apply_list, "--list", "list the readers", NULL },
    { L"--reader", NEEDS_VALUE, apply_reader, "--reader NAME",
      "use this reader; without it, the first that has a card", "the name of a reader" },
    { L"--protocol", NEEDS_VALUE, apply_protocol, "--protocol P",
      "t0, t1, any (default) or raw", "t0, t1, any or raw" },
    { L"--exclusive", NO_VALUE, apply_exclusive, "--exclusive",
      "keep other programs away from the card", NULL },
    { L"--class", NEEDS_VALUE, apply_class, "--class HEX",
      "class byte of the commands: 00 (default), A0 for GSM cards", "one byte in hexadecimal, such as A0" },
    { L"--pin", NEEDS_VALUE, apply_pin, "--pin PIN",
      "PIN for --verify; other users may see it in the list of processes", "1 to 64 ASCII characters" },
    { L"--pad", NEEDS_VALUE, apply_pad, "--pad N",
      "fill PINs up with FF to N bytes (GSM cards: 8)", "a number from 1 to 64" },
    { L"--trace", NO_VALUE, apply_trace, "--trace", "show header, lengths and status of every exchange", NULL },
    { L"--trace-data", NO_VALUE, apply_trace_data, "--trace-data",
      "show every exchange whole, with its time; PINs and keys too", NULL },
    { L"--log-card", NEEDS_VALUE, apply_log_card, "--log-card N",
      "which card of the log --replay takes; without it, the one with this ATR", "a number from 1 to 64" },
    { L"--help", NO_VALUE, apply_help, "--help", "show this", NULL },
    { L"--version", NO_VALUE, apply_version, "--version", "show the version", NULL },
    { L"--select", NEEDS_VALUE, apply_select, "--select HEX",
      "select a file by its identifier or its path, such as 3F00",
      "a file identifier of two bytes in hexadecimal, or a path of several" },
    { L"--aid", NEEDS_VALUE, apply_aid, "--aid HEX",
      "select an application by its identifier", "1 to 16 bytes in hexadecimal" },
    { L"--read", MAY_HAVE_VALUE, apply_read, "--read [N]",
      "read N bytes, or all, of a transparent file", "a number from 1 to 32768, or nothing" },
    { L"--record", MAY_HAVE_VALUE, apply_record, "--record [N]",
      "read record N, or all, of a record file", "a number from 1 to 254, or nothing" },
    { L"--verify", MAY_HAVE_VALUE, apply_verify, "--verify [REF]",
      "verify PIN number REF (default 1); without --pin, ask for the PIN",
      "a number from 0 to 255, or nothing" },
    { L"--apdu", NEEDS_VALUE, apply_apdu, "--apdu HEX",
      "send these bytes as a command APDU", "a command APDU, at least 4 bytes in hexadecimal" },
    { L"--replay", NEEDS_VALUE, apply_replay, "--replay LOG",
      "reset the card, send the commands of this log, PINs too, and compare",
      "a file with exchanges, as WINEDEBUG=+scardsspdata or --trace-data writes them" },
};

static void print_help(void)
{
    unsigned int i;

    print("cardinfo shows what is in a smart card, through the COM objects of scardssp.dll.\n\n"
            "Usage: cardinfo [OPTION | STEP]...\n\n"
            "Options:\n");
    for (i = 0; i < ARRAYSIZE(options); i++)
    {
        if (options[i].apply == apply_select)
            print("\nSteps, done in the order given, up to the first that fails:\n");
        print("  %-16s %s\n", options[i].usage, options[i].help);
    }
    print("\nWithout any, it lists the readers and shows the card. Numbers are decimal, or hexadecimal\n"
            "after 0x. A PIN that is not given is read from the console without echo, or as a line of\n"
            "standard input where that is no console.\n\n"
            "Exit status:\n"
            "  0  done\n"
            "  1  the card refused\n"
            "  2  wrong usage, or no PIN came\n"
            "  3  no service, no such reader, no card, or another program has it\n"
            "  4  scardssp.dll is not installed, or lacks a class\n"
            "  5  the card or the reader failed, or went away in the middle\n"
            "  6  --replay: the card is not that of the log, or answered otherwise\n\n"
            "Example: cardinfo --trace-data --aid F057494E4501 --select 0001 --read\n");
}

static const struct option *find_option(const WCHAR *name)
{
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(options); i++)
        if (!wcscmp(name, options[i].name)) return &options[i];
    return NULL;
}

static BOOL refuse(const char *problem, const WCHAR *argument)
{
    char *text = utf8_from_wide(argument);

    print_error("cardinfo: %s: %s\n", problem, text ? text : "?");
    free(text);
    return FALSE;
}

static BOOL parse(int argc, WCHAR **argv, struct command_line *line)
{
    const struct option *option;
    WCHAR *value;
    int i;

    for (i = 1; i < argc; i++)
    {
        if (!(option = find_option(argv[i]))) return refuse("unknown option", argv[i]);
        if (line->step_count == MAX_STEPS) return refuse("too many steps, from here on", argv[i]);
        value = NULL;
        if (option->kind != NO_VALUE && i + 1 < argc && wcsncmp(argv[i + 1], L"--", 2)) value = argv[++i];
        if ((option->kind == NEEDS_VALUE && !value) || !option->apply(line, value))
        {
            print_error("cardinfo: %s wants %s.\n", option->usage, option->wants);
            return FALSE;
        }
    }
    if (line->settings.pin_length && !line->verify) return refuse("of use only with --verify", L"--pin");
    if (line->settings.log_card && !line->replay) return refuse("of use only with --replay", L"--log-card");
    return TRUE;
}

int wmain(int argc, WCHAR **argv);

int wmain(int argc, WCHAR **argv)
{
    static struct command_line line;
    enum exit_code code = EXIT_USAGE;
    unsigned int i;

    line.settings.share_mode = 2;
    line.settings.protocols = 3;
    if (!parse(argc, argv, &line))
    {
        print_error("cardinfo: see cardinfo --help.\n");
    }
    else if (line.help)
    {
        print_help();
        code = EXIT_OK;
    }
    else if (line.version)
    {
        print("cardinfo " SCARDSSP_VERSION "\n");
        code = EXIT_OK;
    }
    else
    {
        if (argc == 1) line.settings.list = TRUE;
        line.settings.connect = argc == 1 || line.settings.reader || line.step_count || !line.settings.list;
        line.settings.reader_matters = line.step_count > 0;
        code = run_session(&line.settings, line.steps, line.step_count);
    }
    SecureZeroMemory(line.settings.pin, sizeof(line.settings.pin));
    for (i = 0; i < line.step_count; i++)
    {
        if (line.steps[i].bytes) SecureZeroMemory(line.steps[i].bytes, line.steps[i].size);
        free(line.steps[i].bytes);
        exchange_log_free(line.steps[i].log);
    }
    return code;
}
