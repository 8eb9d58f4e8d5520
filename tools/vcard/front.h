/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A front: the card's place in a reader, whatever reader that is. This is what all fronts share, the connection to
 * the reader and what goes in and out of it; vpcd.c and ccid.c are the protocols.
 */

#ifndef VCARD_FRONT_H
#define VCARD_FRONT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "card.h"

/* The longest message either way: a header, and a command or an answer. */
#define FRONT_MAX_MESSAGE (12 + CARD_MAX_MESSAGE)

struct front;

/* What the reader wants of the card. */
struct front_events
{
    /* The answer to reset; *length is its length in bytes. */
    const uint8_t *(*atr)(void *context, size_t *length);

    /* Power off, power on or reset: what the card still owes is owed no more. */
    void (*reset)(void *context);

    /* A command of `length` bytes, any bytes at all. front_answer() answers it, in here or later, or never. */
    void (*command)(void *context, const uint8_t *command, size_t length);
};

/* What a protocol makes of the connection. */
struct front_protocol
{
    const char *missing;   /* what to ask a user about where no reader takes the card */
    bool always_connected; /* also without the card in the reader: else being connected is being in the reader */

    /* The connection is there. NULL: there is nothing to say. */
    void (*connected)(struct front *front);

    /* The card goes in or out: front->inserted says which. NULL: there is nothing to say. */
    void (*moved)(struct front *front);

    /*
     * Deals with the message at the front of `length` bytes that have come. Returns how many bytes it was, 0 when
     * it has not come wholly or has to wait for the answer to the command before it, -1 when it is none.
     */
    ssize_t (*take)(struct front *front, const uint8_t *bytes, size_t length);

    /* Sends the answer to a command. */
    void (*answer)(struct front *front, const uint8_t *answer, size_t length);
};

struct front
{
    const struct front_protocol *protocol;
    const struct front_events *events;
    void *context;
    union
    {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } address;
    socklen_t address_size;
    bool inserted;   /* wanted in the reader */
    bool present;    /* in the reader, which has noticed */
    bool refused;    /* by the reader, which does not want this card */
    bool owing;      /* a command that has not been answered */
    bool connected;
    int socket;      /* -1: none */
    int64_t retry_at; /* ms of the monotonic clock */
    unsigned int backoff; /* ms */
    uint8_t in[FRONT_MAX_MESSAGE];
    size_t in_length;
    uint8_t out[2 * FRONT_MAX_MESSAGE];
    size_t out_length;
    size_t out_sent;
};

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/* For protocols; `size` bytes of address are copied. */
void front_init(struct front *front, const struct front_protocol *protocol, const void *address, socklen_t size,
                const struct front_events *events, void *context);

/*
 * Into the reader. From now on, or with a protocol that is always connected from the beginning, the front connects,
 * and connects again a second after the connection is lost.
 */
void front_insert(struct front *front);

/* Out of the reader, until it is inserted again. A command that waits for its answer gets none. */
void front_pull(struct front *front);

/* Pulls the card, as far as the reader takes that without waiting, and ends the connection for good. */
void front_close(struct front *front);

/* Answers the command that is owed an answer; without one, as after a reset, nothing is sent. */
void front_answer(struct front *front, const uint8_t *answer, size_t length);

/*
 * For protocols: queues a message of two parts. There is room for two of any length: while one lies there no message
 * of the reader's is taken, so that only an answer that came late and the card that moves add another.
 */
void front_send(struct front *front, const uint8_t *header, size_t header_length, const uint8_t *body, size_t length);

/* For protocols: hands a command to the card. */
void front_command(struct front *front, const uint8_t *command, size_t length);

/* For protocols: resets the card. */
void front_reset(struct front *front);

/* Before poll(): fills *entry (fd -1: nothing to wait for), returns the ms to wait, -1 for ever. */
int front_prepare(struct front *front, struct pollfd *entry);

/* After poll(): connects, receives, answers, sends. */
void front_run(struct front *front, short events);

#endif
