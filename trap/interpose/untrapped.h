/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that the host starts and that run without the agent: static ones, those of other machines, those that gain
 * privileges. They start as ever; a note of each in the run directory lets the launcher say so at the end of the run.
 * May run in a child after vfork: stack and system calls only.
 */
#ifndef TRAPLINE_INTERPOSE_UNTRAPPED_H
#define TRAPLINE_INTERPOSE_UNTRAPPED_H

/* Why no agent can be in a program; NULL if one can, or if nothing can be said. `path` as below. */
const char *untrapped_reason(int directory, const char *path);

/* `path` is relative to the directory that is open as `directory` (or AT_FDCWD); an empty one means that descriptor
 * itself. */
void untrapped_note(const char *run_directory, int directory, const char *path);

/* `file` is searched for as execvp does. */
void untrapped_note_in_path(const char *run_directory, const char *file);

#endif
