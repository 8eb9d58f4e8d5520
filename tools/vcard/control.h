/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The control port: a line protocol on 127.0.0.1. Each line gets one line back, "ok ..." or "error TEXT".
 */

#ifndef VCARD_CONTROL_H
#define VCARD_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_MAX_CLIENTS 16
#define CONTROL_MAX_LINE 256
#define CONTROL_POLL_ENTRIES (1 + CONTROL_MAX_CLIENTS)

enum control_result
{
    CONTROL_DONE,
    CONTROL_WAIT, /* not yet: ask again, for a while */
};

/*
 * Carries out one line (without its end) and writes the whole answer to `answer`. Is called again with the
 * same line, `again` set, as long as it returns CONTROL_WAIT and the time for it is not over.
 */
typedef enum control_result (*control_handler)(void *context, const char *line, bool again, char *answer,
                                               size_t size);

struct control_client
{
    int socket; /* -1: free */
    char line[CONTROL_MAX_LINE];
    size_t length;
    bool waiting; /* for the line at the front of `line` */
    int64_t give_up_at;
};

struct control
{
    int listener; /* -1: no control port */
    control_handler handler;
    void *context;
    struct control_client clients[CONTROL_MAX_CLIENTS];
};

/* port 0: no control port. Returns false with errno set when the port cannot be listened on. */
bool control_init(struct control *control, uint16_t port, control_handler handler, void *context);

/* Before poll(): fills CONTROL_POLL_ENTRIES entries, returns the ms to wait, -1 for ever. */
int control_prepare(struct control *control, struct pollfd *entries);

/* After poll(). */
void control_run(struct control *control, const struct pollfd *entries);

void control_close(struct control *control);

#endif
