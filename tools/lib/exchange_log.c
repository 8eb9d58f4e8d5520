/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads logs of exchanges. Every byte of them is a stranger's. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/wipe.h"
#include "exchange_log.h"

#define MARKER "scardsspdata: "
#define TIME "dddd-dd-ddTdd:dd:dd.dddZ " /* d: a digit */
#define MAX_HANDLE_DIGITS 16
#define MAX_LENGTH_DIGITS 5
/* Time, handle and what stands between, with room for a program's words on the same line. */
#define MAX_LINE (2 * 2 * EXCHANGE_LOG_MAX_FIELD + 4096)

/* Which card a handle leads to at this place of the log. */
struct handle
{
    uint64_t value;
    size_t card;
};

struct reader
{
    struct exchange_log *log;
    struct handle handles[EXCHANGE_LOG_MAX_HANDLES]; /* the oldest first */
    size_t handle_count;
    size_t line_number;
    size_t hidden;      /* bytes, of all fields */
    char *line;         /* MAX_LINE bytes */
    size_t line_size;
    bool too_long;
    bool no_memory;
};

/* What is left of a line. */
struct text
{
    const char *at, *end;
};

enum result
{
    UNDERSTOOD,
    DAMAGED,
    FOREIGN, /* not a line of ours at all */
};

/* ---- words ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool skip(struct text *text, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(text->end - text->at) < size || memcmp(text->at, word, size))
        return false;
    text->at += size;
    return true;
}

static bool skip_time(struct text *text)
{
    size_t i, size = strlen(TIME);

    if ((size_t)(text->end - text->at) < size)
        return false;
    for (i = 0; i < size; i++)
        if (TIME[i] == 'd' ? !is_digit(text->at[i]) : text->at[i] != TIME[i])
            return false;
    text->at += size;
    return true;
}

static bool take_handle(struct text *text, uint64_t *handle)
{
    unsigned int digits;

    *handle = 0;
    if (!skip(text, "0x"))
        return false;
    for (digits = 0; text->at < text->end && hex_digit(*text->at) >= 0; digits++)
        *handle = *handle << 4 | hex_digit(*text->at++);
    return digits && digits <= MAX_HANDLE_DIGITS && skip(text, " ");
}

/* "<8 bytes>"; how many they are, 0 where that is not what stands there */
static size_t take_hidden(struct text *text)
{
    size_t size = 0;
    unsigned int digits;

    if (!skip(text, "<"))
        return 0;
    for (digits = 0; text->at < text->end && is_digit(*text->at) && digits < MAX_LENGTH_DIGITS; digits++)
        size = size * 10 + *text->at++ - '0';
    return skip(text, " bytes>") ? size : 0;
}

/* Pairs of digits, and at one place perhaps bytes that are hidden. Where bytes is NULL it only counts. */
static bool read_field(struct text *text, struct log_field *field, uint8_t *bytes)
{
    size_t hidden;

    field->size = field->hidden_at = field->hidden_size = 0;
    while (text->at < text->end && *text->at != ' ')
    {
        if (*text->at == '<')
        {
            if (field->hidden_size || !(hidden = take_hidden(text)))
                return false;
            field->hidden_at = field->size;
            field->hidden_size = hidden;
            field->size += hidden;
        }
        else
        {
            if (text->end - text->at < 2 || hex_digit(text->at[0]) < 0 || hex_digit(text->at[1]) < 0)
                return false;
            if (bytes)
                bytes[field->size] = hex_digit(text->at[0]) << 4 | hex_digit(text->at[1]);
            field->size++;
            text->at += 2;
        }
        if (field->size > EXCHANGE_LOG_MAX_FIELD)
            return false;
    }
    return true;
}

static void free_field(struct log_field *field)
{
    if (field->bytes)
        core_wipe(field->bytes, field->size);
    free(field->bytes);
    memset(field, 0, sizeof(*field));
}

static bool take_field(struct reader *reader, struct text *text, struct log_field *field)
{
    struct text again = *text;
    uint8_t *bytes;

    if (!read_field(text, field, NULL) || field->hidden_size > EXCHANGE_LOG_MAX_HIDDEN - reader->hidden)
        return false;
    if (!(bytes = calloc(1, field->size ? field->size : 1)))
    {
        reader->no_memory = true;
        return false;
    }
    reader->hidden += field->hidden_size;
    read_field(&again, field, bytes);
    field->bytes = bytes;
    return true;
}

/* "! 80100069" behind a command */
static bool take_error(struct text *text, uint32_t *error)
{
    unsigned int i;

    if (text->end - text->at != 8)
        return false;
    for (*error = i = 0; i < 8; i++)
    {
        if (hex_digit(*text->at) < 0)
            return false;
        *error = *error << 4 | hex_digit(*text->at++);
    }
    return true;
}

static bool take_protocol(struct text *text, enum log_protocol *protocol)
{
    static const struct
    {
        const char *word;
        enum log_protocol protocol;
    }
    words[] =
    {
        { "T=0 ", LOG_PROTOCOL_T0 },
        { "T=1 ", LOG_PROTOCOL_T1 },
        { "RAW ", LOG_PROTOCOL_RAW },
        { "- ",   LOG_PROTOCOL_UNKNOWN },
    };
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        *protocol = words[i].protocol;
        if (skip(text, words[i].word))
            return true;
    }
    return false;
}

/* ---- cards ---- */

/* A new card; NULL: no memory, or there are too many. */
static struct log_card *add_card(struct reader *reader, const char *name, const uint8_t *atr, size_t atr_size)
{
    struct exchange_log *log = reader->log;
    struct log_card *card;

    if (log->count == EXCHANGE_LOG_MAX_CARDS)
        return NULL;
    if (!log->cards && !(log->cards = calloc(EXCHANGE_LOG_MAX_CARDS, sizeof(*log->cards))))
    {
        reader->no_memory = true;
        return NULL;
    }
    card = &log->cards[log->count++];
    strcpy(card->reader, name);
    memcpy(card->atr, atr, atr_size);
    card->atr_size = atr_size;
    return card;
}

static struct log_card *find_card(struct reader *reader, const char *name, const uint8_t *atr, size_t atr_size)
{
    struct exchange_log *log = reader->log;
    size_t i;

    for (i = 0; i < log->count; i++)
    {
        struct log_card *card = &log->cards[i];

        if (*card->reader && !strcmp(card->reader, name) && card->atr_size == atr_size
            && !memcmp(card->atr, atr, atr_size))
            return card;
    }
    return add_card(reader, name, atr, atr_size);
}

static void drop_handle(struct reader *reader, size_t index)
{
    memmove(&reader->handles[index], &reader->handles[index + 1],
            (--reader->handle_count - index) * sizeof(reader->handles[0]));
}

static size_t find_handle(const struct reader *reader, uint64_t value)
{
    size_t i = 0;

    while (i < reader->handle_count && reader->handles[i].value != value)
        i++;
    return i;
}

static void set_handle(struct reader *reader, uint64_t value, const struct log_card *card)
{
    size_t index = find_handle(reader, value);

    if (index < reader->handle_count)
        drop_handle(reader, index);
    else if (reader->handle_count == EXCHANGE_LOG_MAX_HANDLES)
        drop_handle(reader, 0);
    reader->handles[reader->handle_count].value = value;
    reader->handles[reader->handle_count++].card = card - reader->log->cards;
}

/* The card that a handle leads to. Where the log does not say when it was made, it leads to a card of its own. */
static struct log_card *card_of(struct reader *reader, uint64_t handle)
{
    size_t index = find_handle(reader, handle);
    struct log_card *card;

    if (index < reader->handle_count)
        return &reader->log->cards[reader->handles[index].card];
    card = add_card(reader, "", (const uint8_t *)"", 0);
    if (card)
        set_handle(reader, handle, card);
    return card;
}

static struct log_entry *add_entry(struct reader *reader, struct log_card *card, enum log_kind kind)
{
    struct log_entry *entries, *entry;
    size_t room = card->room ? 2 * card->room : 64;

    if (card->count == card->room)
    {
        if (room > SIZE_MAX / sizeof(*entries) || !(entries = realloc(card->entries, room * sizeof(*entries))))
        {
            reader->no_memory = true;
            return NULL;
        }
        card->entries = entries;
        card->room = room;
    }
    entry = &card->entries[card->count++];
    memset(entry, 0, sizeof(*entry));
    entry->kind = kind;
    entry->line = reader->line_number;
    entry->protocol = card->count > 1 ? entry[-1].protocol : LOG_PROTOCOL_UNKNOWN;
    return entry;
}

/* ---- lines ---- */

/* How many bytes the character there has; 0: it is none (RFC 3629 4) or a control. */
static size_t character_size(const unsigned char *at, size_t size)
{
    size_t length = *at < 0x80 ? 1 : *at < 0xC2 ? 0 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : *at < 0xF5 ? 4 : 0, i;

    if (!length || length > size || *at < 0x20 || *at == 0x7F)
        return 0;
    for (i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    if ((*at == 0xC2 && at[1] < 0xA0) || (*at == 0xE0 && at[1] < 0xA0) || (*at == 0xED && at[1] > 0x9F)
        || (*at == 0xF0 && at[1] < 0x90) || (*at == 0xF4 && at[1] > 0x8F))
        return 0;
    return length;
}

/* What a terminal can show; bytes that are not are "?". */
static void take_name(struct text *text, char *name)
{
    size_t length;

    for (; text->at < text->end; text->at += length, name += length)
    {
        length = character_size((const unsigned char *)text->at, text->end - text->at);
        memcpy(name, length ? text->at : "?", length ? length : 1);
        length += !length;
    }
}

/* PROTOCOL ATR READER, behind "attach". Where that cannot be understood it is not known where the handle leads to. */
static enum result take_attach(struct reader *reader, uint64_t handle, struct text *text)
{
    char name[EXCHANGE_LOG_MAX_READER] = "";
    enum log_protocol protocol;
    struct log_entry *entry;
    struct log_field atr = {0};
    struct log_card *card;
    enum result result = DAMAGED;
    size_t size;

    if (find_handle(reader, handle) < reader->handle_count)
        drop_handle(reader, find_handle(reader, handle));
    if (!skip(text, " ") || !take_protocol(text, &protocol))
        return DAMAGED;
    if (!skip(text, "-") && !take_field(reader, text, &atr))
        return DAMAGED;
    if (skip(text, " ") && atr.size <= EXCHANGE_LOG_MAX_ATR && !atr.hidden_size
        && (size = text->end - text->at) && size < sizeof(name))
    {
        take_name(text, name);
        card = find_card(reader, name, atr.bytes ? atr.bytes : (const uint8_t *)"", atr.size);
        if (card && (entry = add_entry(reader, card, LOG_CONNECT)))
        {
            entry->protocol = protocol;
            set_handle(reader, handle, card);
            result = UNDERSTOOD;
        }
    }
    free_field(&atr);
    return result;
}

/* Says what the command got. */
static bool take_outcome(struct reader *reader, struct text *text, struct log_entry *entry)
{
    if (skip(text, " ! "))
    {
        entry->kind = LOG_FAILURE;
        return take_error(text, &entry->error);
    }
    return skip(text, " > ") && take_field(reader, text, &entry->reply) && text->at == text->end;
}

/* COMMAND > REPLY, or COMMAND ! ERROR. Only RAW may carry what is shorter than a command or SW1 SW2. */
static enum result take_exchange(struct reader *reader, uint64_t handle, bool is_transaction, struct text *text)
{
    struct log_entry entry = { .kind = LOG_EXCHANGE, .is_transaction = is_transaction }, *added = NULL;
    struct log_card *card;
    bool is_raw;

    if (take_field(reader, text, &entry.command) && entry.command.size && take_outcome(reader, text, &entry)
        && (card = card_of(reader, handle)))
    {
        is_raw = card->count && card->entries[card->count - 1].protocol == LOG_PROTOCOL_RAW;
        if ((is_raw || (entry.command.size >= 4 && (entry.kind == LOG_FAILURE || entry.reply.size >= 2)))
            && (added = add_entry(reader, card, entry.kind)))
        {
            entry.line = added->line;
            entry.protocol = added->protocol;
            *added = entry;
            card->exchanges++;
            reader->log->exchanges++;
            return UNDERSTOOD;
        }
    }
    free_field(&entry.command);
    free_field(&entry.reply);
    return DAMAGED;
}

/* Where the last marker of a line ends: one that was cut off may stand before it. */
static const char *find_marker(const char *line, size_t size)
{
    size_t marker = strlen(MARKER), i;

    for (i = size; i >= marker; i--)
        if (line[i - 1] == MARKER[marker - 1] && !memcmp(line + i - marker, MARKER, marker))
            return line + i;
    return NULL;
}

static enum result read_line(struct reader *reader, const char *line, size_t size)
{
    const char *marker = find_marker(line, size);
    struct text text = { marker ? marker : line, line + size };
    struct log_card *card;
    uint64_t handle = 0; /* of what cardinfo writes, which has none and is about one connection */

    if (text.end > text.at && text.end[-1] == '\r')
        text.end--;
    while (!marker && skip(&text, " "))
        ;
    if (!skip_time(&text))
        return marker ? DAMAGED : FOREIGN;
    if (marker && !take_handle(&text, &handle))
        return DAMAGED;
    if (skip(&text, "attach"))
        return take_attach(reader, handle, &text);
    if (skip(&text, "reset"))
        return text.at == text.end && (card = card_of(reader, handle)) && add_entry(reader, card, LOG_RESET)
            ? UNDERSTOOD : DAMAGED;
    if (skip(&text, "detach"))
    {
        if (find_handle(reader, handle) < reader->handle_count)
            drop_handle(reader, find_handle(reader, handle));
        return text.at == text.end ? UNDERSTOOD : DAMAGED;
    }
    return take_exchange(reader, handle, !marker, &text);
}

/* ---- the stream ---- */

/* Whether a line that cannot be read to its end would have been one of ours. */
static bool is_ours(const char *line, size_t size)
{
    struct text text = { line, line + size };

    while (skip(&text, " "))
        ;
    return find_marker(line, size) || skip_time(&text);
}

static void end_line(struct reader *reader)
{
    reader->line_number++;
    if (reader->too_long ? is_ours(reader->line, reader->line_size)
        : read_line(reader, reader->line, reader->line_size) == DAMAGED)
        reader->log->damaged++;
    core_wipe(reader->line, reader->line_size);
    reader->line_size = 0;
    reader->too_long = false;
}

static void take_chunk(struct reader *reader, const char *chunk, size_t size)
{
    size_t part, room;
    const char *end;

    for (; size && !reader->no_memory; chunk += part, size -= part)
    {
        end = memchr(chunk, '\n', size);
        part = end ? (size_t)(end - chunk) : size;
        room = MAX_LINE - reader->line_size;
        if (part > room)
            reader->too_long = true;
        memcpy(reader->line + reader->line_size, chunk, part < room ? part : room);
        reader->line_size += part < room ? part : room;
        if (end)
        {
            end_line(reader);
            part++;
        }
    }
}

static bool read_stream(struct reader *reader, FILE *file)
{
    char chunk[16384];
    size_t size;

    setvbuf(file, NULL, _IONBF, 0);
    errno = 0;
    while (!reader->no_memory && (size = fread(chunk, 1, sizeof(chunk), file)))
        take_chunk(reader, chunk, size);
    core_wipe(chunk, sizeof(chunk));
    /* The last line is cut off where its end is missing. */
    reader->log->damaged += is_ours(reader->line, reader->line_size);
    return !ferror(file);
}

struct exchange_log *exchange_log_read(FILE *file)
{
    struct reader reader = { .log = calloc(1, sizeof(*reader.log)), .line = malloc(MAX_LINE) };
    bool ok = false;
    int error = ENOMEM;

    if (reader.log && reader.line)
    {
        ok = read_stream(&reader, file) && !reader.no_memory;
        error = reader.no_memory ? ENOMEM : errno;
    }
    if (reader.line)
        core_wipe(reader.line, reader.line_size);
    free(reader.line);
    if (ok)
        return reader.log;
    exchange_log_free(reader.log);
    errno = error;
    return NULL;
}

void exchange_log_free(struct exchange_log *log)
{
    size_t i, j;

    if (!log)
        return;
    for (i = 0; i < log->count; i++)
    {
        for (j = 0; j < log->cards[i].count; j++)
        {
            free_field(&log->cards[i].entries[j].command);
            free_field(&log->cards[i].entries[j].reply);
        }
        free(log->cards[i].entries);
    }
    free(log->cards);
    free(log);
}

bool log_field_matches(const struct log_field *field, const uint8_t *bytes, size_t size)
{
    size_t behind = field->hidden_at + field->hidden_size;

    return size == field->size && !memcmp(field->bytes, bytes, field->hidden_at)
        && !memcmp(field->bytes + behind, bytes + behind, size - behind);
}
