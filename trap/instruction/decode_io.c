/* SPDX-License-Identifier: Apache-2.0 */
#include "decode_io.h"

#include "registers.h"
#include "ground/signal_safe.h"

enum { PREFIX_OPERAND_SIZE = 0x66, PREFIX_REPNE = 0xf2, PREFIX_REP = 0xf3 };

static bool has_prefix(const ZydisDecodedInstruction *instruction, uint8_t prefix)
{
    for (unsigned i = 0; i < instruction->raw.prefix_count; i++)
        if (instruction->raw.prefixes[i].value == prefix)
            return true;
    return false;
}

/* Opcodes with bit 0 clear move a byte. There is no operand of 64 bits; REX.W keeps 66 from counting (Intel SDM Vol. 2,
 * 2.2.1.2, IN, OUT, INS, OUTS). */
static uint16_t width_of(const ZydisDecodedInstruction *instruction)
{
    if ((instruction->opcode & 1) == 0)
        return 1;
    return has_prefix(instruction, PREFIX_OPERAND_SIZE) && instruction->raw.rex.W == 0 ? 2 : 4;
}

/* Opcodes E4 to E7 have the port's number behind them, EC to EF and 6C to 6F take it from DX. */
static void note(const ZydisDecodedInstruction *instruction, bool is_store, bool is_string, struct decode *decode)
{
    bool is_immediate = !is_string && (instruction->opcode & 0x08) == 0;
    decode->action = DECODE_IO;
    decode->reads = !is_store;
    decode->writes = is_store;
    decode->width = width_of(instruction);
    decode->io_port = is_immediate ? (int16_t)(instruction->raw.imm[0].value.u & 0xff) : DECODE_PORT_IN_DX;
    decode->io_is_string = is_string;
    decode->address.bits = instruction->address_width;
    decode->address.base = decode->address.index = DECODE_NO_REGISTER;
    /* F2 and F3 are the same to what does not compare (Intel SDM Vol. 2, REP); in and out pass over both. */
    bool repeats = has_prefix(instruction, PREFIX_REP) || has_prefix(instruction, PREFIX_REPNE);
    decode->repeat = is_string && repeats ? DECODE_REP : DECODE_ONCE;
    /* Of the source alone. */
    decode->address.segment = instruction->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? SEGMENT_FS
                              : instruction->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? SEGMENT_GS
                                                                                      : SEGMENT_NONE;
}

bool decode_io(const struct zydis *zydis, struct decode *decode)
{
    const ZydisDecodedInstruction *instruction = &zydis->instruction;
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_IN:
        note(instruction, false, false, decode);
        return true;
    case ZYDIS_MNEMONIC_OUT:
        note(instruction, true, false, decode);
        return true;
    case ZYDIS_MNEMONIC_INSB:
    case ZYDIS_MNEMONIC_INSW:
    case ZYDIS_MNEMONIC_INSD:
        note(instruction, false, true, decode);
        return true;
    case ZYDIS_MNEMONIC_OUTSB:
    case ZYDIS_MNEMONIC_OUTSW:
    case ZYDIS_MNEMONIC_OUTSD:
        note(instruction, true, true, decode);
        return true;
    default:
        return false;
    }
}
