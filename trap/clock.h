/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated time as the bridge keeps it: a sleeping host moves the model on, and an unmasked interrupt may come. One connection per request, so that threads and
 * forked children need nothing of each other. Safe in the host's signal handlers.
 */
#ifndef TRAPLINE_CLOCK_H
#define TRAPLINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "memory_poll.h"

/* `socket_path` is empty if the bridge keeps no clock for us. `epoch_ns` is the real time at simulated time 0. */
void clock_init(const char *socket_path, bool is_virtual, uint64_t epoch_ns);

/* Whether the host's clocks show simulated time. */
bool clock_is_virtual(void);
uint64_t clock_epoch_ns(void);

/* How a request for time to pass ended. */
enum clock_result {
    CLOCK_PASSED,       /* all of it has passed */
    CLOCK_INTERRUPTED,  /* until_interrupt, and one came */
    CLOCK_SIGNALLED,    /* a signal handler of the host ran */
    CLOCK_NONE,         /* the bridge keeps no clock */
};

/* Masks or unmasks the interrupt of a UIO device. False if the bridge is gone. */
bool clock_control_interrupt(uint32_t device, bool unmask);

/* Lets `duration_ns` of simulated time pass; 0 only asks. *now_ns is the simulated time then, if not NULL. */
enum clock_result clock_pass(uint64_t duration_ns, bool until_interrupt, uint64_t *now_ns);

/* A host polls memory: lets time pass until the RTL writes there, or for polled->cycles. True if it ended early. */
bool clock_look(const struct memory_poll *polled);

#endif
