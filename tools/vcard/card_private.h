/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The inside of the virtual card: its data, and what the files of the card logic offer each other. Clauses
 * are those of ISO/IEC 7816-4:2005 unless another document is named.
 */

#ifndef VCARD_CARD_PRIVATE_H
#define VCARD_CARD_PRIVATE_H

#include "card.h"

#define MF_ID 0x3F00
#define MAX_AID 16
#define MAX_LABEL 32
#define MAX_PIN 16
#define KEY_LENGTH 16
#define MAX_CHALLENGE 16
#define MAX_SECRETS 8
#define MAX_CHANNELS 4
#define MAX_CLASSES 4
#define MAX_RECORDS 254
#define MAX_RECORD_SIZE 255
#define MAX_FILE_SIZE 65536
/* What is left of a message when SW1 SW2 are in it. */
#define MAX_REPLY_DATA (CARD_MAX_MESSAGE - 2)

enum status
{
    SW_OK                     = 0x9000,
    SW_MORE_DATA              = 0x6100,
    SW_END_OF_FILE            = 0x6282,
    SW_FILE_DEACTIVATED       = 0x6283,
    SW_TRIES_LEFT             = 0x63C0,
    SW_WRONG_LENGTH           = 0x6700,
    SW_NO_SUCH_CHANNEL        = 0x6881,
    SW_NO_SECURE_MESSAGING    = 0x6882,
    SW_NO_CHAINING            = 0x6884,
    SW_WRONG_FILE_STRUCTURE   = 0x6981,
    SW_SECURITY               = 0x6982,
    SW_BLOCKED                = 0x6983,
    SW_DATA_NOT_USABLE        = 0x6984,
    SW_CONDITIONS             = 0x6985,
    SW_NO_CURRENT_EF          = 0x6986,
    SW_WRONG_DATA             = 0x6A80,
    SW_FUNCTION_NOT_SUPPORTED = 0x6A81,
    SW_FILE_NOT_FOUND         = 0x6A82,
    SW_RECORD_NOT_FOUND       = 0x6A83,
    SW_NO_MEMORY              = 0x6A84,
    SW_WRONG_P1_P2            = 0x6A86,
    SW_REFERENCE_NOT_FOUND    = 0x6A88,
    SW_WRONG_OFFSET           = 0x6B00,
    SW_EXACT_LENGTH           = 0x6C00,
    SW_WRONG_INS              = 0x6D00,
    SW_WRONG_CLA              = 0x6E00,
    SW_UNKNOWN_ERROR          = 0x6F00,
};

enum file_type
{
    FILE_DF,
    FILE_TRANSPARENT,
    FILE_LINEAR_FIXED,
    FILE_LINEAR_VARIABLE,
    FILE_CYCLIC,
    FILE_OBJECT, /* a data object of GET DATA and PUT DATA */
};

enum rule
{
    RULE_ALWAYS,
    RULE_NEVER,
    RULE_PIN,
    RULE_KEY,
};

struct access
{
    enum rule rule;
    uint8_t reference;
};

/* A DF, an EF or a data object. */
struct file
{
    struct file *parent;
    struct file *children; /* in the order of the description */
    struct file *next;
    enum file_type type;
    uint16_t id; /* of a data object: its tag */
    uint8_t sfi; /* 0: none */
    bool deactivated;
    struct access read;
    struct access update;
    uint8_t aid[MAX_AID];
    size_t aid_length;
    char label[MAX_LABEL + 1];
    uint8_t *data;   /* capacity bytes; a record file: record_capacity slots of record_size bytes */
    size_t capacity;
    size_t length;   /* bytes in use: of a transparent EF all, of a data object its value */
    size_t record_size;
    size_t record_capacity;
    size_t record_count;
    uint8_t *record_lengths; /* of a cyclic file record 1 is the newest */
};

struct pin
{
    uint8_t reference;
    uint8_t value[MAX_PIN];
    size_t length;
    uint8_t tries;
    uint8_t max_tries;
    bool invalidated;
};

enum cipher
{
    CIPHER_AES128,
    CIPHER_3DES,
};

struct key
{
    uint8_t reference;
    enum cipher cipher;
    bool internal; /* serves INTERNAL AUTHENTICATE; else EXTERNAL AUTHENTICATE */
    uint8_t value[KEY_LENGTH];
    struct access use;
    uint8_t tries;
    uint8_t max_tries;
};

/* The volatile state of one logical channel. */
struct channel
{
    bool open;
    struct file *df;
    struct file *ef;       /* NULL: none selected */
    size_t record;         /* the record pointer; 0: undefined */
    uint32_t verified;     /* bit n: pins[n] */
    uint32_t authenticated; /* bit n: keys[n] */
    uint8_t challenge[MAX_CHALLENGE];
    size_t challenge_length;
};

/* One command after decoding. */
struct command
{
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;
    size_t nc;      /* bytes of data */
    size_t ne;      /* the most bytes to answer; 0: no Le */
    bool le_is_any; /* Le was all zeros: whatever there is, up to ne */
    bool t0;        /* P3 of T=0: a length other than the exact one is answered with 6Cxx */
    struct channel *channel;
};

/* The data field of an answer, MAX_REPLY_DATA bytes of room. */
struct reply
{
    uint8_t *data;
    size_t length;
};

typedef uint16_t (*command_handler)(struct card *card, const struct command *command, struct reply *reply);

enum direction
{
    DATA_IN,  /* cases 1, 3 and 4 */
    DATA_OUT, /* cases 1 and 2: five bytes of T=0 hold Le, not Lc */
};

struct instruction
{
    uint8_t ins;
    enum direction direction;
    command_handler handler;
};

/* What sets GSM 11.11 apart from ISO 7816-4. */
struct dialect
{
    const struct instruction *instructions;
    size_t instruction_count;
    bool short_ef_ids; /* b8 of P1 of the binary commands, b8 to b4 of P2 of the record commands */
    uint16_t (*map_status)(uint16_t status);
};

struct card
{
    struct script *script; /* NULL: a card of a description; else only atr, and below what T=0 has, count */
    uint8_t atr[CARD_MAX_ATR];
    size_t atr_length;
    bool t0;
    bool extended;
    const struct dialect *dialect;
    uint8_t classes[MAX_CLASSES];
    size_t class_count;
    struct file *mf;
    struct file *objects;
    struct pin pins[MAX_SECRETS];
    size_t pin_count;
    struct key keys[MAX_SECRETS];
    size_t key_count;
    struct channel channels[MAX_CHANNELS];
    /* T=0: what waits for GET RESPONSE */
    uint8_t held[CARD_MAX_MESSAGE];
    size_t held_length;
    uint16_t held_status;
    struct channel *held_channel;
};

/*
 * What each file has for others, from the lowest up: a file uses only those above it. card.c, and above it the
 * descriptions (profile_private.h), use all of them.
 */

/* atr.c: the whole of ISO 7816-3 8.2: structure, number of historical bytes, TCK. NULL or what is wrong. */
const char *check_atr(const uint8_t *atr, size_t length, bool *t0);

/* reply.c */
void append(struct reply *reply, const void *data, size_t length);
void append_byte(struct reply *reply, uint8_t byte);
void append_tlv(struct reply *reply, uint8_t tag, const void *value, size_t length);
uint16_t length_status(const struct command *command, size_t available);
uint16_t length_status_partial(const struct command *command, size_t available);
bool is_error(uint16_t status);

/* command.c */
uint16_t find_instruction(struct card *card, struct command *command, const struct instruction **instruction);
size_t finish_reply(const struct card *card, struct reply *reply, uint16_t status);

/* fs.c */
struct file *new_file(struct file *parent, enum file_type type, uint16_t id);
void free_file(struct file *file);
bool set_capacity(struct file *file, size_t record_size, size_t record_capacity);
bool access_granted(const struct card *card, const struct channel *channel, const struct access *access);
struct file *find_child(const struct file *df, uint16_t id);
struct file *find_near(const struct file *df, uint16_t id);
struct file *find_sfi(const struct file *df, uint8_t sfi);
struct file *find_path(struct file *df, const uint8_t *path, size_t length);
struct file *find_aid(const struct card *card, const struct file *current, const uint8_t *aid, size_t length,
                      unsigned int occurrence);
struct file *find_object(const struct card *card, uint16_t tag);
void select_file(struct channel *channel, struct file *file);
void reset_channel(struct channel *channel, struct file *df);
uint16_t current_ef(const struct command *command, uint8_t sfi, struct file **file);
uint8_t *record_data(const struct file *file, size_t number);
bool add_record(struct file *file, const uint8_t *data, size_t length);

/* select.c, binary.c, record.c, object.c, channel.c, auth.c */
uint16_t select_command(struct card *card, const struct command *command, struct reply *reply);
uint16_t read_binary(struct card *card, const struct command *command, struct reply *reply);
uint16_t read_binary_odd(struct card *card, const struct command *command, struct reply *reply);
uint16_t write_binary(struct card *card, const struct command *command, struct reply *reply);
uint16_t erase_binary(struct card *card, const struct command *command, struct reply *reply);
uint16_t read_record(struct card *card, const struct command *command, struct reply *reply);
uint16_t write_record(struct card *card, const struct command *command, struct reply *reply);
uint16_t append_record(struct card *card, const struct command *command, struct reply *reply);
uint16_t get_data(struct card *card, const struct command *command, struct reply *reply);
uint16_t put_data(struct card *card, const struct command *command, struct reply *reply);
uint16_t manage_channel(struct card *card, const struct command *command, struct reply *reply);
struct pin *find_pin(struct card *card, uint8_t reference);
struct key *find_key(struct card *card, uint8_t reference);
uint16_t verify(struct card *card, const struct command *command, struct reply *reply);
uint16_t get_challenge(struct card *card, const struct command *command, struct reply *reply);
uint16_t internal_authenticate(struct card *card, const struct command *command, struct reply *reply);
uint16_t external_authenticate(struct card *card, const struct command *command, struct reply *reply);

/* t0.c */
void drop_held(struct card *card);
uint16_t hold(struct card *card, const struct command *command, struct reply *reply, size_t count, uint16_t status);
size_t t0_command(struct card *card, const uint8_t *tpdu, size_t length, uint8_t *reply);
uint16_t get_response(struct card *card, const struct command *command, struct reply *reply);

/* script.c */
struct script;
size_t script_command(struct card *card, const uint8_t *command, size_t length, uint8_t *reply);
void script_free(struct script *script);

/* iso.c, gsm.c */
extern const struct dialect iso_dialect;
extern const struct dialect gsm_dialect;

#endif
