// SPDX-License-Identifier: Apache-2.0
#include "draw.h"

#include <pb_common.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5, LONGEST = 6000, MOST_ELEMENTS = 70, DEEPEST = 8 };

static void put_varint(struct chunk *to, uint64_t value)
{
    uint8_t bytes[10];
    size_t count = 0;
    do {
        bytes[count++] = (uint8_t)(value > 0x7f ? value | 0x80 : value);
        value >>= 7;
    } while (value != 0);
    chunk_append(to, bytes, count);
}

static void put_tag(struct chunk *to, uint32_t number, unsigned wire)
{
    put_varint(to, (uint64_t)number << 3 | wire);
}

static void put_bytes(struct chunk *to, uint32_t number, const void *bytes, size_t count)
{
    put_tag(to, number, WIRE_BYTES);
    put_varint(to, count);
    chunk_append(to, bytes, count);
}

static bool one_in(const struct draw *draw, unsigned count)
{
    return count != 0 && random_below(draw->random, count) == 0;
}

uint64_t draw_number(struct random *random, uint64_t right)
{
    static const uint64_t limits[] = {0,
                                      1,
                                      2,
                                      3,
                                      4,
                                      5,
                                      7,
                                      8,
                                      9,
                                      63,
                                      64,
                                      65,
                                      0xfff,
                                      0x1000,
                                      0x1001,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x100000000,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0xfffffffffffff000,
                                      ~UINT64_C(0)};
    switch (random_below(random, 4)) {
    case 0:
        return right + random_below(random, 5) - 2;
    case 1:
        return random_next(random) >> random_below(random, 64);
    default:
        return limits[random_below(random, sizeof limits / sizeof limits[0])];
    }
}

// What texts may do to whoever takes them for a name, a format or a line.
static size_t draw_text(char text[LONGEST], const char *right, size_t room, struct random *random)
{
    static const char *const words[] = {
        "../",    "../../../../../../etc/passwd", "/",      "/etc/passwd", ".",    "..",  "a/../../b",
        "%s%n%x", "\x1b[2J\x1b]0;t\x07",          "\r\nx:", "\xff\xfe",    "\x7f", "~/x", "$(x)"};
    const char *word = words[random_below(random, sizeof words / sizeof words[0])];
    size_t length = strlen(right), sizes[] = {0, 1, room - 2, room - 1, room, room + 1, LONGEST - 1};
    switch (random_below(random, 5)) {
    case 0:
        return (size_t)snprintf(text, LONGEST, "%s", word);
    case 1:
        return (size_t)snprintf(text, LONGEST, "%s%s", right, word);
    case 2:
        return (size_t)snprintf(text, LONGEST, "/dev/%s%s", word, right);
    case 3:
        length = sizes[random_below(random, sizeof sizes / sizeof sizes[0])] % LONGEST;
        for (size_t at = 0; at < length; at++)
            text[at] = word[at % strlen(word)];
        return length;
    default:
        memcpy(text, right, length);
        text[random_below(random, length + 1)] = 0;
        return length;
    }
}

static void draw_bytes(struct chunk *to, const pb_field_iter_t *field, struct random *random)
{
    static uint8_t bytes[LONGEST];
    const pb_bytes_array_t *right = field->pData;
    size_t room = field->data_size, sizes[] = {0, 1, right->size + 1u, right->size - 1u, room, room + 1, LONGEST};
    size_t size = sizes[random_below(random, sizeof sizes / sizeof sizes[0])];
    random_fill(random, bytes, sizeof bytes);
    put_bytes(to, field->tag, bytes, size < LONGEST ? size : LONGEST);
}

static uint64_t number_in(const pb_field_iter_t *field)
{
    uint64_t value = 0;
    memcpy(&value, field->pData, field->data_size);
    bool is_signed = PB_LTYPE(field->type) == PB_LTYPE_VARINT && field->data_size == 4;
    return is_signed ? (uint64_t)(int64_t)(int32_t)value : value;
}

static void append(struct chunk *to, const pb_msgdesc_t *fields, const void *message, const struct draw *draw,
                   unsigned depth);

// The length of what is inside stands before it.
static void append_message(struct chunk *to, const pb_field_iter_t *field, const struct draw *draw, unsigned depth)
{
    static struct chunk header;
    size_t start = to->length;
    if (depth < DEEPEST)
        append(to, field->submsg_desc, field->pData, draw, depth + 1);
    size_t inner = to->length - start;
    header.length = 0;
    put_tag(&header, field->tag, WIRE_BYTES);
    put_varint(&header, inner);
    if (to->length + header.length > CHUNK_BYTES)
        return;
    memmove(to->bytes + start + header.length, to->bytes + start, inner);
    memcpy(to->bytes + start, header.bytes, header.length);
    to->length += header.length;
}

// Another type than the field's, of which parsers should make nothing; or a field that nobody knows.
static void draw_stranger(struct chunk *to, const pb_field_iter_t *field, struct random *random)
{
    uint8_t noise[8];
    uint32_t number = random_below(random, 2) ? field->tag : (uint32_t)(1 + draw_number(random, 20) % 0x1fffffff);
    random_fill(random, noise, sizeof noise);
    switch (random_below(random, 5)) {
    case 0:
        put_tag(to, number, WIRE_VARINT);
        put_varint(to, draw_number(random, 0));
        break;
    case 1:
        put_tag(to, number, WIRE_32);
        chunk_append(to, noise, 4);
        break;
    case 2:
        put_tag(to, number, WIRE_64);
        chunk_append(to, noise, 8);
        break;
    case 3:
        put_tag(to, number, (unsigned)random_below(random, 8));
        break;
    default:
        put_bytes(to, number, noise, random_below(random, sizeof noise));
    }
}

static void append_drawn(struct chunk *to, const pb_field_iter_t *field, const struct draw *draw, unsigned depth)
{
    static char text[LONGEST];
    if (one_in(draw, 8))
        return draw_stranger(to, field, draw->random);
    switch (PB_LTYPE(field->type)) {
    case PB_LTYPE_STRING: {
        size_t length = draw_text(text, field->pData, field->data_size, draw->random);
        return put_bytes(to, field->tag, text, length);
    }
    case PB_LTYPE_BYTES:
        return draw_bytes(to, field, draw->random);
    case PB_LTYPE_SUBMESSAGE:
        return append_message(to, field, draw, depth);
    default:
        put_tag(to, field->tag, WIRE_VARINT);
        put_varint(to, draw_number(draw->random, number_in(field)));
    }
}

static void append_right(struct chunk *to, const pb_field_iter_t *field, const struct draw *draw, unsigned depth)
{
    const pb_bytes_array_t *bytes = field->pData;
    switch (PB_LTYPE(field->type)) {
    case PB_LTYPE_STRING:
        return put_bytes(to, field->tag, field->pData, strlen(field->pData));
    case PB_LTYPE_BYTES:
        return put_bytes(to, field->tag, bytes->bytes, bytes->size);
    case PB_LTYPE_SUBMESSAGE:
        return append_message(to, field, draw, depth);
    case PB_LTYPE_BOOL:
    case PB_LTYPE_VARINT:
    case PB_LTYPE_UVARINT:
        put_tag(to, field->tag, WIRE_VARINT);
        return put_varint(to, number_in(field));
    default:
        fprintf(stderr, "fuzz-agent: field %u is of a type that it can't draw yet\n", (unsigned)field->tag);
        exit(2);
    }
}

static void append_element(struct chunk *to, const pb_field_iter_t *field, const struct draw *draw, unsigned depth)
{
    uint64_t times = one_in(draw, 32 * draw->one_in) ? random_below(draw->random, 3) : 1;
    for (; times > 0; times--)
        if (one_in(draw, draw->one_in))
            append_drawn(to, field, draw, depth);
        else
            append_right(to, field, draw, depth);
}

// More than there is room for, too: then the elements that are there come again.
static void append_repeated(struct chunk *to, pb_field_iter_t *field, const struct draw *draw, unsigned depth)
{
    uint8_t *first = field->pData;
    size_t held = *(const pb_size_t *)field->pSize;
    size_t count = one_in(draw, 2 * draw->one_in) ? random_below(draw->random, MOST_ELEMENTS) : held;
    for (size_t i = 0; i < count; i++) {
        field->pData = first + field->data_size * (held == 0 ? 0 : i % held);
        append_element(to, field, draw, depth);
    }
}

static bool is_there(const pb_field_iter_t *field)
{
    switch (PB_HTYPE(field->type)) {
    case PB_HTYPE_ONEOF:
        return *(const pb_size_t *)field->pSize == field->tag;
    case PB_HTYPE_OPTIONAL:
        return field->pSize == NULL || *(const bool *)field->pSize;
    default:
        return true;
    }
}

static void append(struct chunk *to, const pb_msgdesc_t *fields, const void *message, const struct draw *draw,
                   unsigned depth)
{
    pb_field_iter_t field;
    if (!pb_field_iter_begin_const(&field, fields, message))
        return;
    do {
        if (PB_HTYPE(field.type) == PB_HTYPE_REPEATED)
            append_repeated(to, &field, draw, depth);
        else if (is_there(&field))
            append_element(to, &field, draw, depth);
    } while (pb_field_iter_next(&field));
}

void draw_message(struct chunk *to, const pb_msgdesc_t *fields, const void *message, const struct draw *draw)
{
    append(to, fields, message, draw, 0);
}
