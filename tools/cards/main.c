/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line. */

#include <stdlib.h>

#include "cards.h"

enum argument
{
    NO_ARGUMENT,
    NAME,
    FILE_NAME,
    MAYBE_FILE_NAME
};

enum
{
    OPTION_USER = 1,
    OPTION_LAX = 2,
    OPTION_VERBOSE = 4,
    OPTION_CARD = 8             /* what describes a card */
};

static const struct command
{
    const WCHAR *name;
    enum argument argument;
    unsigned int options;
    command_function run;
    const char *usage, *help;
}
commands[] =
{
    { L"list", NO_ARGUMENT, OPTION_USER, command_list, "list [--user]", "the names of all known cards" },
    { L"show", NAME, OPTION_USER, command_show, "show NAME [--user]", "what is known of a card" },
    { L"introduce", NAME, OPTION_USER | OPTION_LAX | OPTION_CARD, command_introduce,
      "introduce NAME --atr HEX [--mask HEX] [--provider GUID]\n"
      "        [--interface GUID]... [--csp NAME] [--user] [--lax]", "add a card" },
    { L"forget", NAME, OPTION_USER, command_forget, "forget NAME [--user]", "remove a card" },
    { L"identify", NO_ARGUMENT, OPTION_USER, command_identify, "identify [--user]",
      "which known cards are in the readers now" },
    { L"import", FILE_NAME, OPTION_USER | OPTION_LAX | OPTION_VERBOSE, command_import,
      "import FILE [--user] [--lax] [--verbose]", "add the cards of a list in the format of pcsc-tools" },
    { L"export", MAYBE_FILE_NAME, OPTION_USER, command_export, "export [FILE] [--user]",
      "write all known cards in this format" },
};

static const char option_help[] =
    "  --atr HEX         the ATR; '.' for a digit that does not matter\n"
    "  --mask HEX        the bits of the ATR that matter; without it, all but '.'\n"
    "  --provider GUID   the primary provider\n"
    "  --interface GUID  an interface that the card supports; as often as needed\n"
    "  --csp NAME        the cryptographic service provider\n"
    "  --user            only the cards of the user; without it, those of the whole prefix are written\n"
    "  --lax             take ATRs that ISO/IEC 7816-3 does not allow\n"
    "  --verbose         name every entry that is skipped\n";

static void print_help(void)
{
    unsigned int i;

    print("Usage: scardssp-cards COMMAND ...\n\n");
    for (i = 0; i < ARRAYSIZE(commands); i++) print("  %s\n        %s\n", commands[i].usage, commands[i].help);
    print("\nOptions:\n%s", option_help);
    print("\nExit status: 0 done, 1 failed or not found, 2 wrong usage.\n");
}

static BOOL refuse(const char *what, const WCHAR *value)
{
    char text[TEXT_SIZE];

    print_error("scardssp-cards: %s: %s\n", what, utf8_name(value, text));
    return FALSE;
}

/* ---- options with a value ---- */

/* Says what is wrong with it. */
static BOOL parse_atr(const WCHAR *value, struct atrtext *parsed)
{
    char text[512];
    int size = WideCharToMultiByte(CP_UTF8, 0, value, -1, text, sizeof(text), NULL, NULL);
    const char *fault = size ? atrtext_parse(text, size - 1, parsed) : "it is longer than an ATR can be (33 bytes)";

    if (!fault && parsed->count > 1) fault = "it stands for several ATRs; introduce each under its own name";
    if (!fault) return TRUE;
    print_error("scardssp-cards: no ATR or mask: %s: ", fault);
    return refuse("it was", value);
}

static BOOL apply_atr(struct command_line *line, const WCHAR *value)
{
    struct atrtext parsed;

    if (!parse_atr(value, &parsed)) return FALSE;
    if (line->has_mask && line->card.atr.size != parsed.variants[0].atr.size)
        return refuse("the mask is not as long as the ATR", value);
    line->card.atr = parsed.variants[0].atr;
    if (!line->has_mask) memcpy(line->card.mask, parsed.variants[0].mask, sizeof(line->card.mask));
    return line->has_atr = TRUE;
}

static BOOL apply_mask(struct command_line *line, const WCHAR *value)
{
    struct atrtext parsed;

    if (!parse_atr(value, &parsed)) return FALSE;
    if (line->has_atr && line->card.atr.size != parsed.variants[0].atr.size)
        return refuse("the mask is not as long as the ATR", value);
    line->card.atr.size = parsed.variants[0].atr.size;
    memcpy(line->card.mask, parsed.variants[0].atr.bytes, sizeof(line->card.mask));
    return line->has_mask = TRUE;
}

static BOOL apply_provider(struct command_line *line, const WCHAR *value)
{
    line->card.has_provider = guid_from_text(value, &line->card.provider);
    return line->card.has_provider || refuse("no GUID", value);
}

static BOOL apply_interface(struct command_line *line, const WCHAR *value)
{
    if (line->card.interface_count == MAX_INTERFACES) return refuse("too many interfaces, from here on", value);
    return guid_from_text(value, &line->card.interfaces[line->card.interface_count++]) || refuse("no GUID", value);
}

static BOOL apply_csp(struct command_line *line, const WCHAR *value)
{
    if (!value[0] || lstrlenW(value) >= CARDNAME_SIZE) return refuse("no name of 1 to 255 characters", value);
    lstrcpyW(line->card.csp, value);
    return TRUE;
}

static const struct
{
    const WCHAR *name;
    BOOL (*apply)(struct command_line *line, const WCHAR *value);
}
value_options[] =
{
    { L"--atr", apply_atr },
    { L"--mask", apply_mask },
    { L"--provider", apply_provider },
    { L"--interface", apply_interface },
    { L"--csp", apply_csp },
};

/* ---- the whole ---- */

/* Takes the option at *position and its value. */
static BOOL parse_option(const struct command *command, int argc, WCHAR **argv, int *position,
        struct command_line *line)
{
    const struct { const WCHAR *name; unsigned int option; BOOL *flag; } flags[] =
    {
        { L"--user", OPTION_USER, &line->user },
        { L"--lax", OPTION_LAX, &line->lax },
        { L"--verbose", OPTION_VERBOSE, &line->verbose },
    };
    const WCHAR *option = argv[*position];
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(flags); i++)
    {
        if (wcscmp(option, flags[i].name) || !(command->options & flags[i].option)) continue;
        return *flags[i].flag = TRUE;
    }
    for (i = 0; i < ARRAYSIZE(value_options); i++)
    {
        if (wcscmp(option, value_options[i].name) || !(command->options & OPTION_CARD)) continue;
        if (++*position == argc) return refuse("a value is missing behind", option);
        return value_options[i].apply(line, argv[*position]);
    }
    return refuse("this command has no option", option);
}

static BOOL parse(const struct command *command, int argc, WCHAR **argv, struct command_line *line)
{
    const WCHAR *argument = NULL;
    int i, length;

    for (i = 2; i < argc; i++)
    {
        if (argv[i][0] == '-' && argv[i][1] == '-')
        {
            if (!parse_option(command, argc, argv, &i, line)) return FALSE;
        }
        else if (argument || command->argument == NO_ARGUMENT)
            return refuse("one argument too many (a name with blanks wants quotes)", argv[i]);
        else argument = argv[i];
    }
    if (!argument && (command->argument == NAME || command->argument == FILE_NAME))
        return refuse(command->argument == NAME ? "no name behind" : "no file behind", command->name);
    if (command->argument == NAME)
    {
        length = lstrlenW(argument);
        if (!length || length >= CARDNAME_SIZE || wcschr(argument, '\\'))
            return refuse("a name has 1 to 255 characters and no backslash", argument);
        lstrcpyW(line->card.name, argument);
    }
    if (command->options & OPTION_CARD && !line->has_atr) return refuse("no --atr HEX behind", command->name);
    line->name = line->file = argument;
    return TRUE;
}

int wmain(int argc, WCHAR **argv);

int wmain(int argc, WCHAR **argv)
{
    static struct command_line line;
    unsigned int i;

    if (argc > 1 && (!wcscmp(argv[1], L"--help") || !wcscmp(argv[1], L"help")))
    {
        print_help();
        return EXIT_OK;
    }
    if (argc > 1 && !wcscmp(argv[1], L"--version"))
    {
        print("scardssp-cards " SCARDSSP_VERSION "\n");
        return EXIT_OK;
    }
    for (i = 0; argc > 1 && i < ARRAYSIZE(commands); i++)
    {
        if (wcscmp(argv[1], commands[i].name)) continue;
        if (parse(&commands[i], argc, argv, &line)) return commands[i].run(&line);
        print_error("Usage: scardssp-cards %s\n", commands[i].usage);
        return EXIT_USAGE;
    }
    refuse(argc > 1 ? "no such command" : "no command was given", argc > 1 ? argv[1] : L"");
    print_error("See scardssp-cards --help.\n");
    return EXIT_USAGE;
}
