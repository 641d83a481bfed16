// SPDX-License-Identifier: Apache-2.0
// Forms whose instruction contains the operand's absolute address: writes the address into a copy of the code.
#ifndef PATCH_H
#define PATCH_H

#include "form.h"

// The code to run `form` on the operand at `address`: its own, or the patched copy. The copy lies at the same place
// every time, is executable and not writable, and is valid until the next call.
const uint8_t *patch_code(const struct form *form, uint64_t address);
#endif
