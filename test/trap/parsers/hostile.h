// SPDX-License-Identifier: Apache-2.0
// What no bridge should send: HTTP/2 frames that are wrong by themselves or at their place.
#ifndef HOSTILE_H
#define HOSTILE_H

#include "script.h"

// One frame, or a flood of them, somewhere.
void hostile_add(struct script *script, struct random *random);
#endif
