/* SPDX-License-Identifier: Apache-2.0 */
#include "floating32.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ground/signal_safe.h"

enum { REGISTERS = 8, REGISTER_BYTES = 10 };

/* Intel SDM Vol. 1, Figure 8-9: as FSAVE has it, and what the kernel adds. */
struct saved {
    uint32_t control, status, tags, instruction, instruction_segment, operand, operand_segment;
    uint8_t registers[REGISTERS][REGISTER_BYTES];
    uint16_t status_again, magic; /* 0: an image of FXSAVE follows */
} __attribute__((packed));
_Static_assert(sizeof(struct saved) == FLOATING32_SAVED, "as the kernel has it");

/* Vol. 1, Table 10-2: as FXSAVE has it in 64-bit code, with which XSAVE begins. */
struct image {
    uint16_t control, status;
    uint8_t tags, reserved;
    uint16_t operation;
    uint64_t instruction, operand;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t registers[REGISTERS][16];
    uint8_t rest[352];
};
_Static_assert(sizeof(struct image) == FLOATING32_IMAGE, "as the processor has it");

/* What the processor takes where its mask is 0 (Vol. 1, 11.6.6). */
enum { MXCSR_MASK = 0xffbf, UNUSED = 0xffff0000 };

/* Vol. 1, 8.1.7. */
enum tag { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static enum tag tag_of(const uint8_t value[REGISTER_BYTES])
{
    uint64_t fraction;
    uint16_t exponent;
    memcpy(&fraction, value, sizeof fraction);
    memcpy(&exponent, value + sizeof fraction, sizeof exponent);
    exponent &= 0x7fff;
    if (exponent == 0)
        return fraction == 0 ? TAG_ZERO : TAG_SPECIAL;
    return exponent != 0x7fff && fraction >> 63 != 0 ? TAG_VALID : TAG_SPECIAL;
}

/* Registers are by their place on the stack, tags by their number. */
static uint32_t widen_tags(const struct image *image)
{
    unsigned top = image->status >> 11 & 7;
    uint32_t tags = 0;
    for (unsigned i = 0; i < REGISTERS; i++) {
        bool is_used = image->tags >> i & 1;
        tags |= (uint32_t)(is_used ? tag_of(image->registers[(i - top) & 7]) : TAG_EMPTY) << 2 * i;
    }
    return UNUSED | tags;
}

static uint8_t narrow_tags(uint32_t tags)
{
    unsigned used = 0;
    for (unsigned i = 0; i < REGISTERS; i++)
        used |= (unsigned)((tags >> 2 * i & 3) != TAG_EMPTY) << i;
    return (uint8_t)used;
}

static struct image *image_of(const ucontext_t *context)
{
    return (struct image *)(void *)context->uc_mcontext.fpregs;
}

static struct saved *saved_of(const ucontext_t *context)
{
    return (struct saved *)(void *)image_of(context) - 1;
}

uint32_t floating32_give(const ucontext_t *context, struct floating32 *before)
{
    const greg_t *general = context->uc_mcontext.gregs;
    const struct image *image = image_of(context);
    struct saved *saved = saved_of(context);
    memcpy(before->saved, saved, sizeof *saved);
    if (before->image != NULL)
        memcpy(before->image, image, sizeof *image);
    *saved = (struct saved){.control = UNUSED | image->control,
                            .status = UNUSED | image->status,
                            .tags = widen_tags(image),
                            .instruction = (uint32_t)image->instruction,
                            .instruction_segment = (uint16_t)general[REG_CSGSFS] | (uint32_t)image->operation << 16,
                            .operand = (uint32_t)image->operand,
                            .operand_segment = UNUSED | (uint16_t)(general[REG_CSGSFS] >> 48),
                            .status_again = image->status};
    for (unsigned i = 0; i < REGISTERS; i++)
        memcpy(saved->registers[i], image->registers[i], REGISTER_BYTES);
    return (uint32_t)(uintptr_t)saved;
}

/* The kernel takes x87 registers from the first part, and no MXCSR that the processor has not. */
void floating32_take(const ucontext_t *context)
{
    struct image *image = image_of(context);
    const struct saved *saved = saved_of(context);
    image->control = (uint16_t)saved->control;
    image->status = (uint16_t)saved->status;
    image->tags = narrow_tags(saved->tags);
    image->mxcsr &= image->mxcsr_mask != 0 ? image->mxcsr_mask : MXCSR_MASK;
    for (unsigned i = 0; i < REGISTERS; i++)
        memcpy(image->registers[i], saved->registers[i], REGISTER_BYTES);
}

void floating32_put_back(const struct floating32 *before, const ucontext_t *context)
{
    memcpy(saved_of(context), before->saved, sizeof before->saved);
    if (before->image != NULL)
        memcpy(image_of(context), before->image, sizeof(struct image));
}
