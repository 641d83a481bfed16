/* SPDX-License-Identifier: Apache-2.0 */
#include "trap.h"

#include <string.h>
#include <sys/mman.h>

#include "callers/callers.h"
#include "device/private_pages.h"
#include "ground/low_bits.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "io_operation.h"
#include "memory/memory_poll.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "operand.h"
#include "patched.h"
#include "string_operation.h"
#include "vector_index.h"
#include "ground/signal_safe.h"

static const struct decode *decode_of(const struct trap *trap)
{
    return &trap->site->decode;
}

/* What is raised at an instruction names its address, but for a general protection fault, which names none. */
static void take_exception(struct trap *trap)
{
    trap->raised = *execute_exception();
    if (trap->raised.si_signo != SIGSEGV)
        trap->raised.si_addr = (void *)trap->site->pc;
}

/* A locked instruction in memory that others may change at the same moment. Where a thread or child could sleep on a
 * lock there it runs by itself, since the kernel looks at the word that it sleeps on. */
static bool run_locked_in_memory(struct trap *trap, uint64_t address, uint8_t *memory)
{
    const struct decode *decode = decode_of(trap);
    uint8_t *scratch = execute_scratch(), old[8];
    unsigned width = decode->width;
    if (!shared_memory_is_alone() || width > sizeof old || (width & (width - 1)) != 0) {
        trap->refused = true;
        return false;
    }
    for (;;) {
        struct trap before = *trap;
        memory_poll_load(trap->site->pc, address, memory, old, width);
        memcpy(scratch, old, width);
        if (!execute_run(site_slot(trap->site), decode, trap->context, trap->general, &trap->flags)) {
            take_exception(trap);
            return false;
        }
        if (memory_poll_exchange(memory, old, scratch, width))
            return true;
        *trap = before;
    }
}

/* Where in the second mapping of shared memory the whole operand lies; NULL if not there. */
static uint8_t *shared_operand(uint64_t address, unsigned width)
{
    struct window window;
    bool is_shared = window_find(address, &window) && window.is_shared && window.end - address >= width;
    return is_shared && window.protection & PROT_WRITE ? window.memory + (address - window.start) : NULL;
}

/* Loads the operand into the scratch buffer, runs the instruction there, stores what it wrote. */
static bool run_at(struct trap *trap, uint64_t address)
{
    const struct decode *decode = decode_of(trap);
    uint8_t *scratch = execute_scratch();
    uint64_t enables = operand_enables(trap);
    bool hold = decode->locked && decode->writes;
    if (private_pages_are_any && decode->writes) {
        if (!operand_make_own(trap, address, decode->width, enables))
            return false;
        if (trap->again)
            return true;
    }
    uint8_t *shared = hold ? shared_operand(address, decode->width) : NULL;
    if (shared != NULL)
        return run_locked_in_memory(trap, address, shared);
    if (decode->reads) {
        memset(scratch, 0, decode->width);
        bool is_loaded = hold ? operand_load_and_hold(trap, address, decode->width, enables, scratch)
                              : operand_load(trap, address, decode->width, enables, scratch);
        if (!is_loaded)
            return false;
    }
    if (!execute_run(site_slot(trap->site), decode, trap->context, trap->general, &trap->flags)) {
        take_exception(trap);
        return false;
    }
    if (decode->uses_vector && trap->context != NULL)
        execute_patch_x87(trap->context, decode, trap->site->pc,
                          trap_narrow(trap, address - registers_segment_base(decode->address.segment)));
    if (decode->may_not_store && registers_x87_kept_result(trap->context))
        return true;
    return !decode->writes || operand_store(trap, address, decode->width, enables, scratch);
}

/* bt and its kin with a register take the bit offset as signed distance from the operand (Intel SDM Vol. 2, BT);
 * the instruction itself runs with the offset inside the word that was found. */
static bool run_bit(struct trap *trap)
{
    const struct decode *decode = decode_of(trap);
    uint64_t *offset_register = &trap->general[decode->bit_register];
    unsigned bits = decode->width * 8u, shift = (unsigned)__builtin_ctz(bits);
    uint64_t original = *offset_register;
    int64_t offset = decode->width == 2   ? (int16_t)original
                     : decode->width == 4 ? (int32_t)original
                                          : (int64_t)original;
    uint64_t address = operand_address_at(trap, (uint64_t)(offset >> shift) * decode->width);
    *offset_register = (uint64_t)offset % bits;
    bool done = run_at(trap, address);
    *offset_register = original;
    return done;
}

static bool push_value(struct trap *trap, const void *value, unsigned width)
{
    uint64_t top = trap_narrow(trap, trap->general[REGISTER_RSP] - width);
    if (!operand_store(trap, top, width, OPERAND_ALL, value))
        return false;
    trap->general[REGISTER_RSP] = top;
    return true;
}

static bool push(struct trap *trap)
{
    uint8_t value[8];
    unsigned width = decode_of(trap)->stack_width;
    return operand_load(trap, operand_address(trap), width, OPERAND_ALL, value) && push_value(trap, value, width);
}

/* An address that names RSP is computed with its value after the pop (Intel SDM Vol. 2, POP). */
static bool pop(struct trap *trap)
{
    uint8_t value[8];
    unsigned width = decode_of(trap)->stack_width;
    if (!operand_load(trap, trap->general[REGISTER_RSP], width, OPERAND_ALL, value))
        return false;
    trap->general[REGISTER_RSP] = trap_narrow(trap, trap->general[REGISTER_RSP] + width);
    return operand_store(trap, operand_address(trap), width, OPERAND_ALL, value);
}

static bool jump(struct trap *trap, bool is_call)
{
    uint64_t target = 0, back = trap->next_pc;
    unsigned width = decode_of(trap)->stack_width;
    if (!operand_load(trap, operand_address(trap), width, OPERAND_ALL, (uint8_t *)&target) ||
        (is_call && !push_value(trap, &back, width)))
        return false;
    trap->next_pc = target;
    return true;
}

/* maskmovdqu and maskmovq store the bytes whose mask byte has its sign set, at [rdi]. */
static bool masked_store(struct trap *trap)
{
    const struct decode *decode = decode_of(trap);
    uint8_t data[64], mask[64];
    uint64_t enables = 0;
    if (decode->is_mmx) {
        memcpy(data, &(uint64_t){registers_mmx(trap->context, decode->vector)}, 8);
        memcpy(mask, &(uint64_t){registers_mmx(trap->context, decode->mask_register)}, 8);
    } else {
        registers_vector(trap->context, decode->vector, data);
        registers_vector(trap->context, decode->mask_register, mask);
    }
    for (unsigned i = 0; i < decode->width; i++)
        enables |= (uint64_t)(mask[i] >> 7) << i;
    return operand_store(trap, operand_address(trap), decode->width, enables, data);
}

static bool direct_store(struct trap *trap)
{
    const struct decode *decode = decode_of(trap);
    uint8_t data[64];
    uint64_t to = trap->general[decode->destination];
    return operand_load(trap, operand_address(trap), sizeof data, OPERAND_ALL, data) &&
           operand_store(trap, to & low_bits(decode->address.bits), sizeof data, OPERAND_ALL, data);
}

bool trap_run(struct trap *trap)
{
    return run_at(trap, operand_address(trap));
}

static bool carry_out(struct trap *trap)
{
    switch (decode_of(trap)->action) {
    case DECODE_NO_ACCESS:
        return true;
    case DECODE_RUN:
        return trap_run(trap);
    case DECODE_BIT:
        return run_bit(trap);
    case DECODE_PUSH:
        return push(trap);
    case DECODE_POP:
        return pop(trap);
    case DECODE_CALL:
        return jump(trap, true);
    case DECODE_JUMP:
        return jump(trap, false);
    case DECODE_STRING:
        return string_operation(trap);
    case DECODE_MASKED_STORE:
        return masked_store(trap);
    case DECODE_DIRECT_STORE:
        return direct_store(trap);
    case DECODE_GATHER:
        return vector_index_gather(trap);
    case DECODE_SCATTER:
        return vector_index_scatter(trap);
    default:
        return false;
    }
}

static void commit(const struct trap *trap)
{
    registers_store(trap->context, trap->general);
    registers_set_flags(trap->context, trap->flags);
    registers_set_pc(trap->context, trap->next_pc);
}

/* In 32-bit code the upper halves are nobody's (Intel SDM Vol. 1, 3.4.1.1). */
static void load_registers(struct trap *trap)
{
    registers_load(trap->context, trap->general);
    if (decode_of(trap)->mode != DECODE_CODE32)
        return;
    for (unsigned i = 0; i < REGISTER_R8; i++)
        trap->general[i] = trap_narrow(trap, trap->general[i]);
}

/* False if there is no instruction that could be known. */
static bool begin(struct trap *trap, ucontext_t *context)
{
    enum decode_mode mode;
    *trap = (struct trap){.context = context, .flags = registers_flags(context)};
    trap->site = registers_mode(context, &mode) ? site_at(registers_pc(context), mode) : NULL;
    if (trap->site == NULL)
        return false;
    trap->next_pc = trap_narrow(trap, trap->site->pc + trap->site->decode.length);
    load_registers(trap);
    return true;
}

static enum trap_outcome finish(const struct trap *trap, bool is_done, siginfo_t *raised)
{
    if (!is_done) {
        *raised = trap->raised;
        return trap->refused ? TRAP_REFUSED : TRAP_RAISED;
    }
    if (!trap->again)
        commit(trap);
    return TRAP_DONE;
}

enum trap_outcome trap_carry_out(ucontext_t *context, siginfo_t *raised)
{
    struct trap trap;
    bool is_known = begin(&trap, context);
    if (!is_known || decode_of(&trap)->action == DECODE_REFUSED || decode_of(&trap)->action == DECODE_IO)
        return TRAP_REFUSED;
    if (patched_is_on)
        patched_consider(&trap);
    callers_begin(trap.site->pc, trap.general);
    bool is_done = carry_out(&trap);
    callers_end();
    return finish(&trap, is_done, raised);
}

enum trap_outcome trap_carry_out_io(ucontext_t *context, siginfo_t *raised)
{
    struct trap trap;
    if (!io_operation_is_at(registers_pc(context)) || !begin(&trap, context) || !io_operation_is_granted(&trap))
        return TRAP_REFUSED;
    callers_begin(trap.site->pc, trap.general);
    bool is_done = io_operation(&trap);
    callers_end();
    return finish(&trap, is_done, raised);
}
