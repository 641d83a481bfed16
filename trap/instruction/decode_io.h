/* SPDX-License-Identifier: Apache-2.0
 *
 * in, out, ins and outs: what they do with which I/O port. Pure; fault path.
 */
#ifndef TRAPLINE_DECODE_IO_H
#define TRAPLINE_DECODE_IO_H

#include "decode_mask.h"

/* False, and `decode` as it was, if it is none of them. */
bool decode_io(const struct zydis *zydis, struct decode *decode);

#endif
