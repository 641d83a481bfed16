// SPDX-License-Identifier: Apache-2.0
// Runs cases in processes of their own, so that one that crashes, hangs or is ended by the agent is a result like any
// other.
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "trial.h"

struct supervise_plan {
    struct trial_forms forms;
    uint64_t seed, first, count;
    uint64_t seconds; // no case begins after so long; 0: all do
    unsigned jobs;
    unsigned looks_in_vain; // every five seconds, until a worker that comes to no case's end is taken for hung
    bool is_verbose;        // report every case, also those without a difference
    const char *repetition; // command that repeats a case, up to its number
};

struct supervise_result {
    uint64_t done, differences, patched;
};

struct supervise_result supervise_run(const struct supervise_plan *plan);
#endif
