// SPDX-License-Identifier: Apache-2.0
// more_calls32 FILE [PATH BASE]    as calls32, of which this is the rest: the first forms of calls that have had
//                                  several, messages of sockets, and timers. With PATH and BASE a device is mapped
//                                  first, and read last. The lines are the same.
#define _FILE_OFFSET_BITS 64
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "device.h"

#ifdef __i386__

// What libc's headers have no name for, or one of another form.
enum { STAT = 106, LSTAT = 107, FSTAT = 108, OLD_SELECT = 82, STATFS = 99, STATFS64 = 268, FSTATFS64 = 269 };
enum { SOCKETCALL = 102, SEND = 9, RECEIVE = 10, SENDMSG = 16, RECVMSG = 17, RECVMMSG = 19, SENDMMSG = 20 };
enum { FUTEX = 240, FUTEX64 = 422, SETITIMER = 104, GETITIMER = 105, TIMERFD_SETTIME = 325, TIMERFD_GETTIME = 326 };
enum { OLD_SIGPENDING = 73, SYNC_FILE_RANGE = 314, FUTIMESAT = 299 };

#define SAY(call) say(#call, (errno = 0, (call)))

static void say(const char *call, long long result)
{
    printf("%s: %lld, %s\n", call, result, result == -1 ? strerror(errno) : "well");
}

static void say_type(const char *form, const uint16_t mode)
{
    printf("%s: %o\n", form, mode & S_IFMT);
}

static void look(const char *path, int file)
{
    // Of the form in between: st_dev, st_ino, st_mode, st_nlink and so on; st_size is the sixth.
    uint32_t status[16];
    SAY(syscall(STAT, path, status));
    say_type("stat", (uint16_t)status[2]);
    printf("size %u, links %u\n", status[5], status[2] >> 16);
    SAY(syscall(LSTAT, path, status));
    SAY(syscall(FSTAT, file, status));
    say_type("fstat", (uint16_t)status[2]);
    SAY(syscall(STAT, path, (void *)16));
    SAY(syscall(STAT, "/nowhere", status));
    uint32_t system[32];
    SAY(syscall(STATFS64, path, 84, system));
    printf("kind %x, names of %u\n", system[0], system[14]);
    SAY(syscall(STATFS64, path, 80, system));
    SAY(syscall(FSTATFS64, file, 84, system));
    SAY(syscall(STATFS64, "/nowhere", 84, system));
    SAY(syscall(STATFS, "/proc", system));
    printf("kind %x, names of %u\n", system[0], system[9]);
    SAY(syscall(FUTIMESAT, AT_FDCWD, path, (int32_t[4]){1000, 5, 2000, 7}));
    syscall(STAT, path, status);
    printf("times %u.%u %u.%u\n", status[8], status[9], status[10], status[11]);
    SAY(syscall(SYNC_FILE_RANGE, file, 0, 1, 4096, 0, 0));
}

// A message of two buffers, with the descriptor of a file and the sender's credentials.
static void messages(int file)
{
    int ends[2], on = 1;
    char first[3] = "", second[5] = "", control[64] = "";
    struct iovec out[2] = {{"abc", 3}, {"defg", 4}}, in[2] = {{first, 3}, {second, 4}};
    struct msghdr message = {.msg_iov = out, .msg_iovlen = 2, .msg_control = control};
    SAY(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    SAY(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    SAY(setsockopt(ends[1], SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on));
    message.msg_controllen = CMSG_SPACE(sizeof file);
    *CMSG_FIRSTHDR(&message) = (struct cmsghdr){CMSG_LEN(sizeof file), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &file, sizeof file);
    SAY(sendmsg(ends[0], &message, 0));
    SAY(sendmsg(ends[0], &message, 0));
    message.msg_iov = in;
    message.msg_controllen = sizeof control;
    SAY(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC));
    printf("got %.3s %.4s, flags %x, control of %d\n", first, second, message.msg_flags & ~MSG_CMSG_CLOEXEC,
           (int)message.msg_controllen);
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item != NULL; item = CMSG_NXTHDR(&message, item)) {
        printf("item %d of %d\n", item->cmsg_type, (int)item->cmsg_len);
        if (item->cmsg_type == SCM_RIGHTS)
            SAY(lseek(*(int *)CMSG_DATA(item), 0, SEEK_CUR));
    }
    message.msg_controllen = 30;
    SAY(recvmsg(ends[1], &message, 0));
    printf("flags %x, control of %d\n", message.msg_flags, (int)message.msg_controllen);
    SAY(recvmsg(ends[1], &message, MSG_DONTWAIT));
    message.msg_iovlen = 5000;
    SAY(sendmsg(ends[0], &message, 0));
}

// The same calls by the one that stands for them all.
static void socketcalls(void)
{
    int ends[2];
    char bytes[4] = "";
    struct iovec out = {"xyz", 3}, in = {bytes, 3};
    struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = &out, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = &out, .msg_iovlen = 1}}};
    struct msghdr message = {.msg_iov = &out, .msg_iovlen = 1};
    SAY(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    SAY(syscall(SOCKETCALL, SEND, (long[]){ends[0], (long)"abc", 3, 0}));
    SAY(syscall(SOCKETCALL, RECEIVE, (long[]){ends[1], (long)bytes, 3, 0}));
    SAY(syscall(SOCKETCALL, SENDMSG, (long[]){ends[0], (long)&message, 0}));
    message.msg_iov = &in;
    SAY(syscall(SOCKETCALL, RECVMSG, (long[]){ends[1], (long)&message, 0}));
    SAY(syscall(SOCKETCALL, SENDMMSG, (long[]){ends[0], (long)many, 2, 0}));
    many[0].msg_hdr.msg_iov = many[1].msg_hdr.msg_iov = &in;
    SAY(syscall(SOCKETCALL, RECVMMSG, (long[]){ends[1], (long)many, 2, 0, (long)(int32_t[2]){5, 0}}));
    printf("%s, %u\n", bytes, many[1].msg_len);
    SAY(syscall(SOCKETCALL, RECVMMSG, (long[]){ends[1], (long)many, 2, MSG_DONTWAIT, 16}));
    SAY(syscall(SOCKETCALL, SEND, 16));
    SAY(syscall(SOCKETCALL, 77, 0));
    struct iovec here = {bytes, 3}, there = {"own", 3};
    SAY(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
    SAY(process_vm_readv(getpid(), &here, 1, (void *)16, 1, 0));
    puts(bytes);
}

static volatile sig_atomic_t rung;

static void ring(int number)
{
    rung = number;
}

static void timers(void)
{
    int ends[2], word = 0;
    uint32_t pending = 0;
    int32_t now[4] = {0};
    uint64_t expired = 0;
    fd_set set;
    SAY(pipe(ends));
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    SAY(syscall(OLD_SELECT, (long[]){ends[0] + 1, (long)&set, 0, 0, (long)(int32_t[2]){0, 10}}));
    SAY(syscall(OLD_SELECT, 16));
    uint32_t small[2] = {1u << ends[1], 0x12345678};
    SAY(syscall(SYS__newselect, ends[1] + 1, NULL, small, NULL, (int32_t[2]){0, 0}));
    SAY(syscall(SYS_pselect6, ends[1] + 1, NULL, small, NULL, (int32_t[2]){0, 0}, NULL));
    printf("set %d, then %x\n", small[0] == 1u << ends[1], small[1]);
    SAY(syscall(FUTEX, &word, FUTEX_WAIT, 0, (int32_t[2]){0, 1000}));
    SAY(syscall(FUTEX, &word, FUTEX_WAIT, 1, (int32_t[2]){0, 1000}));
    SAY(syscall(FUTEX, &word, FUTEX_WAIT, 0, 16));
    SAY(syscall(FUTEX64, &word, FUTEX_WAIT_BITSET, 0, (int64_t[2]){0, 1000}, 0, -1));
    SAY(syscall(FUTEX, &word, FUTEX_WAKE, 1));
    signal(SIGALRM, ring);
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarms, NULL);
    SAY(syscall(SETITIMER, ITIMER_REAL, (int32_t[4]){50, 0, 0, 1000}, now));
    while (pending == 0)
        syscall(OLD_SIGPENDING, &pending);
    printf("pending %x\n", pending);
    SAY(syscall(GETITIMER, ITIMER_REAL, now));
    printf("again within %d s, in %d s\n", now[2], now[0]);
    SAY(syscall(SETITIMER, ITIMER_REAL, (int32_t[4]){0}, now));
    SAY(syscall(SETITIMER, 99, (int32_t[4]){0}, now));
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    printf("rung %d\n", rung);
    int timer = (int)syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    SAY(syscall(TIMERFD_SETTIME, timer, 0, (int32_t[4]){100, 0, 0, 1000}, NULL));
    SAY(read(timer, &expired, sizeof expired));
    SAY(syscall(TIMERFD_GETTIME, timer, now));
    printf("%d time, again in %d s\n", (int)expired, now[0]);
    SAY(prctl(PR_SET_NAME, "narrow"));
    SAY(syscall(SYS_io_submit, 0, 1, 16));
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    volatile uint8_t *device = argc == 4 ? device_map(argv[2], number(argv[3]), 4096) : NULL;
    int file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0644);
    dprintf(file, "contents");
    look(argv[1], file);
    messages(file);
    socketcalls();
    timers();
    if (device != NULL)
        device_read32(device, 0);
    return 0;
}

#else

int main(void)
{
    return 2;
}

#endif
