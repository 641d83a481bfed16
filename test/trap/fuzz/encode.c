// SPDX-License-Identifier: Apache-2.0
#include "encode.h"

#include <string.h>

#include "code32.h"

struct writer {
    uint8_t *bytes;
    size_t length;
};

static void put(struct writer *writer, unsigned byte)
{
    writer->bytes[writer->length++] = (uint8_t)byte;
}

static unsigned bit(unsigned value, unsigned number)
{
    return value >> number & 1;
}

static bool needs_sib(const struct form_encoding *encoding, const struct encode_fields *fields)
{
    return !encoding->registers_only && (encoding->vector_index || fields->has_sib || (fields->base & 7) == 4);
}

static void put_legacy(struct writer *writer, const struct form_encoding *encoding, const struct encode_fields *fields)
{
    static const uint8_t escapes[4][2] = {{0}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}};
    unsigned index = needs_sib(encoding, fields) ? fields->index : 0;
    unsigned rex = 0x40 | (unsigned)fields->w << 3 | bit(fields->reg, 3) << 2 | bit(index, 3) << 1 |
                   bit(fields->base, 3);
    if (encoding->lock)
        put(writer, 0xf0);
    if (encoding->size_66)
        put(writer, 0x66);
    if (encoding->repeat != 0)
        put(writer, encoding->repeat);
    if (!code32_is_used() && (rex != 0x40 || fields->rex))
        put(writer, rex);
    for (unsigned i = 0; i < 2 && escapes[encoding->map][i] != 0; i++)
        put(writer, escapes[encoding->map][i]);
}

static void put_vex(struct writer *writer, const struct form_encoding *encoding, const struct encode_fields *fields)
{
    unsigned index = needs_sib(encoding, fields) ? fields->index : 0;
    unsigned last = (~fields->vvvv & 15u) << 3 | (unsigned)encoding->length << 2 | encoding->pp;
    unsigned not_r = !bit(fields->reg, 3) << 7;
    if (fields->short_vex && encoding->map == 1 && !fields->w && !bit(index, 3) && !bit(fields->base, 3)) {
        put(writer, 0xc5);
        put(writer, not_r | last);
        return;
    }
    put(writer, 0xc4);
    put(writer, not_r | !bit(index, 3) << 6 | !bit(fields->base, 3) << 5 | encoding->map);
    put(writer, (unsigned)fields->w << 7 | last);
}

// Intel SDM volume 2, 2.7.1. With a vector index V' extends the index, else vvvv.
static void put_evex(struct writer *writer, const struct form_encoding *encoding, const struct encode_fields *fields)
{
    unsigned index = needs_sib(encoding, fields) ? fields->index : 0;
    unsigned high = encoding->vector_index ? bit(fields->index, 4) : bit(fields->vvvv, 4);
    unsigned opmask = encoding->masked ? fields->opmask : 0;
    put(writer, 0x62);
    put(writer, !bit(fields->reg, 3) << 7 | !bit(index, 3) << 6 | !bit(fields->base, 3) << 5 |
                    !bit(fields->reg, 4) << 4 | encoding->map);
    put(writer, (unsigned)fields->w << 7 | (~fields->vvvv & 15u) << 3 | 4 | encoding->pp);
    put(writer, (unsigned)encoding->zeroing << 7 | (unsigned)encoding->length << 5 |
                    (unsigned)encoding->broadcast << 4 | !high << 3 | opmask);
}

static void put_modrm(struct writer *writer, const struct form_encoding *encoding, const struct encode_fields *fields)
{
    unsigned reg = (fields->reg & 7u) << 3;
    if (encoding->registers_only) {
        put(writer, 0xc0 | reg | (fields->base & 7u));
    } else if (needs_sib(encoding, fields)) {
        put(writer, (unsigned)fields->mod << 6 | reg | 4);
        put(writer, (unsigned)fields->scale << 6 | (fields->index & 7u) << 3 | (fields->base & 7u));
    } else {
        put(writer, (unsigned)fields->mod << 6 | reg | (fields->base & 7u));
    }
}

size_t encode(const struct form_encoding *encoding, bool has_modrm, const struct encode_fields *fields,
              uint8_t bytes[40])
{
    struct writer writer = {bytes, 0};
    if (fields->segment != 0)
        put(&writer, fields->segment);
    if (fields->address_32)
        put(&writer, 0x67);
    if (encoding->kind == ENCODING_LEGACY)
        put_legacy(&writer, encoding, fields);
    else if (encoding->kind == ENCODING_VEX)
        put_vex(&writer, encoding, fields);
    else
        put_evex(&writer, encoding, fields);
    put(&writer, encoding->opcode);
    if (has_modrm)
        put_modrm(&writer, encoding, fields);
    memcpy(bytes + writer.length, fields->tail, sizeof fields->tail);
    return writer.length + sizeof fields->tail;
}
