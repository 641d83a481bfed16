/* SPDX-License-Identifier: Apache-2.0 */
#include "decode_gather.h"

#include "ground/signal_safe.h"

static bool note_widths(ZydisMnemonic mnemonic, struct decode *decode)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_VGATHERDPS:
    case ZYDIS_MNEMONIC_VPGATHERDD:
    case ZYDIS_MNEMONIC_VSCATTERDPS:
    case ZYDIS_MNEMONIC_VPSCATTERDD:
        decode->index_width = 4, decode->element_width = 4;
        return true;
    case ZYDIS_MNEMONIC_VGATHERDPD:
    case ZYDIS_MNEMONIC_VPGATHERDQ:
    case ZYDIS_MNEMONIC_VSCATTERDPD:
    case ZYDIS_MNEMONIC_VPSCATTERDQ:
        decode->index_width = 4, decode->element_width = 8;
        return true;
    case ZYDIS_MNEMONIC_VGATHERQPS:
    case ZYDIS_MNEMONIC_VPGATHERQD:
    case ZYDIS_MNEMONIC_VSCATTERQPS:
    case ZYDIS_MNEMONIC_VPSCATTERQD:
        decode->index_width = 8, decode->element_width = 4;
        return true;
    case ZYDIS_MNEMONIC_VGATHERQPD:
    case ZYDIS_MNEMONIC_VPGATHERQQ:
    case ZYDIS_MNEMONIC_VSCATTERQPD:
    case ZYDIS_MNEMONIC_VPSCATTERQQ:
        decode->index_width = 8, decode->element_width = 8;
        return true;
    default:
        return false;
    }
}

bool decode_gather(const struct zydis *zydis, struct decode *decode)
{
    bool is_scatter = decode->writes;
    const ZydisDecodedOperand *data = is_scatter ? &zydis->operands[zydis->instruction.operand_count_visible - 1]
                                                 : &zydis->operands[0];
    const ZydisDecodedOperand *mask = is_scatter ? &zydis->operands[1]
                                      : zydis->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX
                                          ? &zydis->operands[1]
                                          : &zydis->operands[2];
    bool is_prefetch = data->type != ZYDIS_OPERAND_TYPE_REGISTER || mask->type != ZYDIS_OPERAND_TYPE_REGISTER;
    if (is_prefetch) {
        decode->action = DECODE_NO_ACCESS;
        return true;
    }
    if (!note_widths(zydis->instruction.mnemonic, decode))
        return false;
    unsigned widest = decode->index_width > decode->element_width ? decode->index_width : decode->element_width;
    decode->action = is_scatter ? DECODE_SCATTER : DECODE_GATHER;
    decode->element_count = (uint8_t)(zydis->instruction.avx.vector_length / 8 / widest);
    decode->width = decode->element_width;
    decode->vector = (uint8_t)ZydisRegisterGetId(data->reg.value);
    decode->vector_width = (uint8_t)(ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, data->reg.value) / 8);
    decode->mask = ZydisRegisterGetClass(mask->reg.value) == ZYDIS_REGCLASS_MASK ? DECODE_MASK_OPMASK
                                                                                 : DECODE_MASK_SIGNS;
    decode->mask_register = (uint8_t)ZydisRegisterGetId(mask->reg.value);
    return true;
}
