// SPDX-License-Identifier: Apache-2.0
#include "static_check.h"

#include <inttypes.h>
#include <string.h>

#include "enables.h"
#include "instruction/decode.h"
#include "operation.h"
#include "specimen.h"
#include "state.h"
#include "trap/operand.h"

enum { ATTEMPTS = 1000, DISPLACEMENT = 0x12345678 };

// One instruction, as Zydis sees it and as the agent does.
struct view {
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    struct decoded decoded, copy; // copy: what the agent runs
    struct decode decode;
};

static bool is_same_operand(const ZydisDecodedOperand *original, const ZydisDecodedOperand *copy)
{
    if (original->type != copy->type || original->size != copy->size || original->actions != copy->actions ||
        original->element_count != copy->element_count)
        return false;
    switch (original->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return original->reg.value == copy->reg.value;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        return original->imm.value.u == copy->imm.value.u;
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return original->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN ||
               (copy->mem.base == ZYDIS_REGISTER_RIP && copy->mem.index == ZYDIS_REGISTER_NONE &&
                copy->mem.segment != ZYDIS_REGISTER_FS && copy->mem.segment != ZYDIS_REGISTER_GS &&
                copy->mem.disp.value == DISPLACEMENT);
    default:
        return true;
    }
}

// The same mnemonic, registers, masks, broadcast, widths and immediate, and the operand at [rip + disp32].
static const char *check_copy(struct view *view)
{
    const ZydisDecodedInstruction *original = &view->decoded.instruction, *copy = &view->copy.instruction;
    const int32_t displacement = DISPLACEMENT;
    memcpy(view->decode.code + view->decode.code_displacement, &displacement, sizeof displacement);
    if (!form_decode(view->decode.code, view->decode.code_length, &view->copy) ||
        copy->length != view->decode.code_length)
        return "what the agent runs is no instruction";
    bool is_same = original->mnemonic == copy->mnemonic && original->operand_count == copy->operand_count &&
                   original->operand_width == copy->operand_width && original->avx.mask.mode == copy->avx.mask.mode &&
                   original->avx.mask.reg == copy->avx.mask.reg &&
                   original->avx.broadcast.mode == copy->avx.broadcast.mode &&
                   original->avx.vector_length == copy->avx.vector_length &&
                   (original->attributes & ZYDIS_ATTRIB_HAS_LOCK) == (copy->attributes & ZYDIS_ATTRIB_HAS_LOCK);
    if (!is_same)
        return "what the agent runs is another instruction";
    for (unsigned i = 0; i < original->operand_count; i++)
        if (!is_same_operand(&view->decoded.operands[i], &view->copy.operands[i]))
            return "an operand of what the agent runs is another one";
    return NULL;
}

// A signal frame that holds nothing but opmask registers (the software bytes: kernel asm/sigcontext.h).
static void make_frame(ucontext_t *frame, struct machine_state *state, struct random *random)
{
    enum { MAGIC_OFFSET = 464, FEATURES_OFFSET = 472, HEADER_OFFSET = 512 };
    const uint32_t magic = 0x46505853;
    const uint64_t features = 1 << 5;
    memset(frame, 0, sizeof *frame);
    for (unsigned i = 0; i < 8; i++)
        *state_opmask(state, i) = random_next(random) & random_next(random);
    memcpy(state->extended + MAGIC_OFFSET, &magic, sizeof magic);
    memcpy(state->extended + FEATURES_OFFSET, &features, sizeof features);
    memcpy(state->extended + HEADER_OFFSET, &features, sizeof features);
    frame->uc_mcontext.fpregs = (fpregset_t)(void *)state->extended;
}

static const char *check_enables(const struct view *view, struct random *random)
{
    static struct machine_state state;
    static struct site site;
    ucontext_t frame;
    const ZydisDecodedOperand *memory = form_memory(&view->decoded);
    make_frame(&frame, &state, random);
    site.decode = view->decode;
    const struct trap trap = {.context = &frame, .site = &site};
    uint64_t opmask = *state_opmask(&state, (unsigned)ZydisRegisterGetId(view->decoded.instruction.avx.mask.reg) & 7);
    return operand_enables(&trap) != enables_by_opmask(&view->decoded, memory, opmask) ? "the agent enables other bytes"
                                                                                       : NULL;
}

static const char *check_indexed(const struct view *view)
{
    const struct decoded *decoded = &view->decoded;
    const ZydisDecodedOperand *memory = form_memory(decoded);
    bool is_gather = decoded->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER;
    bool is_evex = decoded->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX;
    ZydisRegister data = decoded->operands[is_gather ? 0 : decoded->instruction.operand_count_visible - 1].reg.value;
    ZydisRegister mask = is_evex ? decoded->instruction.avx.mask.reg : decoded->operands[2].reg.value;
    unsigned width = memory->element_size / 8, index_width = operation_index_width(decoded);
    unsigned count = decoded->instruction.avx.vector_length / 8u / (width > index_width ? width : index_width);
    bool is_same = view->decode.action == (is_gather ? DECODE_GATHER : DECODE_SCATTER) &&
                   view->decode.vector == ZydisRegisterGetId(data) &&
                   view->decode.mask_register == ZydisRegisterGetId(mask) &&
                   view->decode.address.index == ZydisRegisterGetId(memory->mem.index) &&
                   view->decode.element_width == width && view->decode.index_width == index_width &&
                   view->decode.element_count == count;
    return is_same ? NULL : "the agent sees other elements";
}

static const char *check(struct view *view, struct random *random)
{
    const ZydisDecodedOperand *memory = form_memory(&view->decoded);
    if (!decode_instruction(DECODE_CODE64, view->bytes, view->decoded.instruction.length, &view->decode) ||
        view->decode.action == DECODE_REFUSED)
        return "the agent refuses it";
    switch (operation_of(&view->decoded)) {
    case OPERATION_NO_ACCESS:
        return view->decode.action == DECODE_NO_ACCESS ? NULL : "the agent makes an access";
    case OPERATION_GATHER:
    case OPERATION_SCATTER:
        return check_indexed(view);
    case OPERATION_DIRECT_STORE:
        return view->decode.action == DECODE_DIRECT_STORE ? NULL : "the agent takes it for something else";
    default:
        break;
    }
    bool reads = memory->actions & ZYDIS_OPERAND_ACTION_MASK_READ,
         writes = memory->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
    if (view->decode.width != memory->size / 8 || view->decode.reads != reads || view->decode.writes != writes)
        return "the agent reads or writes something else";
    const char *complaint = check_copy(view);
    return complaint != NULL ? complaint : check_enables(view, random);
}

static void print(FILE *report, const struct form *form, const struct view *view, const char *complaint)
{
    fprintf(report, "fuzz: by decoding only: %s: %s, bytes", form->name, complaint);
    for (unsigned i = 0; i < view->decoded.instruction.length; i++)
        fprintf(report, " %02x", view->bytes[i]);
    fputs(", run as", report);
    for (unsigned i = 0; i < view->decode.code_length; i++)
        fprintf(report, " %02x", view->decode.code[i]);
    fputc('\n', report);
}

static bool draw(const struct form *form, struct random *random, struct view *view)
{
    for (unsigned i = 0; i < ATTEMPTS; i++)
        if (specimen_draw(form, random, view->bytes, &view->decoded))
            return true;
    return false;
}

struct static_tally static_check(FILE *report, const struct form *table, size_t count, const char *only, uint64_t seed,
                                 unsigned rounds)
{
    struct static_tally tally = {0};
    struct random random = {seed};
    struct view view;
    for (size_t i = 0; i < count; i++) {
        if (table[i].fate != FORM_NOT_ON_THIS_CPU ||
            (only != NULL && strcmp(ZydisMnemonicGetString(table[i].mnemonic), only) != 0))
            continue;
        tally.forms++;
        for (unsigned round = 0; round < rounds && draw(&table[i], &random, &view); round++) {
            const char *complaint = check(&view, &random);
            tally.instructions++;
            if (complaint == NULL)
                continue;
            tally.differences++;
            print(report, &table[i], &view, complaint);
            break;
        }
    }
    return tally;
}
