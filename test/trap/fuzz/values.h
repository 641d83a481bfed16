// SPDX-License-Identifier: Apache-2.0
// Where numbers come from: noise, ordinary numbers, and the special ones at which instructions behave differently.
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>

#include "random.h"
#include "state.h"

// Fills a memory operand, an element or a register: all in one style.
void values_fill(struct random *random, uint8_t *bytes, size_t count);

// A whole machine state: registers, flags, x87 in any condition, exceptions mostly masked.
void values_fill_state(struct machine_state *state, struct random *random);
#endif
