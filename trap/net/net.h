/* SPDX-License-Identifier: Apache-2.0
 *
 * The net under the libc names: the kernel stops system calls that reach it from within libc, or from code that makes
 * them itself, where they could be about a device (filter.h), and we carry them out as those that come by a name.
 */
#ifndef TRAPLINE_NET_H
#define TRAPLINE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Carries out a call by number: -1 with errno. `pc` is behind its instruction. */
typedef long net_call(uint64_t pc, long number, const long arguments[6]);

/* The same by the kernel's table for 32-bit programs (i386). Before net_start, where the program is one. */
void net_take_code32(net_call *carry_out);

/* What a filter of such a program's own says, by a signal, in place of an errno (calls32/confined32.c). */
enum { NET_FAILS32 = 0xe000, NET_MOST_ERRORS = 4095 };
static inline uint32_t net_fails32(uint32_t error)
{
    return NET_FAILS32 | (error < NET_MOST_ERRORS ? error : NET_MOST_ERRORS);
}

/* At start-up, once, before there is a descriptor of a device: `carry_out` does what the libc name would. What libc has
 * made of a name already, and is stopped for a pointer into a window, goes to `carry_out_for_libc`. */
void net_start(net_call *carry_out, net_call *carry_out_for_libc);

/* Whether it is there. */
bool net_is_on(void);

/* The host has a window there, or a watched page: calls with pointers into it are stopped from now on. Not with the bus
 * lock. */
void net_watch_pages(uint64_t start, uint64_t end);

/* Whether calls about that descriptor are stopped: a device's, or one whose number is beside one. A thread that libc
 * has started with all signals blocked is ended by them. */
bool net_watches(int descriptor);

/* The host has unmapped something, or mapped something in its place. */
void net_forget_mapped(void);

/* Code may have come: memory of the host's can be run, since it has been mapped so, or from now on. */
void net_look_at_mapped(const void *code, size_t length, int protection, int flags, int file, uint64_t offset);
void net_look_at_protected(const void *code, size_t length, int protection);

/* Filters stay after exec and name places of this process (filter.h), so the next program must not lie where this one
 * does, also where the host has asked for that (personality(2)). What was asked is put back where none has begun. */
long net_move_next(void);
void net_move_back(long before);
#define NET_MOVES_NEXT(call)                                                                                           \
    (__extension__({                                                                                                   \
        long asked_before = net_move_next();                                                                           \
        __auto_type moved = (call);                                                                                    \
        net_move_back(asked_before);                                                                                   \
        moved;                                                                                                         \
    }))

#endif
