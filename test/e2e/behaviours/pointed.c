// SPDX-License-Identifier: Apache-2.0
// What system calls point at lies in a window: paths, structures, tables, words. The kernel reads and writes all of it
// as on memory, and no more of it than there.
#include "behaviour.h"
#include "machine.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>

static char *window;

// Memory is written before it is read.
static void begin(void)
{
    window = (char *)(uintptr_t)map_device();
    for (int i = 0; i < PAGE; i += 8)
        *(volatile uint64_t *)(window + i) = 0;
}

static void *at(size_t offset)
{
    return window + offset;
}

static char *text(size_t offset, const char *words)
{
    return strcpy(at(offset), words);
}

static void paths(void)
{
    struct stat plain, *there;
    begin();
    there = at(1024);
    REQUIRE(stat("/proc/self", &plain) == 0 && stat(text(0, "/proc/self"), there) == 0);
    REQUIRE(there->st_ino == plain.st_ino && there->st_mode == plain.st_mode);
    REQUIRE(lstat(at(0), there) == 0 && S_ISLNK(there->st_mode) && fstatat(AT_FDCWD, "/", there, 0) == 0);
    REQUIRE(fstat(0, there) == 0 && access(at(0), R_OK) == 0 && chdir(text(64, "/")) == 0);
    REQUIRE(open(text(64, "/dev/null"), O_RDONLY) >= 0 && openat(AT_FDCWD, at(64), O_RDONLY) >= 0);
    REQUIRE(opendir(at(0)) != NULL && fopen(at(64), "r") != NULL);
    REQUIRE(rename(text(64, "/nowhere/a"), text(128, "/nowhere/b")) == -1 && errno == ENOENT);
    REQUIRE(mkdir(at(64), 0) == -1 && errno == ENOENT && unlink(at(64)) == -1 && errno == ENOENT);
    REQUIRE(statfs(at(0), at(1024)) == 0 && memfd_create(text(200, "name"), 0) >= 0);
    REQUIRE(getxattr(at(0), text(300, "user.none"), at(400), 16) == -1 && errno != EFAULT);
}

static void path_of_the_device(void)
{
    struct stat status;
    begin();
    int file = open(text(64, device_path), O_RDWR);
    REQUIRE(file >= 0);
    volatile uint8_t *again = mmap(NULL, PAGE, BOTH, MAP_SHARED, file, device_base);
    REQUIRE(again != MAP_FAILED && strcmp((char *)(uintptr_t)again + 64, device_path) == 0);
    REQUIRE(fopen(at(64), "r+") != NULL && stat(at(64), &status) == 0 && access(at(64), R_OK | W_OK) == 0);
}

static void no_more_than_written(void)
{
    char plain[64];
    begin();
    memset(at(0), 0x5a, 512);
    ssize_t length = readlink("/proc/self/exe", at(0), 256);
    REQUIRE(length > 0 && *(char *)at((size_t)length) == 0x5a && *(char *)at(0) == '/');
    REQUIRE(getcwd(at(256), 200) == at(256) && getcwd(plain, sizeof plain) == plain);
    REQUIRE(strcmp(at(256), plain) == 0 && *(char *)at(256 + strlen(plain) + 1) == 0x5a);
    REQUIRE(readlink("/nowhere", at(300), 10) == -1 && *(char *)at(300) == 0x5a);
    REQUIRE(stat("/nowhere", at(300)) == -1 && errno == ENOENT && *(char *)at(300) == 0x5a);
}

static void structures(void)
{
    struct utsname plain;
    begin();
    struct rlimit *limit = at(2048);
    struct sysinfo *machine = at(1024);
    REQUIRE(uname(&plain) == 0 && uname(at(0)) == 0 && memcmp(at(0), &plain, sizeof plain) == 0);
    REQUIRE(getrusage(RUSAGE_SELF, at(1024)) == 0 && sysinfo(machine) == 0 && machine->mem_unit > 0);
    REQUIRE(getrlimit(RLIMIT_NOFILE, limit) == 0 && limit->rlim_cur > 3 && setrlimit(RLIMIT_NOFILE, limit) == 0);
    REQUIRE(times(at(64)) != -1 && clock_gettime(CLOCK_PROCESS_CPUTIME_ID, at(64)) == 0);
    REQUIRE(clock_getres(CLOCK_MONOTONIC, at(64)) == 0 && gettimeofday(at(64), NULL) == 0 && time(at(64)) > 0);
    REQUIRE(sched_getaffinity(0, 128, at(2048)) == 0 && sched_setaffinity(0, 128, at(2048)) == 0);
    REQUIRE(getresuid(at(0), at(4), at(8)) == 0 && *(uid_t *)at(8) == geteuid());
    REQUIRE(mincore(window, PAGE, at(3000)) == 0 || errno == ENOMEM);
}

static void new_descriptors(void)
{
    begin();
    int *ends = at(1024);
    REQUIRE(pipe(ends) == 0 && write(ends[1], "x", 1) == 1 && read(ends[0], at(0), 1) == 1);
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_GETFD) == FD_CLOEXEC);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "y", 1) == 1);
    REQUIRE(ioctl(ends[0], FIONREAD, at(64)) == 0 && *(int *)at(64) == 1);
}

static void waits(void)
{
    int ends[2];
    begin();
    REQUIRE(pipe(ends) == 0);
    struct pollfd *item = at(128);
    struct timespec *limit = at(64);
    *item = (struct pollfd){ends[1], POLLOUT, 0};
    REQUIRE(poll(item, 1, 0) == 1 && item->revents == POLLOUT && item->fd == ends[1]);
    *limit = (struct timespec){0, 1000};
    REQUIRE(ppoll(item, 1, limit, at(512)) == 1);
    fd_set *set = at(256);
    FD_SET(ends[1], set);
    struct timeval *rest = at(96);
    *rest = (struct timeval){0, 0};
    REQUIRE(select(ends[1] + 1, NULL, set, NULL, rest) == 1 && FD_ISSET(ends[1], set));
    REQUIRE(pselect(ends[1] + 1, NULL, set, NULL, NULL, at(512)) == 1);
    int epoll = epoll_create1(0);
    struct epoll_event *event = at(400);
    *event = (struct epoll_event){.events = EPOLLOUT, .data.u64 = 0x123456789a};
    REQUIRE(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], event) == 0);
    memset(event, 0, sizeof *event);
    REQUIRE(epoll_wait(epoll, event, 1, 0) == 1 && event->data.u64 == 0x123456789a);
    REQUIRE(epoll_pwait(epoll, event, 1, 0, at(512)) == 1);
}

static void do_nothing(int signal)
{
    (void)signal;
}

static void signal_sets(void)
{
    begin();
    struct sigaction *action = at(0);
    sigset_t *set = at(512), *before = at(1024);
    siginfo_t *info = at(2048);
    action->sa_handler = do_nothing;
    REQUIRE(sigaction(SIGUSR2, action, NULL) == 0 && sigaction(SIGUSR2, NULL, action) == 0);
    REQUIRE(action->sa_handler == do_nothing);
    sigaddset(set, SIGUSR1);
    REQUIRE(sigprocmask(SIG_BLOCK, set, before) == 0 && sigismember(before, SIGUSR1) == 0);
    raise(SIGUSR1);
    REQUIRE(sigpending(before) == 0 && sigismember(before, SIGUSR1) == 1);
    struct timespec *limit = at(3000 - 3000 % 8);
    *limit = (struct timespec){0, 0};
    REQUIRE(sigtimedwait(set, info, limit) == SIGUSR1 && info->si_signo == SIGUSR1);
    raise(SIGUSR1);
    int *number = at(3200);
    REQUIRE(sigwait(set, number) == 0 && *number == SIGUSR1);
    REQUIRE(pthread_sigmask(SIG_SETMASK, NULL, before) == 0 && sigismember(before, SIGUSR1) == 1);
}

static void timers(void)
{
    begin();
    struct itimerval *alarm = at(64), *old = at(128);
    struct timespec *time = at(256), *left = at(320);
    REQUIRE(signal(SIGALRM, do_nothing) != SIG_ERR);
    *time = (struct timespec){0, 1000};
    REQUIRE(nanosleep(time, left) == 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, time, left) == 0);
    alarm->it_value.tv_usec = 2000;
    alarm->it_interval.tv_usec = 2000;
    *time = (struct timespec){1000, 0};
    REQUIRE(setitimer(ITIMER_REAL, alarm, old) == 0 && getitimer(ITIMER_REAL, old) == 0);
    REQUIRE(nanosleep(time, left) == -1 && errno == EINTR && left->tv_sec >= 990 && left->tv_sec < 1000);
    memset(alarm, 0, sizeof *alarm);
    REQUIRE(setitimer(ITIMER_REAL, alarm, NULL) == 0);
    struct itimerspec *due = at(512);
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    due->it_value.tv_nsec = 1;
    REQUIRE(timerfd_settime(timer, 0, due, at(600)) == 0 && read(timer, at(700 - 700 % 8), 8) == 8);
}

static void addresses(void)
{
    begin();
    struct sockaddr_un *name = at(1024);
    socklen_t *length = at(64);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    name->sun_family = AF_UNIX;
    sprintf(name->sun_path + 1, "pointed%d", getpid());
    REQUIRE(bind(listener, (void *)name, 30) == 0 && listen(listener, 1) == 0);
    REQUIRE(connect(client, (void *)name, 30) == 0);
    memset(name, 0x5a, sizeof *name);
    *length = 4;
    REQUIRE(getsockname(listener, (void *)name, length) == 0 && *length == 30 && name->sun_family == AF_UNIX);
    REQUIRE(name->sun_path[0] == 0 && name->sun_path[1] == 'p' && name->sun_path[2] == 0x5a);
    *length = 100;
    REQUIRE(accept(listener, (void *)name, length) >= 0 && *length == 2);
    *length = 4;
    REQUIRE(getsockopt(client, SOL_SOCKET, SO_TYPE, at(128), length) == 0 && *(int *)at(128) == SOCK_STREAM);
    REQUIRE(setsockopt(client, SOL_SOCKET, SO_REUSEADDR, at(128), 4) == 0);
}

static void messages(void)
{
    int ends[2];
    begin();
    struct msghdr *message = at(0);
    struct iovec *table = at(128);
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
    *table = (struct iovec){text(256, "hello"), 5};
    *message = (struct msghdr){.msg_iov = table, .msg_iovlen = 1, .msg_control = at(512), .msg_controllen = 64};
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    *control = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
    *(int *)CMSG_DATA(control) = 1;
    message->msg_controllen = CMSG_SPACE(4);
    REQUIRE(sendmsg(ends[0], message, 0) == 5);
    memset(at(256), 0, 8);
    memset(at(512), 0, 64);
    message->msg_name = at(1024);
    message->msg_namelen = 64;
    REQUIRE(recvmsg(ends[1], message, 0) == 5 && memcmp(at(256), "hello", 5) == 0 && message->msg_namelen == 0);
    REQUIRE(control->cmsg_type == SCM_RIGHTS && fcntl(*(int *)CMSG_DATA(control), F_GETFD) >= 0);
    REQUIRE(send(ends[0], "again", 5, 0) == 5 && readv(ends[1], table, 1) == 5 && memcmp(at(256), "again", 5) == 0);
    struct mmsghdr *many = at(2048);
    many->msg_hdr = (struct msghdr){.msg_iov = table, .msg_iovlen = 1};
    REQUIRE(sendmmsg(ends[0], many, 1, 0) == 1 && recvmmsg(ends[1], many, 1, 0, NULL) == 1 && many->msg_len == 5);
}

static int status_of(pid_t child, int *status)
{
    REQUIRE(child > 0 && waitpid(child, status, 0) == child);
    return WEXITSTATUS(*status);
}

static void children(void)
{
    begin();
    int *status = at(64);
    char **words = at(128);
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    REQUIRE(status_of(child, status) == 3);
    if ((child = fork()) == 0)
        _exit(4);
    REQUIRE(wait4(child, status, 0, at(1024)) == child && WEXITSTATUS(*status) == 4);
    if ((child = fork()) == 0)
        _exit(5);
    siginfo_t *info = at(1024);
    REQUIRE(waitid(P_PID, (id_t)child, info, WEXITED) == 0 && info->si_status == 5);
    words[0] = text(512, "/bin/sh");
    words[1] = text(600, "-c");
    words[2] = text(640, "exit 6");
    if ((child = fork()) == 0) {
        execve(at(512), words, environ);
        _exit(44);
    }
    REQUIRE(status_of(child, status) == 6);
    REQUIRE(posix_spawn(at(96), at(512), NULL, NULL, words, environ) == 0 && status_of(*(pid_t *)at(96), status) == 6);
    posix_spawnattr_t *how = at(2048);
    REQUIRE(posix_spawnattr_init(how) == 0 && posix_spawnp(at(96), text(700, "sh"), NULL, how, words, environ) == 0);
    REQUIRE(status_of(*(pid_t *)at(96), status) == 6 && WEXITSTATUS(system(at(640))) == 6);
}

static void requests(void)
{
    int ends[2];
    begin();
    struct flock *lock = at(0);
    int file = memfd_create("locked", 0);
    *lock = (struct flock){.l_type = F_WRLCK};
    REQUIRE(fcntl(file, F_SETLK, lock) == 0 && fcntl(file, F_GETLK, lock) == 0 && lock->l_type == F_UNLCK);
    REQUIRE(prctl(PR_SET_NAME, text(64, "pointed")) == 0);
    memset(at(64), 0, 16);
    REQUIRE(prctl(PR_GET_NAME, at(64)) == 0 && strcmp(at(64), "pointed") == 0);
    REQUIRE(pipe(ends) == 0 && ioctl(ends[0], TCGETS, at(128)) == -1 && errno == ENOTTY);
}

static void own_instructions(void)
{
    int ends[2];
    begin();
    struct stat *status = at(1024);
    struct iovec plain[] = {{text(256, "hello"), 5}};
    REQUIRE(raw_call(NUMBER_OF_STAT, (long)text(0, "/"), (long)status, 0) == 0 && S_ISDIR(status->st_mode));
    REQUIRE(raw_call(SYS_pipe2, (long)at(64), 0, 0) == 0);
    memcpy(ends, at(64), sizeof ends);
    REQUIRE(raw_call(SYS_write, ends[1], (long)at(256), 5) == 5 && raw_call(SYS_read, ends[0], (long)at(512), 64) == 5);
    REQUIRE(memcmp(at(512), "hello", 6) == 0);
    REQUIRE(raw_call(SYS_writev, ends[1], (long)plain, 1) == 5 && raw_call(SYS_readv, ends[0], (long)plain, 1) == 5);
    REQUIRE(raw_call(SYS_uname, (long)at(2048), 0, 0) == 0 && strcmp(at(2048), "Linux") == 0);
    REQUIRE(raw_call(NUMBER_OF_STAT, (long)text(0, "/nowhere"), (long)status, 0) == -ENOENT);
}

const struct behaviour behaviours[] = {
    {.name = "paths", .show = paths},
    {.name = "the path of the device", .show = path_of_the_device},
    {.name = "no more than the kernel writes", .show = no_more_than_written},
    {.name = "limits, times and names", .show = structures},
    {.name = "descriptors that calls make", .show = new_descriptors},
    {.name = "what waits look at", .show = waits},
    {.name = "sets and actions of signals", .show = signal_sets},
    {.name = "timers and what is left of a sleep", .show = timers},
    {.name = "addresses of sockets and their lengths", .show = addresses},
    {.name = "messages, with their tables, names and descriptors", .show = messages},
    {.name = "children, their status and their words", .show = children},
    {.name = "ioctl, fcntl, prctl", .show = requests},
    {.name = "calls by instructions of the program's own", .show = own_instructions},
    {.name = NULL},
};
