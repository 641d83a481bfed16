// SPDX-License-Identifier: Apache-2.0
// What a peer sends, in the pieces in which it arrives.
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

enum { CHUNKS_MAX = 128, CHUNK_BYTES = 80 * 1024 };

struct chunk {
    size_t length;
    uint8_t bytes[CHUNK_BYTES];
};

struct script {
    size_t count;
    struct chunk chunks[CHUNKS_MAX];
};

// A new last chunk, cut off where there is no room.
struct chunk *script_add(struct script *script, const void *bytes, size_t length);
void chunk_append(struct chunk *chunk, const void *bytes, size_t length);

// What can happen to any bytes: flipped, overwritten with limits of numbers, cut, stretched, repeated.
void chunk_spoil(struct chunk *chunk, struct random *random);

// What can happen to a sequence: one piece is lost, doubled, moved, or two become one.
void script_shuffle(struct script *script, struct random *random);

// Moves the last chunk to a random place.
void script_move_last(struct script *script, struct random *random);
#endif
