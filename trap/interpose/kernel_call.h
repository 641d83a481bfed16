/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that libc has under a name which the net watches (net/net.h), made by ourselves: there they would be stopped
 * once more.
 */
#ifndef TRAPLINE_INTERPOSE_KERNEL_CALL_H
#define TRAPLINE_INTERPOSE_KERNEL_CALL_H

#include "ground/host_call.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"

/* A call of six arguments that may wait, and that a thread can be cancelled in as in libc's (pthreads(7)): -1 with
 * errno. */
long kernel_call_cancellable(long number, long a, long b, long c, long d, long e, long f);

#define KERNEL_CALL_WAITS(number, ...) KERNEL_CALL_PAD(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define KERNEL_CALL_PAD(number, a, b, c, d, e, f, ...)                                                                 \
    kernel_call_cancellable((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* One that does not wait: -1 with errno. */
#define KERNEL_CALL(...) real_result(host_call(__VA_ARGS__))

#endif
