/* SPDX-License-Identifier: Apache-2.0
 *
 * Code that comes while the program runs, and may make system calls by instructions of its own: libraries, before
 * anything in them runs, and what is made at run time. Not on the fault path.
 */
#ifndef TRAPLINE_NET_LATE_H
#define TRAPLINE_NET_LATE_H

#include <stdbool.h>

#include "filter.h"

/* The program's own code, which the net knows already. At start-up. */
void late_know_program(struct filter_range code);

/* What the program makes at run time has no such instructions: an emulator's code comes back to it for each call. All
 * of it would be a large range, which a program that is executed later could come to lie in. At start-up. */
void late_trust_made_code(void);

/* What has been mapped there, with flags as of mmap(2); `file` is looked at for MAP_ANONYMOUS only if that is not set.
 * 0, or -errno, then some of it is not seen by the net. */
long late_mapped(struct filter_range code, int protection, int flags, int file, uint64_t offset);

/* Something was unmapped, or has another place. */
void late_forget(void);

/* What can be run from now on. */
long late_protected(struct filter_range code, int protection);

#endif
