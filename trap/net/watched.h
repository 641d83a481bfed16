/* SPDX-License-Identifier: Apache-2.0
 *
 * Which numbers of descriptors the filters of this process watch, also in the child of a fork, and how many the next
 * one is to watch: one number at first, with few beside it, since calls about the descriptors of other files are slow
 * there; and the more, the more filters there are, so that few are enough for any number of descriptors.
 */
#ifndef TRAPLINE_NET_WATCHED_H
#define TRAPLINE_NET_WATCHED_H

#include <stdbool.h>

struct watched_range {
    int first, last;
};

bool watched_has(int descriptor);

/* For a filter that is to watch a number, which is none of a filter's yet. */
struct watched_range watched_around(int descriptor);
/* That filter is there. */
void watched_add(struct watched_range range);

#endif
