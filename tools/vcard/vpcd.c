/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wire to the virtual reader.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <sys/socket.h>

#include "vpcd.h"

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

static void set_option(int socket, int option)
{
    int on = 1;

    setsockopt(socket, IPPROTO_TCP, option, &on, sizeof(on));
}

static void disconnect(struct vpcd *vpcd)
{
    if (vpcd->socket >= 0)
        close(vpcd->socket);
    vpcd->socket = -1;
    vpcd->connected = false;
    OPENSSL_cleanse(vpcd->in, vpcd->in_length);
    vpcd->in_length = 0;
    vpcd->out_length = vpcd->out_sent = 0;
}

static void lose(struct vpcd *vpcd)
{
    bool dropped = vpcd->connected;

    disconnect(vpcd);
    if (dropped)
    {
        vpcd->retry_at = now_ms() + TIME_AWAY;
        return;
    }
    vpcd->retry_at = now_ms() + vpcd->backoff;
    vpcd->backoff = vpcd->backoff * 2 > MAX_BACKOFF ? MAX_BACKOFF : vpcd->backoff * 2;
}

static void start_connecting(struct vpcd *vpcd)
{
    vpcd->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (vpcd->socket < 0)
    {
        lose(vpcd);
        return;
    }
    /* vpcd sends length and data apart: without these two each exchange waits 40 ms for a delayed ACK. */
    set_option(vpcd->socket, TCP_NODELAY);
    set_option(vpcd->socket, TCP_QUICKACK);
    if (connect(vpcd->socket, (const struct sockaddr *)&vpcd->address, sizeof(vpcd->address))
        && errno != EINPROGRESS)
        lose(vpcd);
}

static void finish_connecting(struct vpcd *vpcd)
{
    int error = 0;
    socklen_t size = sizeof(error);

    if (getsockopt(vpcd->socket, SOL_SOCKET, SO_ERROR, &error, &size) || error)
    {
        lose(vpcd);
        return;
    }
    vpcd->connected = true;
    vpcd->backoff = MIN_BACKOFF;
}

/* false: the connection is lost */
static bool flush_output(struct vpcd *vpcd)
{
    while (vpcd->out_sent < vpcd->out_length)
    {
        ssize_t sent = send(vpcd->socket, vpcd->out + vpcd->out_sent, vpcd->out_length - vpcd->out_sent,
                            MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        vpcd->out_sent += sent;
    }
    vpcd->out_length = vpcd->out_sent = 0;
    return true;
}

/* Answers the messages that are complete, one at a time: the next waits until the answer is on its way. */
static bool answer_messages(struct vpcd *vpcd)
{
    while (!vpcd->out_length && vpcd->in_length >= 2)
    {
        size_t length = vpcd->in[0] << 8 | vpcd->in[1], whole = 2 + length;
        ssize_t answer;

        if (vpcd->in_length < whole)
            return true;
        answer = vpcd->handler(vpcd->context, vpcd->in + 2, length, vpcd->out + 2);
        OPENSSL_cleanse(vpcd->in, whole);
        vpcd->in_length -= whole;
        memmove(vpcd->in, vpcd->in + whole, vpcd->in_length);
        if (answer == VPCD_NO_ANSWER)
            continue;
        vpcd->out[0] = answer >> 8;
        vpcd->out[1] = answer & 0xFF;
        vpcd->out_length = 2 + answer;
        if (!flush_output(vpcd))
            return false;
    }
    return true;
}

static bool receive(struct vpcd *vpcd)
{
    while (vpcd->in_length < sizeof(vpcd->in) && !vpcd->out_length)
    {
        ssize_t received = recv(vpcd->socket, vpcd->in + vpcd->in_length,
                                sizeof(vpcd->in) - vpcd->in_length, 0);

        if (received < 0 && errno == EINTR)
            continue;
        if (received < 0)
            return errno == EAGAIN;
        if (!received)
            return false;
        set_option(vpcd->socket, TCP_QUICKACK);
        vpcd->in_length += received;
        if (!answer_messages(vpcd))
            return false;
    }
    return true;
}

void vpcd_init(struct vpcd *vpcd, const struct sockaddr_in *address, vpcd_handler handler, void *context)
{
    memset(vpcd, 0, sizeof(*vpcd));
    vpcd->address = *address;
    vpcd->handler = handler;
    vpcd->context = context;
    vpcd->socket = -1;
    vpcd->backoff = MIN_BACKOFF;
}

void vpcd_insert(struct vpcd *vpcd)
{
    vpcd->inserted = true;
    vpcd->backoff = MIN_BACKOFF;
    vpcd->retry_at = 0;
}

void vpcd_pull(struct vpcd *vpcd)
{
    vpcd->inserted = false;
    disconnect(vpcd);
}

int vpcd_prepare(struct vpcd *vpcd, struct pollfd *entry)
{
    int64_t wait = -1;

    if (vpcd->inserted && vpcd->socket < 0)
    {
        wait = vpcd->retry_at - now_ms();
        if (wait <= 0)
        {
            start_connecting(vpcd);
            wait = vpcd->socket < 0 ? (int)vpcd->backoff : -1;
        }
    }
    entry->fd = vpcd->socket;
    entry->events = !vpcd->connected || vpcd->out_length ? POLLOUT : POLLIN;
    entry->revents = 0;
    return wait;
}

void vpcd_run(struct vpcd *vpcd, short events)
{
    if (vpcd->socket < 0 || !events)
        return;
    if (!vpcd->connected)
    {
        finish_connecting(vpcd);
        return;
    }
    if (!flush_output(vpcd) || !answer_messages(vpcd) || !receive(vpcd))
        lose(vpcd);
}
