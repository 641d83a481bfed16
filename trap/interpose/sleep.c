/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that sleeps moves the model on by the time it asked for. Clocks are real by default, so real time passes as
 * well; with virtual time only the device's does.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "by_number.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "time/clock.h"
#include "wait.h"

/* What a host that only yields, or looks at the clock, gets on with. */
#define YIELD_NS 1000u

static uint64_t host_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return wait_from_timespec(&now);
}

/* 0, or EINTR with what is left of the time. */
static int sleep_for(uint64_t ns, struct timespec *left)
{
    const struct wait wait = {.attempt = wait_attempt_nothing, .is_alone = true};
    uint64_t begin = left != NULL ? wait_now() : 0;
    if (ns == 0 || wait_for(&wait, ns) == 0)
        return 0;
    uint64_t passed = left != NULL ? wait_now() - begin : 0;
    if (left != NULL)
        *left = wait_to_timespec(passed < ns ? ns - passed : 0);
    return EINTR;
}

static int sleep_checked(const struct timespec *time, struct timespec *left)
{
    return wait_is_valid(time) ? sleep_for(wait_from_timespec(time), left) : EINVAL;
}

/* Clocks that only some may sleep by, or nobody. */
static int ask_kernel(clockid_t clock)
{
    const struct timespec none = {0};
    bool is_usual = clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
                    clock == CLOCK_TAI;
    return is_usual ? 0 : REAL(clock_nanosleep)(clock, 0, &none, NULL);
}

INTERPOSED int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    const long given[6] = {clock, flags, (long)time, (long)left};
    if (pointed_is_any(given))
        return by_number((uint64_t)__builtin_return_address(0), SYS_clock_nanosleep, given) == 0 ? 0 : errno;
    int refusal = ask_kernel(clock);
    if (refusal != 0)
        return refusal;
    if (!wait_is_wall_clock(clock) || !readable(time, sizeof *time))
        return REAL(clock_nanosleep)(clock, flags, time, left);
    if (!(flags & TIMER_ABSTIME) || !wait_is_valid(time))
        return sleep_checked(time, left);
    uint64_t now = host_now(clock), until = wait_from_timespec(time);
    return until <= now ? 0 : sleep_for(wait_rest(until - now), NULL);
}

INTERPOSED int nanosleep(const struct timespec *time, struct timespec *left)
{
    BY_NUMBER_IF_POINTED(SYS_nanosleep, (long)time, (long)left);
    if (!readable(time, sizeof *time))
        return REAL(nanosleep)(time, left);
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
    clock_pass(YIELD_NS, NULL);
    return REAL(sched_yield)();
}

INTERPOSED void thrd_yield(void)
{
    sched_yield();
}
