/* SPDX-License-Identifier: Apache-2.0 */
#include "strangers.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descendants.h"
#include "ground/arrival.h"
#include "interpose/untrapped.h"

enum { MOST_TOLD = 256, ENVIRONMENT = 1 << 20, MAPS = 4 << 20, STAT = 1024 };

/* A program, not only a process: where its environment lies is random, and its start is not used again. */
struct program {
    pid_t pid;
    unsigned long long start, environment;
};

static const char *library;
static struct program told[MOST_TOLD];
static size_t told_count;

void strangers_init(const char *path)
{
    const char *slash = strrchr(path, '/');
    library = slash != NULL ? slash : path;
}

static bool has_text(const char *bytes, size_t length)
{
    return memmem(bytes, length, library, strlen(library)) != NULL;
}

/* Fields 22 and 51 of proc_pid_stat(5); the name, which may hold anything, is the second. The end of the environment is
 * 0 where it is not ours to know, and while the kernel still makes the program: until then nothing can be said of
 * it. */
static bool identify(pid_t pid, struct program *program)
{
    char line[STAT];
    descendants_read(pid, "stat", line, sizeof line);
    char *field = strrchr(line, ')');
    *program = (struct program){.pid = pid};
    for (int number = 2; field != NULL && *field != 0; number++) {
        if (number == 22)
            program->start = strtoull(field, NULL, 10);
        if (number == 51)
            program->environment = strtoull(field, NULL, 10);
        field = strchr(field, ' ');
        field = field != NULL ? field + 1 : NULL;
    }
    return program->environment != 0;
}

static bool is_same(const struct program *one, const struct program *other)
{
    return one->pid == other->pid && one->start == other->start && one->environment == other->environment;
}

static bool is_told(const struct program *program)
{
    for (size_t i = 0; i < told_count; i++)
        if (is_same(&told[i], program))
            return true;
    return false;
}

/* It is not yet the program that it brings the agent into. */
static bool is_entering(pid_t pid)
{
    static const char end[] = "/trapline-enter";
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(link, path, sizeof path);
    return length >= (ssize_t)sizeof end && memcmp(path + length - sizeof end + 1, end, sizeof end - 1) == 0;
}

/* Whether the agent is in it, or will be as soon as it is loaded. */
static const char *judge(pid_t pid)
{
    static char environment[ENVIRONMENT], maps[MAPS];
    char executable[64];
    size_t length = descendants_read(pid, "environ", environment, sizeof environment);
    bool is_asked_for = has_text(environment, length);
    if (has_text(maps, descendants_read(pid, "maps", maps, sizeof maps)))
        return NULL;
    if (is_entering(pid) || memmem(environment, length, ENTERED_VARIABLE "=", sizeof ENTERED_VARIABLE) != NULL)
        return NULL;
    if (!is_asked_for)
        return "was started without Trapline's environment";
    snprintf(executable, sizeof executable, "/proc/%d/exe", (int)pid);
    return untrapped_reason(AT_FDCWD, executable);
}

static void look(pid_t pid, void *argument)
{
    void (**tell)(pid_t, const char *) = argument;
    struct program before, after;
    if (told_count == MOST_TOLD || !identify(pid, &before) || is_told(&before))
        return;
    const char *reason = judge(pid);
    if (reason == NULL || !identify(pid, &after) || !is_same(&before, &after))
        return;
    told[told_count++] = before;
    (*tell)(pid, reason);
}

void strangers_look(pid_t ancestor, void (*tell)(pid_t pid, const char *reason))
{
    descendants_visit(ancestor, look, &tell);
}
