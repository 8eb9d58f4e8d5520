/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conformance programs of one executable. The table in programs.c is generated from the list in Makefile.am. */

struct program
{
    const char *name;
    int (*run)(int argc, char **argv);
};

extern const struct program programs[];
extern const unsigned int program_count;
