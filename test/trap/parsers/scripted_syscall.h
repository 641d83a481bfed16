// SPDX-License-Identifier: Apache-2.0
// In place of trap/raw_syscall.h: the agent's sockets lead nowhere, what it receives stands in a script.
#ifndef SCRIPTED_SYSCALL_H
#define SCRIPTED_SYSCALL_H

#include <stdint.h>
#include <sys/syscall.h>

#include "random.h"
#include "script.h"

long scripted_syscall(long number, long a, long b, long c, long d, long e, long f);

// What recvfrom gives from now on, chunk by chunk, then the end. Where chance is not NULL, calls are interrupted and sends
// are partial now and then.
void scripted_begin(const struct script *script, struct random *chance);

#define raw_syscall(number, ...) SCRIPTED_PAD(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SCRIPTED_PAD(number, a, b, c, d, e, f, ...) \
  scripted_syscall((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#endif
