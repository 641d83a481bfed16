/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that the deputy starts for the launcher, and the stand-ins for which it does. Nothing here waits for
 * anybody.
 */
#ifndef TRAPLINE_REAPER_CHILDREN_H
#define TRAPLINE_REAPER_CHILDREN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Signals are as they were for us at first. */
void children_init(void (*restore_signals)(void));

/* Starts what the descriptors of a request are about, and closes them. */
void children_start(const int *descriptors, size_t count);

/* Notes what wait(2) says. */
void children_note(pid_t pid, int status);

bool children_has(pid_t pid);

/* Whether it runs a program that a stand-in asked for: a copy that a checkpoint has made of itself. */
bool children_is_copy(pid_t pid);

/* Fills in what to wait for, at most `most`; the number of them. */
size_t children_sources(struct pollfd *sources, size_t most);

/* Obeys the stand-in; without it its program is killed. */
void children_obey(int socket);

#endif
