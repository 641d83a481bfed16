/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing filters to the kernel.
 */
#ifndef TRAPLINE_NET_INSTALL_H
#define TRAPLINE_NET_INSTALL_H

#include "filter.h"

/* Filters are too large for the stacks of some threads. NULL if there is no memory. */
struct filter_program *install_room(void);
void install_room_back(struct filter_program *program);

/* A thread that has a filter of its own can't take ours; the calling one can. 0, or -errno. */
long install_everywhere(const struct filter_program *program);

#endif
