/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vcard: a virtual smart card for the virtual reader of vsmartcard's vpcd or the USB reader of QEMU. This file puts
 * the card, its front in the reader and the control port together: docs/developers/vcard.md.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <openssl/crypto.h>

#include "card.h"
#include "ccid.h"
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

/* The longest time that an answer can be delayed by, in ms: a day. */
#define MAX_DELAY 86400000

struct session
{
    struct card *card;
    char path[4096];
    bool is_script; /* what lies there is a log */
    unsigned int script_card;
    const char *profile;
    bool verbose;
    bool shows_data;
    bool quit;
    sigset_t signals; /* blocked while waiting */
    unsigned long long commands;
    bool mute;        /* answers no command */
    unsigned long delay; /* ms before each answer */
    struct
    {
        bool waiting;
        int64_t due; /* ms of the monotonic clock */
        uint8_t bytes[CARD_MAX_MESSAGE];
        size_t length;
    } answer;
    union
    {
        struct front vpcd;
        struct ccid ccid;
    } fronts;
    struct front *front; /* the one of these that is used */
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

static void forget_answer(struct session *session)
{
    session->answer.waiting = false;
    OPENSSL_cleanse(session->answer.bytes, session->answer.length);
    session->answer.length = 0;
}

static void give_answer(struct session *session)
{
    if (session->verbose)
        print_answer(session, session->answer.bytes, session->answer.length);
    front_answer(session->front, session->answer.bytes, session->answer.length);
    forget_answer(session);
}

static const uint8_t *on_atr(void *context, size_t *length)
{
    struct session *session = context;

    return card_atr(session->card, length);
}

static void on_reset(void *context)
{
    struct session *session = context;

    forget_answer(session);
    card_reset(session->card);
}

static void on_command(void *context, const uint8_t *command, size_t length)
{
    struct session *session = context;

    session->commands++;
    if (session->verbose)
        print_command(session, command, length);
    forget_answer(session);
    if (session->mute)
        return;
    session->answer.length = card_command(session->card, command, length, session->answer.bytes);
    session->answer.waiting = session->delay;
    session->answer.due = now_ms() + session->delay;
    if (!session->delay)
        give_answer(session);
}

static const struct front_events front_events = { on_atr, on_reset, on_command };

/* Returns the ms until the answer that waits is due, -1 for none. */
static int answer_when_due(struct session *session)
{
    int64_t wait;

    if (!session->answer.waiting)
        return -1;
    wait = session->answer.due - now_ms();
    if (wait > 0)
        return wait;
    give_answer(session);
    return -1;
}

/* --- the control port's side --- */

static enum control_result do_pull(struct session *session, const char *argument, bool again, char *answer,
                                   size_t size)
{
    (void)argument;
    (void)again;
    front_pull(session->front);
    snprintf(answer, size, "ok pulled");
    return CONTROL_DONE;
}

static enum control_result do_insert(struct session *session, const char *argument, bool again, char *answer,
                                     size_t size)
{
    struct front *front = session->front;

    (void)argument;
    if (!again && (!front->inserted || front->refused))
        front_insert(front);
    if (!front->inserted || front->refused || front->present)
    {
        snprintf(answer, size, !front->inserted ? "error the card was pulled again"
                 : front->refused ? "error the reader refuses the card" : "ok inserted");
        return CONTROL_DONE;
    }
    snprintf(answer, size, "error no reader takes the card; is %s running?", front->protocol->missing);
    return CONTROL_WAIT;
}

static enum control_result do_status(struct session *session, const char *argument, bool again, char *answer,
                                     size_t size)
{
    (void)argument;
    (void)again;
    snprintf(answer, size, "ok %s, %llu commands, profile %s", session->front->present ? "present" : "absent",
             session->commands, session->profile);
    return CONTROL_DONE;
}

/* The answer that waits already, if one does, keeps its time. */
static enum control_result do_delay(struct session *session, const char *argument, bool again, char *answer,
                                    size_t size)
{
    unsigned long delay;
    char *end;

    (void)again;
    errno = 0;
    delay = strtoul(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end || errno || delay > MAX_DELAY)
    {
        snprintf(answer, size, "error delay wants the milliseconds before each answer, at most %d", MAX_DELAY);
        return CONTROL_DONE;
    }
    session->delay = delay;
    session->mute = false;
    snprintf(answer, size, "ok delays answers by %lu ms", delay);
    return CONTROL_DONE;
}

static enum control_result do_mute(struct session *session, const char *argument, bool again, char *answer,
                                   size_t size)
{
    (void)argument;
    (void)again;
    session->mute = true;
    snprintf(answer, size, "ok mute");
    return CONTROL_DONE;
}

static struct card *load_card(const struct session *session, char *error, size_t size)
{
    return session->is_script ? card_load_script(session->path, session->script_card, error, size)
        : card_load(session->path, error, size);
}

static enum control_result do_reset_data(struct session *session, const char *argument, bool again, char *answer,
                                         size_t size)
{
    char error[MAX_ERROR];
    struct card *card = load_card(session, error, sizeof(error));

    (void)argument;
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

static enum control_result do_quit(struct session *session, const char *argument, bool again, char *answer,
                                   size_t size)
{
    (void)argument;
    (void)again;
    session->quit = true;
    snprintf(answer, size, "ok good bye");
    return CONTROL_DONE;
}

static const struct verb
{
    const char *word;
    bool has_argument;
    enum control_result (*run)(struct session *session, const char *argument, bool again, char *answer, size_t size);
} verbs[] =
{
    { "delay",      true,  do_delay },
    { "insert",     false, do_insert },
    { "mute",       false, do_mute },
    { "pull",       false, do_pull },
    { "quit",       false, do_quit },
    { "reset-data", false, do_reset_data },
    { "status",     false, do_status },
};

static enum control_result on_control_line(void *context, const char *line, bool again, char *answer,
                                           size_t size)
{
    size_t i, used, length = strcspn(line, " ");
    const char *argument = line[length] ? line + length + 1 : "";

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strlen(verbs[i].word) == length && !memcmp(line, verbs[i].word, length)
            && (verbs[i].has_argument || !line[length]))
            return verbs[i].run(context, argument, again, answer, size);

    used = snprintf(answer, size, "error unknown; known are:");
    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        used += snprintf(answer + used, size - used, " %s", verbs[i].word);
    return CONTROL_DONE;
}

/* --- the program --- */

/* The shorter of two times to wait, of which -1 is for ever. */
static int shorter(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void run(struct session *session)
{
    struct pollfd entries[1 + CONTROL_POLL_ENTRIES];
    struct timespec timeout;

    while (!stop_signal && !session->quit)
    {
        int wait = shorter(control_prepare(&session->control, entries + 1), answer_when_due(session));

        wait = shorter(wait, front_prepare(session->front, entries));
        timeout.tv_sec = wait / 1000;
        timeout.tv_nsec = wait % 1000 * 1000000L;
        if (ppoll(entries, 1 + CONTROL_POLL_ENTRIES, wait < 0 ? NULL : &timeout, &session->signals) < 0)
            continue;
        front_run(session->front, entries[0].revents);
        control_run(&session->control, entries + 1);
    }
}

static const char help[] =
"Usage: vcard (--port PORT | --ccid SOCKET) (--profile NAME | --file DESCRIPTION | --script LOG)\n"
"             [OPTION...]\n"
"A virtual smart card for the reader \"Virtual PCD\" of pcscd's vpcd driver, or for the\n"
"USB reader of a QEMU machine.\n"
"\n"
"  --port PORT          the TCP port vpcd listens on (35963 in a stock set-up)\n"
"  --host ADDRESS       the IPv4 address vpcd listens on (127.0.0.1)\n"
"  --ccid SOCKET        the UNIX socket that the chardev of ccid-card-passthru listens on\n"
"  --profile NAME       a card of the profile directory: t1, t0, gsm, ext\n"
"  --profile-dir DIR    the profile directory\n"
"                       (" VCARD_PROFILE_DIR ")\n"
"  --file DESCRIPTION   a card of one's own; docs/developers/vcard.md has the language\n"
"  --script LOG         the card of a log of exchanges, answering as it does there\n"
"  --script-card N      which card of the log: the first with exchanges without it\n"
"  --control PORT       listen on this port of 127.0.0.1 for pull, insert, status,\n"
"                       mute, delay MS, reset-data and quit, one a line\n"
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

/* From 1 to 65535: a port, or the number of a card. */
static bool parse_number(const char *text, uint16_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || !value || value > 65535)
        return false;
    *number = value;
    return true;
}

static bool is_profile_name(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

struct arguments
{
    struct sockaddr_in vpcd;
    struct sockaddr_un ccid;
    uint16_t control_port;
    const char *profile, *profile_dir, *file, *script;
    unsigned int script_card;
    bool verbose, shows_data;
};

enum option_code
{
    OPTION_CCID = 1,
    OPTION_CONTROL,
    OPTION_DATA,
    OPTION_FILE,
    OPTION_HELP,
    OPTION_HOST,
    OPTION_PORT,
    OPTION_PROFILE,
    OPTION_PROFILE_DIR,
    OPTION_SCRIPT,
    OPTION_SCRIPT_CARD,
    OPTION_VERBOSE,
    OPTION_VERSION,
};

static const struct option options[] =
{
    { "ccid",        required_argument, NULL, OPTION_CCID },
    { "control",     required_argument, NULL, OPTION_CONTROL },
    { "data",        no_argument,       NULL, OPTION_DATA },
    { "file",        required_argument, NULL, OPTION_FILE },
    { "help",        no_argument,       NULL, OPTION_HELP },
    { "host",        required_argument, NULL, OPTION_HOST },
    { "port",        required_argument, NULL, OPTION_PORT },
    { "profile",     required_argument, NULL, OPTION_PROFILE },
    { "profile-dir", required_argument, NULL, OPTION_PROFILE_DIR },
    { "script",      required_argument, NULL, OPTION_SCRIPT },
    { "script-card", required_argument, NULL, OPTION_SCRIPT_CARD },
    { "verbose",     no_argument,       NULL, OPTION_VERBOSE },
    { "version",     no_argument,       NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static int parse_option(int code, struct arguments *arguments)
{
    uint16_t number;

    switch (code)
    {
    case OPTION_CCID:
        if (!*optarg || strlen(optarg) >= sizeof(arguments->ccid.sun_path))
            return usage_error("--ccid wants the path of a socket, of at most %zu bytes.",
                               sizeof(arguments->ccid.sun_path) - 1);
        arguments->ccid.sun_family = AF_UNIX;
        strcpy(arguments->ccid.sun_path, optarg);
        return 0;
    case OPTION_CONTROL:
        return parse_number(optarg, &arguments->control_port) ? 0
            : usage_error("--control wants a port from 1 to 65535, not '%s'.", optarg);
    case OPTION_DATA:
        arguments->verbose = arguments->shows_data = true;
        return 0;
    case OPTION_FILE:
        arguments->file = optarg;
        return 0;
    case OPTION_HOST:
        return inet_pton(AF_INET, optarg, &arguments->vpcd.sin_addr) == 1 ? 0
            : usage_error("--host wants an IPv4 address like 127.0.0.1, not '%s'.", optarg);
    case OPTION_PORT:
        if (!parse_number(optarg, &number))
            return usage_error("--port wants a port from 1 to 65535, not '%s'.", optarg);
        arguments->vpcd.sin_port = htons(number);
        return 0;
    case OPTION_PROFILE:
        arguments->profile = optarg;
        return is_profile_name(optarg) ? 0
            : usage_error("a profile name has small letters, digits, - and _ only; --file takes a path.");
    case OPTION_PROFILE_DIR:
        arguments->profile_dir = optarg;
        return 0;
    case OPTION_SCRIPT:
        arguments->script = optarg;
        return 0;
    case OPTION_SCRIPT_CARD:
        if (!parse_number(optarg, &number))
            return usage_error("--script-card wants the number of a card in the log, from 1, not '%s'.", optarg);
        arguments->script_card = number;
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
    if (!arguments->vpcd.sin_port == !*arguments->ccid.sun_path)
        return usage_error("either --port PORT, where vpcd listens, or --ccid SOCKET, where QEMU does, is needed.");
    if (!!arguments->profile + !!arguments->file + !!arguments->script != 1)
        return usage_error("either --profile NAME or --file DESCRIPTION or --script LOG is needed.");
    if (arguments->script_card && !arguments->script)
        return usage_error("--script-card is of use only with --script LOG.");
    return 0;
}

static bool start(struct session *session, const struct arguments *arguments)
{
    const char *file = arguments->script ? arguments->script : arguments->file;
    char error[MAX_ERROR];
    int length;

    length = file ? snprintf(session->path, sizeof(session->path), "%s", file)
        : snprintf(session->path, sizeof(session->path), "%s/%s", arguments->profile_dir, arguments->profile);
    if (length < 0 || (size_t)length >= sizeof(session->path))
    {
        fprintf(stderr, "vcard: the path of the card is too long.\n");
        return false;
    }
    session->profile = arguments->profile ? arguments->profile : arguments->script ? "script" : "file";
    session->is_script = arguments->script;
    session->script_card = arguments->script_card;
    session->verbose = arguments->verbose;
    session->shows_data = arguments->shows_data;
    session->card = load_card(session, error, sizeof(error));
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
    if (*arguments->ccid.sun_path)
    {
        ccid_init(&session->fronts.ccid, &arguments->ccid, &front_events, session);
        session->front = &session->fronts.ccid.front;
    }
    else
    {
        vpcd_init(&session->fronts.vpcd, &arguments->vpcd, &front_events, session);
        session->front = &session->fronts.vpcd;
    }
    front_insert(session->front);
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

    arguments.vpcd.sin_family = AF_INET;
    arguments.vpcd.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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
        front_close(session.front);
        control_close(&session.control);
    }
    card_free(session.card);
    return started ? EXIT_SUCCESS : EXIT_FAILURE;
}
