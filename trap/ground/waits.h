/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the program waits for each of its accesses, in real time: from the fault, or from the access before in the
 * same instruction, until it goes on. What the bridge sees of an access is less. The caller holds the bus lock, but for
 * waits_now. Fault path.
 */
#ifndef TRAPLINE_WAITS_H
#define TRAPLINE_WAITS_H

#include <stdint.h>
#include <time.h>

/* `read_clock` is the kernel's own function in the memory of this process; NULL: a system call is made. */
void waits_init(int (*read_clock)(clockid_t, struct timespec *));

uint64_t waits_now(void);

/* An instruction or a call that began then has got the bus. */
void waits_begin(uint64_t began);

/* The thread makes an access, or another one. */
void waits_access(void);

/* What was one message, since waits_access, were so many accesses. */
void waits_were(unsigned accesses);

/* The last one is done. */
void waits_end(void);

#endif
