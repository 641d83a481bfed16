// SPDX-License-Identifier: Apache-2.0
// device_calls32 PATH BASE    what the first forms of calls of 32-bit programs say of a device; then waits for an hour
//                             by three of them, which is simulated time.
#define _FILE_OFFSET_BITS 64
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "device.h"

#ifdef __i386__

enum { OLD_STAT = 18, STAT = 106, STATFS = 99, SETITIMER = 104, FUTEX = 240, TIMERFD_SETTIME = 325, HOUR = 3600 };

static void say(const char *what, long result)
{
    printf("%s: %s\n", what, result == -1 ? strerror(errno) : "well");
}

static void look(const char *path)
{
    uint32_t status[16];
    uint16_t oldest[16] = {0, 0, S_IFCHR};
    if (syscall(OLD_STAT, path, oldest) == -1 && errno != EOVERFLOW)
        say("oldstat", -1);
    say("stat", syscall(STAT, path, status));
    printf("types %o %o\n", oldest[2] & S_IFMT, status[2] & S_IFMT);
    say("statfs", syscall(STATFS, path, status));
}

static void submit(const char *path)
{
    aio_context_t queue = 0;
    struct iocb request = {.aio_fildes = (uint32_t)open(path, O_RDWR), .aio_lio_opcode = IOCB_CMD_PREAD};
    struct iocb *requests[] = {&request};
    uint32_t narrow = 0;
    say("io_setup", syscall(SYS_io_setup, 1, &narrow));
    queue = narrow;
    say("io_submit", syscall(SYS_io_submit, (long)queue, 1, requests));
}

static void ring(int number)
{
    (void)number;
}

static void wait_for_hours(void)
{
    int word = 0, timer = (int)syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    uint64_t expired;
    sigset_t alarms, before;
    say("futex", syscall(FUTEX, &word, FUTEX_WAIT, 0, (int32_t[2]){HOUR, 0}));
    signal(SIGALRM, ring);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarms, &before);
    say("setitimer", syscall(SETITIMER, ITIMER_REAL, (int32_t[4]){0, 0, HOUR, 0}, NULL));
    say("sigsuspend", sigsuspend(&before));
    say("timerfd_settime", syscall(TIMERFD_SETTIME, timer, 0, (int32_t[4]){0, 0, HOUR, 0}, NULL));
    say("read", read(timer, &expired, sizeof expired));
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    look(argv[1]);
    submit(argv[1]);
    wait_for_hours();
    device_read32(device, 0);
    return 0;
}

#else

int main(void)
{
    return 2;
}

#endif
