/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connection to the reader, of whatever protocol.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <openssl/crypto.h>

#include "front.h"

#define MIN_BACKOFF 20
#define MAX_BACKOFF 500

/*
 * A reader that has dropped the card must notice that it is away. pcscd looks every 400 ms; when a client of it runs
 * into the missing card in between, and the card is back before pcscd looks, it says "no card" for good.
 */
#define TIME_AWAY 1000

int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Without effect on other sockets than those of TCP. */
static void set_option(int socket, int option)
{
    int on = 1;

    setsockopt(socket, IPPROTO_TCP, option, &on, sizeof(on));
}

static void disconnect(struct front *front)
{
    if (front->socket >= 0)
        close(front->socket);
    front->socket = -1;
    front->connected = front->present = false;
    OPENSSL_cleanse(front->in, front->in_length);
    front->in_length = 0;
    front->out_length = front->out_sent = 0;
}

static void lose(struct front *front)
{
    bool dropped = front->connected;

    disconnect(front);
    if (dropped)
    {
        front_reset(front);
        front->retry_at = now_ms() + TIME_AWAY;
        return;
    }
    front->retry_at = now_ms() + front->backoff;
    front->backoff = front->backoff * 2 > MAX_BACKOFF ? MAX_BACKOFF : front->backoff * 2;
}

static void start_connecting(struct front *front)
{
    front->socket = socket(front->address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (front->socket < 0)
    {
        lose(front);
        return;
    }
    /* vpcd sends length and data apart: without these two each exchange waits 40 ms for a delayed ACK. */
    set_option(front->socket, TCP_NODELAY);
    set_option(front->socket, TCP_QUICKACK);
    if (connect(front->socket, &front->address.any, front->address_size) && errno != EINPROGRESS)
        lose(front);
}

static void finish_connecting(struct front *front)
{
    int error = 0;
    socklen_t size = sizeof(error);

    if (getsockopt(front->socket, SOL_SOCKET, SO_ERROR, &error, &size) || error)
    {
        lose(front);
        return;
    }
    front->connected = true;
    front->backoff = MIN_BACKOFF;
    if (front->protocol->connected)
        front->protocol->connected(front);
}

/* false: the connection is lost */
static bool flush_output(struct front *front)
{
    while (front->out_sent < front->out_length)
    {
        ssize_t sent = send(front->socket, front->out + front->out_sent, front->out_length - front->out_sent,
                            MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        front->out_sent += sent;
    }
    front->out_length = front->out_sent = 0;
    return true;
}

/* Takes the messages that are complete, one at a time: the next waits until the answer is on its way. */
static bool take_messages(struct front *front)
{
    while (!front->out_length && front->in_length)
    {
        ssize_t taken = front->protocol->take(front, front->in, front->in_length);

        if (taken < 0)
            return false;
        if (!taken)
            return true;
        OPENSSL_cleanse(front->in, taken);
        front->in_length -= taken;
        memmove(front->in, front->in + taken, front->in_length);
        if (!flush_output(front))
            return false;
    }
    return true;
}

static bool receive(struct front *front)
{
    while (front->in_length < sizeof(front->in) && !front->out_length)
    {
        ssize_t received = recv(front->socket, front->in + front->in_length, sizeof(front->in) - front->in_length, 0);

        if (received < 0 && errno == EINTR)
            continue;
        if (received < 0)
            return errno == EAGAIN;
        if (!received)
            return false;
        set_option(front->socket, TCP_QUICKACK);
        front->in_length += received;
        if (!take_messages(front))
            return false;
    }
    return true;
}

void front_init(struct front *front, const struct front_protocol *protocol, const void *address, socklen_t size,
                const struct front_events *events, void *context)
{
    memset(front, 0, sizeof(*front));
    front->protocol = protocol;
    memcpy(&front->address, address, size);
    front->address_size = size;
    front->events = events;
    front->context = context;
    front->socket = -1;
    front->backoff = MIN_BACKOFF;
}

void front_insert(struct front *front)
{
    front->inserted = true;
    front->refused = false;
    if (front->socket < 0)
    {
        front->backoff = MIN_BACKOFF;
        front->retry_at = 0;
    }
    if (front->connected && front->protocol->moved)
        front->protocol->moved(front);
}

void front_pull(struct front *front)
{
    front->inserted = front->present = false;
    front_reset(front);
    if (!front->protocol->always_connected)
        disconnect(front);
    else if (front->connected && front->protocol->moved)
        front->protocol->moved(front);
}

void front_close(struct front *front)
{
    front_pull(front);
    if (front->connected)
        flush_output(front);
    disconnect(front);
}

void front_answer(struct front *front, const uint8_t *answer, size_t length)
{
    if (!front->owing)
        return;
    front->owing = false;
    front->protocol->answer(front, answer, length);
}

void front_send(struct front *front, const uint8_t *header, size_t header_length, const uint8_t *body, size_t length)
{
    assert(header_length + length <= sizeof(front->out) - front->out_length);
    memcpy(front->out + front->out_length, header, header_length);
    front->out_length += header_length;
    if (length)
        memcpy(front->out + front->out_length, body, length);
    front->out_length += length;
}

void front_command(struct front *front, const uint8_t *command, size_t length)
{
    front->owing = true;
    front->events->command(front->context, command, length);
}

void front_reset(struct front *front)
{
    front->owing = false;
    front->events->reset(front->context);
}

int front_prepare(struct front *front, struct pollfd *entry)
{
    int64_t wait = -1;

    if (front->socket < 0 && (front->inserted || front->protocol->always_connected))
    {
        wait = front->retry_at - now_ms();
        if (wait <= 0)
        {
            start_connecting(front);
            wait = front->socket < 0 ? (int)front->backoff : -1;
        }
    }
    entry->fd = front->socket;
    if (!front->connected || front->out_length)
        entry->events = POLLOUT;
    else /* what does not fit waits for the card's answer to what came before */
        entry->events = front->in_length < sizeof(front->in) ? POLLIN : 0;
    entry->revents = 0;
    return wait;
}

void front_run(struct front *front, short events)
{
    if (front->socket < 0 || !events)
        return;
    if (!front->connected)
    {
        finish_connecting(front);
        return;
    }
    if ((front->in_length == sizeof(front->in) && events & (POLLERR | POLLHUP)) || !flush_output(front)
        || !take_messages(front) || !receive(front))
        lose(front);
}
