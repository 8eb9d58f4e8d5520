/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cards that play a log of exchanges: a command is answered as the log answers it, at its next occurrence from where
 * the log is, or else from its start.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card_private.h"
#include "exchange_log.h"

struct script
{
    struct exchange_log *log;
    const struct log_card *card;
    size_t next; /* the entry that follows the one that was played last */
};

/* Whether the log has what the objects were given, of which the card got TPDUs. */
static bool is_t0_apdu(const struct log_entry *entry)
{
    return entry->is_transaction && entry->protocol == LOG_PROTOCOL_T0;
}

/* Whether a command is case 4: T=0 sends it without its Le, and fetches the answer with GET RESPONSE. */
static bool is_case_4(const struct log_field *command)
{
    return command->size > 5 && command->size == 6u + command->bytes[4]
        && (!command->hidden_size || command->hidden_at >= 5);
}

static bool matches(const struct log_entry *entry, const uint8_t *command, size_t length)
{
    struct log_field expected = entry->command;

    if (is_t0_apdu(entry) && is_case_4(&expected))
    {
        expected.size--;
        if (expected.hidden_at + expected.hidden_size > expected.size)
            expected.hidden_size--; /* the Le that redact-log hides with the data */
    }
    else if (is_t0_apdu(entry) && expected.size == 4 && length == 5 && !command[4])
        length = 4; /* the P3 of case 1 */
    return log_field_matches(&expected, command, length);
}

static bool can_be_played(const struct log_entry *entry)
{
    return entry->kind == LOG_EXCHANGE && entry->reply.size >= 2 && entry->reply.size <= CARD_MAX_MESSAGE;
}

/* The next occurrence of a command. An entry with hidden bytes, which may be any, is meant where no other one fits. */
static const struct log_entry *find_entry(struct script *script, const uint8_t *command, size_t length)
{
    size_t count = script->card->count, found = count, i;

    for (i = 0; i < count; i++)
    {
        size_t index = (script->next + i) % count;
        const struct log_entry *entry = &script->card->entries[index];

        if (!can_be_played(entry) || !matches(entry, command, length) || (found < count && entry->command.hidden_size))
            continue;
        found = index;
        if (!entry->command.hidden_size)
            break;
    }
    if (found == count)
        return NULL;
    script->next = found + 1;
    return &script->card->entries[found];
}

static void say_unknown(const uint8_t *command, size_t length)
{
    if (length < 4)
        fprintf(stderr, "vcard: the log has no such command of %zu bytes\n", length);
    else
        fprintf(stderr, "vcard: the log has no such command %02X %02X %02X %02X, %zu bytes\n", command[0], command[1],
                command[2], command[3], length);
}

/* GET RESPONSE, where the log does not show it and something is held for it. */
static bool is_for_held(const struct card *card, const uint8_t *command, size_t length)
{
    return card->held_length && length == 5 && command[1] == 0xC0;
}

static size_t get_held(struct card *card, const uint8_t *tpdu, struct reply *reply)
{
    struct command command = { .p1 = tpdu[2], .p2 = tpdu[3], .ne = tpdu[4] ? tpdu[4] : 256, .t0 = true };

    return finish_reply(card, reply, get_response(card, &command, reply));
}

size_t script_command(struct card *card, const uint8_t *command, size_t length, uint8_t *buffer)
{
    struct command decoded = { .t0 = true };
    struct reply reply = { buffer, 0 };
    const struct log_entry *entry;
    size_t data_length;
    uint16_t status;

    if (is_for_held(card, command, length))
        return get_held(card, command, &reply);
    drop_held(card);
    if (!(entry = find_entry(card->script, command, length)))
    {
        say_unknown(command, length);
        return finish_reply(card, &reply, SW_UNKNOWN_ERROR);
    }
    data_length = entry->reply.size - 2;
    append(&reply, entry->reply.bytes, data_length);
    status = entry->reply.bytes[data_length] << 8 | entry->reply.bytes[data_length + 1];
    if (is_t0_apdu(entry) && is_case_4(&entry->command))
        status = hold(card, &decoded, &reply, 0, status);
    return finish_reply(card, &reply, status);
}

void script_free(struct script *script)
{
    if (!script)
        return;
    exchange_log_free(script->log);
    free(script);
}

static size_t count_playable(const struct log_card *card)
{
    size_t count = 0, i;

    for (i = 0; i < card->count; i++)
        count += can_be_played(&card->entries[i]);
    return count;
}

/* NULL: there is no such card. */
static const struct log_card *choose_card(const struct exchange_log *log, unsigned int number)
{
    size_t i;

    if (number)
        return number <= log->count ? &log->cards[number - 1] : NULL;
    for (i = 0; i < log->count; i++)
        if (log->cards[i].exchanges)
            return &log->cards[i];
    return NULL;
}

/* NULL, or what keeps the log from being a card's script. */
static const char *use_log(struct script *script, unsigned int number)
{
    script->card = choose_card(script->log, number);
    if (!script->card)
        return number ? "has not so many cards" : "has no exchanges";
    if (!count_playable(script->card))
        return "has no exchange with a reply of this card";
    if (script->card->atr_size < 2)
        return "does not say the card's ATR: its line \"attach\" is missing";
    return NULL;
}

static struct exchange_log *read_log(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct exchange_log *log;
    int error;

    if (!file)
        return NULL;
    log = exchange_log_read(file);
    error = errno;
    fclose(file);
    errno = error;
    return log;
}

struct card *card_load_script(const char *path, unsigned int number, char *error, size_t error_size)
{
    struct card *card = calloc(1, sizeof(*card));
    struct script *script = calloc(1, sizeof(*script));
    const char *problem = strerror(ENOMEM);

    if (card && script)
    {
        script->log = read_log(path);
        problem = script->log ? use_log(script, number) : strerror(errno);
    }
    if (problem)
    {
        snprintf(error, error_size, "%s: the log %s%s", path, script && script->log ? "" : "cannot be read: ", problem);
        script_free(script);
        free(card);
        return NULL;
    }
    card->script = script;
    card->dialect = &iso_dialect;
    card->atr_length = script->card->atr_size;
    memcpy(card->atr, script->card->atr, card->atr_length);
    return card;
}
