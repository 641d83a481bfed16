/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <stdbool.h>
#include <sys/mman.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/signal_safe.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Null pointers with offsets shall fault; the heap may grow, and the stack. A heap that meets ours is one that malloc
 * continues elsewhere. */
#define LOWEST (64 * KIB)
#define HEAP_ROOM (256 * MIB)
#define STACK_ROOM GIB
#define LONGEST_STRIDE (16 * MIB)

enum { MOST_AREAS = 512, MOST_TRIES = 64 };

/* Mapped so far, and from where on each is free. */
struct area {
    uint64_t start, end, rest;
};
static struct area areas[MOST_AREAS];
static unsigned area_count;
static uint64_t stack;

void place_init(void)
{
    stack = (uint64_t)__builtin_frame_address(0);
}

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t take_of_areas(uint64_t first, uint64_t last, unsigned size)
{
    for (struct area *area = areas; area < areas + area_count; area++) {
        uint64_t at = greater(area->rest, first);
        if (at <= last && at + size <= area->end) {
            area->rest = at + size;
            return at;
        }
    }
    return 0;
}

static bool is_kept_free(uint64_t from, uint64_t to)
{
    uint64_t heap = (uint64_t)raw_syscall(SYS_brk, 0);
    return from < LOWEST || (to > heap && from < heap + HEAP_ROOM) || to > stack - STACK_ROOM;
}

/* At `at` and no other address. */
static uint64_t map_at(uint64_t at, unsigned size)
{
    uint64_t from = page_of(at), to = page_up(at + size);
    if (area_count == MOST_AREAS || is_kept_free(from, to))
        return 0;
    long mapped = raw_syscall(SYS_mmap, from, to - from, PROT_READ | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapped < 0)
        return 0;
    if ((uint64_t)mapped != from) {
        raw_syscall(SYS_munmap, mapped, to - from);
        return 0;
    }
    areas[area_count++] = (struct area){from, to, at + size};
    return at;
}

static uint64_t map_between(uint64_t first, uint64_t last, uint64_t near, unsigned size)
{
    uint64_t stride = page_up((last - first) / MOST_TRIES);
    stride = stride < PAGE_BYTES ? PAGE_BYTES : stride > LONGEST_STRIDE ? LONGEST_STRIDE : stride;
    for (unsigned i = 0; i < MOST_TRIES; i++) {
        uint64_t below = near - i * stride, above = near + i * stride, found = 0;
        if (below >= first && below <= last && below <= near)
            found = map_at(below, size);
        if (found == 0 && above >= first && above <= last)
            found = map_at(above, size);
        if (found != 0)
            return found;
    }
    return 0;
}

uint64_t place_take(uint64_t first, uint64_t last, uint64_t near, unsigned size)
{
    uint64_t found = take_of_areas(first, last, size);
    if (found != 0)
        return found;
    if (near >= first && near <= last)
        return map_between(first, last, page_of(near), size);
    /* A place that was left to the bytes that follow an instruction: its pages from the first on, which may have room
     * at its end alone. */
    uint64_t page = page_up(first);
    found = page_rest(first) >= size || page > last ? map_at(first, size) : 0;
    return found != 0 || page > last ? found : map_between(page, last, page, size);
}

void place_give_back(void)
{
    while (area_count > 0) {
        const struct area *area = &areas[--area_count];
        raw_syscall(SYS_munmap, area->start, area->end - area->start);
    }
}
