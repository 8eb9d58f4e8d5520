/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef SCARDSSP_BENCH_CLOCK_H
#define SCARDSSP_BENCH_CLOCK_H

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static inline double seconds(void)
{
    LARGE_INTEGER now, frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (double)now.QuadPart / frequency.QuadPart;
}

static inline double milliseconds(void)
{
    return 1e3 * seconds();
}

static inline double microseconds(void)
{
    return 1e6 * seconds();
}

/* The end of a benchmark that does not work. */
static inline void die(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

#endif
