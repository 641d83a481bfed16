/* SPDX-License-Identifier: Apache-2.0 */
#include "string_operation.h"

#include <string.h>

#include "instruction/execute.h"
#include "instruction/registers.h"
#include "operand.h"
#include "string_block.h"
#include "ground/signal_safe.h"

/* Elements per trap; the rest of a repetition traps again. */
#define PIECE 1024

static void step(struct trap *trap, unsigned number)
{
    int64_t distance = trap->site->decode.width;
    trap->general[number] = string_narrow(trap, trap->general[number] +
                                                    (uint64_t)(trap->flags & RFLAGS_DF ? -distance : distance));
}

/* Writing AL or AX leaves the rest of RAX alone, EAX clears its upper half. */
static void set_accumulator(struct trap *trap, const uint8_t *bytes, unsigned width)
{
    uint64_t *rax = &trap->general[REGISTER_RAX];
    if (width == 4)
        *rax = 0;
    memcpy(rax, bytes, width);
}

/* Compares the accumulator, or what stands for it, with the element in the scratch buffer. */
static bool compare(struct trap *trap, uint64_t accumulator)
{
    uint64_t general[16];
    memcpy(general, trap->general, sizeof general);
    general[REGISTER_RAX] = accumulator;
    return execute_run(site_slot(trap->site), &trap->site->decode, trap->context, general, &trap->flags);
}

static bool one_element(struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    unsigned width = decode->width;
    uint8_t element[8] = {0}, *scratch = execute_scratch();
    uint64_t accumulator = trap->general[REGISTER_RAX];
    switch (decode->string) {
    case DECODE_MOVS:
        if (!operand_load(trap, string_source(trap), width, OPERAND_ALL, element) ||
            !operand_store(trap, string_destination(trap), width, OPERAND_ALL, element))
            return false;
        break;
    case DECODE_STOS:
        if (!operand_store(trap, string_destination(trap), width, OPERAND_ALL, (const uint8_t *)&accumulator))
            return false;
        break;
    case DECODE_LODS:
        if (!operand_load(trap, string_source(trap), width, OPERAND_ALL, element))
            return false;
        set_accumulator(trap, element, width);
        break;
    case DECODE_SCAS:
        if (!operand_load(trap, string_destination(trap), width, OPERAND_ALL, scratch) || !compare(trap, accumulator))
            return false;
        break;
    case DECODE_CMPS:
        if (!operand_load(trap, string_source(trap), width, OPERAND_ALL, element) ||
            !operand_load(trap, string_destination(trap), width, OPERAND_ALL, scratch) ||
            !compare(trap, *(uint64_t *)(void *)element))
            return false;
        break;
    }
    if (decode->string != DECODE_STOS && decode->string != DECODE_SCAS)
        step(trap, REGISTER_RSI);
    if (decode->string != DECODE_LODS)
        step(trap, REGISTER_RDI);
    return true;
}

static bool ends_early(const struct trap *trap)
{
    bool equal = trap->flags & RFLAGS_ZF;
    enum decode_repeat repeat = trap->site->decode.repeat;
    return (repeat == DECODE_REPE && !equal) || (repeat == DECODE_REPNE && equal);
}

/* What is done stays done: a fault in the middle of a repetition leaves the registers at the element that faulted. */
static void commit_progress(const struct trap *trap)
{
    registers_store(trap->context, trap->general);
    registers_set_flags(trap->context, trap->flags);
}

bool string_operation(struct trap *trap)
{
    if (trap->site->decode.repeat == DECODE_ONCE)
        return one_element(trap);
    for (unsigned done = 0; string_narrow(trap, trap->general[REGISTER_RCX]) != 0;) {
        if (done >= PIECE) {
            trap->next_pc = trap->site->pc;
            return true;
        }
        unsigned moved;
        if (!string_block(trap, &moved) || (moved == 0 && !one_element(trap))) {
            commit_progress(trap);
            return false;
        }
        done += moved > 0 ? moved : 1;
        if (moved > 0)
            continue;
        trap->general[REGISTER_RCX] = string_narrow(trap, trap->general[REGISTER_RCX] - 1);
        if (ends_early(trap))
            return true;
    }
    return true;
}
