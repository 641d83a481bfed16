// SPDX-License-Identifier: Apache-2.0
// One case: the agent talks with a bridge that sends something else than it should, then with a good one.
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include <stdint.h>

void conversation_init(void);

// NULL if the agent did as it must, else what it did wrong. What the sanitizers find ends the process.
const char *conversation_case(uint64_t seed, uint64_t number);
#endif
