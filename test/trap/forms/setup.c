// SPDX-License-Identifier: Apache-2.0
#include "setup.h"

#include <string.h>

static uint64_t *gpr(const struct setup *setup, int number)
{
    return &setup->state->gpr[number];
}

static uint32_t width(const struct setup *setup)
{
    return setup->form->width_bytes;
}

static void set_carry(const struct setup *setup)
{
    setup->state->flags |= FLAG_CF;
}

static void clear_carry(const struct setup *setup)
{
    setup->state->flags &= ~(uint64_t)FLAG_CF;
}

static void set_small_count(const struct setup *setup)
{
    *gpr(setup, RCX) = (*gpr(setup, RCX) & ~0xffull) | (1 + random_below(setup->random, 7));
}

// A dividend without upper half and a positive odd divisor: the quotient always fits, signed or not.
static void set_dividend(const struct setup *setup)
{
    uint64_t positive = ~0ull >> (65 - 8 * width(setup));
    setup->operand[0] |= 1;
    setup->operand[width(setup) - 1] &= 0x7f;
    if (width(setup) == 1)
        *gpr(setup, RAX) = (*gpr(setup, RAX) & ~0xffffull) | (*gpr(setup, RAX) & positive);
    else
        *gpr(setup, RAX) &= positive;
    *gpr(setup, RDX) = 0;
}

static void set_equal(const struct setup *setup)
{
    memcpy(gpr(setup, RAX), setup->operand, width(setup));
}

static void set_equal_pair(const struct setup *setup)
{
    memcpy(gpr(setup, RAX), setup->operand, width(setup) / 2);
    memcpy(gpr(setup, RDX), setup->operand + width(setup) / 2, width(setup) / 2);
}

static void set_nonzero(const struct setup *setup)
{
    setup->operand[width(setup) / 2] |= 0x10;
}

static void set_bit_index(const struct setup *setup)
{
    *gpr(setup, RCX) = random_below(setup->random, 8 * width(setup));
}

static void set_far_bit(const struct setup *setup)
{
    set_bit_index(setup);
    *gpr(setup, RCX) += 8 * width(setup);
    *gpr(setup, RBX) -= width(setup);
}

static void set_negative_bit(const struct setup *setup)
{
    set_bit_index(setup);
    *gpr(setup, RCX) -= 8 * width(setup);
    *gpr(setup, RBX) += width(setup);
}

static void set_table_index(const struct setup *setup)
{
    *gpr(setup, RBX) = setup->address - (*gpr(setup, RAX) & 0xff);
}

static void set_lengths(const struct setup *setup)
{
    *gpr(setup, RAX) = random_below(setup->random, 17);
    *gpr(setup, RDX) = random_below(setup->random, 17);
}

static void set_code_pointer(const struct setup *setup)
{
    memcpy(setup->operand, &setup->code_end, width(setup));
}

static float ordinary_float(struct random *random)
{
    return (float)(int32_t)random_next(random) / (float)(1 + random_below(random, 1000000));
}

static void fill_float32(struct random *random, uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i + 4 <= count; i += 4) {
        float value = ordinary_float(random);
        memcpy(bytes + i, &value, 4);
    }
}

static void fill_float64(struct random *random, uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i + 8 <= count; i += 8) {
        double value = (double)ordinary_float(random) / 3;
        memcpy(bytes + i, &value, 8);
    }
}

static void set_floats(const struct setup *setup, void (*fill)(struct random *, uint8_t *, unsigned))
{
    fill(setup->random, setup->operand, width(setup));
    for (unsigned number = 0; number < 16; number++)
        for (unsigned byte = 0; byte < state_vector_size(); byte += 8)
            fill(setup->random, state_vector_byte(setup->state, number, byte), 8);
}

static void set_float32(const struct setup *setup)
{
    set_floats(setup, fill_float32);
}

static void set_float64(const struct setup *setup)
{
    set_floats(setup, fill_float64);
}

static void set_float80(const struct setup *setup)
{
    setup->operand[7] |= 0x80;
    setup->operand[8] = (uint8_t)random_below(setup->random, 16);
    setup->operand[9] = (uint8_t)(0x40 | random_below(setup->random, 2) << 7);
}

static void set_x87_control(const struct setup *setup)
{
    uint16_t control = (uint16_t)(0x037f | random_below(setup->random, 4) << 10);
    memcpy(setup->operand, &control, sizeof control);
}

static void set_sse_control(const struct setup *setup)
{
    uint32_t control = (uint32_t)(0x1f80 | (random_next(setup->random) & 0xe07f));
    memcpy(setup->operand, &control, sizeof control);
}

static void set_source(const struct setup *setup)
{
    *gpr(setup, RSI) = setup->address;
    *gpr(setup, RDI) = setup->spare_address;
}

static void set_destination(const struct setup *setup)
{
    *gpr(setup, RDI) = setup->address;
    *gpr(setup, RSI) = setup->spare_address;
}

static void set_both(const struct setup *setup)
{
    *gpr(setup, RSI) = setup->address;
    *gpr(setup, RDI) = setup->address + width(setup) / 2;
}

static void set_count4(const struct setup *setup)
{
    *gpr(setup, RCX) = 4;
}

static void set_count0(const struct setup *setup)
{
    *gpr(setup, RCX) = 0;
}

static void set_backward(const struct setup *setup)
{
    uint32_t side = setup->form->setup & WITH_BOTH ? width(setup) / 2 : width(setup);
    uint32_t last = setup->form->setup & WITH_COUNT4 ? side - side / 4 : 0;
    setup->state->flags |= FLAG_DF;
    *gpr(setup, RSI) += last;
    *gpr(setup, RDI) += last;
}

// So that a comparison stops in the middle.
static void set_half_equal(const struct setup *setup)
{
    memcpy(setup->spare, setup->operand, width(setup) / 2);
}

static void set_indexes(const struct setup *setup, unsigned bytes)
{
    for (unsigned byte = 0; byte < state_vector_size(); byte += bytes) {
        uint64_t index = random_below(setup->random, width(setup) / bytes);
        memcpy(state_vector_byte(setup->state, 2, byte), &index, bytes);
    }
}

static void set_index32(const struct setup *setup)
{
    set_indexes(setup, 4);
}

static void set_index64(const struct setup *setup)
{
    set_indexes(setup, 8);
}

// In this order: pointers before what moves them.
static const struct {
    uint32_t bit;
    void (*apply)(const struct setup *);
} steps[] = {
    {WITH_CARRY, set_carry},
    {WITHOUT_CARRY, clear_carry},
    {WITH_SMALL_COUNT, set_small_count},
    {WITH_DIVIDEND, set_dividend},
    {WITH_EQUAL, set_equal},
    {WITH_EQUAL_PAIR, set_equal_pair},
    {WITH_NONZERO, set_nonzero},
    {WITH_BIT_INDEX, set_bit_index},
    {WITH_FAR_BIT, set_far_bit},
    {WITH_NEGATIVE_BIT, set_negative_bit},
    {WITH_TABLE_INDEX, set_table_index},
    {WITH_LENGTHS, set_lengths},
    {WITH_CODE_POINTER, set_code_pointer},
    {WITH_FLOAT32, set_float32},
    {WITH_FLOAT64, set_float64},
    {WITH_FLOAT80, set_float80},
    {WITH_X87_CONTROL, set_x87_control},
    {WITH_SSE_CONTROL, set_sse_control},
    {WITH_SOURCE, set_source},
    {WITH_DESTINATION, set_destination},
    {WITH_BOTH, set_both},
    {WITH_COUNT4, set_count4},
    {WITH_COUNT0, set_count0},
    {WITH_BACKWARD, set_backward},
    {WITH_HALF_EQUAL, set_half_equal},
    {WITH_INDEX32, set_index32},
    {WITH_INDEX64, set_index64},
};

// base + index * scale + displacement + segment base = operand.
static void set_address(const struct setup *setup)
{
    const struct form *form = setup->form;
    uint64_t rest = setup->address - setup->segment_base - (uint64_t)(int64_t)form->displacement;
    uint64_t kept = form->setup & WITH_ADDRESS32 ? 0xffffffff : ~0ull;
    uint64_t noise = random_next(setup->random) & ~kept;
    if (form->index != REGISTER_NONE) {
        uint64_t index = form->base == REGISTER_NONE ? rest / form->scale : random_below(setup->random, 1000);
        *gpr(setup, form->index) = index | noise;
        rest -= index * form->scale;
    }
    if (form->base != REGISTER_NONE)
        *gpr(setup, form->base) = (rest & kept) | noise;
}

void setup_apply(const struct setup *setup)
{
    set_address(setup);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (setup->form->setup & steps[i].bit)
            steps[i].apply(setup);
}
