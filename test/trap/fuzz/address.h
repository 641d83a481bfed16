// SPDX-License-Identifier: Apache-2.0
// Makes the instruction of a trial reach its target: sets base registers, or writes the displacement.
#ifndef ADDRESS_H
#define ADDRESS_H

#include "trial.h"

// Value of the segment register's base that the operand is relative to.
uint64_t address_segment_base(const struct trial *trial);

// The same for the source of a string operation, [rsi].
uint64_t address_source_base(const struct trial *trial);

// Upper halves that a 32-bit address ignores.
uint64_t address_noise(struct trial *trial);

// `extra` is what the instruction adds to the address by itself; `pinned` is a register that must keep its value, or
// -1. False if this instruction can't reach the target.
bool address_solve(struct trial *trial, uint64_t extra, int pinned);

// The number of a general register, or -1.
int address_register(ZydisRegister reg);
#endif
