// SPDX-License-Identifier: Apache-2.0
// The way from the trampoline, which is 64-bit code, to 32-bit code and back (Intel SDM volume 3, 2.1.3: compatibility
// mode), in the arena's page of code.
#ifndef CODE32_H
#define CODE32_H

#include <stdbool.h>
#include <stdint.h>

// From then on all instructions are those of 32-bit code. To be called before all others.
void code32_use(void);
bool code32_is_used(void);

// Loads the segments for data, which 64-bit code has no need of.
void code32_init(void);

// Writes what leaves 32-bit code.
void code32_write_leave(uint8_t *code);

// Where the trampoline has to jump to, to run what is at `pc`.
const uint8_t *code32_way_to(uint64_t pc);

// FS and GS start there, by selectors, as 32-bit code needs them. Until code32_drop_segments nothing may touch thread
// storage, and then FS is nobody's.
void code32_set_segments(uint64_t fs, uint64_t gs);
void code32_drop_segments(void);
#endif
