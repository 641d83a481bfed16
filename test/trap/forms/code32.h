// SPDX-License-Identifier: Apache-2.0
// Forms as 32-bit code: what of the tables is such, and how a 64-bit program gets into it and back (Intel SDM
// volume 3, 2.1.3: compatibility mode). One page below 4 GiB holds the way in, the instruction and the way out.
#ifndef CODE32_H
#define CODE32_H

#include <stdbool.h>

#include "form.h"

// False if the kernel runs no such code. To be called once, before all others but code32_fits.
bool code32_init(void);

// Whether the form's bytes can be run as 32-bit code: those that were written for it, and others that have the same
// operands there.
bool code32_fits(const struct form *form);

// The code to run `form` on the operand at `address`, for trampoline_target; valid until the next call.
const uint8_t *code32_place(const struct form *form, uint64_t address);

// Where in that page the instruction ends, as an address of 32-bit code.
uint64_t code32_end(const struct form *form);

// Puts the start of GS there; 0: as it was before.
void code32_set_gs(uint64_t base);
#endif
