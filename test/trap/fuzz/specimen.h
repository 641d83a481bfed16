// SPDX-License-Identifier: Apache-2.0
// A random instruction of a given form: registers, addressing mode, prefixes, immediate.
#ifndef SPECIMEN_H
#define SPECIMEN_H

#include "form.h"
#include "random.h"

// Fills bytes and *decoded. False if this draw is no instruction of the form; the next one may be.
bool specimen_draw(const struct form *form, struct random *random, uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH],
                   struct decoded *decoded);
#endif
