// SPDX-License-Identifier: Apache-2.0
// traced PROGRAM    starts it in a child that asks to be traced, by system calls of its own, as Go does; prints what
//                   the child stops at until it has ended.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "device.h"
#include "raw.h"

static char *nothing[] = {NULL};

int main(int argc, char **argv)
{
    int status;
    if (argc != 2)
        return 2;
    pid_t child = vfork();
    if (child == 0) {
        if (raw(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0, 0) == 0)
            raw(SYS_execve, (long)argv[1], (long)(char *[]){argv[1], NULL}, (long)nothing, 0, 0, 0);
        _exit(3);
    }
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        int signal = WSTOPSIG(status);
        // What Trapline works with is handed on.
        if (signal != SIGSYS && signal != SIGSEGV)
            printf("stopped by %d\n", signal);
        ptrace(PTRACE_CONT, child, NULL, (void *)(long)(signal == SIGTRAP ? 0 : signal));
    }
    printf("ended with %d\n", WEXITSTATUS(status));
    return 0;
}
