// SPDX-License-Identifier: Apache-2.0
// Runs exactly one instruction from a given machine state and keeps the state after it.
// Not re-entrant: the states are static, so that no register is needed to find them.
#ifndef TRAMPOLINE_H
#define TRAMPOLINE_H

#define STATE_GPR 0
#define STATE_FLAGS 128
#define STATE_EXTENDED 192
#define STATE_EXTENDED_SIZE 4096

#ifndef __ASSEMBLER__
#include <stdint.h>

struct machine_state {
    uint64_t gpr[16]; // by encoded number: rax rcx rdx rbx rsp rbp rsi rdi r8 … r15
    uint64_t flags;
    _Alignas(64) uint8_t extended[STATE_EXTENDED_SIZE]; // XSAVE area, standard form
};

_Static_assert(__builtin_offsetof(struct machine_state, gpr) == STATE_GPR, "trampoline.S");
_Static_assert(__builtin_offsetof(struct machine_state, flags) == STATE_FLAGS, "trampoline.S");
_Static_assert(__builtin_offsetof(struct machine_state, extended) == STATE_EXTENDED, "trampoline.S");

extern struct machine_state trampoline_in, trampoline_out;
extern uint32_t trampoline_components;   // XSAVE components to load and store, a mask
extern const uint8_t *trampoline_target; // the stub: one instruction, then a jump to trampoline_return

// Loads trampoline_in, runs the stub at trampoline_target, stores trampoline_out. x87, SSE and flags are back
// in the state that the ABI asks for when it returns.
void trampoline_run(void);

// Where stubs end; not a function.
extern const uint8_t trampoline_return[];
#endif
#endif
