/* SPDX-License-Identifier: Apache-2.0 */
#include "descendants.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process {
    pid_t pid, parent;
    bool is_there;  /* not a zombie */
    bool is_below;
};

/* A process that has come or gone meanwhile is found by the next look. */
static bool look_at(const char *pid, struct process *process)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = 0;
    /* "pid (name) state parent …": the name may hold anything (proc_pid_stat(5)). */
    const char *behind_name = strrchr(line, ')');
    char state;
    int parent;
    if (behind_name == NULL || sscanf(behind_name + 1, " %c %d", &state, &parent) != 2)
        return false;
    *process = (struct process){.pid = atoi(pid), .parent = parent, .is_there = state != 'Z' && state != 'X'};
    return true;
}

static size_t look_at_all(struct process **processes)
{
    size_t count = 0, room = 0;
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name))
            continue;
        if (count == room) {
            struct process *more = realloc(*processes, (room = 2 * room + 256) * sizeof **processes);
            if (more == NULL)
                break;
            *processes = more;
        }
        count += look_at(entry->d_name, &(*processes)[count]);
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

static bool is_marked(const struct process *processes, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (processes[i].pid == pid)
            return processes[i].is_below;
    return false;
}

void descendants_visit(pid_t ancestor, void (*visit)(pid_t pid, void *argument), void *argument)
{
    struct process *processes = NULL;
    size_t count = look_at_all(&processes);
    for (bool grows = true; grows;) {
        grows = false;
        for (size_t i = 0; i < count; i++) {
            struct process *process = &processes[i];
            if (process->is_below || (process->parent != ancestor && !is_marked(processes, count, process->parent)))
                continue;
            process->is_below = grows = true;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (processes[i].is_below && processes[i].is_there)
            visit(processes[i].pid, argument);
    free(processes);
}

static size_t read_file(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(text, 1, size - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[length] = 0;
    return length;
}

void descendants_command(pid_t pid, char *text, size_t size)
{
    size_t length = read_file(pid, "cmdline", text, size);
    if (length == 0)
        length = read_file(pid, "comm", text, size);
    while (length > 0 && (text[length - 1] == 0 || text[length - 1] == '\n' || text[length - 1] == ' '))
        text[--length] = 0;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = ' ';
}
