/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The control port.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "control.h"
#include "front.h"

#define BACKLOG 16
#define PATIENCE 10000 /* ms for an answer that has to wait */
#define MAX_ANSWER 512

bool control_init(struct control *control, uint16_t port, control_handler handler, void *context)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int on = 1, saved;
    size_t i;

    memset(control, 0, sizeof(*control));
    control->handler = handler;
    control->context = context;
    control->listener = -1;
    for (i = 0; i < CONTROL_MAX_CLIENTS; i++)
        control->clients[i].socket = -1;
    if (!port)
        return true;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    control->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->listener < 0)
        return false;
    setsockopt(control->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!bind(control->listener, (struct sockaddr *)&address, sizeof(address))
        && !listen(control->listener, BACKLOG))
        return true;
    saved = errno;
    close(control->listener);
    control->listener = -1;
    errno = saved;
    return false;
}

static void drop(struct control_client *client)
{
    close(client->socket);
    memset(client, 0, sizeof(*client));
    client->socket = -1;
}

/* Answers are a line: a client that does not even read those is dropped. */
static bool answer(struct control_client *client, char *text)
{
    size_t length = strlen(text);

    text[length++] = '\n';
    if (send(client->socket, text, length, MSG_NOSIGNAL) == (ssize_t)length)
        return true;
    drop(client);
    return false;
}

/* Carries out the lines that are complete, one at a time. */
static void serve(struct control *control, struct control_client *client)
{
    char text[MAX_ANSWER], *end;

    while ((end = memchr(client->line, '\n', client->length)))
    {
        char line[CONTROL_MAX_LINE];
        size_t length = end - client->line;
        enum control_result result;

        memcpy(line, client->line, length);
        line[length && line[length - 1] == '\r' ? length - 1 : length] = 0;
        result = control->handler(control->context, line, client->waiting, text, sizeof(text) - 1);
        if (!client->waiting)
            client->give_up_at = now_ms() + PATIENCE;
        client->waiting = result == CONTROL_WAIT && now_ms() < client->give_up_at;
        if (client->waiting)
            return;
        client->length -= length + 1;
        memmove(client->line, end + 1, client->length);
        if (!answer(client, text))
            return;
    }
    if (client->length < CONTROL_MAX_LINE - 1)
        return;
    strcpy(text, "error the line is too long");
    if (answer(client, text))
        drop(client);
}

static void read_client(struct control *control, struct control_client *client)
{
    ssize_t received = recv(client->socket, client->line + client->length,
                            CONTROL_MAX_LINE - 1 - client->length, 0);

    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (received <= 0)
    {
        drop(client);
        return;
    }
    client->length += received;
    serve(control, client);
}

static void accept_client(struct control *control)
{
    int socket = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    size_t i;

    if (socket < 0)
        return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    for (i = 0; i < CONTROL_MAX_CLIENTS; i++)
    {
        if (control->clients[i].socket >= 0)
            continue;
        control->clients[i].socket = socket;
        return;
    }
    close(socket);
}

int control_prepare(struct control *control, struct pollfd *entries)
{
    int wait = -1;
    size_t i;

    entries[0] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
    for (i = 0; i < CONTROL_MAX_CLIENTS; i++)
    {
        struct control_client *client = &control->clients[i];

        if (client->waiting)
            serve(control, client);
        if (client->waiting)
            wait = PATIENCE;
        /* Nothing more is read from a client that waits; poll() still tells when it goes away. */
        entries[1 + i].fd = client->socket;
        entries[1 + i].events = client->waiting ? 0 : POLLIN;
        entries[1 + i].revents = 0;
    }
    return wait;
}

void control_run(struct control *control, const struct pollfd *entries)
{
    size_t i;

    for (i = 0; i < CONTROL_MAX_CLIENTS; i++)
    {
        struct control_client *client = &control->clients[i];

        if (client->socket < 0 || entries[1 + i].fd != client->socket || !entries[1 + i].revents)
            continue;
        if (client->waiting)
            drop(client);
        else
            read_client(control, client);
    }
    if (entries[0].revents)
        accept_client(control);
}

void control_close(struct control *control)
{
    size_t i;

    for (i = 0; i < CONTROL_MAX_CLIENTS; i++)
        if (control->clients[i].socket >= 0)
            drop(&control->clients[i]);
    if (control->listener >= 0)
        close(control->listener);
    control->listener = -1;
}
