/* SPDX-License-Identifier: Apache-2.0
 *
 * The parent of a tool that works for Trapline, a compiler say: trapline-tool-keeper PROGRAM [ARGUMENT…]. Tools start
 * others, and whoever ends a driver alone leaves its compilers at work for minutes. As the reaper of orphans this one
 * stays an ancestor of all of them, and nothing that the tool started outlives it:
 *   - when the tool has ended, what it left is killed; our own end is the tool's, by status or by signal;
 *   - when descriptor 3, a socket to the launcher, is closed at its other end, by whatever end of the launcher, all is
 * killed;
 *   - likewise at a signal that asks us to end.
 * 126 and a line on stderr if PROGRAM can't be started, 127 if it isn't there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/descendants.h"
#include "keeper/end_alike.h"

enum { LAUNCHER = 3, ROUND_MS = 20 };

static void become_tool(char **command, const sigset_t *mask, pid_t keeper)
{
    /* Should we be killed, the kernel ends the tool at least. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper)
        _exit(126);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(command[0], command);
    int error = errno;
    fprintf(stderr, "%s can't be started: %s\n", command[0], strerror(error));
    _exit(error == ENOENT ? 127 : 126);
}

/* Whoever reads the tool's output to its end does not wait for us. */
static void close_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < 3; stream++)
        dup3(null, stream, 0);
}

static void end_one(pid_t pid, void *argument)
{
    (void)argument;
    kill(pid, SIGKILL);
}

/* False once no child is left. */
static bool reap(pid_t tool, int *status, bool *has_ended)
{
    int its_status;
    pid_t pid;
    while ((pid = waitpid(-1, &its_status, WNOHANG)) > 0)
        if (pid == tool) {
            *status = its_status;
            *has_ended = true;
        }
    return pid == 0 || errno != ECHILD;
}

/* True if the launcher is gone, or wants us to end. */
static bool is_launcher_gone(void)
{
    char byte;
    ssize_t length = read(LAUNCHER, &byte, 1);
    return length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
}

static bool asks_to_end(int signals)
{
    struct signalfd_siginfo info;
    bool asks = false;
    while (read(signals, &info, sizeof info) == sizeof info)
        asks = asks || info.ssi_signo != SIGCHLD;
    return asks;
}

/* How the tool ended (wait(2)). A round is short: what is killed may have been about to start another one. */
static int keep(pid_t tool, int signals)
{
    bool is_ending = false;
    int status = 0;
    while (reap(tool, &status, &is_ending)) {
        struct pollfd sources[] = {{.fd = signals, .events = POLLIN},
                                   {.fd = is_ending ? -1 : LAUNCHER, .events = POLLIN}};
        if (is_ending)
            descendants_visit(getpid(), end_one, NULL);
        if (poll(sources, 2, is_ending ? ROUND_MS : -1) <= 0)
            continue;
        if (sources[0].revents != 0 && asks_to_end(signals))
            is_ending = true;
        if (sources[1].revents != 0 && is_launcher_gone())
            is_ending = true;
    }
    return status;
}

int main(int count, char **arguments)
{
    sigset_t watched, mask;
    if (count < 2 || fcntl(LAUNCHER, F_SETFD, FD_CLOEXEC) < 0 || fcntl(LAUNCHER, F_SETFL, O_NONBLOCK) < 0) {
        fprintf(stderr, "trapline-tool-keeper is started by 'trapline'\n");
        return 126;
    }
    sigemptyset(&watched);
    for (const int *signal = (int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, 0}; *signal != 0; signal++)
        sigaddset(&watched, *signal);
    sigprocmask(SIG_BLOCK, &watched, &mask);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    /* Even one of us that was stopped sees that the launcher is gone. */
    prctl(PR_SET_PDEATHSIG, SIGCONT);
    pid_t keeper = getpid(), tool = fork();
    if (tool == 0)
        become_tool(arguments + 1, &mask, keeper);
    if (tool < 0 || signals < 0) {
        fprintf(stderr, "%s can't be started: %s\n", arguments[1], strerror(errno));
        return 126;
    }
    close_streams();
    return end_alike(keep(tool, signals));
}
