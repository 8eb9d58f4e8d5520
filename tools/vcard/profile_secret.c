/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptions: the statements about PINs and keys, and the conditions that refer to them.
 */

#include <stdio.h>
#include <string.h>

#include "profile_private.h"

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
            return scan_error(scanner, "'%s' is not known here; see docs/developers/vcard.md", scanner->word);
    }
    if (scanner->token == TOKEN_LINE_END || scanner->token == TOKEN_END)
        return true;
    return scanner->token == TOKEN_BAD ? false : scan_error(scanner, "the line should end here");
}

bool parse_pin(struct parser *parser)
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

bool parse_key(struct parser *parser)
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
