/* SPDX-License-Identifier: Apache-2.0
 *
 * What a timer calls in a thread (SIGEV_THREAD). libc starts that one with all signals blocked, in the kernel those too
 * that accesses need.
 */
#ifndef TRAPLINE_INTERPOSE_TIMER_THREAD_H
#define TRAPLINE_INTERPOSE_TIMER_THREAD_H

#include <signal.h>

/* What libc is to be given for `event`: `room`, or itself. */
struct sigevent *timer_thread_event(struct sigevent *event, struct sigevent *room);

#endif
