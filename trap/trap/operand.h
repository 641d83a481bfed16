/* SPDX-License-Identifier: Apache-2.0
 *
 * A memory operand of a trapped instruction: the part that lies in windows goes to the bus, the rest is host memory,
 * in ascending order of addresses. The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_OPERAND_H
#define TRAPLINE_OPERAND_H

#include <stdbool.h>
#include <stdint.h>

#include "trap.h"

/* The mask of all bytes of an operand of up to 64; wider operands are always accessed whole. */
#define OPERAND_ALL (~(uint64_t)0)

/* Linear address of the operand that the site's decode describes; without the index in gathers. */
uint64_t operand_address(const struct trap *trap);
/* The same, moved by what the instruction itself adds before the address is cut to its size. */
uint64_t operand_address_at(const struct trap *trap, uint64_t distance);

/* That of an offset in the operand's segment, which is cut to the size of addresses first. */
uint64_t operand_linear(const struct trap *trap, uint64_t offset);

/* Which bytes of an operand of decode->width the instruction accesses, by its masks. */
uint64_t operand_enables(const struct trap *trap);

/* Before an instruction that stores that operand is begun: pages of private mappings become the host's own, and then
 * trap->again is set. False: it raises trap->raised. */
bool operand_make_own(struct trap *trap, uint64_t address, unsigned width, uint64_t enables);

/* Bytes not enabled are left alone. The second keeps other processes off the bus until the next store.
 * False: the instruction raises trap->raised. */
bool operand_load(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, uint8_t *bytes);
bool operand_load_and_hold(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, uint8_t *bytes);
bool operand_store(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, const uint8_t *bytes);

#endif
