// SPDX-License-Identifier: Apache-2.0
// What a machine state is made of: the general registers, the flags and the XSAVE components of this processor.
// Makes random states and finds registers inside them; neither runs nor compares.
#ifndef STATE_H
#define STATE_H

#include <stddef.h>
#include <stdint.h>

#include "random.h"
#include "trampoline.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

// A stretch of the XSAVE area that holds one register.
struct state_field {
    char name[16];
    uint32_t offset;
    uint32_t size;
};

#define STATE_FIELDS_MAX 160

// All fields this processor has, in order. The last-instruction pointers of the x87 (FOP, FIP, FDP) are left out:
// processors differ on when they hold anything.
size_t state_fields(const struct state_field **fields);

// Learns the processor's XSAVE layout and sets trampoline_components. To be called once, before all others.
void state_init(void);

// Random general registers, arithmetic flags, vector registers and opmasks; an x87 stack with four ordinary values;
// control words that mask every exception. RSP is random too and must be set.
void state_random(struct machine_state *state, struct random *random);

// Byte `byte` of vector register `number` (0 to 15, to 31 where there are opmasks), of at most state_vector_size()
// bytes.
uint8_t *state_vector_byte(struct machine_state *state, unsigned number, unsigned byte);
unsigned state_vector_size(void);

// Only where the processor has opmasks.
uint64_t *state_opmask(struct machine_state *state, unsigned number);
#endif
