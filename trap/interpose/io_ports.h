/* SPDX-License-Identifier: Apache-2.0
 *
 * I/O ports that programs ask for (io_ports.c).
 */
#ifndef TRAPLINE_INTERPOSE_IO_PORTS_H
#define TRAPLINE_INTERPOSE_IO_PORTS_H

/* At start-up: what the program before this one was granted (execve(2) keeps it). */
void io_ports_inherit(void);

#endif
