// SPDX-License-Identifier: Apache-2.0
// Aims the instruction of a trial at the arena, and gives registers and memory what it needs to do more than fault.
#ifndef SETUP_H
#define SETUP_H

#include "trial.h"

// False if this draw can't be aimed.
bool setup_apply(struct trial *trial);
#endif
