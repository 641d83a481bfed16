/* SPDX-License-Identifier: Apache-2.0
 *
 * Real devices: each is mapped a second time, where nobody but us looks, and every access of the host is carried out
 * there, as wide as the host made it and once, or on the machine's own I/O port; then the bridge is told (lane/ring.h).
 * The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_HARDWARE_H
#define TRAPLINE_HARDWARE_H

#include <signal.h>
#include <stdbool.h>

#include "bus.h"
#include "device.h"
#include "lane/ring.h"

/* Maps the device now, with the rights that the process has: it may give them up before its first access. A device that
 * can't be mapped ends the host; so do I/O ports that the kernel would not let it have. */
void hardware_map(const struct device *device);

/* `about` says who makes the access and where in the device. False: it raised *raised. */
bool hardware_access(const struct device *device, const struct bus_piece *piece, struct ring_record *about,
                     siginfo_t *raised);

/* A mapping of the host's: where in its memory, where in the device, how many bytes. */
struct hardware_mapping {
    uint64_t address, offset, length;
};

/* The bridge is told that the host has mapped a real device, or unmaps [start, end). */
void hardware_note_mapped(const struct device *device, const struct hardware_mapping *mapping);
void hardware_note_unmapped(uint64_t start, uint64_t end);

/* Four bytes that were read from a UIO device, or written to it, by a call at `pc`. */
struct hardware_interrupt {
    bool is_written;
    uint32_t value;
    uint64_t pc;
};
void hardware_note_interrupt(const struct device *device, const struct hardware_interrupt *interrupt);

#endif
