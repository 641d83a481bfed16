// SPDX-License-Identifier: Apache-2.0
// Runs the instruction of a trial once, on memory or on windows, and keeps all that it leaves.
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>

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

// Trapped once more, with the code as it is.
void run_again(const struct trial *trial, struct outcome *outcome);

// Whether the instruction is one that can be patched. If so, most trials get a stack that a trampoline can use.
bool run_prepare_patched(struct trial *trial);

// Runs it trapped until it is patched, and then once more: through its trampoline to the lane, or, if that is told that
// the window is elsewhere, to the copy of the instruction, which traps. False, with nothing in *outcome, if it can't be
// patched there. What is below the red zone of its stack is nobody's.
enum run_way { RUN_TO_LANE, RUN_TO_COPY };
bool run_patched(const struct trial *trial, enum run_way way, struct outcome *outcome);
#endif
