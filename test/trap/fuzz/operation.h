// SPDX-License-Identifier: Apache-2.0
// The few kinds of instructions that find their memory, or use it, in a way of their own.
#ifndef OPERATION_H
#define OPERATION_H

#include "form.h"

enum operation {
    OPERATION_PLAIN,     // one operand: read, written, or read and then written
    OPERATION_NO_ACCESS, // prefetches, cache-line flushes, nops
    OPERATION_BIT,       // a register moves the operand
    OPERATION_TABLE,     // xlat
    OPERATION_PUSH,
    OPERATION_POP,
    OPERATION_CALL,
    OPERATION_JUMP,
    OPERATION_MOVS,
    OPERATION_STOS,
    OPERATION_LODS,
    OPERATION_SCAS,
    OPERATION_CMPS,
    OPERATION_MASKED_STORE, // maskmovq, maskmovdqu
    OPERATION_DIRECT_STORE, // movdir64b
    OPERATION_GATHER,
    OPERATION_SCATTER,
};

enum operation operation_of(const struct decoded *decoded);

// Bytes of one index of a gather or scatter.
unsigned operation_index_width(const struct decoded *decoded);

static inline bool operation_is_string(enum operation operation)
{
    return operation >= OPERATION_MOVS && operation <= OPERATION_CMPS;
}
#endif
