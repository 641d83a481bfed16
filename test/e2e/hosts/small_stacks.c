// SPDX-License-Identifier: Apache-2.0
// small_stacks   calls on the stacks that programs really give them: 8 KiB in a handler of signals, the least that a
// thread may have; beneath lies a page that nobody may touch. One child for each.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "signal_frame.h"

enum { STACK = 8192, PAGE = 4096 };

static char text[PATH_MAX];
static struct stat status;
static char *arguments[] = {"true", NULL};

static void do_open(void)
{
    close(open("/proc/self/maps", O_RDONLY));
}
static void do_open_namesake(void)
{
    close(open("/etc/mem", O_RDONLY));
}
static void do_open_below(void)
{
    close(openat(AT_FDCWD, "etc/uio0", O_RDONLY));
}
static void do_stat(void)
{
    stat("/etc/passwd", &status);
    lstat("/sys/class/uio", &status);
    stat("mem", &status);
}
static void do_access(void)
{
    (void)!access("/sys/class", R_OK);
}
static void do_readlink(void)
{
    (void)!readlink("/proc/self/exe", text, sizeof text);
}
static void do_directory(void)
{
    (void)!getcwd(text, sizeof text);
    (void)!chdir("/");
}
static void do_xattr(void)
{
    getxattr("/etc/passwd", "user.a", text, sizeof text);
}
static void do_execve(void)
{
    execve("/bin/true", arguments, environ);
}
static void do_execvp(void)
{
    execvp("true", arguments);
}
static void do_execl(void)
{
    execl("/bin/true", "true", NULL);
}
static void do_fork(void)
{
    if (fork() == 0)
        _exit(0);
    wait(NULL);
}
static void do_vfork(void)
{
    if (vfork() == 0) {
        execve("/bin/true", arguments, environ);
        _exit(9);
    }
    wait(NULL);
}
static void do_fopen(void)
{
    FILE *stream = fopen("/etc/passwd", "r");
    if (stream != NULL)
        fclose(stream);
}
static void do_opendir(void)
{
    DIR *directory = opendir("/");
    while (directory != NULL && readdir(directory) != NULL)
        continue;
    closedir(directory);
}
static void do_realpath(void)
{
    (void)!realpath("/etc/passwd", text);
}
static void do_waits(void)
{
    struct timespec moment = {0, 1000};
    nanosleep(&moment, NULL);
    poll(NULL, 0, 1);
}
static void do_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(SIGUSR2, &action, NULL);
    sigprocmask(SIG_BLOCK, &action.sa_mask, NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} calls[] = {
    {"open", do_open},         {"open a namesake", do_open_namesake},
    {"openat", do_open_below}, {"stat", do_stat},
    {"access", do_access},     {"readlink", do_readlink},
    {"getcwd", do_directory},  {"getxattr", do_xattr},
    {"execve", do_execve},     {"execvp", do_execvp},
    {"execl", do_execl},       {"fork", do_fork},
    {"vfork", do_vfork},       {"fopen", do_fopen},
    {"opendir", do_opendir},   {"realpath", do_realpath},
    {"waits", do_waits},       {"signals", do_signals},
};

static void (*work)(void);

static void on_signal(int number)
{
    (void)number;
    work();
    _exit(0);
}

static void in_handler(void)
{
    char *room = mmap(NULL, STACK + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(room + PAGE, STACK, PROT_READ | PROT_WRITE);
    stack_t stack = {.ss_sp = room + PAGE, .ss_size = STACK};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

static void *in_its_thread(void *argument)
{
    work();
    return argument;
}

static void in_thread(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN);
    if (pthread_create(&thread, &attributes, in_its_thread, NULL) == 0)
        pthread_join(thread, NULL);
}

/* libc opens the file itself, which Trapline's net stops: by a second frame (docs/limits.md). */
static bool has_room_for_two(void)
{
    enum { LEAST_ROOM = 2048 };
    return 2 * signal_frame_bytes() + LEAST_ROOM <= STACK;
}

static const char *outcome(void (*on_small_stack)(void))
{
    int how;
    fflush(stdout);
    if (fork() == 0) {
        on_small_stack();
        _exit(0);
    }
    wait(&how);
    return WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "well";
}

int main(void)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        work = calls[i].run;
        if (work != do_fopen || has_room_for_two())
            printf("%s in a handler: %s\n", calls[i].name, outcome(in_handler));
        else
            printf("%s in a handler: not tried, for two frames of signals don't fit\n", calls[i].name);
        printf("%s in a thread: %s\n", calls[i].name, outcome(in_thread));
    }
    return 0;
}
