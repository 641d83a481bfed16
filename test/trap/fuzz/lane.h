// SPDX-License-Identifier: Apache-2.0
// The devices of the arena. In the fuzzer a lane that answers from memory, inside this process, and keeps a list of
// what was asked (lane.c); in `fuzz-apart` those of a run, by the agent beside that program (apart_lane.c).
#ifndef LANE_H
#define LANE_H

#include <signal.h>
#include <stdint.h>

#include "access.h"

// Makes the windows known to the agent's core and puts its fault handler in place.
void lane_init(void);

// Before lane_init: instructions are patched as soon as they can be.
void lane_patch(void);

// The handler of a signal, by the way that the agent leaves to programs.
void lane_action(int number, const struct sigaction *action);

// Between the two the windows of the arena fault, and the devices hold what `memory`, an image of the arena, has there;
// the latter puts what they hold then into another.
void lane_begin(const uint8_t *memory);
void lane_end(uint8_t *memory);

// Everything since lane_begin.
const struct access_list *lane_accesses(void);
#endif
