/* SPDX-License-Identifier: Apache-2.0
 *
 * What an instruction of 32-bit code needs besides, to be run in 64-bit code. Pure; fault path.
 */
#ifndef TRAPLINE_DECODE_CODE32_H
#define TRAPLINE_DECODE_CODE32_H

#include <stdbool.h>

#include "decode_mask.h"

/* decode->code holds the instruction as reencode_instruction leaves it: writes it as 64-bit code has it. False if there
 * it would be another instruction, or one whose registers are others. */
bool decode_code32_adapt(const struct zydis *zydis, struct decode *decode);

#endif
