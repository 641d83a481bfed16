/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind.h"

#include <string.h>

#include "trampoline.h"
#include "ground/signal_safe.h"

/* DWARF 5, 7.24 and 7.7.1; registers by the System V ABI for AMD64, figure 3.36. */
enum {
    CFA_ADVANCE = 0x40,
    CFA_ADVANCE1 = 0x02,
    CFA_OFFSET = 0x80,
    CFA_RESTORE = 0xc0,
    CFA_REMEMBER = 0x0a,
    CFA_RESTORE_STATE = 0x0b,
    CFA_DEF = 0x0c,
    CFA_DEF_OFFSET = 0x0e,
    CFA_VALUE = 0x16,
    OP_CONST8U = 0x0e,
    RAX = 0,
    RDX = 1,
    RSP = 7,
    RETURN_ADDRESS = 16,
    ABSOLUTE = 0x00,
    OMITTED = 0xff,
    FACTOR = 8 /* of offsets, downwards */
};

struct writer {
    uint8_t *bytes;
    unsigned length;
    unsigned place; /* in the trampoline */
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

static void put_at(struct writer *writer, unsigned at, uint32_t value)
{
    memcpy(writer->bytes + at, &value, sizeof value);
}

static void go_to(struct writer *writer, unsigned place)
{
    unsigned distance = place - writer->place;
    if (distance < CFA_ADVANCE)
        PUT(writer, (uint8_t)(CFA_ADVANCE | distance));
    else
        PUT(writer, CFA_ADVANCE1, (uint8_t)distance);
    writer->place = place;
}

/* The host's RSP is so far above. */
static void put_depth(struct writer *writer, unsigned depth)
{
    if (depth < 0x80)
        PUT(writer, CFA_DEF_OFFSET, (uint8_t)depth);
    else
        PUT(writer, CFA_DEF_OFFSET, (uint8_t)(0x80 | (depth & 0x7f)), (uint8_t)(depth >> 7));
}

static void put_host(struct writer *writer, uint64_t address)
{
    PUT(writer, CFA_VALUE, RETURN_ADDRESS, 1 + sizeof address, OP_CONST8U);
    put_word(writer, address);
}

/* popfq; pop rdx; pop rax; lea rsp, [rsp + 128] */
static void put_leave(struct writer *writer, unsigned place)
{
    enum { RED_ZONE = 128, WORD = 8, LEA = 8 };
    go_to(writer, place + 1);
    put_depth(writer, RED_ZONE + 2 * WORD);
    go_to(writer, place + 2);
    PUT(writer, CFA_RESTORE | RDX);
    put_depth(writer, RED_ZONE + WORD);
    go_to(writer, place + 3);
    PUT(writer, CFA_RESTORE | RAX);
    put_depth(writer, RED_ZONE);
    go_to(writer, place + 3 + LEA);
    put_depth(writer, 0);
}

/* As trampoline_depth says; RAX and RDX lie right below the red zone. */
static void put_enter(struct writer *writer, const struct patch *patch)
{
    static const struct {
        uint8_t place, is_saved, reg;
    } steps[] = {{5, 0, 0}, {6, 1, RAX}, {7, 1, RDX}, {8, 0, 0}};
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        unsigned depth = trampoline_depth(patch, patch->trampoline + steps[i].place);
        go_to(writer, steps[i].place);
        put_depth(writer, depth);
        if (steps[i].is_saved)
            PUT(writer, (uint8_t)(CFA_OFFSET | steps[i].reg), (uint8_t)(depth / FACTOR));
    }
}

static void put_program(struct writer *writer, const struct patch *patch, unsigned length)
{
    uint64_t own = patch->trampoline, behind = patch->pc + length;
    put_host(writer, patch->pc);
    put_enter(writer, patch);
    PUT(writer, CFA_REMEMBER);
    put_leave(writer, (unsigned)(patch->other - own));
    go_to(writer, (unsigned)(patch->original - own) + length);
    put_host(writer, behind);
    go_to(writer, (unsigned)(patch->done - own));
    PUT(writer, CFA_RESTORE_STATE, CFA_REMEMBER);
    put_host(writer, behind);
    put_leave(writer, (unsigned)(patch->done - own));
    go_to(writer, (unsigned)(patch->fault - own));
    PUT(writer, CFA_RESTORE_STATE);
    put_leave(writer, (unsigned)(patch->fault - own));
}

/* An entry of .eh_frame begins with its length, and ends at a multiple of eight; what is there is zero, no operation.
 */
static void end_entry(struct writer *writer, unsigned begin)
{
    writer->length = (writer->length + 7) & ~7u;
    put_at(writer, begin, writer->length - begin - (unsigned)sizeof(uint32_t));
}

void unwind_compose(const struct patch *patch, unsigned length, unwind_table table)
{
    struct writer writer = {table, 0, 0};
    enum { COMMON = 16, VERSION = 1 };
    memset(table, 0, sizeof(unwind_table));
    PUT(&writer, VERSION, ABSOLUTE, OMITTED, OMITTED);
    put_word(&writer, (uint64_t)(table + COMMON));
    writer.length = COMMON + sizeof(uint32_t);
    /* "S": as behind a signal, the host has not called anything. -8 as a number of seven bits is 0x78. */
    PUT(&writer, 0, 0, 0, 0, VERSION, 'z', 'R', 'S', 0, 1, 0x78, RETURN_ADDRESS, 1, ABSOLUTE, CFA_DEF, RSP, 0);
    end_entry(&writer, COMMON);
    unsigned own = writer.length;
    put_at(&writer, own + sizeof(uint32_t), own + (unsigned)sizeof(uint32_t) - COMMON);
    writer.length += 2 * sizeof(uint32_t);
    put_word(&writer, patch->trampoline);
    put_word(&writer, TRAMPOLINE_SIZE);
    PUT(&writer, 0);
    put_program(&writer, patch, length);
    end_entry(&writer, own);
}
