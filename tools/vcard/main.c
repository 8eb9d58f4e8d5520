/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vcard: a virtual smart card for the virtual reader of vsmartcard's vpcd. This file puts the card, the wire
 * to the reader and the control port together: docs/vcard.md.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "card.h"
#include "control.h"
#include "vpcd.h"

#ifndef VCARD_PROFILE_DIR
#define VCARD_PROFILE_DIR "tools/vcard/profiles"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1"
#endif

#define MAX_ERROR 512
#define EXIT_USAGE 2

/* vpcd's control messages, one byte long. */
enum reader_control
{
    READER_POWER_OFF = 0,
    READER_POWER_ON = 1,
    READER_RESET = 2,
    READER_GET_ATR = 4,
};

struct session
{
    struct card *card;
    char path[4096];
    const char *profile;
    bool verbose;
    bool shows_data;
    bool seen; /* by the reader, since the card was put in */
    bool quit;
    sigset_t signals; /* blocked while waiting */
    unsigned long long commands;
    struct vpcd vpcd;
    struct control control;
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

/* --- the reader's side --- */

/* One write per line: stderr is not buffered. */
static void print_bytes(const char *label, const uint8_t *bytes, size_t length, const char *end)
{
    static const char digits[] = "0123456789ABCDEF";
    static char text[3 * CARD_MAX_MESSAGE];
    size_t i;

    for (i = 0; i < length; i++)
    {
        text[3 * i] = ' ';
        text[3 * i + 1] = digits[bytes[i] >> 4];
        text[3 * i + 2] = digits[bytes[i] & 0x0F];
    }
    fprintf(stderr, "%s%.*s%s\n", label, (int)(3 * length), text, end);
}

/* Header and length, unless the data are asked for: any instruction may carry a secret. */
static void print_command(const struct session *session, const uint8_t *command, size_t length)
{
    char end[48];

    snprintf(end, sizeof(end), ", %zu bytes", length);
    if (session->shows_data)
        print_bytes("->", command, length, "");
    else if (length < 4)
        fprintf(stderr, "-> %zu bytes that are no command\n", length);
    else
        print_bytes("->", command, 4, end);
}

/* Status and length, likewise. */
static void print_answer(const struct session *session, const uint8_t *answer, size_t length)
{
    char end[48];

    snprintf(end, sizeof(end), ", %zu bytes", length);
    if (session->shows_data)
        print_bytes("<-", answer, length, "");
    else if (length < 2)
        print_bytes("<-", answer, 0, end);
    else
        print_bytes("<-", answer + length - 2, 2, end);
}

static bool is_reader_control(const uint8_t *message, size_t length)
{
    return length == 1 && message[0] <= READER_GET_ATR && message[0] != 3;
}

static ssize_t on_reader_control(struct session *session, enum reader_control control, uint8_t *answer)
{
    const uint8_t *atr;
    size_t length;

    if (control != READER_GET_ATR)
    {
        card_reset(session->card);
        return VPCD_NO_ANSWER;
    }
    session->seen = true;
    atr = card_atr(session->card, &length);
    memcpy(answer, atr, length);
    return length;
}

static ssize_t on_message(void *context, const uint8_t *message, size_t length, uint8_t *answer)
{
    struct session *session = context;
    size_t answered;

    if (is_reader_control(message, length))
        return on_reader_control(session, message[0], answer);

    session->commands++;
    if (session->verbose)
        print_command(session, message, length);
    answered = card_command(session->card, message, length, answer);
    if (session->verbose)
        print_answer(session, answer, answered);
    return answered;
}

/* --- the control port's side --- */

/* In the reader, and the reader has noticed. */
static bool is_present(const struct session *session)
{
    return session->vpcd.connected && session->seen;
}

static enum control_result do_pull(struct session *session, bool again, char *answer, size_t size)
{
    (void)again;
    vpcd_pull(&session->vpcd);
    session->seen = false;
    card_reset(session->card);
    snprintf(answer, size, "ok pulled");
    return CONTROL_DONE;
}

static enum control_result do_insert(struct session *session, bool again, char *answer, size_t size)
{
    if (!again && !session->vpcd.inserted)
        vpcd_insert(&session->vpcd);
    if (!session->vpcd.inserted)
    {
        snprintf(answer, size, "error the card was pulled again");
        return CONTROL_DONE;
    }
    if (is_present(session))
    {
        snprintf(answer, size, "ok inserted");
        return CONTROL_DONE;
    }
    snprintf(answer, size, "error no reader takes the card; is pcscd with vpcd running?");
    return CONTROL_WAIT;
}

static enum control_result do_status(struct session *session, bool again, char *answer, size_t size)
{
    (void)again;
    snprintf(answer, size, "ok %s, %llu commands, profile %s", is_present(session) ? "present" : "absent",
             session->commands, session->profile);
    return CONTROL_DONE;
}

static enum control_result do_reset_data(struct session *session, bool again, char *answer, size_t size)
{
    char error[MAX_ERROR];
    struct card *card = card_load(session->path, error, sizeof(error));

    (void)again;
    if (!card)
    {
        snprintf(answer, size, "error %s", error);
        return CONTROL_DONE;
    }
    card_free(session->card);
    session->card = card;
    snprintf(answer, size, "ok as described");
    return CONTROL_DONE;
}

static enum control_result do_quit(struct session *session, bool again, char *answer, size_t size)
{
    (void)again;
    session->quit = true;
    snprintf(answer, size, "ok good bye");
    return CONTROL_DONE;
}

static const struct verb
{
    const char *word;
    enum control_result (*run)(struct session *session, bool again, char *answer, size_t size);
} verbs[] =
{
    { "insert",     do_insert },
    { "pull",       do_pull },
    { "quit",       do_quit },
    { "reset-data", do_reset_data },
    { "status",     do_status },
};

static enum control_result on_control_line(void *context, const char *line, bool again, char *answer,
                                           size_t size)
{
    size_t i, used;

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(line, verbs[i].word))
            return verbs[i].run(context, again, answer, size);

    used = snprintf(answer, size, "error unknown; known are:");
    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        used += snprintf(answer + used, size - used, " %s", verbs[i].word);
    return CONTROL_DONE;
}

/* --- the program --- */

static void run(struct session *session)
{
    struct pollfd entries[1 + CONTROL_POLL_ENTRIES];
    struct timespec timeout;

    while (!stop_signal && !session->quit)
    {
        int control_wait = control_prepare(&session->control, entries + 1);
        int wait = vpcd_prepare(&session->vpcd, entries);

        if (wait < 0 || (control_wait >= 0 && control_wait < wait))
            wait = control_wait;
        timeout.tv_sec = wait / 1000;
        timeout.tv_nsec = wait % 1000 * 1000000L;
        if (ppoll(entries, 1 + CONTROL_POLL_ENTRIES, wait < 0 ? NULL : &timeout, &session->signals) < 0)
            continue;
        vpcd_run(&session->vpcd, entries[0].revents);
        if (!session->vpcd.connected)
            session->seen = false;
        control_run(&session->control, entries + 1);
    }
}

static const char help[] =
"Usage: vcard --port PORT (--profile NAME | --file DESCRIPTION) [OPTION...]\n"
"A virtual smart card for the reader \"Virtual PCD\" of pcscd's vpcd driver.\n"
"\n"
"  --port PORT          the TCP port vpcd listens on (35963 in a stock set-up)\n"
"  --host ADDRESS       the IPv4 address vpcd listens on (127.0.0.1)\n"
"  --profile NAME       a card of the profile directory: t1, t0, gsm, ext\n"
"  --profile-dir DIR    the profile directory\n"
"                       (" VCARD_PROFILE_DIR ")\n"
"  --file DESCRIPTION   a card of one's own; docs/vcard.md has the language\n"
"  --control PORT       listen on this port of 127.0.0.1 for pull, insert, status,\n"
"                       reset-data and quit, one a line\n"
"  --verbose            show header, length and status of every command\n"
"  --data               show every command and answer whole, PINs and keys too\n"
"  --help, --version    this text, the version\n"
"\n"
"Runs until SIGINT, SIGTERM or quit. Exit status: 0, 1 failure, 2 wrong usage.\n";

__attribute__((format(printf, 1, 2))) static int usage_error(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "vcard: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nvcard: --help shows what there is.\n");
    return EXIT_USAGE;
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || !number || number > 65535)
        return false;
    *port = number;
    return true;
}

static bool is_profile_name(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

struct arguments
{
    struct sockaddr_in reader;
    uint16_t control_port;
    const char *profile, *profile_dir, *file;
    bool verbose, shows_data;
};

enum option_code
{
    OPTION_CONTROL = 1,
    OPTION_DATA,
    OPTION_FILE,
    OPTION_HELP,
    OPTION_HOST,
    OPTION_PORT,
    OPTION_PROFILE,
    OPTION_PROFILE_DIR,
    OPTION_VERBOSE,
    OPTION_VERSION,
};

static const struct option options[] =
{
    { "control",     required_argument, NULL, OPTION_CONTROL },
    { "data",        no_argument,       NULL, OPTION_DATA },
    { "file",        required_argument, NULL, OPTION_FILE },
    { "help",        no_argument,       NULL, OPTION_HELP },
    { "host",        required_argument, NULL, OPTION_HOST },
    { "port",        required_argument, NULL, OPTION_PORT },
    { "profile",     required_argument, NULL, OPTION_PROFILE },
    { "profile-dir", required_argument, NULL, OPTION_PROFILE_DIR },
    { "verbose",     no_argument,       NULL, OPTION_VERBOSE },
    { "version",     no_argument,       NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static int parse_option(int code, struct arguments *arguments)
{
    uint16_t port;

    switch (code)
    {
    case OPTION_CONTROL:
        return parse_port(optarg, &arguments->control_port) ? 0
            : usage_error("--control wants a port from 1 to 65535, not '%s'.", optarg);
    case OPTION_DATA:
        arguments->verbose = arguments->shows_data = true;
        return 0;
    case OPTION_FILE:
        arguments->file = optarg;
        return 0;
    case OPTION_HOST:
        return inet_pton(AF_INET, optarg, &arguments->reader.sin_addr) == 1 ? 0
            : usage_error("--host wants an IPv4 address like 127.0.0.1, not '%s'.", optarg);
    case OPTION_PORT:
        if (!parse_port(optarg, &port))
            return usage_error("--port wants a port from 1 to 65535, not '%s'.", optarg);
        arguments->reader.sin_port = htons(port);
        return 0;
    case OPTION_PROFILE:
        arguments->profile = optarg;
        return is_profile_name(optarg) ? 0
            : usage_error("a profile name has small letters, digits, - and _ only; --file takes a path.");
    case OPTION_PROFILE_DIR:
        arguments->profile_dir = optarg;
        return 0;
    case OPTION_VERBOSE:
        arguments->verbose = true;
        return 0;
    default:
        return usage_error("wrong option.");
    }
}

static int check_arguments(const struct arguments *arguments)
{
    if (!arguments->reader.sin_port)
        return usage_error("--port PORT is missing: the port vpcd listens on.");
    if (!arguments->profile == !arguments->file)
        return usage_error("either --profile NAME or --file DESCRIPTION is needed.");
    return 0;
}

static bool start(struct session *session, const struct arguments *arguments)
{
    char error[MAX_ERROR];
    int length;

    length = arguments->file ? snprintf(session->path, sizeof(session->path), "%s", arguments->file)
        : snprintf(session->path, sizeof(session->path), "%s/%s", arguments->profile_dir, arguments->profile);
    if (length < 0 || (size_t)length >= sizeof(session->path))
    {
        fprintf(stderr, "vcard: the path of the description is too long.\n");
        return false;
    }
    session->profile = arguments->profile ? arguments->profile : "file";
    session->verbose = arguments->verbose;
    session->shows_data = arguments->shows_data;
    session->card = card_load(session->path, error, sizeof(error));
    if (!session->card)
    {
        fprintf(stderr, "vcard: %s\n", error);
        return false;
    }
    if (!control_init(&session->control, arguments->control_port, on_control_line, session))
    {
        fprintf(stderr, "vcard: control port %u: %s; take another one with --control.\n",
                arguments->control_port, strerror(errno));
        return false;
    }
    vpcd_init(&session->vpcd, &arguments->reader, on_message, session);
    vpcd_insert(&session->vpcd);
    return true;
}

/* The signals that end the program arrive in ppoll() only, so that none is missed just before it. */
static void catch_signals(sigset_t *while_waiting)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    sigdelset(while_waiting, SIGINT);
    sigdelset(while_waiting, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv)
{
    static struct session session;
    struct arguments arguments = { .profile_dir = VCARD_PROFILE_DIR };
    int code, status;
    bool started;

    arguments.reader.sin_family = AF_INET;
    arguments.reader.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1)
    {
        if (code == OPTION_HELP)
            return fputs(help, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (code == OPTION_VERSION)
            return puts("vcard " PACKAGE_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        status = parse_option(code, &arguments);
        if (status)
            return status;
    }
    if (optind < argc)
        return usage_error("'%s' is no option.", argv[optind]);
    status = check_arguments(&arguments);
    if (status)
        return status;

    catch_signals(&session.signals);
    started = start(&session, &arguments);
    if (started)
    {
        run(&session);
        vpcd_pull(&session.vpcd);
        control_close(&session.control);
    }
    card_free(session.card);
    return started ? EXIT_SUCCESS : EXIT_FAILURE;
}
