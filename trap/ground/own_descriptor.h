/* SPDX-License-Identifier: Apache-2.0
 *
 * Where descriptors of ours lie among the host's: out of the way of hosts that count theirs, that find one they have
 * closed in use again, and of select().
 */
#ifndef TRAPLINE_OWN_DESCRIPTOR_H
#define TRAPLINE_OWN_DESCRIPTOR_H

#include <fcntl.h>

#include "raw_syscall.h"

#define OWN_DESCRIPTORS 900

/* Moves one that has just been made; it stays if the host allows itself fewer. Its number, or the -errno that it was.
 */
static inline long own_descriptor(long made)
{
    long moved = made < 0 ? made : raw_syscall(SYS_fcntl, made, F_DUPFD_CLOEXEC, OWN_DESCRIPTORS);
    if (moved < 0)
        return made;
    raw_syscall(SYS_close, made);
    return moved;
}

#endif
