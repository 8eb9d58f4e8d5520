/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptions: the statements about the card itself, its PINs and its keys.
 */

#include <stdio.h>
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

bool parse_access(struct parser *parser, struct access *access)
{
    static const char *const rules[] =
    {
        [RULE_ALWAYS] = "always", [RULE_NEVER] = "never", [RULE_PIN] = "pin", [RULE_KEY] = "key",
    };
    unsigned int rule, reference = 0;
    bool known;

    if (!scan_word(&parser->scanner, "always, never, pin or key"))
        return false;
    for (rule = 0; rule < sizeof(rules) / sizeof(rules[0]); rule++)
        if (!strcmp(parser->scanner.word, rules[rule]))
            break;
    if (rule == sizeof(rules) / sizeof(rules[0]))
        return scan_error(&parser->scanner, "the condition must be always, never, pin or key, not '%s'",
                          parser->scanner.word);
    if (rule == RULE_PIN || rule == RULE_KEY)
    {
        if (!scan_hex(&parser->scanner, "the reference", 2, 0x7F, &reference))
            return false;
        known = rule == RULE_PIN ? find_pin(parser->card, reference) != NULL
            : find_key(parser->card, reference) != NULL;
        if (!reference || !known)
            return scan_error(&parser->scanner, "%s %02X is not described above this line", rules[rule],
                              reference);
    }
    access->rule = rule;
    access->reference = reference;
    return true;
}

/* The words that follow a PIN or key, up to the end of its line. */
static bool parse_secret_options(struct parser *parser, uint8_t *tries, bool *invalidated, struct key *key)
{
    struct scanner *scanner = &parser->scanner;
    size_t number;

    while (scan(scanner) == TOKEN_WORD)
    {
        if (!strcmp(scanner->word, "tries"))
        {
            if (!scan_decimal(scanner, "tries", 1, 15, &number))
                return false;
            *tries = number;
        }
        else if (!strcmp(scanner->word, "invalidated") && invalidated)
            *invalidated = true;
        else if (!strcmp(scanner->word, "internal") && key)
            key->internal = true;
        else if (!strcmp(scanner->word, "use") && key)
        {
            if (!parse_access(parser, &key->use))
                return false;
        }
        else
            return scan_error(scanner, "'%s' is not known here; see docs/vcard.md", scanner->word);
    }
    if (scanner->token == TOKEN_LINE_END || scanner->token == TOKEN_END)
        return true;
    return scanner->token == TOKEN_BAD ? false : scan_error(scanner, "the line should end here");
}

static bool parse_pin(struct parser *parser)
{
    struct scanner *scanner = &parser->scanner;
    struct card *card = parser->card;
    struct pin *pin = &card->pins[card->pin_count];
    unsigned int reference;

    if (card->pin_count == MAX_SECRETS)
        return scan_error(scanner, "more than %d PINs", MAX_SECRETS);
    if (!scan_hex(scanner, "the PIN's reference", 2, 0x7F, &reference))
        return false;
    if (!reference || (card->pin_count && find_pin(card, reference)))
        return scan_error(scanner, "PIN %02X: a reference of its own from 01 to 7F is needed", reference);
    if (scan(scanner) != TOKEN_STRING || scanner->string_length < 4 || scanner->string_length > 8)
        return scan_error(scanner, "the PIN must be 4 to 8 characters in double quotes");

    pin->reference = reference;
    pin->length = scanner->string_length;
    memcpy(pin->value, scanner->string, pin->length);
    pin->max_tries = 3;
    if (!parse_secret_options(parser, &pin->max_tries, &pin->invalidated, NULL))
        return false;
    pin->tries = pin->max_tries;
    card->pin_count++;
    return true;
}

static bool parse_key_value(struct scanner *scanner, struct key *key)
{
    size_t i;

    if (scan(scanner) != TOKEN_WORD || strlen(scanner->word) != 2 * KEY_LENGTH
        || strspn(scanner->word, HEX_DIGITS) != 2 * KEY_LENGTH)
        return scan_error(scanner, "the key must be %d hexadecimal digits in one word", 2 * KEY_LENGTH);
    for (i = 0; i < KEY_LENGTH; i++)
        sscanf(scanner->word + 2 * i, "%2hhx", &key->value[i]);
    return true;
}

static bool parse_key(struct parser *parser)
{
    struct scanner *scanner = &parser->scanner;
    struct card *card = parser->card;
    struct key *key = &card->keys[card->key_count];
    unsigned int reference;

    if (card->key_count == MAX_SECRETS)
        return scan_error(scanner, "more than %d keys", MAX_SECRETS);
    if (!scan_hex(scanner, "the key's reference", 2, 0x7F, &reference))
        return false;
    if (!reference || find_key(card, reference))
        return scan_error(scanner, "key %02X: a reference of its own from 01 to 7F is needed", reference);
    if (!scan_word(scanner, "aes128 or 3des"))
        return false;
    key->cipher = !strcmp(scanner->word, "3des") ? CIPHER_3DES : CIPHER_AES128;
    if (key->cipher == CIPHER_AES128 && strcmp(scanner->word, "aes128"))
        return scan_error(scanner, "the cipher must be aes128 or 3des");
    if (!parse_key_value(scanner, key))
        return false;

    key->reference = reference;
    key->max_tries = 3;
    if (!parse_secret_options(parser, &key->max_tries, NULL, key))
        return false;
    key->tries = key->max_tries;
    card->key_count++;
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
