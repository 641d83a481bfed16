/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that no agent can be preloaded into has the agent beside it, in a second world: a glibc of its own, brought
 * in at the exec (enter/), of which the program knows nothing. The threads are the program's, and FS leads to what
 * its libc, or Go, keeps of them. Whoever needs the second world's libc, such as its errno, its locks or its heap, is
 * to be entered by a thread before, which then has a block of that libc's for as long as it lives. Fault path.
 */
#ifndef TRAPLINE_SECOND_WORLD_H
#define TRAPLINE_SECOND_WORLD_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this process's agent is in one. */
extern bool second_world_is_there;

struct second_world_visit {
    uint64_t outside; /* the base of FS to go back to */
    bool is_one;
};

/* Does nothing in a thread that is in it. */
void second_world_enter(struct second_world_visit *visit);
void second_world_leave(const struct second_world_visit *visit);

/* For what the program shall do in the midst of a visit, such as a handler, which need not come back. */
uint64_t second_world_step_out(void);
void second_world_step_in(uint64_t inside);

/* What FS is to the program: 0 as long as it has set none. */
uint64_t second_world_program_fs(void);

/* In the child of a fork, in a visit. */
void second_world_after_fork(void);

/* ---- start-up (second_world_blocks.c) */

/* In the thread that is the program's first. `make` makes one more block and adds it. False if there is no memory. */
bool second_world_begin(bool (*make)(void));
/* A block of libc's, whose thread has ended in the kernel. */
void second_world_add(uint64_t block);
/* Makes the first blocks, before libc is asked for memory; not on the fault path. */
bool second_world_start(void);

#endif
