// SPDX-License-Identifier: Apache-2.0
// kin COMMAND [ARGUMENT…]
// Runs a command, and becomes the parent of whatever that leaves (prctl(2), PR_SET_CHILD_SUBREAPER). Once it has ended:
// a line on stdout for each process that is left after PATIENCE_S, which is killed then. Ends as the command ends.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 20, LOOK_US = 10000 };

static void tell_and_kill(int pid)
{
    char path[64], command[128] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL && fgets(command, sizeof command, file) != NULL)
        fclose(file);
    printf("left %d %s\n", pid, command);
    fflush(stdout);
    kill(pid, SIGKILL);
}

static void tell_children(void)
{
    char path[64];
    int pid;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    FILE *list = fopen(path, "r");
    while (list != NULL && fscanf(list, "%d", &pid) == 1)
        tell_and_kill(pid);
    if (list != NULL)
        fclose(list);
}

int main(int count, char **arguments)
{
    int status = 0, its_status;
    pid_t child, pid;
    if (count < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return 125;
    if ((child = fork()) == 0) {
        execvp(arguments[1], arguments + 1);
        _exit(127);
    }
    while ((pid = wait(&its_status)) != child)
        continue;
    status = its_status;
    time_t start = time(NULL);
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
        if (pid == 0)
            usleep(LOOK_US);
        if (time(NULL) - start > PATIENCE_S)
            tell_children();
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
