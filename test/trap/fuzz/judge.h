// SPDX-License-Identifier: Apache-2.0
// One case from number to verdict.
#ifndef JUDGE_H
#define JUDGE_H

#include <stdio.h>

#include "trial.h"

// To be called once in each process before anything is judged.
void judge_init(void);

// Finds out by running which of the forms this processor has.
void judge_find_runnable(struct form *table, size_t count);

// Before judge_init: cases are run a third and a fourth time, patched, where they can be.
void judge_patched_too(void);

// How many have been.
uint64_t judge_patched_count(void);

// Runs case `number` both ways. Writes what differs and returns true if anything does.
bool judge_case(FILE *report, const struct trial_forms *forms, uint64_t seed, uint64_t number);
#endif
