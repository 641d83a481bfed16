/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in this process instructions lie that make system calls for the host. Not on the fault path.
 */
#ifndef TRAPLINE_NET_PLACES_H
#define TRAPLINE_NET_PLACES_H

#include <stdbool.h>

#include "filter.h"

/* False if libc, or the loader, is not as expected. */
bool places_find(struct filter_places *places);

#endif
