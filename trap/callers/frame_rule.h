/* SPDX-License-Identifier: Apache-2.0
 *
 * How the caller of a function finds its registers again, at one instruction of the function: what .eh_frame says (LSB
 * Core, 10.6; DWARF 5, 6.4), as far as compilers write it. Registers by their DWARF numbers (System V ABI for AMD64,
 * figure 3.36). Fault path.
 */
#ifndef TRAPLINE_CALLERS_FRAME_RULE_H
#define TRAPLINE_CALLERS_FRAME_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "module.h"

enum frame_register {
    FRAME_RAX,
    FRAME_RBP = 6,
    FRAME_RSP = 7,
    FRAME_RETURN = 16, /* the address that the function returns to */
    FRAME_REGISTERS = 17
};

#define FRAME_KEPT INT32_MIN

struct frame_rule {
    uint8_t base;                   /* the register that the frame is found by, */
    int32_t offset;                 /* so far from it … */
    bool is_indirect;               /* … or where the word there says */
    bool is_signal;                 /* what the kernel made for a signal: the registers are those of its context */
    int32_t saved[FRAME_REGISTERS]; /* where they lie, from the frame on; FRAME_KEPT: they are as they were */
};

/* False if the module does not say, or says what we can't follow. */
bool frame_rule_find(const struct module *module, uint64_t pc, struct frame_rule *rule);

/* Of code that says nothing, if RBP leads to its frame. */
void frame_rule_guess(struct frame_rule *rule);

#endif
