/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program has posted is carried out before anything else that it does is seen: it waits or sleeps, looks at
 * simulated time, forks, or gives way to another program. Safe in the host's signal handlers; the caller does not hold
 * the bus lock.
 */
#ifndef TRAPLINE_SETTLE_H
#define TRAPLINE_SETTLE_H

/* Waits until what was posted has ended; at once where nothing was. */
void settle_posted(void);

#endif
