// SPDX-License-Identifier: Apache-2.0
// calls32 FILE [PATH BASE]    what calls of 32-bit programs give, which hand narrower things to the kernel than those
// of
//                             64-bit ones; on FILE, which is made. With PATH and BASE a device is mapped first, and
//                             read last. The lines are the same.
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

// Numbers that 32-bit programs have, by which libc's headers of 64-bit time no longer go.
enum { CLOCK_GETTIME32 = 265, CLOCK_GETTIME64 = 403, NANOSLEEP32 = 162, OLD_SIGACTION = 67, OLD_SIGPROCMASK = 126 };

#define SAY(call) say(#call, (errno = 0, (call)))

static void say(const char *call, long long result)
{
    printf("%s: %lld, %s\n", call, result, result == -1 ? strerror(errno) : "well");
}

static int file;

static void move(void)
{
    char first[4] = "abc", second[5] = "defg", bytes[16] = "";
    struct iovec out[2] = {{first, 3}, {second, 4}}, in[2] = {{bytes, 2}, {bytes + 8, 3}};
    SAY(writev(file, out, 2));
    SAY(pwrite(file, "beyond", 6, 5ll << 32));
    SAY(pread(file, bytes, 6, 5ll << 32));
    SAY(lseek(file, -3, SEEK_END));
    SAY(lseek(file, 6ll << 32, SEEK_SET));
    SAY(lseek(file, 0, SEEK_SET));
    SAY(readv(file, in, 2));
    printf("read: %.2s %.3s\n", bytes, bytes + 8);
    SAY(ftruncate(file, 7ll << 32));
    SAY(preadv(file, in, 2, 7ll << 32));
    SAY(syscall(SYS_readv, file, 16, 2));
}

static void look(const char *path)
{
    struct stat status;
    SAY(fstat(file, &status));
    printf("size %lld, mode %o, links %d\n", (long long)status.st_size, status.st_mode, (int)status.st_nlink);
    SAY(stat(path, &status));
    SAY(lstat("/nowhere", &status));
    SAY(chown(path, -1, -1));
    const struct timespec times[2] = {{1000, 5}, {2000, 7}};
    SAY(utimensat(AT_FDCWD, path, times, 0));
    stat(path, &status);
    printf("times %ld.%ld %ld.%ld\n", (long)status.st_atim.tv_sec, status.st_atim.tv_nsec, (long)status.st_mtim.tv_sec,
           status.st_mtim.tv_nsec);
}

static void lock(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5ll << 32, .l_len = 6};
    SAY(fcntl(file, F_SETLK, &lock));
    if (fork() == 0) {
        SAY(fcntl(file, F_GETLK, &lock));
        printf("lock of %s: %d, %llx + %lld\n", lock.l_pid == getppid() ? "the parent" : "another", lock.l_type,
               (long long)lock.l_start, (long long)lock.l_len);
        exit(0);
    }
    wait(NULL);
}

static void map(void)
{
    char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    printf("mapped: %.7s\n", bytes);
    char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory[5] = 9;
    memory = mremap(memory, 4096, 64 << 20, MREMAP_MAYMOVE);
    printf("moved: %d\n", memory != MAP_FAILED && memory[5] == 9);
    SAY(mprotect(memory, 4096, PROT_READ));
    SAY(munmap(memory, 64 << 20));
}

static int32_t now32[2];
static int64_t now64[2];

static void pass_time(void)
{
    int ends[2];
    struct timespec little = {0, 1000};
    struct timeval none = {0, 0};
    fd_set set;
    SAY(pipe(ends));
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    SAY(syscall(CLOCK_GETTIME32, CLOCK_REALTIME, now32));
    SAY(syscall(CLOCK_GETTIME64, CLOCK_REALTIME, now64));
    printf("clocks agree: %d\n", now64[0] - now32[0] < 2);
    SAY(syscall(NANOSLEEP32, (int32_t[2]){0, 1000}, NULL));
    SAY(syscall(NANOSLEEP32, (int32_t[2]){0, -1}, NULL));
    SAY(nanosleep(&little, NULL));
    SAY(select(ends[0] + 1, &set, NULL, NULL, &none));
    SAY(pselect(ends[0] + 1, &set, NULL, NULL, &little, &(sigset_t){0}));
    struct pollfd poll_end = {.fd = ends[1], .events = POLLOUT};
    SAY(ppoll(&poll_end, 1, &little, NULL));
    SAY(ioctl(ends[0], FIONREAD, &(int){0}));
}

static volatile sig_atomic_t seen, value;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    seen = number;
    value = info->si_value.sival_int;
}

static void on_old_signal(int number)
{
    seen = -number;
}

static void signals(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO}, before;
    uint32_t old[4] = {(uint32_t)(uintptr_t)on_old_signal, 0, 0, 0}, old_before[4], mask = 1u << (SIGUSR1 - 1), had;
    sigset_t wanted;
    siginfo_t info = {0};
    SAY(sigaction(SIGUSR1, &action, NULL));
    SAY(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77}));
    printf("seen %d, value %d\n", seen == SIGUSR1, value);
    SAY(syscall(OLD_SIGACTION, SIGUSR1, old, old_before));
    printf("before %d\n", old_before[0] == (uint32_t)(uintptr_t)on_signal);
    SAY(raise(SIGUSR1));
    printf("seen %d\n", seen == -SIGUSR1);
    SAY(sigaction(SIGUSR1, NULL, &before));
    printf("now %d, flags %x\n", before.sa_handler == on_old_signal, (unsigned)before.sa_flags);
    SAY(syscall(OLD_SIGPROCMASK, SIG_BLOCK, &mask, &had));
    SAY(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 78}));
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    SAY(sigtimedwait(&wanted, &info, &(struct timespec){0}));
    printf("waited for %d, value %d\n", info.si_signo == SIGUSR1, info.si_value.sival_int);
    SAY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, (void *)16, NULL, 8));
}

enum { STACK = 64 * 1024, MUNMAP = 91, EXIT = 1 };
static int left;

// As musl's threads end.
static int unmap_own_stack(void *stack)
{
    __asm__ volatile("int $0x80\n\txor %%ebx, %%ebx\n\tmov %2, %%eax\n\tint $0x80"
                     :
                     : "a"(MUNMAP), "b"(stack), "i"(EXIT), "c"(STACK)
                     : "memory");
    return 0;
}

static void threads(void)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                      CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    clone(unmap_own_stack, stack + STACK, flags, stack, &left, NULL, &left);
    while (__atomic_load_n(&left, __ATOMIC_SEQ_CST) != 0)
        sched_yield();
    printf("unmapped: %d\n", msync(stack, STACK, MS_ASYNC) == -1 && errno == ENOMEM);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    volatile uint8_t *device = argc == 4 ? device_map(argv[2], number(argv[3]), 4096) : NULL;
    file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0644);
    move();
    look(argv[1]);
    lock();
    map();
    pass_time();
    signals();
    threads();
    if (device != NULL)
        device_read32(device, 0);
    return 0;
}
