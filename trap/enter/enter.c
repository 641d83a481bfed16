/* SPDX-License-Identifier: Apache-2.0
 *
 * trapline-enter [--closing] PROGRAM NAME ARGUMENT…: becomes PROGRAM, called by NAME, with the agent in its memory
 * beside it: for programs that no agent can be preloaded into. A process that the program never sees traces it from its
 * exec to its first instruction; nobody does from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/arrival.h"
#include "interpose/untrapped.h"
#include "loader.h"
#include "remote.h"

/* Does all this to itself, to see whether it can be done. */
#define CHECK "--check"
#define CHECKED "--checked"

enum { STATUS = 125, NOT_EXECUTABLE = 126 };

/* A fork whose end is told to nobody: the program shall not find a SIGCHLD that it has no child for. */
static pid_t fork_in_silence(void)
{
    return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

/* What lies beside us. */
static void find(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 32);
    char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;
    if (slash == NULL)
        remote_give_up("/proc is not there");
    strcpy(slash, name);
}

static void say(int channel, char word)
{
    (void)!write(channel, &word, 1);
}

/* In the process that traces. */
static void bring_in(pid_t process, int ready)
{
    char world[PATH_MAX];
    struct loader loader;
    find("/trapline-world", world);
    if (!remote_seize(process)) {
        say(ready, (char)errno);
        _exit(0);
    }
    say(ready, 0);
    close(ready);
    if (!remote_wait_for_exec(process))
        _exit(0);
    loader_map(&loader);
    uint64_t stack = loader_stack(&loader, world);
    remote_call(SYS_prctl, PR_SET_PTRACER, 0, 0, 0, 0, 0);
    remote_leave(loader.entry, stack);
    _exit(0);
}

/* It is nobody's child that the program could wait for. */
static int start_tracer(void)
{
    int channel[2];
    pid_t self = getpid();
    char answer = (char)EIO;
    if (pipe(channel) != 0)
        return errno;
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    pid_t between = fork_in_silence();
    if (between == 0) {
        close(channel[0]);
        if (fork_in_silence() == 0)
            bring_in(self, channel[1]);
        _exit(0);
    }
    close(channel[1]);
    if (between < 0)
        return errno;
    while (waitpid(between, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    while (read(channel[0], &answer, 1) < 0 && errno == EINTR)
        continue;
    close(channel[0]);
    return answer;
}

/* The agent's library is for the second world alone: the loader of another libc would fail for it. */
static void take_agent_out(void)
{
    static const char library[] = "/libtrapline.so";
    char path[PATH_MAX];
    const char *old = getenv("LD_PRELOAD");
    char *rest = old != NULL ? calloc(1, strlen(old) + 2) : NULL;
    if (rest == NULL)
        return;
    for (const char *at = old; *at != 0;) {
        size_t length = strcspn(at, ": "), end = sizeof library - 1;
        int is_agent = length >= end && strncmp(at + length - end, library, end) == 0;
        if (length > 0 && !is_agent) {
            if (rest[0] != 0)
                strcat(rest, ":");
            strncat(rest, at, length);
        }
        at += length + (at[length] != 0);
    }
    if (rest[0] != 0)
        setenv("LD_PRELOAD", rest, 1);
    else
        unsetenv("LD_PRELOAD");
    find(library, path);
    setenv(ENTERED_VARIABLE, path, 1);
}

/* A child of a host runs as ever, and the launcher is told. */
static int goes_without(const char *program)
{
    const char *run_directory = getenv("TRAPLINE_RUN_DIR"), *reason = untrapped_reason(AT_FDCWD, program);
    if (run_directory == NULL || reason == NULL)
        return 0;
    untrapped_write(run_directory, program, reason);
    return 1;
}

/* `closed` is a descriptor that the program shall not find, or -1. */
static int enter(char **program, int closed)
{
    /* valgrind's tools are static, and load the program, and the agent, which refuses it there, themselves. */
    int failure = getenv("VALGRIND_LAUNCHER") != NULL ? EPERM : start_tracer();
    if (failure != 0 && !goes_without(program[0])) {
        fprintf(stderr, "trapline: ptrace(2), which brings the agent into %s, is forbidden here: %s\n", program[0],
                strerror(failure));
        return STATUS;
    }
    if (failure == 0)
        take_agent_out();
    if (closed >= 0)
        fcntl(closed, F_SETFD, FD_CLOEXEC);
    execv(program[0], program + 1);
    fprintf(stderr, "trapline: %s: %s\n", program[0], strerror(errno));
    return NOT_EXECUTABLE;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], CHECK) == 0) {
        static char self[] = "/proc/self/exe", checked[] = CHECKED;
        return enter((char *[]){self, self, checked, NULL}, -1);
    }
    if (count == 2 && strcmp(arguments[1], CHECKED) == 0)
        return 0;
    if (count < 3) {
        fprintf(stderr, "trapline-enter is started by 'trapline run', and by the programs in it\n");
        return STATUS;
    }
    if (count > 3 && strcmp(arguments[1], ENTER_CLOSING) == 0 && untrapped_descriptor(arguments[2]) >= 0)
        return enter(arguments + 2, untrapped_descriptor(arguments[2]));
    return enter(arguments + 1, -1);
}
