// SPDX-License-Identifier: Apache-2.0
#include "operation.h"

#include <string.h>

// Prefetches by name, for newer versions of Zydis know more of them.
static bool touches_no_data(const ZydisDecodedInstruction *instruction)
{
    if (strncmp(ZydisMnemonicGetString(instruction->mnemonic), "prefetch", strlen("prefetch")) == 0)
        return true;
    switch (instruction->meta.isa_set) {
    case ZYDIS_ISA_SET_CLFSH:
    case ZYDIS_ISA_SET_CLFLUSHOPT:
    case ZYDIS_ISA_SET_CLWB:
    case ZYDIS_ISA_SET_CLDEMOTE:
    case ZYDIS_ISA_SET_PREFETCH_NOP:
    case ZYDIS_ISA_SET_FAT_NOP:
    case ZYDIS_ISA_SET_AVX512PF_512:
        return true;
    default:
        return false;
    }
}

// Without ModRM: movsd and cmpsd are also names of SSE2 instructions.
static enum operation string_operation(uint8_t opcode)
{
    switch (opcode) {
    case 0xa4:
    case 0xa5:
        return OPERATION_MOVS;
    case 0xa6:
    case 0xa7:
        return OPERATION_CMPS;
    case 0xaa:
    case 0xab:
        return OPERATION_STOS;
    case 0xac:
    case 0xad:
        return OPERATION_LODS;
    case 0xae:
    case 0xaf:
        return OPERATION_SCAS;
    default:
        return OPERATION_PLAIN;
    }
}

static enum operation indexed_operation(const struct decoded *decoded)
{
    bool is_scatter = decoded->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY;
    return is_scatter ? OPERATION_SCATTER : OPERATION_GATHER;
}

enum operation operation_of(const struct decoded *decoded)
{
    const ZydisDecodedInstruction *instruction = &decoded->instruction;
    if (touches_no_data(instruction) || instruction->mnemonic == ZYDIS_MNEMONIC_NOP)
        return OPERATION_NO_ACCESS;
    if (form_memory(decoded)->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
        return indexed_operation(decoded);
    if (instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
        instruction->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && !(instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM) &&
        instruction->mnemonic != ZYDIS_MNEMONIC_XLAT)
        return string_operation(instruction->opcode);
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTC:
        return decoded->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER ? OPERATION_BIT : OPERATION_PLAIN;
    case ZYDIS_MNEMONIC_XLAT:
        return OPERATION_TABLE;
    case ZYDIS_MNEMONIC_PUSH:
        return OPERATION_PUSH;
    case ZYDIS_MNEMONIC_POP:
        return OPERATION_POP;
    case ZYDIS_MNEMONIC_CALL:
        return OPERATION_CALL;
    case ZYDIS_MNEMONIC_JMP:
        return OPERATION_JUMP;
    case ZYDIS_MNEMONIC_MASKMOVQ:
    case ZYDIS_MNEMONIC_MASKMOVDQU:
    case ZYDIS_MNEMONIC_VMASKMOVDQU:
        return OPERATION_MASKED_STORE;
    case ZYDIS_MNEMONIC_MOVDIR64B:
        return OPERATION_DIRECT_STORE;
    default:
        return OPERATION_PLAIN;
    }
}

// Opcodes come in pairs (Intel SDM volume 2, VGATHER): the odd one has quadword indexes.
unsigned operation_index_width(const struct decoded *decoded)
{
    return decoded->instruction.opcode & 1 ? 8 : 4;
}
