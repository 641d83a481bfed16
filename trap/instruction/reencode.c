/* SPDX-License-Identifier: Apache-2.0 */
#include "reencode.h"

#include <string.h>

#include "ground/signal_safe.h"

/* Room for the longest original, its displacement grown to 4 bytes. */
#define WORK_LENGTH 24

struct writer {
    uint8_t bytes[WORK_LENGTH];
    uint8_t length;
};

static void put(struct writer *writer, uint8_t byte)
{
    writer->bytes[writer->length++] = byte;
}

static void put_all(struct writer *writer, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(writer, bytes[i]);
}

/* Segment overrides and the address size belong to the old address. */
static bool is_address_prefix(uint8_t byte)
{
    return byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65 || byte == 0x67;
}

/* Legacy prefixes and REX without its X and B bits. Returns how many bytes of the original that took. */
static size_t put_prefixes(struct writer *writer, const ZydisDecodedInstruction *instruction, const uint8_t *bytes)
{
    size_t count = instruction->raw.prefix_count;
    bool has_rex = instruction->attributes & ZYDIS_ATTRIB_HAS_REX;
    for (size_t i = 0; i < count; i++) {
        if (has_rex && i == instruction->raw.rex.offset)
            put(writer, bytes[i] & ~0x03u);
        else if (!is_address_prefix(bytes[i]))
            put(writer, bytes[i]);
    }
    return count;
}

/* VEX, XOP and EVEX hold X and B inverted: 1 stands for "not extended" (Intel SDM Vol. 2, 2.3.5, 2.7.1). */
static size_t put_vector_prefix(struct writer *writer, const ZydisDecodedInstruction *instruction, const uint8_t *bytes)
{
    bool is_evex = instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX;
    bool is_short_vex = bytes[0] == 0xc5;
    size_t length = is_evex ? 4 : is_short_vex ? 2 : 3;
    put(writer, bytes[0]);
    put(writer, is_short_vex ? bytes[1] : bytes[1] | 0x60u);
    put_all(writer, bytes + 2, length - 2);
    return length;
}

static void put_displacement(struct writer *writer, struct decode *decode)
{
    decode->code_displacement = writer->length;
    put_all(writer, (const uint8_t[4]){0}, 4);
}

static bool finish(const struct writer *writer, struct decode *decode)
{
    if (writer->length > DECODE_MAX_LENGTH)
        return false;
    memcpy(decode->code, writer->bytes, writer->length);
    decode->code_length = writer->length;
    return true;
}

/* mov with a 64-bit absolute address (opcodes A0 to A3) has no ModRM: it becomes mov 8A, 8B, 88 or 89 of the
 * accumulator. */
static bool reencode_absolute_mov(struct writer *writer, uint8_t opcode, struct decode *decode)
{
    static const uint8_t with_modrm[4] = {0x8a, 0x8b, 0x88, 0x89};
    put(writer, with_modrm[opcode - 0xa0]);
    put(writer, MODRM_RIP_RELATIVE);
    put_displacement(writer, decode);
    return finish(writer, decode);
}

bool reencode_instruction(const ZydisDecodedInstruction *instruction, struct decode *decode)
{
    const uint8_t *bytes = decode->bytes;
    struct writer writer = {.length = 0};
    bool has_vector_prefix = instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX ||
                             instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
                             instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_XOP;
    size_t at = put_prefixes(&writer, instruction, bytes);
    if (has_vector_prefix)
        at += put_vector_prefix(&writer, instruction, bytes + at);

    if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM)) {
        if (instruction->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT || instruction->opcode < 0xa0 ||
            instruction->opcode > 0xa3)
            return false;
        return reencode_absolute_mov(&writer, instruction->opcode, decode);
    }
    size_t modrm = instruction->raw.modrm.offset;
    decode->modrm = bytes[modrm];
    put_all(&writer, bytes + at, modrm - at);
    put(&writer, (uint8_t)(bytes[modrm] & MODRM_REG) | MODRM_RIP_RELATIVE);
    put_displacement(&writer, decode);

    /* What follows the old address, an immediate or the opcode byte of 3DNow!, stays. */
    size_t tail = modrm + 1 + (instruction->attributes & ZYDIS_ATTRIB_HAS_SIB ? 1 : 0) + instruction->raw.disp.size / 8;
    put_all(&writer, bytes + tail, instruction->length - tail);
    return finish(&writer, decode);
}

void reencode_accumulator(uint8_t opcode, unsigned width, struct decode *decode)
{
    struct writer writer = {.length = 0};
    if (width == 2)
        put(&writer, 0x66);
    if (width == 8)
        put(&writer, 0x48);
    put(&writer, opcode);
    put(&writer, MODRM_RIP_RELATIVE);
    put_displacement(&writer, decode);
    finish(&writer, decode);
}
