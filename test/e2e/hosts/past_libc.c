// SPDX-License-Identifier: Apache-2.0
// past_libc WAY PATH: reaches a device by ways that ask libc for nothing by name.
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "device.h"
#include "raw.h"

enum { THREADS = 4, ROUNDS = 50, SIZE = 0x1000 };

static const char *error_of(long result)
{
    return result < 0 ? strerrorname_np((int)-result) : "none";
}

static void by_instructions(const char *path)
{
    uint32_t word = 0x11223344, back = 0;
    struct iovec piece = {&back, sizeof back};
    long fd = raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
    printf("pwrite %ld\n", raw(SYS_pwrite64, fd, (long)&word, sizeof word, 8, 0, 0));
    long got = raw(SYS_preadv, fd, (long)&piece, 1, 8, 0, 0);
    printf("preadv %ld: %x\n", got, back);
    volatile uint32_t *mapped = (void *)raw(SYS_mmap, 0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    raw(SYS_close, fd, 0, 0, 0, 0, 0);
    mapped[3] = 0x55667788;
    uint32_t first = mapped[2], second = mapped[3];
    printf("mapped %x %x\n", first, second);
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send(ends[0], "abcd", 4, 0);
    printf("into it %ld\n", raw(SYS_recvfrom, ends[1], (long)mapped, 4, 0, 0, 0));
    raw(SYS_munmap, (long)mapped, SIZE, 0, 0, 0, 0);
    void *again = mmap((void *)mapped, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    *(volatile uint32_t *)again = 1;
    printf("unmapped, %x is memory\n", *(volatile uint32_t *)again);
}

// A UIO device is never writable.
static void by_edges(const char *path)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET}, came;
    long fd = raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0), set = raw(SYS_epoll_create1, 0, 0, 0, 0, 0, 0);
    printf("added %ld, ", raw(SYS_epoll_ctl, set, EPOLL_CTL_ADD, fd, (long)&event, 0, 0));
    printf("ready %ld\n", raw(SYS_epoll_wait, set, (long)&came, 1, 0, 0, 0));
}

// Also of those that the names of libc hide: the agent's own.
static int count_descriptors(void)
{
    char room[1 << 14];
    int count = 0;
    long fd = raw(SYS_openat, AT_FDCWD, (long)"/proc/self/fd", O_RDONLY | O_DIRECTORY, 0, 0, 0);
    long length = raw(SYS_getdents64, fd, (long)room, sizeof room, 0, 0, 0);
    raw(SYS_close, fd, 0, 0, 0, 0, 0);
    for (long at = 0; at < length; at += *(unsigned short *)(room + at + offsetof(struct dirent64, d_reclen)))
        count++;
    return count;
}

// What the kernel has in a device's place is nobody's to see, and goes with the descriptor.
static void by_descriptors(const char *path)
{
    struct stat status;
    int before = count_descriptors();
    for (int i = 0; i < ROUNDS; i++)
        raw(SYS_close, raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0), 0, 0, 0, 0, 0);
    long fd = raw(SYS_openat, AT_FDCWD, (long)path, O_WRONLY, 0, 0, 0);
    raw(SYS_fstat, fd, (long)&status, 0, 0, 0, 0);
    printf("mode %lo, kind %o, removed %s, ", raw(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0) & O_ACCMODE,
           status.st_mode & S_IFMT, error_of(raw(SYS_unlink, (long)path, 0, 0, 0, 0, 0)));
    raw(SYS_close, fd, 0, 0, 0, 0, 0);
    printf("%d more descriptors\n", count_descriptors() - before);
}

// What users of foreign functions have: dlsym on a handle of libc itself.
static void by_handle(const char *path)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW);
    int (*open_it)(const char *, int, ...);
    ssize_t (*read_it)(int, void *, size_t);
    off_t (*seek)(int, off_t, int);
    void *(*map)(void *, size_t, int, int, int, off_t);
    long (*call)(long, ...);
    *(void **)&open_it = dlsym(libc, "open");
    *(void **)&read_it = dlsym(libc, "read");
    *(void **)&seek = dlsym(libc, "lseek");
    *(void **)&map = dlsym(libc, "mmap");
    *(void **)&call = dlsym(libc, "syscall");
    uint32_t back = 0;
    int fd = open_it(path, O_RDWR);
    volatile uint32_t *mapped = map(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    mapped[2] = 0xa1b2c3d4;
    seek(fd, 8, SEEK_SET);
    ssize_t got = read_it(fd, &back, sizeof back);
    printf("read %zd: %x\n", got, back);
    back = 0;
    long called = call(SYS_pread64, fd, &back, sizeof back, 8);
    printf("syscall %ld: %x\n", called, back);
}

typedef long call_function(long number, long a, long b, long c, long d, long e, long f);

static void by_code(call_function *call, const char *path)
{
    uint32_t word = 0x0badcafe, back = 0;
    long fd = call(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
    long put = call(SYS_pwrite64, fd, (long)&word, sizeof word, 8, 0, 0);
    long got = call(SYS_pread64, fd, (long)&back, sizeof back, 8, 0, 0);
    printf("%ld %ld: %x\n", put, got, back);
}

// Of the library that LIBRARY names, or of one that came with the program.
static void by_library(const char *path)
{
    call_function *call;
    const char *name = getenv("LIBRARY");
    *(void **)&call = dlsym(name != NULL ? dlopen(name, RTLD_NOW) : RTLD_DEFAULT, "raw_call");
    by_code(call, path);
}

// What a loader of the program's own has mapped. As libc's syscall().
static void by_mapped_code(const char *path)
{
    static const uint8_t code[] = {0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca, 0x4d,
                                   0x89, 0xc2, 0x4d, 0x89, 0xc8, 0x4c, 0x8b, 0x4c, 0x24, 0x08, 0x0f, 0x05, 0xc3};
    call_function *call;
    int file = memfd_create("code", 0);
    if (write(file, code, sizeof code) != sizeof code)
        return;
    *(void **)&call = mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    by_code(call, path);
}

static void by_streams(const char *path)
{
    uint32_t word = 0;
    (void)path;
    size_t items = fread(&word, sizeof word, 1, stdin);
    printf("items %zu: %x\n", items, word);
}

static void *open_often(void *path)
{
    uintptr_t wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t word = 0;
        long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0);
        wrong += raw(SYS_pread64, fd, (long)&word, sizeof word, 8, 0, 0) != sizeof word || word != 0x11223344;
        raw(SYS_close, fd, 0, 0, 0, 0, 0);
    }
    return (void *)wrong;
}

static void by_threads(const char *path)
{
    pthread_t threads[THREADS];
    uint32_t word = 0x11223344;
    uintptr_t all = 0;
    long fd = raw(SYS_open, (long)path, O_RDWR, 0, 0, 0, 0);
    raw(SYS_pwrite64, fd, (long)&word, sizeof word, 8, 0, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, open_often, (void *)path);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        all += (uintptr_t)wrong;
    }
    printf("%d reads, %zu wrong\n", THREADS * ROUNDS, (size_t)all);
}

// As the runtime of Go does before it starts a thread.
static void with_signals_blocked(const char *path)
{
    uint64_t every = ~(uint64_t)0, before = 0;
    uint32_t word = 0;
    raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&every, 0, sizeof every, 0, 0);
    raw(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)&before, sizeof before, 0, 0);
    long fd = raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
    printf("read %ld, SIGSEGV %d SIGSYS %d SIGTERM %d blocked\n",
           raw(SYS_pread64, fd, (long)&word, sizeof word, 8, 0, 0), (int)(before >> (SIGSEGV - 1) & 1),
           (int)(before >> (SIGSYS - 1) & 1), (int)(before >> (SIGTERM - 1) & 1));
}

static void in_children(const char *path)
{
    uint32_t word = 0;
    int status;
    if (fork() == 0) {
        long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0);
        printf("child %ld\n", raw(SYS_read, fd, (long)&word, sizeof word, 0, 0, 0));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0);
    printf("parent %ld after %x\n", raw(SYS_read, fd, (long)&word, sizeof word, 0, 0, 0), status);
}

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

// SIGSYS is the program's own but where a filter of ours has stopped a call.
static void with_a_handler(const char *path)
{
    struct sigaction action = {.sa_handler = catch}, back;
    sigaction(SIGSYS, &action, NULL);
    sigaction(SIGSYS, NULL, &back);
    raise(SIGSYS);
    long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0);
    errno = 7;
    printf("caught %d, handler %d, then %s, errno %d\n", (int)caught, back.sa_handler == catch,
           fd >= 0 ? "open" : "not open", errno);
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(const char *path);
    } ways[] = {{"instructions", by_instructions},
                {"handle", by_handle},
                {"streams", by_streams},
                {"threads", by_threads},
                {"descriptors", by_descriptors},
                {"blocked", with_signals_blocked},
                {"children", in_children},
                {"handler", with_a_handler},
                {"library", by_library},
                {"mapped code", by_mapped_code},
                {"edges", by_edges}};
    for (size_t i = 0; count == 3 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(arguments[1], ways[i].name) == 0) {
            ways[i].run(arguments[2]);
            return 0;
        }
    fprintf(stderr, "past_libc WAY PATH\n");
    return 2;
}
