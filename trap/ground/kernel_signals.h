/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals as the kernel has them: masks of 64 bits, bit n - 1 for signal n, and the structure that rt_sigaction(2)
 * takes (kernel include/linux/signal_types.h). Safe anywhere, also in the fault handler.
 */
#ifndef TRAPLINE_KERNEL_SIGNALS_H
#define TRAPLINE_KERNEL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "raw_syscall.h"

struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static inline uint64_t kernel_signals_bit(int signal)
{
    return (uint64_t)1 << (signal - 1);
}

/* Blocks all but those in `spared` for this thread. Returns the mask of before. */
static inline uint64_t kernel_signals_block(uint64_t spared)
{
    uint64_t mask = ~spared, before = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &before, sizeof mask);
    return before;
}

static inline void kernel_signals_restore(uint64_t before)
{
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
}

static inline struct kernel_action kernel_signals_action(int signal)
{
    struct kernel_action action = {0};
    raw_syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof action.mask);
    return action;
}

/* Whether the action is neither the default nor to ignore the signal. */
static inline bool kernel_signals_is_handled(const struct kernel_action *action)
{
    return action->handler != (void *)SIG_DFL && action->handler != (void *)SIG_IGN;
}

#endif
