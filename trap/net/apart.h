/* SPDX-License-Identifier: Apache-2.0
 *
 * Where filters look for pointers into windows: in the place that windows have (memory/window_place.h), and in what
 * lies apart from it, since the host itself has said where. One thread at a time may ask.
 */
#ifndef TRAPLINE_NET_APART_H
#define TRAPLINE_NET_APART_H

#include <stdbool.h>

#include "filter.h"

/* The place of those that do not. */
struct filter_range apart_none(void);

/* Whether a filter looks there already. */
bool apart_has(struct filter_range pages);

/* Notes them; what the filter is to look at: where there is no room for more, all from the first to the last. */
struct filter_range apart_add(struct filter_range pages);

#endif
