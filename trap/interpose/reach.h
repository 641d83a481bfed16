/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that starts as another user, or in another root directory, may not reach the run directory: its agent ends
 * it and can't write that down. So its parent does, before it starts. Stack and system calls only, like all before an
 * exec.
 */
#ifndef TRAPLINE_INTERPOSE_REACH_H
#define TRAPLINE_INTERPOSE_REACH_H

/* Notes the end of `program` if this process can't reach the directory, and so its children can't. */
void reach_check(const char *run_directory, const char *program);

/* The program did not start after all. */
void reach_take_back(void);

#endif
