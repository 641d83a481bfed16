/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes below another one, as /proc has them: parents are readable for everybody, whatever a process does to hide.
 * While the tree changes, some may be missed by one look.
 */
#ifndef TRAPLINE_KEEPER_DESCENDANTS_H
#define TRAPLINE_KEEPER_DESCENDANTS_H

#include <stddef.h>
#include <sys/types.h>

/* Calls `visit` for each that has not ended. */
void descendants_visit(pid_t ancestor, void (*visit)(pid_t pid, void *argument), void *argument);

/* The command line of a process, cut off at `size`, printable; its short name where it has none. */
void descendants_command(pid_t pid, char *text, size_t size);

/* What a file of its folder in /proc holds, cut off at `size` and ended by a zero; its length, 0 if it can't be
 * read. */
size_t descendants_read(pid_t pid, const char *name, char *text, size_t size);

#endif
