/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any text as a log of exchanges: what is understood of it holds together. */

#include "exchange_log.h"
#include "fuzz.h"

static void look_at_field(const struct log_field *field)
{
    MUST(field->size <= EXCHANGE_LOG_MAX_FIELD);
    MUST(field->hidden_at <= field->size && field->hidden_size <= field->size - field->hidden_at);
    MUST(log_field_matches(field, field->bytes, field->size));
}

static void look_at_entry(const struct log_entry *entry)
{
    MUST(entry->line);
    if (entry->kind != LOG_EXCHANGE && entry->kind != LOG_FAILURE) return;
    look_at_field(&entry->command);
    MUST(entry->command.size >= (entry->protocol == LOG_PROTOCOL_RAW ? 1 : 4));
    if (entry->kind == LOG_FAILURE) return;
    look_at_field(&entry->reply);
    MUST(entry->reply.size >= 2 || entry->protocol == LOG_PROTOCOL_RAW);
}

static size_t look_at_card(const struct log_card *card)
{
    size_t i, exchanges = 0;

    MUST(card->atr_size <= EXCHANGE_LOG_MAX_ATR);
    MUST(memchr(card->reader, 0, sizeof(card->reader)));
    for (i = 0; i < card->count; i++)
    {
        look_at_entry(&card->entries[i]);
        exchanges += card->entries[i].kind == LOG_EXCHANGE || card->entries[i].kind == LOG_FAILURE;
    }
    MUST(exchanges == card->exchanges);
    return exchanges;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = size ? fmemopen((void *)data, size, "rb") : NULL;
    struct exchange_log *log;
    size_t i, exchanges = 0;

    if (!file) return 0;
    log = exchange_log_read(file);
    fclose(file);
    MUST(log && log->count <= EXCHANGE_LOG_MAX_CARDS);
    for (i = 0; i < log->count; i++) exchanges += look_at_card(&log->cards[i]);
    MUST(exchanges == log->exchanges);
    exchange_log_free(log);
    return 0;
}
