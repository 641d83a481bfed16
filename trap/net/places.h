/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in this process instructions lie that make system calls for the host. Not on the fault path.
 */
#ifndef TRAPLINE_NET_PLACES_H
#define TRAPLINE_NET_PLACES_H

#include <stdbool.h>

#include "filter.h"

/* Of a program that has the agent beside it (ground/second_world.h), and of its loader, if it has one. False if it is
 * not mapped as its file says (packed programs). */
bool places_find_second(struct filter_places *places);

/* Of the program and of all libraries that are there now. False if libc, or the loader, is not as expected. */
bool places_find(struct filter_places *places);

/* Of libraries that have come since they were last looked for; `own` alone. The caller sees to it that no other thread
 * asks. */
void places_find_new(struct filter_places *places);

/* Of code that is mapped there; `own` alone. */
void places_find_in(struct filter_range code, struct filter_places *places);

#endif
