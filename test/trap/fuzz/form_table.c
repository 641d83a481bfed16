// SPDX-License-Identifier: Apache-2.0
#include "form_table.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code32.h"
#include "encode.h"
#include "exclusion.h"

static struct form forms[FORM_MAX];
static size_t form_count;

static bool has_operand_in(const struct decoded *decoded, ZydisOperandEncoding encoding)
{
    for (unsigned i = 0; i < decoded->instruction.operand_count; i++)
        if (decoded->operands[i].encoding == encoding)
            return true;
    return false;
}

// A prefix that changes nothing makes no form of its own.
static bool has_idle_prefix(const struct decoded *decoded)
{
    for (unsigned i = 0; i < decoded->instruction.raw.prefix_count; i++) {
        uint8_t value = decoded->instruction.raw.prefixes[i].value;
        bool is_rex = (value & 0xf0) == 0x40;
        if (!is_rex && decoded->instruction.raw.prefixes[i].type == ZYDIS_PREFIX_TYPE_IGNORED)
            return true;
    }
    return false;
}

// The whole name: operands, then what tells apart encodings that say the same.
static void name_form(struct form *form, const struct decoded *decoded)
{
    static const char *const escapes[] = {"", "0F ", "0F38 ", "0F3A "};
    const struct form_encoding *encoding = &form->encoding;
    form_describe(decoded, form->name, sizeof form->name);
    size_t at = strlen(form->name), room = sizeof form->name - at;
    if (encoding->kind == ENCODING_LEGACY)
        at += (size_t)snprintf(form->name + at, room, " (%s%02X", escapes[encoding->map], encoding->opcode);
    else
        at += (size_t)snprintf(form->name + at, room, " (%s%u %02X", encoding->kind == ENCODING_VEX ? "V" : "E",
                               encoding->map, encoding->opcode);
    snprintf(form->name + at, sizeof form->name - at, form->has_modrm && !form->reg_is_operand ? "/%u)" : ")",
             encoding->reg);
}

// The name stands for the form: a second encoding with the same name only tells that W is free.
static void add(const struct form *form)
{
    ENTRY wanted = {(char *)form->name, NULL}, *found = hsearch(wanted, FIND);
    if (found != NULL) {
        struct form *known = found->data;
        known->w_is_free |= known->encoding.w != form->encoding.w;
        return;
    }
    if (form_count == FORM_MAX) {
        fputs("fuzz: more forms than FORM_MAX\n", stderr);
        exit(2);
    }
    struct form *kept = &forms[form_count++];
    *kept = *form;
    hsearch((ENTRY){kept->name, kept}, ENTER);
}

static void consider(const struct form_encoding *encoding)
{
    struct encode_fields fields = {.reg = encoding->reg, .base = 3, .index = 2, .opmask = 3, .w = encoding->w};
    struct form form = {.encoding = *encoding};
    struct decoded decoded;
    uint8_t bytes[40];
    for (int has_modrm = 1; has_modrm >= 0; has_modrm--) {
        size_t length = encode(encoding, has_modrm, &fields, bytes);
        if (!form_decode(bytes, length, &decoded))
            continue;
        form.has_modrm = decoded.instruction.attributes & ZYDIS_ATTRIB_HAS_MODRM;
        if (form.has_modrm == has_modrm)
            break;
        if (!has_modrm)
            return;
    }
    const ZydisDecodedOperand *memory = form_memory(&decoded);
    if (memory == NULL || has_idle_prefix(&decoded) || (encoding->registers_only && !form.has_modrm) ||
        (!form.has_modrm && encoding->reg != 0))
        return;
    bool is_masked = decoded.instruction.avx.mask.reg != ZYDIS_REGISTER_NONE &&
                     decoded.instruction.avx.mask.reg != ZYDIS_REGISTER_K0;
    if (encoding->kind == ENCODING_EVEX && encoding->masked != is_masked)
        return;
    form.mnemonic = decoded.instruction.mnemonic;
    form.reg_is_operand = has_operand_in(&decoded, ZYDIS_OPERAND_ENCODING_MODRM_REG);
    form.vvvv_is_operand = has_operand_in(&decoded, ZYDIS_OPERAND_ENCODING_NDSNDD);
    form.reason = exclusion_reason(&decoded);
    form.fate = form.reason != NULL ? FORM_EXCLUDED : FORM_NOT_ON_THIS_CPU;
    name_form(&form, &decoded);
    add(&form);
}

// The same bits with the operand in memory, with a vector index, and with registers only.
static void consider_shapes(struct form_encoding encoding)
{
    for (encoding.reg = 0; encoding.reg < 8; encoding.reg++) {
        consider(&encoding);
        encoding.registers_only = true;
        consider(&encoding);
        encoding.registers_only = false;
        if (encoding.kind == ENCODING_LEGACY)
            continue;
        encoding.vector_index = true;
        consider(&encoding);
        encoding.vector_index = false;
    }
}

// Bytes that are no opcodes in the first map: prefixes, escapes.
static bool is_opcode(unsigned map, unsigned opcode)
{
    static const uint8_t others[] = {0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65,
                                     0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3};
    if (map == 1)
        return opcode != 0x38 && opcode != 0x3a && opcode != 0x0f;
    return map != 0 || !(memchr(others, (int)opcode, sizeof others) != NULL || (opcode & 0xf0) == 0x40);
}

static void find_legacy(unsigned map, unsigned opcode)
{
    static const uint8_t repeats[] = {0, 0xf2, 0xf3};
    for (unsigned bits = 0; bits < 24; bits++)
        if (is_opcode(map, opcode) && !(code32_is_used() && bits & 1))
            consider_shapes((struct form_encoding){.kind = ENCODING_LEGACY,
                                                   .map = (uint8_t)map,
                                                   .opcode = (uint8_t)opcode,
                                                   .w = bits & 1,
                                                   .size_66 = bits & 2,
                                                   .lock = bits & 4,
                                                   .repeat = repeats[bits / 8]});
}

static void find_vex(unsigned map, unsigned opcode)
{
    for (unsigned bits = 0; bits < 16; bits++)
        consider_shapes((struct form_encoding){.kind = ENCODING_VEX,
                                               .map = (uint8_t)map,
                                               .opcode = (uint8_t)opcode,
                                               .w = bits & 1,
                                               .pp = bits >> 1 & 3,
                                               .length = bits >> 3});
}

static void find_evex(unsigned map, unsigned opcode)
{
    for (unsigned bits = 0; bits < 192; bits++)
        consider_shapes((struct form_encoding){.kind = ENCODING_EVEX,
                                               .map = (uint8_t)map,
                                               .opcode = (uint8_t)opcode,
                                               .w = bits & 1,
                                               .pp = bits >> 1 & 3,
                                               .masked = bits & 8,
                                               .zeroing = bits & 16,
                                               .broadcast = bits & 32,
                                               .length = (uint8_t)(bits >> 6)});
}

struct form *form_table(size_t *count)
{
    hcreate(4 * FORM_MAX);
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        for (unsigned map = 0; map < 4; map++)
            find_legacy(map, opcode);
        for (unsigned map = 1; map <= 3; map++)
            find_vex(map, opcode);
        for (unsigned map = 1; map <= 6; map++)
            find_evex(map, opcode);
    }
    *count = form_count;
    return forms;
}
