// SPDX-License-Identifier: Apache-2.0
// pointed_calls32 FILE [PATH BASE]    what calls of 32-bit programs (i386) say that point at memory, and which of its
//                                     bytes they write, of every form that they have had. With PATH and BASE that
//                                     memory is a window of the device. The lines are the same.
#define _FILE_OFFSET_BITS 64
#include <linux/futex.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

#ifdef __i386__

// Places in memory, each with what it holds when a call begins; else it is all of one byte.
enum { SLOTS = 4, SLOT = 512 };
static uint8_t *memory;
static struct input {
    uint8_t bytes[SLOT];
    size_t count;
} inputs[SLOTS];
static int file, pipe_ends[2], free_descriptor;

static long at(int slot)
{
    return (long)(memory + slot * SLOT);
}

static void put(int slot, const void *bytes, size_t count)
{
    memcpy(inputs[slot].bytes, bytes, count);
    inputs[slot].count = count;
}

#define PUT(slot, type, ...) put(slot, &(type)__VA_ARGS__, sizeof(type))
#define WORDS(slot, ...) put(slot, (uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}))
#define TEXT(slot, text) put(slot, text, sizeof(text))

static void copy(void *to, const void *from, size_t bytes)
{
    size_t words = bytes / 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words)::"memory");
}

static void nothing(void) {}

// The call on memory that is all of one byte but for what was put there.
static long make(void (*before)(void), uint8_t rest, long number, const long a[6], uint8_t seen[SLOTS * SLOT])
{
    memset(seen, rest, SLOTS * SLOT);
    for (int i = 0; i < SLOTS; i++)
        memcpy(seen + i * SLOT, inputs[i].bytes, inputs[i].count);
    copy(memory, seen, SLOTS * SLOT);
    before();
    errno = 0;
    long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    int error = errno;
    copy(seen, memory, SLOTS * SLOT);
    for (int i = 0; i < 8; i++)
        close(free_descriptor + i);
    errno = error;
    return result;
}

// From the first byte that was written to the last: twice, since what is written may be what was there.
static void say_written(int slot, const uint8_t *first, const uint8_t *second)
{
    int from = -1, to = -1;
    for (int i = 0; i < SLOT; i++) {
        bool is_input = i < (int)inputs[slot].count;
        uint8_t was = inputs[slot].bytes[i];
        if (is_input ? first[i] == was && second[i] == was : first[i] == 0x5a && second[i] == 0xa5)
            continue;
        from = from < 0 ? i : from;
        to = i;
    }
    if (from >= 0)
        printf(", %d: %d to %d", slot, from, to);
}

static void attempt(const char *name, void (*before)(void), long number, const long a[6])
{
    static uint8_t first[SLOTS * SLOT], second[SLOTS * SLOT];
    long result = make(before, 0x5a, number, a, first);
    make(before, 0xa5, number, a, second);
    printf("%s: %s", name, result == -1 ? strerror(errno) : "well");
    for (int i = 0; i < SLOTS; i++)
        say_written(i, first + i * SLOT, second + i * SLOT);
    printf("\n");
    memset(inputs, 0, sizeof inputs);
}

#define TRY_AFTER(before, number, ...) attempt(#number, before, number, (const long[6]){__VA_ARGS__})
#define TRY(number, ...) attempt(#number, nothing, number, (const long[6]){__VA_ARGS__})

// What libc's headers have no name for, or one of another form.
enum {
    OLD_STAT = 18,
    STAT = 106,
    LSTAT = 107,
    FSTAT = 108,
    OLD_FSTAT = 28,
    OLD_SELECT = 82,
    STATFS = 99,
    STATFS64 = 268,
    FSTATFS64 = 269,
    FUTEX = 240,
    FUTEX64 = 422,
    SETITIMER = 104,
    GETITIMER = 105,
    TIMERFD_SETTIME = 325,
    TIMERFD_SETTIME64 = 411,
    TIMERFD_GETTIME = 326,
    TIMERFD_GETTIME64 = 410,
    OLD_SIGPENDING = 73,
    FUTIMESAT = 299,
    UTIMES = 271,
    UTIME = 30,
    UTIMENSAT = 320,
    UTIMENSAT64 = 412,
    NANOSLEEP = 162,
    CLOCK_NANOSLEEP = 267,
    CLOCK_NANOSLEEP64 = 407,
    CLOCK_GETTIME = 265,
    CLOCK_GETTIME64 = 403,
    CLOCK_GETRES = 266,
    CLOCK_GETRES64 = 406,
    CLOCK_SETTIME = 264,
    CLOCK_SETTIME64 = 404,
    CLOCK_ADJTIME = 343,
    CLOCK_ADJTIME64 = 405,
    GETTIMEOFDAY = 78,
    SETTIMEOFDAY = 79,
    PPOLL = 309,
    PPOLL64 = 414,
    PSELECT = 308,
    PSELECT64 = 413,
    SIGTIMEDWAIT = 177,
    SIGTIMEDWAIT64 = 421,
    SOCKETCALL = 102,
    IPC = 117,
    OLD_MMAP = 90,
    SIGACTION = 67,
    SIGPROCMASK = 126,
    WAITPID = 7,
    OLD_OLD_UNAME = 59,
    OLD_UNAME = 109,
    GETRLIMIT = 76,
    UGETRLIMIT = 191,
    TIMER_SETTIME = 260,
    TIMER_SETTIME64 = 409,
    TIMER_GETTIME = 261,
    TIMER_GETTIME64 = 408,
    RR_INTERVAL = 161,
    RR_INTERVAL64 = 423,
    RECVMMSG = 337,
    RECVMMSG64 = 417,
    FSTATAT64 = 300,
    GETRESUID16 = 165,
    GETGROUPS16 = 80,
    SEMTIMEDOP64 = 420,
};

static void paths(void)
{
    TEXT(0, "/proc/self/status");
    TRY(OLD_STAT, at(0), at(1));
    TEXT(0, "/proc/self/status");
    TRY(STAT, at(0), at(1));
    TEXT(0, "/proc/self/status");
    TRY(LSTAT, at(0), at(1));
    TEXT(0, "/proc/self/status");
    TRY(SYS_stat64, at(0), at(1));
    TRY(FSTAT, file, at(1));
    TRY(OLD_FSTAT, file, at(1));
    TRY(SYS_fstat64, file, at(1));
    TEXT(0, "/proc");
    TRY(FSTATAT64, AT_FDCWD, at(0), at(1), 0);
    TEXT(0, "/proc");
    TRY(SYS_statx, AT_FDCWD, at(0), 0, 0xfff, at(1));
    TEXT(0, "/proc");
    TRY(STATFS, at(0), at(1));
    TEXT(0, "/proc");
    TRY(STATFS64, at(0), 84, at(1));
    TRY(FSTATFS64, file, 84, at(1));
    TEXT(0, "/proc/self/exe");
    TRY(SYS_readlink, at(0), at(1), 100);
    TEXT(0, "/nowhere/a");
    TEXT(1, "/nowhere/b");
    TRY(SYS_rename, at(0), at(1));
    TEXT(0, "/dev/null");
    WORDS(1, O_RDWR, 0, 0, 0, 0, 0);
    TRY(SYS_openat2, AT_FDCWD, at(0), at(1), 24);
    TEXT(0, "/proc/self/exe");
    TEXT(1, "user.none");
    TRY(SYS_getxattr, at(0), at(1), at(2), 100);
    TRY(SYS_getcwd, at(0), 300);
}

static void times_of_files(const char *path)
{
    static const uint32_t times[] = {1000, 5, 2000, 7}, wide_times[] = {1000, 0, 5, 0, 2000, 0, 7, 0};
    put(0, times, 8);
    TRY(UTIME, (long)path, at(0));
    put(0, times, sizeof times);
    TRY(UTIMES, (long)path, at(0));
    put(0, times, sizeof times);
    TRY(FUTIMESAT, AT_FDCWD, (long)path, at(0));
    put(0, times, sizeof times);
    TRY(UTIMENSAT, AT_FDCWD, (long)path, at(0), 0);
    put(0, wide_times, sizeof wide_times);
    TRY(UTIMENSAT64, AT_FDCWD, (long)path, at(0), 0);
}

static void fill_pipe(void)
{
    write(pipe_ends[1], "hello", 5);
}

static void descriptors(void)
{
    TRY(SYS__llseek, file, 0, 3, at(0), SEEK_SET);
    TRY_AFTER(fill_pipe, SYS_read, pipe_ends[0], at(0), 100);
    TEXT(0, "hello");
    TRY(SYS_pwrite64, file, at(0), 6, 0, 0);
    TRY(SYS_pread64, file, at(0), 100, 0, 0);
    WORDS(0, (uint32_t)at(1), 3, (uint32_t)at(2), 100);
    TRY_AFTER(fill_pipe, SYS_readv, pipe_ends[0], at(0), 2);
    WORDS(0, 2);
    TRY(SYS_sendfile, pipe_ends[1], file, at(0), 1);
    WORDS(0, 2, 0);
    TRY(SYS_sendfile64, pipe_ends[1], file, at(0), 1);
    WORDS(0, 1, 0);
    TRY(SYS_splice, file, at(0), pipe_ends[1], 0, 1, 0);
    TRY(SYS_pipe, at(0));
    TRY(SYS_pipe2, at(0), O_CLOEXEC);
    TRY(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, at(0));
}

static void waits(void)
{
    int epoll = epoll_create1(0);
    free_descriptor = epoll + 1;
    const struct pollfd item = {pipe_ends[1], POLLOUT, 0x1234};
    put(0, &item, sizeof item);
    TRY(SYS_poll, at(0), 1, 0);
    put(0, &item, sizeof item);
    WORDS(1, 0, 0);
    WORDS(2, 0, 0);
    TRY(PPOLL, at(0), 1, at(1), at(2), 8);
    put(0, &item, sizeof item);
    WORDS(1, 0, 0, 0, 0);
    WORDS(2, 0, 0);
    TRY(PPOLL64, at(0), 1, at(1), at(2), 8);
    WORDS(0, 1u << pipe_ends[1], 0);
    WORDS(1, 5, 0); // what is left differs in the same bytes, however long the call takes
    TRY(SYS__newselect, pipe_ends[1] + 1, 0, at(0), 0, at(1));
    WORDS(0, (uint32_t)pipe_ends[1] + 1, 0, (uint32_t)at(1), 0, (uint32_t)at(2));
    WORDS(1, 1u << pipe_ends[1]);
    WORDS(2, 5, 0);
    TRY(OLD_SELECT, at(0));
    WORDS(0, 1u << pipe_ends[1]);
    WORDS(1, 0, 0);
    WORDS(2, (uint32_t)at(3), 8);
    WORDS(3, 0, 0);
    TRY(PSELECT, pipe_ends[1] + 1, 0, at(0), 0, at(1), at(2));
    WORDS(0, 1u << pipe_ends[1]);
    WORDS(1, 0, 0, 0, 0);
    WORDS(2, (uint32_t)at(3), 8);
    WORDS(3, 0, 0);
    TRY(PSELECT64, pipe_ends[1] + 1, 0, at(0), 0, at(1), at(2));
    WORDS(0, EPOLLOUT, 0x12345678, 0x9abcdef0);
    TRY(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, pipe_ends[1], at(0));
    epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_ends[1], &(struct epoll_event){.events = EPOLLOUT});
    TRY(SYS_epoll_wait, epoll, at(0), 5, 0);
    WORDS(1, 0, 0);
    TRY(SYS_epoll_pwait, epoll, at(0), 5, 0, at(1), 8);
    WORDS(1, 0, 0, 1000, 0);
    TRY(SYS_epoll_pwait2, epoll, at(0), 5, at(1), 0, 8);
}

static void name_socket(int slot)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    sprintf(name.sun_path + 1, "%010d", getpid());
    put(slot, &name, 13);
}

static void sockets(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), ends[2], inet = socket(AF_INET, SOCK_DGRAM, 0);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    free_descriptor = ends[1] + 1;
    name_socket(0);
    TRY(SYS_bind, listener, at(0), 13);
    WORDS(1, 4);
    TRY(SYS_getsockname, listener, at(0), at(1));
    WORDS(0, (uint32_t)listener, (uint32_t)at(1), (uint32_t)at(2));
    WORDS(2, 100);
    TRY(SOCKETCALL, 6, at(0));
    WORDS(1, 4);
    TRY(SYS_getsockopt, listener, SOL_SOCKET, SO_TYPE, at(0), at(1));
    WORDS(0, 3);
    TRY(SYS_setsockopt, listener, SOL_SOCKET, SO_PEEK_OFF, at(0), 4);
    WORDS(0, (uint32_t)ends[0], (uint32_t)at(1), 5, 0);
    TEXT(1, "hello");
    TRY(SOCKETCALL, 9, at(0));
    TRY(SYS_recvfrom, ends[1], at(0), 100, 0, 0, 0);
    WORDS(0, (uint32_t)ends[1], (uint32_t)at(1), 100, MSG_DONTWAIT, (uint32_t)at(2), (uint32_t)at(3));
    WORDS(3, 100);
    TRY(SOCKETCALL, 12, at(0));
    struct ifreq request = {.ifr_name = "lo"};
    put(0, &request, sizeof request);
    TRY(SYS_ioctl, inet, SIOCGIFFLAGS, at(0));
    TRY_AFTER(fill_pipe, SYS_ioctl, pipe_ends[0], FIONREAD, at(0));
}

static void send_signal(void)
{
    raise(SIGUSR1);
}

static void signal_sets(void)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    sigprocmask(SIG_BLOCK, &one, NULL);
    WORDS(0, (uint32_t)SIG_IGN, 0, 0, 0, 0);
    TRY(SYS_rt_sigaction, SIGUSR2, at(0), at(1), 8);
    WORDS(0, (uint32_t)SIG_IGN, 0, 0, 0);
    TRY(SIGACTION, SIGUSR2, at(0), at(1));
    WORDS(0, 1u << (SIGUSR2 - 1), 0);
    TRY(SYS_rt_sigprocmask, SIG_BLOCK, at(0), at(1), 8);
    WORDS(0, 1u << (SIGUSR2 - 1));
    TRY(SIGPROCMASK, SIG_BLOCK, at(0), at(1));
    TRY_AFTER(send_signal, SYS_rt_sigpending, at(0), 8);
    TRY(OLD_SIGPENDING, at(0));
    put(0, &one, 8);
    WORDS(2, 0, 1000);
    TRY_AFTER(send_signal, SIGTIMEDWAIT, at(0), at(1), at(2), 8);
    put(0, &one, 8);
    WORDS(2, 0, 0, 1000, 0);
    TRY(SIGTIMEDWAIT64, at(0), at(1), at(2), 8);
    put(0, &one, 8);
    TRY(SYS_signalfd4, -1, at(0), 8, 0);
}

static void clocks(void)
{
    const uint32_t moment[] = {0, 1000}, wide_moment[] = {0, 0, 1000, 0}, never[] = {0, 2000000000, 0, 0};
    put(0, moment, sizeof moment);
    TRY(NANOSLEEP, at(0), at(1));
    put(0, moment, sizeof moment);
    TRY(CLOCK_NANOSLEEP, CLOCK_MONOTONIC, 0, at(0), at(1));
    put(0, wide_moment, sizeof wide_moment);
    TRY(CLOCK_NANOSLEEP64, CLOCK_MONOTONIC, 0, at(0), at(1));
    TRY(CLOCK_GETTIME, CLOCK_PROCESS_CPUTIME_ID, at(0));
    TRY(CLOCK_GETTIME64, CLOCK_PROCESS_CPUTIME_ID, at(0));
    TRY(CLOCK_GETRES, CLOCK_MONOTONIC, at(0));
    TRY(CLOCK_GETRES64, CLOCK_MONOTONIC, at(0));
    put(0, never, 8);
    TRY(CLOCK_SETTIME, CLOCK_REALTIME, at(0));
    WORDS(0, 0, 0, 2000000000, 0);
    TRY(CLOCK_SETTIME64, CLOCK_REALTIME, at(0));
    put(0, never, 8);
    TRY(SETTIMEOFDAY, at(0), 0);
    WORDS(0, 0);
    TRY(SYS_adjtimex, at(0));
    WORDS(0, 0);
    TRY(CLOCK_ADJTIME, CLOCK_REALTIME, at(0));
    WORDS(0, 0, 0);
    TRY(CLOCK_ADJTIME64, CLOCK_REALTIME, at(0));
    TRY(GETTIMEOFDAY, at(0), at(1));
    TRY(SYS_time, at(0));
    TRY(SYS_times, at(0));
    TRY(RR_INTERVAL, 0, at(0));
    TRY(RR_INTERVAL64, 0, at(0));
    static uint32_t word;
    put(0, moment, sizeof moment);
    TRY(FUTEX, (long)&word, FUTEX_WAIT, 0, at(0));
    put(0, wide_moment, sizeof wide_moment);
    TRY(FUTEX64, (long)&word, FUTEX_WAIT, 0, at(0));
}

static void timers(void)
{
    const uint32_t due[] = {0, 0, 1000, 0}, wide_due[] = {0, 0, 0, 0, 1000, 0, 0, 0};
    int descriptor = (int)syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0), timer = 0;
    free_descriptor = descriptor + 1;
    put(0, due, sizeof due);
    TRY(SETITIMER, ITIMER_PROF, at(0), at(1));
    TRY(GETITIMER, ITIMER_PROF, at(1));
    put(0, due, sizeof due);
    TRY(TIMERFD_SETTIME, descriptor, 0, at(0), at(1));
    put(0, wide_due, sizeof wide_due);
    TRY(TIMERFD_SETTIME64, descriptor, 0, at(0), at(1));
    TRY(TIMERFD_GETTIME, descriptor, at(1));
    TRY(TIMERFD_GETTIME64, descriptor, at(1));
    WORDS(0, 0, SIGUSR1, SIGEV_NONE);
    TRY(SYS_timer_create, CLOCK_MONOTONIC, at(0), at(1));
    syscall(SYS_timer_create, CLOCK_MONOTONIC, (uint32_t[16]){0, SIGUSR1, SIGEV_NONE}, &timer);
    put(0, due, sizeof due);
    TRY(TIMER_SETTIME, timer, 0, at(0), at(1));
    put(0, wide_due, sizeof wide_due);
    TRY(TIMER_SETTIME64, timer, 0, at(0), at(1));
    TRY(TIMER_GETTIME, timer, at(0));
    TRY(TIMER_GETTIME64, timer, at(0));
}

static void bear(void)
{
    if (fork() == 0)
        _exit(3);
}

static void processes(void)
{
    TRY_AFTER(bear, WAITPID, -1, at(0), 0);
    TRY_AFTER(bear, SYS_wait4, -1, at(0), 0, at(1));
    TRY_AFTER(bear, SYS_waitid, P_ALL, 0, at(0), WEXITED, at(1));
    TRY(SYS_getrusage, 0, at(0));
    TRY(GETRLIMIT, 7, at(0));
    TRY(UGETRLIMIT, 7, at(0));
    TRY(SYS_prlimit64, 0, 7, 0, at(0));
    TRY(SYS_sched_getaffinity, 0, 128, at(0));
    TRY(SYS_getcpu, at(0), at(1), 0);
    TRY(GETRESUID16, at(0), at(1), at(2));
    TRY(SYS_getresuid32, at(0), at(1), at(2));
    TRY(GETGROUPS16, 100, at(0));
    TRY(SYS_getgroups32, 100, at(0));
    TRY(OLD_OLD_UNAME, at(0));
    TRY(OLD_UNAME, at(0));
    TRY(SYS_uname, at(0));
    TRY(SYS_sysinfo, at(0));
    TRY(SYS_getrandom, at(0), 20, 0);
    TRY(SYS_prctl, PR_GET_NAME, at(0));
    WORDS(0, (uint32_t)-1, 0, 0xfffff, 0x51);
    TRY(SYS_set_thread_area, at(0));
    WORDS(0, 0x20080522, 0);
    TRY(SYS_capget, at(0), at(1));
    WORDS(0, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, (uint32_t)-1, 0);
    TRY(OLD_MMAP, at(0));
}

static void locks_and_semaphores(void)
{
    int semaphores = (int)syscall(SYS_semget, 0, 1, 0600);
    const uint16_t up[] = {0, 1, 0};
    PUT(0, struct flock64, {.l_type = F_WRLCK});
    TRY(SYS_fcntl64, file, 12, at(0));
    WORDS(0, F_WRLCK, 0, 0, 0);
    TRY(SYS_fcntl, file, 5, at(0));
    put(0, up, sizeof up);
    TRY(IPC, 1, semaphores, 1, 0, at(0), 0);
    put(0, up, sizeof up);
    WORDS(1, 0, 1000);
    TRY(IPC, 4, semaphores, 1, 0, at(0), at(1));
    put(0, up, sizeof up);
    WORDS(1, 0, 0, 1000, 0);
    TRY(SEMTIMEDOP64, semaphores, at(0), 1, at(1));
    WORDS(0, 7);
    TRY(IPC, 3, semaphores, 0, 0x110, at(0), 0);
    syscall(SYS_semctl, semaphores, 0, 0, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    memory = argc == 4 ? (uint8_t *)(uintptr_t)device_map(argv[2], number(argv[3]), 4096)
                       : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (write(file, "contents", 8) != 8 || pipe(pipe_ends) != 0)
        return 1;
    free_descriptor = pipe_ends[1] + 1;
    paths();
    times_of_files(argv[1]);
    descriptors();
    waits();
    sockets();
    signal_sets();
    clocks();
    timers();
    processes();
    locks_and_semaphores();
    return 0;
}

#else

int main(void)
{
    return 2;
}

#endif
