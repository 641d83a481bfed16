/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in this process instructions lie that make system calls for the host. Not on the fault path.
 */
#ifndef TRAPLINE_NET_PLACES_H
#define TRAPLINE_NET_PLACES_H

#include <stdbool.h>

#include "filter.h"

/* Of a program that has the agent beside it (ground/second_world.h), and of its loader, if it has one. False if it is
 * not mapped as its file says (packed programs). `places` are all zero before. */
bool places_find_second(struct filter_places *places);

/* Of the program and of all libraries that are there now. False if libc, or the loader, is not as expected, or there is
 * no room. `places` are all zero before. */
bool places_find(struct filter_places *places);

/* Then, for processes with a descriptor of a device, the functions of libc's that move contents. */
void places_find_moving(struct filter_places *places);

/* Whether code that comes later could be the host's: not ours, nor libc's. */
bool places_are_of_host(struct filter_range code);

/* Whether that file is what checkers are linked with: their own calls are about nobody's device, and come where nothing
 * may be stopped. */
bool places_are_of_checker(const char *file);

#endif
