/* SPDX-License-Identifier: Apache-2.0
 *
 * With virtual time, a thread that waits for the first timer of the process while its threads wait for other things: a
 * signal ends any call of theirs as the kernel does it. It shares nothing with libc, which does not know of it.
 */
#ifndef TRAPLINE_TIMER_KEEPER_H
#define TRAPLINE_TIMER_KEEPER_H

/* Once per process; a forked child needs its own. */
void timer_keeper_start(void);

#endif
