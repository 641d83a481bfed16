/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing filters to the kernel.
 */
#ifndef TRAPLINE_NET_INSTALL_H
#define TRAPLINE_NET_INSTALL_H

#include <stdint.h>

#include "filter.h"

/* One thread at a time looks for what is to be in a filter, with its signals blocked: a handler may stop it until
 * another thread has mapped code. Gives what install_end takes. */
uint64_t install_begin(void);
void install_end(uint64_t before);

/* Filters are too large for the stacks of some threads. NULL if there is no memory. */
struct filter_program *install_room(void);
void install_room_back(struct filter_program *program);

/* A thread that has a filter of its own can't take ours; the calling one can. 0, or -errno. */
long install_everywhere(const struct filter_program *program);

#endif
