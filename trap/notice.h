/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of proto/trapline/v1/notice.proto on a connected socket. Safe in signal handlers.
 */
#ifndef TRAPLINE_NOTICE_H
#define TRAPLINE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "memory_poll.h"

/* All: false if the bridge is gone. */
bool notice_wait(int descriptor, uint64_t timeout_ns);
bool notice_wait_end(int descriptor);

/* Masks or unmasks the interrupt of a UIO device; returns when the bridge has done so. */
bool notice_interrupt_control(int descriptor, uint32_t device, bool unmask);

/* Sends a Sleep and waits for its ClockReply. 0, -EINTR if a signal handler of the host ran, or -EIO. */
int notice_sleep(int descriptor, uint64_t duration_ns, bool until_interrupt, uint64_t *time_ps, bool *interrupted);

/* Sends a Look and waits for its ClockReply, whatever signals come. 0, or -EIO. */
int notice_look(int descriptor, const struct memory_poll *polled, uint64_t *time_ps, bool *interrupted);

#endif
