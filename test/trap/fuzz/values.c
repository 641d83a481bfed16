// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include "flags.h"

// Places in the legacy region of an XSAVE area (Intel SDM volume 1, 13.4.1).
enum { FCW = 0, FSW = 2, FTW = 4, MXCSR = 24, ST0 = 32, HEADER = 512 };
enum { MXCSR_MASKS = 0x1f80, FCW_DEFAULT = 0x37f, FSW_EXCEPTIONS = 0x3f, FSW_SUMMARY = 0x8080 };

static bool one_in(struct random *random, unsigned count)
{
    return random_below(random, count) == 0;
}

static uint64_t special(struct random *random)
{
    static const uint64_t values[] = {0,
                                      1,
                                      2,
                                      ~0ull,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0x7ff0000000000000,
                                      0xfff8000000000000,
                                      0x7ff0000000000001,
                                      0x8000000080000000,
                                      0x7fffffff7fffffff,
                                      0x7f800000ff800000,
                                      0x7f8000017fc00000,
                                      0x0000000100000001,
                                      0x8080808080808080,
                                      0x7f7f7f7f7f7f7f7f,
                                      0x00ff00ff00ff00ff,
                                      0x3ff0000000000000,
                                      0x3f8000003f800000};
    return values[random_below(random, sizeof values / sizeof values[0])];
}

static uint64_t two_floats(struct random *random)
{
    float pair[2];
    uint64_t bits;
    for (int i = 0; i < 2; i++)
        pair[i] = (float)(int32_t)random_next(random) / (float)(1 + random_below(random, 1000000));
    memcpy(&bits, pair, sizeof bits);
    return bits;
}

static uint64_t one_double(struct random *random)
{
    double value = (double)(int64_t)random_next(random) / (double)(1 + random_below(random, 1000000000));
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

enum style { NOISE, FLOATS, DOUBLES, SMALL, SPECIAL, STYLES };

static uint64_t word_of(struct random *random, enum style style)
{
    switch (style) {
    case FLOATS:
        return two_floats(random);
    case DOUBLES:
        return one_double(random);
    case SMALL:
        return random_below(random, 256) * (one_in(random, 2) ? 1 : 0x0001000100010001);
    case SPECIAL:
        return special(random);
    default:
        return random_next(random);
    }
}

void values_fill(struct random *random, uint8_t *bytes, size_t count)
{
    enum style style = (enum style)random_below(random, STYLES);
    for (size_t i = 0; i < count; i += 8) {
        uint64_t word = word_of(random, style);
        memcpy(bytes + i, &word, count - i < 8 ? count - i : 8);
    }
}

static void put(struct machine_state *state, uint32_t offset, uint64_t value, size_t size)
{
    memcpy(state->extended + offset, &value, size);
}

// Any stack from empty to full. The summary bit follows from flags and masks as the processor keeps it.
static void fill_x87(struct machine_state *state, struct random *random)
{
    uint64_t control = FCW_DEFAULT & (one_in(random, 16) ? ~random_below(random, 64) : ~0ull);
    uint64_t status = random_next(random) & 0x7f7f;
    if (!one_in(random, 8))
        status &= ~(uint64_t)FSW_EXCEPTIONS;
    if ((status & ~control & FSW_EXCEPTIONS) != 0)
        status |= FSW_SUMMARY;
    put(state, FCW,
        (control & ~0xf00ull) | random_below(random, 4) << 10 |
            (one_in(random, 4) ? random_below(random, 4) << 8 : 0x300),
        2);
    put(state, FSW, status, 2);
    put(state, FTW, one_in(random, 2) ? random_next(random) & 0xff : one_in(random, 2) ? 0xff : 0, 1);
    for (uint32_t i = 0; i < 8; i++) {
        bool is_odd = one_in(random, 8);
        uint64_t exponent = is_odd ? random_next(random) & 0xffff
                                   : random_below(random, 2) << 15 | (16320 + random_below(random, 128));
        put(state, ST0 + 16 * i, random_next(random) | (uint64_t)!is_odd << 63, 8);
        put(state, ST0 + 16 * i + 8, exponent, 2);
    }
}

static void fill_vectors(struct machine_state *state, struct random *random)
{
    const struct state_field *fields;
    size_t count = state_fields(&fields);
    for (size_t i = 0; i < count; i++)
        if (fields[i].size >= 8)
            values_fill(random, state->extended + fields[i].offset, fields[i].size);
}

void values_fill_state(struct machine_state *state, struct random *random)
{
    const uint64_t arithmetic = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF | FLAG_DF;
    memset(state, 0, sizeof *state);
    for (int i = 0; i < 16; i++)
        values_fill(random, (uint8_t *)&state->gpr[i], 8);
    state->flags = 0x202 | (random_next(random) & arithmetic);
    fill_vectors(state, random);
    fill_x87(state, random);
    uint64_t masks = one_in(random, 8) ? random_next(random) & MXCSR_MASKS : MXCSR_MASKS;
    put(state, MXCSR, masks | (random_next(random) & (one_in(random, 2) ? 0xe07f : 0xe040)), 4);
    put(state, HEADER, trampoline_components, 8);
}
