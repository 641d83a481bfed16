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

static inline struct timespec wait_to_timespec(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

#endif
