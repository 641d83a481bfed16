/* SPDX-License-Identifier: Apache-2.0 */
#include "blockers.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction/registers.h"
#include "ground/signal_safe.h"

/* No block begins at these. */
enum { FREE = 0, LEFT = 1, PLACES = 512, SHIFT = 6 };
static atomic_uint_least64_t blocks[PLACES];

/* From where a block would be on, to the first place that has never been in use. NULL if it is none of them. */
static atomic_uint_least64_t *find(uint64_t block)
{
    for (unsigned i = 0; i < PLACES; i++) {
        atomic_uint_least64_t *place = &blocks[((block >> SHIFT) + i) % PLACES];
        uint64_t there = atomic_load(place);
        if (there == block)
            return place;
        if (there == FREE)
            break;
    }
    return NULL;
}

static void add(uint64_t block)
{
    for (unsigned i = 0; i < PLACES; i++) {
        atomic_uint_least64_t *place = &blocks[((block >> SHIFT) + i) % PLACES];
        uint64_t there = atomic_load(place);
        if ((there == FREE || there == LEFT) && atomic_compare_exchange_strong(place, &there, block))
            return;
    }
}

/* A thread that has no block yet is the first one. */
static uint64_t own_block(void)
{
    enum { BEFORE_ALL = 2 };
    uint64_t block = registers_segment_base(SEGMENT_FS);
    return block != 0 ? block : BEFORE_ALL;
}

bool blockers_have(void)
{
    return find(own_block()) != NULL;
}

void blockers_set(bool holds)
{
    uint64_t block = own_block();
    atomic_uint_least64_t *place = find(block);
    if (holds && place == NULL)
        add(block);
    else if (!holds && place != NULL)
        atomic_store(place, LEFT);
}
