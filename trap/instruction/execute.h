/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs single instructions, and copies host memory, on behalf of the interrupted thread, with a way back when they
 * fault. One frame serves the whole process: the caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_EXECUTE_H
#define TRAPLINE_EXECUTE_H

/* Offsets in struct execute_frame, for execute_entry.S. */
#define EXECUTE_GENERAL 0
#define EXECUTE_FLAGS 128
#define EXECUTE_CODE 136
#define EXECUTE_XSAVE 144
#define EXECUTE_COMPONENTS 152
#define EXECUTE_RUN_RSP 160
#define EXECUTE_OWN_RSP 168
#define EXECUTE_STACK 176

/* One stack is enough: whoever uses it holds the bus lock. */
#define EXECUTE_OWN_STACK_SIZE (64 * 1024)

#ifndef __ASSEMBLER__
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "decode.h"

struct execute_frame {
    uint64_t general[16]; /* in and out; RSP only if the instruction names it */
    uint64_t flags;       /* in and out */
    const void *code;
    void *xsave; /* image to load before and save after, or NULL */
    uint64_t components;
    uint64_t run_rsp; /* RSP while the instruction runs */
    uint64_t own_rsp;
    uint64_t stack; /* where a nested signal may build its frame: the stack of the interrupted handler */
};

extern struct execute_frame execute_frame;

/* Size of the buffer that stands for the device while an instruction runs; 64-byte aligned. */
#define EXECUTE_SCRATCH_SIZE 512

/* Maps the code area and the scratch buffer. False with errno set if that fails. Not on the fault path. */
bool execute_init(void);

uint8_t *execute_scratch(void);

/* Makes slot `slot` hold decode->code, aimed at the scratch buffer. */
#define EXECUTE_SLOTS 2048
void execute_install(unsigned slot, const struct decode *decode);

/* Runs slot `slot` with the registers in `general` and *flags, which receive the result, and the context's vector state
 * if `decode` uses it; without a context that of the thread. False if the instruction raised a signal:
 * execute_exception() tells which. */
bool execute_run(unsigned slot, const struct decode *decode, ucontext_t *context, uint64_t general[16],
                 uint64_t *flags);

/* Copies between host memory and agent memory. False on a fault. */
bool execute_copy(void *to, const void *from, size_t count);

/* The same of 1, 2, 4, 8, 16, 32 or 64 bytes by one load and one store, each as wide as that; from 16 bytes on a vector
 * register is lost. */
bool execute_move(void *to, const void *from, size_t width);

/* Whether a store to host memory would not fault, found out by one that leaves the byte as it is: for who must not read
 * a device for memory that turns out not to take it, and is about to overwrite the byte. */
bool execute_can_store(void *address);

/* What the last failed run or copy raised. */
const siginfo_t *execute_exception(void);

/* Called first by every handler of a synchronous signal: if the fault is one of ours, sends the thread on its way
 * back. */
bool execute_recover(const siginfo_t *info, ucontext_t *context);

/* Calls function(argument) on a stack of the agent's own: the host's may be too small, and what may fault needs the
 * rest of it for the signal's frame. Runs and copies happen inside of such a call only. */
void execute_on_stack(void (*function)(void *), void *argument);

/* Gives the x87 pointers, which now name our copy of the instruction, their true values. `offset` is the operand's, in
 * its segment. */
void execute_patch_x87(ucontext_t *context, const struct decode *decode, uint64_t pc, uint64_t offset);
#endif
#endif
