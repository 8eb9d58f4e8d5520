/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wire to the virtual reader (vpcd of the vsmartcard project): messages with a 16-bit big-endian length
 * in front, both ways, over TCP. Being connected is being in the reader.
 */

#ifndef VCARD_VPCD_H
#define VCARD_VPCD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <netinet/in.h>

#define VPCD_MAX_MESSAGE 65535
#define VPCD_NO_ANSWER (-1)

/*
 * Answers one message of the reader: returns the length of what it put in `answer` (VPCD_MAX_MESSAGE bytes),
 * or VPCD_NO_ANSWER for a message that gets none.
 */
typedef ssize_t (*vpcd_handler)(void *context, const uint8_t *message, size_t length, uint8_t *answer);

struct vpcd
{
    struct sockaddr_in address;
    vpcd_handler handler;
    void *context;
    bool inserted;   /* wanted in the reader: connects whenever it is not connected */
    bool connected;
    int socket;      /* -1: none */
    int64_t retry_at; /* ms of the monotonic clock */
    unsigned int backoff; /* ms */
    uint8_t in[2 + VPCD_MAX_MESSAGE];
    size_t in_length;
    uint8_t out[2 + VPCD_MAX_MESSAGE];
    size_t out_length;
    size_t out_sent;
};

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

void vpcd_init(struct vpcd *vpcd, const struct sockaddr_in *address, vpcd_handler handler, void *context);

/* Into the reader: from now on vpcd connects, and connects again a second after the connection is lost. */
void vpcd_insert(struct vpcd *vpcd);

/* Out of the reader: closes the connection and stays away. */
void vpcd_pull(struct vpcd *vpcd);

/* Before poll(): fills *entry (fd -1: nothing to wait for), returns the ms to wait, -1 for ever. */
int vpcd_prepare(struct vpcd *vpcd, struct pollfd *entry);

/* After poll(): connects, receives, answers, sends. */
void vpcd_run(struct vpcd *vpcd, short events);

#endif
