// SPDX-License-Identifier: Apache-2.0
// The devices of the arena: a lane that answers from memory, inside this process, and keeps a list of what was asked.
#ifndef LANE_H
#define LANE_H

#include "access.h"

// Makes the windows known to the agent's core and puts its fault handler in place.
void lane_init(void);

// Before lane_init: instructions are patched as soon as they can be.
void lane_patch(void);

// Everything since lane_clear.
const struct access_list *lane_accesses(void);
void lane_clear(void);
#endif
