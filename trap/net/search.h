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

/* The accumulator holds the number. Goes on behind unless it is one of these; gives the jump that is then taken. A
 * search, not a list: the kernel goes through a new filter once for each number that there is, to know which pass
 * without it, and that is most of what a filter costs a program that starts. */
size_t unless_one_of(struct filter_program *program, const uint32_t *numbers, size_t count);

#endif
