/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that the host executes and that no agent can be preloaded into. Also for a child after vfork: stack and
 * system calls only.
 */
#ifndef TRAPLINE_INTERPOSE_UNTRAPPED_H
#define TRAPLINE_INTERPOSE_UNTRAPPED_H

#include <stdbool.h>
#include <stddef.h>

/* `is …`, after the program's name; NULL if an agent will be in it, or if nothing can be said. An empty path is the
 * descriptor's own file. */
const char *untrapped_reason(int directory, const char *path);

/* The number of the descriptor that `path` stands for (proc(5)); -1 if for none. */
int untrapped_descriptor(const char *path);

/* Whether trapline-enter brings one into it all the same. */
bool untrapped_can_be_entered(const char *reason);

/* Whether it is for another machine; which one, as its ELF header says: the machine's number, and 32 or 64 bits. False
 * if `path` is none itself, such as a script of its shell's. */
bool untrapped_is_foreign(const char *reason);
bool untrapped_machine(int directory, const char *path, unsigned *machine, unsigned *bits);

/* A line for the launcher: it runs without. */
void untrapped_write(const char *run_directory, const char *path, const char *reason);

/* Where execvp(3) finds `file`, in `path`, which has room for as much; false if nowhere. */
size_t untrapped_path_room(const char *file);
bool untrapped_find(const char *file, char *path);

#endif
