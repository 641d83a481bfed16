/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers and scatters: one element for each lane of a vector register of indexes. Pure. Fault path.
 */
#ifndef TRAPLINE_DECODE_GATHER_H
#define TRAPLINE_DECODE_GATHER_H

#include "decode_mask.h"

/* Fills in how the elements of an instruction with a VSIB operand are accessed; its prefetches access nothing. False if
 * it is unknown. */
bool decode_gather(const struct zydis *zydis, struct decode *decode);

#endif
