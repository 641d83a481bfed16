/* SPDX-License-Identifier: Apache-2.0 */
#include "window_place.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "ground/low_world.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/signal_safe.h"

#define BLOCK ((uint64_t)1 << 32)
#define MIB ((uint64_t)1 << 20)

/* The place is of so many blocks, and lies so many below what the kernel maps where it likes. Checkers (TSan) take
 * addresses much further down for none of the host's. */
enum { BLOCKS = 16, BELOW = 32 };

/* In programs of 32 bits: among the addresses that mmap(2) takes there (MAP_32BIT) between those that it gives first,
 * from 1 GiB up, and those that the kernel gives the program, from its end down. */
static const struct window_place low_place = {1536 * MIB, 2048 * MIB};

/* Of the place, as much at its start stays free. */
static uint64_t margin(void)
{
    return low_world_is_there ? 16 * MIB : BLOCK;
}

static _Atomic uint64_t place_start, next_place;

static uint64_t find_start(void)
{
    long page = raw_syscall(SYS_mmap, NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page < 0)
        return 0;
    raw_syscall(SYS_munmap, page, PAGE_BYTES);
    uint64_t block = (uint64_t)page / BLOCK * BLOCK;
    return block > 2 * BELOW * BLOCK ? block - BELOW * BLOCK : 0;
}

/* The same in all threads, and in the child of a fork. */
struct window_place window_place(void)
{
    if (low_world_is_there)
        return low_place;
    uint64_t none = 0, start = atomic_load(&place_start);
    if (start == 0) {
        start = find_start();
        if (!atomic_compare_exchange_strong(&place_start, &none, start) && none != 0)
            start = none;
    }
    return (struct window_place){start, start == 0 ? 0 : start + BLOCKS * BLOCK};
}

/* What lies over the lowest end has room below it, so that whatever begins before a window and reaches into it is in
 * the place too. */
void *window_place_hint(uint64_t length)
{
    struct window_place place = window_place();
    uint64_t first = place.start + margin(), room = (length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES + PAGE_BYTES;
    if (place.start == 0 || length >= place.end - first)
        return NULL;
    uint64_t at = atomic_fetch_add(&next_place, room) % (place.end - first);
    if (at + room > place.end - first) {
        at = 0;
        atomic_store(&next_place, room);
    }
    return (void *)(first + at);
}
