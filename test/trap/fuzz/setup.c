// SPDX-License-Identifier: Apache-2.0
#include "setup.h"

#include <string.h>

#include "address.h"
#include "flags.h"
#include "operation.h"
#include "values.h"

enum { CACHE_LINE = 64, STACK_ROOM = 64 };

static bool one_in(struct trial *trial, unsigned count)
{
    return random_below(&trial->random, count) == 0;
}

static uint8_t *memory_at(struct trial *trial, uint64_t address)
{
    return trial->memory + (address - ARENA_START);
}

// Somewhere in the arena: often in the middle of a page, often across or right before the end of one.
static uint64_t draw_place(struct trial *trial, unsigned width)
{
    uint64_t page = ARENA_START + ARENA_PAGE * (1 + random_below(&trial->random, ARENA_PAGES - 1));
    if (one_in(trial, 3))
        return page - random_below(&trial->random, width + 1);
    uint64_t offset = random_below(&trial->random, ARENA_PAGE - width);
    page = arena_device(page) == 0 ? ARENA_START + ARENA_PAGE : page;
    return page + (one_in(trial, 2) ? offset : offset / CACHE_LINE * CACHE_LINE);
}

// A locked access across cache lines is legal, but stops every core of the machine: rarely.
static uint64_t draw_target(struct trial *trial, unsigned width)
{
    bool is_locked = trial->form->encoding.lock || trial->form->mnemonic == ZYDIS_MNEMONIC_XCHG;
    uint64_t place = draw_place(trial, width);
    return is_locked && !one_in(trial, 64) ? place / width * width : place;
}

static uint64_t draw_inside(struct trial *trial, unsigned width)
{
    uint64_t place = draw_target(trial, width);
    return place + width > ARENA_END ? ARENA_END - width : place;
}

static void fill_operand(struct trial *trial)
{
    if (!one_in(trial, 4))
        values_fill(&trial->random, memory_at(trial, trial->target), trial_width(trial));
}

static bool aim(struct trial *trial, uint64_t extra, int pinned)
{
    trial->target = draw_inside(trial, trial_width(trial));
    fill_operand(trial);
    return address_solve(trial, extra, pinned);
}

// The offset is the signed register, however far; the operand that it reaches is the target.
static bool aim_bit(struct trial *trial)
{
    int number = address_register(trial->decoded.operands[1].reg.value);
    unsigned bits = trial->memory_operand->size;
    bool is_base = number == address_register(trial->memory_operand->mem.base);
    if (is_base || one_in(trial, 2))
        trial->in.gpr[number] = random_below(&trial->random, 1 << 20);
    uint64_t value = trial->in.gpr[number];
    int64_t offset = bits == 16 ? (int16_t)value : bits == 32 ? (int32_t)value : (int64_t)value;
    unsigned shift = bits == 16 ? 4 : bits == 32 ? 5 : 6;
    return aim(trial, (uint64_t)((offset >> shift) * (int64_t)(bits / 8)), number);
}

// rbx + al, and what the prefixes make of it.
static bool aim_table(struct trial *trial)
{
    trial->target = draw_inside(trial, 1);
    uint64_t wanted = trial->target - address_segment_base(trial) - (trial->in.gpr[RAX] & 0xff);
    bool is_32 = trial->decoded.instruction.address_width == 32;
    trial->in.gpr[RBX] = is_32 ? (uint32_t)wanted | address_noise(trial) : wanted;
    return true;
}

static void place_stack(struct trial *trial)
{
    uint64_t page = one_in(trial, 4) ? ARENA_START + ARENA_PAGE * random_below(&trial->random, ARENA_PAGES)
                                     : ARENA_START;
    uint64_t offset = STACK_ROOM + random_below(&trial->random, ARENA_PAGE - 2 * STACK_ROOM);
    trial->in.gpr[RSP] = page + (one_in(trial, 4) ? offset : offset / 8 * 8);
}

static bool aim_beside_stack(struct trial *trial, enum operation operation)
{
    bool is_popped = operation == OPERATION_POP && address_register(trial->memory_operand->mem.base) == RSP;
    place_stack(trial);
    if (!aim(trial, is_popped ? trial_width(trial) : 0, RSP))
        return false;
    uint64_t landing = ARENA_LANDING;
    if (operation == OPERATION_CALL || operation == OPERATION_JUMP)
        memcpy(memory_at(trial, trial->target), &landing, trial_width(trial));
    return true;
}

// The place of an address register that is used as it is.
static void set_pointer(struct trial *trial, int number, uint64_t address, uint64_t segment_base)
{
    uint64_t value = address - segment_base;
    bool is_32 = trial->decoded.instruction.address_width == 32;
    trial->in.gpr[number] = is_32 ? (uint32_t)value | address_noise(trial) : value;
}

static unsigned draw_count(struct trial *trial, unsigned width)
{
    if (one_in(trial, 256))
        return (unsigned)random_below(&trial->random, 2 * ARENA_PAGE / width);
    return (unsigned)random_below(&trial->random, one_in(trial, 4) ? 64 : 6);
}

// Where the run of elements starts, and where the pointer stands: at the last one if the direction is down.
static uint64_t draw_run(struct trial *trial, unsigned width, unsigned count, uint64_t *pointer)
{
    unsigned bytes = count > 0 ? width * count : width;
    uint64_t start = bytes < ARENA_PAGE ? draw_inside(trial, bytes)
                                        : ARENA_START + random_below(&trial->random, ARENA_SIZE - bytes);
    *pointer = trial->in.flags & FLAG_DF ? start + bytes - width : start;
    return start;
}

// Equal elements at the beginning, so that a comparison goes on for a while.
static void make_equal(struct trial *trial, enum operation operation, uint64_t source, uint64_t destination,
                       unsigned width, unsigned count)
{
    unsigned equal = (unsigned)random_below(&trial->random, count + 1);
    bool is_down = trial->in.flags & FLAG_DF;
    for (unsigned i = 0; i < equal; i++) {
        uint64_t offset = (uint64_t)(is_down ? count - 1 - i : i) * width;
        const void *from = operation == OPERATION_SCAS ? (const void *)&trial->in.gpr[RAX]
                                                       : memory_at(trial, source + offset);
        memmove(memory_at(trial, destination + offset), from, width);
    }
}

static bool aim_string(struct trial *trial, enum operation operation)
{
    bool is_repeated = trial->form->encoding.repeat != 0;
    unsigned width = trial_width(trial);
    unsigned count = is_repeated ? draw_count(trial, width) : 1;
    uint64_t source_pointer, destination_pointer;
    uint64_t source = draw_run(trial, width, count, &source_pointer);
    uint64_t destination = draw_run(trial, width, count, &destination_pointer);
    set_pointer(trial, RSI, source_pointer, address_source_base(trial));
    set_pointer(trial, RDI, destination_pointer, 0);
    if (is_repeated)
        trial->in.gpr[RCX] = count | address_noise(trial);
    if (operation == OPERATION_SCAS || operation == OPERATION_CMPS)
        make_equal(trial, operation, source, destination, width, count);
    return true;
}

static bool aim_masked_store(struct trial *trial)
{
    trial->target = draw_inside(trial, trial_width(trial));
    set_pointer(trial, RDI, trial->target, address_segment_base(trial));
    return true;
}

// The source is like any operand; the destination must be aligned, else it faults.
static bool aim_direct_store(struct trial *trial)
{
    int destination = address_register(trial->decoded.operands[0].reg.value);
    uint64_t place = draw_inside(trial, 64);
    if (destination == address_register(trial->memory_operand->mem.base))
        return false;
    set_pointer(trial, destination, one_in(trial, 16) ? place : place / 64 * 64, 0);
    return aim(trial, 0, destination);
}

// Every element somewhere in the arena: a common origin, and an index each.
static bool aim_indexed(struct trial *trial)
{
    const ZydisDecodedOperandMem *memory = &trial->memory_operand->mem;
    unsigned index_width = operation_index_width(&trial->decoded);
    trial->target = draw_inside(trial, 8);
    for (unsigned byte = 0; byte < state_vector_size(); byte += index_width) {
        int64_t index = ((int64_t)draw_inside(trial, 8) - (int64_t)trial->target) / memory->scale;
        memcpy(state_vector_byte(&trial->in, (unsigned)ZydisRegisterGetId(memory->index), byte), &index, index_width);
    }
    return address_solve(trial, 0, -1);
}

static bool aim_operation(struct trial *trial, enum operation operation)
{
    switch (operation) {
    case OPERATION_BIT:
        return aim_bit(trial);
    case OPERATION_TABLE:
        return aim_table(trial);
    case OPERATION_PUSH:
    case OPERATION_POP:
    case OPERATION_CALL:
    case OPERATION_JUMP:
        return aim_beside_stack(trial, operation);
    case OPERATION_MASKED_STORE:
        return aim_masked_store(trial);
    case OPERATION_DIRECT_STORE:
        return aim_direct_store(trial);
    case OPERATION_GATHER:
    case OPERATION_SCATTER:
        return aim_indexed(trial);
    default:
        return operation_is_string(operation) ? aim_string(trial, operation) : aim(trial, 0, -1);
    }
}

static void put_operand(struct trial *trial, uint64_t low, uint64_t high)
{
    unsigned width = trial_width(trial);
    uint64_t pair[2] = {low, high};
    memcpy(memory_at(trial, trial->target), pair, width < sizeof pair ? width : sizeof pair);
}

// A small dividend and a divisor that is not zero: half of the quotients fit.
static void set_dividend(struct trial *trial)
{
    memory_at(trial, trial->target)[0] |= 1;
    if (trial_width(trial) == 1)
        trial->in.gpr[RAX] &= ~0xff00ull;
    trial->in.gpr[RDX] = 0;
}

// What would otherwise almost always fail or fault succeeds half of the time.
static void make_likely(struct trial *trial)
{
    uint64_t *gpr = trial->in.gpr;
    bool is_base_dx = address_register(trial->memory_operand->mem.base) == RDX ||
                      address_register(trial->memory_operand->mem.index) == RDX;
    bool is_base_ax = address_register(trial->memory_operand->mem.base) == RAX ||
                      address_register(trial->memory_operand->mem.index) == RAX;
    switch (trial->form->mnemonic) {
    case ZYDIS_MNEMONIC_CMPXCHG:
        put_operand(trial, gpr[RAX], 0);
        break;
    case ZYDIS_MNEMONIC_CMPXCHG8B:
        put_operand(trial, (gpr[RAX] & 0xffffffff) | gpr[RDX] << 32, 0);
        break;
    case ZYDIS_MNEMONIC_CMPXCHG16B:
        put_operand(trial, gpr[RAX], gpr[RDX]);
        break;
    case ZYDIS_MNEMONIC_DIV:
    case ZYDIS_MNEMONIC_IDIV:
        if (!is_base_dx && !is_base_ax)
            set_dividend(trial);
        break;
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
        put_operand(trial, 0x1f80 | (random_next(&trial->random) & 0xffff), 0);
        break;
    case ZYDIS_MNEMONIC_PCMPESTRI:
    case ZYDIS_MNEMONIC_PCMPESTRM:
    case ZYDIS_MNEMONIC_VPCMPESTRI:
    case ZYDIS_MNEMONIC_VPCMPESTRM:
        if (!is_base_ax)
            gpr[RAX] = random_below(&trial->random, 18);
        if (!is_base_dx)
            gpr[RDX] = random_below(&trial->random, 18);
        break;
    default:
        break;
    }
}

bool setup_apply(struct trial *trial)
{
    enum operation operation = operation_of(&trial->decoded);
    if (!aim_operation(trial, operation))
        return false;
    if (operation == OPERATION_PLAIN && !one_in(trial, 3))
        make_likely(trial);
    return true;
}
