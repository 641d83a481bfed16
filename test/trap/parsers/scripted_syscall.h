// SPDX-License-Identifier: Apache-2.0
// In place of trap/ground/raw_syscall.h: the agent's sockets and files lead nowhere, what it receives stands in a
// script.
#ifndef SCRIPTED_SYSCALL_H
#define SCRIPTED_SYSCALL_H

#include <setjmp.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "random.h"
#include "script.h"

// The agent's run directory, and its bridge.
#define SCRIPTED_RUN_DIRECTORY "/run/fuzz"
#define SCRIPTED_BRIDGE SCRIPTED_RUN_DIRECTORY "/bridge.sock"

long scripted_syscall(long number, long a, long b, long c, long d, long e, long f);

// What recvfrom gives from now on, chunk by chunk, then the end. Where chance is not NULL, calls are interrupted and
// sends are partial now and then.
void scripted_begin(const struct script *script, struct random *chance);

// Whether all of the script has been received.
bool scripted_is_over(void);

// Sockets of the run directory beside the bridge's answer with what this appends; `is_asked` tells whether the agent
// has sent something first.
void scripted_on_side(void (*answer)(struct chunk *to, bool is_asked));

// What a process does to the world, from scripted_watch on: what it says, and how it ends.
struct scripted_world {
    char words[4096]; // on standard error
    size_t length;
    int status; // of exit_group, which jumps to `over`
    sigjmp_buf over;
    char outside[256]; // the first path that it touched outside of its run directory, or what else is not its own;
                       // empty if none
};
void scripted_watch(struct scripted_world *world);

#define raw_syscall(number, ...) SCRIPTED_PAD(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SCRIPTED_PAD(number, a, b, c, d, e, f, ...)                                                                    \
    scripted_syscall((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#endif
