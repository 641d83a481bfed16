/* SPDX-License-Identifier: Apache-2.0
 *
 * The net under the libc names: the kernel stops system calls that reach it from within libc, or from code that makes
 * them itself, where they could be about a device (filter.h), and we carry them out as those that come by a name.
 */
#ifndef TRAPLINE_NET_H
#define TRAPLINE_NET_H

#include <stddef.h>

/* Carries out a call by number as the libc name would: -1 with errno. */
typedef long net_call(long number, const long arguments[6]);

/* The same by the kernel's table for 32-bit programs (i386). Before net_start, where the program is one. */
void net_take_code32(net_call *carry_out);

/* At start-up, once, before there is a descriptor of a device. */
void net_start(net_call *carry_out);

/* Code may have come since: libraries; or what has been mapped there. */
void net_look(void);
void net_look_in(const void *code, size_t length);

#endif
