/* SPDX-License-Identifier: Apache-2.0
 *
 * What is started in place of a program that no agent can be preloaded into: trapline-enter, which brings it in
 * (enter/enter.c). May run in a child after vfork: stack and system calls only.
 */
#ifndef TRAPLINE_INTERPOSE_ENTERING_H
#define TRAPLINE_INTERPOSE_ENTERING_H

#include <alloca.h>
#include <stdbool.h>
#include <stddef.h>

/* At start-up; `library` is our own path. */
void entering_init(const char *library);

/* Looks at what is about to be started, in a directory or, with an empty path, as a descriptor's file. True if
 * trapline-enter is to be started instead; else what can't be trapped is noted for the launcher. */
bool entering_is_needed(const char *run_directory, int directory, const char *path);

/* Bytes that `all` takes: its words, which are those of the program behind its path. */
size_t entering_room(const char *path, char *const words[]);
void entering_compose(const char *path, char *const words[], char **all);

/* Replaces a program and its words by trapline-enter and its, on the caller's stack. */
#define ENTER(program, words)                                                                                          \
    do {                                                                                                               \
        char **all_words = alloca(entering_room(program, words));                                                      \
        entering_compose(program, words, all_words);                                                                   \
        (words) = all_words;                                                                                           \
        (program) = all_words[0];                                                                                      \
    } while (0)

#endif
