/* SPDX-License-Identifier: Apache-2.0
 *
 * Which bytes of a vector operand an instruction accesses, by its mask. Pure; fault path.
 */
#ifndef TRAPLINE_DECODE_MASK_H
#define TRAPLINE_DECODE_MASK_H

#include <Zydis/Zydis.h>

#include "decode.h"

/* An instruction as Zydis has it. */
struct zydis {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Fills decode->mask and what goes with it; decode->width and decode->writes are known already. */
void decode_mask_note(const struct zydis *zydis, const ZydisDecodedOperand *memory, struct decode *decode);

#endif
