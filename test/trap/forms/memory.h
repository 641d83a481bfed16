// SPDX-License-Identifier: Apache-2.0
// The two memories a form runs on: a mapping of the device (the window) and anonymous pages.
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
    volatile uint8_t *base; // NULL if it could not be had below 2 GiB
    size_t size;
};

// Both end the program with a sentence if the mapping is refused. `low` asks for addresses below 2 GiB.
struct memory memory_map_device(const char *path, uint64_t offset, size_t size, bool low);
struct memory memory_map_plain(size_t size, bool low);

// `count` bytes at `address`, both multiples of 8, by plain 8-byte accesses in ascending order.
void memory_fill(uint64_t address, const uint8_t *from, size_t count);
void memory_read_back(uint64_t address, uint8_t *to, size_t count);
#endif
