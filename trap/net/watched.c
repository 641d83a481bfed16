/* SPDX-License-Identifier: Apache-2.0 */
#include "watched.h"

#include <stdatomic.h>
#include <stdint.h>

/* Numbers are watched in groups of so many, from 0 to below the last; those above are one group. */
enum { GROUP = 4, SINGLE = 1024, GROUPS = SINGLE / GROUP };

/* So many filters watch one group each, so many more two, then four. */
enum { FILTERS_OF_A_WIDTH = 8, DOUBLINGS = 8 };
_Static_assert(1 << DOUBLINGS == GROUPS, "the widest filter watches all groups");

static atomic_bool is_watched[GROUPS + 1];
static atomic_uint filters;

static int group_of(int descriptor)
{
    return descriptor < SINGLE ? descriptor / GROUP : GROUPS;
}

bool watched_has(int descriptor)
{
    return atomic_load(&is_watched[group_of(descriptor)]);
}

struct watched_range watched_around(int descriptor)
{
    unsigned doublings = atomic_load(&filters) / FILTERS_OF_A_WIDTH;
    int count = GROUP << (doublings < DOUBLINGS ? doublings : DOUBLINGS);
    int first = descriptor / count * count;
    return descriptor < SINGLE ? (struct watched_range){first, first + count - 1}
                               : (struct watched_range){SINGLE, INT32_MAX};
}

void watched_add(struct watched_range range)
{
    for (int group = group_of(range.first); group <= group_of(range.last); group++)
        atomic_store(&is_watched[group], true);
    filters++;
}
