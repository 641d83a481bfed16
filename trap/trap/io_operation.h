/* SPDX-License-Identifier: Apache-2.0
 *
 * in, out, ins and outs on I/O ports. Without privilege they raise a general protection fault (Intel SDM Vol. 1, 19.5),
 * which names neither port nor address, as many other instructions do. The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_IO_OPERATION_H
#define TRAPLINE_IO_OPERATION_H

#include "trap.h"

/* Whether one of them stands at `pc`, which may lead nowhere: told by its opcode alone. */
bool io_operation_is_at(uint64_t pc);

/* Whether the host was granted all ports that the instruction touches. */
bool io_operation_is_granted(const struct trap *trap);

/* False: the instruction raises trap->raised; elements of a repetition that are done have been committed. */
bool io_operation(struct trap *trap);

#endif
