// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <string.h>

#include "address.h"
#include "enables.h"
#include "flags.h"
#include "operation.h"

enum { PIECE_MAX = 64 };

// Memory as it changes while the instruction goes on, and the list that grows.
struct model {
    const struct trial *trial;
    struct machine_state in;
    uint8_t memory[ARENA_SIZE];
    struct access_list *list;
};

static uint8_t *at(struct model *model, uint64_t address)
{
    return model->memory + (address - ARENA_START);
}

// One access a window, of at most 64 bytes; what lies between windows is memory.
static void append(struct model *model, bool is_store, uint64_t address, unsigned width, uint64_t enables)
{
    const ZydisDecodedInstruction *instruction = &model->trial->decoded.instruction;
    bool is_locked = instruction->attributes & ZYDIS_ATTRIB_HAS_LOCK || instruction->mnemonic == ZYDIS_MNEMONIC_XCHG;
    if (width > 64)
        enables = ~0ull;
    for (unsigned from = 0, to; from < width; from = to) {
        unsigned device = arena_device(address + from);
        for (to = from + 1; to < width && to - from < PIECE_MAX && arena_device(address + to) == device; to++)
            ;
        uint64_t piece_enables = (width > 64 ? enables : enables >> from) & access_all_bytes(to - from);
        if (device == 0 || piece_enables == 0)
            continue;
        struct access *access = access_append(model->list);
        memset(access, 0, sizeof *access);
        access->is_store = is_store;
        access->hold = is_locked && !is_store;
        access->device = (uint8_t)device;
        access->width = (uint8_t)(to - from);
        access->offset = (address + from) % ARENA_PAGE;
        access->enables = piece_enables;
        for (unsigned i = from; i < to; i++)
            if (piece_enables >> (i - from) & 1)
                access->data[i - from] = *at(model, address + i);
    }
}

static void load(struct model *model, uint64_t address, unsigned width, uint64_t enables)
{
    append(model, false, address, width, enables);
}

static void store(struct model *model, uint64_t address, unsigned width, uint64_t enables, const uint8_t *data)
{
    for (unsigned i = 0; i < width; i++)
        if (width > 64 || enables >> i & 1)
            *at(model, address + i) = data[i];
    append(model, true, address, width, enables);
}

static uint64_t sign_enables(struct model *model, ZydisRegister mask, unsigned element_width, unsigned width)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < width; i += element_width)
        if (*state_vector_byte(&model->in, (unsigned)ZydisRegisterGetId(mask), i + element_width - 1) & 0x80)
            bytes |= access_all_bytes(element_width) << i;
    return bytes;
}

static uint64_t operand_enables(struct model *model)
{
    const struct decoded *decoded = &model->trial->decoded;
    const ZydisDecodedOperand *operand = model->trial->memory_operand;
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_VMASKMOVPS:
    case ZYDIS_MNEMONIC_VPMASKMOVD:
        return sign_enables(model, decoded->operands[1].reg.value, 4, operand->size / 8);
    case ZYDIS_MNEMONIC_VMASKMOVPD:
    case ZYDIS_MNEMONIC_VPMASKMOVQ:
        return sign_enables(model, decoded->operands[1].reg.value, 8, operand->size / 8);
    default:
        break;
    }
    ZydisRegister mask = decoded->instruction.avx.mask.reg;
    if (mask == ZYDIS_REGISTER_NONE || mask == ZYDIS_REGISTER_K0)
        return access_all_bytes(operand->size / 8);
    return enables_by_opmask(decoded, operand, *state_opmask(&model->in, (unsigned)ZydisRegisterGetId(mask)));
}

// Any unmasked exception but an inexact result keeps an x87 instruction from storing (Intel SDM volume 1, 8.5). Were
// this wrong, the two memories would differ.
static bool keeps_memory(const struct model *model, const struct outcome *native)
{
    const uint8_t *image = native->out.extended;
    bool is_raised = image[2] & ~image[0] & 0x1f;
    const struct decoded *decoded = &model->trial->decoded;
    bool is_arithmetic = decoded->instruction.meta.isa_set == ZYDIS_ISA_SET_X87 ||
                         decoded->instruction.mnemonic == ZYDIS_MNEMONIC_FISTTP;
    return is_arithmetic && is_raised && memcmp(native->memory, model->memory, ARENA_SIZE) == 0;
}

static void plain(struct model *model, const struct outcome *native)
{
    uint64_t target = model->trial->target, enables = operand_enables(model);
    unsigned width = trial_width(model->trial);
    ZydisOperandActions actions = model->trial->memory_operand->actions;
    if (actions & ZYDIS_OPERAND_ACTION_MASK_READ)
        load(model, target, width, enables);
    if (actions & ZYDIS_OPERAND_ACTION_MASK_WRITE && !keeps_memory(model, native))
        store(model, target, width, enables, native->memory + (target - ARENA_START));
}

static void stack(struct model *model, enum operation operation, const struct outcome *native)
{
    uint64_t target = model->trial->target, top = model->in.gpr[RSP];
    unsigned width = trial_width(model->trial);
    uint64_t back = trial_next_pc(model->trial);
    if (operation == OPERATION_POP) {
        load(model, top, width, ~0ull);
        store(model, target, width, ~0ull, native->memory + (target - ARENA_START));
        return;
    }
    uint8_t value[8];
    memcpy(value, at(model, target), width);
    load(model, target, width, ~0ull);
    if (operation == OPERATION_PUSH)
        store(model, top - width, width, ~0ull, value);
    if (operation == OPERATION_CALL)
        store(model, top - width, width, ~0ull, (const uint8_t *)&back);
}

static uint64_t pointer(const struct model *model, int number)
{
    uint64_t value = model->in.gpr[number];
    return model->trial->decoded.instruction.address_width == 32 ? (uint32_t)value : value;
}

// As many elements as the native run made: its count register tells.
static uint64_t elements_done(const struct model *model, const struct outcome *native)
{
    if (model->trial->form->encoding.repeat == 0)
        return 1;
    uint64_t left = native->out.gpr[RCX];
    return pointer(model, RCX) - (model->trial->decoded.instruction.address_width == 32 ? (uint32_t)left : left);
}

static void string_operation(struct model *model, enum operation operation, const struct outcome *native)
{
    unsigned width = trial_width(model->trial);
    uint64_t source = pointer(model, RSI) + address_source_base(model->trial), destination = pointer(model, RDI);
    uint64_t count = elements_done(model, native);
    uint64_t distance = model->in.flags & FLAG_DF ? 0 - (uint64_t)width : width;
    for (uint64_t i = 0; i < count; i++, source += distance, destination += distance) {
        uint8_t element[8];
        memcpy(element, &model->in.gpr[RAX], sizeof element);
        if (operation == OPERATION_MOVS || operation == OPERATION_LODS || operation == OPERATION_CMPS) {
            memcpy(element, at(model, source), width);
            load(model, source, width, ~0ull);
        }
        if (operation == OPERATION_MOVS || operation == OPERATION_STOS)
            store(model, destination, width, ~0ull, element);
        if (operation == OPERATION_SCAS || operation == OPERATION_CMPS)
            load(model, destination, width, ~0ull);
    }
}

// MMX registers are the x87 stack, counted from its physical start.
static uint8_t mmx_byte(const struct machine_state *state, unsigned number, unsigned byte)
{
    uint16_t status;
    memcpy(&status, state->extended + 2, sizeof status);
    return state->extended[32 + 16 * ((number - (status >> 11 & 7)) & 7) + byte];
}

static void masked_store(struct model *model)
{
    const struct decoded *decoded = &model->trial->decoded;
    bool is_mmx = decoded->instruction.mnemonic == ZYDIS_MNEMONIC_MASKMOVQ;
    ZydisRegister registers[2];
    uint8_t data[16];
    uint64_t enables = 0;
    unsigned found = 0;
    for (unsigned i = 0; i < decoded->instruction.operand_count && found < 2; i++)
        if (decoded->operands[i].visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
            registers[found++] = decoded->operands[i].reg.value;
    unsigned from = (unsigned)ZydisRegisterGetId(registers[0]), mask = (unsigned)ZydisRegisterGetId(registers[1]);
    for (unsigned i = 0; i < trial_width(model->trial); i++) {
        data[i] = is_mmx ? mmx_byte(&model->in, from, i) : *state_vector_byte(&model->in, from, i);
        uint8_t sign = is_mmx ? mmx_byte(&model->in, mask, i) : *state_vector_byte(&model->in, mask, i);
        enables |= (uint64_t)(sign >> 7) << i;
    }
    store(model, model->trial->target, trial_width(model->trial), enables, data);
}

static void direct_store(struct model *model)
{
    uint8_t data[64];
    memcpy(data, at(model, model->trial->target), sizeof data);
    load(model, model->trial->target, sizeof data, ~0ull);
    store(model, pointer(model, address_register(model->trial->decoded.operands[0].reg.value)), sizeof data, ~0ull,
          data);
}

static uint64_t element_address(struct model *model, unsigned i)
{
    const struct trial *trial = model->trial;
    const ZydisDecodedOperandMem *memory = &trial->memory_operand->mem;
    unsigned width = operation_index_width(&trial->decoded);
    int64_t index = 0;
    memcpy(&index, state_vector_byte(&model->in, (unsigned)ZydisRegisterGetId(memory->index), i * width), width);
    return trial->target + (uint64_t)((width == 4 ? (int32_t)index : index) * memory->scale);
}

static bool is_element_enabled(struct model *model, ZydisRegister mask, unsigned width, unsigned i)
{
    unsigned number = (unsigned)ZydisRegisterGetId(mask);
    return ZydisRegisterGetClass(mask) == ZYDIS_REGCLASS_MASK
               ? *state_opmask(&model->in, number) >> i & 1
               : *state_vector_byte(&model->in, number, (i + 1) * width - 1) >> 7;
}

static void indexed(struct model *model, enum operation operation)
{
    const struct decoded *decoded = &model->trial->decoded;
    bool is_evex = decoded->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX;
    ZydisRegister mask = is_evex ? decoded->instruction.avx.mask.reg : decoded->operands[2].reg.value;
    const ZydisDecodedOperand *data =
        &decoded->operands[operation == OPERATION_GATHER ? 0 : decoded->instruction.operand_count_visible - 1];
    unsigned width = model->trial->memory_operand->element_size / 8;
    unsigned widest = width > operation_index_width(decoded) ? width : operation_index_width(decoded);
    for (unsigned i = 0; i < decoded->instruction.avx.vector_length / 8u / widest; i++) {
        if (!is_element_enabled(model, mask, width, i))
            continue;
        uint64_t address = element_address(model, i);
        if (operation == OPERATION_GATHER)
            load(model, address, width, ~0ull);
        else
            store(model, address, width, ~0ull,
                  state_vector_byte(&model->in, (unsigned)ZydisRegisterGetId(data->reg.value), i * width));
    }
}

void model_expect(const struct trial *trial, const struct outcome *native, struct access_list *expected)
{
    static struct model model;
    enum operation operation = operation_of(&trial->decoded);
    model.trial = trial;
    model.in = trial->in;
    model.list = expected;
    memcpy(model.memory, trial->memory, sizeof model.memory);
    expected->count = 0;
    if (operation_is_string(operation))
        string_operation(&model, operation, native);
    else if (operation == OPERATION_PUSH || operation == OPERATION_POP || operation == OPERATION_CALL ||
             operation == OPERATION_JUMP)
        stack(&model, operation, native);
    else if (operation == OPERATION_MASKED_STORE)
        masked_store(&model);
    else if (operation == OPERATION_DIRECT_STORE)
        direct_store(&model);
    else if (operation == OPERATION_GATHER || operation == OPERATION_SCATTER)
        indexed(&model, operation);
    else if (operation != OPERATION_NO_ACCESS)
        plain(&model, native);
}
