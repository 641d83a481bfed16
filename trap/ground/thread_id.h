/* SPDX-License-Identifier: Apache-2.0
 *
 * Which thread this is, without asking the kernel each time. Fault path.
 */
#ifndef TRAPLINE_THREAD_ID_H
#define TRAPLINE_THREAD_ID_H

#include <stdint.h>

/* In a thread that libc has made, outside the fault path. Until then the kernel is asked. */
void thread_id_init(void);

/* In a forked child: its thread has the block of another one. */
void thread_id_forget(void);

/* Makes the number of a thread that libc believes to have the block `base`. */
void thread_id_put(uint64_t base, uint32_t id);

/* What gettid(2) gives. The caller holds the bus lock. */
uint32_t thread_id(void);

#endif
