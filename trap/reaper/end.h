/* SPDX-License-Identifier: Apache-2.0
 *
 * Ending processes: those below us, by the kernel's word, and those that carry a folder's name in their environment.
 */
#ifndef TRAPLINE_REAPER_END_H
#define TRAPLINE_REAPER_END_H

#include <stdbool.h>
#include <sys/types.h>

/* Kills all that is below us, in rounds until nothing is: one that is killed forks no more, and what it left is ours.
 * False if there are some that we may not kill. We must be the reaper of orphans below us. */
bool end_below(void);

/* Kills those that have TRAPLINE_RUN_DIR=`path` in their environment, as far as we may see it. */
void end_marked(const char *path);

/* 'R', 'S', 'T'… (proc_pid_stat(5)); 0 once it is gone. */
char end_state_of(pid_t pid);

/* Whether a host runs, below us or with the mark of one of the folders, that is not stopped itself. */
bool end_any_host_runs(void);

#endif
