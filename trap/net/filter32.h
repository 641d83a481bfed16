/* SPDX-License-Identifier: Apache-2.0
 *
 * The filters of the net in a program of 32 bits (ground/low_world.h), whose calls all come by the kernel's table for
 * such programs, and ours by the other one: so they name numbers and arguments alone. Pure.
 */
#ifndef TRAPLINE_NET_FILTER32_H
#define TRAPLINE_NET_FILTER32_H

#include "filter.h"

void filter32_for_paths(struct filter_program *program);
void filter32_for_descriptors(int first, int last, struct filter_program *program);

/* `pointed` as for filter_for_windows, below 4 GiB. */
void filter32_for_windows(struct filter_range pointed, struct filter_program *program);
void filter32_for_pointers(struct filter_range pointed, struct filter_program *program);

#endif
