/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The half of scardssp-doctor that asks pcscd without Wine. Prints "context CODE", then for each reader
 * "reader STATE ATR NAME", where STATE is card, busy (another program has it for itself), mute or empty and ATR "-"
 * where there is none. Where libpcsclite and pcscd do not understand each other: "protocols LIBRARY DAEMON", the
 * version of the protocol that each speaks.
 */

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <winscard.h>

#ifndef PCSCLITE_SOCKET
#define PCSCLITE_SOCKET "/run/pcscd/pcscd.comm"
#endif

/* The first message of a connection, both ways; the answer has no header. */
struct version_message
{
    uint32_t size, command;
    struct version
    {
        int32_t major, minor;
        uint32_t error;
    } version;
};

#define CMD_VERSION 0x11

static void print_reader(SCARDCONTEXT context, const char *name)
{
    SCARD_READERSTATE state = { .szReader = name };
    DWORD i;

    if (SCardGetStatusChange(context, 0, &state, 1))
        return;
    printf("reader %s ", state.dwEventState & SCARD_STATE_MUTE ? "mute"
            : state.dwEventState & SCARD_STATE_EXCLUSIVE ? "busy"
            : state.dwEventState & SCARD_STATE_PRESENT ? "card" : "empty");
    for (i = 0; i < state.cbAtr && i < MAX_ATR_SIZE; i++)
        printf("%02X", state.rgbAtr[i]);
    printf("%s %s\n", state.cbAtr ? "" : "-", name);
}

/* The names of all readers, as a multi-string to be freed. They may become more between the two calls. */
static char *list_readers(SCARDCONTEXT context)
{
    char *names = NULL;
    DWORD size;
    LONG error;

    do
    {
        free(names);
        if (SCardListReaders(context, NULL, NULL, &size) || !(names = malloc(size)))
            return NULL;
        error = SCardListReaders(context, NULL, names, &size);
    }
    while (error == SCARD_E_INSUFFICIENT_BUFFER);
    if (!error)
        return names;
    free(names);
    return NULL;
}

static int socket_address(struct sockaddr_un *address, const char *path)
{
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(address->sun_path))
        return 0;
    strcpy(address->sun_path, path);
    return 1;
}

/* Nobody is waited for longer than this: not the daemon, and not the library, also before it connects. */
static int be_patient(int socket)
{
    static const struct timeval patience = { .tv_sec = 3 };

    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return socket;
}

static int patient_socket(void)
{
    return be_patient(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

enum answer
{
    NOBODY_THERE,
    HUNG_UP,
    ANSWERED
};

static enum answer ask_daemon(struct version *version)
{
    struct version_message message = { sizeof(message.version), CMD_VERSION, { 0 } };
    int connection = patient_socket();
    const char *path = getenv("PCSCLITE_CSOCK_NAME");
    enum answer answer = NOBODY_THERE;
    struct sockaddr_un address;

    if (connection >= 0 && socket_address(&address, path ? path : PCSCLITE_SOCKET)
            && !connect(connection, (struct sockaddr *)&address, sizeof(address)))
        answer = send(connection, &message, sizeof(message), MSG_NOSIGNAL) == sizeof(message)
                && recv(connection, version, sizeof(*version), MSG_WAITALL) == sizeof(*version) ? ANSWERED : HUNG_UP;
    close(connection);
    return answer;
}

/*
 * What the library says to a daemon. It keeps the name of the socket that it was given first, so that another process
 * has to talk to ours.
 */
static int library_version(struct version *version)
{
    char directory[] = "/tmp/scardssp.XXXXXX", path[sizeof(directory) + sizeof("/socket")];
    int listener = patient_socket(), connection, told = 0;
    struct version_message message;
    struct sockaddr_un address;
    pid_t child;

    if (listener < 0 || !mkdtemp(directory))
        return 0;
    sprintf(path, "%s/socket", directory);
    if (socket_address(&address, path) && !bind(listener, (struct sockaddr *)&address, sizeof(address))
            && !listen(listener, 1) && (child = fork()) >= 0)
    {
        if (!child)
        {
            setenv("PCSCLITE_CSOCK_NAME", path, 1);
            close(STDOUT_FILENO);
            execl("/proc/self/exe", "host", "context", NULL);
            _exit(1);
        }
        if ((connection = accept(listener, NULL, NULL)) >= 0)
        {
            told = recv(be_patient(connection), &message, sizeof(message), MSG_WAITALL) == sizeof(message)
                    && message.command == CMD_VERSION;
            *version = message.version;
            close(connection);
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    close(listener);
    unlink(path);
    rmdir(directory);
    return told;
}

static void print_protocols(void)
{
    struct version library, daemon;

    if (library_version(&library) && ask_daemon(&daemon) == ANSWERED)
        printf("protocols %d:%d %d:%d\n", (int)library.major, (int)library.minor, (int)daemon.major,
                (int)daemon.minor);
}

/* pcscd hangs up on a client that polkit refuses, and whether that still learns why is a matter of chance. */
static int is_refused(LONG error)
{
    struct version version;

    return error == SCARD_E_NO_SERVICE && ask_daemon(&version) == HUNG_UP;
}

int main(int argc, char **argv)
{
    SCARDCONTEXT context;
    const char *name;
    char *names;
    LONG error;

    (void)argv;
    error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (argc == 1 && is_refused(error))
        error = SCARD_W_SECURITY_VIOLATION;
    printf("context %08lx\n", (unsigned long)error & 0xffffffff);
    if (error == SCARD_E_SERVICE_STOPPED && argc == 1)
    {
        fflush(stdout);
        print_protocols();
    }
    if (error)
        return 1;

    if ((names = list_readers(context)))
        for (name = names; *name; name += strlen(name) + 1)
            print_reader(context, name);
    free(names);
    SCardReleaseContext(context);
    return 0;
}
