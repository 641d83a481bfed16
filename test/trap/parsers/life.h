// SPDX-License-Identifier: Apache-2.0
// A whole life of an agent, from its start in a new process to the end: what it makes of the bridge's devices, and what
// programs do with those. The bridge's messages can be read, but any field of them may be wrong.
#ifndef LIFE_H
#define LIFE_H

#include "script.h"

void life_init(void);

// NULL if the agent did as it must. `is_good`: the bridge says nothing wrong, and the agent has to work.
const char *life_lead(struct random *random, bool is_good);
#endif
