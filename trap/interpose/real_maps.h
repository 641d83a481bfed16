/* SPDX-License-Identifier: Apache-2.0
 *
 * Mappings of real devices: opened where the host maps one, and told to the bridge, as is that the host unmaps them.
 */
#ifndef TRAPLINE_REAL_MAPS_H
#define TRAPLINE_REAL_MAPS_H

#include <stdint.h>

#include "memory/window.h"

/* Maps, for ourselves, the real devices of which [offset, end) of the node has some. */
void real_maps_open(int node, uint64_t offset, uint64_t end);
/* The host has this window now. */
void real_maps_note(const struct window *window);
/* The host unmaps or overmaps [start, end), and its windows there are still known. */
void real_maps_forget(uint64_t start, uint64_t end);

#endif
