/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions and masks of signals as 32-bit programs (i386) hand them to the kernel. -1 with errno.
 */
#ifndef TRAPLINE_CALLS32_SIGNALS32_H
#define TRAPLINE_CALLS32_SIGNALS32_H

#include <stdint.h>
#include <time.h>

/* rt_sigaction(2), and its elders, of which one has a mask of 32 signals and one has none. */
long signals32_action(int number, const void *action, void *before, long size);
long signals32_old_action(int number, const void *action, void *before);
long signals32_oldest_action(int number, uint32_t handler);

/* rt_sigtimedwait(2), with the limit apart. */
long signals32_wait(const long arguments[6], const struct timespec *limit);

long signals32_old_mask(int how, const uint32_t *set, uint32_t *before);

#endif
