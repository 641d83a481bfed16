/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers by real clocks, and when they expire for the device: it has had as much time by then as the host asked for.
 * The kernel sends their signals; here is only what waits and the bridge have to know. Safe in the host's signal
 * handlers.
 */
#ifndef TRAPLINE_REAL_TIMER_H
#define TRAPLINE_REAL_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define REAL_TIMER_NEVER UINT64_MAX

/* The call that made a timer. Handles of different calls may be equal. */
enum real_timer_kind { REAL_TIMER_PROCESS, REAL_TIMER_POSIX, REAL_TIMER_DESCRIPTOR };

struct real_timer_name {
    enum real_timer_kind kind;
    uint64_t handle;
};

/* What its expiry does: a signal, to the process or to a thread; 0 if nothing that ends a wait. It follows that
 * clock. */
void real_timer_note(struct real_timer_name name, int signal, int thread, clockid_t clock);
/* That clock. */
clockid_t real_timer_clock(struct real_timer_name name);
/* The timer is about to be armed: to expire after `value`, then every `interval` (0: once); `value` 0 disarms.
 * Returns the simulated time. Asks the bridge, so the kernel is asked afterwards: a signal must not come before its
 * program waits for it. */
uint64_t real_timer_prepare(struct real_timer_name name, uint64_t value, uint64_t interval);
/* The kernel has armed it just now. */
void real_timer_arm(struct real_timer_name name, uint64_t value, uint64_t interval, uint64_t simulated);
void real_timer_forget(struct real_timer_name name);

/* What comes next of those that may end a wait of this thread, in nanoseconds from now; REAL_TIMER_NEVER if nothing. */
struct real_timer_outlook {
    uint64_t simulated; /* as long as the device has to run before */
    uint64_t real;      /* when the kernel expires it */
    uint64_t signals;   /* what the kernel sends by any of them, as a mask */
    uint64_t due;       /* those that come next for the device */
};

/* `blocked` is the mask of the wait; `awaited` has signals that end it though they are blocked. */
struct real_timer_outlook real_timer_outlook(uint64_t blocked, uint64_t awaited);

/* Those that the kernel has sent by timers since then (CLOCK_MONOTONIC), and that may have ended a wait of this thread.
 */
uint64_t real_timer_came(uint64_t since);

/* Blocks the signals of all that may expire. False if there are none; else *before is the mask of before. */
bool real_timer_hold(uint64_t *before);
void real_timer_release(uint64_t before);

/* Whether the descriptor is a timer which the device has not had the time of. */
bool real_timer_is_early(int descriptor);
/* Whether any timer may expire. */
bool real_timer_any(void);

#endif
