/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule for children: all are followed. A program that the host executes gets our variables even if the host gives it an
 * environment without them. May run in a child after vfork, whose memory is the parent's: stack and system calls only.
 */
#include "exec.h"

#include <alloca.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../anchor.h"
#include "real.h"
#include "untrapped.h"

#define PRELOAD "LD_PRELOAD="

static const char *const names[] = {"TRAPLINE_BRIDGE", "TRAPLINE_RUN_DIR", "TRAPLINE_TOKEN", "TRAPLINE_GDB", "TRAPLINE_SILENCE_LIMIT",
                                    "ASAN_OPTIONS"};
enum { VARIABLES = sizeof names / sizeof names[0], RUN_DIRECTORY = 1, FIRST_OF_OTHERS = 5 };

static char *kept[VARIABLES];             /* "NAME=value", NULL if it was not set */
static char library[PATH_MAX];            /* our own path */
static char preload[PATH_MAX + sizeof PRELOAD];

void exec_remember_environment(void)
{
    Dl_info info;
    for (int i = 0; i < VARIABLES; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && asprintf(&kept[i], "%s=%s", names[i], value) < 0)
            kept[i] = NULL;
    }
    if (dladdr((void *)exec_remember_environment, &info) != 0 && realpath(info.dli_fname, library) != NULL)
        snprintf(preload, sizeof preload, PRELOAD "%s", library);
}

static bool is_variable(const char *entry, const char *name)
{
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool has_variable(char *const environment[], const char *name)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (is_variable(*environment, name))
            return true;
    return false;
}

static bool has_entry(char *const environment[], const char *entry)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (strcmp(*environment, entry) == 0)
            return true;
    return false;
}

/* Variables that are not ours alone stay as the host has them. */
static bool is_replaced(const char *entry)
{
    for (int i = 0; i < FIRST_OF_OTHERS; i++)
        if (kept[i] != NULL && is_variable(entry, names[i]))
            return true;
    return strncmp(entry, PRELOAD, strlen(PRELOAD)) == 0;
}

static const char *host_preload(char *const environment[])
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (strncmp(*environment, PRELOAD, strlen(PRELOAD)) == 0)
            return *environment + strlen(PRELOAD);
    return "";
}

static size_t entries(char *const environment[])
{
    size_t count = 0;
    while (environment != NULL && environment[count] != NULL)
        count++;
    return count;
}

/* Fills `all`, which has room for entries(environment) + VARIABLES + 2; `joined` has room for both preload lists. */
static void compose(char *const environment[], char **all, char *joined)
{
    size_t count = 0;
    const char *others = host_preload(environment);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        if (!is_replaced(environment[i]))
            all[count++] = environment[i];
    for (int i = 0; i < VARIABLES; i++)
        if (kept[i] != NULL && (i < FIRST_OF_OTHERS || !has_variable(environment, names[i])))
            all[count++] = kept[i];
    strcpy(joined, strstr(others, library) != NULL ? PRELOAD : preload);
    if (others[0] != 0 && strstr(others, library) == NULL)
        strcat(joined, ":");
    strcat(joined, others);
    all[count++] = joined;
    all[count] = NULL;
}

/* The environment for a child, on the caller's stack. As it is when this process does not run under Trapline. */
#define WITH_AGENT(environment)                                                                            \
    (__extension__({                                                                                       \
        char *const *given = (environment);                                                                \
        char **all = (char **)given;                                                                       \
        if (library[0] != 0) {                                                                             \
            all = alloca((entries(given) + VARIABLES + 2) * sizeof *all);                                  \
            compose(given, all, alloca(sizeof preload + strlen(host_preload(given)) + 2));                 \
        }                                                                                                  \
        (char *const *)all;                                                                                \
    }))

static bool is_whole(char *const environment[])
{
    for (int i = 0; i < FIRST_OF_OTHERS; i++)
        if (kept[i] != NULL && !has_entry(environment, kept[i]))
            return false;
    return strstr(host_preload(environment), library) != NULL;
}

/* The old array stays: another thread may be looking at it. */
void exec_repair_environment(void)
{
    if (library[0] == 0 || is_whole(environ))
        return;
    char **all = malloc((entries(environ) + VARIABLES + 2) * sizeof *all);
    char *joined = malloc(sizeof preload + strlen(host_preload(environ)) + 2);
    if (all == NULL || joined == NULL)
        return;
    compose(environ, all, joined);
    environ = all;
}

static void note_untrapped(int directory, const char *path)
{
    if (kept[RUN_DIRECTORY] != NULL)
        untrapped_note(kept[RUN_DIRECTORY] + sizeof "TRAPLINE_RUN_DIR=" - 1, directory, path);
}

static void note_untrapped_in_path(const char *file)
{
    if (kept[RUN_DIRECTORY] != NULL)
        untrapped_note_in_path(kept[RUN_DIRECTORY] + sizeof "TRAPLINE_RUN_DIR=" - 1, file);
}

INTERPOSED int execve(const char *path, char *const arguments[], char *const environment[])
{
    anchor_follow();
    note_untrapped(AT_FDCWD, path);
    return REAL(execve)(path, arguments, WITH_AGENT(environment));
}

INTERPOSED int execv(const char *path, char *const arguments[])
{
    anchor_follow();
    note_untrapped(AT_FDCWD, path);
    return REAL(execve)(path, arguments, WITH_AGENT(environ));
}

INTERPOSED int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    anchor_follow();
    note_untrapped_in_path(file);
    return REAL(execvpe)(file, arguments, WITH_AGENT(environment));
}

INTERPOSED int execvp(const char *file, char *const arguments[])
{
    anchor_follow();
    note_untrapped_in_path(file);
    return REAL(execvpe)(file, arguments, WITH_AGENT(environ));
}

INTERPOSED int fexecve(int descriptor, char *const arguments[], char *const environment[])
{
    anchor_follow();
    note_untrapped(descriptor, "");
    return REAL(fexecve)(descriptor, arguments, WITH_AGENT(environment));
}

INTERPOSED int execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags)
{
    anchor_follow();
    note_untrapped(directory, path);
    return REAL(execveat)(directory, path, arguments, WITH_AGENT(environment), flags);
}

/* Collects the variable arguments, up to and with the NULL, on the caller's stack; `list` then stands behind it. */
#define COLLECT(list, first)                                               \
    (__extension__({                                                       \
        va_list counting;                                                  \
        size_t count = 1;                                                  \
        va_copy(counting, list);                                           \
        while (va_arg(counting, char *) != NULL)                           \
            count++;                                                       \
        va_end(counting);                                                  \
        char **vector = alloca((count + 1) * sizeof *vector);              \
        vector[0] = (char *)(first);                                       \
        for (size_t i = 1; i <= count; i++)                                \
            vector[i] = va_arg(list, char *);                              \
        vector;                                                            \
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

INTERPOSED int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *restrict actions,
                           const posix_spawnattr_t *restrict attributes, char *const arguments[restrict],
                           char *const environment[restrict])
{
    note_untrapped(AT_FDCWD, path);
    if (actions != NULL)
        anchor_stay();
    int result = REAL(posix_spawn)(pid, path, actions, attributes, arguments, WITH_AGENT(environment));
    if (actions != NULL)
        anchor_follow();
    return result;
}

INTERPOSED int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *restrict actions,
                            const posix_spawnattr_t *restrict attributes, char *const arguments[restrict],
                            char *const environment[restrict])
{
    note_untrapped_in_path(file);
    if (actions != NULL)
        anchor_stay();
    int result = REAL(posix_spawnp)(pid, file, actions, attributes, arguments, WITH_AGENT(environment));
    if (actions != NULL)
        anchor_follow();
    return result;
}
