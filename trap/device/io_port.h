/* SPDX-License-Identifier: Apache-2.0
 *
 * The I/O ports of the machine, which in and out reach: one node, whose offsets are their numbers, of which devices
 * cover some; and which of them this process may use, as ioperm(2) and iopl(2) have it. None is the machine's own but
 * those of real devices (hardware_port.h). Linux grants ports to threads; here those of a process have them together.
 * Fault path.
 */
#ifndef TRAPLINE_IO_PORT_H
#define TRAPLINE_IO_PORT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction/site.h"

#define IO_PORT_COUNT 65536u

/* From now on ports are served, by the devices of that node; with NODE_NONE none are. Those of the machine
 * that the process was executed with are its no more. */
void io_port_serve(int node);
bool io_port_are_served(void);
int io_port_node(void);
bool io_port_is_node(int node);

/* ioperm(2): ports from `first` on; the caller sees to it that there are so many. */
void io_port_grant(unsigned first, unsigned count, bool is_granted);
/* iopl(2): 3 grants all, whatever else is said (kernel iopl_emul). */
void io_port_set_level(unsigned level);
unsigned io_port_level(void);
/* Costs nothing in a process that never asked for any. */
bool io_port_any_granted(void);
/* False also where they go beyond the last one. */
bool io_port_is_granted(unsigned port, unsigned width);

/* What has been granted, for a program that takes the place of this process: the level and ranges in hexadecimal,
 * `0 70-71 2e-2f`. False if it takes more than `size` bytes. */
bool io_port_describe_grants(char *text, size_t size);
void io_port_take_grants(const char *text);

/* `width` is 1, 2 or 4. What no device covers reads all ones and takes no writes, as on a bus where nobody answers,
 * which is said once for each port. What lies only partly in a real device ends the host. False: the instruction raises
 * *raised. */
bool io_port_access(struct site *site, bool is_store, unsigned port, unsigned width, uint8_t *bytes, siginfo_t *raised);

#endif
