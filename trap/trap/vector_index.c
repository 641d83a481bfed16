/* SPDX-License-Identifier: Apache-2.0 */
#include "vector_index.h"

#include <string.h>

#include "instruction/registers.h"
#include "operand.h"
#include "ground/signal_safe.h"

struct elements {
    uint8_t indexes[64];
    uint8_t data[64];
    uint8_t signs[64]; /* AVX2: the mask register */
    uint64_t opmask;   /* AVX-512: the mask register */
};

static void read_elements(struct trap *trap, struct elements *elements)
{
    const struct decode *decode = &trap->site->decode;
    registers_vector(trap->context, decode->address.index, elements->indexes);
    registers_vector(trap->context, decode->vector, elements->data);
    if (decode->mask == DECODE_MASK_OPMASK)
        elements->opmask = registers_opmask(trap->context, decode->mask_register);
    else
        registers_vector(trap->context, decode->mask_register, elements->signs);
}

static bool is_enabled(const struct trap *trap, const struct elements *elements, unsigned i)
{
    const struct decode *decode = &trap->site->decode;
    if (decode->mask == DECODE_MASK_OPMASK)
        return elements->opmask >> i & 1;
    return elements->signs[(i + 1) * decode->element_width - 1] & 0x80;
}

static uint64_t element_address(const struct trap *trap, const struct elements *elements, unsigned i)
{
    const struct decode *decode = &trap->site->decode;
    int64_t index = 0;
    if (decode->index_width == 4) {
        int32_t narrow;
        memcpy(&narrow, elements->indexes + 4 * i, sizeof narrow);
        index = narrow;
    } else {
        memcpy(&index, elements->indexes + 8 * i, sizeof index);
    }
    return operand_address_at(trap, (uint64_t)index * decode->address.scale);
}

/* A done element has its mask bit cleared, so that the instruction can be started again after a fault. */
static void clear_mask(const struct trap *trap, struct elements *elements, unsigned i)
{
    const struct decode *decode = &trap->site->decode;
    elements->opmask &= ~((uint64_t)1 << i);
    memset(elements->signs + i * decode->element_width, 0, decode->element_width);
}

static void write_mask(struct trap *trap, const struct elements *elements, bool done)
{
    const struct decode *decode = &trap->site->decode;
    static const uint8_t zero[64];
    if (decode->mask == DECODE_MASK_OPMASK)
        registers_set_opmask(trap->context, decode->mask_register, done ? 0 : elements->opmask);
    else
        registers_set_vector(trap->context, decode->mask_register, done ? zero : elements->signs, decode->vector_width);
}

static bool each_element(struct trap *trap, struct elements *elements, bool is_store)
{
    const struct decode *decode = &trap->site->decode;
    for (unsigned i = 0; i < decode->element_count; i++) {
        uint8_t *element = elements->data + i * decode->element_width;
        if (!is_enabled(trap, elements, i))
            continue;
        uint64_t address = element_address(trap, elements, i);
        bool done = is_store ? operand_store(trap, address, decode->element_width, OPERAND_ALL, element)
                             : operand_load(trap, address, decode->element_width, OPERAND_ALL, element);
        if (!done)
            return false;
        clear_mask(trap, elements, i);
    }
    return true;
}

bool vector_index_gather(struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    struct elements elements;
    read_elements(trap, &elements);
    bool done = each_element(trap, &elements, false);
    registers_set_vector(trap->context, decode->vector, elements.data, decode->element_count * decode->element_width);
    write_mask(trap, &elements, done);
    return done;
}

bool vector_index_scatter(struct trap *trap)
{
    struct elements elements;
    read_elements(trap, &elements);
    bool done = each_element(trap, &elements, true);
    write_mask(trap, &elements, done);
    return done;
}
