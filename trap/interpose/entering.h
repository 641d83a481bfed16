/* SPDX-License-Identifier: Apache-2.0
 *
 * What is started in place of a program that no agent can be preloaded into: trapline-enter, which brings it in
 * (enter/enter.c), or the emulator of one for another machine. May run in a child after vfork: stack and system calls
 * only.
 */
#ifndef TRAPLINE_INTERPOSE_ENTERING_H
#define TRAPLINE_INTERPOSE_ENTERING_H

#include <alloca.h>
#include <stdbool.h>
#include <stddef.h>

/* At start-up; `library` is our own path. */
void entering_init(const char *library);

/* Looks at what is about to be started, in a directory or, with an empty path, as a descriptor's file. What is to be
 * started instead, NULL if nothing is; then what can't be trapped is noted for the launcher. */
const char *entering_way(const char *run_directory, int directory, const char *path);

/* A program, the words and the variables that it is started with, and what is kept for it. */
struct entering {
    const char *path;
    char *const *words, *const *variables;
    int kept;
};

/* The descriptor of an open file that `path` names and the exec would close, before what is started instead could find
 * the file there: it stays open, and that one closes it. -1 if there is none. */
int entering_keep(const char *path);
/* Once the call has come back; -1 for none. */
void entering_let_go(int kept);

/* Bytes that `all` takes: the words of what is started instead, among which are those of the program. */
size_t entering_room(const struct entering *entering);
void entering_compose(const char *way, const struct entering *entering, char **all);

/* Replaces a program and its words by what is started instead, on the caller's stack; `kept` is for entering_let_go. */
#define ENTER(way, program, given, environment, kept)                                                                  \
    do {                                                                                                               \
        (kept) = entering_keep(program);                                                                               \
        const struct entering entering = {program, given, environment, kept};                                          \
        char **all_words = alloca(entering_room(&entering));                                                           \
        entering_compose(way, &entering, all_words);                                                                   \
        (given) = all_words;                                                                                           \
        (program) = all_words[0];                                                                                      \
    } while (0)

#endif
