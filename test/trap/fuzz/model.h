// SPDX-License-Identifier: Apache-2.0
// What the accesses of an instruction should be, told from the architecture and from what the native run did.
// Owes nothing to the agent's own decoder.
#ifndef MODEL_H
#define MODEL_H

#include "access.h"
#include "run.h"
#include "trial.h"

void model_expect(const struct trial *trial, const struct outcome *native, struct access_list *expected);
#endif
