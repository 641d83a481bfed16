// SPDX-License-Identifier: Apache-2.0
// What differs between the two runs of a trial, and between the accesses made and those expected.
#ifndef COMPARE_H
#define COMPARE_H

#include <stdio.h>

#include "access.h"
#include "run.h"
#include "trial.h"

// Writes one line a difference and returns how many there are.
unsigned compare_outcomes(FILE *report, const struct trial *trial, const struct outcome *native,
                          const struct outcome *trapped);
unsigned compare_accesses(FILE *report, const struct outcome *native, const struct access_list *expected,
                          const struct access_list *made);
#endif
