/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a call means to wait, and what simulated time does meanwhile.
 */
#ifndef TRAPLINE_INTERPOSE_WAIT_H
#define TRAPLINE_INTERPOSE_WAIT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/select.h>
#include <time.h>

#define WAIT_FOR_EVER UINT64_MAX

/* As much as the kernel reckons with (KTIME_MAX); added to what a clock says it still fits into 64 bits. */
#define WAIT_MOST ((uint64_t)INT64_MAX)

static inline uint64_t wait_from_timespec(const struct timespec *timeout)
{
    if (timeout == NULL)
        return WAIT_FOR_EVER;
    if ((uint64_t)timeout->tv_sec >= WAIT_MOST / 1000000000u)
        return WAIT_MOST;
    return (uint64_t)timeout->tv_sec * 1000000000u + (uint64_t)timeout->tv_nsec;
}

/* Clocks that virtual time replaces; those of CPU time stay what they are. */
static inline bool wait_is_wall_clock(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
    case CLOCK_TAI:
        return true;
    default:
        return false;
    }
}

/* The others count from the start of the run. */
static inline bool wait_shows_epoch(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM ||
           clock == CLOCK_TAI;
}

static inline struct timespec wait_to_timespec(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

static inline struct timespec wait_from_milliseconds(int timeout)
{
    return (struct timespec){timeout / 1000, timeout % 1000 * 1000000L};
}

static inline bool wait_is_valid(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

/* Whether a descriptor is one of those at which interrupts come. */
bool wait_is_for_device(int descriptor);
/* A UIO device (kernel uio_poll); the connection that stands for it would be, so nobody may wait for that. */
bool wait_is_never_writable(int descriptor);

/* A wait of the host, which a call of the kernel's carries out. */
struct wait {
    /* Waits for what the host waits for, for `timeout` (NULL: for ever); also for the clock's descriptor if there is
     * one, and then without the signals `deferred`. What the kernel's call returned, or WAIT_ANSWERED. */
    int (*attempt)(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred);
    bool watches;                                /* descriptors, so that an interrupt may end it */
    bool is_alone;                               /* nothing but a signal may end it early */
    bool (*has_others)(const struct wait *wait); /* whether something else than a device may end it; NULL: yes */
    uint64_t awaited;                            /* signals that end it though they are blocked */
    const sigset_t *mask;                        /* in the kernel's words; NULL: as it is */
    void *items;
    uint64_t count;
    int descriptor;
    fd_set *in, *out, *except;
};

/* A signal that comes so much later than a timer is due has been somebody else's. */
#define LATENESS_NS 1000000000u

#define WAIT_NO_CLOCK (-1)
/* The clock has answered, and nothing else has come. */
#define WAIT_ANSWERED (-2)

/* Carries it out for at most `left` nanoseconds, of simulated or of both times: what the kernel's call would have
 * returned. */
int wait_for(const struct wait *wait, uint64_t left);

/* The mask of the wait with the signals `deferred` as well; `room` is for it. */
const sigset_t *wait_mask(const struct wait *wait, uint64_t deferred, sigset_t *room);

/* Waits for nothing but the clock, a signal and the timeout. */
int wait_attempt_nothing(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred);

/* The time on the axis that waits are measured on, without letting any pass. */
uint64_t wait_now(void);

/* The same by the kernel's clock (CLOCK_MONOTONIC). */
uint64_t wait_real_now(void);

/* What is left until a deadline. On hardware the device also runs while the host reckons it; what that took is given
 * back within the slack that the kernel allows itself by real clocks. */
uint64_t wait_rest(uint64_t ns);

/* Whether the clock has answered. */
bool wait_is_answered(int clock);

#endif
