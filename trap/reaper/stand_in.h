/* SPDX-License-Identifier: Apache-2.0
 *
 * The child that the launcher sees in the place of a program which the deputy starts for it: it ends as the program
 * ends, stands still as it does, and hands SIGTERM on; when it is killed, so is the program.
 */
#ifndef TRAPLINE_REAPER_STAND_IN_H
#define TRAPLINE_REAPER_STAND_IN_H

#include <stdbool.h>
#include <sys/types.h>

/* `command` is a path, then the arguments with the program's own name. `passed` descriptors are the program's, the next
 * one is the launcher's socket to the reaper. Gives our exit status; one that does not keep its program leaves at
 * once. */
int stand_in_run(bool is_kept, pid_t launcher, int passed, char **command);

#endif
