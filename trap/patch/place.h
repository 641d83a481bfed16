/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for code at addresses that jumps can reach. The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_PLACE_H
#define TRAPLINE_PLACE_H

#include <stdint.h>

/* Called once, by the process's first thread: where its stack is, nothing is put. */
void place_init(void);

/* Takes `size` bytes that begin at an address from `first` to `last`, as near to `near` as is to be had. They can be
 * read and run. 0 if there are none: nothing that is mapped is in the way of code, nor the heap nor the stack, which
 * grow. */
uint64_t place_take(uint64_t first, uint64_t last, uint64_t near, unsigned size);

/* Gives all of it back. Nobody runs there, and nothing jumps there. */
void place_give_back(void);

#endif
