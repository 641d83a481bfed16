/* SPDX-License-Identifier: Apache-2.0 */
#include "real_timer.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "clock.h"
#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "lane/process_lock.h"
#include "ground/signal_safe.h"

enum { TIMERS = 64 };

struct timer {
    bool is_used;
    struct real_timer_name name;
    int signal, thread;
    clockid_t clock;
    uint64_t simulated, real, interval; /* the first expiry, on both axes; REAL_TIMER_NEVER if disarmed */
};

static struct timer timers[TIMERS];
static process_lock taken;
static bool ever_armed;
/* A forked child has none of its parent's timers, but descriptors. */
static long owner;

static void disown(void)
{
    long self = raw_syscall(SYS_getpid);
    if (channel_is_borrowed())
        return;
    for (int i = 0; owner != 0 && owner != self && i < TIMERS; i++)
        timers[i].is_used = timers[i].is_used && timers[i].name.kind == REAL_TIMER_DESCRIPTOR;
    owner = self;
}

static uint64_t lock(void)
{
    uint64_t before = process_lock_take(&taken);
    disown();
    return before;
}

static void unlock(uint64_t signals)
{
    process_lock_give(&taken, signals);
}

static struct timer *find(struct real_timer_name name)
{
    for (int i = 0; i < TIMERS; i++)
        if (timers[i].is_used && timers[i].name.kind == name.kind && timers[i].name.handle == name.handle)
            return &timers[i];
    return NULL;
}

static struct timer *make(struct real_timer_name name)
{
    struct timer *timer = find(name);
    for (int i = 0; timer == NULL && i < TIMERS; i++)
        if (!timers[i].is_used)
            timer = &timers[i];
    if (timer != NULL)
        *timer = (struct timer){.is_used = true, .name = name, .simulated = REAL_TIMER_NEVER, .real = REAL_TIMER_NEVER};
    return timer;
}

static uint64_t real_now(void)
{
    struct timespec now = {0};
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void real_timer_note(struct real_timer_name name, int signal, int thread, clockid_t clock)
{
    uint64_t signals = lock();
    struct timer *timer = make(name);
    if (timer != NULL) {
        timer->signal = signal;
        timer->thread = thread;
        timer->clock = clock;
    }
    unlock(signals);
}

clockid_t real_timer_clock(struct real_timer_name name)
{
    const struct timer *timer = find(name);
    return timer != NULL ? timer->clock : CLOCK_MONOTONIC;
}

/* How many of its expiries have been by `now`; `first` is on the same axis. */
static uint64_t expiries(uint64_t first, uint64_t interval, uint64_t now)
{
    return now < first ? 0 : interval == 0 ? 1 : 1 + (now - first) / interval;
}

static bool may_expire(const struct timer *timer, uint64_t now)
{
    return timer->is_used && timer->real != REAL_TIMER_NEVER && (timer->interval != 0 || now < timer->real);
}

/* Until the last expiry of all but one. */
static uint64_t longest(uint64_t now, const struct timer *but)
{
    uint64_t left = 0;
    for (int i = 0; i < TIMERS; i++) {
        if (&timers[i] == but || !may_expire(&timers[i], now))
            continue;
        uint64_t own = timers[i].interval != 0 ? REAL_TIMER_NEVER : timers[i].real - now;
        left = own > left ? own : left;
    }
    return left;
}

uint64_t real_timer_prepare(struct real_timer_name name, uint64_t value, uint64_t interval)
{
    uint64_t now = real_now(), signals = lock();
    const struct timer *timer = find(name);
    uint64_t own = value == 0 ? 0 : interval != 0 ? REAL_TIMER_NEVER : value, others = longest(now, timer);
    uint64_t simulated = clock_tell_real_timers(own > others ? own : others);
    unlock(signals);
    return simulated;
}

void real_timer_arm(struct real_timer_name name, uint64_t value, uint64_t interval, uint64_t simulated)
{
    uint64_t now = real_now(), signals = lock();
    struct timer *timer = find(name);
    ever_armed = true;
    if (timer != NULL) {
        timer->real = value == 0 ? REAL_TIMER_NEVER : now + value;
        timer->interval = interval;
        timer->simulated = simulated + value;
    }
    unlock(signals);
}

void real_timer_forget(struct real_timer_name name)
{
    uint64_t now = real_now(), signals = lock();
    struct timer *timer = find(name);
    if (timer != NULL) {
        bool was_armed = may_expire(timer, now);
        timer->is_used = false;
        if (was_armed)
            clock_tell_real_timers(longest(now, NULL));
    }
    unlock(signals);
}

static bool has_handler(int signal)
{
    struct kernel_action action = kernel_signals_action(signal);
    return kernel_signals_is_handled(&action);
}

/* The host may have closed it, and opened something else. */
static bool is_open(const struct timer *timer)
{
    struct itimerspec left = {0};
    return timer->name.kind != REAL_TIMER_DESCRIPTOR ||
           (raw_syscall(SYS_timerfd_gettime, timer->name.handle, &left) == 0 &&
            (left.it_value.tv_sec != 0 || left.it_value.tv_nsec != 0));
}

static bool ends_waits(const struct timer *timer, uint64_t blocked, uint64_t awaited)
{
    if (timer->name.kind == REAL_TIMER_DESCRIPTOR)
        return true;
    if (timer->signal == 0 || (timer->thread != 0 && timer->thread != raw_syscall(SYS_gettid)))
        return false;
    uint64_t bit = (uint64_t)1 << (timer->signal - 1);
    return (awaited & bit) != 0 || (!(blocked & bit) && has_handler(timer->signal));
}

/* How much the device lags behind the next expiry; 0 if it is ahead of the kernel. */
static uint64_t simulated_left(const struct timer *timer, uint64_t real, uint64_t simulated)
{
    uint64_t seen = expiries(timer->simulated, timer->interval, simulated);
    if (expiries(timer->real, timer->interval, real) < seen)
        return 0;
    return timer->simulated + seen * timer->interval - simulated;
}

static uint64_t real_left(const struct timer *timer, uint64_t now)
{
    return timer->real + expiries(timer->real, timer->interval, now) * timer->interval - now;
}

static bool any_may_expire(uint64_t now)
{
    for (int i = 0; i < TIMERS; i++)
        if (may_expire(&timers[i], now))
            return true;
    return false;
}

static void look_at(struct real_timer_outlook *outlook, const struct timer *timer, uint64_t real, uint64_t simulated)
{
    uint64_t lag = simulated_left(timer, real, simulated), left = real_left(timer, real);
    uint64_t bit = timer->signal != 0 ? (uint64_t)1 << (timer->signal - 1) : 0;
    bool is_first = lag < outlook->simulated;
    if (is_first || (lag == outlook->simulated && left < outlook->real))
        outlook->real = left;
    if (lag <= outlook->simulated)
        outlook->due = is_first ? bit : outlook->due | bit;
    outlook->simulated = is_first ? lag : outlook->simulated;
    outlook->signals |= bit;
}

struct real_timer_outlook real_timer_outlook(uint64_t blocked, uint64_t awaited)
{
    struct real_timer_outlook outlook = {REAL_TIMER_NEVER, REAL_TIMER_NEVER, 0, 0};
    uint64_t real = real_now(), simulated = 0;
    if (!ever_armed || !any_may_expire(real) || !clock_pass(0, &simulated))
        return outlook;
    uint64_t signals = lock();
    for (int i = 0; i < TIMERS; i++)
        if (may_expire(&timers[i], real) && is_open(&timers[i]) && ends_waits(&timers[i], blocked, awaited))
            look_at(&outlook, &timers[i], real, simulated);
    unlock(signals);
    return outlook;
}

uint64_t real_timer_came(uint64_t since)
{
    uint64_t now = real_now(), came = 0, signals = lock();
    for (int i = 0; i < TIMERS; i++) {
        const struct timer *timer = &timers[i];
        if (timer->is_used && timer->signal != 0 && timer->real != REAL_TIMER_NEVER &&
            expiries(timer->real, timer->interval, now) > expiries(timer->real, timer->interval, since) &&
            ends_waits(timer, signals, 0))
            came |= (uint64_t)1 << (timer->signal - 1);
    }
    unlock(signals);
    return came;
}

bool real_timer_hold(uint64_t *before)
{
    uint64_t now = real_now(), held = 0;
    if (!ever_armed || !any_may_expire(now))
        return false;
    uint64_t signals = lock();
    for (int i = 0; i < TIMERS; i++)
        if (may_expire(&timers[i], now) && timers[i].signal != 0)
            held |= (uint64_t)1 << (timers[i].signal - 1);
    *before = signals;
    unlock(signals | held);
    return true;
}

void real_timer_release(uint64_t before)
{
    kernel_signals_restore(before);
}

bool real_timer_any(void)
{
    return ever_armed && any_may_expire(real_now());
}

bool real_timer_is_early(int descriptor)
{
    const struct timer *timer = find((struct real_timer_name){REAL_TIMER_DESCRIPTOR, (uint64_t)descriptor});
    return timer != NULL && may_expire(timer, real_now());
}
