/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * INTERNAL AUTHENTICATE, GET CHALLENGE, EXTERNAL AUTHENTICATE and VERIFY (7.5.2, 7.5.3, 7.5.4, 7.5.6). The
 * cryptogram is the challenge enciphered as one block with the key: AES-128, or two-key triple DES.
 */

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "card_private.h"

#define MIN_PIN_FIELD 4
#define MAX_PIN_FIELD 8
#define DEFAULT_CHALLENGE 8
#define MAX_BLOCK 16

/* P2 (7.5.1): b8, specific reference data, makes no difference here; 00, no information, means the first. */
struct pin *find_pin(struct card *card, uint8_t reference)
{
    size_t i;

    for (i = 0; i < card->pin_count; i++)
        if (!reference || card->pins[i].reference == (reference & 0x7F))
            return &card->pins[i];
    return NULL;
}

struct key *find_key(struct card *card, uint8_t reference)
{
    size_t i;

    for (i = 0; i < card->key_count; i++)
        if (card->keys[i].reference == (reference & 0x7F))
            return &card->keys[i];
    return NULL;
}

static uint16_t tries_status(uint8_t tries)
{
    return SW_TRIES_LEFT | (tries > 15 ? 15 : tries);
}

uint16_t verify(struct card *card, const struct command *command, struct reply *reply)
{
    struct pin *pin = find_pin(card, command->p2);
    uint8_t entered[MAX_PIN], expected[MAX_PIN];
    uint32_t bit;
    bool match;

    (void)reply;
    if (command->p1)
        return SW_WRONG_P1_P2;
    if (!pin)
        return SW_REFERENCE_NOT_FOUND;
    if (pin->invalidated)
        return SW_DATA_NOT_USABLE;
    bit = 1u << (pin - card->pins);
    if (!command->nc && command->channel->verified & bit)
        return SW_OK;
    if (!pin->tries)
        return command->nc ? SW_BLOCKED : tries_status(0);
    if (!command->nc)
        return tries_status(pin->tries);
    if (command->nc < MIN_PIN_FIELD || command->nc > MAX_PIN_FIELD)
        return SW_WRONG_LENGTH;

    /* Both padded with FF, so that a PIN sent with that padding is the same PIN. */
    memset(entered, 0xFF, sizeof(entered));
    memset(expected, 0xFF, sizeof(expected));
    memcpy(entered, command->data, command->nc);
    memcpy(expected, pin->value, pin->length);
    pin->tries--;
    command->channel->verified &= ~bit;
    match = !CRYPTO_memcmp(entered, expected, sizeof(entered));
    OPENSSL_cleanse(entered, sizeof(entered));
    OPENSSL_cleanse(expected, sizeof(expected));
    if (!match)
        return tries_status(pin->tries);

    pin->tries = pin->max_tries;
    command->channel->verified |= bit;
    return SW_OK;
}

/* Le 00 and 08 give 8 bytes, 10 gives 16: the block of either cipher. */
uint16_t get_challenge(struct card *card, const struct command *command, struct reply *reply)
{
    struct channel *channel = command->channel;
    size_t length = command->ne == MAX_CHALLENGE ? MAX_CHALLENGE : DEFAULT_CHALLENGE;
    uint16_t status = length_status(command, length);

    (void)card;
    if (command->p1 || command->p2)
        return SW_WRONG_P1_P2;
    if (is_error(status))
        return status;
    if (!command->le_is_any && command->ne != length)
        return SW_WRONG_LENGTH;
    if (RAND_bytes(channel->challenge, length) != 1)
        return SW_UNKNOWN_ERROR;
    channel->challenge_length = length;
    append(reply, channel->challenge, length);
    return SW_OK;
}

static size_t block_size(const struct key *key)
{
    return key->cipher == CIPHER_AES128 ? 16 : 8;
}

static bool encipher(const struct key *key, const uint8_t *block, uint8_t *cryptogram)
{
    const EVP_CIPHER *cipher = key->cipher == CIPHER_AES128 ? EVP_aes_128_ecb() : EVP_des_ede_ecb();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    bool done;

    done = context && EVP_EncryptInit_ex(context, cipher, NULL, key->value, NULL) == 1
        && EVP_CIPHER_CTX_set_padding(context, 0) == 1
        && EVP_EncryptUpdate(context, cryptogram, &written, block, block_size(key)) == 1
        && (size_t)written == block_size(key);
    EVP_CIPHER_CTX_free(context);
    return done;
}

static uint16_t usable_key(struct card *card, const struct command *command, bool internal, struct key **key)
{
    if (command->p1) /* the algorithm is that of the key */
        return SW_WRONG_P1_P2;
    *key = find_key(card, command->p2);
    if (!*key)
        return SW_REFERENCE_NOT_FOUND;
    if ((*key)->internal != internal)
        return SW_CONDITIONS;
    if (!access_granted(card, command->channel, &(*key)->use))
        return SW_SECURITY;
    if (!(*key)->tries)
        return SW_BLOCKED;
    return command->nc == block_size(*key) ? SW_OK : SW_WRONG_LENGTH;
}

uint16_t internal_authenticate(struct card *card, const struct command *command, struct reply *reply)
{
    uint8_t cryptogram[MAX_BLOCK];
    struct key *key;
    uint16_t status = usable_key(card, command, true, &key);

    if (status != SW_OK)
        return status;
    if (!encipher(key, command->data, cryptogram))
        return SW_UNKNOWN_ERROR;
    append(reply, cryptogram, block_size(key));
    return SW_OK;
}

uint16_t external_authenticate(struct card *card, const struct command *command, struct reply *reply)
{
    struct channel *channel = command->channel;
    uint8_t expected[MAX_BLOCK];
    size_t length = channel->challenge_length;
    struct key *key;
    uint32_t bit;
    uint16_t status = usable_key(card, command, false, &key);

    (void)reply;
    channel->challenge_length = 0; /* whatever comes of it, a challenge serves once */
    if (status != SW_OK)
        return status;
    if (length != block_size(key))
        return SW_CONDITIONS;
    if (!encipher(key, channel->challenge, expected))
        return SW_UNKNOWN_ERROR;

    bit = 1u << (key - card->keys);
    key->tries--;
    channel->authenticated &= ~bit;
    if (CRYPTO_memcmp(expected, command->data, length))
        return tries_status(key->tries);
    key->tries = key->max_tries;
    channel->authenticated |= bit;
    return SW_OK;
}
