/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions that move a vector or opmask register, or a part of one, to or from memory and do nothing else: on the
 * thread's own registers they can run anywhere. Pure; fault path.
 */
#ifndef TRAPLINE_DECODE_VECTOR_H
#define TRAPLINE_DECODE_VECTOR_H

#include "decode.h"
#include "decode_mask.h"

/* Sets `moves_vector` and `alignment`, once `width` is known. */
void decode_vector_note(const struct zydis *zydis, struct decode *decode);

#endif
