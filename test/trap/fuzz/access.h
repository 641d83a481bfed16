// SPDX-License-Identifier: Apache-2.0
// A list of accesses: what went over the lane, or what should have gone.
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access {
    bool is_store, hold;
    uint8_t device, width;
    uint16_t offset;
    uint64_t enables; // bit i: byte i; all bits of the width if the access has no gaps
    uint8_t data[64]; // 0 where not enabled
};

#define ACCESS_LIST_MAX 32768

struct access_list {
    size_t count; // may exceed ACCESS_LIST_MAX: the rest is counted only
    struct access items[ACCESS_LIST_MAX];
};

static inline uint64_t access_all_bytes(unsigned width)
{
    return width >= 64 ? ~0ull : (1ull << width) - 1;
}

static inline struct access *access_append(struct access_list *list)
{
    static struct access overflow;
    return list->count < ACCESS_LIST_MAX ? &list->items[list->count++] : (list->count++, &overflow);
}
#endif
