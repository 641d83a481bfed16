/* SPDX-License-Identifier: Apache-2.0
 *
 * A system call by its number, carried out as by the libc name that makes it.
 */
#ifndef TRAPLINE_INTERPOSE_BY_NUMBER_H
#define TRAPLINE_INTERPOSE_BY_NUMBER_H

#include "net/calls.h"
#include "pointed.h"

/* -1 with errno; `pc` is where the host makes the call, for logs. */
long by_number(uint64_t pc, long number, const long arguments[6]);

/* The same, where nothing that it is given lies in a window, or it is known what of it does. */
long by_number_plain(long number, const long arguments[6]);

/* Leaves a libc name for the call that it makes, if what the host gives it lies in a window. */
#define BY_NUMBER_IF_POINTED(number, ...)                                                                              \
    do {                                                                                                               \
        const long pointed_arguments[6] = {__VA_ARGS__};                                                               \
        if (pointed_is_any(pointed_arguments))                                                                         \
            return (int)by_number((uint64_t)__builtin_return_address(0), number, pointed_arguments);                   \
    } while (0)

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
