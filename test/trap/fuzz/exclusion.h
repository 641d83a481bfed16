// SPDX-License-Identifier: Apache-2.0
// Which forms are not tried, and why. The only list of the fuzzer that is made by hand.
#ifndef EXCLUSION_H
#define EXCLUSION_H

#include "form.h"

// Why the instruction is not tried, or NULL.
const char *exclusion_reason(const struct decoded *decoded);
#endif
