// SPDX-License-Identifier: Apache-2.0
// Forms that this processor lacks can't run. Here it is only looked at what the agent would run for them, and which
// bytes it would put on the bus.
#ifndef STATIC_CHECK_H
#define STATIC_CHECK_H

#include <stdio.h>

#include "form.h"

struct static_tally {
    size_t forms, instructions, differences;
};

// Checks `rounds` random instructions of every form that is not on this processor and whose mnemonic is `only` (NULL:
// any).
struct static_tally static_check(FILE *report, const struct form *table, size_t count, const char *only, uint64_t seed,
                                 unsigned rounds);
#endif
