/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdint.h>
#include <string.h>

#include "ground/signal_safe.h"

/* Measured need of a session is under 64 KiB; header tables and frame buffers stay bounded by HTTP/2 settings. */
#define ARENA_SIZE (512 * 1024)
#define CLASSES 20
#define SMALLEST 32

struct header {
    struct header *next; /* in its free list */
    size_t class;
};
_Static_assert(sizeof(struct header) == 16, "blocks stay 16-byte aligned behind their header");

static _Alignas(16) uint8_t memory[ARENA_SIZE];
static size_t used;
static struct header *free_lists[CLASSES];

void arena_reset(void)
{
    used = 0;
    memset(free_lists, 0, sizeof free_lists);
}

static size_t class_of(size_t size)
{
    size_t class = 0;
    while (((size_t)SMALLEST << class) < size + sizeof(struct header))
        class ++;
    return class;
}

static size_t room_of(const struct header *header)
{
    return ((size_t)SMALLEST << header->class) - sizeof(struct header);
}

void *arena_take(size_t size)
{
    if (size > ARENA_SIZE / 2)
        return NULL;
    size_t class = class_of(size);
    struct header *header = free_lists[class];
    if (header != NULL) {
        free_lists[class] = header->next;
        return header + 1;
    }
    size_t whole = (size_t)SMALLEST << class;
    if (whole > ARENA_SIZE - used)
        return NULL;
    header = (struct header *)(void *)(memory + used);
    used += whole;
    header->class = class;
    return header + 1;
}

void arena_return(void *block)
{
    if (block == NULL)
        return;
    struct header *header = (struct header *)block - 1;
    header->next = free_lists[header->class];
    free_lists[header->class] = header;
}

void *arena_resize(void *block, size_t size)
{
    if (block == NULL)
        return arena_take(size);
    size_t room = room_of((struct header *)block - 1);
    if (size <= room)
        return block;
    void *larger = arena_take(size);
    if (larger != NULL) {
        memcpy(larger, block, room);
        arena_return(block);
    }
    return larger;
}
