/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command import. A name that is taken already, by another ATR, gets a number: "Name (2)". The same ATR under the
 * same name is not imported again, so that a list can be imported twice.
 */

#include <stdlib.h>

#include "cards.h"
#include "atrlist.h"

#define MAX_FILE_SIZE (64 << 20)
#define MAX_REASONS 16
#define PROGRESS_MS 1000            /* between two lines that are no terminal's */
#define PROGRESS_TERMINAL_MS 100

/* The names that are taken: a hash table with open addressing. */
struct taken
{
    WCHAR *name;                    /* in capitals; NULL: free */
    struct atr_pattern pattern;
};

static struct
{
    const struct command_line *line;
    struct taken *taken;
    UINT capacity, count;           /* the capacity is a power of two */
    BOOL no_memory;
    UINT introduced, known, skipped;
    struct { const char *reason; UINT count; } reasons[MAX_REASONS];
    UINT total, done;
    DWORD last_progress;
    BOOL terminal;
}
import;

/* ---- names ---- */

static struct taken *find_slot(struct taken *taken, UINT capacity, const WCHAR *name)
{
    UINT hash = 2166136261u, i;
    const WCHAR *p;

    for (p = name; *p; p++) hash = (hash ^ *p) * 16777619u;
    for (i = hash & (capacity - 1); taken[i].name && wcscmp(taken[i].name, name); i = (i + 1) & (capacity - 1)) continue;
    return &taken[i];
}

static BOOL grow(void)
{
    UINT capacity = import.capacity ? 2 * import.capacity : 4096, i;
    struct taken *taken = calloc(capacity, sizeof(*taken));

    if (!taken) return FALSE;
    for (i = 0; i < import.capacity; i++)
        if (import.taken[i].name) *find_slot(taken, capacity, import.taken[i].name) = import.taken[i];
    free(import.taken);
    import.taken = taken;
    import.capacity = capacity;
    return TRUE;
}

/* FALSE: there is no memory. */
static BOOL take_name(const WCHAR *name, const struct atr_pattern *pattern)
{
    struct taken *slot;
    WCHAR *key;

    if (2 * (import.count + 1) > import.capacity && !grow()) return FALSE;
    if (!(key = _wcsdup(name))) return FALSE;
    slot = find_slot(import.taken, import.capacity, CharUpperW(key));
    if (slot->name)
    {
        free(key);
        return TRUE;
    }
    slot->name = key;
    slot->pattern = *pattern;
    import.count++;
    return TRUE;
}

static BOOL take_known(enum place place, const struct card *card, void *arg)
{
    struct atr_pattern pattern;

    (void)place;
    (void)arg;
    atr_pattern_init(&pattern, card->atr.bytes, card->mask, card->atr.size);
    import.no_memory = !take_name(card->name, &pattern);
    return !import.no_memory;
}

/* Only where cards will be written: others may have the same names. */
static LONG take_all_known(void)
{
    LONG error;

    if (!grow()) return ERROR_NOT_ENOUGH_MEMORY;
    if (import.line->user) error = store_walk(PLACE_USER, take_known, NULL);
    else if (!(error = store_walk(PLACE_MACHINE64, take_known, NULL)))
        error = store_walk(PLACE_MACHINE32, take_known, NULL);
    return import.no_memory ? ERROR_NOT_ENOUGH_MEMORY : error;
}

/* ---- progress and summary ---- */

static void show_progress(BOOL last)
{
    DWORD now = GetTickCount();

    if (!last && now - import.last_progress < (import.terminal ? PROGRESS_TERMINAL_MS : PROGRESS_MS)) return;
    if (last && !import.terminal) return;
    import.last_progress = now;
    print_error("%s%u of %u entries%s", import.terminal ? "\r" : "", import.done, import.total,
                import.terminal && !last ? "" : "\n");
}

static void skip(const struct atrlist_entry *entry, const char *reason)
{
    UINT i;

    import.skipped++;
    for (i = 0; i < MAX_REASONS - 1 && import.reasons[i].reason && import.reasons[i].reason != reason; i++) continue;
    import.reasons[i].reason = reason;
    import.reasons[i].count++;
    if (import.line->verbose)
        print("line %u: %.*s: %s\n", entry->line, (int)min(entry->atr.size, 200), entry->atr.start, reason);
}

static void print_summary(void)
{
    UINT i;

    print("%u entries: %u cards introduced, %u known already, %u entries skipped\n", import.total, import.introduced,
          import.known, import.skipped);
    for (i = 0; i < MAX_REASONS && import.reasons[i].reason; i++)
        print("  %6u  %s\n", import.reasons[i].count, import.reasons[i].reason);
    if (import.skipped && !import.line->verbose) print("--verbose names the skipped entries.\n");
}

/* ---- entries ---- */

static BOOL wide_from_text(struct text text, WCHAR *wide, int size)
{
    int length = text.size && text.size < 4096
                 ? MultiByteToWideChar(CP_UTF8, 0, text.start, (int)text.size, wide, size - 1) : 0;

    wide[length] = 0;
    return length != 0;
}

/* What "#: key value" says; a reason when it is wrong, NULL when all is well. */
static const char *apply_property(struct card *card, struct atrtext *atrs, struct text key, struct text value)
{
    WCHAR wide[CARDNAME_SIZE];
    struct atrtext mask;
    unsigned int i;

    if (text_is(key, "mask"))
    {
        if (atrtext_parse(value.start, value.size, &mask) || mask.count != 1
            || mask.variants[0].atr.size != atrs->variants[0].atr.size) return "its mask does not fit the ATR";
        for (i = 0; i < atrs->count; i++)
            memcpy(atrs->variants[i].mask, mask.variants[0].atr.bytes, sizeof(atrs->variants[i].mask));
        return NULL;
    }
    if (text_is(key, "csp"))
        return wide_from_text(value, card->csp, ARRAYSIZE(card->csp)) ? NULL : "its CSP has no name of 1 to 255 characters";
    if (text_is(key, "provider"))
    {
        card->has_provider = wide_from_text(value, wide, ARRAYSIZE(wide)) && guid_from_text(wide, &card->provider);
        return card->has_provider ? NULL : "its provider is no GUID";
    }
    if (!text_is(key, "interface")) return NULL;
    if (card->interface_count == MAX_INTERFACES) return "it has more than 256 interfaces";
    return wide_from_text(value, wide, ARRAYSIZE(wide))
           && guid_from_text(wide, &card->interfaces[card->interface_count++]) ? NULL : "one of its interfaces is no GUID";
}

static const char *parse_entry(const struct atrlist_entry *entry, struct card *card, struct atrtext *atrs)
{
    const char *reason = atrtext_parse(entry->atr.start, entry->atr.size, atrs);
    struct text key, value;
    size_t position = 0;
    unsigned int i;

    memset(card, 0, sizeof(*card));
    while (!reason && atrlist_property(entry, &position, &key, &value))
        reason = apply_property(card, atrs, key, value);
    for (i = 0; !reason && !import.line->lax && i < atrs->count; i++)
        reason = atr_check(atrs->variants[i].atr.bytes, atrs->variants[i].mask, atrs->variants[i].atr.size);
    return reason;
}

/* Under the first name that is free, or not at all where the same ATR has one of the names. */
static LONG introduce(const struct text *description, struct card *card, const struct atr_variant *variant)
{
    struct atr_pattern pattern;
    WCHAR key[CARDNAME_SIZE];
    struct taken *slot;
    unsigned int number;
    LONG error;

    card->atr = variant->atr;
    memcpy(card->mask, variant->mask, sizeof(card->mask));
    atr_pattern_init(&pattern, card->atr.bytes, card->mask, card->atr.size);
    for (number = 1; ; number++)
    {
        cardname_make(description->start, description->size, number, card->name);
        slot = find_slot(import.taken, import.capacity, CharUpperW(lstrcpyW(key, card->name)));
        if (!slot->name) break;
        if (memcmp(&slot->pattern, &pattern, sizeof(pattern))) continue;
        import.known++;
        return ERROR_SUCCESS;
    }
    if ((error = store_add(import.line->user, card))) return error;
    import.introduced++;
    return take_name(card->name, &pattern) ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static LONG import_entry(const struct atrlist_entry *entry)
{
    static struct atrtext atrs;
    static struct card card;
    const char *reason = parse_entry(entry, &card, &atrs);
    struct text name = atrlist_name(entry);
    LONG error = ERROR_SUCCESS;
    unsigned int i;

    if (!reason && !cardname_make(name.start, name.size, 1, card.name)) reason = "it has no description to be its name";
    if (reason)
    {
        skip(entry, reason);
        return ERROR_SUCCESS;
    }
    for (i = 0; !error && i < atrs.count; i++) error = introduce(&name, &card, &atrs.variants[i]);
    return error;
}

static enum exit_code import_text(const char *text, size_t size)
{
    struct atrlist list = { .text = { text, size } };
    struct atrlist_entry entry;
    static WCHAR line[32];
    DWORD mode;
    LONG error;

    import.terminal = GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
    if (!(import.total = atrlist_count(&list)))
    {
        print_error("scardssp-cards: there is no ATR in this file; docs/cards.md describes its format.\n");
        return EXIT_FAILED;
    }
    if ((error = take_all_known())) return report_error("import", NULL, error);
    import.last_progress = GetTickCount();
    while (!error && atrlist_next(&list, &entry))
    {
        error = import_entry(&entry);
        import.done++;
        show_progress(FALSE);
    }
    show_progress(TRUE);
    print_summary();
    if (!error) return EXIT_OK;
    wsprintfW(line, L"(line %u)", entry.line);
    return report_error("import", line, error);
}

/* ---- the file ---- */

static char *read_file(HANDLE file, size_t *size)
{
    size_t capacity = 1 << 20;
    char *text = malloc(capacity), *larger;
    DWORD count;

    for (*size = 0; text && ReadFile(file, text + *size, (DWORD)(capacity - *size), &count, NULL) && count; *size += count)
    {
        if (*size + count < capacity) continue;
        if (capacity == MAX_FILE_SIZE || !(larger = realloc(text, capacity *= 2)))
        {
            free(text);
            return NULL;
        }
        text = larger;
    }
    return text;
}

enum exit_code command_import(struct command_line *line)
{
    BOOL standard_input = !wcscmp(line->file, L"-");
    enum exit_code code = EXIT_FAILED;
    char name[TEXT_SIZE], *text;
    HANDLE file;
    size_t size;
    UINT i;

    import.line = line;
    file = standard_input ? GetStdHandle(STD_INPUT_HANDLE)
           : CreateFileW(line->file, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
    {
        print_error("scardssp-cards: %s cannot be read: error %lu.\n", utf8_name(line->file, name), GetLastError());
        return EXIT_FAILED;
    }
    if ((text = read_file(file, &size))) code = import_text(text, size);
    else print_error("scardssp-cards: the file is larger than %u MB, or there is no memory.\n", MAX_FILE_SIZE >> 20);
    free(text);
    for (i = 0; i < import.capacity; i++) free(import.taken[i].name);
    free(import.taken);
    if (!standard_input) CloseHandle(file);
    return code;
}
