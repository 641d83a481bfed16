// SPDX-License-Identifier: Apache-2.0
// Which bytes of its operand an instruction under an AVX-512 mask accesses. Owes nothing to the agent's own decoder.
#ifndef ENABLES_H
#define ENABLES_H

#include "form.h"

// Bit i: byte i of `operand`, if the opmask register holds `opmask`.
uint64_t enables_by_opmask(const struct decoded *decoded, const ZydisDecodedOperand *operand, uint64_t opmask);
#endif
