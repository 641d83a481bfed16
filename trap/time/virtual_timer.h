/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers of simulated time. One expires when the host hears that its time has come: after an access, a sleep, a wait or
 * a look at a clock, or by the keeper (keeper.h) while all threads wait. Fault path: no libc state, and a table of
 * fixed size.
 */
#ifndef TRAPLINE_VIRTUAL_TIMER_H
#define TRAPLINE_VIRTUAL_TIMER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define VIRTUAL_TIMER_NONE (-1)
#define VIRTUAL_TIMER_NEVER UINT64_MAX

/* What an expiry does: one of these. */
struct virtual_timer_action {
    int signal; /* sent to the process; 0 if the timer only counts */
    union sigval value;
    int descriptor;               /* of an eventfd that is added to; -1 if there is none */
    int thread;                   /* which the signal is for; 0 for the process */
    void (*call)(void *argument); /* instead of a signal, if not NULL */
    void *argument;
};

/* Disarmed. VIRTUAL_TIMER_NONE if all are taken. */
int virtual_timer_make(struct virtual_timer_action action);
void virtual_timer_delete(int timer);
/* From now on an expiry calls that, instead of sending a signal. */
void virtual_timer_call(int timer, void (*call)(void *argument), void *argument);
/* The timer of that descriptor, or VIRTUAL_TIMER_NONE. */
int virtual_timer_of_descriptor(int descriptor);

/* Both in nanoseconds of simulated time; VIRTUAL_TIMER_NEVER disarms, interval 0 is for once. */
void virtual_timer_set(int timer, uint64_t deadline, uint64_t interval);
void virtual_timer_get(int timer, uint64_t *deadline, uint64_t *interval);

/* The first deadline of all. */
uint64_t virtual_timer_next(void);

/* Is told the first deadline of all whenever it changes. */
void virtual_timer_on_change(void (*tell)(uint64_t next));

/* Tells that it is `now`. True if a handler of the host ran for an expiry, so that a call which waits ends with
 * EINTR. */
bool virtual_timer_advance(uint64_t now);

#endif
