/* SPDX-License-Identifier: Apache-2.0
 *
 * Many elements of a repeated movs or stos in one message, between plain memory and a device: as bursts where the
 * device takes them, else as a string, whose elements are accesses of their own on the bus. Fault path.
 */
#ifndef TRAPLINE_STRING_BLOCK_H
#define TRAPLINE_STRING_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "trap.h"

/* Cut to the size of addresses. */
uint64_t string_narrow(const struct trap *trap, uint64_t value);
/* Linear addresses of the next element. */
uint64_t string_source(const struct trap *trap);
uint64_t string_destination(const struct trap *trap);

/* *moved: elements that went, with the registers as they are behind them; 0 if the next one has to go alone. False: the
 * element behind them raises trap->raised. */
bool string_block(struct trap *trap, unsigned *moved);

#endif
