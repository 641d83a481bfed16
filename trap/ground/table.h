/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for tables that not every process comes to need. Fault path.
 */
#ifndef TRAPLINE_TABLE_H
#define TRAPLINE_TABLE_H

#include <stddef.h>
#include <sys/mman.h>

#include "raw_syscall.h"

/* All 0, for as long as the process lives; a forked child has its own. NULL: there is no memory. */
static inline void *table_make(size_t bytes)
{
    long made = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return made < 0 ? NULL : (void *)made;
}

#endif
