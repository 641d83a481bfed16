/* SPDX-License-Identifier: Apache-2.0
 *
 * I/O ports of the machine itself. The kernel lets a thread have them for one access of ours and no longer, so that
 * whatever in or out the host executes by itself goes on faulting (iopl(2); kernel arch/x86/kernel/ioport.c). That
 * takes CAP_SYS_RAWIO each time. The caller holds the bus lock, but for the check. Fault path.
 */
#ifndef TRAPLINE_HARDWARE_PORT_H
#define TRAPLINE_HARDWARE_PORT_H

#include "bus.h"
#include "device.h"

/* Whether this process may have ports of the machine; else it is ended. */
void hardware_port_check(const struct device *device);

/* This thread has all ports from here until the access, which is carried out by one in or out of 1, 2 or 4 bytes; the
 * piece says which and what, `offset` where in the device. */
void hardware_port_enter(const struct device *device);
void hardware_port_access(const struct device *device, uint64_t offset, const struct bus_piece *piece);

#endif
