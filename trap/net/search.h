/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the number of a call among many, in a filter. Pure.
 */
#ifndef TRAPLINE_NET_SEARCH_H
#define TRAPLINE_NET_SEARCH_H

#include "filter.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Two for each call of the longest list; what is jumped over has fewer than 256 instructions. */
enum { MOST_TURNS = 250 };
#define HAS_ROOM(list) _Static_assert(2 * COUNT(list) <= MOST_TURNS, "has room for the list")

/* Numbers of calls, all below 512. */
struct numbers {
    const uint32_t *all;
    size_t count;
};
#define NUMBERS(list) {list, COUNT(list)}

/* In both the accumulator holds the number. A search, not a list: the kernel goes through a new filter once for each
 * number that there is, to know which pass without it, and that is most of what a filter costs a program that starts.
 */

/* Goes on behind unless it is one of these; gives the jump that is then taken. */
size_t unless_one_of(struct filter_program *program, const uint32_t *numbers, size_t count);

/* Takes the jump `at[i]` for what is in the list `i`, or in several of which that is the first, and lets pass what is
 * in none. */
void split(struct filter_program *program, const struct numbers *lists, size_t count, size_t *at);

#endif
