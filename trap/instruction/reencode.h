/* SPDX-License-Identifier: Apache-2.0
 *
 * The same instruction with its memory operand at [rip + disp32] (Intel SDM Vol. 2, 2.2.1.6). No opcode is treated
 * apart: prefixes, opcode, register operands, masks and immediates stay as they are. Pure; fault path.
 */
#ifndef TRAPLINE_REENCODE_H
#define TRAPLINE_REENCODE_H

#include <Zydis/Zydis.h>

#include "decode.h"

/* Fills decode->code. False if the result would be longer than an instruction may be, or has no form with ModRM. */
bool reencode_instruction(const ZydisDecodedInstruction *instruction, struct decode *decode);

/* Fills decode->code with `opcode /reg` on the accumulator, e.g. the comparison inside scas. */
void reencode_accumulator(uint8_t opcode, unsigned width, struct decode *decode);

#endif
