// SPDX-License-Identifier: Apache-2.0
#include "hostile.h"

#include <string.h>

#include "traffic.h"

enum { PAYLOAD_MAX = 512, FLOOD_MAX = 200 };

static uint32_t any_stream(struct random *random)
{
    static const uint32_t streams[] = {0, ATTACH_STREAM, TRANSACT_STREAM, 2, 5, 0x7fffffff, 0xffffffff};
    return streams[random_below(random, sizeof streams / sizeof streams[0])];
}

static void put(uint8_t *at, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint32_t any_limit(struct random *random)
{
    static const uint32_t limits[] = {0, 1, 0x3fff, 0x4000, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff};
    return limits[random_below(random, sizeof limits / sizeof limits[0])];
}

// Payloads that a parser takes seriously; noise for the rest.
static size_t fill(unsigned type, uint8_t payload[PAYLOAD_MAX], struct random *random)
{
    size_t count = random_below(random, PAYLOAD_MAX);
    random_fill(random, payload, count);
    if (type == FRAME_SETTINGS) {
        count = 6 * random_below(random, 8);
        for (size_t i = 0; i < count; i += 6) {
            put(payload + i, (uint32_t)random_below(random, 9), 2);
            put(payload + i + 2, any_limit(random), 4);
        }
    } else if (type == FRAME_WINDOW_UPDATE || type == FRAME_RST_STREAM) {
        count = 4;
        put(payload, any_limit(random), 4);
    } else if (type == FRAME_PING) {
        count = 8;
    } else if (type == FRAME_GOAWAY && count >= 8) {
        put(payload, any_stream(random), 4);
    }
    return count;
}

static void add_frame(struct script *script, struct random *random)
{
    uint8_t payload[PAYLOAD_MAX];
    unsigned type = (unsigned)random_below(random, FRAME_TYPES + 2);
    size_t count = fill(type, payload, random);
    size_t length = random_below(random, 8) == 0 ? any_limit(random) : count;
    traffic_add_frame(script, type, (unsigned)random_below(random, 256), any_stream(random), payload, count, length);
}

// Headers that do not end, pings and settings that each ask for an answer.
static void add_flood(struct script *script, struct random *random)
{
    static const uint8_t nothing[8];
    static const unsigned types[] = {FRAME_CONTINUATION, FRAME_PING, FRAME_SETTINGS, FRAME_WINDOW_UPDATE};
    static struct script one;
    unsigned type = types[random_below(random, 4)];
    size_t count = type == FRAME_SETTINGS ? 0 : type == FRAME_WINDOW_UPDATE ? 4 : 8;
    one.count = 0;
    traffic_add_frame(&one, type, 0, type == FRAME_CONTINUATION ? TRANSACT_STREAM : 0, nothing, count, count);
    struct chunk *flood = script_add(script, nothing, 0);
    if (type == FRAME_CONTINUATION) {
        one.count = 0;
        traffic_add_frame(script, FRAME_HEADERS, 0, TRANSACT_STREAM, "\x88", 1, 1);
        flood = &script->chunks[script->count - 1];
        traffic_add_frame(&one, type, 0, TRANSACT_STREAM, nothing, count, count);
    }
    for (uint64_t i = random_below(random, FLOOD_MAX); i > 0; i--)
        chunk_append(flood, one.chunks[0].bytes, one.chunks[0].length);
}

void hostile_add(struct script *script, struct random *random)
{
    if (random_below(random, 4) == 0)
        add_flood(script, random);
    else
        add_frame(script, random);
    script_move_last(script, random);
}
