/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths and lists of words in windows, for calls that hand them to the kernel where no signal may come. May run in a
 * child after vfork: stack and system calls only.
 */
#ifndef TRAPLINE_INTERPOSE_WORDS_H
#define TRAPLINE_INTERPOSE_WORDS_H

#include <stdint.h>

/* What was taken to put them in. */
struct words {
    uint64_t pc; /* of the host's call, for logs */
    struct words_room *rooms;
};

/* Puts plain copies in place of those that lie in windows, wholly or in part; others stay what they are, and so do
 * those that lead nowhere. */
void words_take_text(struct words *words, const char **text);
void words_take_list(struct words *words, char *const **list);

void words_give_back(struct words *words);

#endif
