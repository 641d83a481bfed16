/* SPDX-License-Identifier: Apache-2.0
 *
 * movs, stos, lods, scas and cmps, with and without rep (Intel SDM Vol. 1, 7.3.9; Vol. 2, REP): one access per element.
 * A long repetition is carried out in pieces: the instruction is started again with RCX, RSI and RDI as they then are,
 * as after an interrupt, so that the host's signals get their turn. Fault path.
 */
#ifndef TRAPLINE_STRING_OPERATION_H
#define TRAPLINE_STRING_OPERATION_H

#include <stdbool.h>

#include "trap.h"

bool string_operation(struct trap *trap);

#endif
