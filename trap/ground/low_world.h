/* SPDX-License-Identifier: Apache-2.0
 *
 * The second world (second_world.h) of a program of 32 bits: the same agent, of 64 bits, in a process whose addresses
 * end at 4 GiB. The kernel lets such a process run 64-bit code and make its system calls, but looks for room for
 * mappings beyond that end: libc's mmap, a private copy, is led to one that says where room is.
 */
#ifndef TRAPLINE_LOW_WORLD_H
#define TRAPLINE_LOW_WORLD_H

#include <stdbool.h>

extern bool low_world_is_there;

/* Once, at start-up, while there is one thread. False if libc's mmap can't be changed. */
bool low_world_begin(void);

#endif
