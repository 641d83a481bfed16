// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <string.h>

// A register small enough for a 32-bit displacement to make up for it.
enum { SMALL = 1 << 20 };

int address_register(ZydisRegister reg)
{
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(whole) : -1;
}

static uint64_t mask_of(const struct trial *trial)
{
    return trial->decoded.instruction.address_width == 32 ? 0xffffffff : ~0ull;
}

uint64_t address_noise(struct trial *trial)
{
    return random_next(&trial->random) & ~mask_of(trial);
}

uint64_t address_segment_base(const struct trial *trial)
{
    switch (trial->memory_operand->mem.segment) {
    case ZYDIS_REGISTER_FS:
        return trial->fs_base;
    case ZYDIS_REGISTER_GS:
        return trial->gs_base;
    default:
        return 0;
    }
}

uint64_t address_source_base(const struct trial *trial)
{
    ZydisInstructionAttributes attributes = trial->decoded.instruction.attributes;
    return attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? trial->fs_base
           : attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? trial->gs_base
                                                      : 0;
}

static uint64_t register_value(const struct trial *trial, int number)
{
    return number < 0 ? 0 : trial->in.gpr[number];
}

// Writes the displacement, 4 or 8 bytes, and decodes again.
static bool write_displacement(struct trial *trial, uint64_t value)
{
    const ZydisDecodedInstruction *instruction = &trial->decoded.instruction;
    unsigned size = instruction->raw.disp.size / 8;
    bool fits = size == 8 || (int64_t)value == (int32_t)value || mask_of(trial) == 0xffffffff;
    if (size < 4 || !fits)
        return false;
    memcpy(trial->bytes + instruction->raw.disp.offset, &value, size);
    form_decode(trial->bytes, sizeof trial->bytes, &trial->decoded);
    trial->memory_operand = form_memory(&trial->decoded);
    return true;
}

// The displacement makes up for everything else.
static bool solve_by_displacement(struct trial *trial, uint64_t wanted, int base, int index, int pinned)
{
    const ZydisDecodedOperandMem *memory = &trial->memory_operand->mem;
    if (base >= 0 && base != pinned)
        trial->in.gpr[base] = random_below(&trial->random, SMALL) | address_noise(trial);
    if (index >= 0 && index != pinned)
        trial->in.gpr[index] = random_below(&trial->random, SMALL) | address_noise(trial);
    bool is_relative = memory->base == ZYDIS_REGISTER_RIP || memory->base == ZYDIS_REGISTER_EIP;
    uint64_t rest = (is_relative ? trial_next_pc(trial) : register_value(trial, base)) +
                    register_value(trial, index) * memory->scale;
    uint64_t displacement = wanted - rest;
    return write_displacement(trial, mask_of(trial) == 0xffffffff ? (uint64_t)(int32_t)displacement : displacement);
}

bool address_solve(struct trial *trial, uint64_t extra, int pinned)
{
    const ZydisDecodedOperandMem *memory = &trial->memory_operand->mem;
    int base = address_register(memory->base), index = address_register(memory->index);
    uint64_t wanted = trial->target - address_segment_base(trial) - extra;
    if (base < 0 || base == index || base == pinned)
        return solve_by_displacement(trial, wanted, base, index, pinned);
    uint64_t displacement = memory->disp.has_displacement ? (uint64_t)memory->disp.value : 0;
    uint64_t value = wanted - displacement - register_value(trial, index) * memory->scale;
    trial->in.gpr[base] = (value & mask_of(trial)) | address_noise(trial);
    return true;
}
