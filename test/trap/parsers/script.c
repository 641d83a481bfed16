// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include <string.h>

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

void chunk_append(struct chunk *chunk, const void *bytes, size_t length)
{
    length = at_most(length, CHUNK_BYTES - chunk->length);
    if (length > 0)
        memcpy(chunk->bytes + chunk->length, bytes, length);
    chunk->length += length;
}

struct chunk *script_add(struct script *script, const void *bytes, size_t length)
{
    struct chunk *chunk = &script->chunks[script->count < CHUNKS_MAX ? script->count++ : CHUNKS_MAX - 1];
    chunk->length = 0;
    chunk_append(chunk, bytes, length);
    return chunk;
}

static void overwrite(struct chunk *chunk, size_t at, struct random *random)
{
    static const uint64_t limits[] = {0, ~UINT64_C(0), 0x7fffffff, 0x80000000, 0xff, 0x7f, 0x8080808080808080};
    uint64_t value = limits[random_below(random, sizeof limits / sizeof limits[0])];
    memcpy(chunk->bytes + at, &value, at_most(1 + random_below(random, 8), chunk->length - at));
}

static void repeat(struct chunk *chunk, size_t at, struct random *random)
{
    size_t length = 1 + random_below(random, chunk->length - at);
    for (uint64_t times = 1 + random_below(random, 8); times > 0; times--) {
        uint8_t copy[256];
        size_t count = at_most(length, sizeof copy);
        memcpy(copy, chunk->bytes + at, count);
        chunk_append(chunk, copy, count);
    }
}

static void insert(struct chunk *chunk, size_t at, struct random *random)
{
    uint8_t noise[64];
    size_t count = at_most(1 + random_below(random, sizeof noise), CHUNK_BYTES - chunk->length);
    random_fill(random, noise, count);
    memmove(chunk->bytes + at + count, chunk->bytes + at, chunk->length - at);
    memcpy(chunk->bytes + at, noise, count);
    chunk->length += count;
}

static void cut_out(struct chunk *chunk, size_t at, struct random *random)
{
    size_t count = 1 + random_below(random, chunk->length - at);
    memmove(chunk->bytes + at, chunk->bytes + at + count, chunk->length - at - count);
    chunk->length -= count;
}

void chunk_spoil(struct chunk *chunk, struct random *random)
{
    if (chunk->length == 0)
        return insert(chunk, 0, random);
    size_t at = random_below(random, chunk->length);
    switch (random_below(random, 6)) {
    case 0:
        chunk->bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
        break;
    case 1:
        overwrite(chunk, at, random);
        break;
    case 2:
        chunk->length = at;
        break;
    case 3:
        repeat(chunk, at, random);
        break;
    case 4:
        insert(chunk, at, random);
        break;
    default:
        cut_out(chunk, at, random);
    }
}

static void exchange(struct chunk *a, struct chunk *b)
{
    static struct chunk kept;
    kept = *a;
    *a = *b;
    *b = kept;
}

void script_move_last(struct script *script, struct random *random)
{
    exchange(&script->chunks[script->count - 1], &script->chunks[random_below(random, script->count)]);
}

void script_shuffle(struct script *script, struct random *random)
{
    if (script->count == 0)
        return;
    struct chunk *chunk = &script->chunks[random_below(random, script->count)];
    switch (random_below(random, 4)) {
    case 0:
        chunk->length = 0;
        break;
    case 1:
        script_add(script, chunk->bytes, chunk->length);
        break;
    case 2:
        exchange(chunk, &script->chunks[random_below(random, script->count)]);
        break;
    default:
        for (size_t i = 1; i < script->count; i++) {
            chunk_append(&script->chunks[0], script->chunks[i].bytes, script->chunks[i].length);
            script->chunks[i].length = 0;
        }
    }
}
