// SPDX-License-Identifier: Apache-2.0
// One case of the fuzzer: an instruction and everything it starts from. A function of seed, number and form table.
#ifndef TRIAL_H
#define TRIAL_H

#include "arena.h"
#include "code32.h"
#include "form.h"
#include "random.h"
#include "state.h"

struct trial {
    const struct form *form;
    struct random random; // of this case alone
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    uint64_t pc;
    struct decoded decoded;
    const ZydisDecodedOperand *memory_operand;
    uint64_t target; // linear address of that operand; of nothing in string operations and gathers
    uint64_t fs_base, gs_base;
    struct machine_state in;
    uint8_t memory[ARENA_SIZE]; // before the instruction
};

// The forms that can run, by which a case's number chooses.
struct trial_forms {
    const struct form **forms;
    size_t count;
};

void trial_make(struct trial *trial, const struct trial_forms *forms, uint64_t seed, uint64_t number);

// 32-bit code has the lower halves of eight registers; the upper ones are nobody's.
static inline void trial_narrow(uint64_t gpr[16])
{
    for (int i = 0; code32_is_used() && i < R8; i++)
        gpr[i] = (uint32_t)gpr[i];
}

static inline unsigned trial_width(const struct trial *trial)
{
    return trial->memory_operand->size / 8;
}

static inline uint64_t trial_next_pc(const struct trial *trial)
{
    return trial->pc + trial->decoded.instruction.length;
}
#endif
