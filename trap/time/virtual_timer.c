/* SPDX-License-Identifier: Apache-2.0 */
#include "virtual_timer.h"

#include <stdatomic.h>
#include <stddef.h>

#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "lane/process_lock.h"
#include "ground/signal_safe.h"

#define TIMER_MAX 32

struct timer {
    bool is_used;
    struct virtual_timer_action action;
    uint64_t deadline, interval;
};

static struct timer timers[TIMER_MAX];
static process_lock taken;
/* Read without the lock: what every access looks at. */
static _Atomic uint64_t next_deadline = VIRTUAL_TIMER_NEVER;
static void (*on_change)(uint64_t next);
/* Whose they are: a forked child has none. */
static long owner;

void virtual_timer_on_change(void (*tell)(uint64_t next))
{
    on_change = tell;
}

static void disown(void)
{
    long self = raw_syscall(SYS_getpid);
    if (channel_is_borrowed())
        return;
    if (owner != 0 && owner != self)
        for (int i = 0; i < TIMER_MAX; i++)
            timers[i].is_used = false;
    owner = self;
}

static uint64_t lock(void)
{
    uint64_t before = process_lock_take(&taken);
    disown();
    return before;
}

/* Another thread may have changed it and told of that meanwhile: the last word is the latest. */
static void tell_next(void)
{
    uint64_t told;
    do {
        told = atomic_load(&next_deadline);
        on_change(told);
    } while (told != atomic_load(&next_deadline));
}

static void unlock(uint64_t signals)
{
    uint64_t first = VIRTUAL_TIMER_NEVER;
    for (int i = 0; i < TIMER_MAX; i++)
        if (timers[i].is_used && timers[i].deadline < first)
            first = timers[i].deadline;
    bool has_changed = atomic_exchange(&next_deadline, first) != first;
    atomic_store(&taken, 0);
    if (has_changed && on_change != NULL)
        tell_next();
    kernel_signals_restore(signals);
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

void virtual_timer_call(int timer, void (*call)(void *argument), void *argument)
{
    uint64_t signals = lock();
    timers[timer].action.call = call;
    timers[timer].action.argument = argument;
    unlock(signals);
}

int virtual_timer_of_descriptor(int descriptor)
{
    for (int i = 0; descriptor >= 0 && i < TIMER_MAX; i++)
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

static bool has_handler(int signal)
{
    struct kernel_action action = kernel_signals_action(signal);
    return kernel_signals_is_handled(&action);
}

static void send_signal(const struct virtual_timer_action *action)
{
    siginfo_t info = {0};
    long pid = raw_syscall(SYS_getpid);
    info.si_signo = action->signal;
    info.si_code = SI_TIMER;
    info.si_value = action->value;
    if (action->thread != 0)
        raw_syscall(SYS_rt_tgsigqueueinfo, pid, action->thread, action->signal, &info);
    else
        raw_syscall(SYS_rt_sigqueueinfo, pid, action->signal, &info);
}

static uint64_t expire(struct timer *timer, uint64_t now)
{
    uint64_t times = timer->interval == 0 ? 1 : 1 + (now - timer->deadline) / timer->interval;
    timer->deadline = timer->interval == 0 ? VIRTUAL_TIMER_NEVER : timer->deadline + times * timer->interval;
    return times;
}

static void act(const struct virtual_timer_action *action, uint64_t times)
{
    if (action->call != NULL)
        action->call(action->argument);
    else if (action->descriptor >= 0)
        raw_syscall(SYS_write, action->descriptor, &times, sizeof times);
    else if (action->signal != 0)
        send_signal(action);
}

/* The kernel gives a signal of the process to its main thread, if that takes it. */
static bool is_for_us(const struct virtual_timer_action *action, uint64_t blocked)
{
    long self = raw_syscall(SYS_gettid), taker = action->thread != 0 ? action->thread : raw_syscall(SYS_getpid);
    return action->signal != 0 && action->call == NULL && self == taker && !(blocked >> (action->signal - 1) & 1) &&
           has_handler(action->signal);
}

/* Expires one that is due: what it does, and how often. */
static bool expire_one(uint64_t now, struct virtual_timer_action *action, uint64_t *times, uint64_t *signals)
{
    bool is_due = false;
    *signals = lock();
    for (int i = 0; i < TIMER_MAX && !is_due; i++)
        if (timers[i].is_used && timers[i].deadline <= now) {
            *times = expire(&timers[i], now);
            *action = timers[i].action;
            is_due = true;
        }
    unlock(*signals);
    return is_due;
}

/* One after the other, since stacks may be small here. Signals are sent when all is as before, so that the kernel
 * chooses among threads as ever. */
bool virtual_timer_advance(uint64_t now)
{
    struct virtual_timer_action action;
    uint64_t times, signals;
    bool handled = false;
    while (now >= virtual_timer_next() && expire_one(now, &action, &times, &signals)) {
        handled = handled || is_for_us(&action, signals);
        act(&action, times);
    }
    return handled;
}
