/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated time as the bridge keeps it: a sleeping host moves the model on, and an unmasked interrupt may come. One
 * connection per request, so that threads and forked children need nothing of each other. Safe in the host's signal
 * handlers.
 */
#ifndef TRAPLINE_CLOCK_H
#define TRAPLINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/memory_poll.h"

/* What a look at a clock takes with virtual time. */
#define CLOCK_LOOK_NS 1000u

/* `socket_path` is empty if the bridge keeps no clock for us. `epoch_ns` is the real time at simulated time 0. */
void clock_init(const char *socket_path, bool is_virtual, uint64_t epoch_ns);

/* Whether the host's clocks show simulated time. */
bool clock_is_virtual(void);
uint64_t clock_epoch_ns(void);

/* Masks or unmasks the interrupt of a UIO device. False if the bridge is gone. */
bool clock_control_interrupt(uint32_t device, bool unmask);

/* Lets `duration_ns` of simulated time pass; 0 only asks. *now_ns is the simulated time then, if not NULL. Signals
 * don't end it, so that it is for short times only. False if the bridge keeps no clock. */
bool clock_pass(uint64_t duration_ns, uint64_t *now_ns);

/* How a request for time to pass was answered. */
struct clock_answer {
    uint64_t now_ns, passed_ns;
    bool is_signalled; /* a timer of the host expired, and its handler has run */
};

/* What may end a wait before its time: an interrupt, or something else that the thread waits for as well. */
enum { CLOCK_UNTIL_INTERRUPT = 1, CLOCK_ENDS_OTHERWISE = 2 };

/* Lets time pass in the background: returns a descriptor that can be read once it has, or earlier if one of `ends` has
 * come. -errno if the bridge keeps no clock. */
int clock_begin(uint64_t duration_ns, unsigned ends);
/* Waits for the answer and closes the descriptor. */
bool clock_end(int request, struct clock_answer *answer);
void clock_cancel(int request);

/* Tells the bridge how long timers by real clocks may still expire; 0 if none can, UINT64_MAX for ever. Returns the
 * simulated time. */
uint64_t clock_tell_real_timers(uint64_t left_ns);
/* Waits until the first virtual timer is due. False if the bridge is gone. */
bool clock_wait_for_timer(uint64_t *now_ns);

/* A host polls memory: lets time pass until the RTL writes there, or for polled->cycles. True if it ended early. */
bool clock_look(const struct memory_poll *polled);

#endif
