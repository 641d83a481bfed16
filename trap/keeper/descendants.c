/* SPDX-License-Identifier: Apache-2.0 */
#include "descendants.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEEPEST = 256 };

size_t descendants_read(pid_t pid, const char *name, char *text, size_t size)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count = 0;
    while (file >= 0 && length < size - 1 && (count = read(file, text + length, size - 1 - length)) > 0)
        length += (size_t)count;
    if (file >= 0)
        close(file);
    text[length] = 0;
    return length;
}

/* "pid (name) state …": the name may hold anything (proc_pid_stat(5)). */
static bool has_ended(pid_t pid)
{
    char line[512];
    descendants_read(pid, "stat", line, sizeof line);
    const char *behind_name = strrchr(line, ')');
    return behind_name == NULL || behind_name[1] == 0 || strchr("ZXx", behind_name[2]) != NULL;
}

static void visit_below(pid_t ancestor, void (*visit)(pid_t pid, void *argument), void *argument, int depth);

/* Children are listed for each thread that made them (CONFIG_PROC_CHILDREN). */
static void visit_children(pid_t ancestor, const char *thread, void (*visit)(pid_t pid, void *argument), void *argument,
                           int depth)
{
    static char lists[DEEPEST][8192];
    char name[64], *list = lists[depth], *end;
    snprintf(name, sizeof name, "task/%.16s/children", thread);
    size_t length = descendants_read(ancestor, name, list, sizeof lists[depth]);
    /* Each is followed by a space; one that was cut off is another one's number. */
    while (length > 0 && list[length - 1] != ' ')
        list[--length] = 0;
    for (long pid; (pid = strtol(list, &end, 10)) > 0 && end != list; list = end) {
        visit_below((pid_t)pid, visit, argument, depth + 1);
        if (!has_ended((pid_t)pid))
            visit((pid_t)pid, argument);
    }
}

static void visit_below(pid_t ancestor, void (*visit)(pid_t pid, void *argument), void *argument, int depth)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)ancestor);
    DIR *threads = depth < DEEPEST ? opendir(path) : NULL;
    struct dirent *thread;
    while (threads != NULL && (thread = readdir(threads)) != NULL)
        if (isdigit((unsigned char)thread->d_name[0]))
            visit_children(ancestor, thread->d_name, visit, argument, depth);
    if (threads != NULL)
        closedir(threads);
}

void descendants_visit(pid_t ancestor, void (*visit)(pid_t pid, void *argument), void *argument)
{
    visit_below(ancestor, visit, argument, 0);
}

void descendants_command(pid_t pid, char *text, size_t size)
{
    size_t length = descendants_read(pid, "cmdline", text, size);
    if (length == 0)
        length = descendants_read(pid, "comm", text, size);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            text[i] = ' ';
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = 0;
}
