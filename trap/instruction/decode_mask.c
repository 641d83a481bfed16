/* SPDX-License-Identifier: Apache-2.0 */
#include "decode_mask.h"

#include "ground/signal_safe.h"

static bool is_compressing(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_VCOMPRESSPS:
    case ZYDIS_MNEMONIC_VCOMPRESSPD:
    case ZYDIS_MNEMONIC_VPCOMPRESSB:
    case ZYDIS_MNEMONIC_VPCOMPRESSW:
    case ZYDIS_MNEMONIC_VPCOMPRESSD:
    case ZYDIS_MNEMONIC_VPCOMPRESSQ:
    case ZYDIS_MNEMONIC_VEXPANDPS:
    case ZYDIS_MNEMONIC_VEXPANDPD:
    case ZYDIS_MNEMONIC_VPEXPANDB:
    case ZYDIS_MNEMONIC_VPEXPANDW:
    case ZYDIS_MNEMONIC_VPEXPANDD:
    case ZYDIS_MNEMONIC_VPEXPANDQ:
        return true;
    default:
        return false;
    }
}

static bool is_sign_masked(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_VMASKMOVPS || mnemonic == ZYDIS_MNEMONIC_VMASKMOVPD ||
           mnemonic == ZYDIS_MNEMONIC_VPMASKMOVD || mnemonic == ZYDIS_MNEMONIC_VPMASKMOVQ;
}

static unsigned broadcast_copies(ZydisBroadcastMode mode)
{
    switch (mode) {
    case ZYDIS_BROADCAST_MODE_1_TO_2:
    case ZYDIS_BROADCAST_MODE_2_TO_4:
    case ZYDIS_BROADCAST_MODE_4_TO_8:
    case ZYDIS_BROADCAST_MODE_8_TO_16:
        return 2;
    case ZYDIS_BROADCAST_MODE_1_TO_4:
    case ZYDIS_BROADCAST_MODE_2_TO_8:
    case ZYDIS_BROADCAST_MODE_4_TO_16:
        return 4;
    case ZYDIS_BROADCAST_MODE_1_TO_8:
    case ZYDIS_BROADCAST_MODE_2_TO_16:
        return 8;
    case ZYDIS_BROADCAST_MODE_1_TO_16:
        return 16;
    case ZYDIS_BROADCAST_MODE_1_TO_32:
        return 32;
    case ZYDIS_BROADCAST_MODE_1_TO_64:
        return 64;
    default:
        return 1;
    }
}

/* Exception classes whose name ends in NF read the whole operand whatever the mask says (Intel SDM Vol. 2, 2.8). */
static bool never_suppresses_faults(ZydisExceptionClass class)
{
    switch (class) {
    case ZYDIS_EXCEPTION_CLASS_E1NF:
    case ZYDIS_EXCEPTION_CLASS_E2NF:
    case ZYDIS_EXCEPTION_CLASS_E3NF:
    case ZYDIS_EXCEPTION_CLASS_E4NF:
    case ZYDIS_EXCEPTION_CLASS_E5NF:
    case ZYDIS_EXCEPTION_CLASS_E6NF:
    case ZYDIS_EXCEPTION_CLASS_E9NF:
    case ZYDIS_EXCEPTION_CLASS_E10NF:
    case ZYDIS_EXCEPTION_CLASS_E11NF:
        return true;
    default:
        return false;
    }
}

/* The mask selects elements of the result. Where these do not stem from one element in memory each, all of it is
 * read. */
static bool reads_whole_operand(const struct zydis *zydis, const ZydisDecodedOperand *memory)
{
    const ZydisDecodedInstruction *instruction = &zydis->instruction;
    const ZydisDecodedOperand *result = &zydis->operands[0];
    unsigned copies = broadcast_copies(instruction->avx.broadcast.mode);
    bool is_scalar = memory->element_count == 1 && copies == 1;
    bool is_conversion = instruction->meta.category == ZYDIS_CATEGORY_CONVERT;
    bool into_mask = ZydisRegisterGetClass(result->reg.value) == ZYDIS_REGCLASS_MASK;
    bool is_tuple = instruction->meta.isa_set == ZYDIS_ISA_SET_AVX512_4FMAPS_SCALAR;
    if (never_suppresses_faults(instruction->meta.exception_class) || is_tuple)
        return true;
    return !is_scalar && !is_conversion && !into_mask && memory->element_count * copies != result->element_count;
}

void decode_mask_note(const struct zydis *zydis, const ZydisDecodedOperand *memory, struct decode *decode)
{
    const ZydisDecodedInstruction *instruction = &zydis->instruction;
    ZydisRegister opmask = instruction->avx.mask.reg;
    decode->element_width = (uint8_t)(memory->element_size / 8);
    decode->element_count = (uint8_t)memory->element_count;
    if (is_sign_masked(instruction->mnemonic)) {
        /* Load: ymm, mask, m. Store: m, mask, ymm. */
        decode->mask = DECODE_MASK_SIGNS;
        decode->mask_register = (uint8_t)ZydisRegisterGetId(zydis->operands[1].reg.value);
        decode->element_width = memory->element_size != 0 ? decode->element_width : 4;
        decode->element_count = (uint8_t)(decode->width / decode->element_width);
        return;
    }
    if (instruction->encoding != ZYDIS_INSTRUCTION_ENCODING_EVEX || opmask == ZYDIS_REGISTER_NONE ||
        opmask == ZYDIS_REGISTER_K0 || (!decode->writes && reads_whole_operand(zydis, memory)))
        return;
    decode->mask = is_compressing(instruction->mnemonic) ? DECODE_MASK_COMPRESS : DECODE_MASK_OPMASK;
    decode->mask_register = (uint8_t)ZydisRegisterGetId(opmask);
    /* A broadcast load has fewer elements in memory than the mask has bits. */
    decode->mask_bits = (uint8_t)(decode->element_count * broadcast_copies(instruction->avx.broadcast.mode));
}
