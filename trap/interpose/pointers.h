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
    POINTER_LEFT,  /* writes it only where the call is interrupted: what was left of it */
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
    POINTER_LIST,    /* of pointers, up to a zero */
};

struct pointer {
    uint8_t argument;
    uint8_t way;
    uint8_t size;
    uint8_t by;    /* the other argument */
    uint16_t unit; /* in bytes; 0: there is no pointer */
};

enum { POINTERS_MOST = 6 };

/* What else there is to a call. */
enum pointers_more {
    POINTERS_NO_MORE,
    POINTERS_LOCKS,     /* the first argument is a word of the kernel's locks, and the fifth may be one (futex(2)) */
    POINTERS_INNER_SET, /* behind the sixth is a pointer to a set of signals, and its size (pselect6(2)) */
};

enum { POINTERS_OF_UNKNOWN_COUNT = 0 };

struct pointers {
    uint16_t number;
    uint8_t count; /* of its arguments, where those behind them are anything */
    uint8_t more;
    char name[32]; /* of the call, as logs have it */
    struct pointer at[POINTERS_MOST];
};

/* The calls of one of the kernel's tables. */
struct pointers_table {
    const struct pointers *calls;
    unsigned count;
    uint8_t word; /* bytes of a pointer there, and of the words that sets of descriptors are made of */
    /* Of calls whose pointers depend on what they are asked for: true if it is one. `at` is zeros before. */
    bool (*by_request)(long number, const long argument[6], struct pointer at[POINTERS_MOST]);
};

/* What some calls point at is told by what they are asked for, in programs of 32 bits too: one pointer, or none. */
struct pointer pointers_of_ioctl(unsigned long request);
struct pointer pointers_of_fcntl(long command);
struct pointer pointers_of_prctl(long option);
struct pointer pointers_of_futex(long operation);

/* Those of 64-bit programs; of 32-bit ones: calls32/pointers32.h. */
extern const struct pointers_table pointers64;

/* NULL for calls that are not known. */
const struct pointers *pointers_of(const struct pointers_table *table, long number);

#endif
