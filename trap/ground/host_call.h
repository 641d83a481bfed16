/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls that we make in the host's place, for it has made them by a name of libc's, or by number. They come from
 * one instruction, by which they are told from our own: what a filter of the host's says to one by a signal
 * (seccomp(2), SECCOMP_RET_TRAP) is for the host's handler, which may carry it out. Fault path.
 */
#ifndef TRAPLINE_HOST_CALL_H
#define TRAPLINE_HOST_CALL_H

#include <stdint.h>

/* -errno if it fails, as from the kernel. */
long host_call6(long number, long a, long b, long c, long d, long e, long f);

#define host_call(...) HOST_CALL_PAD(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define HOST_CALL_PAD(number, a, b, c, d, e, f, ...)                                                                   \
    host_call6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Behind that instruction. */
extern const uint8_t host_call_made[];

#endif
