/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries out one instruction that touched a window: operands over the bus, the rest on the thread's own registers.
 * The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_TRAP_H
#define TRAPLINE_TRAP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "instruction/site.h"

/* One trapped instruction on its way. */
struct trap {
    ucontext_t *context;
    struct site *site;
    uint64_t general[16]; /* working copy; becomes the thread's when the instruction is done */
    uint64_t flags;
    uint64_t next_pc;
    siginfo_t raised; /* why an operation returned false … */
    bool refused;     /* … unless it can't be carried out here */
    bool again;       /* nothing has been done but to make way: the host runs it now */
};

/* What addresses and general registers are cut to in the code that it stands in. */
static inline uint64_t trap_narrow(const struct trap *trap, uint64_t value)
{
    return trap->site->decode.mode == DECODE_CODE32 ? (uint32_t)value : value;
}

enum trap_outcome {
    TRAP_DONE,    /* the context holds the state after the instruction (or after a part of a repeated one) */
    TRAP_RAISED,  /* the instruction raises *raised; the context is as it was */
    TRAP_REFUSED, /* can't be carried out faithfully */
};

enum trap_outcome trap_carry_out(ucontext_t *context, siginfo_t *raised);

/* The same of what raised a general protection fault. Refused is all but in, out, ins and outs on I/O ports that the
 * host was granted: nothing has been done then, and the fault is the host's. */
enum trap_outcome trap_carry_out_io(ucontext_t *context, siginfo_t *raised);

/* The same where there is no signal frame: the context is NULL, general, flags and next_pc are the caller's, and what
 * the instruction does to the vector registers it does to those of the thread. Only of those that can be patched, whose
 * operand lies in one window. False: it raises trap->raised. */
bool trap_run(struct trap *trap);

#endif
