/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking for what is about to come before one sleeps: to wake a processor that has gone to sleep takes longer than
 * most else of an access, on virtual machines most. It takes a processor for itself, so whoever looks lets others run
 * between two looks; where others do, or nothing comes, looking helps nobody and is hardly ever done.
 */
#ifndef TRAPLINE_LOOKS_H
#define TRAPLINE_LOOKS_H

#include <stdbool.h>

/* For so long at most, and as long as nobody runs between two looks for longer than a model takes for an access. */
#define LOOKS_NS 150000
#define LOOKS_LONGEST_BETWEEN_NS 20000

/* How often nobody looks before somebody does again. Once all is as it was, it takes a dozen times. */
#define LOOKS_MOST_PASSED 1023u

struct looks {
    unsigned passed, to_pass;
};

/* To be asked each time. */
static inline bool looks_are_due(struct looks *looks)
{
    bool is_due = looks->to_pass == 0;
    looks->to_pass -= !is_due;
    return is_due;
}

static inline void looks_note(struct looks *looks, bool has_helped)
{
    if (has_helped)
        looks->passed -= (looks->passed + 7) / 8;
    else
        looks->passed = looks->passed < LOOKS_MOST_PASSED ? 2 * looks->passed + 1 : LOOKS_MOST_PASSED;
    looks->to_pass = looks->passed;
}

#endif
