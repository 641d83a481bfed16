/* SPDX-License-Identifier: Apache-2.0
 *
 * What the arguments of system calls point at, and how much of it the kernel reads or writes. The one author of these
 * sizes.
 */
#ifndef TRAPLINE_INTERPOSE_POINTERS_H
#define TRAPLINE_INTERPOSE_POINTERS_H

#include <stdbool.h>
#include <stdint.h>

enum pointer_way {
    POINTER_IN,    /* the kernel reads it */
    POINTER_OUT,   /* writes it */
    POINTER_MOVED, /* writes as much of it as the result says, in units */
    POINTER_BOTH,
    POINTER_POLLED, /* reads it, and writes the third of each unit's fields (poll(2), revents) */
};

enum pointer_size {
    POINTER_FIXED,   /* one unit */
    POINTER_COUNTED, /* as many units as another argument says */
    POINTER_BITS,    /* a bit for each of what another argument counts, in whole words */
    POINTER_PAGES,   /* a byte for each page of what another argument counts */
    POINTER_LENGTH,  /* what another argument points at says, as socklen_t */
    POINTER_TEXT,    /* up to its zero */
};

struct pointer {
    uint8_t argument;
    uint8_t way;
    uint8_t size;
    uint8_t by;    /* the other argument */
    uint16_t unit; /* in bytes; 0: there is no pointer */
};

enum { POINTERS_MOST = 6 };

struct pointers {
    uint16_t number;
    char name[24]; /* of the call, as logs have it */
    struct pointer at[POINTERS_MOST];
};

/* NULL for calls that are not known. */
const struct pointers *pointers_of(long number);

/* Of calls whose pointers depend on what they are asked for: true if it is one. `at` gets one pointer, or none. */
bool pointers_by_request(long number, const long argument[6], struct pointer *at);

#endif
