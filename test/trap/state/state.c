// SPDX-License-Identifier: Apache-2.0
#include "state.h"

#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"

// XSAVE components (Intel SDM volume 1, 13.1) and places in the legacy region (13.4.1).
enum { X87 = 0, SSE = 1, AVX = 2, OPMASK = 5, ZMM_HI256 = 6, HI16_ZMM = 7 };
enum { FCW = 0, FSW = 2, FTW = 4, MXCSR = 24, ST0 = 32, XMM0 = 160, HEADER = 512 };
static const uint32_t wanted_components = 1 << X87 | 1 << SSE | 1 << AVX | 1 << OPMASK | 1 << ZMM_HI256 | 1 << HI16_ZMM;

static uint32_t component_offset[8];
static struct state_field field_table[STATE_FIELDS_MAX];
static size_t field_count;

static int has_component(int component)
{
    return trampoline_components >> component & 1;
}

static void add_field(const char *name, int number, uint32_t offset, uint32_t size)
{
    struct state_field *field = &field_table[field_count++];
    if (number < 0)
        snprintf(field->name, sizeof field->name, "%s", name);
    else
        snprintf(field->name, sizeof field->name, name, number);
    field->offset = offset;
    field->size = size;
}

static void add_registers(const char *name, int first, int count, uint32_t offset, uint32_t stride, uint32_t size)
{
    for (int i = 0; i < count; i++)
        add_field(name, first + i, offset + (uint32_t)i * stride, size);
}

static void add_all_fields(void)
{
    add_field("fcw", -1, FCW, 2);
    add_field("fsw", -1, FSW, 2);
    add_field("ftw", -1, FTW, 1);
    add_field("mxcsr", -1, MXCSR, 4);
    add_registers("st%d", 0, 8, ST0, 16, 10);
    add_registers("xmm%d", 0, 16, XMM0, 16, 16);
    if (has_component(AVX))
        add_registers("ymm%d[255:128]", 0, 16, component_offset[AVX], 16, 16);
    if (has_component(OPMASK))
        add_registers("k%d", 0, 8, component_offset[OPMASK], 8, 8);
    if (has_component(ZMM_HI256))
        add_registers("zmm%d[511:256]", 0, 16, component_offset[ZMM_HI256], 32, 32);
    if (has_component(HI16_ZMM))
        add_registers("zmm%d", 16, 16, component_offset[HI16_ZMM], 64, 64);
}

void state_init(void)
{
    uint32_t eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE)) {
        fputs("this processor or kernel has no XSAVE; the comparison of vector state needs it\n", stderr);
        exit(2);
    }
    __asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    trampoline_components = eax & wanted_components;
    for (int i = AVX; i <= HI16_ZMM; i++) {
        if (!has_component(i))
            continue;
        __cpuid_count(0xd, i, eax, ebx, ecx, edx);
        component_offset[i] = ebx;
        if (eax + ebx > STATE_EXTENDED_SIZE) {
            fprintf(stderr, "XSAVE component %d ends at byte %u, beyond STATE_EXTENDED_SIZE\n", i, eax + ebx);
            exit(2);
        }
    }
    add_all_fields();
}

size_t state_fields(const struct state_field **fields)
{
    *fields = field_table;
    return field_count;
}

static void put(struct machine_state *state, uint32_t offset, uint64_t value, size_t size)
{
    memcpy(state->extended + offset, &value, size);
}

// ST(0) to ST(3) are valid and of moderate size, so that integers fit and results are seldom special.
static void randomise_x87(struct machine_state *state, struct random *random)
{
    unsigned top = (unsigned)random_below(random, 8);
    unsigned valid = 0;
    for (unsigned i = 0; i < 4; i++)
        valid |= 1u << ((top + i) & 7);
    put(state, FCW, 0x037f | random_below(random, 4) << 10, 2);
    put(state, FSW, top << 11 | (random_next(random) & 0x477f), 2);
    put(state, FTW, valid, 1);
    for (uint32_t i = 0; i < 8; i++) {
        uint64_t sign_exponent = random_below(random, 2) << 15 | (16383 + random_below(random, 13));
        put(state, ST0 + 16 * i, random_next(random) | 1ull << 63, 8);
        put(state, ST0 + 16 * i + 8, sign_exponent, 2);
    }
}

void state_random(struct machine_state *state, struct random *random)
{
    memset(state, 0, sizeof *state);
    for (int i = 0; i < 16; i++)
        state->gpr[i] = random_next(random);
    uint64_t arithmetic = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF;
    state->flags = 0x202 | (random_next(random) & arithmetic);
    for (size_t i = 0; i < field_count; i++)
        random_fill(random, state->extended + field_table[i].offset, field_table[i].size);
    randomise_x87(state, random);
    put(state, MXCSR, 0x1f80 | (random_next(random) & 0xe07f), 4);
    put(state, HEADER, trampoline_components, 8);
}

uint8_t *state_vector_byte(struct machine_state *state, unsigned number, unsigned byte)
{
    if (number >= 16)
        return state->extended + component_offset[HI16_ZMM] + 64 * (number - 16) + byte;
    if (byte < 16)
        return state->extended + XMM0 + 16 * number + byte;
    if (byte < 32)
        return state->extended + component_offset[AVX] + 16 * number + byte - 16;
    return state->extended + component_offset[ZMM_HI256] + 32 * number + byte - 32;
}

unsigned state_vector_size(void)
{
    return has_component(ZMM_HI256) ? 64 : has_component(AVX) ? 32 : 16;
}

uint64_t *state_opmask(struct machine_state *state, unsigned number)
{
    return (uint64_t *)(void *)(state->extended + component_offset[OPMASK] + 8 * number);
}
