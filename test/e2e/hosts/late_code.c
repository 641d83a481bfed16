// SPDX-License-Identifier: Apache-2.0
// late_code WAY PATH: reaches a device by system calls of code that was not there when the program began.
#include <dlfcn.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "device.h"
#include "raw.h"

enum { SIZE = 0x1000, RESERVED = 64 << 20, PIECES = 200, PLACES = 20, THREADS = 4, ROUNDS = 25 };

// As libc's syscall().
static const uint8_t code[] = {0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca, 0x4d,
                               0x89, 0xc2, 0x4d, 0x89, 0xc8, 0x4c, 0x8b, 0x4c, 0x24, 0x08, 0x0f, 0x05, 0xc3};

typedef long call_function(long number, long a, long b, long c, long d, long e, long f);

static long call_at(void *at, long number, long a, long b, long c, long d)
{
    call_function *call;
    *(void **)&call = at;
    return call(number, a, b, c, d, 0, 0);
}

// Whether it has reached the device.
static int use(void *at, const char *path)
{
    uint32_t word = 0x0badcafe, back = 0;
    long fd = call_at(at, SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0);
    long put = call_at(at, SYS_pwrite64, fd, (long)&word, sizeof word, 8);
    long got = call_at(at, SYS_pread64, fd, (long)&back, sizeof back, 8);
    call_at(at, SYS_close, fd, 0, 0, 0);
    return put == sizeof word && got == sizeof back && back == word;
}

static void tell(void *at, const char *path)
{
    printf("%s\n", use(at, path) ? "reached" : "not reached");
}

static void *reserve(size_t size)
{
    return mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// As it can be written and run all the time.
static void in_place(const char *path)
{
    void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell(memcpy(at, code, sizeof code), path);
}

// As it can be run when it is written, twice at the same place.
static void shut(const char *path)
{
    void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(at, 0xc3, SIZE);
    mprotect(at, SIZE, PROT_READ | PROT_EXEC);
    call_at(at, 0, 0, 0, 0, 0);
    mprotect(at, SIZE, PROT_READ | PROT_WRITE);
    memcpy((char *)at + SIZE - sizeof code, code, sizeof code);
    mprotect(at, SIZE, PROT_READ | PROT_EXEC);
    tell((char *)at + SIZE - sizeof code, path);
}

// Of a file in memory, which is written by one mapping and run by another.
static void by_two_views(const char *path)
{
    int file = memfd_create("code", 0);
    if (ftruncate(file, SIZE) != 0)
        return;
    void *written = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *run = mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    memcpy(written, code, sizeof code);
    tell(run, path);
}

static void by_two_views_later(const char *path)
{
    int file = memfd_create("code", 0);
    if (ftruncate(file, SIZE) != 0)
        return;
    void *written = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *run = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, file, 0);
    mprotect(run, SIZE, PROT_READ | PROT_EXEC);
    memcpy(written, code, sizeof code);
    tell(run, path);
}

// By a handle of libc, as languages with foreign functions have it.
static void by_handle(const char *path)
{
    int (*protect)(void *, size_t, int);
    *(void **)&protect = dlsym(dlopen("libc.so.6", RTLD_NOW), "mprotect");
    void *at = reserve(SIZE);
    protect(at, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
    tell(memcpy(at, code, sizeof code), path);
}

static void by_instructions(const char *path)
{
    void *at = reserve(SIZE);
    raw(SYS_pkey_mprotect, (long)at, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, -1, 0, 0);
    tell(memcpy(at, code, sizeof code), path);
}

// Piece after piece of one reserved range, as runtimes do.
static void in_pieces(const char *path)
{
    int reached = 0;
    char *at = reserve(RESERVED);
    for (int i = 0; i < PIECES; i++) {
        void *piece = at + (long)i * (RESERVED / PIECES / SIZE) * SIZE;
        mprotect(piece, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
        reached += use(memcpy(piece, code, sizeof code), path);
    }
    printf("%d of %d reached\n", reached, PIECES);
}

// Each in a file of its own, so that none lies beside another.
static void in_places(const char *path)
{
    for (int i = 0; i < PLACES; i++) {
        int file = open("/tmp", O_TMPFILE | O_RDWR, 0700);
        if (ftruncate(file, SIZE) != 0)
            return;
        void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, file, 0);
        memcpy(at, code, sizeof code);
        if (i == 0)
            printf("the first %sreached\n", use(at, path) ? "" : "not ");
        close(file);
    }
}

static void *use_often(void *path)
{
    uintptr_t reached = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memcpy(at, code, sizeof code);
        mprotect(at, SIZE, PROT_READ | PROT_EXEC);
        reached += use(at, path);
        munmap(at, SIZE);
    }
    return (void *)reached;
}

static void by_threads(const char *path)
{
    pthread_t threads[THREADS];
    uintptr_t all = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, use_often, (void *)path);
    for (int i = 0; i < THREADS; i++) {
        void *reached;
        pthread_join(threads[i], &reached);
        all += (uintptr_t)reached;
    }
    printf("%zu of %d reached\n", (size_t)all, THREADS * ROUNDS);
}

// A child of fork has what its parent has made, and makes its own.
static void by_children(const char *path)
{
    int status;
    char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(at, code, sizeof code);
    if (fork() == 0) {
        printf("child %d", use(at, path));
        printf(" %zu\n", (size_t)use_often((void *)path));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    printf("parent %d %zu\n", use(at, path), (size_t)use_often((void *)path));
}

static void load(const char *path)
{
    setenv("DEVICE", path, 1);
    for (int i = 0; i < 2; i++) {
        void *library = dlopen(getenv("LIBRARY"), RTLD_NOW | RTLD_LOCAL);
        printf("%s\n", library != NULL ? "loaded" : dlerror());
        if (library != NULL)
            dlclose(library);
    }
}

static void use_preloaded(const char *path)
{
    void (*use_device)(void) = NULL;
    setenv("DEVICE", path, 1);
    *(void **)&use_device = dlsym(RTLD_DEFAULT, "use_device");
    use_device();
}

// By a library, which looks where it lies itself.
static void load_by_other(const char *path)
{
    void *(*find)(const char *) = NULL;
    void *finder = dlopen(getenv("FINDER"), RTLD_NOW);
    if (finder != NULL)
        *(void **)&find = dlsym(finder, "find");
    setenv("DEVICE", path, 1);
    printf("%s\n", find != NULL && find(getenv("LIBRARY")) != NULL ? "loaded" : dlerror());
}

// A second libc.
struct functions {
    int (*open)(const char *, int, ...);
    int (*close)(int);
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    int (*join)(pthread_t, void **);
    int (*spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
                 char *const[]);
    int (*run)(const char *);
};

static struct functions other;

static void find_functions(void)
{
    static const char *const names[] = {"open",           "close",        "pwrite",      "mmap",
                                        "pthread_create", "pthread_join", "posix_spawn", "system"};
    void *libc = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ((void **)(void *)&other)[i] = libc != NULL ? dlsym(libc, names[i]) : NULL;
}

static void *use_other(void *path)
{
    uint32_t word = 0x0badcafe;
    int fd = other.open(path, O_RDWR);
    ssize_t put = other.pwrite(fd, &word, sizeof word, 8);
    volatile uint32_t *mapped = other.mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    other.close(fd);
    return (void *)(uintptr_t)(put == sizeof word && (void *)mapped != MAP_FAILED && mapped[2] == word);
}

static void by_other_libc(const char *path)
{
    find_functions();
    printf("%s\n", use_other((void *)path) != NULL ? "reached" : "not reached");
}

// Its own threads and children, which it starts with all signals blocked.
static void by_all_of_other_libc(const char *path)
{
    pthread_t thread;
    void *reached;
    pid_t child;
    int status = -1;
    char command[200], *words[] = {"sh", "-c", command, NULL};
    find_functions();
    snprintf(command, sizeof command, "head -c 12 %s | tail -c 4 | od -An -tx4", path);
    printf("thread %d", other.create(&thread, NULL, use_other, (void *)path));
    other.join(thread, &reached);
    printf(" %d\n", reached != NULL);
    fflush(stdout);
    printf("spawned %d", other.spawn(&child, "/bin/sh", NULL, NULL, words, environ));
    waitpid(child, &status, 0);
    printf(", ended %x, ", status);
    fflush(stdout);
    printf("system %x\n", other.run(command));
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(const char *path);
    } ways[] = {{"in place", in_place},
                {"shut", shut},
                {"two views", by_two_views},
                {"two views, later", by_two_views_later},
                {"handle", by_handle},
                {"instructions", by_instructions},
                {"pieces", in_pieces},
                {"places", in_places},
                {"preloaded", use_preloaded},
                {"threads", by_threads},
                {"children", by_children},
                {"library", load},
                {"library of another", load_by_other},
                {"other libc", by_other_libc},
                {"all of another libc", by_all_of_other_libc}};
    for (size_t i = 0; count == 3 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(arguments[1], ways[i].name) == 0) {
            ways[i].run(arguments[2]);
            return 0;
        }
    fprintf(stderr, "late_code WAY PATH\n");
    return 2;
}
