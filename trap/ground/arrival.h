/* SPDX-License-Identifier: Apache-2.0
 *
 * What the second world of a process (README.md) is told of the program that it has come beside.
 */
#ifndef TRAPLINE_ARRIVAL_H
#define TRAPLINE_ARRIVAL_H

#include <stdint.h>

/* Names the agent's library, in the environment of a program that it has been brought into: where others have it in
 * LD_PRELOAD. */
#define ENTERED_VARIABLE "TRAPLINE_AGENT"

/* Of trapline-enter, in front of a program that is named as /proc/self/fd/N: the exec shall close N. */
#define ENTER_CLOSING "--closing"

/* Names the address of a `struct arrival`, as 0x…; only in the environment of the second world. */
#define ARRIVAL_VARIABLE "TRAPLINE_ARRIVAL"

/* A system call that there is not (the world of an i386 program has begun, and maps its memory below 4 GiB by itself).
 */
#define ARRIVED_CALL 0x7470

/* Where the kernel would have let the program begin, and with which stack. */
struct arrival {
    uint64_t pc, stack;
    uint64_t is_i386; /* of 32 bits, with addresses below 4 GiB */
};

#endif
