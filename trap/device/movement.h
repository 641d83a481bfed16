/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes on their way between one window and host memory: cut into accesses of the device's register width, in ascending
 * order, narrower at unaligned ends; those of full width go many in one message where the device takes strings. The
 * caller holds the bus lock and is on the agent's stack. Fault path.
 */
#ifndef TRAPLINE_MOVEMENT_H
#define TRAPLINE_MOVEMENT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction/site.h"
#include "memory/window.h"

struct movement {
    struct site *site; /* makes the accesses */
    const struct window *window;
    bool is_store;
    uint64_t address; /* in the window */
    uint8_t *memory;
    size_t count;
    size_t moved;
    long failure;     /* why not all of it was moved: -EFAULT for the memory, -EIO for the bus … */
    siginfo_t raised; /* … which says this to an instruction */
};

void movement_run(struct movement *movement);

#endif
