/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The front for QEMU's ccid-card-passthru.
 */

#include <string.h>

#include "ccid.h"

#define HEADER 12
#define PROTOCOL_VERSION 2
#define NO_READER 0xffffffff

enum message_type
{
    MESSAGE_INIT = 1,
    MESSAGE_ERROR,
    MESSAGE_READER_ADD,
    MESSAGE_READER_REMOVE,
    MESSAGE_ATR,
    MESSAGE_CARD_REMOVE,
    MESSAGE_APDU,
    MESSAGE_FLUSH,
    MESSAGE_FLUSH_COMPLETE,
};

/* What MESSAGE_ERROR carries. Success is an "error" too. */
enum error_code
{
    ERROR_SUCCESS = 0,
    ERROR_GENERAL = 1,
};

struct message
{
    uint32_t type, reader;
    const uint8_t *data;
    size_t length;
};

static const uint8_t magic[4] = { 'V', 'S', 'C', 'D' };

static struct ccid *ccid_from_front(struct front *front)
{
    return (struct ccid *)((char *)front - offsetof(struct ccid, front));
}

static uint32_t get_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static void put_number(uint8_t *bytes, uint32_t number)
{
    bytes[0] = number >> 24;
    bytes[1] = number >> 16;
    bytes[2] = number >> 8;
    bytes[3] = number;
}

static void say(struct ccid *ccid, enum message_type type, const uint8_t *data, size_t length)
{
    uint8_t header[HEADER];

    put_number(header, type);
    put_number(header + 4, ccid->reader);
    put_number(header + 8, length);
    front_send(&ccid->front, header, sizeof(header), data, length);
}

static void say_general_error(struct ccid *ccid)
{
    uint8_t code[4];

    put_number(code, ERROR_GENERAL);
    say(ccid, MESSAGE_ERROR, code, sizeof(code));
}

/* Asks for the next thing, unless one is being asked for. */
static void ask_next(struct ccid *ccid)
{
    const struct front *front = &ccid->front;
    const uint8_t *atr;
    size_t length;

    if (ccid->step == CCID_EMPTY && front->inserted && !front->refused)
    {
        atr = front->events->atr(front->context, &length);
        ccid->step = CCID_INSERTING;
        ccid->pulled = false;
        say(ccid, MESSAGE_ATR, atr, length);
    }
    else if (ccid->step == CCID_PRESENT && ccid->pulled)
    {
        ccid->step = CCID_REMOVING;
        say(ccid, MESSAGE_CARD_REMOVE, NULL, 0);
    }
    ccid->front.present = ccid->step == CCID_PRESENT;
}

static void ccid_connected(struct front *front)
{
    struct ccid *ccid = ccid_from_front(front);
    uint8_t hello[sizeof(magic) + 8] = { 0 };

    memcpy(hello, magic, sizeof(magic));
    put_number(hello + sizeof(magic), PROTOCOL_VERSION); /* and no capabilities: there are none */
    ccid->step = CCID_HELLO;
    ccid->reader = NO_READER;
    front->refused = false;
    say(ccid, MESSAGE_INIT, hello, sizeof(hello));
}

static void ccid_moved(struct front *front)
{
    struct ccid *ccid = ccid_from_front(front);

    if (!front->inserted)
        ccid->pulled = true;
    ask_next(ccid);
}

/* The machine's hello. Its version and what it can do make no difference. */
static bool take_hello(struct ccid *ccid, const struct message *message)
{
    static const uint8_t name[] = "vcard";

    if (ccid->step != CCID_HELLO || message->length < sizeof(magic) + 4
        || memcmp(message->data, magic, sizeof(magic)))
        return false;
    ccid->step = CCID_ADDING;
    say(ccid, MESSAGE_READER_ADD, name, sizeof(name));
    return true;
}

/* The answer to what was asked for; an error that comes unasked is about nothing that could be undone. */
static bool take_error(struct ccid *ccid, const struct message *message)
{
    bool success;

    if (message->length != 4)
        return false;
    success = get_number(message->data) == ERROR_SUCCESS;
    switch (ccid->step)
    {
    case CCID_HELLO:
        return false;
    case CCID_ADDING:
        if (!success)
            return false;
        ccid->reader = message->reader;
        ccid->step = CCID_EMPTY;
        break;
    case CCID_INSERTING:
        ccid->front.refused = !success;
        ccid->step = success ? CCID_PRESENT : CCID_EMPTY;
        break;
    case CCID_REMOVING:
        ccid->step = CCID_EMPTY;
        break;
    case CCID_EMPTY:
    case CCID_PRESENT:
        break;
    }
    ask_next(ccid);
    return true;
}

/*
 * The machine keeps a list of whom it owes an answer: each command has one, in their order. A command behind one that
 * has none means that the reader has given up waiting for it.
 */
static void take_command(struct ccid *ccid, const struct message *message)
{
    /* Sent before the machine knew that the card is away: it has told whoever waits. */
    if (ccid->step != CCID_PRESENT)
        return;
    if (ccid->front.owing)
    {
        ccid->front.owing = false;
        say_general_error(ccid);
    }
    if (message->reader != ccid->reader)
        say_general_error(ccid);
    else
        front_command(&ccid->front, message->data, message->length);
}

static ssize_t ccid_take(struct front *front, const uint8_t *bytes, size_t length)
{
    struct ccid *ccid = ccid_from_front(front);
    struct message message;
    ssize_t whole;
    bool ok = true;

    if (length < HEADER)
        return 0;
    message.type = get_number(bytes);
    message.reader = get_number(bytes + 4);
    message.data = bytes + HEADER;
    message.length = get_number(bytes + 8);
    if (message.length > CARD_MAX_MESSAGE)
        return -1;
    whole = HEADER + message.length;
    if (length < (size_t)whole)
        return 0;

    switch (message.type)
    {
    case MESSAGE_INIT:
        ok = take_hello(ccid, &message);
        break;
    case MESSAGE_ERROR:
        ok = take_error(ccid, &message);
        break;
    case MESSAGE_APDU:
        take_command(ccid, &message);
        break;
    case MESSAGE_FLUSH: /* nobody waits any more for what is owed */
        front->owing = false;
        say(ccid, MESSAGE_FLUSH_COMPLETE, NULL, 0);
        break;
    default:
        say_general_error(ccid);
    }
    return ok ? whole : -1;
}

static void ccid_answer(struct front *front, const uint8_t *answer, size_t length)
{
    say(ccid_from_front(front), MESSAGE_APDU, answer, length);
}

static const struct front_protocol ccid_protocol =
{
    .missing = "QEMU with ccid-card-passthru",
    .always_connected = true,
    .connected = ccid_connected,
    .moved = ccid_moved,
    .take = ccid_take,
    .answer = ccid_answer,
};

void ccid_init(struct ccid *ccid, const struct sockaddr_un *address, const struct front_events *events, void *context)
{
    memset(ccid, 0, sizeof(*ccid));
    front_init(&ccid->front, &ccid_protocol, address, sizeof(*address), events, context);
}
