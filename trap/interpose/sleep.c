/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that sleeps moves the model on by the time it asked for. Clocks are real by default, so real time passes as well;
 * with virtual time only the device's does.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../virtual_timer.h"
#include "real.h"
#include "wait.h"

/* What a host that only yields, or looks at the clock, gets on with. */
#define YIELD_NS 1000u

/* How much longer the kernel lets a sleep take, for its own convenience (prctl(2), PR_SET_TIMERSLACK). */
#define TIMER_SLACK_NS 50000u

static uint64_t real_now(clockid_t clock)
{
    struct timespec now;
    REAL(clock_gettime)(clock, &now);
    return wait_from_timespec(&now);
}

static uint64_t host_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return wait_from_timespec(&now);
}

/* A timer may expire on the way. 0 or EINTR; -1 if there is no simulated time. */
static int sleep_virtual(uint64_t ns, struct timespec *left)
{
    uint64_t now, end;
    if (clock_pass(0, false, &now) == CLOCK_NONE)
        return -1;
    for (end = now + ns; now < end;) {
        uint64_t next = virtual_timer_next(), until = next > now && next < end ? next : end;
        enum clock_result result = clock_pass(until - now, false, &now);
        if (result == CLOCK_PASSED)
            continue;
        if (left != NULL)
            *left = wait_to_timespec(end > now ? end - now : 0);
        return result == CLOCK_SIGNALLED ? EINTR : -1;
    }
    return 0;
}

/* 0, or EINTR with what is left of the time. */
static int sleep_for(uint64_t ns, struct timespec *left)
{
    int virtual = clock_is_virtual() ? sleep_virtual(ns, left) : -1;
    if (virtual >= 0)
        return virtual;
    uint64_t begin = real_now(CLOCK_MONOTONIC), after;
    enum clock_result result = clock_pass(ns, false, &after);
    uint64_t passed = real_now(CLOCK_MONOTONIC) - begin, rest = passed < ns ? ns - passed : 0;
    struct timespec still = wait_to_timespec(rest);
    if (result == CLOCK_SIGNALLED) {
        if (left != NULL)
            *left = still;
        return EINTR;
    }
    if (rest == 0)
        return 0;
    return REAL(clock_nanosleep)(CLOCK_MONOTONIC, 0, &still, left);
}

static bool is_valid(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

static int sleep_checked(const struct timespec *time, struct timespec *left)
{
    return is_valid(time) ? sleep_for(wait_from_timespec(time), left) : EINVAL;
}

/* On hardware the device also runs while the host reckons its deadline; what that took is given back within the slack. */
static uint64_t rest_of_sleep(uint64_t ns)
{
    return clock_is_virtual() ? ns : (ns + TIMER_SLACK_NS - 1) / TIMER_SLACK_NS * TIMER_SLACK_NS;
}

INTERPOSED int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    if (!(flags & TIMER_ABSTIME) || !is_valid(time))
        return sleep_checked(time, left);
    uint64_t now = host_now(clock), until = wait_from_timespec(time);
    return until <= now ? 0 : sleep_for(rest_of_sleep(until - now), NULL);
}

INTERPOSED int nanosleep(const struct timespec *time, struct timespec *left)
{
    int error = sleep_checked(time, left);
    errno = error != 0 ? error : errno;
    return error != 0 ? -1 : 0;
}

INTERPOSED int usleep(useconds_t microseconds)
{
    struct timespec time = wait_to_timespec((uint64_t)microseconds * 1000);
    return nanosleep(&time, NULL);
}

INTERPOSED unsigned sleep(unsigned seconds)
{
    struct timespec time = {seconds, 0}, left = {0};
    return nanosleep(&time, &left) == 0 ? 0 : (unsigned)left.tv_sec + (left.tv_nsec >= 500000000L);
}

/* C11: -1 for a signal, otherwise negative (thrd_sleep). */
INTERPOSED int thrd_sleep(const struct timespec *time, struct timespec *left)
{
    int error = sleep_checked(time, left);
    return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

INTERPOSED int sched_yield(void)
{
    clock_pass(YIELD_NS, false, NULL);
    return REAL(sched_yield)();
}

INTERPOSED void thrd_yield(void)
{
    sched_yield();
}
