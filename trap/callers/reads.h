/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of the host's that may not be there, as one walk reads it. ground/readable keeps what it found for a thread,
 * in memory that threads of a host beside the agent don't have; here it is kept for the walk. The caller holds the bus
 * lock. Fault path.
 */
#ifndef TRAPLINE_READS_H
#define TRAPLINE_READS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Another walk begins: what could be read before may be gone. */
void reads_begin(void);

/* False, and nothing is copied, if a part of it can't be read. */
bool reads_load(uint64_t address, void *bytes, size_t count);

bool reads_allow(uint64_t address, size_t count);

#endif
