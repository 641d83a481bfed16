/* SPDX-License-Identifier: Apache-2.0
 *
 * A system call by its number, carried out as by the libc name that makes it.
 */
#ifndef TRAPLINE_INTERPOSE_BY_NUMBER_H
#define TRAPLINE_INTERPOSE_BY_NUMBER_H

#include "net/calls.h"

/* -1 with errno. */
long by_number(long number, const long arguments[6]);

/* Each call that the net watches has a function that carries it out. One without a row in net/calls.h, or a row without
 * one, does not build. */
#define DECLARED(call) long carry_##call(const long a[6]);
CALLS_WATCHED(DECLARED)
#undef DECLARED
#pragma GCC diagnostic error "-Wmissing-prototypes"

/* Such a function whose work is one expression, with the arguments in `a`. */
#define CARRY(call, expression)                                                                                        \
    long carry_##call(const long a[6])                                                                                 \
    {                                                                                                                  \
        (void)a;                                                                                                       \
        return (expression);                                                                                           \
    }

#endif
