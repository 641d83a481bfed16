/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of proto/trapline/v1/notice.proto on a connected socket. Safe in signal handlers.
 */
#ifndef TRAPLINE_NOTICE_H
#define TRAPLINE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/memory_poll.h"

/* All: false if the bridge is gone. */
bool notice_wait(int descriptor, uint64_t timeout_ns);
bool notice_wait_end(int descriptor);

/* Requests to the clock; each is answered once. */
bool notice_interrupt_control(int descriptor, uint32_t device, bool unmask);
bool notice_sleep(int descriptor, uint64_t duration_ns, bool until_interrupt, bool ends_otherwise);
bool notice_timers(int descriptor, uint64_t next_ps, uint64_t real_ns);
bool notice_timer_wait(int descriptor);
bool notice_look(int descriptor, const struct memory_poll *polled);

/* A ClockReply. */
struct notice_reply {
    uint64_t time_ps, passed_ps;
    bool interrupted;
};

/* Takes the answer, waiting for it whatever signals come. */
bool notice_answer(int descriptor, struct notice_reply *answer);

#endif
