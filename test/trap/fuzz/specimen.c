// SPDX-License-Identifier: Apache-2.0
#include "specimen.h"

#include <string.h>

#include "code32.h"
#include "encode.h"

static bool one_in(struct random *random, unsigned count)
{
    return random_below(random, count) == 0;
}

// FS and GS matter, the others are ignored in 64-bit code, and begin at 0 in 32-bit code.
static uint8_t draw_segment(struct random *random)
{
    static const uint8_t prefixes[32] = {0x64, 0x64, 0x64, 0x64, 0x65, 0x65, 0x65, 0x65, 0x2e, 0x36, 0x3e, 0x26};
    return prefixes[random_below(random, sizeof prefixes)];
}

static void draw_fields(const struct form *form, struct random *random, struct encode_fields *fields)
{
    const struct form_encoding *encoding = &form->encoding;
    unsigned general = code32_is_used() ? 8 : 16, vectors = encoding->kind == ENCODING_EVEX ? 32 : 16;
    unsigned registers = code32_is_used() ? 8 : vectors;
    memset(fields, 0, sizeof *fields);
    fields->reg = form->reg_is_operand ? (uint8_t)random_below(random, registers) : encoding->reg;
    fields->vvvv = form->vvvv_is_operand ? (uint8_t)random_below(random, registers) : 0;
    fields->base = (uint8_t)random_below(random, general);
    fields->index = (uint8_t)random_below(random, encoding->vector_index ? registers : general);
    fields->scale = (uint8_t)random_below(random, 4);
    fields->mod = (uint8_t)random_below(random, 3);
    fields->has_sib = one_in(random, 2);
    fields->opmask = (uint8_t)(1 + random_below(random, 7));
    fields->segment = draw_segment(random);
    fields->address_32 = !code32_is_used() && one_in(random, 8);
    fields->w = form->w_is_free ? one_in(random, 2) : encoding->w;
    fields->rex = one_in(random, 4);
    fields->short_vex = one_in(random, 2);
    random_fill(random, fields->tail, sizeof fields->tail);
}

bool specimen_draw(const struct form *form, struct random *random, uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH],
                   struct decoded *decoded)
{
    struct encode_fields fields;
    uint8_t draft[40];
    char name[sizeof form->name];
    draw_fields(form, random, &fields);
    size_t length = encode(&form->encoding, form->has_modrm, &fields, draft);
    if (!form_decode(draft, length, decoded) || decoded->instruction.mnemonic != form->mnemonic)
        return false;
    form_describe(decoded, name, sizeof name);
    size_t described = strlen(name);
    if (strncmp(name, form->name, described) != 0 || strncmp(form->name + described, " (", 2) != 0 ||
        form_memory(decoded) == NULL)
        return false;
    memset(bytes, 0, ZYDIS_MAX_INSTRUCTION_LENGTH);
    memcpy(bytes, draft, decoded->instruction.length);
    return true;
}
