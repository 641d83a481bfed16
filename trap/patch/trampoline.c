/* SPDX-License-Identifier: Apache-2.0 */
#include "trampoline.h"

#include <string.h>

#include "instruction/registers.h"
#include "ground/signal_safe.h"

struct writer {
    uint8_t *bytes;
    unsigned length;
};

static void put(struct writer *writer, const void *bytes, unsigned count)
{
    memcpy(writer->bytes + writer->length, bytes, count);
    writer->length += count;
}

#define PUT(writer, ...) put(writer, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void put_word(struct writer *writer, uint64_t value)
{
    put(writer, &value, sizeof value);
}

static bool fits(int64_t value)
{
    return value == (int32_t)value;
}

bool trampoline_can_be(const struct decode *decode)
{
    const struct decode_address *address = &decode->address;
    bool is_plain = decode->mode == DECODE_CODE64 && decode->action == DECODE_RUN && !decode->locked &&
                    !decode->names_rsp && (decode->moves_vector || !decode->uses_vector) && decode->code_length != 0 &&
                    (decode->reads || decode->writes);
    return is_plain && address->base != REGISTER_RSP && address->bits == 64 && address->segment == SEGMENT_NONE &&
           !address->rip_relative && !address->index_is_byte && fits(address->displacement);
}

/* lea rax, [base + index * scale + disp32] (Intel SDM Vol. 2, Tables 2-2 and 2-3): what is not there is 4 as an index,
 * and 5 without a mod as a base. */
static void put_operand(struct writer *writer, const struct decode_address *address)
{
    bool has_base = address->base != DECODE_NO_REGISTER, has_index = address->index != DECODE_NO_REGISTER;
    unsigned base = has_base ? address->base : 5, index = has_index ? address->index : 4;
    unsigned scale = has_index ? (unsigned)__builtin_ctz(address->scale) : 0;
    int32_t displacement = (int32_t)address->displacement;
    PUT(writer, (uint8_t)(0x48 | index >> 3 << 1 | base >> 3), 0x8d, has_base ? 0x84 : 0x04,
        (uint8_t)(scale << 6 | (index & 7) << 3 | (base & 7)));
    put(writer, &displacement, sizeof displacement);
}

static void put_leave(struct writer *writer)
{
    PUT(writer, 0x9d, 0x5a, 0x58, 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0);
}

static bool put_jump(struct writer *writer, uint64_t own, uint64_t target)
{
    int64_t distance = (int64_t)(target - (own + writer->length + PATCH_JUMP));
    int32_t displacement = (int32_t)distance;
    PUT(writer, 0xe9);
    put(writer, &displacement, sizeof displacement);
    return fits(distance);
}

static void put_question(struct writer *writer, const struct patch *patch, const struct decode *decode,
                         void (*entry)(void))
{
    enum { SKIPPED = 12 };
    PUT(writer, 0x48, 0x8d, 0x64, 0x24, 0x80, 0x50, 0x52, 0x9c);
    put_operand(writer, &decode->address);
    PUT(writer, 0x48, 0xba);
    put_word(writer, (uint64_t)patch);
    PUT(writer, 0x48, 0x2b, 0x42, PATCH_START, 0x48, 0x3b, 0x42, PATCH_LENGTH, 0x73, SKIPPED, 0x48, 0xb8);
    put_word(writer, (uint64_t)entry);
    PUT(writer, 0xff, 0xe0);
}

bool trampoline_compose(struct patch *patch, const struct decode *decode, void (*entry)(void),
                        uint8_t code[TRAMPOLINE_SIZE])
{
    struct writer writer = {code, 0};
    uint64_t own = patch->trampoline, behind = patch->pc + decode->length;
    put_question(&writer, patch, decode, entry);
    patch->other = own + writer.length;
    put_leave(&writer);
    patch->original = own + writer.length;
    put(&writer, decode->bytes, decode->length);
    bool fits_after = put_jump(&writer, own, behind);
    patch->done = own + writer.length;
    put_leave(&writer);
    bool fits_done = put_jump(&writer, own, behind);
    patch->fault = own + writer.length;
    put_leave(&writer);
    patch->faulting = own + writer.length;
    /* mov rax, [-4096] */
    PUT(&writer, 0x48, 0x8b, 0x04, 0x25, 0x00, 0xf0, 0xff, 0xff);
    memset(code + writer.length, 0xcc, TRAMPOLINE_SIZE - writer.length);
    return fits_after && fits_done;
}

/* The first instructions: lea of five bytes, and three pushes of one. */
enum { AFTER_LEA = 5, AFTER_FLAGS = 8, RED_ZONE = 128, WORD = 8 };

unsigned trampoline_depth(const struct patch *patch, uint64_t address)
{
    uint64_t offset = address - patch->trampoline;
    if (offset < AFTER_LEA)
        return 0;
    return offset < AFTER_FLAGS ? RED_ZONE + (unsigned)(offset - AFTER_LEA) * WORD : TRAMPOLINE_STACK;
}
