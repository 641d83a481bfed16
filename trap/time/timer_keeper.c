/* SPDX-License-Identifier: Apache-2.0 */
#include "timer_keeper.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"
#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "virtual_timer.h"
#include "ground/signal_safe.h"

enum { STACK = 65536 };
static char stack[STACK] __attribute__((aligned(16)));
static _Atomic long timer_keeper_of;

static int keep(void *unused)
{
    uint64_t now;
    (void)unused;
    while (clock_wait_for_timer(&now))
        virtual_timer_advance(now);
    return 0;
}

/* Born with all signals blocked: those of the host are not for it. */
void timer_keeper_start(void)
{
    long self = raw_syscall(SYS_getpid);
    if (atomic_exchange(&timer_keeper_of, self) == self)
        return;
    uint64_t before = kernel_signals_block(0);
    clone(keep, stack + STACK, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
    kernel_signals_restore(before);
}
