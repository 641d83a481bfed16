/* SPDX-License-Identifier: Apache-2.0
 *
 * From an instruction to the functions that called its own, by .eh_frame of the files that their code is of, and by
 * RBP where none says anything. What is read of the host's memory is looked at first. The caller holds the bus lock.
 * Fault path.
 */
#ifndef TRAPLINE_CALLERS_WALK_H
#define TRAPLINE_CALLERS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "instruction/registers.h"

struct walk_place {
    uint64_t pc;    /* where the function goes on */
    bool is_return; /* behind a call */
};

/* Before the first walk. False: there is no memory. */
bool walk_init(void);

/* Callers of the function that `pc` is in, the innermost first. Returns how many, at most `most`. Ends where Python
 * begins, with *is_in_python set: what calls an interpreter is said by its own frames. */
unsigned walk(uint64_t pc, const uint64_t general[REGISTER_COUNT], struct walk_place *places, unsigned most,
              bool *is_in_python);

/* An instruction of the call that leads there, or the one that was interrupted. */
static inline uint64_t walk_within(const struct walk_place *place)
{
    return place->pc - place->is_return;
}

#endif
