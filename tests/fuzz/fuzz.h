/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the fuzz targets share: the bytes of the input, taken from its start. */

#ifndef SCARDSSP_TESTS_FUZZ_H
#define SCARDSSP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input
{
    const uint8_t *bytes;
    size_t size;
};

/* 0 where there are no more. */
static inline uint8_t take_byte(struct input *input)
{
    if (!input->size) return 0;
    input->size--;
    return *input->bytes++;
}

static inline uint16_t take_word(struct input *input)
{
    uint16_t high = take_byte(input);

    return (uint16_t)(high << 8 | take_byte(input));
}

/* At most so many bytes, fewer where there are no more; they are copied, so that the sanitizer sees their ends. */
static inline uint8_t *take_bytes(struct input *input, size_t *size)
{
    uint8_t *copy;

    if (*size > input->size) *size = input->size;
    if (!(copy = malloc(*size ? *size : 1))) abort();
    memcpy(copy, input->bytes, *size);
    input->bytes += *size;
    input->size -= *size;
    return copy;
}

/* A promise that does not hold is a finding. */
#define MUST(condition) \
    do { if (!(condition)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); abort(); } } while (0)

#endif
