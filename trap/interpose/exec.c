/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule for children: all are followed. A program that the host executes gets our variables even if the host gives
 * it an environment without them (environment.h). May run in a child after vfork, whose memory is the parent's: stack
 * and system calls only.
 */
#include "entering.h"
#include "environment.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/anchor.h"
#include "file_actions.h"
#include "ground/descriptor_link.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "reach.h"
#include "starting.h"
#include "time/settle.h"
#include "traced.h"
#include "trap/signals.h"
#include "untrapped.h"
#include "words.h"

/* Whatever the launcher has to know of a program before it starts. What is to be started instead; NULL if nothing. */
static const char *note(int directory, const char *path)
{
    if (environment_run_directory() == NULL || !readable_text(path))
        return NULL;
    reach_check(environment_run_directory(), path);
    return entering_way(environment_run_directory(), directory, path);
}

/* Of one that is looked for; `path` has room for untrapped_path_room, and gets what is found. */
static const char *note_in_path(const char *file, char *path)
{
    if (environment_run_directory() == NULL || !readable_text(file) || !untrapped_find(file, path))
        return NULL;
    return note(AT_FDCWD, path);
}

/* Nothing is looked for where nothing can be read. */
#define PATH_ROOM(file) alloca(readable_text(file) ? untrapped_path_room(file) : 1)

/* Before this program is replaced by another. */
static void prepare(void)
{
    settle_posted();
    anchor_follow();
    signals_hand_on_ignored(true);
    traced_before_exec();
}

/* What of a call's words lies in windows is plain from here on; nothing is kept for what is started instead yet. */
#define WORDS(path, arguments, environment)                                                                            \
    struct words words = {(uint64_t)__builtin_return_address(0), NULL};                                                \
    int kept = -1;                                                                                                     \
    words_take_text(&words, &(path));                                                                                  \
    words_take_list(&words, &(arguments));                                                                             \
    words_take_list(&words, &(environment))

static int with_words(struct words *words, int kept, int result)
{
    words_give_back(words);
    entering_let_go(kept);
    return result;
}

/* The result of a call that started nothing, unless it is 0. */
static int started(int result)
{
    if (result != 0)
        reach_take_back();
    if (result < 0)
        signals_hand_on_ignored(false);
    return result;
}

INTERPOSED int execve(const char *path, char *const arguments[], char *const environment[])
{
    WORDS(path, arguments, environment);
    prepare();
    const char *way = note(AT_FDCWD, path);
    if (way != NULL)
        ENTER(way, path, arguments, environment, kept);
    return with_words(&words, kept, started(STARTING(REAL(execve)(path, arguments, WITH_AGENT(environment)))));
}

INTERPOSED int execv(const char *path, char *const arguments[])
{
    return execve(path, arguments, environ);
}

INTERPOSED int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    WORDS(file, arguments, environment);
    prepare();
    char *path = PATH_ROOM(file);
    const char *way = note_in_path(file, path);
    if (way != NULL) {
        file = path;
        ENTER(way, file, arguments, environment, kept);
    }
    return with_words(&words, kept, started(STARTING(REAL(execvpe)(file, arguments, WITH_AGENT(environment)))));
}

INTERPOSED int execvp(const char *file, char *const arguments[])
{
    return execvpe(file, arguments, environ);
}

INTERPOSED int fexecve(int descriptor, char *const arguments[], char *const environment[])
{
    char room[DESCRIPTOR_LINK];
    const char *path = descriptor_link(room, DESCRIPTOR_FILES, descriptor);
    WORDS(path, arguments, environment);
    prepare();
    const char *way = note(descriptor, "");
    if (way != NULL) {
        ENTER(way, path, arguments, environment, kept);
        return with_words(&words, kept, started(STARTING(REAL(execve)(path, arguments, WITH_AGENT(environment)))));
    }
    return with_words(&words, kept, started(STARTING(REAL(fexecve)(descriptor, arguments, WITH_AGENT(environment)))));
}

INTERPOSED int execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags)
{
    char room[DESCRIPTOR_LINK];
    WORDS(path, arguments, environment);
    prepare();
    const char *way = note(directory, path);
    if (way != NULL) {
        path = path[0] == 0 ? descriptor_link(room, DESCRIPTOR_FILES, directory) : path;
        directory = AT_FDCWD;
        flags = 0;
        ENTER(way, path, arguments, environment, kept);
    }
    return with_words(&words, kept,
                      started(STARTING(REAL(execveat)(directory, path, arguments, WITH_AGENT(environment), flags))));
}

/* Collects the variable arguments, up to and with the NULL, on the caller's stack; `list` then stands behind it. */
#define COLLECT(list, first)                                                                                           \
    (__extension__({                                                                                                   \
        va_list counting;                                                                                              \
        size_t count = 1;                                                                                              \
        va_copy(counting, list);                                                                                       \
        while (va_arg(counting, char *) != NULL)                                                                       \
            count++;                                                                                                   \
        va_end(counting);                                                                                              \
        char **vector = alloca((count + 1) * sizeof *vector);                                                          \
        vector[0] = (char *)(first);                                                                                   \
        for (size_t i = 1; i <= count; i++)                                                                            \
            vector[i] = va_arg(list, char *);                                                                          \
        vector;                                                                                                        \
    }))

INTERPOSED int execl(const char *path, const char *argument, ...)
{
    va_list list;
    va_start(list, argument);
    char **arguments = COLLECT(list, argument);
    va_end(list);
    return execv(path, arguments);
}

INTERPOSED int execlp(const char *file, const char *argument, ...)
{
    va_list list;
    va_start(list, argument);
    char **arguments = COLLECT(list, argument);
    va_end(list);
    return execvp(file, arguments);
}

INTERPOSED int execle(const char *path, const char *argument, ...)
{
    va_list list;
    va_start(list, argument);
    char **arguments = COLLECT(list, argument);
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    return execve(path, arguments, environment);
}

/* libc fills in the number, and its child looks at the rest, with all signals blocked, when nothing may fault. */
#define SPAWN(name, number, file, ...)                                                                                 \
    __extension__({                                                                                                    \
        posix_spawnattr_t plain_attributes;                                                                            \
        posix_spawn_file_actions_t plain_actions;                                                                      \
        struct file_actions taken = {.count = 0};                                                                      \
        int made = 0, result = 0;                                                                                      \
        settle_posted();                                                                                               \
        __VA_ARGS__;                                                                                                   \
        const posix_spawnattr_t *how = attributes != NULL ? memcpy(&plain_attributes, attributes, sizeof *how) : NULL; \
        const posix_spawn_file_actions_t *what = actions != NULL ? memcpy(&plain_actions, actions, sizeof *what)       \
                                                                 : NULL;                                               \
        if (actions != NULL) {                                                                                         \
            result = file_actions_prepare(&taken, &plain_actions);                                                     \
            anchor_stay();                                                                                             \
        }                                                                                                              \
        if (result == 0)                                                                                               \
            result = STARTING(REAL(name)(&made, file, what, how, arguments, WITH_AGENT(environment)));                 \
        started(result);                                                                                               \
        if (actions != NULL) {                                                                                         \
            file_actions_give_back(&taken);                                                                            \
            anchor_follow();                                                                                           \
        }                                                                                                              \
        words_give_back(&words);                                                                                       \
        entering_let_go(kept);                                                                                         \
        if (result == 0 && (number) != NULL)                                                                           \
            *(number) = made;                                                                                          \
        result;                                                                                                        \
    })

/* What is started in place of the program. */
#define ENTER_PATH()                                                                                                   \
    const char *way = note(AT_FDCWD, path);                                                                            \
    if (way != NULL)                                                                                                   \
    ENTER(way, path, arguments, environment, kept)
#define ENTER_FILE()                                                                                                   \
    char *path = PATH_ROOM(file);                                                                                      \
    const char *way = note_in_path(file, path);                                                                        \
    if (way != NULL) {                                                                                                 \
        file = path;                                                                                                   \
        ENTER(way, file, arguments, environment, kept);                                                                \
    }

INTERPOSED int posix_spawn(pid_t *restrict pid, const char *path, const posix_spawn_file_actions_t *restrict actions,
                           const posix_spawnattr_t *restrict attributes, char *const arguments[],
                           char *const environment[])
{
    WORDS(path, arguments, environment);
    return SPAWN(posix_spawn, pid, path, ENTER_PATH());
}

INTERPOSED int posix_spawnp(pid_t *restrict pid, const char *file, const posix_spawn_file_actions_t *restrict actions,
                            const posix_spawnattr_t *restrict attributes, char *const arguments[],
                            char *const environment[])
{
    WORDS(file, arguments, environment);
    return SPAWN(posix_spawnp, pid, file, ENTER_FILE());
}

/* Since glibc 2.39: posix_spawn with a descriptor for the process. */
#if __GLIBC_PREREQ(2, 39)
INTERPOSED int pidfd_spawn(int *restrict pidfd, const char *path, const posix_spawn_file_actions_t *restrict actions,
                           const posix_spawnattr_t *restrict attributes, char *const arguments[],
                           char *const environment[])
{
    WORDS(path, arguments, environment);
    return SPAWN(pidfd_spawn, pidfd, path, ENTER_PATH());
}

INTERPOSED int pidfd_spawnp(int *restrict pidfd, const char *file, const posix_spawn_file_actions_t *restrict actions,
                            const posix_spawnattr_t *restrict attributes, char *const arguments[],
                            char *const environment[])
{
    WORDS(file, arguments, environment);
    return SPAWN(pidfd_spawnp, pidfd, file, ENTER_FILE());
}
#endif
