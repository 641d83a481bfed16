/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in code instructions lie that make system calls. Pure.
 */
#ifndef TRAPLINE_NET_SITES_H
#define TRAPLINE_NET_SITES_H

#include "filter.h"

typedef void sites_visit(uint64_t address, void *argument);

/* Visits what the kernel gives as the place of each such call in `text`, which can be read: the address behind it. */
void sites_find(struct filter_range text, sites_visit *visit, void *argument);

#endif
