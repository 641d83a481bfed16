// SPDX-License-Identifier: Apache-2.0
// nowhere KIND   system calls that get a pointer to nothing: the kernel says EFAULT, or refuses before it looks
// KIND: null-page, closed (a page that nobody may touch), end (of a page before such a one), beyond (no address at
// all), shut and gone (a page whose path was just used). One child per call, so that each that dies is seen by itself.
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static void *bad;
static bool is_gone;
static int ends[2], sockets[2];
static struct stat status;
static struct timespec moment = {0, 1};

static void show(const char *call, long result)
{
    printf("%s: %ld %s\n", call, result, result == -1 ? strerrorname_np(errno) : "");
    fflush(stdout);
}

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int how;                                                                                                       \
        fflush(stdout);                                                                                                \
        if (fork() == 0) {                                                                                             \
            errno = 0;                                                                                                 \
            show(#call, (long)(call));                                                                                 \
            _exit(0);                                                                                                  \
        }                                                                                                              \
        wait(&how);                                                                                                    \
        if (WIFSIGNALED(how))                                                                                          \
            printf("%s: %s\n", #call, strsignal(WTERMSIG(how)));                                                       \
    } while (0)

/* Nothing with another path is called in between. */
static void *used_before(char *page, int (*end)(void *, size_t))
{
    strcpy(page, "/");
    close(open(page, O_RDONLY));
    end(page, 4096);
    return page;
}

static int shut(void *page, size_t size)
{
    return mprotect(page, size, PROT_NONE);
}

static void *bad_pointer(const char *kind)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    memset(pages, '/', 4096);
    return strcmp(kind, "shut") == 0        ? used_before(pages, shut)
           : strcmp(kind, "gone") == 0      ? used_before(pages, munmap)
           : strcmp(kind, "null-page") == 0 ? (void *)8
           : strcmp(kind, "closed") == 0    ? pages + 4096
           : strcmp(kind, "end") == 0       ? pages + 4096 - 4
                                            : (void *)INT64_MIN;
}

static void try_paths(void)
{
    char target[9];
    TRY(open(bad, O_RDONLY));
    TRY(openat(AT_FDCWD, bad, O_RDONLY));
    TRY(creat(bad, 0600));
    TRY(fopen(bad, "r") == NULL ? -1 : 0);
    TRY(stat(bad, &status));
    TRY(lstat(bad, &status));
    TRY(fstatat(AT_FDCWD, bad, &status, 0));
    TRY(stat("/", bad));
    TRY(stat("/sys/class", bad));
    TRY(fstat(0, bad));
    TRY(statx(AT_FDCWD, bad, 0, 0, (void *)&status));
    TRY(statx(AT_FDCWD, "/", 0, STATX_ALL, bad));
    TRY(access(bad, R_OK));
    TRY(faccessat(AT_FDCWD, bad, R_OK, 0));
    TRY(readlink(bad, target, sizeof target));
    TRY(readlink("/proc/self/exe", bad, 9));
    TRY(readlinkat(AT_FDCWD, bad, target, sizeof target));
    TRY(chdir(bad));
    TRY(truncate(bad, 0));
    TRY(unlink(bad));
    TRY(mkdir(bad, 0700));
    TRY(getcwd(bad, 100) == NULL ? -1 : 0);
    TRY(getxattr(bad, "user.a", target, sizeof target));
    TRY(lgetxattr("/", bad, target, sizeof target));
    TRY(listxattr(bad, target, sizeof target));
    TRY(syscall(SYS_open, bad, O_RDONLY));
    TRY(syscall(SYS_openat, AT_FDCWD, bad, O_RDONLY, 0));
    TRY(syscall(SYS_openat2, AT_FDCWD, bad, bad, sizeof(struct open_how)));
    TRY(syscall(SYS_openat2, AT_FDCWD, "/", bad, sizeof(struct open_how)));
    TRY(syscall(SYS_stat, bad, &status));
    TRY(syscall(SYS_stat, "/", bad));
    TRY(syscall(SYS_fstat, 0, bad));
}

static void try_programs(void)
{
    char *arguments[] = {"true", NULL}, *bad_list[] = {"true", bad, NULL};
    pid_t child;
    TRY(execve(bad, arguments, environ));
    TRY(execve("/bin/true", bad, environ));
    TRY(execve("/bin/true", arguments, bad));
    TRY(execve("/bin/true", arguments, bad_list));
    TRY(execve("/bin/true", bad_list, environ));
    TRY(execv(bad, arguments));
    TRY(execveat(AT_FDCWD, bad, arguments, environ, 0));
    if (!is_gone) { /* else the stack that it maps comes to lie there */
        TRY(posix_spawn(&child, bad, NULL, NULL, arguments, environ));
        TRY(posix_spawn(&child, "/bin/true", NULL, NULL, arguments, bad_list));
    }
    TRY(syscall(SYS_execve, bad, arguments, environ));
    TRY(syscall(SYS_execve, "/bin/true", arguments, bad_list));
}

static void try_transfers(void)
{
    struct iovec piece = {bad, 4};
    struct msghdr message = {.msg_iov = bad, .msg_iovlen = 1};
    TRY(read(ends[0], bad, 8));
    TRY(write(ends[1], bad, 8));
    TRY(pread(open("/proc/self/exe", O_RDONLY), bad, 8, 0));
    TRY(readv(ends[0], &piece, 1));
    TRY(readv(ends[0], bad, 1));
    TRY(writev(ends[1], bad, 1));
    TRY(readv(999, bad, 1));
    TRY(preadv(ends[0], bad, 1, 0));
    TRY(pwritev2(ends[1], bad, 1, -1, 0));
    TRY(recvmsg(ends[0], bad, 0));
    TRY(sendmsg(ends[0], bad, 0));
    TRY(recvmsg(sockets[0], bad, 0));
    TRY(sendmsg(sockets[0], bad, 0));
    TRY(sendmsg(sockets[0], &message, 0));
    TRY(recvmsg(sockets[0], &message, 0));
    TRY(recvmmsg(sockets[0], bad, 1, 0, NULL));
    TRY(recvfrom(sockets[0], bad, 8, 0, NULL, NULL));
    TRY(syscall(SYS_readv, ends[0], bad, 1));
    TRY(syscall(SYS_sendmsg, sockets[0], bad, 0));
    TRY(syscall(SYS_getrandom, bad, 8, 0));
    TRY(fcntl(open("/tmp", O_RDONLY), F_SETLK, bad));
}

static void try_waits(void)
{
    struct timeval none = {0, 0};
    TRY(poll(bad, 1, 0));
    TRY(ppoll(bad, 1, &moment, NULL));
    TRY(ppoll(NULL, 0, &moment, bad));
    TRY(select(64, bad, NULL, NULL, &none));
    TRY(select(64, NULL, NULL, bad, &none));
    TRY(pselect(1, NULL, NULL, NULL, &moment, bad));
    TRY(epoll_wait(epoll_create1(0), bad, 1, 0));
    TRY(epoll_pwait(epoll_create1(0), bad, 1, 0, bad));
    TRY(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, ends[0], bad));
    TRY(nanosleep(bad, NULL));
    TRY(clock_nanosleep(CLOCK_REALTIME, 0, bad, NULL));
    TRY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, bad, NULL));
    TRY(sigsuspend(bad));
    TRY(sigtimedwait(bad, NULL, &moment));
    TRY(syscall(SYS_poll, bad, 1, 0));
    TRY(syscall(SYS_ppoll, NULL, 0, bad, NULL, 8));
    TRY(syscall(SYS_ppoll, NULL, 0, &moment, bad, 8));
    TRY(syscall(SYS_pselect6, 0, NULL, NULL, NULL, bad, NULL));
    TRY(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &moment, bad));
    TRY(syscall(SYS_select, 0, NULL, NULL, NULL, bad));
    TRY(syscall(SYS_nanosleep, bad, NULL));
    TRY(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, bad, NULL));
    TRY(syscall(SYS_futex, &moment, FUTEX_WAIT, 0, bad, NULL, 0));
    TRY(syscall(SYS_rt_sigtimedwait, bad, NULL, &moment, 8));
}

static void try_signals_and_time(void)
{
    uint64_t set = 0;
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, bad, 8));
    TRY(syscall(SYS_rt_sigaction, SIGSEGV, bad, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 7));
    TRY(syscall(SYS_rt_sigaction, SIGSEGV, NULL, NULL, 7));
    TRY(syscall(SYS_rt_sigaction, 99, NULL, NULL, 8));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, bad, 8));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 7));
    TRY(syscall(SYS_rt_sigprocmask, ~0, bad, NULL, 8));
    TRY(syscall(SYS_rt_sigprocmask, ~0, &set, NULL, 8));
    TRY(syscall(SYS_rt_sigpending, bad, 8));
    TRY(syscall(SYS_rt_sigsuspend, bad, 8));
    TRY(sigprocmask(SIG_BLOCK, NULL, bad));
    TRY(setitimer(ITIMER_REAL, bad, NULL));
    TRY(timerfd_settime(timerfd_create(CLOCK_MONOTONIC, 0), 0, bad, NULL));
    TRY(syscall(SYS_setitimer, ITIMER_REAL, bad, NULL));
    TRY(syscall(SYS_getitimer, ITIMER_REAL, bad));
    TRY(syscall(SYS_clock_gettime, CLOCK_REALTIME, bad));
    TRY(syscall(SYS_gettimeofday, bad, NULL));
    TRY(syscall(SYS_time, bad));
}

int main(int argc, char **argv)
{
    if (argc != 2 || pipe(ends) != 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) != 0) {
        fputs("usage: nowhere null-page|closed|end|beyond|shut|gone\n", stderr);
        return 2;
    }
    is_gone = strcmp(argv[1], "gone") == 0;
    bad = bad_pointer(argv[1]);
    (void)!write(ends[1], "some bytes to read", 18);
    (void)!write(sockets[1], "more of them", 12);
    try_paths();
    try_programs();
    try_transfers();
    try_waits();
    try_signals_and_time();
    return 0;
}
