// SPDX-License-Identifier: Apache-2.0
// Says in what the run on the window differs from the run on plain memory.
#ifndef COMPARE_H
#define COMPARE_H

#include <stddef.h>

#include "run.h"

#define DIFFERENCES_SIZE 1024

// Writes one line without end, "rcx (expected 0x1, got 0x2); …", and returns how many differences there are.
// Registers that hold an address are compared as offsets. `plain` is also held against the table: what the form
// does not write must not have changed.
size_t compare_runs(const struct form *form, const struct run *plain, const struct run *window,
                    char text[DIFFERENCES_SIZE]);
#endif
