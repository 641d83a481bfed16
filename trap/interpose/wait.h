/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a call means to wait, and what simulated time does meanwhile.
 */
#ifndef TRAPLINE_INTERPOSE_WAIT_H
#define TRAPLINE_INTERPOSE_WAIT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WAIT_FOR_EVER UINT64_MAX

static inline uint64_t wait_from_timespec(const struct timespec *timeout)
{
    return timeout == NULL ? WAIT_FOR_EVER : (uint64_t)timeout->tv_sec * 1000000000u + (uint64_t)timeout->tv_nsec;
}

/* Clocks that virtual time replaces; those of CPU time stay what they are. */
static inline bool wait_is_wall_clock(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE: case CLOCK_BOOTTIME: case CLOCK_REALTIME_ALARM: case CLOCK_BOOTTIME_ALARM: case CLOCK_TAI:
        return true;
    default:
        return false;
    }
}

/* The others count from the start of the run. */
static inline bool wait_shows_epoch(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

static inline struct timespec wait_to_timespec(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

#endif
