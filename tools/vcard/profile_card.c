/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptions: the statements that a card may have, and those about the card itself.
 */

#include <string.h>

#include "profile_private.h"

static bool parse_atr(struct parser *parser)
{
    struct card *card = parser->card;
    const char *problem;

    if (!scan_bytes(&parser->scanner, "atr", card->atr, 2, CARD_MAX_ATR, &card->atr_length))
        return false;
    problem = check_atr(card->atr, card->atr_length, &card->t0);
    return !problem ? true : scan_error(&parser->scanner, "atr: %s", problem);
}

static bool parse_dialect(struct parser *parser)
{
    if (!scan_word(&parser->scanner, "iso or gsm"))
        return false;
    if (!strcmp(parser->scanner.word, "gsm"))
        parser->card->dialect = &gsm_dialect;
    else if (strcmp(parser->scanner.word, "iso"))
        return scan_error(&parser->scanner, "the dialect must be iso or gsm, not '%s'", parser->scanner.word);
    return true;
}

static bool parse_class(struct parser *parser)
{
    struct card *card = parser->card;

    return scan_bytes(&parser->scanner, "class", card->classes, 1, MAX_CLASSES, &card->class_count);
}

static bool parse_lengths(struct parser *parser)
{
    if (!scan_word(&parser->scanner, "short or extended"))
        return false;
    parser->card->extended = !strcmp(parser->scanner.word, "extended");
    if (!parser->card->extended && strcmp(parser->scanner.word, "short"))
        return scan_error(&parser->scanner, "lengths must be short or extended, not '%s'",
                          parser->scanner.word);
    return true;
}

const struct statement card_statements[] =
{
    { "atr", parse_atr },
    { "class", parse_class },
    { "dialect", parse_dialect },
    { "include", parse_include },
    { "key", parse_key },
    { "lengths", parse_lengths },
    { "mf", parse_mf },
    { "object", parse_object },
    { "pin", parse_pin },
    { NULL, NULL },
};
