/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A winscard.so for pcsc32_test.c: like Wine's it declares pcsc-lite's functions with integers of 64 bits. */

#include <stdint.h>

long SCardEstablishContext(uint64_t scope, const void *reserved1, const void *reserved2, uint64_t *context);
long SCardDisconnect(uint64_t handle, uint64_t disposition);
#ifdef UNKNOWN_IMPORT
long SCardUnknownFunction(uint64_t handle);
#endif

long unix_establish_context(uint64_t *context);
long unix_disconnect(uint64_t handle, uint64_t disposition);
long unix_unknown(void);

long unix_establish_context(uint64_t *context)
{
    return SCardEstablishContext(2, 0, 0, context);
}

long unix_disconnect(uint64_t handle, uint64_t disposition)
{
    return SCardDisconnect(handle, disposition);
}

#ifdef UNKNOWN_IMPORT
long unix_unknown(void)
{
    return SCardUnknownFunction(1);
}
#endif
