/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers and scatters: one access per enabled element, lowest first (Intel SDM Vol. 2, VPGATHERDD, VPSCATTERDD).
 * They are the one family that is carried out on the saved registers, since each element has an address of its own.
 * Fault path.
 */
#ifndef TRAPLINE_VECTOR_INDEX_H
#define TRAPLINE_VECTOR_INDEX_H

#include <stdbool.h>

#include "trap.h"

bool vector_index_gather(struct trap *trap);
bool vector_index_scatter(struct trap *trap);

#endif
