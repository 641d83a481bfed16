// SPDX-License-Identifier: Apache-2.0
// Six pages in a row that are memory when an instruction runs natively, and three of them windows when it is trapped;
// and a page of code. All below 2 GiB, so that every way of addressing reaches them, at the same addresses in both
// runs.
#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stdint.h>

// memory, window of device 1, memory, windows of devices 2 and 3, memory
#define ARENA_PAGE 4096u
#define ARENA_PAGES 6u
#define ARENA_SIZE (ARENA_PAGES * ARENA_PAGE)
#define ARENA_START UINT64_C(0x30000000)
#define ARENA_END (ARENA_START + ARENA_SIZE)

// Where the instruction stands, somewhere in the first half of the page, and where calls and jumps land.
#define ARENA_CODE UINT64_C(0x30100000)
#define ARENA_LANDING (ARENA_CODE + 0xf00)

void arena_init(void);

// Memory of its own for a process that was forked; what the parent had there is no longer shared.
void arena_renew(void);

// The arena by its other mapping, always readable and writable; never seen by the instruction.
uint8_t *arena_alias(void);

// Pages of zeroes that FS may point into, one of them low: libraries with stack protection read their canary there.
#define ARENA_LOW_THREAD UINT64_C(0x10000000)
#define ARENA_HIGH_THREAD UINT64_C(0x5a0000000000)

// The device whose window holds `address`, from 1; 0 if that is memory.
unsigned arena_device(uint64_t address);

// Puts an instruction at `pc`, and behind it the way back.
void arena_write_code(uint64_t pc, const uint8_t *bytes, unsigned length);
#endif
