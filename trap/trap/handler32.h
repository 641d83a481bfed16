/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of a 32-bit program (ground/low_world.h). The kernel gives all signals to handlers of ours, with frames of
 * 64 bits, since those of 32 bits would not keep our registers where a signal comes while a thread is in our code. A
 * handler of the program's is called on a frame as the kernel makes it for 32-bit programs (its
 * arch/x86/include/asm/sigframe.h); its sigreturn, which the net stops, brings it back.
 */
#ifndef TRAPLINE_HANDLER32_H
#define TRAPLINE_HANDLER32_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define HANDLER32_SA_RESTORER 0x04000000

/* What the kernel calls when a handler of ours is done: rt_sigreturn(2). */
extern const char handler32_return_of_kernel[];

/* What the program has said of its handler, and has it read back. */
void handler32_note(int number, uint32_t flags, uint32_t restorer);
struct handler32_restorer {
    uint32_t flags, restorer; /* SA_RESTORER or none */
};
struct handler32_restorer handler32_restorer(int number);

/* A siginfo as 32-bit programs have it. */
enum { HANDLER32_INFO = 128 };
void handler32_narrow_info(const siginfo_t *info, uint8_t to[HANDLER32_INFO]);

/* Returns when the handler has come back, with what it changed of the interrupted registers and mask in the context. */
void handler32_call(uint32_t handler, int number, const siginfo_t *info, ucontext_t *context);

/* The program has made a sigreturn, in that context, which then leads to behind handler32_call. False if the frame is
 * none of ours. */
bool handler32_come_back(ucontext_t *context, bool is_old);

/* munmap(2) of the stack that the thread is on, as musl's threads end: behind it one can do nothing but exit. The
 * context then leads to that. False if it is another one. */
bool handler32_unmap_own_stack(ucontext_t *context, uint64_t start, uint64_t length);

#endif
