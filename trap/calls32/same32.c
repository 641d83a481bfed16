/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of 32-bit programs that are those of 64-bit ones but for their number (by_number32.c, which has the other
 * numbers).
 */
#include <sys/syscall.h>

#include "interpose/by_number.h"
#include "net/calls32.h"

#define OWN(call)
#define SAME(call, same)                                                                                               \
    long same32_##call(const long a[6]);                                                                               \
    long same32_##call(const long a[6])                                                                                \
    {                                                                                                                  \
        return by_number_plain(SYS_##same, a);                                                                         \
    }
CALLS32_WATCHED(SAME, OWN)
