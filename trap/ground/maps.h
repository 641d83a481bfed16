/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file an address belongs to, by /proc/self/maps. Fault path: no heap, no stdio.
 */
#ifndef TRAPLINE_MAPS_H
#define TRAPLINE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the first bytes of a file are mapped; of no length if they are not. */
struct maps_head {
    const uint8_t *bytes;
    size_t length;
};

/* Path of the file mapped at `address`, the offset in it, and its head. False, with an empty path, if it is not in a
 * file. */
bool maps_find(uint64_t address, char *path, size_t size, uint64_t *offset, struct maps_head *head);

/* Whether all of [start, end) is in one private mapping of a file that can be run and not written. */
bool maps_is_constant_code(uint64_t start, uint64_t end);

/* PROT_READ and others, as the page at `address` has them; 0 if nothing is mapped there, or it can't be told. */
int maps_protection(uint64_t address);

/* The mapping at an address, or what of it is alike; where it is of no file with a name, with those like it that lie
 * beside it. */
struct maps_part {
    uint64_t start, end;
    bool is_shared, is_of_file;
};

/* False if nothing is mapped there. Not by two threads at once. */
bool maps_part_at(uint64_t address, struct maps_part *part);

/* Whether it is code of this library. */
bool maps_is_own_code(uint64_t address);

#endif
