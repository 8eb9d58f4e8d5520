/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands but import. */

#include <stdio.h>
#include <stdlib.h>
#include <winscard.h>

#include "cards.h"

const char *utf8_name(const WCHAR *name, char text[TEXT_SIZE])
{
    char *p;

    if (!WideCharToMultiByte(CP_UTF8, 0, name, -1, text, TEXT_SIZE, NULL, NULL)) text[0] = 0;
    for (p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = '?';
    return text;
}

BOOL guid_from_text(const WCHAR *text, GUID *guid)
{
    WCHAR braced[39];
    int length = lstrlenW(text);

    if (length == 38) return CLSIDFromString((WCHAR *)text, guid) == S_OK;
    if (length != 36) return FALSE;
    braced[0] = '{';
    lstrcpyW(braced + 1, text);
    lstrcatW(braced, L"}");
    return CLSIDFromString(braced, guid) == S_OK;
}

static const char *guid_text(const GUID *guid, char text[39])
{
    sprintf(text, "{%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", (unsigned long)guid->Data1, guid->Data2,
            guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
            guid->Data4[6], guid->Data4[7]);
    return text;
}

enum exit_code report_error(const char *what, const WCHAR *name, LONG error)
{
    static const struct
    {
        LONG error;
        const char *text;
    }
    texts[] =
    {
        { ERROR_FILE_NOT_FOUND, "no card of this name is known here; see scardssp-cards list (--user: the user's)" },
        { ERROR_ALREADY_EXISTS, "a card of this name is known; forget it first, or choose another name" },
        { ERROR_ACCESS_DENIED, "the registry may not be written; --user writes the user's part of it" },
        { ERROR_INVALID_DATA, "the entry is damaged; forget it and introduce the card again" },
    };
    char text[TEXT_SIZE];
    unsigned int i;

    print_error("scardssp-cards: %s%s%s: ", what, name ? " " : "", name ? utf8_name(name, text) : "");
    for (i = 0; i < ARRAYSIZE(texts); i++)
    {
        if (texts[i].error != error) continue;
        print_error("%s.\n", texts[i].text);
        return EXIT_FAILED;
    }
    print_error("error %ld of the registry.\n", error);
    return EXIT_FAILED;
}

/* The place of a card in the order that scardssp.dll looks: has one before the same name, that one counts. */
static BOOL is_covered(enum place place, const WCHAR *name)
{
    static struct card card;
    unsigned int before;

    for (before = 0; before < place; before++)
        if (!store_read(before, name, &card)) return TRUE;
    return FALSE;
}

/* ---- list, show, export ---- */

struct walk
{
    BOOL (*show)(enum place place, const struct card *card, void *arg);
    BOOL user_only;
    HANDLE file;
    BOOL written;
    unsigned int count;
};

static BOOL show_once(enum place place, const struct card *card, void *arg)
{
    struct walk *walk = arg;

    if (card_is_whole(card) && !is_covered(place, card->name)) walk->count++;
    else if (card_is_whole(card)) return TRUE;
    return walk->show(place, card, walk);
}

static enum exit_code walk_all(struct walk *walk)
{
    unsigned int place;
    LONG error;

    for (place = 0; place < (walk->user_only ? 1 : PLACE_COUNT); place++)
        if ((error = store_walk(place, show_once, walk))) return report_error("reading", NULL, error);
    return EXIT_OK;
}

static BOOL list_card(enum place place, const struct card *card, void *arg)
{
    char text[TEXT_SIZE];

    if (card_is_whole(card)) print("%s\n", utf8_name(card->name, text));
    else print_error("scardssp-cards: damaged, of no use to programs: %s of %s\n", utf8_name(card->name, text),
                     place_names[place]);
    return TRUE;
}

enum exit_code command_list(struct command_line *line)
{
    struct walk walk = { .show = list_card, .user_only = line->user };

    return walk_all(&walk);
}

static void show_card(enum place place, const struct card *card)
{
    char text[TEXT_SIZE], atr[ATRTEXT_SIZE];
    UINT i;

    print("Name:        %s\n", utf8_name(card->name, text));
    print("Known to:    %s\n", place_names[place]);
    if (atrtext_format(card->atr.bytes, card->mask, card->atr.size, atr)) print("ATR:         %s\n", atr);
    else
    {
        print("ATR:         %s\n", atr);
        atrtext_format(card->mask, NULL, card->atr.size, atr);
        print("Mask:        %s\n", atr);
    }
    if (card->has_provider) print("Provider:    %s\n", guid_text(&card->provider, text));
    for (i = 0; i < card->interface_count; i++)
        print("Interface:   %s\n", guid_text(&card->interfaces[i], text));
    if (card->csp[0]) print("CSP:         %s\n", utf8_name(card->csp, text));
}

enum exit_code command_show(struct command_line *line)
{
    static struct card card;
    LONG error, result = ERROR_FILE_NOT_FOUND;
    unsigned int place;

    for (place = 0; place < (line->user ? 1 : PLACE_COUNT); place++)
    {
        error = store_read(place, line->name, &card);
        if (!error)
        {
            if (!result) print("\n");
            show_card(place, &card);
        }
        if (result && error != ERROR_FILE_NOT_FOUND) result = error;
    }
    return result ? report_error("show", line->name, result) : EXIT_OK;
}

static BOOL write_text(HANDLE file, const char *text)
{
    DWORD size = lstrlenA(text), written;

    return WriteFile(file, text, size, &written, NULL) && written == size;
}

/* In the format of atrlist.h. */
static BOOL export_card(enum place place, const struct card *card, void *arg)
{
    char block[8 * 64 + MAX_INTERFACES * 64 + 2 * TEXT_SIZE], *p = block, atr[ATRTEXT_SIZE], text[TEXT_SIZE];
    struct walk *walk = arg;
    UINT i;

    (void)place;
    if (!card_is_whole(card)) return TRUE;
    i = atrtext_format(card->atr.bytes, card->mask, card->atr.size, atr);
    p += sprintf(p, "%s\n", atr);
    if (!i)
    {
        atrtext_format(card->mask, NULL, card->atr.size, atr);
        p += sprintf(p, "#: mask %s\n", atr);
    }
    if (card->has_provider) p += sprintf(p, "#: provider %s\n", guid_text(&card->provider, text));
    for (i = 0; i < card->interface_count; i++)
        p += sprintf(p, "#: interface %s\n", guid_text(&card->interfaces[i], text));
    if (card->csp[0]) p += sprintf(p, "#: csp %s\n", utf8_name(card->csp, text));
    sprintf(p, "\t%s\n\n", utf8_name(card->name, text));
    return walk->written = write_text(walk->file, block);
}

enum exit_code command_export(struct command_line *line)
{
    struct walk walk = { .show = export_card, .user_only = line->user };
    enum exit_code code;
    char text[TEXT_SIZE];

    walk.file = GetStdHandle(STD_OUTPUT_HANDLE);
    if (line->file) walk.file = CreateFileW(line->file, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (walk.file == INVALID_HANDLE_VALUE)
    {
        print_error("scardssp-cards: %s cannot be written: error %lu.\n", utf8_name(line->file, text), GetLastError());
        return EXIT_FAILED;
    }
    walk.written = write_text(walk.file, "# Smart cards, for scardssp-cards import; the format is that of pcsc-tools.\n\n");
    code = walk.written ? walk_all(&walk) : EXIT_FAILED;
    if (line->file) CloseHandle(walk.file);
    if (!walk.written)
    {
        print_error("scardssp-cards: the list cannot be written: make room, or name another file.\n");
        return EXIT_FAILED;
    }
    if (!code) print_error("%u cards exported.\n", walk.count);
    return code;
}

/* ---- introduce, forget ---- */

enum exit_code command_introduce(struct command_line *line)
{
    struct card *card = &line->card;
    const char *fault;
    LONG error;
    size_t i;

    for (i = 0; i < card->atr.size; i++) card->atr.bytes[i] &= card->mask[i];
    fault = line->lax ? NULL : atr_check(card->atr.bytes, card->mask, card->atr.size);
    if (fault)
    {
        print_error("scardssp-cards: this is no ATR: %s. --lax introduces it all the same.\n", fault);
        return EXIT_USAGE;
    }
    error = store_add(line->user, card);
    return error ? report_error("introduce", card->name, error) : EXIT_OK;
}

enum exit_code command_forget(struct command_line *line)
{
    LONG error = store_remove(line->user, line->name);

    return error ? report_error("forget", line->name, error) : EXIT_OK;
}

/* ---- identify ---- */

struct identity
{
    struct atr atr;
    BOOL user_only;
    unsigned int count;
};

static BOOL match_card(enum place place, const struct card *card, void *arg)
{
    struct identity *identity = arg;
    char text[TEXT_SIZE];

    if (!card_is_whole(card) || !atr_matches(&identity->atr, &card->atr, card->mask)) return TRUE;
    if (is_covered(place, card->name)) return TRUE;
    print("    %s\n", utf8_name(card->name, text));
    identity->count++;
    return TRUE;
}

static LONG identify_card(SCARDCONTEXT context, const WCHAR *reader, struct identity *identity)
{
    SCARD_READERSTATEW state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };
    LONG error = SCardGetStatusChangeW(context, 0, &state, 1);
    char text[TEXT_SIZE], atr[ATRTEXT_SIZE];
    unsigned int place, before = identity->count;

    if (error) return error;
    print("%s\n", utf8_name(reader, text));
    identity->atr.size = min(state.cbAtr, ATR_MAX_SIZE);
    memcpy(identity->atr.bytes, state.rgbAtr, identity->atr.size);
    if (!(state.dwEventState & SCARD_STATE_PRESENT) || !identity->atr.size)
    {
        print("    (no card%s)\n", state.dwEventState & SCARD_STATE_PRESENT ? " that answers" : "");
        return SCARD_S_SUCCESS;
    }
    atrtext_format(identity->atr.bytes, NULL, identity->atr.size, atr);
    print("    ATR: %s\n", atr);
    for (place = 0; place < (identity->user_only ? 1 : PLACE_COUNT); place++)
        store_walk(place, match_card, identity);
    if (identity->count == before) print("    (no card of this ATR is known)\n");
    return SCARD_S_SUCCESS;
}

enum exit_code command_identify(struct command_line *line)
{
    struct identity identity = { .user_only = line->user };
    WCHAR *readers = NULL, *reader;
    SCARDCONTEXT context;
    DWORD length = 0;
    LONG error;

    error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (!error)
    {
        error = SCardListReadersW(context, NULL, NULL, &length);
        if (!error && !(readers = calloc(length + 1, sizeof(*readers)))) error = SCARD_E_NO_MEMORY;
        if (!error) error = SCardListReadersW(context, NULL, readers, &length);
        for (reader = readers; !error && *reader; reader += lstrlenW(reader) + 1)
            error = identify_card(context, reader, &identity);
        free(readers);
        SCardReleaseContext(context);
    }
    if (!error) return identity.count ? EXIT_OK : EXIT_FAILED;
    print_error("scardssp-cards: the readers cannot be asked: error %#lx. ", (unsigned long)error);
    if (error == SCARD_E_NO_READERS_AVAILABLE) print_error("No reader is connected.\n");
    else if (error == SCARD_E_NO_SERVICE) print_error("The service pcscd does not run.\n");
    else print_error("See docs/troubleshooting.md.\n");
    return EXIT_FAILED;
}
