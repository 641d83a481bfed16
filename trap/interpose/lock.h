/* SPDX-License-Identifier: Apache-2.0
 *
 * A wait of libc's that ends at a deadline and at nothing of ours.
 */
#ifndef TRAPLINE_INTERPOSE_LOCK_H
#define TRAPLINE_INTERPOSE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct lock_attempt {
    /* Until `deadline` of CLOCK_REALTIME, which is looked at anew after each signal; an error number. */
    int (*wait)(const struct lock_attempt *attempt, const struct timespec *deadline);
    bool keeps_state;      /* an attempt that times out misses nothing */
    bool is_interruptible; /* a handler of the host ends it, and it keeps its state */
    void *first, *second;
    long number;
};

/* For that long, of simulated or of both times. An error number. */
int lock_wait_for(uint64_t left, const struct lock_attempt *attempt);
int lock_wait_until(clockid_t clock, const struct timespec *deadline, const struct lock_attempt *attempt);

#endif
