/* SPDX-License-Identifier: Apache-2.0 */
#include "end.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "folders.h"
#include "keeper/descendants.h"

enum {
    EAGER_ROUNDS = 2000,
    ROUND_MS = 1,
    REFUSED_LIMIT_S = 3,
    MARKED_ROUNDS = 5,
    MOST_KEEPERS = 64,
    ENVIRONMENT = 1 << 20
};

#define MARK "TRAPLINE_RUN_DIR="

struct round {
    bool met_any, was_refused;
};

static void end_one(pid_t pid, void *argument)
{
    struct round *round = argument;
    if (kill(pid, SIGKILL) == 0)
        round->met_any = true;
    else if (errno == EPERM)
        round->was_refused = true;
}

/* Against those that fork on and on we need a processor. Whoever may not have more than others gets an even share of it
 * by a session of its own (sched(7), autogroup). */
static void take_precedence(void)
{
    const struct sched_param lowest = {.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_RR, &lowest) != 0)
        setpriority(PRIO_PROCESS, 0, -20);
}

static bool reap_all(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        continue;
    return pid < 0 && errno == ECHILD;
}

static time_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

bool end_below(void)
{
    time_t met = now_s();
    take_precedence();
    for (unsigned rounds = 0; !reap_all(); rounds++) {
        struct round round = {.met_any = false};
        descendants_visit(getpid(), end_one, &round);
        if (round.met_any || !round.was_refused)
            met = now_s();
        else if (now_s() - met >= REFUSED_LIMIT_S)
            return false;
        if (rounds >= EAGER_ROUNDS || !round.met_any)
            poll(NULL, 0, ROUND_MS);
    }
    return true;
}

static bool is_marked(pid_t pid, const char *path)
{
    static char environment[ENVIRONMENT];
    size_t length = descendants_read(pid, "environ", environment, sizeof environment);
    for (const char *at = environment; at < environment + length; at += strlen(at) + 1)
        if (strncmp(at, MARK, sizeof MARK - 1) == 0 && strcmp(at + sizeof MARK - 1, path) == 0)
            return true;
    return false;
}

static void visit_marked(const char *path, void (*visit)(pid_t pid, void *argument), void *argument)
{
    DIR *processes = opendir("/proc");
    struct dirent *process;
    while (processes != NULL && (process = readdir(processes)) != NULL) {
        pid_t pid = isdigit((unsigned char)process->d_name[0]) ? (pid_t)atoi(process->d_name) : 0;
        if (pid > 0 && pid != getpid() && is_marked(pid, path))
            visit(pid, argument);
    }
    if (processes != NULL)
        closedir(processes);
}

void end_marked(const char *path)
{
    struct round round = {.met_any = true};
    for (int rounds = 0; rounds < MARKED_ROUNDS && round.met_any; rounds++) {
        round.met_any = false;
        visit_marked(path, end_one, &round);
    }
}

char end_state_of(pid_t pid)
{
    char line[512];
    descendants_read(pid, "stat", line, sizeof line);
    const char *behind_name = strrchr(line, ')');
    return behind_name != NULL && behind_name[1] != 0 ? behind_name[2] : 0;
}

static bool any_runs;

static void note_running(pid_t pid, void *argument)
{
    (void)argument;
    any_runs = any_runs || strchr("TtZX", end_state_of(pid)) == NULL;
}

static pid_t keepers[MOST_KEEPERS];
static size_t keeper_count;

static void note_keeper(pid_t pid, void *argument)
{
    char name[32];
    (void)argument;
    descendants_read(pid, "comm", name, sizeof name);
    if (strcmp(name, "trapline-keeper\n") == 0 && keeper_count < MOST_KEEPERS)
        keepers[keeper_count++] = pid;
}

static void visit_folder(const char *path)
{
    visit_marked(path, note_running, NULL);
}

bool end_any_host_runs(void)
{
    any_runs = false;
    keeper_count = 0;
    descendants_visit(getpid(), note_keeper, NULL);
    for (size_t i = 0; i < keeper_count; i++)
        descendants_visit(keepers[i], note_running, NULL);
    if (!any_runs)
        folders_visit(visit_folder);
    return any_runs;
}
