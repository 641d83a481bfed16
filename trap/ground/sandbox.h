/* SPDX-License-Identifier: Apache-2.0
 *
 * Hosts that confine themselves (seccomp(2)) have allowed what they need, and not what we would like to ask the kernel:
 * from then on an access makes no calls but read, write and rt_sigreturn. Fault path.
 */
#ifndef TRAPLINE_SANDBOX_H
#define TRAPLINE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* The thread is about to confine itself; it is the one of the whole process that the kernel need not be asked about
 * later. */
void sandbox_before(void);
/* The thread has confined itself. */
void sandbox_after(void);

/* A fork is confined as its parent is, and is another thread. */
void sandbox_after_fork(void);

bool sandbox_is_on(void);

/* What gettid(2) gives. */
uint32_t sandbox_thread_id(void);

#endif
