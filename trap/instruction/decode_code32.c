/* SPDX-License-Identifier: Apache-2.0 */
#include "decode_code32.h"

#include "ground/signal_safe.h"

/* Bits of vector prefixes that name registers which 32-bit code does not have, or operand sizes: it passes over them,
 * 64-bit code does not (Intel SDM Vol. 2, 2.3.5 and 2.7.1). All but W are stored inverted. */
enum { VEX2 = 0xc5, EVEX = 0x62 };
enum { RXB = 0xe0, EVEX_R2 = 0x10, VVVV3 = 0x40, W = 0x80 };
enum { VEX2_R = 0x80 };

/* Where in `code` the byte with W is; 0: there is none. */
static unsigned name_low_registers(uint8_t *code)
{
    if (code[0] == VEX2) {
        code[1] |= VEX2_R | VVVV3;
        return 0;
    }
    code[1] |= code[0] == EVEX ? RXB | EVEX_R2 : RXB;
    code[2] |= VVVV3;
    return 2;
}

static bool has_register_in_immediate(const struct zydis *zydis)
{
    for (unsigned i = 0; i < zydis->instruction.operand_count; i++)
        if (zydis->operands[i].encoding == ZYDIS_OPERAND_ENCODING_IS4)
            return true;
    return false;
}

/* Where W was cleared, a general register may have been named by its 64 bits, which 32-bit code has not: VPCMPESTRI's
 * are EAX and EDX there, whatever W is (Intel SDM Vol. 2, PCMPESTRI). */
static bool is_same_register(ZydisRegister a, ZydisRegister b, bool is_cleared)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(a), other = ZydisRegisterGetClass(b);
    if (is_cleared && class == ZYDIS_REGCLASS_GPR64 && other == ZYDIS_REGCLASS_GPR32)
        return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, b) == a;
    return class == other && (class == ZYDIS_REGCLASS_FLAGS || a == b);
}

static bool is_same_operand(const ZydisDecodedOperand *a, const ZydisDecodedOperand *b, bool is_cleared)
{
    if (a->type != b->type || a->actions != b->actions)
        return false;
    switch (a->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return is_same_register(a->reg.value, b->reg.value, is_cleared);
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return a->size == b->size && a->element_size == b->element_size;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        return a->imm.value.u == b->imm.value.u;
    default:
        return false;
    }
}

/* Whether the code is in 64-bit code what the original is in its own. */
static bool is_same(const struct zydis *original, const struct decode *decode, bool is_cleared)
{
    ZydisDecoder decoder;
    struct zydis copy;
    if (ZYAN_FAILED(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
        ZYAN_FAILED(
            ZydisDecoderDecodeFull(&decoder, decode->code, decode->code_length, &copy.instruction, copy.operands)) ||
        copy.instruction.length != decode->code_length || copy.instruction.mnemonic != original->instruction.mnemonic ||
        copy.instruction.operand_count != original->instruction.operand_count)
        return false;
    for (unsigned i = 0; i < copy.instruction.operand_count; i++)
        if (!is_same_operand(&original->operands[i], &copy.operands[i], is_cleared))
            return false;
    return true;
}

/* The handler has a CS of its own, and loads would change its segments, or those that the frame puts back. */
static bool needs_own_segments(const struct zydis *zydis)
{
    for (unsigned i = 0; i < zydis->instruction.operand_count_visible; i++) {
        const ZydisDecodedOperand *operand = &zydis->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_SEGMENT &&
            (operand->reg.value == ZYDIS_REGISTER_CS || operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
            return true;
    }
    return false;
}

bool decode_code32_adapt(const struct zydis *zydis, struct decode *decode)
{
    ZydisInstructionEncoding encoding = zydis->instruction.encoding;
    unsigned wide = 0;
    if (needs_own_segments(zydis))
        return false;
    if (encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY && encoding != ZYDIS_INSTRUCTION_ENCODING_3DNOW)
        wide = name_low_registers(decode->code);
    if (has_register_in_immediate(zydis))
        decode->code[decode->code_length - 1] &= 0x7f;
    /* 82 is 80 once more (Intel SDM Vol. 3, 23.15). */
    bool is_alias = zydis->instruction.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && zydis->instruction.opcode == 0x82;
    if (is_alias)
        decode->code[decode->code_displacement - 2] = 0x80;
    if (wide == 0 || !(decode->code[wide] & W))
        return is_same(zydis, decode, false);
    decode->code[wide] &= (uint8_t)~W;
    if (is_same(zydis, decode, true))
        return true;
    decode->code[wide] |= W;
    return is_same(zydis, decode, false);
}
