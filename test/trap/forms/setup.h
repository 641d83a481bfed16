// SPDX-License-Identifier: Apache-2.0
// Brings one form's operand and state into the shape that its WITH_… bits ask for.
#ifndef SETUP_H
#define SETUP_H

#include "form.h"
#include "random.h"
#include "state.h"

#define SPARE_SIZE 128

struct setup {
    const struct form *form;
    uint64_t address;      // of the operand's first byte
    uint64_t segment_base; // 0 unless the form names a segment
    uint64_t code_end;     // where the stub ends
    uint8_t *operand;      // contents to be, form->width_bytes of them
    uint8_t *spare;        // contents to be of the spare memory, SPARE_SIZE
    uint64_t spare_address;
    struct machine_state *state;
    struct random *random;
};

// State, operand and spare hold random bytes on entry. Equal seeds give equal outcomes but for addresses.
void setup_apply(const struct setup *setup);
#endif
