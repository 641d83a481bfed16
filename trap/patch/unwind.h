/* SPDX-License-Identifier: Apache-2.0
 *
 * What unwinders are told of a trampoline, as the linker tells it of a file (Linux Standard Base Core, 10.6: an
 * .eh_frame_hdr without a table of its own, and the .eh_frame that it leads to): the host is at its instruction, or,
 * when that is done, behind it. Pure; fault path.
 */
#ifndef TRAPLINE_UNWIND_H
#define TRAPLINE_UNWIND_H

#include "patch.h"

typedef uint8_t unwind_table[256];

/* Of a trampoline that has been composed, for an instruction of `length` bytes. The header comes first. */
void unwind_compose(const struct patch *patch, unsigned length, unwind_table table);

#endif
