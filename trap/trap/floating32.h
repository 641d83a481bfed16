/* SPDX-License-Identifier: Apache-2.0
 *
 * Vector and x87 registers of a signal frame, as frames of 32-bit programs have them (kernel
 * arch/x86/include/uapi/asm/sigcontext.h, struct _fpstate_32): what FSAVE has, and behind it what XSAVE has, which is
 * where our frame has it already. So a handler's stack needs hardly more room: the first part lies over the end of
 * the siginfo meanwhile, which the handler has a copy of. Fault path.
 */
#ifndef TRAPLINE_FLOATING32_H
#define TRAPLINE_FLOATING32_H

#include <stdint.h>
#include <ucontext.h>

enum { FLOATING32_SAVED = 112, FLOATING32_IMAGE = 512 };

/* What was there before. */
struct floating32 {
    uint8_t saved[FLOATING32_SAVED];
    uint8_t *image; /* room for it where the handler's changes are not to last; else NULL */
};

/* Returns what the handler is told: an address in the frame. */
uint32_t floating32_give(const ucontext_t *context, struct floating32 *before);

/* What the handler has changed. */
void floating32_take(const ucontext_t *context);

/* All is as it was, but for that. */
void floating32_put_back(const struct floating32 *before, const ucontext_t *context);

#endif
