/* SPDX-License-Identifier: Apache-2.0
 *
 * The interrupted thread's registers, as the kernel saved them in the signal frame.
 * The only file that knows ucontext_t and the XSAVE layout (Intel SDM Vol. 1, 13.4). Fault path.
 */
#ifndef TRAPLINE_REGISTERS_H
#define TRAPLINE_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "decode.h"

/* General-purpose registers by their number in instruction encodings (Intel SDM Vol. 2, Table 2-2). */
enum registers_number {
    REGISTER_RAX,
    REGISTER_RCX,
    REGISTER_RDX,
    REGISTER_RBX,
    REGISTER_RSP,
    REGISTER_RBP,
    REGISTER_RSI,
    REGISTER_RDI,
    REGISTER_R8,
    REGISTER_R15 = 15,
    REGISTER_COUNT = 16
};

enum registers_segment { SEGMENT_NONE, SEGMENT_FS, SEGMENT_GS };

#define RFLAGS_CF (1u << 0)
#define RFLAGS_ZF (1u << 6)
#define RFLAGS_TF (1u << 8)
#define RFLAGS_DF (1u << 10)
#define RFLAGS_AC (1u << 18)

/* Finds out once, outside the fault path, where the CPU keeps which component. */
void registers_init(void);

uint64_t registers_get(const ucontext_t *context, unsigned number);
void registers_set(ucontext_t *context, unsigned number, uint64_t value);
void registers_load(const ucontext_t *context, uint64_t general[REGISTER_COUNT]);
void registers_store(ucontext_t *context, const uint64_t general[REGISTER_COUNT]);

uint64_t registers_pc(const ucontext_t *context);
/* Which code the thread was in: by its code segment. DECODE_CODE32 with segments that do not begin at 0 is no such. */
bool registers_mode(const ucontext_t *context, enum decode_mode *mode);
/* Whether a page fault was of a store (Intel SDM Vol. 3, 4.7, bit W/R of the error code). */
bool registers_is_store(const ucontext_t *context);
/* Whether it was of an instruction that should have run there (bit I/D). */
bool registers_is_fetch(const ucontext_t *context);
void registers_set_pc(ucontext_t *context, uint64_t pc);
uint64_t registers_flags(const ucontext_t *context);
void registers_set_flags(ucontext_t *context, uint64_t flags);

/* The most that the kernel saves for a signal. */
uint64_t registers_frame_bytes(void);

/* 0, or the size of the alternate stack that the host is on, if the signal frame, or `lowest` below it, lies beyond its
 * end. The kernel looks at that only for the first frame on such a stack (sigaltstack(2)). */
uint64_t registers_overrun_stack(const ucontext_t *context, const void *lowest);

/* Linear address of the segment's start; 0 for SEGMENT_NONE. */
uint64_t registers_segment_base(enum registers_segment segment);

/* The frame's XSAVE image (standard format) and in *components the XCR0 bits that an instruction can need of it.
 * NULL with *components = 0 if the kernel saved only the FXSAVE part. */
void *registers_xsave(const ucontext_t *context, uint64_t *components);

/* Those of the thread itself where there is no context: nothing but the host has changed them.
 * Vector register `number` (0 to 31), 64 bytes, lowest first; parts that the CPU lacks or that are in their initial
 * state are 0. */
void registers_vector(const ucontext_t *context, unsigned number, uint8_t bytes[64]);
/* Writes the lowest `width` bytes (16, 32 or 64) and clears the rest, as every VEX and EVEX instruction does. */
void registers_set_vector(ucontext_t *context, unsigned number, const uint8_t bytes[64], unsigned width);
uint64_t registers_opmask(const ucontext_t *context, unsigned number);
void registers_set_opmask(ucontext_t *context, unsigned number, uint64_t value);
/* MMX register `number` (0 to 7). */
uint64_t registers_mmx(const ucontext_t *context, unsigned number);

/* Copies what an instruction that raises a signal may have changed, MXCSR and the x87, to another frame's XSAVE
 * image. */
void registers_keep_control(const ucontext_t *context, void *xsave);

/* Puts the x87 instruction and data pointers, and the last opcode, right after an instruction ran from another
 * place. */
struct registers_x87_pointers {
    uint64_t code_start, code_end, data_start, data_end; /* where the instruction did run */
};
void registers_patch_x87_pointers(ucontext_t *context, const struct registers_x87_pointers *ours, uint8_t modrm,
                                  uint64_t pc, uint64_t offset);

/* Whether an unmasked x87 exception is pending that kept its instruction from storing: any but inexact result. */
bool registers_x87_kept_result(const ucontext_t *context);

#endif
