// SPDX-License-Identifier: Apache-2.0
// The only source of chance: a 64-bit counter through a mixing function (splitmix64), equal for equal seeds.
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct random {
    uint64_t counter;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->counter += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}

static inline void random_fill(struct random *random, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 8) {
        uint64_t word = random_next(random);
        memcpy(bytes + i, &word, count - i < 8 ? count - i : 8);
    }
}
#endif
