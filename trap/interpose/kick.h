/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends a wait of libc's that knows nothing but its deadline. It begins with one that never comes; when the clock has
 * answered, a signal to its thread puts the true one in its place, which libc then looks at anew. So the wait is one
 * and the same all the time, and nothing that wakes it is lost.
 */
#ifndef TRAPLINE_KICK_H
#define TRAPLINE_KICK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "trap/signals.h"

struct kick {
    int request;                   /* of clock_begin */
    struct timespec deadline;      /* what the wait is given */
    struct timespec true_deadline; /* what it becomes */
    bool has_come;
    uint64_t signals; /* the mask of before */
};

/* `kick` stays where it is until kick_end. False if there is no room. */
bool kick_begin(struct kick *kick, signals_sigaction *libc_sigaction);
void kick_end(struct kick *kick);

#endif
