/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of an instruction that has been patched (patch/patch.h): from its trampoline to the bus and back, without a
 * signal. What is done is what the handler does, under the same lock, on the same stack; the thread's registers are in
 * a frame on its own stack. The same signals are blocked, unless the host has no handler that could come: what those do
 * that have none, end the process or stop it, they may do at any time. It is done only where everything is as usual:
 * the site known, the whole operand in one window of a device, its mailbox open. Else nothing has been done, and the
 * instruction runs in its trampoline, where it faults as it did at its own place; the handler knows which place that
 * is.
 *
 * The code on this way, and the memcpy of ground/bytes.c, leave the vector registers alone.
 */
#ifndef TRAPLINE_PATCHED_H
#define TRAPLINE_PATCHED_H

/* Offsets in struct patched_frame, for patched_entry.S. */
#define PATCHED_RAX 0
#define PATCHED_RDX 16
#define PATCHED_FLAGS 128
#define PATCHED_OWN_RDX 136
#define PATCHED_OWN_RAX 144

#ifndef __ASSEMBLER__
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "patch/patch.h"
#include "trap.h"

/* On the host's stack. The last three are the trampoline's, which takes them back. */
struct patched_frame {
    uint64_t general[16];
    uint64_t flags;
    uint64_t rdx, rax;
};

/* Instructions are patched once they have trapped that often. Not on the fault path, and before the first window. False
 * if this kernel can't. */
bool patched_start(unsigned after, bool any_code);

/* Whether any can be. */
extern bool patched_is_on;

/* Before the host gets a handler that may come at any time, or a SIGSEGV that was sent may wait for its turn: an access
 * of a patched instruction blocks signals from now on. Also before the host confines itself, since this makes system
 * calls. Not on the fault path. */
void patched_expect_handlers(void);

/* Before the host makes code in [start, end) writable: it has its own code back. Not on the fault path. */
void patched_take_back(uint64_t start, uint64_t end);

/* Where patched_is_on: counts the traps of an instruction, which is about to be carried out, and patches it when it is
 * time. Called with the bus lock held. */
void patched_consider(struct trap *trap);

/* Called first by the handler where patched_is_on: a thread that stands in a trampoline is put where its instruction
 * is. True if there is nothing more to do. */
bool patched_put_back(int signal, siginfo_t *info, ucontext_t *context);

/* For patched_entry.S. Returns where the trampoline goes on. */
uint64_t patched_carry_out(struct patched_frame *frame, struct patch *patch);
#endif
#endif
