/* SPDX-License-Identifier: Apache-2.0 */
#include "virtual_timer.h"

#include <stdatomic.h>
#include <stddef.h>

#include "raw_syscall.h"
#include "signal_safe.h"

#define TIMER_MAX 32

struct timer {
    bool is_used;
    struct virtual_timer_action action;
    uint64_t deadline, interval;
};

static struct timer timers[TIMER_MAX];
static atomic_flag taken = ATOMIC_FLAG_INIT;
/* Read without the lock: what every access looks at. */
static _Atomic uint64_t next_deadline = VIRTUAL_TIMER_NEVER;

/* A handler of the host that came while the lock is held would wait for its own thread. */
static uint64_t lock(void)
{
    uint64_t all = ~(uint64_t)0, before = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    while (atomic_flag_test_and_set(&taken))
        raw_syscall(SYS_sched_yield);
    return before;
}

static void unlock(uint64_t signals)
{
    uint64_t first = VIRTUAL_TIMER_NEVER;
    for (int i = 0; i < TIMER_MAX; i++)
        if (timers[i].is_used && timers[i].deadline < first)
            first = timers[i].deadline;
    atomic_store(&next_deadline, first);
    atomic_flag_clear(&taken);
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof signals);
}

int virtual_timer_make(struct virtual_timer_action action)
{
    int made = VIRTUAL_TIMER_NONE;
    uint64_t signals = lock();
    for (int i = 0; made == VIRTUAL_TIMER_NONE && i < TIMER_MAX; i++)
        if (!timers[i].is_used)
            made = i;
    if (made != VIRTUAL_TIMER_NONE)
        timers[made] = (struct timer){.is_used = true, .action = action, .deadline = VIRTUAL_TIMER_NEVER};
    unlock(signals);
    return made;
}

void virtual_timer_delete(int timer)
{
    uint64_t signals = lock();
    timers[timer].is_used = false;
    unlock(signals);
}

int virtual_timer_of_descriptor(int descriptor)
{
    for (int i = 0; i < TIMER_MAX; i++)
        if (timers[i].is_used && timers[i].action.descriptor == descriptor)
            return i;
    return VIRTUAL_TIMER_NONE;
}

void virtual_timer_set(int timer, uint64_t deadline, uint64_t interval)
{
    uint64_t signals = lock();
    timers[timer].deadline = deadline;
    timers[timer].interval = interval;
    unlock(signals);
}

void virtual_timer_get(int timer, uint64_t *deadline, uint64_t *interval)
{
    uint64_t signals = lock();
    *deadline = timers[timer].deadline;
    *interval = timers[timer].interval;
    unlock(signals);
}

uint64_t virtual_timer_next(void)
{
    return atomic_load(&next_deadline);
}

/* As the kernel has it (struct sigaction of rt_sigaction(2)). */
struct kernel_action {
    void (*handler)(int);
    uint64_t flags;
    void *restorer;
    uint64_t mask;
};

static bool has_handler(int signal)
{
    struct kernel_action action = {0};
    raw_syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof action.mask);
    return action.handler != SIG_DFL && action.handler != SIG_IGN;
}

static void send_signal(const struct virtual_timer_action *action)
{
    siginfo_t info = {0};
    long pid = raw_syscall(SYS_getpid);
    info.si_signo = action->signal;
    info.si_code = SI_TIMER;
    info.si_value = action->value;
    raw_syscall(SYS_rt_sigqueueinfo, pid, action->signal, &info);
}

static void expire(struct timer *timer, uint64_t now)
{
    uint64_t times = timer->interval == 0 ? 1 : 1 + (now - timer->deadline) / timer->interval;
    timer->deadline = timer->interval == 0 ? VIRTUAL_TIMER_NEVER : timer->deadline + times * timer->interval;
    if (timer->action.descriptor >= 0)
        raw_syscall(SYS_write, timer->action.descriptor, &times, sizeof times);
    else if (timer->action.signal != 0)
        send_signal(&timer->action);
}

bool virtual_timer_advance(uint64_t now)
{
    bool handled = false;
    if (now < virtual_timer_next())
        return false;
    uint64_t signals = lock();
    for (int i = 0; i < TIMER_MAX; i++) {
        if (!timers[i].is_used || timers[i].deadline > now)
            continue;
        int signal = timers[i].action.signal;
        handled = handled || (signal != 0 && !(signals >> (signal - 1) & 1) && has_handler(signal));
        expire(&timers[i], now);
    }
    unlock(signals);
    return handled;
}
