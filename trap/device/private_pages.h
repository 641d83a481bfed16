/* SPDX-License-Identifier: Apache-2.0
 *
 * Private mappings of devices (mmap(2), MAP_PRIVATE): loads go to the device until the first store to a page. For that
 * the kernel reads the whole page and puts the copy in its place, which is plain memory from then on (mm/memory.c,
 * do_wp_page). Fault path.
 */
#ifndef TRAPLINE_PRIVATE_PAGES_H
#define TRAPLINE_PRIVATE_PAGES_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "instruction/site.h"

/* Whether there has been a private mapping of a device in this process: without one nothing else here is of use. */
extern bool private_pages_are_any;

/* Before a private mapping is made. */
void private_pages_expect(void);

/* Copies that page, and takes it out of its window. The caller holds the bus lock and is on the agent's stack. False:
 * the device has refused a part of it, for which the store at `address` raises *raised. */
bool private_pages_copy(struct site *site, uint64_t address, siginfo_t *raised);

/* A fault where no window is: true if another thread has copied the page meanwhile, so that what faulted, which needs
 * `protection`, can be tried again. Without the bus lock. */
bool private_pages_are_open(uint64_t address, int protection);

#endif
