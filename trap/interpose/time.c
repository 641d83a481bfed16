/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's clocks. Real by default. With virtual time they all show simulated time: a driver's 10 ms are 10 ms of the
 * device, however long the simulation takes. Looking at the clock lets a little of it pass, so that loops on it end.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "ground/real.h"
#include "memory/memory_poll.h"
#include "time/clock.h"
#include "wait.h"

/* False if the clock is real. */
static bool virtual_now(clockid_t clock, uint64_t *ns)
{
    if (!clock_is_virtual() || !wait_is_wall_clock(clock) || !clock_pass(CLOCK_LOOK_NS, ns))
        return false;
    *ns += wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
    return true;
}

INTERPOSED int clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t ns;
    memory_poll_note_call();
    if (!virtual_now(clock, &ns))
        return REAL(clock_gettime)(clock, now);
    *now = wait_to_timespec(ns);
    return 0;
}

INTERPOSED int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

INTERPOSED int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    uint64_t ns;
    memory_poll_note_call();
    if (now == NULL || !virtual_now(CLOCK_REALTIME, &ns))
        return REAL(gettimeofday)(now, zone);
    *now = (struct timeval){(time_t)(ns / 1000000000u), (suseconds_t)(ns % 1000000000u / 1000)};
    return 0;
}

INTERPOSED time_t time(time_t *seconds)
{
    uint64_t ns;
    memory_poll_note_call();
    if (!virtual_now(CLOCK_REALTIME, &ns))
        return REAL(time)(seconds);
    time_t now = (time_t)(ns / 1000000000u);
    if (seconds != NULL)
        *seconds = now;
    return now;
}
