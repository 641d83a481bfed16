// SPDX-License-Identifier: Apache-2.0
#include "form.h"

#include <stdio.h>

#include "code32.h"

// With a 32-bit address and a SIB byte that names no base, Zydis 4.0 takes the extension bit for one: [r13d].
static void correct_missing_base(struct decoded *decoded)
{
    const ZydisDecodedInstruction *instruction = &decoded->instruction;
    if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_SIB) || instruction->raw.modrm.mod != 0 ||
        instruction->raw.sib.base != 5)
        return;
    for (unsigned i = 0; i < instruction->operand_count; i++) {
        ZydisDecodedOperand *operand = &decoded->operands[i];
        if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY || operand->encoding != ZYDIS_OPERAND_ENCODING_MODRM_RM)
            continue;
        operand->mem.base = ZYDIS_REGISTER_NONE;
        operand->mem.disp.has_displacement = true;
        operand->mem.disp.value = instruction->raw.disp.value;
    }
}

bool form_decode(const uint8_t *bytes, size_t count, struct decoded *decoded)
{
    static ZydisDecoder decoder;
    static bool ready;
    if (!ready)
        ready = ZYAN_SUCCESS(code32_is_used()
                                 ? ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32)
                                 : ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64));
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes, count, &decoded->instruction, decoded->operands)))
        return false;
    correct_missing_base(decoded);
    return true;
}

const ZydisDecodedOperand *form_memory(const struct decoded *decoded)
{
    for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        bool is_stack = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
                        (operand->mem.base == ZYDIS_REGISTER_RSP || operand->mem.base == ZYDIS_REGISTER_ESP);
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN && !is_stack)
            return operand;
    }
    return NULL;
}

unsigned form_broadcast(const struct decoded *decoded)
{
    static const unsigned copies[] = {
        [ZYDIS_BROADCAST_MODE_1_TO_2] = 2,   [ZYDIS_BROADCAST_MODE_1_TO_4] = 4,   [ZYDIS_BROADCAST_MODE_1_TO_8] = 8,
        [ZYDIS_BROADCAST_MODE_1_TO_16] = 16, [ZYDIS_BROADCAST_MODE_1_TO_32] = 32, [ZYDIS_BROADCAST_MODE_1_TO_64] = 64,
        [ZYDIS_BROADCAST_MODE_2_TO_4] = 2,   [ZYDIS_BROADCAST_MODE_2_TO_8] = 4,   [ZYDIS_BROADCAST_MODE_2_TO_16] = 8,
        [ZYDIS_BROADCAST_MODE_4_TO_8] = 2,   [ZYDIS_BROADCAST_MODE_4_TO_16] = 4,  [ZYDIS_BROADCAST_MODE_8_TO_16] = 2,
    };
    unsigned count = copies[decoded->instruction.avx.broadcast.mode];
    return count != 0 ? count : 1;
}

static const char *class_name(ZydisRegister reg)
{
    switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_GPR8:
        return "r8";
    case ZYDIS_REGCLASS_GPR16:
        return "r16";
    case ZYDIS_REGCLASS_GPR32:
        return "r32";
    case ZYDIS_REGCLASS_GPR64:
        return "r64";
    case ZYDIS_REGCLASS_X87:
        return "st";
    case ZYDIS_REGCLASS_MMX:
        return "mm";
    case ZYDIS_REGCLASS_XMM:
        return "xmm";
    case ZYDIS_REGCLASS_YMM:
        return "ymm";
    case ZYDIS_REGCLASS_ZMM:
        return "zmm";
    case ZYDIS_REGCLASS_MASK:
        return "k";
    case ZYDIS_REGCLASS_SEGMENT:
        return "sreg";
    default:
        return ZydisRegisterGetString(reg);
    }
}

// A register that the form fixes is called by its name.
static const char *register_name(const ZydisDecodedOperand *operand)
{
    bool is_fixed = operand->visibility == ZYDIS_OPERAND_VISIBILITY_IMPLICIT;
    return is_fixed ? ZydisRegisterGetString(operand->reg.value) : class_name(operand->reg.value);
}

static int describe_operand(const struct decoded *decoded, const ZydisDecodedOperand *operand, char *text, size_t size)
{
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return snprintf(text, size, "%s", register_name(operand));
    case ZYDIS_OPERAND_TYPE_MEMORY:
        if (operand->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
            return snprintf(text, size, "m%u[%s]", operand->size, class_name(operand->mem.index));
        if (form_broadcast(decoded) != 1 && !decoded->instruction.avx.broadcast.is_static)
            return snprintf(text, size, "m%u{1to%u}", operand->size, form_broadcast(decoded));
        return snprintf(text, size, "m%u", operand->size);
    default:
        return snprintf(text, size, "i%u", operand->size);
    }
}

static const char *repeat_name(const struct decoded *decoded)
{
    ZydisInstructionAttributes attributes = decoded->instruction.attributes;
    return attributes & ZYDIS_ATTRIB_HAS_REPNE  ? "repne "
           : attributes & ZYDIS_ATTRIB_HAS_REPE ? "repe "
           : attributes & ZYDIS_ATTRIB_HAS_REP  ? "rep "
                                                : "";
}

void form_describe(const struct decoded *decoded, char *text, size_t size)
{
    const ZydisDecodedInstruction *instruction = &decoded->instruction;
    bool is_masked = instruction->avx.mask.mode == ZYDIS_MASK_MODE_MERGING ||
                     instruction->avx.mask.mode == ZYDIS_MASK_MODE_ZEROING;
    const char *separator = " ";
    size_t at = (size_t)snprintf(text, size, "%s%s%s", instruction->attributes & ZYDIS_ATTRIB_HAS_LOCK ? "lock " : "",
                                 repeat_name(decoded), ZydisMnemonicGetString(instruction->mnemonic));
    for (unsigned i = 0; i < instruction->operand_count_visible; i++) {
        bool is_opmask = decoded->operands[i].encoding == ZYDIS_OPERAND_ENCODING_MASK;
        if (is_opmask)
            continue;
        at += (size_t)snprintf(text + at, size - at, "%s", separator);
        at += (size_t)describe_operand(decoded, &decoded->operands[i], text + at, size - at);
        if (i == 0 && is_masked)
            at += (size_t)snprintf(text + at, size - at,
                                   instruction->avx.mask.mode == ZYDIS_MASK_MODE_ZEROING ? "{k}{z}" : "{k}");
        separator = ", ";
    }
}
