/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages that stay closed. PROT_NONE keeps out the program itself, but not a debugger, /proc/PID/mem or the kernel's
 * dump of the process: those would find zeros, and lose what they write. So there is nothing behind these pages: they
 * lie in a file of no length, where every attempt fails (EIO).
 */
#ifndef TRAPLINE_CLOSED_PAGES_H
#define TRAPLINE_CLOSED_PAGES_H

#include <stddef.h>
#include <sys/types.h>

#define CLOSED_PAGES_NO_FILE (-1)

/* mmap(2) of such pages; of `flags` the way of placing and MAP_PRIVATE count. `descriptor` is open on an empty file,
 * which the mapping keeps open: with it live its locks. Without one they are of a file of nobody's. */
void *closed_pages_map(void *address, size_t length, int flags, int descriptor, off_t offset);

#endif
