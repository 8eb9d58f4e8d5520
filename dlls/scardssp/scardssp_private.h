/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the classes of scardssp.dll want of each other. */

#ifndef SCARDSSP_PRIVATE_H
#define SCARDSSP_PRIVATE_H

#include "com/com.h"
#include "bytes/bytes.h"
#include "scardssp.h"

/* ---- main.c ---- */

extern const struct class_desc *const all_classes[]; /* NULL ends them */

/* ---- bytebuffer.c ---- */

/* Creates a byte buffer with a copy of size bytes of data (NULL: zeros), the seek pointer at 0. */
HRESULT byte_buffer_create(const void *data, ULONG size, IByteBuffer **out);
/* Gives such a buffer, empty and not handed out yet, the bytes of a run. */
void byte_buffer_share(IByteBuffer *buffer, const struct bytes *bytes);

/*
 * Takes the whole content of any implementation of IByteBuffer, whatever its seek pointer is, which stays.
 * content: an empty run; the caller clears it also after a failure.
 * max: E_INVALIDARG when there are more bytes. Must not be called with a lock held: buffer may be foreign.
 */
HRESULT byte_buffer_read_all(IByteBuffer *buffer, ULONG max, struct bytes *content);

/* ---- typeconv.c: the memory that GetAtIStreamMemory handed out ---- */

void stream_memory_init(void);
void stream_memory_cleanup(void);

/* ---- card.c: the domains of arguments, and what object_error() says of a value outside ---- */

BOOL is_share_mode(SCARD_SHARE_MODES mode);
BOOL is_protocol(SCARD_PROTOCOLS protocols);
extern const char bad_share_mode[], bad_protocol[];

/* ---- cmd.c ---- */

HRESULT cmd_create(ISCardCmd **out);

/* The struct behind an ISCardCmd that is our own, NULL for a foreign one. */
struct cmd *unsafe_impl_from_ISCardCmd(ISCardCmd *iface);

/* What a transaction needs of a command. */
struct cmd_request
{
    struct bytes apdu;                      /* as encoded; cleared by the caller */
    BYTE nad;
    BOOL has_alternate_cla;
    BYTE alternate_cla;                     /* of the GET RESPONSE commands, where the program has put one */
};

/* Fills request, whatever is in it, from any implementation of ISCardCmd. E_INVALIDARG: nothing is built. */
HRESULT cmd_get_request(ISCardCmd *iface, struct cmd_request *request);
/* Drops the reply of a command of our own. */
void cmd_drop_reply(struct cmd *cmd);
/* Gives a command of our own a reply, SW1 SW2 at its end; reply is empty then. */
void cmd_take_reply(struct cmd *cmd, struct bytes *reply);

/* For traces: header and lengths of an APDU. No data field is shown: any instruction of any card may carry a secret. */
#define APDU_DESCRIPTION_SIZE 64
const char *describe_apdu(const BYTE *bytes, SIZE_T size, char text[APDU_DESCRIPTION_SIZE]);

#endif
