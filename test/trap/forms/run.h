// SPDX-License-Identifier: Apache-2.0
// One run of one form on one memory: prepares, executes the instruction once, captures everything after it.
#ifndef RUN_H
#define RUN_H

#include "form.h"
#include "memory.h"
#include "setup.h"
#include "trampoline.h"

#define GUARD_SIZE 8
#define WIDTH_MAX 128
#define CONTENTS_MAX (WIDTH_MAX + 4 * GUARD_SIZE)

// Compared stack: the red zone below RSP (System V ABI, 3.2.2) and as much above it.
#define STACK_RED_ZONE 128
#define STACK_COMPARED 256

struct run {
    uint64_t page; // address of the memory
    uint64_t page_size;
    uint64_t address; // of the operand
    uint64_t start;   // of the captured bytes: the operand, guards on both sides, rounded to 8
    size_t captured;  // how many
    struct machine_state in, out;
    uint8_t memory_in[CONTENTS_MAX], memory_out[CONTENTS_MAX];
    uint8_t spare_in[SPARE_SIZE], spare_out[SPARE_SIZE];
    uint8_t stack_out[STACK_COMPARED];
    int signal; // that the run raised; 0 if it came to its end. Nothing after the run is known then
    uint64_t signal_address;
};

// Installs the handlers that turn a signal into a result. To be called once. With `code32`, all forms that are run are
// so as 32-bit code; false if the kernel runs no such code.
bool run_init(bool code32);

// Equal seeds on different memories give states that differ in nothing but addresses.
void run_form(const struct form *form, const struct memory *memory, uint64_t seed, struct run *run);
#endif
