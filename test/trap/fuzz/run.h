// SPDX-License-Identifier: Apache-2.0
// Runs the instruction of a trial once, on memory or on windows, and keeps all that it leaves.
#ifndef RUN_H
#define RUN_H

#include "trial.h"

struct outcome {
    struct machine_state out;
    uint8_t memory[ARENA_SIZE];
    int signal, signal_code; // 0 if none was raised; then the state is the one at the fault
    uint64_t signal_address, signal_pc;
};

// Installs handlers of every signal that an instruction can raise. After lane_init.
void run_init(void);

void run_native(const struct trial *trial, struct outcome *outcome);
void run_trapped(const struct trial *trial, struct outcome *outcome);
#endif
