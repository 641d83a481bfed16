/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <Zydis/Zydis.h>
#include <string.h>

#include "decode_code32.h"
#include "decode_gather.h"
#include "decode_io.h"
#include "decode_mask.h"
#include "decode_vector.h"
#include "reencode.h"
#include "registers.h"
#include "ground/signal_safe.h"

/* The widest operand that is written or read as a whole: fnsave's. Areas of fxsave and its kin have holes that stay as
 * they are. */
#define MAX_WIDTH 108

static uint8_t general_number(ZydisRegister reg)
{
    if (reg == ZYDIS_REGISTER_NONE)
        return DECODE_NO_REGISTER;
    return (uint8_t)ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));
}

/* The operand that lies in memory; for string moves the first of two. NULL if there is none. */
static const ZydisDecodedOperand *memory_operand(const struct zydis *zydis)
{
    for (unsigned i = 0; i < zydis->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &zydis->operands[i];
        bool is_stack = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
                        (operand->mem.base == ZYDIS_REGISTER_RSP || operand->mem.base == ZYDIS_REGISTER_ESP);
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN && !is_stack)
            return operand;
    }
    return NULL;
}

/* MXCSR and the x87 control and status words belong to no class of Zydis's; they live in the vector state. */
static bool is_general_class(ZydisRegister reg)
{
    switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
    case ZYDIS_REGCLASS_FLAGS:
    case ZYDIS_REGCLASS_IP:
    case ZYDIS_REGCLASS_SEGMENT:
        return true;
    default:
        return false;
    }
}

/* Zydis does not list MXCSR as an operand of every instruction that raises its flags, so the whole families count. */
static bool is_vector_family(const ZydisDecodedInstruction *instruction)
{
    ZydisISAExt extension = instruction->meta.isa_ext;
    return instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX ||
           instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX || extension == ZYDIS_ISA_EXT_SSE ||
           extension == ZYDIS_ISA_EXT_SSE2 || extension == ZYDIS_ISA_EXT_SSE3 || extension == ZYDIS_ISA_EXT_SSSE3 ||
           extension == ZYDIS_ISA_EXT_SSE4;
}

static void note_registers(const struct zydis *zydis, struct decode *decode)
{
    decode->uses_vector = is_vector_family(&zydis->instruction);
    for (unsigned i = 0; i < zydis->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &zydis->operands[i];
        if (operand->type != ZYDIS_OPERAND_TYPE_REGISTER)
            continue;
        if (!is_general_class(operand->reg.value))
            decode->uses_vector = true;
        else if (operand->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
                 ZydisRegisterGetClass(operand->reg.value) != ZYDIS_REGCLASS_SEGMENT &&
                 general_number(operand->reg.value) == REGISTER_RSP &&
                 ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand->reg.value) ==
                     ZYDIS_REGISTER_RSP) {
            decode->names_rsp = true;
            decode->reads_rsp |= !is_vector_family(&zydis->instruction) || operand->size < 32 ||
                                 operand->actions != ZYDIS_OPERAND_ACTION_WRITE;
        }
    }
}

/* Intel SDM Vol. 2, Table 2-3, note 1: whatever REX.B says. With a 32-bit address Zydis 4.0 takes it for [r13d]. */
static bool has_sib_without_base(const ZydisDecodedInstruction *instruction)
{
    return instruction->attributes & ZYDIS_ATTRIB_HAS_SIB && instruction->raw.modrm.mod == 0 &&
           instruction->raw.sib.base == 5;
}

static void note_address(const struct zydis *zydis, const ZydisDecodedOperandMem *memory, struct decode *decode)
{
    struct decode_address *address = &decode->address;
    address->rip_relative = memory->base == ZYDIS_REGISTER_RIP || memory->base == ZYDIS_REGISTER_EIP;
    address->base = address->rip_relative ? DECODE_NO_REGISTER : general_number(memory->base);
    address->index = memory->type == ZYDIS_MEMOP_TYPE_VSIB ? (uint8_t)ZydisRegisterGetId(memory->index)
                                                           : general_number(memory->index);
    address->scale = memory->scale;
    address->displacement = memory->disp.has_displacement ? memory->disp.value : 0;
    if (has_sib_without_base(&zydis->instruction)) {
        address->base = DECODE_NO_REGISTER;
        address->displacement = zydis->instruction.raw.disp.value;
    }
    address->bits = zydis->instruction.address_width;
    address->segment = memory->segment == ZYDIS_REGISTER_FS   ? SEGMENT_FS
                       : memory->segment == ZYDIS_REGISTER_GS ? SEGMENT_GS
                                                              : SEGMENT_NONE;
}

/* Arithmetic stores of the x87 (Intel SDM Vol. 1, 8.5); those of its control state always happen. */
static bool may_not_store(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_FST || mnemonic == ZYDIS_MNEMONIC_FSTP || mnemonic == ZYDIS_MNEMONIC_FIST ||
           mnemonic == ZYDIS_MNEMONIC_FISTP || mnemonic == ZYDIS_MNEMONIC_FISTTP || mnemonic == ZYDIS_MNEMONIC_FBSTP;
}

static bool decode_run(const struct zydis *zydis, struct decode *decode)
{
    decode->action = DECODE_RUN;
    decode->may_not_store = may_not_store(zydis->instruction.mnemonic);
    return reencode_instruction(&zydis->instruction, decode) &&
           (decode->mode == DECODE_CODE64 || decode_code32_adapt(zydis, decode));
}

static bool decode_bit(const struct zydis *zydis, struct decode *decode)
{
    if (!decode_run(zydis, decode))
        return false;
    if (zydis->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER) {
        decode->action = DECODE_BIT;
        decode->bit_register = general_number(zydis->operands[1].reg.value);
    }
    return true;
}

static bool decode_stack(const struct zydis *zydis, enum decode_action action, struct decode *decode)
{
    if (zydis->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
        return false;
    decode->action = action;
    decode->stack_width = (uint8_t)(zydis->instruction.operand_width / 8);
    return true;
}

#define STRING_REPEATS (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)

static bool decode_string_operation(const struct zydis *zydis, enum decode_string string, struct decode *decode)
{
    ZydisInstructionAttributes attributes = zydis->instruction.attributes;
    if (zydis->instruction.address_width == 16)
        return false;
    bool compares = string == DECODE_SCAS || string == DECODE_CMPS;
    decode->action = DECODE_STRING;
    decode->string = string;
    decode->uses_vector = false;
    /* F2 and F3 are the same to what does not compare (Intel SDM Vol. 2, REP). */
    decode->repeat = !(attributes & STRING_REPEATS)        ? DECODE_ONCE
                     : !compares                           ? DECODE_REP
                     : attributes & ZYDIS_ATTRIB_HAS_REPNE ? DECODE_REPNE
                                                           : DECODE_REPE;
    decode->width = zydis->instruction.operand_width / 8;
    /* The source's; the first operand of movs, which note_address saw, is the destination. */
    decode->address.segment = attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? SEGMENT_FS
                              : attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? SEGMENT_GS
                                                                         : SEGMENT_NONE;
    /* Both comparisons are "accumulator with memory": opcodes 3A (8 bits) and 3B. */
    if (compares)
        reencode_accumulator(decode->width == 1 ? 0x3a : 0x3b, decode->width, decode);
    return true;
}

static bool decode_xlat(struct decode *decode)
{
    /* xlat is mov al, [rbx + zero-extended al]; Zydis names only the base. */
    decode->action = DECODE_RUN;
    decode->address.index = REGISTER_RAX;
    decode->address.scale = 1;
    decode->address.index_is_byte = true;
    reencode_accumulator(0x8a, 1, decode);
    return true;
}

static bool decode_masked_store(const struct zydis *zydis, struct decode *decode)
{
    bool is_mmx = zydis->instruction.mnemonic == ZYDIS_MNEMONIC_MASKMOVQ;
    const ZydisDecodedOperand *registers[2];
    unsigned found = 0;
    for (unsigned i = 0; i < zydis->instruction.operand_count && found < 2; i++)
        if (zydis->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            zydis->operands[i].visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
            registers[found++] = &zydis->operands[i];
    if (found != 2)
        return false;
    decode->action = DECODE_MASKED_STORE;
    decode->is_mmx = is_mmx;
    decode->width = is_mmx ? 8 : 16;
    decode->vector = (uint8_t)ZydisRegisterGetId(registers[0]->reg.value);
    decode->mask_register = (uint8_t)ZydisRegisterGetId(registers[1]->reg.value);
    return true;
}

static bool decode_direct_store(const struct zydis *zydis, struct decode *decode)
{
    /* The visible memory operand is the source; the first operand, a register, holds the address that is written. */
    for (unsigned i = 0; i < zydis->instruction.operand_count; i++)
        if (zydis->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
            zydis->operands[i].encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM)
            note_address(zydis, &zydis->operands[i].mem, decode);
    decode->action = DECODE_DIRECT_STORE;
    decode->width = 64;
    decode->destination = zydis->instruction.raw.modrm.reg | (uint8_t)(zydis->instruction.raw.rex.R << 3);
    return true;
}

/* What touches no data. */
static bool is_hint(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_CLFLUSH:
    case ZYDIS_MNEMONIC_CLFLUSHOPT:
    case ZYDIS_MNEMONIC_CLWB:
    case ZYDIS_MNEMONIC_CLDEMOTE:
    case ZYDIS_MNEMONIC_PREFETCH:
    case ZYDIS_MNEMONIC_PREFETCHT0:
    case ZYDIS_MNEMONIC_PREFETCHT1:
    case ZYDIS_MNEMONIC_PREFETCHT2:
    case ZYDIS_MNEMONIC_PREFETCHNTA:
    case ZYDIS_MNEMONIC_PREFETCHW:
    case ZYDIS_MNEMONIC_NOP:
        return true;
    default:
        return false;
    }
}

/* False if it is none. movsd and cmpsd are string operations and SSE2 scalars; only the former have no ModRM. */
static bool find_string_operation(const ZydisDecodedInstruction *instruction, enum decode_string *string)
{
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        *string = DECODE_MOVS;
        break;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        *string = DECODE_STOS;
        break;
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        *string = DECODE_LODS;
        break;
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
        *string = DECODE_SCAS;
        break;
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
        *string = DECODE_CMPS;
        break;
    default:
        return false;
    }
    return !(instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM);
}

/* False for what can't be done faithfully. */
static bool choose_action(const struct zydis *zydis, const ZydisDecodedOperand *memory, struct decode *decode)
{
    enum decode_string string;
    if (find_string_operation(&zydis->instruction, &string))
        return decode_string_operation(zydis, string, decode);
    if (is_hint(zydis->instruction.mnemonic)) {
        decode->action = DECODE_NO_ACCESS;
        return true;
    }
    switch (zydis->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOVSXD:
        /* To 16 bits Intel's processors read two bytes and AMD's four; no compiler writes it. */
        return zydis->instruction.operand_width != 16 && decode_run(zydis, decode);
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTC:
        return decode_bit(zydis, decode);
    case ZYDIS_MNEMONIC_PUSH:
        return decode_stack(zydis, DECODE_PUSH, decode);
    case ZYDIS_MNEMONIC_POP:
        return decode_stack(zydis, DECODE_POP, decode);
    case ZYDIS_MNEMONIC_CALL:
        return decode_stack(zydis, DECODE_CALL, decode);
    case ZYDIS_MNEMONIC_JMP:
        return decode_stack(zydis, DECODE_JUMP, decode);
    case ZYDIS_MNEMONIC_XLAT:
        return decode_xlat(decode);
    case ZYDIS_MNEMONIC_MASKMOVQ:
    case ZYDIS_MNEMONIC_MASKMOVDQU:
    case ZYDIS_MNEMONIC_VMASKMOVDQU:
        return decode_masked_store(zydis, decode);
    case ZYDIS_MNEMONIC_MOVDIR64B:
        return decode_direct_store(zydis, decode);
    default:
        if (memory->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
            return decode_gather(zydis, decode);
        return decode->width != 0 && decode->width <= MAX_WIDTH && decode_run(zydis, decode);
    }
}

static bool decode_zydis(enum decode_mode mode, const uint8_t *bytes, size_t count, struct zydis *zydis)
{
    ZydisDecoder decoder;
    ZyanStatus made = mode == DECODE_CODE64
                          ? ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)
                          : ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32);
    return ZYAN_SUCCESS(made) &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &zydis->instruction, zydis->operands));
}

bool decode_instruction(enum decode_mode mode, const uint8_t *bytes, size_t count, struct decode *decode)
{
    struct zydis zydis;
    memset(decode, 0, sizeof *decode);
    if (!decode_zydis(mode, bytes, count, &zydis))
        return false;
    decode->mode = mode;
    memcpy(decode->bytes, bytes, zydis.instruction.length);
    decode->length = zydis.instruction.length;
    decode->action = DECODE_REFUSED;
    decode->alignment = 1;

    const ZydisDecodedOperand *memory = memory_operand(&zydis);
    if (decode_io(&zydis, decode) || memory == NULL)
        return true;
    decode->width = memory->size / 8;
    decode->reads = memory->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
    decode->writes = memory->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
    decode->locked = zydis.instruction.attributes & ZYDIS_ATTRIB_HAS_LOCK ||
                     zydis.instruction.mnemonic == ZYDIS_MNEMONIC_XCHG;
    note_registers(&zydis, decode);
    note_address(&zydis, &memory->mem, decode);
    decode_vector_note(&zydis, decode);
    if (memory->mem.type != ZYDIS_MEMOP_TYPE_VSIB)
        decode_mask_note(&zydis, memory, decode);
    if (!choose_action(&zydis, memory, decode))
        decode->action = DECODE_REFUSED;
    return true;
}

void decode_disassemble(const struct decode *decode, uint64_t pc, char *text, size_t size)
{
    struct zydis zydis;
    ZydisFormatter formatter;
    if (!decode_zydis(decode->mode, decode->bytes, decode->length, &zydis) ||
        ZYAN_FAILED(ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL)) ||
        ZYAN_FAILED(ZydisFormatterFormatInstruction(&formatter, &zydis.instruction, zydis.operands,
                                                    zydis.instruction.operand_count_visible, text, size, pc, NULL)))
        text[0] = 0;
}
