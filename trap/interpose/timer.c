/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers of the host. Real by default; with virtual time those of wall clocks run on simulated time. Notification by a
 * thread (SIGEV_THREAD) stays real.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../virtual_timer.h"
#include "real.h"
#include "wait.h"

/* What a timer_t of ours points at, so that none of libc's is taken for one. */
static char handles[64];

static bool is_virtual(clockid_t clock)
{
    return clock_is_virtual() && wait_is_wall_clock(clock);
}

static uint64_t now_ns(void)
{
    uint64_t now = 0;
    clock_pass(0, false, &now);
    return now;
}

static bool is_zero(const struct timespec *time)
{
    return time->tv_sec == 0 && time->tv_nsec == 0;
}

/* `epoch` is what an absolute time counts from. */
static void arm(int timer, bool is_absolute, uint64_t epoch, const struct itimerspec *wanted)
{
    uint64_t value = wait_from_timespec(&wanted->it_value), deadline = VIRTUAL_TIMER_NEVER;
    if (!is_zero(&wanted->it_value))
        deadline = is_absolute ? (value > epoch ? value - epoch : 0) : now_ns() + value;
    virtual_timer_set(timer, deadline, wait_from_timespec(&wanted->it_interval));
    if (is_absolute)
        now_ns();
}

static void tell(int timer, struct itimerspec *current)
{
    uint64_t deadline, interval, now = now_ns();
    virtual_timer_get(timer, &deadline, &interval);
    uint64_t left = deadline == VIRTUAL_TIMER_NEVER ? 0 : deadline > now ? deadline - now : 1;
    *current = (struct itimerspec){.it_interval = wait_to_timespec(interval), .it_value = wait_to_timespec(left)};
}

static void change(int timer, bool is_absolute, uint64_t epoch, const struct itimerspec *wanted, struct itimerspec *old)
{
    if (old != NULL)
        tell(timer, old);
    arm(timer, is_absolute, epoch, wanted);
}

/* ---- setitimer and alarm: one for the process */

static int alarm_timer(void)
{
    static int timer = VIRTUAL_TIMER_NONE;
    if (timer == VIRTUAL_TIMER_NONE)
        timer = virtual_timer_make((struct virtual_timer_action){.signal = SIGALRM, .descriptor = -1});
    return timer;
}

static struct timespec from_timeval(struct timeval time)
{
    return (struct timespec){time.tv_sec, time.tv_usec * 1000};
}

/* Rounded up: what is armed never shows as 0. */
static struct timeval to_timeval(struct timespec time)
{
    uint64_t us = (wait_from_timespec(&time) + 999) / 1000;
    return (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
}

INTERPOSED int getitimer(__itimer_which_t which, struct itimerval *current)
{
    struct itimerspec found;
    if (which != ITIMER_REAL || !clock_is_virtual())
        return REAL(getitimer)(which, current);
    tell(alarm_timer(), &found);
    *current = (struct itimerval){to_timeval(found.it_interval), to_timeval(found.it_value)};
    return 0;
}

INTERPOSED int setitimer(__itimer_which_t which, const struct itimerval *restrict wanted, struct itimerval *restrict old)
{
    if (which != ITIMER_REAL || !clock_is_virtual() || wanted == NULL)
        return REAL(setitimer)(which, wanted, old);
    const struct itimerspec next = {from_timeval(wanted->it_interval), from_timeval(wanted->it_value)};
    if (old != NULL)
        getitimer(which, old);
    arm(alarm_timer(), false, 0, &next);
    return 0;
}

INTERPOSED unsigned alarm(unsigned seconds)
{
    const struct itimerval wanted = {.it_value.tv_sec = seconds};
    struct itimerval old;
    if (!clock_is_virtual())
        return REAL(alarm)(seconds);
    setitimer(ITIMER_REAL, &wanted, &old);
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

INTERPOSED useconds_t ualarm(useconds_t value, useconds_t interval)
{
    const struct itimerval wanted = {{interval / 1000000, interval % 1000000}, {value / 1000000, value % 1000000}};
    struct itimerval old;
    if (!clock_is_virtual())
        return REAL(ualarm)(value, interval);
    setitimer(ITIMER_REAL, &wanted, &old);
    return (useconds_t)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

/* ---- POSIX timers */

static uint64_t epochs[sizeof handles];

static int timer_of(timer_t handle)
{
    char *place = handle;
    return place >= handles && place < handles + sizeof handles ? (int)(place - handles) : VIRTUAL_TIMER_NONE;
}

INTERPOSED int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict handle)
{
    if (!is_virtual(clock) || (event != NULL && event->sigev_notify != SIGEV_SIGNAL && event->sigev_notify != SIGEV_NONE))
        return REAL(timer_create)(clock, event, handle);
    struct virtual_timer_action action = {.signal = SIGALRM, .descriptor = -1};
    if (event != NULL)
        action = (struct virtual_timer_action){event->sigev_notify == SIGEV_SIGNAL ? event->sigev_signo : 0, event->sigev_value, -1};
    int timer = virtual_timer_make(action);
    if (timer == VIRTUAL_TIMER_NONE)
        return (int)real_result(-EAGAIN);
    epochs[timer] = wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
    *handle = handles + timer;
    return 0;
}

INTERPOSED int timer_settime(timer_t handle, int flags, const struct itimerspec *restrict wanted, struct itimerspec *restrict old)
{
    int timer = timer_of(handle);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timer_settime)(handle, flags, wanted, old);
    change(timer, flags & TIMER_ABSTIME, epochs[timer], wanted, old);
    return 0;
}

INTERPOSED int timer_gettime(timer_t handle, struct itimerspec *current)
{
    int timer = timer_of(handle);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timer_gettime)(handle, current);
    tell(timer, current);
    return 0;
}

INTERPOSED int timer_getoverrun(timer_t handle)
{
    return timer_of(handle) == VIRTUAL_TIMER_NONE ? REAL(timer_getoverrun)(handle) : 0;
}

INTERPOSED int timer_delete(timer_t handle)
{
    int timer = timer_of(handle);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timer_delete)(handle);
    virtual_timer_delete(timer);
    return 0;
}

/* ---- timers as descriptors: an eventfd counts expiries, and is read and waited for like one */

INTERPOSED int timerfd_create(clockid_t clock, int flags)
{
    if (!is_virtual(clock))
        return REAL(timerfd_create)(clock, flags);
    int descriptor = eventfd(0, (flags & TFD_NONBLOCK ? EFD_NONBLOCK : 0) | (flags & TFD_CLOEXEC ? EFD_CLOEXEC : 0));
    if (descriptor < 0)
        return descriptor;
    int timer = virtual_timer_make((struct virtual_timer_action){.descriptor = descriptor});
    if (timer != VIRTUAL_TIMER_NONE) {
        epochs[timer] = wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
        return descriptor;
    }
    close(descriptor);
    return (int)real_result(-EMFILE);
}

INTERPOSED int timerfd_settime(int descriptor, int flags, const struct itimerspec *wanted, struct itimerspec *old)
{
    int timer = virtual_timer_of_descriptor(descriptor);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timerfd_settime)(descriptor, flags, wanted, old);
    change(timer, flags & TFD_TIMER_ABSTIME, epochs[timer], wanted, old);
    return 0;
}

INTERPOSED int timerfd_gettime(int descriptor, struct itimerspec *current)
{
    int timer = virtual_timer_of_descriptor(descriptor);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timerfd_gettime)(descriptor, current);
    tell(timer, current);
    return 0;
}
