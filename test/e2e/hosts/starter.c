// SPDX-License-Identifier: Apache-2.0
// starter WAY PROGRAM [ARGUMENT...]
// Clears its environment, as careful daemons do, and starts a program with a full path by one of the ways that a C
// library or the kernel offers. Passes on its exit status.
#include <dlfcn.h>
#include <linux/sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <wordexp.h>

#include "device.h"

static char *nothing[] = {NULL};
static char line[4096];

// libc's own function, past whoever stands before it.
static void *of_libc(const char *name)
{
    return dlsym(dlopen("libc.so.6", RTLD_LAZY), name);
}

static long kernel_execve(char **arguments)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_execve), "D"(arguments[0]), "S"(arguments), "d"(nothing)
                     : "rcx", "r11", "memory");
    return result;
}

// A child without any handler of its parent's, as glibc's posix_spawn makes it from 2.38 on.
static pid_t fork_without_handlers(void)
{
    struct clone_args wanted = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &wanted, sizeof wanted);
    return child < 0 && errno == ENOSYS ? fork() : (pid_t)child;
}

// In a child. Comes back if it can't.
static void become(const char *way, char **arguments)
{
    if (strcmp(way, "execve") == 0 || strcmp(way, "vfork") == 0 || strcmp(way, "clone3") == 0)
        execve(arguments[0], arguments, nothing);
    else if (strcmp(way, "execle") == 0)
        execle(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], NULL, nothing);
    else if (strcmp(way, "execvpe") == 0)
        execvpe(arguments[0], arguments, nothing);
    else if (strcmp(way, "fexecve") == 0)
        fexecve(open(arguments[0], O_RDONLY), arguments, nothing);
    else if (strcmp(way, "execveat") == 0)
        execveat(AT_FDCWD, arguments[0], arguments, nothing, 0);
    else if (strcmp(way, "syscall-execve") == 0)
        syscall(SYS_execve, arguments[0], arguments, nothing);
    else if (strcmp(way, "syscall-execveat") == 0)
        syscall(SYS_execveat, open(arguments[0], O_RDONLY), "", arguments, nothing, AT_EMPTY_PATH);
    else if (strcmp(way, "kernel") == 0)
        kernel_execve(arguments);
    else if (strcmp(way, "handle") == 0)
        ((int (*)(const char *, char **, char **))of_libc("execve"))(arguments[0], arguments, nothing);
}

// The shell's own words for it: 0 where `way` is none of these.
static int run_line(const char *way, int *status)
{
    wordexp_t words;
    if (strcmp(way, "system") == 0 || strcmp(way, "unsetenv") == 0)
        *status = system(line);
    else if (strcmp(way, "handle-system") == 0)
        *status = ((int (*)(const char *))of_libc("system"))(line);
    else if (strcmp(way, "popen") == 0)
        *status = pclose(popen(line, "w"));
    else if (strcmp(way, "wordexp") == 0)
        *status = wordexp(line, &words, 0) == 0 && words.we_wordc == 1 && puts(words.we_wordv[0]) > 0 ? 0 : 1 << 8;
    else
        return 0;
    return 1;
}

int main(int argc, char **argv)
{
    const char *way = argv[1];
    int status = 0;
    pid_t child = 0;
    for (int i = 2; i < argc; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", i > 2 ? " " : "", argv[i]);
    if (strcmp(way, "wordexp") == 0) {
        char inner[sizeof line - 4];
        snprintf(inner, sizeof inner, "%s", line);
        snprintf(line, sizeof line, "$(%s)", inner);
    }
    if (strcmp(way, "unsetenv") == 0)
        unsetenv("LD_PRELOAD");
    else
        clearenv();
    if (!run_line(way, &status)) {
        if (strcmp(way, "posix_spawn") == 0)
            posix_spawn(&child, argv[2], NULL, NULL, argv + 2, nothing);
        else if (strcmp(way, "posix_spawnp") == 0)
            posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, nothing);
        else if (strcmp(way, "clone3") == 0)
            child = fork_without_handlers();
        else
            child = strcmp(way, "vfork") == 0 ? vfork() : fork();
        if (child == 0) {
            become(way, argv + 2);
            _exit(9);
        }
        if (waitpid(child, &status, 0) < 0)
            return 8;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 7;
}
