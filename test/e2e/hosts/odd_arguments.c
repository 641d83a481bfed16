// SPDX-License-Identifier: Apache-2.0
// odd_arguments   sizes, clocks, times and flags that the kernel refuses, or understands in its own way
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Oddities are what this is about. */
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Wnonnull"

#define SHOW(call)                                                                                                     \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        long result = (long)(call);                                                                                    \
        printf("%s: %ld %s\n", #call, result, result == -1 ? strerrorname_np(errno) : "");                             \
    } while (0)

static char buffer[100], link_to_it[] = "/tmp/odd.XXXXXX";
static struct stat status;
static const struct timespec negative = {-1, 0}, too_many = {0, 1000000000}, moment = {0, 1000};

static void show_links(void)
{
    char *no_name = "";
    SHOW(readlink(link_to_it, buffer, 0));
    SHOW(readlink(link_to_it, buffer, (size_t)-1));
    SHOW(readlink(link_to_it, buffer, 3));
    SHOW(readlinkat(AT_FDCWD, link_to_it, buffer, 0));
    SHOW(readlinkat(open(link_to_it, O_PATH | O_NOFOLLOW), "", buffer, 50));
    SHOW(readlink("/etc", buffer, 10));
    SHOW(readlink(no_name, buffer, 10));
    SHOW(syscall(SYS_readlink, link_to_it, buffer, 0));
    printf("%.3s\n", buffer);
}

static void show_paths(void)
{
    static char long_name[PATH_MAX + 100];
    int file = open("/dev/null", O_RDWR);
    memset(long_name, 'a', sizeof long_name - 1);
    SHOW(open(long_name, O_RDONLY));
    SHOW(stat(long_name, &status));
    SHOW(access(long_name, F_OK));
    strcpy(long_name + PATH_MAX, "/mem");
    SHOW(open(long_name, O_RDONLY));
    SHOW(stat(long_name, &status));
    SHOW(open("", O_RDONLY));
    SHOW(openat(999, "x", O_RDONLY));
    SHOW(openat(file, "x", O_RDONLY));
    SHOW(open(link_to_it, O_NOFOLLOW));
    SHOW(stat("", &status));
    SHOW(fstatat(file, "", &status, AT_EMPTY_PATH));
    SHOW(fstatat(file, "", &status, 0));
    SHOW(fstatat(AT_FDCWD, "/", &status, 0x40000000));
    SHOW(access("/", 99));
    SHOW(faccessat(999, "x", R_OK, 0));
    SHOW(faccessat(AT_FDCWD, "/", R_OK, 0x4000));
    SHOW(chdir(""));
    SHOW(chdir("/dev/null"));
    SHOW(getcwd(buffer, 0) == NULL ? -1 : 0);
    SHOW(getcwd(buffer, 1) == NULL ? -1 : 0);
}

static void show_transfers(void)
{
    struct iovec pieces[3] = {{buffer, 10}, {buffer, 10}, {buffer, 10}}, whole = {buffer, (size_t)-1};
    int ends[2], null = open("/dev/null", O_RDWR), file = open("/proc/self/exe", O_RDONLY);
    SHOW(pipe(ends));
    SHOW(readv(null, pieces, -1));
    SHOW(readv(null, pieces, 0));
    SHOW(readv(null, pieces, IOV_MAX + 1));
    SHOW(readv(999, pieces, 1));
    SHOW(readv(null, &whole, 1));
    SHOW(writev(ends[0], pieces, 1));
    SHOW(preadv(file, pieces, 3, -1));
    SHOW(preadv(ends[0], pieces, 1, 0));
    SHOW(preadv2(file, pieces, 1, 0, 0x1000));
    SHOW(pread(file, buffer, 10, -1));
    SHOW(pread(ends[0], buffer, 10, 0));
    SHOW(read(null, buffer, (size_t)-1));
    SHOW(lseek(file, 0, 99));
}

static void show_waits(void)
{
    struct timeval past = {0, -1};
    fd_set none;
    FD_ZERO(&none);
    SHOW(clock_nanosleep(99, 0, &moment, NULL));
    SHOW(clock_nanosleep(-1, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_TAI, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_BOOTTIME, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_REALTIME_ALARM, 0, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &negative, NULL));
    SHOW(clock_nanosleep(99, 0, &negative, NULL));
    SHOW(clock_nanosleep(99, TIMER_ABSTIME, &moment, NULL));
    SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &negative, NULL));
    SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL));
    SHOW(syscall(SYS_clock_nanosleep, 99, 0, &moment, NULL));
    SHOW(nanosleep(&negative, NULL));
    SHOW(nanosleep(&too_many, NULL));
    SHOW(ppoll(NULL, 0, &negative, NULL));
    SHOW(pselect(0, NULL, NULL, NULL, &too_many, NULL));
    SHOW(select(0, &none, NULL, NULL, &past));
    SHOW(select(-1, &none, NULL, NULL, NULL));
    SHOW(epoll_wait(0, NULL, 1, 0));
    SHOW(syscall(SYS_ppoll, NULL, 0, &moment, &none, 7));
    SHOW(timerfd_create(99, 0));
    SHOW(sigtimedwait((sigset_t *)&none, NULL, &negative));
}

int main(void)
{
    if (mkstemp(link_to_it) < 0 || unlink(link_to_it) != 0 || symlink("/proc/self/exe", link_to_it) != 0)
        return 2;
    show_links();
    show_paths();
    show_transfers();
    show_waits();
    return unlink(link_to_it);
}
